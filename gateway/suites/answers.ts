import { get, quote } from '../../core/json.js';
import type { Suite } from '../../core/requirement.js';
import { blocksOf } from '../../suites/stream/blocks.js';
import { type AnswerPair, answers } from '../judging/answers.js';
import { distinctAmongAnswers, distinctIds, usableIds } from '../judging/call-ids.js';
import { sameCalls, sameStop, sameText } from '../judging/contents.js';
import { requirementsBy } from '../judging/requirement.js';
import type { Fault } from '../judging/texts.js';

/** A requirement about what the client gets of an answer. */
const must = requirementsBy(answers, { profile: 'core', source: ['O:chat', 'D:ref'] });

function thinkingApart({ text, whole }: AnswerPair): Fault | null {
  const leaked = whole.thinking !== '' && text.includes(whole.thinking);
  return leaked
    ? { message: 'The reasoning stands in the text of the answer.', expected: whole.text, actual: text }
    : null;
}

function thinkingThere({ thinking, whole, order, exchange }: AnswerPair): Fault | null {
  if (thinking !== whole.thinking)
    return {
      message: 'The reasoning does not arrive as a thinking block.',
      expected: whole.thinking,
      actual: thinking || 'no thinking',
    };
  if (order.includes('text') && order.indexOf('thinking') > order.indexOf('text'))
    return {
      message: 'The reasoning comes after the text; the API rejects a history with such an answer.',
      expected: 'thinking, text',
      actual: order.join(', '),
    };
  const opened = blocksOf(exchange, 'thinking')?.find(({ content }) => typeof get(content, 'thinking') !== 'string');
  return opened === undefined
    ? null
    : {
        message:
          '`content_block_start` of a thinking block lacks `thinking`; the TypeScript client writes "undefined" before the text.',
        expected: '"thinking": ""',
        actual: quote(opened.content),
      };
}

function refusalShown({ text, stopReason, whole }: AnswerPair): Fault | null {
  return stopReason === 'refusal' || text.includes(whole.refusal ?? '')
    ? null
    : {
        message: text === '' ? 'A refusal arrives as an empty answer.' : 'The text of a refusal is changed.',
        expected: 'its text, or the stop reason refusal',
        actual: `${text || 'no text'}, ${stopReason || 'no stop_reason'}`,
      };
}

function textBeforeCall({ order }: AnswerPair): Fault | null {
  // Several blocks of text in a row are text before the call, too.
  const kinds = order
    .filter((type) => type === 'text' || type === 'tool_use')
    .filter((type, index, all) => type !== 'text' || all[index - 1] !== 'text')
    .join(', ');
  return kinds === 'text, tool_use'
    ? null
    : { message: 'Text and call arrive in another order.', expected: 'text, tool_use', actual: kinds || 'no blocks' };
}

/** Nothing that a text shows is done. */
function noCallFromText(pair: AnswerPair): Fault | null {
  const { calls } = pair;
  return calls.length > 0
    ? {
        message: 'A call that the text only shows is made; the agent runs a tool that the model did not call.',
        expected: 'no calls',
        actual: calls.map(({ name, input }) => `${name} ${quote(input)}`).join(', '),
      }
    : (sameText(pair) ?? sameStop(pair));
}

function emptyAnswer({ text, calls }: AnswerPair): Fault | null {
  return text.trim() === '' && calls.length === 0
    ? null
    : {
        message: 'An answer is invented where the upstream gave none.',
        expected: 'no content',
        actual: text || 'a call',
      };
}

/** What is left of a truncated call is up to the gateway; that it is truncated is not. */
function truncated({ stopReason }: AnswerPair): Fault | null {
  return ['max_tokens', 'model_context_window_exceeded'].includes(stopReason)
    ? null
    : { message: 'A truncated call looks complete.', expected: 'max_tokens', actual: stopReason || 'none' };
}

function modelNamed({ message, exchange }: AnswerPair): Fault | null {
  const model = get(message, 'model');
  const asked = UPSTREAM_MODEL.exec(exchange.upstream?.[0]?.request.body ?? '')?.[1];
  const allowed = new Set([get(exchange.sent, 'model'), ...(asked === undefined ? [] : [asked])]);
  const isNamed = typeof model === 'string' && model !== '';
  return isNamed && allowed.has(model)
    ? null
    : {
        message: isNamed ? 'The reply names a model that nobody asked for.' : 'The reply does not name the model.',
        expected: [...allowed].join(' or '),
        actual: model === undefined ? 'no model' : quote(model),
      };
}

const UPSTREAM_MODEL = /"model":\s*"([^"]*)"/;

const calls = { profile: 'tools' } as const;

export const answersSuite: Suite = {
  name: 'gateway-answers',
  title: 'texts, calls, reasoning and stop reasons of an answer, at the client',
  requirements: [
    must(
      'gw.answer.text',
      ['plain'],
      'The text of an answer reaches the client, all of it and nothing else.',
      sameText,
    ),
    must('gw.answer.unicode', ['answer-unicode'], 'Characters beyond ASCII reach the client unchanged.', sameText),
    must(
      'gw.answer.whitespace',
      ['answer-whitespace'],
      'White space at the beginning, at the end and in pieces of its own reaches the client.',
      sameText,
    ),
    must(
      'gw.answer.markup',
      ['answer-markup'],
      'The gateway interprets nothing in the text of an answer: no events, tags or escapes.',
      sameText,
    ),
    must('gw.answer.long', ['answer-long'], 'An answer of 120,000 characters reaches the client whole.', sameText, {
      profile: 'agent',
    }),
    must(
      'gw.answer.empty',
      ['answer-empty'],
      'An answer without content becomes a message without content, or with an empty text.',
      emptyAnswer,
    ),
    must(
      'gw.answer.extras',
      ['answer-extras'],
      'Unknown fields in the answer of the upstream change nothing.',
      (pair) => sameText(pair) ?? sameStop(pair),
    ),
    must('gw.answer.parts', ['answer-parts'], 'All parts of a message reach the client, in order.', sameText, {
      source: ['O:responses', 'D:ref'],
    }),
    must(
      'gw.answer.model',
      ['plain'],
      'The reply names the model of the request, or that of the upstream.',
      modelNamed,
      { level: 'SHOULD' },
    ),
    must(
      'gw.answer.call',
      ['answer-call', 'answer-call-bash'],
      'A tool call reaches the client with its name and its input.',
      (pair) => sameCalls(pair) ?? sameText(pair),
      calls,
    ),
    must(
      'gw.answer.call.types',
      ['answer-call-types'],
      'The input of a call keeps the type and the value of every argument.',
      sameCalls,
      calls,
    ),
    must('gw.answer.call.empty', ['answer-call-empty'], 'A call without arguments has the input {}.', sameCalls, calls),
    must(
      'gw.answer.call.long',
      ['answer-call-long'],
      'A call with 60,000 characters of arguments reaches the client whole.',
      sameCalls,
      { profile: 'agent' },
    ),
    must(
      'gw.answer.call.beside-null',
      ['answer-content-null'],
      'A call beside a content of null adds no text.',
      (pair) => sameText(pair) ?? sameCalls(pair),
      calls,
    ),
    must('gw.answer.calls', ['answer-calls'], 'All calls of an answer reach the client, in order.', sameCalls, calls),
    must(
      'gw.answer.calls.same-name',
      ['answer-calls-same-name'],
      'Two calls of the same tool stay two calls.',
      sameCalls,
      calls,
    ),
    {
      ...must(
        'gw.answer.calls.ids',
        ['answer-calls', 'answer-calls-same-name', 'round-trip', 'round-trip-parallel'],
        'Every call has an id of its own, within an answer and among the answers of a conversation.',
        distinctIds,
        calls,
      ),
      judge: distinctAmongAnswers,
    },
    must(
      'gw.answer.call-in-text',
      ['answer-call-in-text'],
      'A text that shows a call in JSON stays a text, and no tool is called.',
      noCallFromText,
      // Gateways for models that write their calls as text make calls of such texts on purpose.
      { ...calls, level: 'SHOULD' },
    ),
    must(
      'gw.answer.call.id-usable',
      ['answer-call-id-unusual'],
      'The id of a call has only letters, digits, `_` and `-`, whatever the id of the upstream is.',
      usableIds,
      { ...calls, level: 'SHOULD' },
    ),
    must(
      'gw.answer.text-and-call',
      ['answer-text-and-call'],
      'Text before a call stays text before the call.',
      (pair) => textBeforeCall(pair) ?? sameText(pair) ?? sameCalls(pair),
      calls,
    ),
    must(
      'gw.answer.thinking.apart',
      ['answer-thinking'],
      'Reasoning of the upstream is never part of the text.',
      (pair) => thinkingApart(pair) ?? sameText(pair),
    ),
    must(
      'gw.answer.thinking.block',
      ['answer-thinking'],
      'Reasoning of the upstream reaches the client as a `thinking` block before the text that it led to.',
      thinkingThere,
      { level: 'SHOULD', profile: 'thinking' },
    ),
    must(
      'gw.answer.refusal',
      ['answer-refusal'],
      'A refusal of the upstream reaches the client as text, or with the stop reason `refusal`.',
      refusalShown,
    ),
    must(
      'gw.stop.end',
      ['plain'],
      'An answer that the upstream ends by itself has the stop reason `end_turn`.',
      sameStop,
    ),
    must(
      'gw.stop.length',
      ['stop-length'],
      'An answer that ends at the token limit has the stop reason `max_tokens`, and its text stays.',
      (pair) => sameStop(pair) ?? sameText(pair),
    ),
    must(
      'gw.stop.calls',
      ['answer-call', 'answer-calls'],
      'An answer that ends with tool calls has the stop reason `tool_use`.',
      sameStop,
      calls,
    ),
    must(
      'gw.stop.filter',
      ['stop-filter'],
      'An answer that a content filter of the upstream ends has the stop reason `refusal`: it is not complete.',
      sameStop,
    ),
    must(
      'gw.stop.unknown',
      ['stop-unknown'],
      'A reason that the gateway does not know becomes a documented stop reason, and the text stays.',
      (pair) => sameStop(pair) ?? sameText(pair),
    ),
    must(
      'gw.stop.call-without-reason',
      ['answer-call-stop'],
      'An answer with a call has the stop reason `tool_use`, also where the upstream says `stop`.',
      ({ stopReason }) =>
        stopReason === 'tool_use'
          ? null
          : {
              message: 'An answer with a call ends like one without; agents do not run the tool.',
              expected: 'tool_use',
              actual: stopReason || 'none',
            },
      { ...calls, level: 'SHOULD' },
    ),
    must(
      'gw.stop.truncated-call',
      ['answer-call-truncated'],
      'A call that ends in the middle has the stop reason `max_tokens`, or is an error.',
      truncated,
      { ...calls, options: { orError: true } },
    ),
  ],
};

import { answer, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { asString, get, isObject, quote } from '../core/json.js';
import { blocks, text } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { firedMessage, fires, holdsBack, leavesOut, namesFirst, namesSequence } from './judging/stop-sequences.js';
import {
  answered,
  completeMessage,
  errorReply,
  firstFew,
  isCount,
  tokenLimit,
  whyNotAccepted,
} from './judging/views.js';
import { grammar } from './stream/grammar.js';

/** Counts that a stop sequence ends; beside them stands one that nothing ends. */
const STOPPED = ['counting-stop-long', 'counting-stop', 'counting-stop-two'];
const LONG = ['counting-stop-long', 'counting-stop-long-json'];

export const stopReasons: Suite = {
  name: 'stop-reasons',
  title: 'why a reply ended, which tells clients how to go on',
  requirements: [
    {
      id: 'stop.end-turn',
      level: 'MUST',
      profile: 'core',
      statement:
        'A reply that the model brought to its end, without a call, a limit or a stop sequence, has the stop reason end_turn.',
      source: ['S1', 'D:stop'],
      fixtures: ['product'],
      judge: endTurn,
    },
    {
      id: 'stop.max-tokens',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply that max_tokens cut has the stop reason max_tokens.',
      source: ['D:stop', 'H2'],
      fixtures: ['counting-five-tokens', 'counting-one-token'],
      judge: maxTokens,
    },
    {
      id: 'stop.max-tokens.valid-content',
      level: 'MUST',
      profile: 'core',
      statement: 'The content of a reply that max_tokens cut is well formed as far as it goes, or empty.',
      source: ['D:stop'],
      fixtures: ['counting-five-tokens', 'counting-one-token'],
      judge: each(
        (exchange) => {
          const message = completeMessage(exchange);
          return message?.stop_reason === 'max_tokens' ? message : null;
        },
        (message, exchange) => cutContentFaults(message, exchange),
        { nothing: 'no reply of this run was cut by max_tokens' },
      ),
    },
    {
      id: 'stop.sequence.reason',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply in which a stop sequence comes up ends there, with the stop reason stop_sequence.',
      source: ['S1', 'D:ref'],
      fixtures: [...STOPPED, 'counting'],
      judge: (evidence) => fires({ ...evidence, own: stopped(evidence) }),
    },
    {
      id: 'stop.sequence.value',
      level: 'MUST',
      profile: 'core',
      statement:
        'A reply that a stop sequence ended names the sequence in stop_sequence, exactly as the request wrote it.',
      source: ['D:ref'],
      fixtures: STOPPED,
      judge: each((exchange) => (exchange.stream === null ? firedMessage(exchange) : null), namesSequence, {
        nothing: 'no stop sequence ended a reply of this run',
        silent: true,
      }),
    },
    {
      id: 'stop.sequence.excluded',
      level: 'SHOULD',
      profile: 'core',
      statement: 'The stop sequence that ended a reply is not part of its text, and nothing that follows it is.',
      source: ['D:ref', 'X'],
      fixtures: STOPPED,
      judge: each(firedMessage, leavesOut, { nothing: 'no stop sequence ended a reply of this run' }),
    },
    {
      id: 'stop.sequence.multichar',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A stop sequence of several tokens ends the reply, and no beginning of it comes through.',
      source: ['D:ref'],
      fixtures: ['counting-stop-long', 'counting-stop-long-json', 'counting'],
      judge: (evidence) => holdsBack({ ...evidence, own: LONG.flatMap((id) => evidence.of(id)) }),
    },
    {
      id: 'stop.sequence.which',
      level: 'MUST',
      profile: 'core',
      statement: 'Of several stop sequences, stop_sequence names the one that came up first in the text.',
      source: ['D:ref'],
      fixtures: ['counting-stop-two'],
      judge: namesFirst,
    },
    {
      id: 'stop.refusal.http-200',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A refusal by a safety classifier is a reply with status 200 and the stop reason refusal, and no error.',
      source: ['D:stop', 'D:refusal'],
      fixtures: [],
      judge: each(
        (exchange) =>
          completeMessage(exchange)?.stop_reason === 'refusal' || refusalAsError(exchange) ? exchange : null,
        (exchange) =>
          succeeded(exchange) && status(exchange) === 200
            ? []
            : [
                finding(
                  exchange,
                  'A refusal comes as an error: clients take it for a fault of the request or repeat it.',
                  'HTTP 200 with stop_reason "refusal"',
                  answer(exchange),
                ),
              ],
        { nothing: 'nothing was refused in this run; no request of the suite asks for harmful content' },
      ),
    },
    {
      id: 'stop.pause-turn.resume',
      level: 'MAY',
      profile: 'tools',
      statement: 'After pause_turn, the assistant content sent back unchanged is accepted and continued.',
      source: ['D:stop'],
      fixtures: ['server-tool-pause'],
      onRequest:
        'it needs a target with server tools, makes it search the web many times, and may not bring the pause about',
      judge: resumes,
    },
  ],
};

/** A sequence of several tokens may be more than a target stops at: where it has no effect, one of a single token shows the rest. */
function stopped(evidence: Evidence): Exchange[] {
  const single = evidence.of('counting-stop');
  const long = evidence.of('counting-stop-long').filter((exchange) => firedMessage(exchange) !== null);
  return [...(single.length > 0 ? single : long), ...evidence.of('counting-stop-two')];
}

function endTurn(evidence: Evidence): Judgement {
  const findings = evidence.all.flatMap(announcedCall);
  const served = answered(evidence.own);
  for (const exchange of served) {
    const reason = get(exchange.message, 'stop_reason');
    if (
      ['end_turn', 'refusal'].includes(asString(reason)) ||
      reachedLimit(exchange) ||
      maybeCut(exchange) ||
      findings.some((one) => one.exchange === exchange.id)
    ) {
      continue;
    }
    findings.push(
      finding(
        exchange,
        'A reply that came to its end by itself does not say so.',
        'stop_reason "end_turn"',
        `stop_reason ${quote(reason)}`,
        { pointer: '/stop_reason' },
      ),
    );
  }
  if (findings.length > 0) return violated(findings);
  if (served.some(({ message }) => get(message, 'stop_reason') === 'end_turn')) return satisfied();
  return (
    whyNotAccepted(evidence, 'minimal') ??
    inconclusive('no reply came to its end within max_tokens', Math.max(served.length, 1))
  );
}

/** A reply that announces a call and holds none: agents wait for a call that never comes. */
function announcedCall(exchange: Exchange): Finding[] {
  const message = completeMessage(exchange);
  if (message?.stop_reason !== 'tool_use' || blocks(message, 'tool_use').length > 0) return [];
  // A call that got lost by a fault in the order of the stream is told there.
  if (exchange.stream !== null && grammar(exchange.stream).violations.length > 0) return [];
  return [
    finding(
      exchange,
      'The stop reason announces a tool call, and the reply holds none.',
      'a tool_use block, or stop_reason "end_turn"',
      `stop_reason "tool_use", content ${quote(message.content)}`,
      { pointer: '/stop_reason' },
    ),
  ];
}

/** Whether as many tokens came out as max_tokens allows: where the model would have stopped is then unknown. */
function reachedLimit(exchange: Exchange): boolean {
  const output = get(exchange.message, 'usage', 'output_tokens');
  const limit = tokenLimit(exchange);
  return limit !== null && (!isCount(output) || output >= limit - 1);
}

/** A reply that calls itself cut and does not end with its number: what a model thought before may not be counted. */
function maybeCut({ message }: Exchange): boolean {
  const reason = asString(get(message, 'stop_reason'));
  return ['max_tokens', 'model_context_window_exceeded'].includes(reason) && !/391\W*$/.test(text(message));
}

/**
 * Whether the reply is a count to forty that does not get there, or all of it was spent before the first word. A target
 * that says something else, at whatever length, was not cut for all we know.
 */
function isCut(exchange: Exchange): boolean {
  const said = text(exchange.message);
  if (said !== '') return /^\s*1(,\s*\d+)*,?\s*$/.test(said) && !/\b40\b/.test(said);
  const output = get(exchange.message, 'usage', 'output_tokens');
  return isCount(output) && output === tokenLimit(exchange);
}

/** Whether the same count, with room for all of it, goes no further either: the model ends there by itself. */
function endsThereAnyway(exchange: Exchange, evidence: Evidence): boolean {
  const counts = answered(evidence.of('counting')).map(({ message }) => text(message).trim());
  const said = text(exchange.message).trim();
  return said !== '' && counts.length > 0 && counts.every((count) => said.startsWith(count));
}

function maxTokens(evidence: Evidence): Judgement {
  const nothing = whyNotAccepted(evidence, 'counting');
  if (nothing !== null) return nothing;
  const cut = answered(evidence.own).filter(
    (exchange) =>
      get(exchange.message, 'stop_reason') === 'max_tokens' ||
      (isCut(exchange) && !endsThereAnyway(exchange, evidence)),
  );
  if (cut.length === 0) return inconclusive('no reply was cut, so none has to say so', evidence.own.length);
  return verdictOf(
    cut
      .filter(({ message }) => !['max_tokens', 'refusal'].includes(asString(get(message, 'stop_reason'))))
      .map((exchange) =>
        finding(
          exchange,
          'The reply was cut and does not say so: clients take half an answer for a whole one.',
          'stop_reason "max_tokens"',
          `stop_reason ${quote(get(exchange.message, 'stop_reason'))} after ${quote(text(exchange.message))}`,
          { pointer: '/stop_reason' },
        ),
      ),
    true,
  );
}

function cutContentFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const { content } = message;
  if (!Array.isArray(content)) {
    return [
      finding(exchange, 'The content of a cut reply is no array.', 'an array', quote(content), { pointer: '/content' }),
    ];
  }
  const faults = content.map((block, index): Finding | null => {
    const wrong = isObject(block) ? missingPart(block) : { key: '', expected: 'a content block' };
    if (wrong === null) return null;
    const { key, expected } = wrong;
    return finding(
      exchange,
      'A content block of a cut reply is not well formed.',
      expected,
      quote(key === '' ? block : get(block, key)),
      { pointer: `/content/${index}${key === '' ? '' : `/${key}`}` },
    );
  });
  return firstFew(faults.filter((fault) => fault !== null));
}

const NEEDED_STRINGS: ReadonlyMap<string, readonly string[]> = new Map([
  ['text', ['text']],
  ['thinking', ['thinking']],
  ['tool_use', ['id', 'name']],
]);

/** The first part that the block needs and lacks. */
function missingPart(block: JsonObject): { key: string; expected: string } | null {
  const strings = NEEDED_STRINGS.get(asString(block.type)) ?? ['type'];
  const key = strings.find((one) => typeof block[one] !== 'string');
  if (key !== undefined) return { key, expected: `${key}: a string` };
  return block.type === 'tool_use' && !isObject(block.input) ? { key: 'input', expected: 'input: an object' } : null;
}

/** An error whose type or code is a refusal of the content. */
function refusalAsError(exchange: Exchange): boolean {
  const error = errorReply(exchange) === null ? undefined : get(exchange.json, 'error');
  return ['type', 'code'].some((key) =>
    /^(refusal|content_?(filter|policy(_violation)?))$/i.test(asString(get(error, key))),
  );
}

function resumes(evidence: Evidence): Judgement {
  const first = evidence.own.filter(({ turn }) => turn === 1);
  const nothing = noAnswer(first);
  if (nothing !== null) return nothing;
  const refused = first.filter((exchange) => !succeeded(exchange));
  if (refused.length === first.length) {
    return {
      outcome: 'rejected',
      findings: refused.map((exchange) =>
        finding(exchange, 'The server tool web_search is not served.', 'HTTP 200 with a Message', answer(exchange)),
      ),
    };
  }
  const paused = first.filter(({ message }) => get(message, 'stop_reason') === 'pause_turn');
  if (paused.length === 0) return notObserved('the reply did not pause');
  const resumed = evidence.own.filter(
    ({ turn, attempt }) => turn === 2 && paused.some((one) => one.attempt === attempt),
  );
  return (
    noAnswer(resumed) ??
    verdictOf(
      resumed
        .filter((exchange) => !succeeded(exchange) || exchange.message === null)
        .map((exchange) =>
          finding(
            exchange,
            'The paused content, sent back unchanged, is not continued.',
            'HTTP 200 with a Message',
            answer(exchange),
          ),
        ),
    )
  );
}

import { answer, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { asString, get, quote } from '../core/json.js';
import { placedBlocks, text } from '../core/message.js';
import type { Transport } from '../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { accepted, each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import {
  calls,
  choiceType,
  declaredTools,
  messageWithToolUse,
  missingCall,
  NO_CALLS,
  wasTruncated,
  worst,
} from './judging/tool-views.js';
import { answered, followsGrammar } from './judging/views.js';

/** Text before a tool call shows that the choice is free. Without it, a request that needs no tool decides. */
const AUTO = { whole: 'agent-text-and-tool', part: 'choice-auto' } as const;

export const toolChoice: Suite = {
  name: 'tool-choice',
  title: 'tool_choice: whether and which tool the model calls',
  requirements: [
    {
      id: 'tc.auto',
      level: 'MUST',
      profile: 'tools',
      statement:
        'With `tool_choice` "auto", and without `tool_choice`, a model with tools may answer in text, streamed or not.',
      source: ['D:define', 'H2'],
      fixtures: [AUTO.whole, AUTO.part, 'cheap-tool', 'cheap-tool-streamed'],
      judge: (evidence) =>
        worst(
          mayAnswer(evidence, withAuto(evidence), evidence.of('cheap-tool')),
          mayAnswer(evidence, evidence.of('cheap-tool'), withAuto(evidence)),
          forcedInStreams(evidence),
        ),
    },
    {
      id: 'tc.any',
      level: 'MUST',
      profile: 'tools',
      statement: 'With `tool_choice` "any" a reply has at least one `tool_use`, even if the question does not need it.',
      source: ['D:define', 'H2'],
      fixtures: ['choice-any', 'choice-any-unneeded'],
      judge: (evidence) => forced(evidence, evidence.own, 'at least one tool_use', () => null),
    },
    {
      id: 'tc.tool',
      level: 'MUST',
      profile: 'tools',
      statement:
        'With `tool_choice` "tool" a reply calls the named tool and no other, even if the question does not need it.',
      source: ['D:define', 'H2'],
      fixtures: ['tool-forced', 'tool-variants', 'choice-unlikely'],
      judge: namedTool,
    },
    {
      id: 'tc.none',
      level: 'MUST',
      profile: 'tools',
      statement: 'With `tool_choice` "none" a reply has no `tool_use`, even if the prompt asks for a call.',
      source: ['D:define', 'H2'],
      fixtures: ['choice-none', 'tool-forced'],
      judge: noneCalled,
    },
    {
      id: 'tc.forced.no-text-before',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'With `tool_choice` "any" or "tool" a reply has no text before the first `tool_use`, even if the prompt asks for it.',
      source: ['D:define'],
      fixtures: ['choice-any'],
      judge: each(
        (exchange) => (['any', 'tool'].includes(choiceType(exchange) ?? '') ? messageWithToolUse(exchange) : null),
        (message, exchange) => {
          const content = placedBlocks(message);
          const before = content.slice(
            0,
            content.findIndex(({ block }) => block.type === 'tool_use'),
          );
          const first = before.find(({ block }) => block.type === 'text' && asString(block.text).trim() !== '');
          if (first === undefined) return [];
          const words = text({ content: before.map(({ block }) => block) });
          const { pointer } = first;
          return [finding(exchange, 'Text before a forced tool call.', 'tool_use first', quote(words), { pointer })];
        },
        { nothing: NO_CALLS },
      ),
    },
    {
      id: 'tc.unknown-name',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects a `tool_choice` that names an undeclared tool as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['choice-undeclared', 'cheap-tool'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tc.type-invalid',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects a `tool_choice` that is a string, or has a missing or unknown `type`, as a client error (documented: 400).',
      source: ['H2', 'H3'],
      fixtures: ['choice-required', 'choice-string', 'choice-typeless', 'cheap-tool'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tc.without-tools',
      level: 'MAY',
      profile: 'tools',
      statement: 'The server rejects `tool_choice` "any" without `tools` as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['choice-without-tools', 'minimal'],
      judge: rejected({ optional: 'The target accepts `tool_choice` without tools, which is allowed' }),
    },
    {
      id: 'tc.disable-parallel.auto',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'With `tool_choice` "auto" and `disable_parallel_tool_use` a reply has at most one `tool_use`.',
      source: ['D:parallel', 'H2'],
      fixtures: ['choice-auto-single', 'choice-any'],
      judge: singleCall('choice-auto-single'),
    },
    {
      id: 'tc.disable-parallel.any',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'With `tool_choice` "any" and `disable_parallel_tool_use` a reply has exactly one `tool_use`, streamed or not.',
      source: ['D:parallel'],
      fixtures: ['choice-any-single', 'choice-any-single-streamed', 'choice-any'],
      judge: singleCall('choice-any-single', 'choice-any-single-streamed'),
    },
  ],
};

const withMessage = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter((exchange) => succeeded(exchange) && exchange.message !== null);

const hasText = (exchange: Exchange): boolean => text(exchange.message).trim() !== '';

/** Text beside a call is no answer in place of it. */
const isAnswer = (exchange: Exchange): boolean => hasText(exchange) && calls(exchange.message).length === 0;

/**
 * A model may call a tool without need, so one call proves nothing. It is a violation when every reply to this form of the request is a
 * call, and the other form, which means the same, gets text.
 */
function mayAnswer(evidence: Evidence, own: readonly Exchange[], control: readonly Exchange[]): Judgement {
  const replies = withMessage(own);
  if (replies.length === 0 && own.some(({ fixture }) => fixture === 'cheap-tool'))
    return (
      noAnswer(own, evidence) ?? inconclusive('Not tested: the target rejects a plain tool, see tool.custom.accepted')
    );
  if (replies.length === 0) return accepted()({ ...evidence, own });
  if (replies.some(hasText)) return satisfied();
  const calling = replies.filter(({ message }) => calls(message).length > 0 && !wasTruncated(message));
  if (calling.length === 0) return inconclusive('The reply has neither text nor a tool call', replies.length);
  if (!withMessage(control).some(isAnswer))
    return inconclusive('The model calls a tool without need, with and without `tool_choice`', replies.length);
  return violated(calling.map((exchange) => forcedCall(exchange, 'text')));
}

const forcedCall = (exchange: Exchange, expected: string): Finding =>
  finding(
    exchange,
    'A forced tool call, although the request leaves the choice to the model.',
    expected,
    quote(get(exchange.message, 'content')),
    { pointer: '/content' },
  );

/** Whether the request leaves the choice to the model. */
const isFree = (exchange: Exchange): boolean =>
  declaredTools(exchange).length > 0 && ['auto', null].includes(choiceType(exchange));

/** Streams that have to show the same: one prompt may make a model call a tool. */
const ENOUGH_STREAMS = 2;

/**
 * A gateway may force a call in streams only. It is a violation when every stream of the run that leaves the choice to the model calls a
 * tool, the plain question among them, and replies that are not streamed answer in text.
 */
function forcedInStreams(evidence: Evidence): Judgement {
  const plain = answered(evidence.of('cheap-tool-streamed'));
  const free = (transport: Transport): Exchange[] =>
    answered(evidence.all).filter(
      (exchange) => exchange.transport === transport && isFree(exchange) && !wasTruncated(exchange.message),
    );
  const streams = free('stream');
  const calling = streams.filter(({ message }) => calls(message).length > 0);
  const fixtures = new Set(streams.map(({ fixture }) => fixture));
  const isForced = plain.length > 0 && calling.length === streams.length && fixtures.size >= ENOUGH_STREAMS;
  // Without streams there is nothing to compare; the requirements on streams judge that.
  if (!isForced || !free('json').some(isAnswer)) return satisfied();
  return violated(plain.map((exchange) => forcedCall(exchange, 'text, as without streaming')));
}

const withAuto = (evidence: Evidence): readonly Exchange[] => evidence.resolve(AUTO);

/** The server is responsible for a forced call. Only a truncated reply, and a stream that broke off, may lack it. */
function forced(
  evidence: Evidence,
  own: readonly Exchange[],
  expected: string,
  wrong: (exchange: Exchange) => Finding | null,
): Judgement {
  const replies = withMessage(own);
  if (replies.length === 0) return accepted()({ ...evidence, own });
  const calling = replies.filter(({ message }) => calls(message).length > 0);
  const without = answered(replies).filter(({ message }) => calls(message).length === 0 && !wasTruncated(message));
  const others = calling.map(wrong).filter((fault) => fault !== null);
  if (others.length > 0) return violated(others);
  if (without.length > 0)
    return violated(
      without.map((exchange) => missingCall(exchange, expected)),
      true,
    );
  if (calling.length > 0) return satisfied();
  const partial = replies.find((exchange) => answered([exchange]).length === 0);
  return inconclusive(
    partial === undefined
      ? 'The reply was truncated before a tool call'
      : `Not tested: ${partial.id} broke off before a tool call (${answer(partial)})`,
    replies.length,
  );
}

function namedTool(evidence: Evidence): Judgement {
  const replies = withMessage(evidence.own);
  const own = replies.length > 0 ? replies : evidence.of('tool-forced');
  return forced(evidence, own, 'a tool_use of the named tool', (exchange) => {
    const name = get(exchange.sent, 'tool_choice', 'name');
    const other = calls(exchange.message).find((call) => call.name !== name);
    if (other === undefined) return null;
    const expected = `a tool_use of ${quote(name)}`;
    return finding(exchange, 'The reply calls another tool than `tool_choice` names.', expected, quote(other.name), {
      pointer: '/content',
    });
  });
}

function noneCalled(evidence: Evidence): Judgement {
  const own = evidence.of('choice-none');
  const replies = withMessage(own);
  if (replies.length === 0) return accepted()({ ...evidence, own });
  const calling = replies.filter(({ message }) => calls(message).length > 0);
  if (calling.length > 0) {
    return violated(
      calling.map((exchange) =>
        finding(
          exchange,
          'A tool call, although `tool_choice` is "none".',
          'no tool_use',
          quote(calls(exchange.message)),
          { pointer: '/content' },
        ),
      ),
    );
  }
  if (replies.every((exchange) => wasTruncated(exchange.message) && !hasText(exchange)))
    return inconclusive('The reply was truncated before any text or tool call', replies.length);
  if (evidence.all.some((exchange) => messageWithToolUse(exchange) !== null)) return satisfied();
  return inconclusive('No reply of this run has a tool call, so "none" may have had no effect', replies.length);
}

/** One call proves something only if the same prompt leads to two calls without `disable_parallel_tool_use`. */
function singleCall(subject: string, streamed?: string): Judge {
  return (evidence) => {
    const own = evidence.of(subject);
    const replies = withMessage(own);
    // Blocks of a stream that breaks the grammar may not be calls.
    const streams = streamed === undefined ? [] : withMessage(evidence.of(streamed)).filter(followsGrammar);
    const both = [...replies, ...streams];
    const several = both.filter(({ message }) => calls(message).length > 1);
    if (several.length > 0) {
      return violated(
        several.map((exchange) =>
          finding(
            exchange,
            'Several tool calls, although `disable_parallel_tool_use` is true.',
            'one tool_use',
            `${calls(exchange.message).length} tool_use blocks`,
            { pointer: '/content' },
          ),
        ),
      );
    }
    if (replies.length === 0) return noAnswer(own, evidence) ?? accepted()({ ...evidence, own });
    const single = replies.filter(({ message }) => calls(message).length === 1);
    if (single.length === 0) return inconclusive(`No tool call at all: ${replyText(replies.at(-1)!)}`, replies.length);
    if (withMessage(evidence.of('choice-any')).some(({ message }) => calls(message).length > 1)) return satisfied();
    const control = evidence.of('choice-any').at(-1);
    const shown = control === undefined ? 'was not sent' : `has no two calls (${answer(control)})`;
    return inconclusive(`Not tested: the control request choice-any, which asks for two calls, ${shown}`);
  };
}

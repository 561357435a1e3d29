import { answer, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { asString, get, isObject, quote } from '../core/json.js';
import { blocks, placedBlocks, text } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { refusedAlike, refusedWithReply } from './judging/refusals.js';
import {
  contradictions,
  holdsBack,
  includedSequence,
  namesFirst,
  sequenceFaults,
  stoppedMessage,
  stops,
} from './judging/stop-sequences.js';
import { answered, completeMessage, firstFew, isCount, tokenLimit, whyNotAccepted } from './judging/views.js';
import { grammar } from './stream/grammar.js';

/** Requests that make the model count until a stop sequence. The fixture `counting` has none. */
const STOPPED = ['counting-stop-long', 'counting-stop', 'counting-stop-two'];
const LONG = ['counting-stop-long', 'counting-stop-long-json'];

export const stopReasons: Suite = {
  name: 'stop-reasons',
  title: 'stop_reason and stop_sequence: why a reply ended',
  requirements: [
    {
      id: 'stop.end-turn',
      level: 'MUST',
      profile: 'core',
      statement:
        '`stop_reason` is "end_turn" when the model finished, without a tool call, a limit or a stop sequence.',
      source: ['S1', 'D:stop'],
      fixtures: ['product'],
      judge: endTurn,
    },
    {
      id: 'stop.max-tokens',
      level: 'MUST',
      profile: 'core',
      statement: '`stop_reason` is "max_tokens" when `max_tokens` truncated the reply, which has about as many tokens.',
      source: ['D:stop', 'H2'],
      fixtures: ['counting-five-tokens', 'counting-one-token'],
      judge: maxTokens,
    },
    {
      id: 'stop.max-tokens.valid-content',
      level: 'MUST',
      profile: 'core',
      statement: 'The content blocks of a reply that `max_tokens` truncated are well formed; `content` may be empty.',
      source: ['D:stop'],
      fixtures: ['counting-five-tokens', 'counting-one-token'],
      judge: each(
        (exchange) => {
          const message = completeMessage(exchange);
          return message?.stop_reason === 'max_tokens' ? message : null;
        },
        (message, exchange) => truncatedContentFaults(message, exchange),
        { nothing: 'No reply of this run was truncated by `max_tokens`' },
      ),
    },
    {
      id: 'stop.sequence.reason',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply ends where the model writes a stop sequence, with `stop_reason` "stop_sequence".',
      source: ['S1', 'D:ref'],
      fixtures: [...STOPPED, 'counting'],
      judge: (evidence) => contradictions(evidence) ?? stops({ ...evidence, own: stopped(evidence) }),
    },
    {
      id: 'stop.sequence.value',
      level: 'MUST',
      profile: 'core',
      statement: '`stop_sequence` is the sequence that ended the reply, exactly as the request has it.',
      source: ['D:ref'],
      fixtures: STOPPED,
      judge: each((exchange) => (exchange.stream === null ? stoppedMessage(exchange) : null), sequenceFaults, {
        nothing: 'No stop sequence ended a reply of this run',
        silent: true,
      }),
    },
    {
      id: 'stop.sequence.excluded',
      level: 'SHOULD',
      profile: 'core',
      statement: 'The text of a reply ends before the stop sequence that stopped it.',
      source: ['D:ref', 'X'],
      fixtures: STOPPED,
      judge: each(stoppedMessage, includedSequence, { nothing: 'No stop sequence ended a reply of this run' }),
    },
    {
      id: 'stop.sequence.multichar',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A stop sequence of several tokens stops the reply, and the text contains no part of it.',
      source: ['D:ref'],
      fixtures: ['counting-stop-long', 'counting-stop-long-json', 'counting'],
      judge: (evidence) => holdsBack({ ...evidence, own: LONG.flatMap((id) => evidence.of(id)) }),
    },
    {
      id: 'stop.sequence.which',
      level: 'MUST',
      profile: 'core',
      statement: 'With several stop sequences, `stop_sequence` is the one that the text reached first.',
      source: ['D:ref'],
      fixtures: ['counting-stop-two', 'counting'],
      judge: (evidence) => namesFirst({ ...evidence, own: evidence.of('counting-stop-two') }),
    },
    {
      id: 'stop.refusal.http-200',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A refusal by a safety classifier is a reply with status 200 and `stop_reason` "refusal", not an error.',
      source: ['D:stop', 'D:refusal'],
      fixtures: ['refusal-string'],
      judge: refusedWithReply,
    },
    {
      id: 'stop.refusal.streamed',
      level: 'MUST',
      profile: 'core',
      statement:
        'A refusal has `stop_reason` "refusal" and the same kind of `stop_details`, with `stream` and without it.',
      source: ['D:stop', 'D:refusal', 'T:acc'],
      fixtures: ['refusal-string'],
      judge: refusedAlike,
    },
    {
      id: 'stop.pause-turn.resume',
      level: 'MAY',
      profile: 'tools',
      statement:
        'After `stop_reason` "pause_turn" the server accepts the unchanged content of the reply and continues it.',
      source: ['D:stop'],
      fixtures: ['server-tool-pause'],
      onRequest: 'it needs a target with server tools, makes it search the web many times, and may not cause a pause',
      judge: resumes,
    },
  ],
};

/** A target may not support sequences of several tokens. When such a sequence has no effect, one of a single token decides. */
function stopped(evidence: Evidence): Exchange[] {
  const first = evidence
    .resolve({ whole: 'counting-stop-long', part: 'counting-stop' })
    .filter((exchange) => exchange.fixture === 'counting-stop' || stoppedMessage(exchange) !== null);
  return [...first, ...evidence.of('counting-stop-two')];
}

function endTurn(evidence: Evidence): Judgement {
  const findings = evidence.all.flatMap(announcedCall);
  const replies = answered(evidence.own);
  for (const exchange of replies) {
    const reason = get(exchange.message, 'stop_reason');
    if (
      ['end_turn', 'refusal'].includes(asString(reason)) ||
      reachedLimit(exchange) ||
      mayBeTruncated(exchange) ||
      findings.some((one) => one.exchange === exchange.id)
    ) {
      continue;
    }
    findings.push(
      finding(
        exchange,
        '`stop_reason` is wrong for a finished reply.',
        'stop_reason "end_turn"',
        `stop_reason ${quote(reason)}`,
        { pointer: '/stop_reason' },
      ),
    );
  }
  if (findings.length > 0) return violated(findings);
  if (replies.some(({ message }) => get(message, 'stop_reason') === 'end_turn')) return satisfied();
  return (
    whyNotAccepted(evidence, 'minimal') ??
    inconclusive('No reply finished within `max_tokens`', Math.max(replies.length, 1))
  );
}

/** A reply with `stop_reason` "tool_use" and no tool call. */
function announcedCall(exchange: Exchange): Finding[] {
  const message = completeMessage(exchange);
  if (message?.stop_reason !== 'tool_use' || blocks(message, 'tool_use').length > 0) return [];
  // The requirements on the order of events judge a call that is lost because of that order.
  if (exchange.stream !== null && grammar(exchange.stream).violations.length > 0) return [];
  return [
    finding(
      exchange,
      '`stop_reason` is "tool_use" without a tool call; agents wait for a call forever.',
      'a tool_use block, or stop_reason "end_turn"',
      `stop_reason "tool_use", content ${quote(message.content)}`,
      { pointer: '/stop_reason' },
    ),
  ];
}

/** Whether the reply has as many tokens as `max_tokens` allows. Then the model may not have finished. */
function reachedLimit(exchange: Exchange): boolean {
  const output = get(exchange.message, 'usage', 'output_tokens');
  const limit = tokenLimit(exchange);
  return limit !== null && (!isCount(output) || output >= limit - 1);
}

/** A reply that reports a truncation and lacks the result. Servers may not count the thinking before it. */
function mayBeTruncated({ message }: Exchange): boolean {
  const reason = asString(get(message, 'stop_reason'));
  return ['max_tokens', 'model_context_window_exceeded'].includes(reason) && !/391\W*$/.test(text(message));
}

/**
 * Whether the reply is a count to forty that ends earlier, or used all tokens before its first word. Other texts do not show whether
 * they were truncated.
 */
function isTruncatedCount(exchange: Exchange): boolean {
  const written = text(exchange.message);
  if (written !== '') return /^\s*1(,\s*\d+)*,?\s*$/.test(written) && !/\b40\b/.test(written);
  const output = get(exchange.message, 'usage', 'output_tokens');
  return isCount(output) && output === tokenLimit(exchange);
}

/** Whether the model ends the same count there by itself: with enough `max_tokens` it does not get further either. */
function endsThereAnyway(exchange: Exchange, evidence: Evidence): boolean {
  const counts = answered(evidence.of('counting')).map(({ message }) => text(message).trim());
  const written = text(exchange.message).trim();
  return written !== '' && counts.length > 0 && counts.every((count) => written.startsWith(count));
}

function maxTokens(evidence: Evidence): Judgement {
  const nothing = whyNotAccepted(evidence, 'counting');
  if (nothing !== null) return nothing;
  const truncated = answered(evidence.own).filter(
    (exchange) =>
      get(exchange.message, 'stop_reason') === 'max_tokens' ||
      (isTruncatedCount(exchange) && !endsThereAnyway(exchange, evidence)),
  );
  if (truncated.length === 0) return inconclusive('`max_tokens` truncated no reply', evidence.own.length);
  const judgement = verdictOf(
    truncated
      .filter(({ message }) => !['max_tokens', 'refusal'].includes(asString(get(message, 'stop_reason'))))
      .map((exchange) =>
        finding(
          exchange,
          '`stop_reason` does not report the truncation; clients treat the reply as complete.',
          'stop_reason "max_tokens"',
          `stop_reason ${quote(get(exchange.message, 'stop_reason'))} after ${quote(text(exchange.message))}`,
          { pointer: '/stop_reason' },
        ),
      ),
    true,
  );
  return judgement.outcome === 'satisfied' ? nothingWritten(truncated) : judgement;
}

/**
 * Replies that claim a truncation, with neither content nor tokens. One of them may be a model that does not count its thoughts, so that
 * this is a warning.
 */
function nothingWritten(truncated: readonly Exchange[]): Judgement {
  const empty = truncated.filter(
    ({ message }) =>
      get(message, 'stop_reason') === 'max_tokens' &&
      placedBlocks(message).length === 0 &&
      get(message, 'usage', 'output_tokens') === 0,
  );
  if (empty.length < truncated.length) return satisfied();
  return deviates(
    empty.map((exchange) =>
      finding(
        exchange,
        'Nothing is written or counted, although `stop_reason` says that `max_tokens` truncated the reply.',
        `about ${tokenLimit(exchange)} tokens`,
        'no content, output_tokens 0',
        { pointer: '/content' },
      ),
    ),
  );
}

function truncatedContentFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const { content } = message;
  if (!Array.isArray(content)) {
    return [
      finding(exchange, '`content` of a truncated reply is not an array.', 'an array', quote(content), {
        pointer: '/content',
      }),
    ];
  }
  const faults = content.map((block, index): Finding | null => {
    const wrong = isObject(block) ? missingField(block) : { key: '', expected: 'a content block' };
    if (wrong === null) return null;
    const { key, expected } = wrong;
    return finding(
      exchange,
      'A content block of a truncated reply is not well formed.',
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

/** The first field that the block needs and lacks. */
function missingField(block: JsonObject): { key: string; expected: string } | null {
  const strings = NEEDED_STRINGS.get(asString(block.type)) ?? ['type'];
  const key = strings.find((one) => typeof block[one] !== 'string');
  if (key !== undefined) return { key, expected: `${key}: a string` };
  return block.type === 'tool_use' && !isObject(block.input) ? { key: 'input', expected: 'input: an object' } : null;
}

function resumes(evidence: Evidence): Judgement {
  const first = evidence.own.filter(({ turn }) => turn === 1);
  const nothing = noAnswer(first, evidence);
  if (nothing !== null) return nothing;
  const failed = first.filter((exchange) => !succeeded(exchange));
  if (failed.length === first.length) {
    return {
      outcome: 'rejected',
      findings: failed.map((exchange) =>
        finding(
          exchange,
          'The server rejects the server tool web_search.',
          'HTTP 200 with a Message',
          answer(exchange),
        ),
      ),
    };
  }
  const paused = first.filter(({ message }) => get(message, 'stop_reason') === 'pause_turn');
  if (paused.length === 0) return notObserved('The reply did not pause');
  const resumed = evidence.own.filter(
    ({ turn, attempt }) => turn === 2 && paused.some((one) => one.attempt === attempt),
  );
  return (
    noAnswer(resumed, evidence) ??
    verdictOf(
      resumed
        .filter((exchange) => !succeeded(exchange) || exchange.message === null)
        .map((exchange) =>
          finding(
            exchange,
            'The server does not continue its paused reply.',
            'HTTP 200 with a Message',
            answer(exchange),
          ),
        ),
    )
  );
}

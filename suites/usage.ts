import { succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, quote } from '../core/json.js';
import { isMadeByCode, text, totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf } from './judging/outcomes.js';
import { countsWholePrompt } from './judging/prompt-words.js';
import { SEARCHES } from './judging/search-results.js';
import { sameKinds } from './judging/streamed-counts.js';
import {
  answered,
  atEvent,
  completeMessage,
  endedStream,
  isCount,
  isCountStable,
  jsonMessage,
  outputTokens,
  REPEATED,
  type ReadStream,
  repetition,
  tokenLimit,
} from './judging/views.js';

export const usage: Suite = {
  name: 'usage',
  title: 'token counts, which users pay for',
  requirements: [
    {
      id: 'usage.input.positive',
      level: 'MUST',
      profile: 'core',
      statement: 'The input tokens in `usage`, including cached ones, are more than 0.',
      source: ['S1', 'D:cache'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => {
          const message = completeMessage(exchange);
          return totalInput(message?.usage) === null || isMadeByCode(message) ? null : message;
        },
        (message, exchange) =>
          (totalInput(message.usage) ?? 0) > 0
            ? []
            : [
                finding(
                  exchange,
                  'Input tokens are not above 0; budgets and context meters stay at 0.',
                  'input_tokens plus cache counts above 0',
                  quote(message.usage),
                  { pointer: '/usage/input_tokens' },
                ),
              ],
        { silent: true, nothing: 'No reply of this run counts its input tokens' },
      ),
    },
    {
      id: 'usage.output.positive',
      level: 'MUST',
      profile: 'core',
      statement: '`usage.output_tokens` of a reply with content is more than 0.',
      source: ['S1'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => {
          const message = jsonMessage(exchange);
          return isCount(get(message?.usage, 'output_tokens')) && hasContent(message) && !isMadeByCode(message)
            ? message
            : null;
        },
        (message, exchange) =>
          get(message.usage, 'output_tokens') !== 0
            ? []
            : [
                finding(exchange, '`output_tokens` of a reply with content is 0.', 'output_tokens above 0', '0', {
                  pointer: '/usage/output_tokens',
                }),
              ],
        { silent: true, nothing: 'No reply of this run has content and a count of its output tokens' },
      ),
    },
    {
      id: 'usage.input.whole',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The input tokens in `usage` count the whole prompt, with `system`, tools and earlier messages: at least one token for two words.',
      source: ['D:count', 'CC'],
      fixtures: ['many-messages'],
      judge: countsWholePrompt,
    },
    {
      id: 'usage.input.monotone',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A prompt that is more than twice as long has more input tokens.',
      source: ['D:count'],
      fixtures: ['minimal', 'counting'],
      judge: (evidence) =>
        compareInput(
          evidence,
          evidence.of('minimal', 'json'),
          evidence.of('counting', 'json'),
          (short, long, exchange) =>
            long > short
              ? null
              : finding(
                  exchange,
                  'Input tokens do not increase for a prompt more than twice as long.',
                  `more than ${short} input tokens`,
                  String(long),
                  { pointer: '/usage/input_tokens' },
                ),
        ),
    },
    {
      id: 'usage.input.deterministic',
      level: 'SHOULD',
      profile: 'core',
      statement: 'The same prompt has the same number of input tokens every time, including cached ones.',
      source: ['D:count'],
      fixtures: REPEATED,
      judge: (evidence) => {
        const repeated = compareInput(
          evidence,
          evidence.of('minimal', 'json'),
          repetition(evidence),
          (first, second, exchange) =>
            first === second
              ? null
              : finding(
                  exchange,
                  'The same prompt has different input tokens the second time.',
                  `${first} input tokens`,
                  String(second),
                  { pointer: '/usage/input_tokens' },
                ),
        );
        const lost = repeated.outcome === 'violated' ? [] : lostTheFirstTime(evidence);
        return lost.length === 0 ? repeated : verdictOf(lost, true);
      },
    },
    {
      id: 'usage.truncated.equals-limit',
      level: 'SHOULD',
      profile: 'core',
      statement:
        '`usage.output_tokens` of a reply that a `max_tokens` of up to 256 truncated equals `max_tokens`, with a tolerance of one.',
      source: ['D:stop'],
      fixtures: ['counting-five-tokens'],
      judge: each(
        truncatedReply,
        ({ output, limit }, exchange) => {
          if (Math.abs(output - limit) <= 1) return [];
          return [
            finding(
              exchange,
              '`output_tokens` of a truncated reply is not `max_tokens`.',
              `${limit} ± 1`,
              String(output),
              { pointer: '/usage/output_tokens' },
            ),
          ];
        },
        { nothing: 'No reply of this run was truncated by `max_tokens`' },
      ),
    },
    {
      id: 'usage.cache.null-or-int',
      level: 'SHOULD',
      profile: 'core',
      statement:
        '`usage.cache_creation_input_tokens` and `usage.cache_read_input_tokens` are absent, `null` or integers of 0 or more.',
      source: ['T:msg'],
      fixtures: ['minimal'],
      judge: each(completeMessage, (message, exchange) =>
        ['cache_creation_input_tokens', 'cache_read_input_tokens'].flatMap((key) => {
          const value = get(message.usage, key) ?? null;
          if (value === null || isCount(value)) return [];
          return [
            finding(
              exchange,
              `\`usage.${key}\` is not a token count.`,
              'absent, null or an integer of 0 or more',
              quote(value),
              {
                pointer: `/usage/${key}`,
              },
            ),
          ];
        }),
      ),
    },
    {
      id: 'usage.stream-consistent',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The same prompt has the same positive number of input tokens streamed and not streamed; `message_start` already reports it.',
      source: ['D:stream', 'T:acc'],
      fixtures: ['minimal'],
      judge: streamConsistent,
    },
    {
      // Nothing fails in a client; what is billed by these counts is invisible.
      id: 'usage.stream-kinds',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A stream reports the counts that replies without streaming report: `server_tool_use` after searches, `output_tokens_details` after thinking.',
      source: ['T:msg', 'T:acc', 'F'],
      fixtures: [...SEARCHES],
      judge: sameKinds,
    },
    {
      id: 'usage.stop-details-last',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The last `message_delta` of a stream repeats the `stop_sequence` and `stop_details` that an earlier event reported; the Go client keeps only the last values, `null` included.',
      source: ['G'],
      fixtures: ['minimal', 'counting-stop-long'],
      judge: each(withDelta, droppedAtEnd, { silent: true, nothing: 'No stream of this run has a `message_delta`' }),
    },
    {
      id: 'usage.thinking-within-output',
      level: 'MAY',
      profile: 'thinking',
      statement: '`usage.output_tokens_details.thinking_tokens` is at most `usage.output_tokens`.',
      source: ['T:msg'],
      fixtures: [],
      judge: each(
        (exchange) => {
          const message = completeMessage(exchange);
          return get(message?.usage, 'output_tokens_details', 'thinking_tokens') === undefined ? null : message;
        },
        (message, exchange) => {
          const thinking = get(message.usage, 'output_tokens_details', 'thinking_tokens');
          const output = get(message.usage, 'output_tokens');
          if (thinking === null || (isCount(thinking) && (!isCount(output) || thinking <= output))) return [];
          return [
            finding(
              exchange,
              isCount(thinking)
                ? '`thinking_tokens` exceeds `output_tokens`.'
                : '`thinking_tokens` is not a token count.',
              `an integer from 0 to output_tokens (${quote(output)})`,
              quote(thinking),
              { pointer: '/usage/output_tokens_details/thinking_tokens' },
            ),
          ];
        },
        { nothing: 'No reply of this run has `thinking_tokens`' },
      ),
    },
  ],
};

/** A finished stream with a `message_delta`; streams that start with the calls of running code may have none. */
function withDelta(exchange: Exchange): ReadStream | null {
  const read = endedStream(exchange);
  return read?.byKind.has('message_delta') ? read : null;
}

/** Values that an earlier event reported and the last `message_delta` takes back. */
function droppedAtEnd(read: ReadStream, exchange: Exchange): Finding[] {
  const ends = read.byKind.get('message_delta') ?? [];
  const last = ends.at(-1)!;
  const earlier = [
    ...(read.byKind.get('message_start') ?? []).map(({ data }) => get(data, 'message')),
    ...ends.slice(0, -1).map(({ data }) => get(data, 'delta')),
  ];
  return ['stop_sequence', 'stop_details'].flatMap((key) => {
    const before = earlier.map((values) => get(values, key) ?? null).findLast((value) => value !== null);
    const now = get(last.data, 'delta', key) ?? null;
    if (before === undefined || now !== null) return [];
    return [
      atEvent(
        exchange,
        last,
        `The last \`message_delta\` drops \`${key}\`; the Go client reports none.`,
        quote(before),
        quote(get(last.data, 'delta', key)),
        `/delta/${key}`,
      ),
    ];
  });
}

/** Whether a reply has text or another block. A refusal may contain text that does not count. */
function hasContent(message: JsonObject | null): boolean {
  if (message === null || message.stop_reason === 'refusal' || !Array.isArray(message.content)) return false;
  return text(message) !== '' || message.content.some((block) => get(block, 'type') !== 'text');
}

/** A larger max_tokens may exceed the maximum of the model or the rest of a small context window. Source: D:stop. */
const MODEST = 256;

function truncatedReply(exchange: Exchange): { output: number; limit: number } | null {
  const message = completeMessage(exchange);
  const limit = tokenLimit(exchange);
  if (message?.stop_reason !== 'max_tokens' || limit === null || limit > MODEST) return null;
  const output = outputTokens(exchange);
  return output === null ? null : { output, limit };
}

/** Compares the input tokens of two requests, if both replies count them. */
function compareInput(
  evidence: Evidence,
  left: readonly Exchange[],
  right: readonly Exchange[],
  compare: (left: number, right: number, exchange: Exchange) => Finding | null,
): Judgement {
  const first = counted(left);
  const second = counted(right);
  if (first === undefined || second === undefined) {
    const failed = [...left, ...right].filter((exchange) => !succeeded(exchange));
    return (failed.length > 0 ? noAnswer(failed, evidence) : null) ?? uncounted(evidence, left, right);
  }
  if (totalOf(first) === 0 || totalOf(second) === 0) {
    return inconclusive('Not tested: a reply counts 0 input tokens, see usage.input.positive');
  }
  const fault = compare(totalOf(first), totalOf(second), second);
  return fault === null ? satisfied(`${totalOf(first)} and ${totalOf(second)} input tokens`) : verdictOf([fault], true);
}

/** Tokens that a date or a random id of the server's own adds now and then. */
const OWN_TOKENS = 8;

/**
 * Requests that count fewer input tokens than the same request sent again: a part of them was lost, as one of several servers behind an
 * address may do. The other way round a cache may hold the rest.
 */
function lostTheFirstTime({ all }: Evidence): Finding[] {
  const sent = new Map<string, Exchange>();
  return all.flatMap((exchange) => {
    const total = totalOf(exchange);
    if (exchange.replaced !== undefined || total === 0 || exchange.request.body === null) return [];
    const { fixture, transport, turn, request } = exchange;
    const key = [fixture, transport, turn, request.body].join('\n');
    const before = sent.get(key);
    sent.set(key, exchange);
    if (before === undefined || total - totalOf(before) <= OWN_TOKENS) return [];
    const message =
      'A request has fewer input tokens than the same one sent again: a part of it was lost, or is not counted.';
    const expected = `${total} input tokens, as of ${exchange.id}`;
    const fault = finding(before, message, expected, String(totalOf(before)), { pointer: '/usage/input_tokens' });
    return [{ ...fault, comparedWith: exchange.id }];
  });
}

const totalOf = (exchange: Exchange): number => totalInput(completeMessage(exchange)?.usage) ?? 0;
const counted = (exchanges: readonly Exchange[]): Exchange | undefined =>
  answered(exchanges).find((exchange) => totalInput(completeMessage(exchange)?.usage) !== null);

function uncounted({ own }: Evidence, left: readonly Exchange[], right: readonly Exchange[]): Judgement {
  if (own.length === 0) return notObserved('None of its requests was sent');
  // A quick run sends one of them, in one form.
  return left.length === 0 || right.length === 0
    ? notObserved('Only one of the two requests was sent')
    : inconclusive('One of the two requests got no reply that counts its input tokens');
}

function streamConsistent(evidence: Evidence): Judgement {
  if (isCountStable(evidence) === false)
    return inconclusive(
      'Not tested: the target counts the same prompt differently each time, see usage.input.deterministic',
    );
  return compareInput(
    evidence,
    evidence.of('minimal', 'json'),
    evidence.of('minimal', 'stream'),
    (whole, streamed, exchange) => {
      if (whole !== streamed || streamed <= 0) {
        return finding(
          exchange,
          'Input tokens of the stream differ from the same prompt without streaming.',
          `${whole} input tokens, above 0`,
          String(streamed),
          { pointer: '/usage/input_tokens' },
        );
      }
      const start = exchange.stream?.events.find(({ type, name }) => (type ?? name) === 'message_start');
      const first = totalInput(get(start?.data, 'message', 'usage'));
      if (first !== 0 || start === undefined) return null;
      return finding(
        exchange,
        '`message_start` reports 0 input tokens, only `message_delta` the number; context meters show 0.',
        `${whole} input tokens in message_start`,
        quote(get(start.data, 'message', 'usage')),
        { event: start.number, offset: start.frame.offset, pointer: '/message/usage/input_tokens' },
      );
    },
  );
}

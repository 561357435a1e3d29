import { succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, quote } from '../core/json.js';
import { text, totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf } from './judging/outcomes.js';
import {
  answered,
  completeMessage,
  countsSteadily,
  isCount,
  jsonMessage,
  outputTokens,
  REPEATED,
  repetition,
  tokenLimit,
} from './judging/views.js';

export const usage: Suite = {
  name: 'usage',
  title: 'token counts, which are what users pay for',
  requirements: [
    {
      id: 'usage.input.positive',
      level: 'MUST',
      profile: 'core',
      statement: 'The input tokens of a request, cached ones included, are more than zero.',
      source: ['S1', 'D:cache'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => {
          const message = completeMessage(exchange);
          return totalInput(message?.usage) === null ? null : message;
        },
        (message, exchange) =>
          (totalInput(message.usage) ?? 0) > 0
            ? []
            : [
                finding(
                  exchange,
                  'The prompt is counted as nothing: budgets and context meters stay at zero.',
                  'input_tokens and cache counts above zero together',
                  quote(message.usage),
                  { pointer: '/usage/input_tokens' },
                ),
              ],
        { silent: true, nothing: 'no reply of this run counts its input' },
      ),
    },
    {
      id: 'usage.output.positive',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply with content counts more than zero output tokens.',
      source: ['S1'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => {
          const message = jsonMessage(exchange);
          return isCount(get(message?.usage, 'output_tokens')) && hasContent(message) ? message : null;
        },
        (message, exchange) =>
          get(message.usage, 'output_tokens') !== 0
            ? []
            : [
                finding(exchange, 'A reply with content is counted as nothing.', 'output_tokens above zero', '0', {
                  pointer: '/usage/output_tokens',
                }),
              ],
        { silent: true, nothing: 'no reply of this run has content and a count of its output' },
      ),
    },
    {
      id: 'usage.input.monotone',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A prompt that is more than twice as long counts more input tokens.',
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
                  'A prompt that is more than twice as long counts no more input tokens.',
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
      statement: 'The same prompt counts the same number of input tokens every time, cached ones included.',
      source: ['D:count'],
      fixtures: REPEATED,
      judge: (evidence) =>
        compareInput(evidence, evidence.of('minimal', 'json'), repetition(evidence), (first, second, exchange) =>
          first === second
            ? null
            : finding(
                exchange,
                'The same prompt is counted differently the second time.',
                `${first} input tokens`,
                String(second),
                { pointer: '/usage/input_tokens' },
              ),
        ),
    },
    {
      id: 'usage.truncated.equals-limit',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A reply that was cut by a max_tokens of up to 256 counts as many output tokens as that, give or take one.',
      source: ['D:stop'],
      fixtures: ['counting-five-tokens'],
      judge: each(
        cutReply,
        ({ output, limit }, exchange) => {
          if (Math.abs(output - limit) <= 1) return [];
          return [
            finding(
              exchange,
              'The reply ends at max_tokens with another count than max_tokens.',
              `output_tokens ${limit}, give or take one`,
              String(output),
              { pointer: '/usage/output_tokens' },
            ),
          ];
        },
        { nothing: 'no reply of this run was cut by max_tokens' },
      ),
    },
    {
      id: 'usage.cache.null-or-int',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The counts cache_creation_input_tokens and cache_read_input_tokens are absent, null or integers of zero or more.',
      source: ['T:msg'],
      fixtures: ['minimal'],
      judge: each(completeMessage, (message, exchange) =>
        ['cache_creation_input_tokens', 'cache_read_input_tokens'].flatMap((key) => {
          const value = get(message.usage, key) ?? null;
          if (value === null || isCount(value)) return [];
          return [
            finding(
              exchange,
              `usage.${key} is no token count.`,
              'absent, null or an integer of zero or more',
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
        'The same prompt counts the same positive number of input tokens streamed and not streamed, from message_start on.',
      source: ['D:stream', 'T:acc'],
      fixtures: ['minimal'],
      judge: streamConsistent,
    },
    {
      id: 'usage.thinking-within-output',
      level: 'MAY',
      profile: 'thinking',
      statement: 'Thinking tokens that usage reports apart are part of output_tokens, never more.',
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
                ? 'More tokens of thinking are counted than of output.'
                : 'The thinking tokens are no token count.',
              `an integer from 0 to output_tokens, which is ${quote(output)}`,
              quote(thinking),
              { pointer: '/usage/output_tokens_details/thinking_tokens' },
            ),
          ];
        },
        { nothing: 'no reply of this run counts its thinking apart' },
      ),
    },
  ],
};

/** Whether a reply says or calls anything. A refusal may leave text that it does not count. */
function hasContent(message: JsonObject | null): boolean {
  if (message === null || message.stop_reason === 'refusal' || !Array.isArray(message.content)) return false;
  return text(message) !== '' || message.content.some((block) => get(block, 'type') !== 'text');
}

/** A larger max_tokens may be more than a model, or what is left of a small window, has room for. Source: D:stop. */
const MODEST = 256;

function cutReply(exchange: Exchange): { output: number; limit: number } | null {
  const message = completeMessage(exchange);
  const limit = tokenLimit(exchange);
  if (message?.stop_reason !== 'max_tokens' || limit === null || limit > MODEST) return null;
  const output = outputTokens(exchange);
  return output === null ? null : { output, limit };
}

/** Compares the input totals of two requests, once both are known. */
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
    return (failed.length > 0 ? noAnswer(failed) : null) ?? uncounted(evidence);
  }
  if (totalOf(first) === 0 || totalOf(second) === 0) {
    return inconclusive('a prompt is counted as nothing, which usage.input.positive judges');
  }
  const fault = compare(totalOf(first), totalOf(second), second);
  return fault === null ? satisfied(`${totalOf(first)} and ${totalOf(second)} input tokens`) : verdictOf([fault], true);
}

const totalOf = (exchange: Exchange): number => totalInput(completeMessage(exchange)?.usage) ?? 0;
const counted = (exchanges: readonly Exchange[]): Exchange | undefined =>
  answered(exchanges).find((exchange) => totalInput(completeMessage(exchange)?.usage) !== null);

const uncounted = (evidence: Evidence): Judgement =>
  evidence.own.length === 0
    ? notObserved('no exchange of its fixtures was carried out')
    : inconclusive('one of the two requests was not answered with a message that counts its input');

function streamConsistent(evidence: Evidence): Judgement {
  if (countsSteadily(evidence) === false)
    return inconclusive(
      'one and the same prompt is counted differently each time, which usage.input.deterministic judges',
    );
  return compareInput(
    evidence,
    evidence.of('minimal', 'json'),
    evidence.of('minimal', 'stream'),
    (whole, streamed, exchange) => {
      if (whole !== streamed || streamed <= 0) {
        return finding(
          exchange,
          'Streamed, the prompt is counted differently.',
          `${whole} input tokens, above zero`,
          String(streamed),
          { pointer: '/usage/input_tokens' },
        );
      }
      const start = exchange.stream?.events.find(({ type, name }) => (type ?? name) === 'message_start');
      const first = totalInput(get(start?.data, 'message', 'usage'));
      if (first !== 0 || start === undefined) return null;
      return finding(
        exchange,
        'message_start counts no input and only message_delta tells the number: meters that read the start show an empty context.',
        `${whole} input tokens in message_start`,
        quote(get(start.data, 'message', 'usage')),
        { event: start.number, offset: start.frame.offset, pointer: '/message/usage/input_tokens' },
      );
    },
  );
}

/** Kinds of counts that a server reports without streaming, and in streams. */

import { succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import { blocks } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { notObserved, verdictOf } from './outcomes.js';
import { atEvent, endedStream, isCount, jsonMessage } from './views.js';

/** A count of something that a reply shows. */
interface Kind {
  /** Members of `usage` that lead to it. */
  path: readonly [field: string, count: string];
  /** Whether the reply has what is counted, so that the count is above 0. */
  has: (message: unknown) => boolean;
  /** Why users miss it, for the finding. */
  why: string;
}

/** Both are in `message_delta` of the official API. The cache counts are judged on streams of their own. Source: T:msg, T:acc, F. */
const KINDS: readonly Kind[] = [
  {
    path: ['server_tool_use', 'web_search_requests'],
    has: (message) =>
      blocks(message, 'web_search_tool_result').some(({ content }) => Array.isArray(content) && content.length > 0),
    why: 'users pay for each search',
  },
  {
    path: ['output_tokens_details', 'thinking_tokens'],
    has: (message) => blocks(message, 'thinking').some(({ thinking }) => asString(thinking) !== ''),
    why: 'nobody sees which part of the reply is thinking',
  },
];

/** Every count that replies without streaming have above 0 is above 0 in streams that show the same. */
export function sameKinds(evidence: Evidence): Judgement {
  const judged = KINDS.flatMap((kind) => {
    const whole = evidence.all.filter((exchange) => kind.has(succeeded(exchange) ? jsonMessage(exchange) : null));
    const isReported =
      whole.length > 0 && whole.every(({ message }) => isPositive(get(message, 'usage', ...kind.path)));
    const streams = evidence.all.filter((exchange) => kind.has(endedStream(exchange) && exchange.message));
    return isReported ? streams.map((exchange) => faultsOf(kind, whole[0]!, exchange)) : [];
  });
  if (judged.length > 0) return verdictOf(judged.flat(), true);
  return notObserved('No reply without streaming counts searches or thinking of which a stream of this run has any');
}

const isPositive = (value: unknown): boolean => isCount(value) && value > 0;

function faultsOf({ path, why }: Kind, whole: Exchange, exchange: Exchange): Finding[] {
  const read = endedStream(exchange)!;
  const ends = read.byKind.get('message_delta') ?? [];
  const start = get(read.byKind.get('message_start')?.[0]?.data, 'message', 'usage');
  const usages = [start, ...ends.map(({ data }) => get(data, 'usage'))];
  const last = usages.map((usage): Json => get(usage, ...path) ?? null).findLast((value) => value !== null);
  const event = ends.at(-1);
  // stream.usage.in-message-delta judges an end without any usage.
  if (event === undefined || !isObject(usages.at(-1)) || isPositive(last)) return [];
  const field = path.join('.');
  return [
    {
      ...atEvent(
        exchange,
        event,
        `\`usage.${field}\` is ${last === undefined ? 'missing' : quote(last)} in the stream, and replies without streaming have it; ${why}.`,
        `${field} above 0, as ${quote(get(whole.message, 'usage', ...path))} in ${whole.id}`,
        quote(usages.at(-1)),
        `/usage/${path[0]}`,
      ),
      comparedWith: whole.id,
    },
  ];
}

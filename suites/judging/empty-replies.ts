/** Replies without any content: they show that a request got the status 200, and not that the server did anything with it. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get } from '../../core/json.js';
import { blocks } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { inconclusive } from './outcomes.js';

/** Whether a reply has a block of the model that is not an empty text. A `fallback` block is the server's. */
const hasContent = ({ message }: Exchange): boolean =>
  blocks(message).some(({ type, text }) => type !== 'fallback' && (type !== 'text' || asString(text).trim() !== ''));

/**
 * Whether a reply ends by itself without content. A refusal ends for another reason, a reply with code that runs on the server may only
 * pause, and a prewarm (`max_tokens` 0) asks for nothing else. Source: D:stop, D:cache.
 */
const isEmpty = (exchange: Exchange): boolean =>
  exchange.message !== null &&
  get(exchange.sent, 'max_tokens') !== 0 &&
  get(exchange.message, 'stop_reason') === 'end_turn' &&
  !hasContent(exchange);

/** A model that ends its turn at once has still written the end of its turn: the official API counts it. */
const hasOutput = ({ message }: Exchange): boolean => Number(get(message, 'usage', 'output_tokens') ?? 0) > 0;

/**
 * The judgement of accepted requests whose replies are empty; `null` where they show that the server worked on them. An empty reply is
 * legal: a model may have nothing to say, after a tool result above all. It shows nothing where no token was written, or where no reply of
 * the whole run has content. One request may be tried several times; one reply with content is enough.
 */
export function onlyEmpty(accepted: readonly Exchange[], { all }: Pick<Evidence, 'all'>): Judgement | null {
  const keyOf = ({ fixture, transport, turn }: Exchange): string => `${fixture}/${transport}/${turn}`;
  const worked = new Set(accepted.filter((exchange) => !isEmpty(exchange)).map(keyOf));
  const silent = accepted.filter((exchange) => !worked.has(keyOf(exchange)));
  const first = silent.find((exchange) => !hasOutput(exchange)) ?? silent[0];
  if (first === undefined) return null;
  if (silent.every(hasOutput) && all.some(hasContent)) return null;
  const why = hasOutput(first) ? 'as is every reply of this run' : 'without output tokens';
  return inconclusive(
    `The reply to ${first.id} is empty, ${why}, so nothing shows that it was processed`,
    silent.length,
  );
}

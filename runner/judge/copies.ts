/** Replies that a cache of replies sent a second time: they show how an earlier request was answered, not their own. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get } from '../../core/json.js';
import type { Copy } from '../../core/requirement.js';

/**
 * Replies with the message id, the `request-id` and the content of an earlier reply. A server issues a new id for every request, so it
 * did not work on this one.
 */
export function copiesIn(exchanges: readonly Exchange[]): Copy[] {
  const originals = new Map<string, Exchange>();
  const copies: Copy[] = [];
  const inTime = [...exchanges].sort((a, b) => (a.startedMs ?? 0) - (b.startedMs ?? 0));
  for (const exchange of inTime) {
    // A record without these parts cannot show it.
    if (exchange.lacks?.some((part) => part === 'head' || part === 'request')) continue;
    const identity = identityOf(exchange);
    if (identity === null) continue;
    const original = originals.get(identity);
    if (original === undefined) originals.set(identity, exchange);
    else copies.push({ exchange, original, isSameRequest: requestOf(exchange) === requestOf(original) });
  }
  return copies;
}

/** `null` without ids, and for replies that were not read to their end: what they have in common may be only their beginning. */
function identityOf(exchange: Exchange): string | null {
  if (exchange.failure !== null) return null;
  const id = asString(get(exchange.message, 'id'));
  const requestId = exchange.header('request-id');
  // What was not read to its end may go on in another way.
  if (id === '' || !requestId || exchange.failure !== null) return null;
  return JSON.stringify([id, requestId, get(exchange.message, 'content') ?? null]);
}

const requestOf = ({ request: { method, url, body } }: Exchange): string => JSON.stringify([method, url, body]);

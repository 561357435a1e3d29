/** What an exchange came to: the questions that the runner and every family of requirements ask of it. */

import type { Exchange, FailureKind } from './exchange.js';
import type { Fixture } from './fixture.js';
import { clip, get, quote } from './json.js';

export const status = (exchange: Exchange): number => exchange.response?.status ?? 0;

export const succeeded = (exchange: Exchange): boolean => status(exchange) >= 200 && status(exchange) < 300;

/** Refused because of the request, as opposed to its credential, its timing or the server's own trouble. */
export const rejectedAsInvalid = (exchange: Exchange): boolean =>
  status(exchange) >= 400 && status(exchange) < 500 && ![401, 402, 403, 407, 408, 429].includes(status(exchange));

/**
 * Whether a refusal may be about who asks, or in which version, rather than about what is asked. Without a valid credential 401
 * is what is asked for.
 */
export function rejectsSender(exchange: Exchange, credential: Fixture['credential']): boolean {
  if (exchange.response === null || status(exchange) < 400) return false;
  if (credential === 'none' || credential === 'invalid') return status(exchange) !== 401;
  return [401, 403].includes(status(exchange)) || /version/i.test(exchange.response.body);
}

/** Asked to wait: nothing is known about the request itself. */
export const askedToWait = (exchange: Exchange): boolean => [429, 503, 529].includes(status(exchange));

/** An error body in the documented envelope. */
export function errorBody(exchange: Exchange): { type: string; message: string } | null {
  const type = get(exchange.json, 'error', 'type');
  const message = get(exchange.json, 'error', 'message');
  return get(exchange.json, 'type') === 'error' && typeof type === 'string' && typeof message === 'string'
    ? { type, message }
    : null;
}

/** What came back, in a few words: `HTTP 400 invalid_request_error "max_tokens: Field required"`. */
export function answer(exchange: Exchange): string {
  if (exchange.response === null) return exchange.failure?.message ?? 'no answer';
  const error = errorBody(exchange);
  if (error !== null) return clip(`HTTP ${status(exchange)} ${error.type} ${JSON.stringify(error.message)}`);
  const cut = exchange.failure === null ? '' : `, then ${exchange.failure.message}`;
  if (exchange.stream !== null)
    return clip(`HTTP ${status(exchange)}, a stream of ${exchange.stream.events.length} events${cut}`);
  return clip(`HTTP ${status(exchange)} ${quote(exchange.response.body)}${cut}`);
}

/** Whether the request went to the endpoint that creates messages. */
export function isMessagesCall(exchange: Exchange): boolean {
  return /\/messages(\?|$)/.test(exchange.request.url);
}

/** What creates messages has served a request only when a message came. */
export const isAccepted = (exchange: Exchange): boolean =>
  succeeded(exchange) && (exchange.message !== null || !isMessagesCall(exchange));

export const isBrokenStream = (exchange: Exchange): boolean =>
  succeeded(exchange) && exchange.transport === 'stream' && exchange.message === null;

const CUT: readonly FailureKind[] = ['reset', 'protocol', 'timeout-body', 'too-large', 'encoding'];

/**
 * Whether only a part of a successful answer came, or was read. A stream that stays open after its last event has come to its end; of a
 * refusal the status is what counts, and a server may close the connection under it.
 */
export const isPartial = (exchange: Exchange): boolean =>
  succeeded(exchange) &&
  exchange.failure !== null &&
  CUT.includes(exchange.failure.kind) &&
  !(exchange.failure.kind === 'timeout-body' && endsWell(exchange));

const endsWell = ({ stream }: Exchange): boolean => stream?.events.some(({ type }) => type === 'message_stop') ?? false;

/** How an exchange ended: the questions that the runner and every family of requirements ask about it. */

import type { Exchange, FailureKind, StreamEvent, StreamReading } from './exchange.js';
import type { Fixture } from './fixture.js';
import { asString, clip, get, quote } from './json.js';

/** The status code; 0 without a response. */
export const status = (exchange: Exchange): number => exchange.response?.status ?? 0;

/** Whether the status is 2xx. */
export const succeeded = (exchange: Exchange): boolean => status(exchange) >= 200 && status(exchange) < 300;

/** Rejected because of the request itself, not because of its credential, its timing or a failure of the server. */
export const rejectedAsInvalid = (exchange: Exchange): boolean =>
  status(exchange) >= 400 && status(exchange) < 500 && ![401, 402, 403, 407, 408, 429].includes(status(exchange));

/** What the documentation calls a key that works and may not use this. Source: D:errors. */
export const isForbidden = (exchange: Exchange): boolean =>
  status(exchange) === 403 && errorBody(exchange)?.type === 'permission_error';

/** A clean way to report that something does not exist: a client error, or 501. */
export const isUnsupported = (exchange: Exchange): boolean => rejectedAsInvalid(exchange) || status(exchange) === 501;

/**
 * Whether a rejection may be about the credential or the API version and not about the rest of the request. A request without a valid
 * credential is supposed to get 401.
 */
export function rejectsSender(exchange: Exchange, credential: Fixture['credential']): boolean {
  if (exchange.response === null || status(exchange) < 400) return false;
  if (credential === 'none' || credential === 'invalid') return status(exchange) !== 401;
  return [401, 403].includes(status(exchange)) || /version/i.test(exchange.response.body);
}

/** Errors of the moment, in a stream that had begun before the server noticed. Source: D:errors. */
const MOMENTARY = ['overloaded_error', 'rate_limit_error'];

/**
 * Whether the server asked to try again later, by its status or by an error event in its stream. This says nothing about the request
 * itself.
 */
export function askedToWait(exchange: Exchange): boolean {
  if ([429, 503, 529].includes(status(exchange))) return true;
  const last = succeeded(exchange) ? exchange.stream?.events.at(-1) : undefined;
  return last?.type === 'error' && MOMENTARY.includes(asString(get(last.data, 'error', 'type')));
}

/**
 * What servers say when they cannot read what their model wrote: a tool call that does not parse, bytes that are not text. Texts of
 * llama.cpp ("Failed to parse input at pos …", "does not match the expected … format") and of Ollama ("error parsing tool call").
 */
const UNPARSED =
  /failed to parse (input at|tool|function|model|output|generat)|error parsing (tool|function|model|output)|output[^.]{0,40} does not match the expected|(tool|function) calls?[^.]{0,40} (could not|cannot|failed to) be parsed/i;

/** Whether the server failed because the output of its model does not parse. This says nothing about the request itself. */
export function isUnparsed(exchange: Exchange): boolean {
  const last = succeeded(exchange) ? exchange.stream?.events.at(-1) : undefined;
  const error = last === undefined ? exchange.json : (last.type ?? last.name) === 'error' ? last.data : undefined;
  if (last === undefined && status(exchange) < 500) return false;
  return UNPARSED.test(asString(get(error, 'error', 'message')) || asString(get(error, 'error')));
}

/** Characters of a request that a small context window has no room for. */
const LONG_REQUEST = 2_000;

/** Whether the server rejected a long request because the context window of its model has no room for it. */
export function isOutOfRoom(exchange: Exchange): boolean {
  if (!rejectedAsInvalid(exchange) || (exchange.request.body?.length ?? 0) < LONG_REQUEST) return false;
  return /context[ _-]?(window|length|size)|prompt is too long|(exceeds?|larger than) [^.]{0,40}context|too many (input |prompt )?tokens/i.test(
    errorWords(exchange),
  );
}

/** Type and message of an error in the documented envelope; `null` for any other body. */
export function errorBody(exchange: Exchange): { type: string; message: string } | null {
  const type = get(exchange.json, 'error', 'type');
  const message = get(exchange.json, 'error', 'message');
  return get(exchange.json, 'type') === 'error' && typeof type === 'string' && typeof message === 'string'
    ? { type, message }
    : null;
}

/** What an error response says: its message, or the whole body where it is not in the documented envelope. */
export const errorWords = (exchange: Exchange): string => errorBody(exchange)?.message ?? exchange.response?.body ?? '';

/** An error as a client gets it: by its status, or as an event in a stream that had begun. */
export interface GotError {
  status: number;
  type: string;
  message: string;
}

/** `null` where the client got no error in the documented form. */
export function errorOf(exchange: Exchange): GotError | null {
  if (!succeeded(exchange)) {
    const body = errorBody(exchange);
    return body === null ? null : { status: status(exchange), ...body };
  }
  const event = exchange.stream?.events.find(isError);
  const error = get(event?.data, 'error');
  return event === undefined
    ? null
    : { status: 200, type: asString(get(error, 'type')), message: asString(get(error, 'message')) };
}

const isError = ({ type, name }: StreamEvent): boolean => (type ?? name) === 'error';

/** Whether a stream has an `error` event. */
export const hasErrorEvent = (stream: StreamReading | null): boolean => stream?.events.some(isError) ?? false;

/** Whether the status is 2xx, but the body is an error or empty: a rejection that its status does not show. */
export function isRejectedIn200(exchange: Exchange): boolean {
  if (!succeeded(exchange) || exchange.message !== null) return false;
  return hasErrorEvent(exchange.stream) || exchange.response?.body === '' || get(exchange.json, 'error') !== undefined;
}

/** Whether every client notices that something went wrong, although the status is 2xx: the connection broke off, or an error event is the end. */
export const showsFailure = (exchange: Exchange): boolean =>
  !endsNormally(exchange) &&
  (BROKEN_OFF.includes(exchange.failure?.kind ?? 'unsound') ||
    (exchange.stream?.events.some(({ name }) => name === 'error') ?? false));

const BROKEN_OFF: readonly FailureKind[] = ['reset', 'protocol', 'encoding', 'timeout-body'];

/** Whether a stream ends like one of a complete answer. */
export const endsNormally = ({ stream }: Exchange): boolean =>
  stream?.events.some(({ type }) => type === 'message_stop') ?? false;

/** A page for people in place of an answer of an API: a proxy, a firewall or a login in between. */
export const isHtml = (exchange: Exchange): boolean =>
  /^\s*text\/html/i.test(exchange.header('content-type') ?? '') ||
  /^\s*<(!doctype|html)/i.test(exchange.response?.body.slice(0, 200) ?? '');

/** The response in a few words: `HTTP 400 invalid_request_error "max_tokens: Field required"`. */
export function answer(exchange: Exchange): string {
  if (exchange.response === null) return exchange.failure?.message ?? 'no response';
  const error = errorBody(exchange);
  if (error !== null) return clip(`HTTP ${status(exchange)} ${error.type} ${JSON.stringify(error.message)}`);
  const end = exchange.failure === null ? '' : `, then ${exchange.failure.message}`;
  if (exchange.stream !== null) {
    const { length } = exchange.stream.events;
    return clip(
      `HTTP ${status(exchange)}, a stream of ${length} event${length === 1 ? '' : 's'}${eventError(exchange)}${end}`,
    );
  }
  return clip(`HTTP ${status(exchange)} ${quotedBody(exchange)}${end}`);
}

/** What the error event of a stream says: it is why the stream is none of a message. */
function eventError(exchange: Exchange): string {
  const error = succeeded(exchange) ? errorOf(exchange) : null;
  if (error === null) return '';
  const words = error.message === '' ? '' : ` ${JSON.stringify(error.message)}`;
  return `, an error event ${error.type || 'without error.type'}${words}`;
}

/** First bytes of what a server may send compressed without saying so. */
const COMPRESSED = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] };

/** The body of an answer for a reader: quoted, or what is known of bytes that are no text. `missing` without a response. */
export function quotedBody({ response, bytes, header }: Exchange): string {
  if (response?.bodyEncoding !== 'base64') return quote(response?.body);
  const first = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  const [format] = Object.entries(COMPRESSED).find(([, magic]) => magic.every((byte, at) => bytes[at] === byte)) ?? [];
  const why =
    format === undefined || header('content-encoding') !== null ? '' : `, ${format} without a content-encoding header`;
  return `${bytes.length} bytes that are not text (${first.join(' ')} …)${why}`;
}

/** Whether the request went to the endpoint that creates messages. */
export function isMessagesCall(exchange: Exchange): boolean {
  return /\/messages(\?|$)/.test(exchange.request.url);
}

/** Whether the server accepted the request. On the endpoint that creates messages a 2xx without a message does not count. */
export const isAccepted = (exchange: Exchange): boolean =>
  succeeded(exchange) && (exchange.message !== null || !isMessagesCall(exchange));

/** A 2xx for a stream whose events do not yield a message. */
export const isBrokenStream = (exchange: Exchange): boolean =>
  succeeded(exchange) && exchange.transport === 'stream' && exchange.message === null;

/** Failures after which the rest of a body is missing. */
const INCOMPLETE: readonly FailureKind[] = ['reset', 'protocol', 'timeout-body', 'too-large', 'encoding'];

/** A slow target is still sending when its time is up. One that has sent nothing for this long, in milliseconds, has stopped. */
export const STALLED_MS = 10_000;

/** How long nothing had come when an exchange ended, in milliseconds. */
export const silenceAtEnd = ({ response }: Exchange): number =>
  response === null ? 0 : response.endMs - (response.chunks.at(-1)?.atMs ?? response.headersMs);

/**
 * A stream that was over, and whose connection was still open some seconds later: after its last event, or after its stop reason, where
 * the suite did not wait for `message_stop` any longer.
 */
export const staysOpen = (exchange: Exchange): boolean =>
  exchange.failure?.kind === 'timeout-body' &&
  (endsNormally(exchange) || (exchange.failure.limitMs === undefined && hasStopReason(exchange)));

const hasStopReason = ({ stream }: Exchange): boolean =>
  stream?.events.some(
    ({ type, data }) => type === 'message_delta' && typeof get(data, 'delta', 'stop_reason') === 'string',
  ) ?? false;

/**
 * Whether a successful response is incomplete, or was not read completely. A stream that was over and stays open is complete. For an
 * error only the status counts: a server may close the connection after it.
 */
export const isPartial = (exchange: Exchange): boolean =>
  succeeded(exchange) &&
  exchange.failure !== null &&
  INCOMPLETE.includes(exchange.failure.kind) &&
  !staysOpen(exchange);

/** Whether a successful response is there to its end. */
export const isWhole = (exchange: Exchange): boolean => succeeded(exchange) && !isPartial(exchange);

/** Whether the time of an exchange ran out in its body. */
export const neverEnds = (exchange: Exchange): boolean =>
  exchange.failure?.kind === 'timeout-body' && isPartial(exchange);

/** Failures that are the suite's own doing, so nothing is known of what the target would have answered. */
const OWN_DOING: readonly FailureKind[] = ['unsound', 'not-set-up', 'abandoned', 'foreign'];

export const isOwnDoing = ({ failure }: Exchange): boolean => failure !== null && OWN_DOING.includes(failure.kind);

/** Whether a request left the suite at all. */
export const isSent = ({ failure }: Exchange): boolean => failure?.kind !== 'unsound' && failure?.kind !== 'not-set-up';

/** Whether a request found no answer, or none that came to its end. */
export const isUnanswered = (exchange: Exchange): boolean =>
  !isOwnDoing(exchange) && (exchange.response === null || neverEnds(exchange));

/** Shorter than any silence that the suite itself cuts a stream for, in milliseconds. */
const STOPPED_MS = 4_000;

/** The accepted streams, and those of them that stopped in the middle and had no end when the suite gave up. */
export function stoppedStreams(exchanges: readonly Exchange[]): { streams: Exchange[]; stopped: Exchange[] } {
  const streams = exchanges.filter((exchange) => exchange.transport === 'stream' && succeeded(exchange));
  return {
    streams,
    stopped: streams.filter((exchange) => neverEnds(exchange) && silenceAtEnd(exchange) >= STOPPED_MS),
  };
}

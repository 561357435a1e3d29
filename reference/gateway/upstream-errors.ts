/** What goes wrong with an upstream, and how a client is told. */

import { asString, get, type Json } from '../../core/json.js';
import type { ErrorAnswer, Failure } from './stages.js';

/** The failure in an error body, or in the data of an event. */
export function failureOf(
  status: number | null,
  body: Json | undefined,
  headers: Readonly<Record<string, string>>,
): Failure {
  const error = get(body, 'error') ?? body;
  const message = asString(get(error, 'message')) || (typeof error === 'string' ? error : '');
  const code = asString(get(error, 'code')) || asString(get(error, 'type'));
  return {
    kind: 'http',
    status,
    message: message || `The upstream answered with an error${status === null ? '' : ` (HTTP ${status})`}.`,
    code: code || null,
    headers,
    body,
  };
}

/** The failure of a request that got no answer. */
export function connectionFailure(error: unknown): Failure {
  const code = codeOf(error);
  const isRefused = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH/.test(code);
  return broken(
    isRefused ? 'refused' : /TIMEOUT/i.test(code) ? 'timeout' : 'reset',
    isRefused ? 'The upstream cannot be reached.' : 'The connection to the upstream broke off.',
  );
}

/** A failure without an answer, or with one that cannot be read. */
export const broken = (kind: Failure['kind'], message: string): Failure => ({
  kind,
  status: null,
  message,
  code: null,
  headers: {},
});

export const NOT_JSON: Failure = broken('invalid', 'The upstream sent an event that is not JSON.');
export const TRUNCATED: Failure = broken('truncated', 'The upstream ended its stream before the answer was complete.');

function codeOf(error: unknown): string {
  let current = error as { code?: unknown; cause?: unknown; name?: unknown } | undefined;
  for (let depth = 0; depth < 4 && current; depth += 1) {
    if (typeof current.code === 'string') return current.code;
    current = current.cause as typeof current;
  }
  return '';
}

interface Told {
  status: number;
  type: string;
}

const OF_STATUS: Readonly<Record<number, Told>> = {
  400: { status: 400, type: 'invalid_request_error' },
  // The key of the gateway is wrong, which is no fault of the client.
  401: { status: 502, type: 'api_error' },
  402: { status: 502, type: 'api_error' },
  403: { status: 403, type: 'permission_error' },
  404: { status: 404, type: 'not_found_error' },
  408: { status: 504, type: 'timeout_error' },
  413: { status: 413, type: 'request_too_large' },
  422: { status: 400, type: 'invalid_request_error' },
  429: { status: 429, type: 'rate_limit_error' },
  500: { status: 500, type: 'api_error' },
  502: { status: 502, type: 'api_error' },
  503: { status: 529, type: 'overloaded_error' },
  504: { status: 504, type: 'timeout_error' },
  529: { status: 529, type: 'overloaded_error' },
};

/** Codes of error objects in a stream, which have no status. */
const OF_CODE: readonly [RegExp, Told][] = [
  [/rate_limit|^requests$|^tokens$/, { status: 429, type: 'rate_limit_error' }],
  [/overloaded/, { status: 529, type: 'overloaded_error' }],
  [/timeout/, { status: 504, type: 'timeout_error' }],
  [/context_length|invalid_request/, { status: 400, type: 'invalid_request_error' }],
];

function told({ kind, status, code }: Failure): Told {
  if (kind === 'timeout') return { status: 504, type: 'timeout_error' };
  if (kind !== 'http') return { status: 502, type: 'api_error' };
  if (status !== null)
    return OF_STATUS[status] ?? (status < 500 ? OF_STATUS[400]! : { status: 502, type: 'api_error' });
  return OF_CODE.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? { status: 500, type: 'api_error' };
}

/** Clients look for these words to shorten a conversation that has become too long. */
const messageOf = ({ code, message }: Failure): string =>
  code === 'context_length_exceeded' && !/prompt is too long/i.test(message)
    ? `prompt is too long: ${message}`
    : message;

/** The error as clients of the Messages API know it. A wait that the upstream names is kept. */
export function errorAnswer(failure: Failure, requestId: string): ErrorAnswer {
  const { status } = told(failure);
  const retryAfter = failure.headers['retry-after'];
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    body: errorBody(failure, requestId),
  };
}

export const errorBody = (failure: Failure, requestId: string): Json => ({
  type: 'error',
  error: { type: told(failure).type, message: messageOf(failure) },
  request_id: requestId,
});

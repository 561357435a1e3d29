/** Errors and headers as the Messages API sends them. Source: https://platform.claude.com/docs/en/api/errors */

import type { JsonObject } from '../../../core/json.js';
import type { UpstreamError } from '../../../core/upstream.js';
import { identityHeaders, rateLimitHeaders } from '../../../reference/headers.js';
import type { HttpError } from '../dialect.js';

const ERRORS: Readonly<Record<UpstreamError, { status: number; type: string }>> = {
  invalid: { status: 400, type: 'invalid_request_error' },
  'context-length': { status: 400, type: 'invalid_request_error' },
  authentication: { status: 401, type: 'authentication_error' },
  permission: { status: 403, type: 'permission_error' },
  'not-found': { status: 404, type: 'not_found_error' },
  timeout: { status: 504, type: 'timeout_error' },
  'too-large': { status: 413, type: 'request_too_large' },
  unprocessable: { status: 400, type: 'invalid_request_error' },
  'rate-limit': { status: 429, type: 'rate_limit_error' },
  server: { status: 500, type: 'api_error' },
  'bad-gateway': { status: 502, type: 'api_error' },
  unavailable: { status: 503, type: 'api_error' },
  'gateway-timeout': { status: 504, type: 'timeout_error' },
  overloaded: { status: 529, type: 'overloaded_error' },
};

export const messagesErrorObject = (error: UpstreamError, message: string): JsonObject => ({
  type: ERRORS[error].type,
  message: error === 'context-length' ? `prompt is too long: ${message}` : message,
});

export const messagesError = (error: UpstreamError, message: string, number: number): HttpError => ({
  status: ERRORS[error].status,
  headers: messagesHeaders(number),
  body: { type: 'error', error: messagesErrorObject(error, message), request_id: requestId(number) },
});

/** What the rate limits are counted from: a fixed time, so that two runs get the same headers. */
const TIME = Date.UTC(2026, 9, 21);

/** Headers of every response: an id of its own, and what is left of the limits. */
export const messagesHeaders = (number: number): Record<string, string> => ({
  ...identityHeaders(requestId(number)),
  ...rateLimitHeaders(TIME),
});

const requestId = (number: number): string => `req_011Upstream${String(number).padStart(10, '0')}`;

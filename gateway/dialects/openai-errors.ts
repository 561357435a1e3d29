/** Errors as OpenAI's API reports them, the same on both of its endpoints. */

import type { JsonObject } from '../../core/json.js';
import type { UpstreamError } from '../../core/upstream.js';
import type { HttpError } from './dialect.js';

const ERRORS: Readonly<Record<UpstreamError, { status: number; type: string; code: string | null }>> = {
  invalid: { status: 400, type: 'invalid_request_error', code: null },
  'context-length': { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  authentication: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  permission: { status: 403, type: 'invalid_request_error', code: null },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  timeout: { status: 408, type: 'timeout', code: null },
  'too-large': { status: 413, type: 'invalid_request_error', code: null },
  unprocessable: { status: 422, type: 'invalid_request_error', code: null },
  'rate-limit': { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  server: { status: 500, type: 'server_error', code: null },
  'bad-gateway': { status: 502, type: 'server_error', code: null },
  unavailable: { status: 503, type: 'server_error', code: null },
  'gateway-timeout': { status: 504, type: 'server_error', code: null },
  overloaded: { status: 529, type: 'overloaded_error', code: null },
};

export const openaiErrorObject = (error: UpstreamError, message: string): JsonObject => ({
  message,
  type: ERRORS[error].type,
  param: null,
  code: ERRORS[error].code,
});

export const openaiError = (error: UpstreamError, message: string): HttpError => ({
  status: ERRORS[error].status,
  headers: {},
  body: { error: openaiErrorObject(error, message) },
});

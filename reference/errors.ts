import type { JsonObject } from '../core/json.js';

/** Error types of the protocol and the HTTP status of each. Source: https://platform.claude.com/docs/en/api/errors */
export const ERROR_STATUS = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

export type ErrorType = keyof typeof ERROR_STATUS;

/** Why the endpoint rejects a request. Steps of the pipeline return it; nothing throws because of a request. */
export interface Rejection {
  errorType: ErrorType;
  message: string;
  /** `error.details`, e.g. `{ error_code: 'file_not_downloadable' }`. */
  details?: JsonObject;
}

/** The error envelope as a body: the same in HTTP errors and in errored batch results. */
export interface ErrorBody {
  type: 'error';
  error: { type: ErrorType; message: string; details?: JsonObject };
  request_id: string | null;
}

export function reject(type: ErrorType, message: string, details?: JsonObject): Rejection {
  return details ? { errorType: type, message, details } : { errorType: type, message };
}

/** The 400 of a malformed or invalid request. */
export function invalid(message: string): Rejection {
  return reject('invalid_request_error', message);
}

export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && 'errorType' in value;
}

export function errorBody(rejection: Rejection, requestId: string | null): ErrorBody {
  const error = { type: rejection.errorType, message: rejection.message };
  return {
    type: 'error',
    error: rejection.details ? { ...error, details: rejection.details } : error,
    request_id: requestId,
  };
}

import { ERROR_STATUS, errorBody, type Rejection } from './errors.js';
import type { Reply } from './reply.js';
import type { Call } from './stages.js';
import type { Json } from './wire.js';

/** A JSON response. `endpoint.ts` adds the headers that all responses have. */
export function jsonResponse(body: unknown, call: Call, status = 200): Reply {
  const alter = call.settings.alterations.json;
  const sent = alter ? alter(body as Json, call) : body;
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) };
}

/** The error envelope with the status that belongs to its type. */
export function errorResponse(rejection: Rejection, call: Call): Reply {
  return jsonResponse(errorBody(rejection, call.requestId), call, ERROR_STATUS[rejection.errorType]);
}

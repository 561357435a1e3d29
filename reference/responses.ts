import { ERROR_STATUS, errorBody, type Rejection } from './errors.js';
import type { Call } from './stages.js';
import type { Json } from './wire.js';

/** A JSON response. `endpoint.ts` adds the headers that all responses have. */
export function jsonResponse(body: unknown, call: Call, status = 200): Response {
  const alter = call.settings.alterations.json;
  const sent = alter ? alter(body as Json, call) : body;
  return new Response(JSON.stringify(sent), { status, headers: { 'content-type': 'application/json' } });
}

/** The error envelope with the status that belongs to its type. */
export function errorResponse(rejection: Rejection, call: Call): Response {
  return jsonResponse(errorBody(rejection, call.requestId), call, ERROR_STATUS[rejection.errorType]);
}

/** What a transparent gateway does: its upstream speaks the Messages API too, so requests and answers stay as they are. */

import type { ServerResponse } from 'node:http';
import { get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { textOf, type UpstreamAnswer } from './ask.js';
import { parsed } from './http.js';
import { eventsIn } from './sse.js';
import type { ErrorAnswer, Failure, GatewayAlterations, GatewayCall } from './stages.js';
import { broken, connectionFailure, errorBody, NOT_JSON, TRUNCATED } from './upstream-errors.js';

/** Headers of a client's request that belong to the protocol. */
export const protocolHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('anthropic-')));

/** Headers of an answer that its client may need: ids, rate limits, and how long to wait. */
export const answerHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name.startsWith('anthropic-') || ['request-id', 'retry-after'].includes(name),
    ),
  );

/** An error of the upstream as it is; `null` for one that the client must not see so: a page of HTML, or the gateway's own wrong key. */
export function errorPassedOn({ kind, status, headers, body }: Failure): ErrorAnswer | null {
  if (kind !== 'http' || status === null || status === 401 || !isErrorBody(body)) return null;
  return { status, headers: answerHeaders(headers), body: body as Json };
}

const isErrorBody = (body: Json | undefined): boolean =>
  get(body, 'type') === 'error' && typeof get(body, 'error', 'type') === 'string';

/** The message, or why there is none. Never throws. */
export async function messagePassedOn(
  answer: UpstreamAnswer,
  call: GatewayCall,
  alters: GatewayAlterations,
): Promise<{ message: JsonObject } | { failure: Failure }> {
  try {
    const data = parsed(await textOf(answer));
    const received = data === undefined || alters.received === undefined ? data : alters.received(data, call);
    if (isObject(received) && received.type === 'message') return { message: received };
    return { failure: broken('invalid', 'The body of the upstream is no message.') };
  } catch (error) {
    return { failure: connectionFailure(error) };
  }
}

/** The events of a stream one by one. Never throws: a stream that breaks off ends with an error event. */
export async function* eventsPassedOn(
  answer: UpstreamAnswer,
  call: GatewayCall,
  alters: GatewayAlterations,
): AsyncGenerator<JsonObject> {
  try {
    for await (const { data } of eventsIn(alters.bytes?.(answer.body, call) ?? answer.body)) {
      const event = parsed(data);
      if (!isObject(event)) return yield errorBody(NOT_JSON, call.requestId) as JsonObject;
      const received = alters.received === undefined ? event : alters.received(event, call);
      if (isObject(received)) yield received;
      if (event.type === 'message_stop' || event.type === 'error') return;
    }
    yield errorBody(TRUNCATED, call.requestId) as JsonObject;
  } catch (error) {
    yield errorBody(connectionFailure(error), call.requestId) as JsonObject;
  }
}

/** The bytes of an answer as they come. A connection that breaks off breaks off for the client. */
export async function passBytes(
  upstream: UpstreamAnswer,
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<void> {
  const type = upstream.headers['content-type'] ?? 'application/json';
  response.writeHead(upstream.status, { ...headers, 'content-type': type });
  try {
    for await (const bytes of upstream.body) response.write(bytes);
    response.end();
  } catch {
    response.destroy();
  }
}

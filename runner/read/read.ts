/** Turns a recorded exchange into what judges look at. The same for a live run and for a report read back from disk. */

import { hasErrorEvent } from '../../core/answers.js';
import type { Exchange, ReceivedResponse, RecordedExchange, StreamReading } from '../../core/exchange.js';
import { isObject, type Json, type JsonObject } from '../../core/json.js';
import { guarded } from './guarded.js';
import { parseJson, readStream } from './sse.js';

/**
 * The judge's view of an exchange. Each part is read when it is first asked for, and once. Never throws, whatever the
 * target sent.
 */
export function readExchange(recorded: RecordedExchange): Exchange {
  const exchange = reading(recorded);
  const { lacks = [] } = recorded;
  return lacks.length === 0 ? exchange : guarded(exchange, new Set(lacks));
}

function reading(recorded: RecordedExchange): Exchange {
  const { response } = recorded;
  const header = (name: string): string | null =>
    response?.headers.find(([key]) => key === name.toLowerCase())?.[1] ?? null;
  // Not kept: the body is there already, and hardly anybody asks twice.
  const bytes = () => (response === null ? new Uint8Array() : Buffer.from(response.body, encodingOf(recorded)));
  const json = once(() => (response === null ? undefined : parseJson(textOf(response))));
  // Nothing can be said about a stream that the suite itself cut.
  const whole = recorded.failure?.kind !== 'abandoned';
  const stream = once(() => {
    if (response === null || !whole) return null;
    const content = bytes();
    if (!isStream(header('content-type'), content)) return null;
    return readStream(content, response.chunks, response.bodyEncoding === 'base64' ? undefined : response.body);
  });
  const message = once(() => messageOf(recorded, json, stream()));
  const sent = once(() => (recorded.request.body === null ? undefined : parseJson(recorded.request.body)));
  return {
    ...recorded,
    header,
    get bytes() {
      return bytes();
    },
    get json() {
      return json();
    },
    get stream() {
      return stream();
    },
    get message() {
      return message();
    },
    get sent() {
      return sent();
    },
  };
}

/** The body as text, replacement characters where it is none, without a byte order mark. */
const textOf = ({ body, bodyEncoding }: ReceivedResponse): string =>
  bodyEncoding === 'utf8' ? body.replace(/^\uFEFF/, '') : new TextDecoder().decode(Buffer.from(body, 'base64'));

const encodingOf = ({ response }: RecordedExchange): BufferEncoding =>
  response?.bodyEncoding === 'base64' ? 'base64' : 'utf8';

function once<T>(read: () => T): () => T {
  let result: { value: T } | undefined;
  return () => {
    result ??= { value: read() };
    return result.value;
  };
}

/** A body without the label of a stream is one all the same when it begins like one: the label is judged by itself. */
export function isStream(contentType: string | null, bytes: Uint8Array): boolean {
  if (/^\s*text\/event-stream\s*(;|$)/i.test(contentType ?? '')) return true;
  return /^\uFEFF?\s*(event|data|id|retry)?:/.test(
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, 64)),
  );
}

/** Whether JSON is meant as a message: an error, a completion of another API, and an object with nothing of a message are none, whatever the status. */
export function isLikeMessage(body: Json | undefined): body is JsonObject {
  if (!isObject(body) || body.type === 'error') return false;
  if ('content' in body) return true;
  if ('error' in body || 'choices' in body) return false;
  return body.type === 'message' || 'role' in body || 'stop_reason' in body;
}

/** Only the endpoint that creates messages answers with one, and half a stream is none. */
function messageOf(
  { request, response }: RecordedExchange,
  json: () => Json | undefined,
  stream: StreamReading | null,
): JsonObject | null {
  if (response === null || response.status < 200 || response.status > 299) return null;
  if (request.method !== 'POST' || !/\/messages(\?|$)/.test(request.url)) return null;
  if (stream !== null) return hasErrorEvent(stream) ? null : stream.message;
  const body = json();
  return isLikeMessage(body) ? body : null;
}

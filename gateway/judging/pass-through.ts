/** Judges of a transparent gateway: both of its sides speak the Messages API, so that they can be compared field by field. */

import type { Exchange, StreamReading } from '../../core/exchange.js';
import { asString, get, isObject, type Json, type JsonObject, quote } from '../../core/json.js';
import { EVENT_TYPES } from '../../core/protocol.js';
import type { Judge } from '../../core/requirement.js';
import { readStream } from '../../runner/read/sse.js';
import { finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import type { AnswerPair } from './answers.js';
import { callsOf, type RequestPair, whyNothing } from './pairs.js';
import { firstDifference, sameJson, shownValue } from './same-json.js';
import type { Fault } from './texts.js';

/** Says of a value at a place whether it is to be compared. `path` has the keys that lead to it. */
export type Picks = (path: readonly string[], value: Json) => boolean;

/** The whole request is the same; only the model may have another name. */
export function sameRequest({ exchange, body, ignores }: RequestPair): Fault | null {
  return difference('the request', plain(exchange.sent, ignores), plain(body, ignores));
}

/** The picked parts of the request are the same, at the same places. */
export const sameInRequest =
  (picks: Picks) =>
  ({ exchange, body, ignores }: RequestPair): Fault | null =>
    partsDifference(plain(exchange.sent, ignores), plain(body, ignores), picks);

/**
 * A request without what may differ: the model, `stream: false`, texts as a string or as one block, and fields that the contract
 * documents as ignored.
 */
function plain(body: Json | undefined, ignores: readonly string[]): JsonObject {
  if (!isObject(body)) return {};
  const { model: _model, stream, system, messages, ...rest } = body;
  return {
    ...ignores.reduce((kept, field) => withoutField(kept, field.split('.')), rest),
    ...(stream === true && { stream }),
    ...(system !== undefined && system !== null && { system: blocks(system) }),
    messages: (Array.isArray(messages) ? messages : []).map((message) =>
      isObject(message) ? { ...message, content: blocks(message.content) } : message,
    ),
  };
}

/** A field that was the only one of its object goes with the object. */
function withoutField(object: JsonObject, [name, ...inner]: readonly string[]): JsonObject {
  if (name === undefined || !Object.hasOwn(object, name)) return object;
  const { [name]: value, ...rest } = object;
  if (inner.length === 0) return rest;
  const kept = isObject(value) ? withoutField(value, inner) : value;
  return isObject(kept) && Object.keys(kept).length === 0 ? rest : { ...rest, [name]: kept };
}

function blocks(content: Json | undefined): Json {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (Array.isArray(content) ? content : []).map((block) =>
    get(block, 'type') === 'tool_result' && typeof get(block, 'content') === 'string'
      ? { ...(block as JsonObject), content: blocks(get(block, 'content')) }
      : block,
  );
}

/** The first difference between two values as a fault; `null` when there is none. */
function difference(what: string, expected: JsonObject, actual: JsonObject): Fault | null {
  const first = firstDifference(expected, actual);
  if (first === null) return null;
  const { op, keys, ...values } = first;
  const done = op === 'remove' ? 'lost' : op === 'add' ? 'added' : 'changed';
  return { message: `\`${keys.join('.')}\` of ${what} is ${done}.`, ...values };
}

function partsDifference(expected: JsonObject, actual: JsonObject, picks: Picks): Fault | null {
  for (const { path, value } of picked(expected, picks)) {
    const other = get(actual, ...path);
    if (!sameJson(value, other))
      return {
        message: `\`${path.join('.')}\` is ${other === undefined ? 'lost' : 'changed'} on its way to the upstream.`,
        expected: quote(value),
        actual: shownValue(other),
      };
  }
  return null;
}

/** Parts of a value that are picked, with their places. What is inside of a picked part is not looked at. */
function picked(value: Json, picks: Picks, path: readonly string[] = []): { path: readonly string[]; value: Json }[] {
  if (path.length > 0 && picks(path, value)) return [{ path, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : picked(one, picks, [...path, key])));
}

const streams = new WeakMap<Exchange, StreamReading | null>();

/** What the upstream streamed for an exchange; `null` when it sent no stream. */
export function streamOf(exchange: Exchange): StreamReading | null {
  let stream = streams.get(exchange);
  if (stream === undefined) {
    const response = callsOf(exchange)[0]?.response ?? null;
    const isStream = response?.headers.some(
      ([name, value]) => name === 'content-type' && value.includes('event-stream'),
    );
    stream = response !== null && isStream ? readStream(Buffer.from(response.body), []) : null;
    streams.set(exchange, stream);
  }
  return stream;
}

/** The body that the upstream sent, as JSON; `undefined` when it is none. */
export function bodyOf(exchange: Exchange): Json | undefined {
  try {
    return JSON.parse(callsOf(exchange)[0]?.response?.body ?? '') as Json;
  } catch {
    return undefined;
  }
}

/** The message of the upstream, whole or put together from its events. */
function messageOf(exchange: Exchange): JsonObject {
  const message = streamOf(exchange)?.message ?? bodyOf(exchange);
  return isObject(message) ? message : {};
}

/** The part of a message is the same at the client. */
const sameInAnswer =
  (what: string, part: (message: JsonObject) => JsonObject) =>
  ({ exchange, message }: AnswerPair): Fault | null =>
    difference(what, withoutNulls(part(messageOf(exchange))), withoutNulls(part(message)));

/** Clients read a field that is `null` like one that is not there. Where it has to be there, requirements on the client side say so. */
function withoutNulls<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === null || one === undefined ? [] : [[key, withoutNulls(one)]],
    ),
  ) as T;
}

/** Every block and every field; the gateway may have ids of its own, and its own name for the model. */
export const sameMessage = sameInAnswer('the answer', ({ id: _id, model: _model, content, ...rest }) => ({
  ...rest,
  content: (Array.isArray(content) ? content : []).map((block) =>
    isObject(block) && block.type === 'tool_use' ? { ...block, id: null } : block,
  ),
}));

const INPUT_COUNTS = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];

/** What a stream counts at its beginning: some clients take the input tokens from there. Counts of the cache may be left out there. */
export function sameStart({ exchange }: AnswerPair): Fault | null {
  const usageIn = (stream: StreamReading | null): Json | undefined =>
    get(stream?.events.find(({ type }) => type === 'message_start')?.data, 'message', 'usage');
  const expected = usageIn(streamOf(exchange));
  const actual = usageIn(exchange.stream);
  const changed = INPUT_COUNTS.find((name) => {
    const count = get(actual, name) ?? (name === 'input_tokens' ? null : get(expected, name));
    return get(expected, name) !== undefined && count !== get(expected, name);
  });
  return changed === undefined || exchange.stream === null
    ? null
    : {
        message: `\`${changed}\` in \`message_start\` differs from that of the upstream; clients that take the input tokens from there count wrong.`,
        expected: shownValue(get(expected, changed)),
        actual: shownValue(get(actual, changed)),
      };
}

/** Only fields of these names, from the top of the message. */
export const sameFields = (...names: string[]) =>
  sameInAnswer('the answer', (message) => Object.fromEntries(names.map((name) => [name, message[name]])));

/** Only blocks that pass the test, in their order. */
export const sameBlocks = (test: (block: Json) => boolean) =>
  sameInAnswer('the blocks of the answer', ({ content }) => ({
    content: (Array.isArray(content) ? content : []).filter(test),
  }));

/** The events come in the order of the upstream. Deltas may be joined or split, and pings be added. */
export function sameEvents({ exchange }: AnswerPair): Fault | null {
  const expected = outline(streamOf(exchange));
  const actual = outline(exchange.stream);
  const first = Math.max(
    expected.findIndex((label, index) => label !== actual[index]),
    expected.length < actual.length ? expected.length : -1,
  );
  if (exchange.stream === null || streamOf(exchange) === null || first === -1) return null;
  return {
    message: 'The events of the stream differ from those of the upstream.',
    expected: expected[first] ?? 'no more events',
    actual: actual[first] ?? 'no more events',
  };
}

/** Pings may come and go. */
const COMPARED: readonly string[] = EVENT_TYPES.filter((type) => type !== 'ping');

/** One label for each event; deltas of one kind and block, one after another, are one. Empty ones say nothing. */
function outline(stream: StreamReading | null): string[] {
  const labels: string[] = [];
  for (const { type, data } of stream?.events ?? []) {
    if (type === null || !COMPARED.includes(type) || isEmptyDelta(data)) continue;
    const index = get(data, 'index');
    const kind = get(data, 'delta', 'type') ?? get(data, 'content_block', 'type');
    const label = [type, index, kind].filter((part) => part !== undefined).join(' ');
    if (type !== 'content_block_delta' || label !== labels.at(-1)) labels.push(label);
  }
  return labels;
}

const isEmptyDelta = (data: Json | undefined): boolean =>
  ['text', 'thinking', 'partial_json'].some((name) => get(data, 'delta', name) === '');

/** The events that the upstream sent and no client has to know. */
export function unknownEvents({ exchange }: AnswerPair): Fault | null {
  const unknownIn = (stream: StreamReading | null): JsonObject[] =>
    (stream?.events ?? []).flatMap(({ type, data }) =>
      type === null || (EVENT_TYPES as readonly string[]).includes(type) || !isObject(data) ? [] : [data],
    );
  const arrived = unknownIn(exchange.stream);
  for (const event of unknownIn(streamOf(exchange))) {
    const other = arrived.find(({ type }) => type === event.type);
    if (other === undefined)
      return {
        message: 'An event that the gateway does not know is dropped.',
        expected: String(event.type),
        actual: 'not there',
      };
    const fault = difference(`the event ${String(event.type)}`, event, other);
    if (fault !== null) return fault;
  }
  return null;
}

/** At least one ping of the upstream comes through, or something else that shows life. */
export function pinged({ exchange }: AnswerPair): Fault | null {
  const isSigned = exchange.stream?.events.some(({ type }) => type === 'ping');
  return isSigned || exchange.stream?.frames.some(({ comments }) => comments.length > 0)
    ? null
    : {
        message: 'Pings of the upstream are dropped; clients that wait for a sign of life give up.',
        expected: 'a ping or a comment',
        actual: 'none',
      };
}

/** Headers of the upstream's answers with this beginning reach the client. */
export const sameHeaders =
  (start: string): Judge =>
  (evidence) => {
    const answered = evidence.own.filter(
      (exchange) => exchange.response !== null && (callsOf(exchange)[0]?.response ?? null) !== null,
    );
    if (answered.length === 0) return notObserved(whyNothing(evidence));
    return verdictOf(
      answered.flatMap((exchange) => {
        const { headers } = callsOf(exchange)[0]!.response!;
        const lost = headers.find(([name, value]) => name.startsWith(start) && exchange.header(name) !== value);
        if (lost === undefined) return [];
        const [name, value] = lost;
        const done = exchange.header(name) === null ? 'lost' : 'changed';
        return [
          finding(
            exchange,
            `The header ${name} of the upstream is ${done}; clients cannot see what is left of their limits.`,
            `${name}: ${value}`,
            exchange.header(name) ?? 'no such header',
          ),
        ];
      }),
      true,
    );
  };

/**
 * The error of the upstream as it is: status, type, and its message, to which the gateway may add. One in a stream has no status; where
 * nothing came before it, the gateway may give it one.
 */
export function sameError(exchange: Exchange): Fault | null {
  const response = callsOf(exchange)[0]?.response ?? null;
  const body = bodyOf(exchange);
  const sent = get(body ?? errorEventIn(streamOf(exchange)), 'error');
  if (response === null || !isObject(sent)) return null;
  const got = get(exchange.json ?? errorEventIn(exchange.stream), 'error');
  const isSame =
    (body === undefined || exchange.response?.status === response.status) &&
    get(got, 'type') === sent.type &&
    asString(get(got, 'message')).includes(asString(sent.message));
  const shown = (status: number | undefined, one: Json | undefined): string =>
    `HTTP ${status ?? '?'} ${asString(get(one, 'type'))}: ${asString(get(one, 'message'))}`;
  return isSame
    ? null
    : {
        message: 'An error of the upstream reaches the client changed, although both sides speak the same API.',
        expected: shown(response.status, sent),
        actual: shown(exchange.response?.status, got),
      };
}

const errorEventIn = (stream: StreamReading | null): Json | undefined =>
  stream?.events.find(({ type }) => type === 'error')?.data;

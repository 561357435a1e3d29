/** Turns a fixture's data into the requests that are sent: model, earlier answers, credential, version. */

import type { Exchange, SentRequest } from '../../core/exchange.js';
import type { Credential, Fixture, Turn } from '../../core/fixture.js';
import type { Json, JsonObject } from '../../core/json.js';
import { readPointer } from '../../core/pointer.js';
import type { Transport } from '../../core/protocol.js';
import { isWithin } from './address.js';
import { readAsset } from './assets.js';
import type { Outgoing } from './network.js';
import { shownHeaders } from './secrets.js';
import { padded, transferHeaders } from './sending.js';

/** The endpoint under test. */
export interface Target {
  /** Without a trailing slash, and without `/v1`. */
  baseUrl: string;
  apiKey: string | null;
  /** Name of the variable that holds the key; it stands for the key wherever a request is shown. */
  apiKeyVariable: string;
  /** The key stands in the source of this package and needs no masking. */
  isKeyPublic?: boolean;
  model: string;
  /** Sent with every request to the target. Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Variable names that reports show instead of the values of `headers`. Default: derived from the header names. */
  headerVariables?: Readonly<Record<string, string>>;
  /** Header that carries the key unless a fixture says otherwise. */
  credential: 'x-api-key' | 'bearer';
  apiVersion: string;
}

/** A key that no server knows, well-formed enough to be read as one. */
export const INVALID_KEY = 'sk-conformance-invalid-0000000000000000';

/** A request cannot be built from what the earlier turns brought. */
export class NotSetUp extends Error {}

export interface Built {
  outgoing: Outgoing;
  /** As it is shown: no credential. */
  sent: SentRequest;
  body: JsonObject | undefined;
  /** The URL came from a response and is not below the base URL. It gets no credential, and is only requested if the user wants it. */
  foreign: boolean;
}

/** Throws `NotSetUp` when an earlier answer lacks what this turn needs, `UsageError` when an asset cannot be read. */
export function buildRequest(
  target: Target,
  fixture: Fixture,
  turn: Turn,
  transport: Transport,
  earlier: readonly Exchange[],
): Built {
  const fill = (text: string): string => fillPlaceholders(text, target.model, earlier);
  const url = buildUrl(target, turn.path ?? fixture.path, turn.query ?? fixture.query, earlier);
  const foreign = !isWithin(url, target.baseUrl);
  const { content, shown: text, type, body } = buildBody(turn, transport, fill, earlier);
  const withOwn = (own: Readonly<Record<string, string>>): Record<string, string | readonly string[]> => ({
    accept: 'application/json',
    'user-agent': 'messages-conformance',
    ...(type === null ? {} : { 'content-type': type }),
    ...(fixture.apiVersion === null
      ? {}
      : { 'anthropic-version': fixture.apiVersion === 'default' ? target.apiVersion : fixture.apiVersion }),
    // They may hold credentials of their own.
    ...(foreign ? {} : own),
    ...fixture.headers,
  });
  const credential = turn.credential ?? fixture.credential;
  const key = foreign ? {} : credentialHeaders(credential, target, target.apiKey);
  const shown = foreign
    ? {}
    : credentialHeaders(credential, target, target.apiKey === null ? null : `$${target.apiKeyVariable}`);
  const method = turn.method ?? fixture.method;
  return {
    outgoing: {
      method,
      url,
      base: target.baseUrl,
      headers: { ...withOwn(target.headers), ...key },
      body: fixture.sending === undefined || typeof content !== 'string' ? content : padded(content, fixture.sending),
      stream: transport === 'stream',
      ...(fixture.sending !== undefined && { sending: fixture.sending }),
      ...(turn.abortAfter === 'first-delta' && { abortAfter: turn.abortAfter }),
    },
    sent: {
      method,
      url,
      headers: { ...joined(withOwn(shownHeaders(target))), ...transferHeaders(fixture.sending ?? {}), ...shown },
      body: text,
    },
    body,
    foreign,
  };
}

/**
 * What an earlier answer gave stands for an address when the path begins with it, and for one part of the path or of the
 * query, escaped, everywhere else: ids of models hold slashes and colons.
 */
function buildUrl(target: Target, path: string, query: string, earlier: readonly Exchange[]): string {
  const fill = (text: string, as: (value: string) => string) => fillPlaceholders(text, target.model, earlier, as);
  const [, address = '', rest = ''] = /^(\{\{[^}]*\}\})?(.*)$/s.exec(path)!;
  const start = fill(address, (value) => value) + fill(rest, escaped);
  const asked = query === '' ? '' : `?${fill(query, escaped)}`;
  const isAddress = /^https?:\/\//i.test(start);
  const url = `${isAddress ? '' : target.baseUrl}${start}${asked}`;
  if ((!isAddress && !start.startsWith('/')) || !URL.canParse(url))
    throw new NotSetUp(`${JSON.stringify(start)}, which an earlier turn answered with, is no address`);
  return url;
}

/** A part of a path or of a query. What an answer gave may be no text at all: half a surrogate pair has no bytes. */
function escaped(value: string): string {
  try {
    // `encodeURIComponent` keeps dots, and `..` would leave the path.
    if (value !== '.' && value !== '..') return encodeURIComponent(value);
    throw new URIError();
  } catch {
    throw new NotSetUp(
      `${JSON.stringify(value.slice(0, 80))}, which an earlier turn answered with, is no part of an address`,
    );
  }
}

/** Header lines of one name as one line, which means the same (RFC 9110, 5.3). */
const joined = (headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]),
  );

function buildBody(turn: Turn, transport: Transport, fill: (text: string) => string, earlier: readonly Exchange[]) {
  const asIs = (content: string | null, type: string | null, body?: JsonObject) => ({
    content,
    shown: content,
    type,
    body,
  });
  if (turn.rawBody !== undefined) return asIs(fill(turn.rawBody), 'application/json');
  if (turn.multipart !== undefined) return { ...multipart(turn.multipart, fill), body: undefined };
  if (turn.body === undefined) return asIs(null, null);
  const filled = fillBody(turn.body, fill, earlier) as JsonObject;
  const body = transport === 'stream' && !Object.hasOwn(filled, 'stream') ? { ...filled, stream: true } : filled;
  return asIs(JSON.stringify(body), 'application/json', body);
}

/** Where a request carries its key, in words. */
export const CREDENTIAL_PLACES = {
  'x-api-key': 'in x-api-key',
  bearer: 'as a bearer token in authorization',
} as const;

/** Headers that identify a request. Without a key nothing is sent, except where a fixture is about the header itself. */
export function credentialHeaders(
  credential: Credential,
  target: Pick<Target, 'credential'>,
  key: string | null,
): Record<string, string> {
  const apiKey = { 'x-api-key': key ?? '' };
  const bearer = { authorization: `Bearer ${key ?? ''}` };
  if (credential === 'none') return {};
  if (credential === 'invalid')
    return target.credential === 'bearer' ? { authorization: `Bearer ${INVALID_KEY}` } : { 'x-api-key': INVALID_KEY };
  if (key === null) return {};
  if (credential === 'both') return { ...apiKey, ...bearer };
  return (credential === 'default' ? target.credential : credential) === 'bearer' ? bearer : apiKey;
}

function fillPlaceholders(
  text: string,
  model: string,
  earlier: readonly Exchange[],
  as: (value: string) => string = (value) => value,
): string {
  return text.replace(
    /\{\{(model|(\d{1,3})(\/[^{}]*))\}\}/g,
    (_match, name: string, turn?: string, pointer?: string) => {
      if (name === 'model') return as(model);
      const answer = earlier[Number(turn) - 1];
      // A stream has no body of its own, only the message that its events add up to.
      const value = readPointer(answer?.json ?? answer?.message, pointer ?? '');
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw new NotSetUp(`turn ${turn} did not answer with ${pointer}, which this request is built from`);
      }
      return as(String(value));
    },
  );
}

/** Whether a request holds parts of earlier answers. */
export function restsOnAnswers({ body, path }: Turn): boolean {
  return /"\$(answer|results)":|\{\{\d+\//.test(`${JSON.stringify(body)} ${path}`);
}

function fillBody(
  value: Json | undefined,
  fill: (text: string) => string,
  earlier: readonly Exchange[],
): Json | undefined {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((item) => fillBody(item, fill, earlier) as Json);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.hasOwn(value, '$repeat')) {
    const { $repeat, times, before = '', after = '' } = value;
    return `${fill(String(before))}${fill(String($repeat)).repeat(Number(times))}${fill(String(after))}`;
  }
  if (Object.hasOwn(value, '$asset')) return readAsset(String(value.$asset)).toString('base64');
  if (Object.hasOwn(value, '$answer'))
    return { role: 'assistant', content: answerOf(earlier, value.$answer).content ?? null };
  if (Object.hasOwn(value, '$results'))
    return { role: 'user', content: results(answerOf(earlier, value.$results), value, fill, earlier) };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillBody(item, fill, earlier)]));
}

function answerOf(earlier: readonly Exchange[], turn: Json | undefined): JsonObject {
  const message = earlier[Number(turn) - 1]?.message;
  if (message === undefined || message === null || !Array.isArray(message.content)) {
    throw new NotSetUp(`turn ${String(turn)} was not answered with a message, which this request is built from`);
  }
  return message;
}

/** One tool_result for each call of an answer; other keys beside `$results` go into each result. */
function results(
  message: JsonObject,
  template: JsonObject,
  fill: (text: string) => string,
  earlier: readonly Exchange[],
): Json[] {
  const calls = (message.content as Json[]).filter(
    (block): block is JsonObject => (block as JsonObject | null)?.type === 'tool_use',
  );
  if (calls.length === 0)
    throw new NotSetUp(
      `the answer of turn ${String(template.$results)} holds no tool call, which this request is built from`,
    );
  const { $results: _turn, ...rest } = template;
  return calls.map((call) => ({
    type: 'tool_result',
    tool_use_id: call.id ?? null,
    ...(fillBody(rest, fill, earlier) as JsonObject),
  }));
}

/** A form, and its fields as `curl -F` takes them, a line each: the bytes have a boundary that differs from run to run. */
function multipart(fields: NonNullable<Turn['multipart']>, fill: (text: string) => string) {
  const form = new FormData();
  const shown = Object.entries(fields).map(([name, field]) => {
    if (typeof field === 'string') {
      form.append(name, fill(field));
      return `${name}=${fill(field)}`;
    }
    const { filename, type, asset, text = '' } = field;
    form.append(name, new File([asset === undefined ? text : new Uint8Array(readAsset(asset))], filename, { type }));
    return `${name}=@${filename};type=${type}`;
  });
  return { content: form, shown: shown.join('\n'), type: 'multipart/form-data' };
}

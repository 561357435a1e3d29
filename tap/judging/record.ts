/** Makes the record of an exchange that somebody else's client had: secrets masked, the request checked, in the form of a report. */

import type {
  Chunk,
  Failure,
  ReceivedResponse,
  RecordedExchange,
  RecordPart,
  RequestViolation,
} from '../../core/exchange.js';
import { get, isObject, type Json } from '../../core/json.js';
import { foreignViolations } from '../../reference/foreign-request.js';
import { type Dialect, resolveSettings } from '../../reference/options.js';
import type { Contract } from '../../runner/contract/contracts.js';
import { OBSERVED } from '../../runner/plan/observed.js';
import { isStream } from '../../runner/read/read.js';
import { parseJson } from '../../runner/read/sse.js';
import { endpointOptions } from '../../runner/run/embedded.js';
import { notTooDeep } from '../../runner/send/body.js';
import { withoutIdentity } from '../../runner/send/identity.js';
import { MAX_DEPTH, tooDeepAt } from '../../runner/send/nesting.js';
import { encode } from '../../runner/send/network.js';
import type { HeaderLines } from '../raw-exchange.js';
import { headerIn } from './decode.js';
import type { PassingSecrets } from './secrets.js';

/** An exchange as a tap or a file shows it, with its bodies decoded. */
export interface Found {
  id: string;
  /** Milliseconds after the first exchange of the record; absent when it is not known. */
  startedMs?: number;
  request: {
    method: string;
    url: string;
    headers: HeaderLines;
    /** `null` without one. */
    body: Uint8Array | null;
    /** Whether `body` is all of it. */
    isWhole: boolean;
  };
  response: null | {
    status: number;
    headers: HeaderLines;
    body: Uint8Array;
    chunks: readonly Chunk[];
    headersMs: number;
    endMs: number;
  };
  failure: Failure | null;
  lacks: readonly RecordPart[];
}

/** What all exchanges of a record have in common. */
export interface Recording {
  secrets: PassingSecrets;
  dialect: Dialect;
}

/** The dialect by which requests are checked: where the contract leaves a choice to the model, both ways are fine. */
export const dialectOf = (contract: Contract): Dialect => resolveSettings(endpointOptions(contract)).dialect;

/** Longest body of a request that is kept, in bytes. */
const MAX_KEPT_REQUEST = 4 * 1024 * 1024;

export function recordOf(found: Found, { secrets, dialect }: Recording): RecordedExchange {
  const { request, response, failure, lacks } = found;
  secrets.learn([...request.headers, ...(response?.headers ?? [])], request.url);
  const text = textOf(found);
  const sent = text === null ? undefined : parseJson(text);
  const received = response === null ? null : responseOf(response, failure, secrets);
  const checked = lacks.includes('request') || sent === undefined ? null : check(request, sent, dialect);
  const asksForStream = get(sent, 'stream') === true;
  const isStreamed =
    received !== null && isStream(headerIn(received.response.headers, 'content-type'), bytesOf(received.response));
  return {
    id: found.id,
    fixture: OBSERVED.id,
    transport: asksForStream || isStreamed ? 'stream' : 'json',
    turn: 1,
    attempt: 1,
    apiVersion: headerIn(request.headers, 'anthropic-version'),
    ...(found.startedMs === undefined ? {} : { startedMs: found.startedMs }),
    request: {
      method: request.method,
      url: secrets.url(request.url),
      headers: secrets.shown(request.headers),
      body: text === null ? null : secrets.redact.body(withoutUser(text, sent)),
    },
    response: received?.response ?? null,
    failure: received?.failure ?? failure,
    ...(lacks.length === 0 ? {} : { lacks }),
    ...(checked === null
      ? {}
      : { violations: checked.map(({ rule, message }) => ({ rule, message: secrets.redact(message) })) }),
  };
}

/** The body of the request as text; a note in its place when it is none, or too long to keep. */
function textOf({ request: { body, isWhole, headers } }: Found): string | null {
  if (body === null || (body.length === 0 && isWhole)) return null;
  if (!isWhole || body.length > MAX_KEPT_REQUEST) return `(a body of more than ${MAX_KEPT_REQUEST} bytes, not kept)`;
  if (tooDeepAt(body) !== null) return `(JSON nested deeper than ${MAX_DEPTH} levels, not kept)`;
  const { body: text, bodyEncoding } = encode(body);
  if (/^multipart\//i.test(headerIn(headers, 'content-type') ?? '') || bodyEncoding === 'base64')
    return `(${body.length} bytes, not text)`;
  return text;
}

function check(request: Found['request'], body: Json, dialect: Dialect): RequestViolation[] | null {
  if (request.method !== 'POST' || !isObject(body)) return null;
  return foreignViolations(
    {
      path: request.url.replace(/[?#].*$/s, ''),
      version: headerIn(request.headers, 'anthropic-version'),
      betas: request.headers
        .filter(([name]) => name.toLowerCase() === 'anthropic-beta')
        .flatMap(([, value]) => value.split(','))
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      body,
    },
    dialect,
  );
}

function responseOf(
  { status, headers, body, chunks, headersMs, endMs }: NonNullable<Found['response']>,
  failure: Failure | null,
  secrets: PassingSecrets,
): { response: ReceivedResponse; failure: Failure | null } {
  const lines = headers.map(([name, value]) => [name.toLowerCase(), secrets.redact(value)] as const);
  const read = notTooDeep(body, lines, failure);
  const plain = withoutIdentity({ status, headers: lines, ...encode(read.body), chunks, headersMs, endMs });
  const masked =
    plain.bodyEncoding === 'utf8'
      ? secrets.redact.body(plain.body)
      : Buffer.from(secrets.redact.body(Buffer.from(plain.body, 'base64').toString('latin1')), 'latin1').toString(
          'base64',
        );
  return { response: { ...plain, body: masked }, failure: read.failure };
}

const bytesOf = ({ body, bodyEncoding }: ReceivedResponse): Uint8Array =>
  Buffer.from(body.slice(0, 1024), bodyEncoding === 'base64' ? 'base64' : 'utf8');

/** Clients put ids of the account into `metadata.user_id`. Nothing depends on its value. */
function withoutUser(text: string, sent: Json | undefined): string {
  const user = get(sent, 'metadata', 'user_id');
  if (typeof user !== 'string' || user === '') return text;
  return text.replaceAll(JSON.stringify(user), JSON.stringify('*'.repeat(user.length)));
}

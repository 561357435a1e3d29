/**
 * One HTTP request and everything that came back. The only code that touches the network. It never throws for what a
 * target does: whatever ends an exchange early becomes a `Failure`, and what had arrived by then is kept.
 */

import { createBrotliDecompress, createGunzip, createInflate, type Gunzip } from 'node:zlib';
import { Agent, request } from 'undici';
import type { Failure, FailureKind, ReceivedResponse } from '../../core/exchange.js';
import { isStream } from '../read/read.js';
import { type Allowance, BoundedBody, RUN_ALLOWANCE } from './bounded-body.js';
import { MAX_DEPTH, streamTooDeepAt, tooDeepAt } from './nesting.js';

/** Bounds of one exchange. */
export interface Bounds {
  /** Whole exchange, in milliseconds. */
  timeoutMs: number;
  /** Body after content-encoding is undone. */
  maxBytes: number;
  /** What is left for all answers of the run together; it is drawn from. */
  allowance?: Allowance;
  /** How long a connection may stay open after message_stop before it is cut, in milliseconds. */
  lingerMs: number;
  /** The clock that says when bytes arrive, in milliseconds; the process's own by default. */
  now?: () => number;
}

export interface Outgoing {
  method: string;
  url: string;
  /** A list stands for header lines of one name. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  body: string | Uint8Array | null;
  /** Expect an event stream: the exchange is over soon after its last event. */
  stream: boolean;
  /** Hang up there. */
  abortAfter?: 'first-delta';
}

export interface Received {
  response: ReceivedResponse | null;
  failure: Failure | null;
}

/** A pool of connections, closed with `close()`. */
export interface Network {
  send(outgoing: Outgoing, bounds: Bounds, signal?: AbortSignal): Promise<Received>;
  close(): Promise<void>;
}

const MAX_REDIRECTS = 3;
const MESSAGE_STOP = Buffer.from('"message_stop"');
const DELTA = Buffer.from('"content_block_delta"');

export function openNetwork(connections: number): Network {
  const agent = new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    maxHeaderSize: 64 * 1024,
    allowH2: false,
  });
  return {
    send: (outgoing, bounds, signal) => follow(agent, outgoing, bounds, signal),
    close: () => agent.destroy(),
  };
}

async function follow(
  agent: Agent,
  outgoing: Outgoing,
  bounds: Bounds,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const origin = new URL(outgoing.url).origin;
  let next = outgoing;
  for (let hop = 0; ; hop += 1) {
    const received = await once(agent, next, bounds, signal);
    const location = received.response?.headers.find(([name]) => name === 'location')?.[1];
    if (
      received.response === null ||
      location === undefined ||
      ![301, 302, 303, 307, 308].includes(received.response.status)
    ) {
      return received;
    }
    const failure = (message: string): Received => ({ ...received, failure: { kind: 'redirect', message } });
    const target = URL.canParse(location, next.url) ? new URL(location, next.url) : null;
    if (target === null) return failure(`redirected to something that is no address: ${printable(location)}`);
    if (target.origin !== origin)
      return failure(
        `redirected to another origin, ${target.origin}; not followed, so that the credential stays with ${origin}`,
      );
    if (hop === MAX_REDIRECTS) return failure(`redirected more than ${MAX_REDIRECTS} times`);
    next = { ...next, url: target.href };
  }
}

async function once(
  agent: Agent,
  outgoing: Outgoing,
  bounds: Bounds,
  outer: AbortSignal | undefined,
): Promise<Received> {
  const now = bounds.now ?? (() => performance.now());
  const started = now();
  const elapsed = () => Math.round((now() - started) * 100) / 100;
  const abort = new AbortController();
  const overtime = setTimeout(() => abort.abort(), bounds.timeoutMs);
  const stop = () => abort.abort();
  outer?.addEventListener('abort', stop, { once: true });
  try {
    const answer = await request(outgoing.url, {
      dispatcher: agent,
      method: outgoing.method as 'POST',
      headers: outgoing.headers as Record<string, string | string[]>,
      body: outgoing.body,
      signal: abort.signal,
      headersTimeout: bounds.timeoutMs,
      bodyTimeout: bounds.timeoutMs,
      responseHeaders: 'raw',
    });
    const headers = pairs(answer.headers as unknown as string[]);
    const head = { status: answer.statusCode, headers, headersMs: elapsed() };
    const intake = new BoundedBody(bounds.maxBytes, bounds.allowance ?? { ...RUN_ALLOWANCE });
    const ended = await readBody(answer.body, headers, intake, { outgoing, bounds, elapsed, abort, outer });
    const endMs = elapsed();
    const { body, failure } = notTooDeep(intake.body(), headers, ended);
    return { response: { ...head, ...encode(body), chunks: intake.chunks, endMs }, failure };
  } catch (error) {
    return { response: null, failure: describe(error, elapsed(), bounds, outer?.aborted ?? false) };
  } finally {
    clearTimeout(overtime);
    outer?.removeEventListener('abort', stop);
  }
}

interface Reading {
  outgoing: Outgoing;
  bounds: Bounds;
  elapsed: () => number;
  abort: AbortController;
  outer: AbortSignal | undefined;
}

/** Why the body did not come to its end, `null` when it did. What had come by then is in the intake. */
async function readBody(
  source: NodeJS.ReadableStream,
  headers: ReceivedResponse['headers'],
  intake: BoundedBody,
  reading: Reading,
): Promise<Failure | null> {
  const { outgoing, bounds, elapsed, abort, outer } = reading;
  let tail = Buffer.alloc(0);
  let linger: NodeJS.Timeout | undefined;
  let lingered = false;
  const encoding = headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  const decoder = decoderFor(encoding);
  if (decoder === 'unknown') {
    abort.abort();
    return { kind: 'encoding', message: `content-encoding ${printable(encoding)} was not offered` };
  }
  const bytes = decoder === null ? source : source.pipe(decoder);
  if (decoder !== null) source.on('error', (error) => decoder.destroy(error));
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const stopped = intake.take(chunk, elapsed());
      if (stopped !== null) {
        abort.abort();
        return { kind: 'too-large', message: stopped };
      }
      if (outgoing.stream && linger === undefined) {
        const seen = Buffer.concat([tail, chunk]);
        if (outgoing.abortAfter === 'first-delta' && seen.includes(DELTA)) {
          abort.abort();
          return {
            kind: 'abandoned',
            message: 'the connection was cut after the first delta, as a client may do',
          };
        }
        if (seen.includes(MESSAGE_STOP)) {
          linger = setTimeout(() => {
            lingered = true;
            abort.abort();
          }, bounds.lingerMs);
        }
        tail = Buffer.from(seen.subarray(-DELTA.length));
      }
    }
    return null;
  } catch (error) {
    if (lingered) {
      return {
        kind: 'timeout-body',
        message: `the connection was still open ${bounds.lingerMs} ms after message_stop`,
      };
    }
    if (decoder !== null && isDecodingError(error)) {
      return {
        kind: 'encoding',
        message: `the body is not ${encoding}, as content-encoding says: ${oneLine(error)}`,
      };
    }
    const failure = describe(error, elapsed(), bounds, outer?.aborted ?? false);
    return failure.kind === 'timeout-headers'
      ? { ...failure, kind: 'timeout-body', message: `no end of the body within ${bounds.timeoutMs / 1000} s` }
      : failure;
  } finally {
    clearTimeout(linger);
  }
}

/** Cuts a body where its JSON is nested too deeply: nothing behind that place is read by anybody. */
function notTooDeep(
  body: Uint8Array,
  headers: ReceivedResponse['headers'],
  failure: Failure | null,
): { body: Uint8Array; failure: Failure | null } {
  const isOne = isStream(headerOf(headers, 'content-type'), body);
  const at = isOne ? streamTooDeepAt(body) : tooDeepAt(body);
  if (at === null) return { body: failure === null ? body : wholeCharacters(body), failure };
  const message = `JSON in the body is nested deeper than ${MAX_DEPTH} levels; reading stopped there`;
  return { body: body.subarray(0, at), failure: { kind: 'too-large', message } };
}

/** A body that broke off, without the part of a character at its end: half a character is not a wrong one. */
function wholeCharacters(body: Uint8Array): Uint8Array {
  const last = body.subarray(-3).findLastIndex((byte) => byte >= 0xc0);
  if (last === -1) return body;
  const start = Math.max(0, body.length - 3) + last;
  const first = body[start]!;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const isPart = start + length > body.length && body.subarray(start + 1).every((byte) => (byte & 0xc0) === 0x80);
  return isPart ? body.subarray(0, start) : body;
}

const headerOf = (headers: ReceivedResponse['headers'], name: string): string | null =>
  headers.find(([key]) => key === name)?.[1] ?? null;

function decoderFor(encoding: string): Gunzip | ReturnType<typeof createInflate> | null | 'unknown' {
  if (encoding === '' || encoding === 'identity') return null;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress() as unknown as Gunzip;
  return 'unknown';
}

const isDecodingError = (error: unknown): boolean => /^(Z_|ERR_BROTLI|ERR__ERROR)/.test(codeOf(error));

function pairs(raw: readonly (string | Buffer)[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers.push([latin1(raw[index]!).toLowerCase(), latin1(raw[index + 1]!)]);
  }
  return headers;
}

const latin1 = (value: string | Buffer): string => (typeof value === 'string' ? value : value.toString('latin1'));

/** Bytes as text where they are valid UTF-8, otherwise as base64. A byte order mark is kept. */
export function encode(bytes: Uint8Array): Pick<ReceivedResponse, 'body' | 'bodyEncoding'> {
  try {
    return { body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), bodyEncoding: 'utf8' };
  } catch {
    return { body: Buffer.from(bytes).toString('base64'), bodyEncoding: 'base64' };
  }
}

const UNREACHABLE =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/;
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH|ERR_OSSL)/;

function describe(error: unknown, atMs: number, bounds: Bounds, interrupted: boolean): Failure {
  const code = codeOf(error);
  const failure = (kind: FailureKind, message: string): Failure => ({ kind, message });
  if (interrupted) return failure('unreachable', 'the run was interrupted');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failure('unreachable', `the host name cannot be resolved (${code})`);
  if (code === 'ECONNREFUSED') return failure('unreachable', 'the connection was refused (ECONNREFUSED)');
  if (UNREACHABLE.test(code)) return failure('unreachable', `no connection: ${oneLine(error)} (${code})`);
  if (TLS.test(code)) return failure('unreachable', `TLS: ${oneLine(error)} (${code})`);
  if (code.startsWith('HPE_') || (error as Error).name === 'HTTPParserError')
    return failure('protocol', `not HTTP: ${oneLine(error)}`);
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return failure('protocol', 'the body is not as long as content-length says');
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return failure('protocol', 'the header block is longer than 64 KiB');
  if (
    (error as Error).name === 'AbortError' ||
    code === 'UND_ERR_ABORTED' ||
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT'
  ) {
    return failure('timeout-headers', `no answer within ${bounds.timeoutMs / 1000} s`);
  }
  return failure(
    'reset',
    `the connection ended early after ${Math.round(atMs)} ms: ${oneLine(error)}${code === '' ? '' : ` (${code})`}`,
  );
}

function codeOf(error: unknown): string {
  let current = error as { code?: unknown; cause?: unknown; errors?: unknown[] } | undefined;
  for (let depth = 0; depth < 5 && current !== undefined && current !== null; depth += 1) {
    if (typeof current.code === 'string') return current.code;
    current = (current.errors?.[0] ?? current.cause) as typeof current;
  }
  return '';
}

function oneLine(error: unknown): string {
  const nested = (error as { errors?: Error[]; cause?: Error; message?: string }) ?? {};
  const message = nested.errors?.[0]?.message ?? nested.message ?? String(error);
  return printable(message.split('\n')[0] ?? '');
}

/** A text on one line, without control characters, at most 200 characters. */
export function printable(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 200);
}

/**
 * A target without a socket: a function that answers requests in this process. What travels is what the web's own `Request`
 * and `Response` know; what HTTP adds on a connection (chunks, trailers, connections that are kept) is not there.
 */

import { pipeline, Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Failure } from '../../core/exchange.js';
import { isStream } from '../read/read.js';
import { isWithin } from './address.js';
import { BoundedBody, RUN_ALLOWANCE } from './bounded-body.js';
import { MAX_DEPTH, streamTooDeepAt, tooDeepAt } from './nesting.js';
import { type Bounds, encode, type Outgoing, type Received } from './network.js';

/**
 * Answers one request: the `fetch` of a Hono, Bun or Deno server, or of the reference endpoint. The body comes as it would
 * travel: encoded where `content-encoding` says so.
 */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

const MAX_REDIRECTS = 3;

/**
 * A network that hands every request to this function. A function that throws is a connection that breaks off. Requests of
 * the same moment arrive one after another, as they do at a socket: the second finds the first at work.
 */
export function inProcessNetwork(fetch: FetchHandler) {
  let arrival = Promise.resolve();
  const network = {
    async send(outgoing: Outgoing, bounds: Bounds, signal?: AbortSignal): Promise<Received> {
      arrival = arrival.then(() => new Promise((resolve) => void setImmediate(resolve)));
      await arrival;
      return follow(fetch, outgoing, bounds, signal);
    },
    single: () => network,
    close: async () => {},
  };
  return network;
}

async function follow(fetch: FetchHandler, outgoing: Outgoing, bounds: Bounds, outer?: AbortSignal): Promise<Received> {
  const { origin } = new URL(outgoing.url);
  let next = outgoing;
  for (let hop = 0; ; hop += 1) {
    const received = await once(fetch, next, bounds, outer);
    const { response } = received;
    const location = response?.headers.find(([name]) => name === 'location')?.[1] ?? '';
    if (response === null || ![301, 302, 303, 307, 308].includes(response.status) || location === '') return received;
    const url = URL.canParse(location, next.url) ? new URL(location, next.url) : null;
    if (url === null || !isWithin(url.href, outgoing.base ?? origin) || hop === MAX_REDIRECTS) {
      const to = url?.origin ?? 'something that is no address';
      return { response, failure: { kind: 'redirect', message: `redirected to ${to}, which is not followed` } };
    }
    next = { ...next, url: url.href };
  }
}

async function once(fetch: FetchHandler, outgoing: Outgoing, bounds: Bounds, outer?: AbortSignal): Promise<Received> {
  const now = bounds.now ?? (() => performance.now());
  const started = now();
  const elapsed = () => Math.round((now() - started) * 100) / 100;
  const abort = new AbortController();
  const ended = (kind: Failure['kind'], message: string) => abort.abort(new Ended({ kind, message }));
  const seconds = bounds.timeoutMs / 1000;
  const overtime = setTimeout(() => ended('timeout-headers', `no answer within ${seconds} s`), bounds.timeoutMs);
  const stop = () => ended('unreachable', 'the run was interrupted');
  outer?.addEventListener('abort', stop, { once: true });
  try {
    const answer = await orAborted(answerOf(fetch, asRequest(outgoing, abort.signal)), abort.signal);
    const headers = [...answer.headers];
    const head = { status: answer.status, headers, headersMs: elapsed() };
    const intake = new BoundedBody(bounds.maxBytes, bounds.allowance ?? { ...RUN_ALLOWANCE });
    const failure = await read(answer, outgoing, intake, { bounds, elapsed, abort, ended });
    const endMs = elapsed();
    const late = failure?.kind === 'timeout-headers' ? { ...failure, kind: 'timeout-body' as const } : failure;
    const { body, failure: deep } = notTooDeep(intake.body(), answer.headers.get('content-type'));
    return { response: { ...head, ...encode(body), chunks: intake.chunks, endMs }, failure: deep ?? late };
  } catch (error) {
    return { response: null, failure: failureOf(abort.signal.aborted ? abort.signal.reason : error) };
  } finally {
    clearTimeout(overtime);
    outer?.removeEventListener('abort', stop);
  }
}

/** What the suite itself ended an exchange for. */
class Ended extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Ended) return error.failure;
  const text = error instanceof Error ? error.message : String(error);
  return { kind: 'reset', message: `the answer ended early: ${text.replace(/\s+/g, ' ').slice(0, 200)}` };
}

interface Reading {
  bounds: Bounds;
  elapsed: () => number;
  abort: AbortController;
  ended: (kind: Failure['kind'], message: string) => void;
}

/** Why the body did not come to its end, `null` when it did. */
async function read(
  answer: Response,
  outgoing: Outgoing,
  intake: BoundedBody,
  { bounds, elapsed, abort, ended }: Reading,
): Promise<Failure | null> {
  if (answer.body === null || outgoing.method === 'HEAD') return null;
  const coding = answer.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  const decoder = DECODERS[coding]?.();
  if (decoder === undefined && coding !== 'identity' && coding !== '') {
    return { kind: 'encoding', message: `content-encoding ${coding.slice(0, 80)} was not offered` };
  }
  const source = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>, { signal: abort.signal });
  const bytes = decoder === undefined ? source : pipeline(source, decoder, () => {});
  let linger: NodeJS.Timeout | undefined;
  let tail = '';
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const tooLarge = intake.take(chunk, elapsed());
      if (tooLarge !== null) ended('too-large', tooLarge);
      const seen = tail + Buffer.from(chunk).toString('latin1');
      if (outgoing.stream && outgoing.abortAfter === 'first-delta' && seen.includes('"content_block_delta"'))
        ended('abandoned', 'the connection was cut after the first delta, as a client may do');
      if (outgoing.stream && linger === undefined && seen.includes('"message_stop"')) {
        const message = `the connection was still open ${bounds.lingerMs} ms after message_stop`;
        linger = setTimeout(() => ended('timeout-body', message), bounds.lingerMs);
      }
      if (abort.signal.aborted) break;
      tail = seen.slice(-24);
    }
    return abort.signal.aborted ? failureOf(abort.signal.reason) : null;
  } catch (error) {
    if (abort.signal.aborted) return failureOf(abort.signal.reason);
    const isCoding =
      decoder !== undefined && /^(Z_|ERR_BROTLI|ERR__ERROR)/.test((error as { code?: string }).code ?? '');
    return isCoding
      ? {
          kind: 'encoding',
          message: `the body is not ${coding}, as content-encoding says: ${(error as Error).message}`,
        }
      : failureOf(error);
  } finally {
    clearTimeout(linger);
  }
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Cuts a body where its JSON is nested too deeply: nobody reads what comes after. */
function notTooDeep(body: Uint8Array, type: string | null): { body: Uint8Array; failure: Failure | null } {
  const at = isStream(type, body) ? streamTooDeepAt(body) : tooDeepAt(body);
  if (at === null) return { body, failure: null };
  const message = `JSON in the body is nested deeper than ${MAX_DEPTH} levels; reading stopped there`;
  return { body: body.subarray(0, at), failure: { kind: 'too-large', message } };
}

async function answerOf(fetch: FetchHandler, request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    throw new Error(`the handler threw ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function asRequest({ url, method, headers, body }: Outgoing, signal: AbortSignal): Request {
  const lines = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const line of [value].flat()) lines.append(name, line);
  // Bytes, because a text would bring a content type of its own.
  const bytes = body === null ? null : Buffer.from(body as string);
  if (bytes !== null) lines.set('content-length', String(bytes.length));
  return new Request(url, { method, headers: lines, body: bytes, signal });
}

/** A handler need not heed the signal. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

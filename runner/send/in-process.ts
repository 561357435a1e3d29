/**
 * A target without a socket: a function that answers requests in this process. What travels is what the web's own `Request`
 * and `Response` know; what HTTP adds on a connection (chunks, trailers, connections that are kept) is not there.
 */

import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { notTooDeep, readBody } from './body.js';
import { BoundedBody, RUN_ALLOWANCE } from './bounded-body.js';
import { EndedByUs } from './failures.js';
import { type Bounds, encode, follow, type Network, type Outgoing, type Received } from './network.js';
import { TimeLimit } from './time-limit.js';

/**
 * Answers one request: the `fetch` of a Hono, Bun or Deno server, or of the reference endpoint. The body comes as it would
 * travel: encoded where `content-encoding` says so.
 */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/**
 * A network that hands every request to this function. A function that throws is a connection that breaks off. Requests of
 * the same moment arrive one after another, as they do at a socket: the second finds the first at work.
 */
export function inProcessNetwork(fetch: FetchHandler): Network {
  let arrival = Promise.resolve();
  const network: Network = {
    async send(outgoing, bounds, signal) {
      arrival = arrival.then(() => new Promise((resolve) => void setImmediate(resolve)));
      await arrival;
      return follow(outgoing, (request) => once(fetch, request, bounds, signal));
    },
    single: () => network,
    close: async () => {},
  };
  return network;
}

async function once(
  fetch: FetchHandler,
  outgoing: Outgoing,
  bounds: Bounds,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const now = bounds.now ?? (() => performance.now());
  const started = now();
  const elapsed = () => Math.round((now() - started) * 100) / 100;
  const abort = new AbortController();
  let ours: EndedByUs | null = null;
  const end = (reason: EndedByUs) => {
    ours ??= reason;
    abort.abort(reason);
  };
  const limit = new TimeLimit(bounds, outgoing, end);
  const stop = () => end(new EndedByUs('interrupted'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (signal?.aborted) throw new EndedByUs('interrupted');
    const answer = await orAborted(answerOf(fetch, asRequest(outgoing, abort.signal)), abort.signal);
    const body = new BoundedBody(bounds.maxBytes, bounds.allowance ?? { ...RUN_ALLOWANCE });
    const { kept: headers, stopped } = body.takeHead([...answer.headers]);
    const head = { status: answer.status, headers, headersMs: elapsed() };
    if (stopped !== null) {
      end(new EndedByUs('enough'));
      const response = { ...head, ...encode(body.body()), chunks: body.chunks, endMs: elapsed() };
      return { response, failure: { kind: 'too-large', message: stopped } };
    }
    const source = outgoing.method === 'HEAD' ? Readable.from([]) : sourceOf(answer, abort.signal);
    const ended = await readBody(source, headers, body, { outgoing, bounds, elapsed, end, cause: () => ours });
    const endMs = elapsed();
    const read = notTooDeep(body.body(), headers, ended);
    return { response: { ...head, ...encode(read.body), chunks: body.chunks, endMs }, failure: read.failure };
  } catch (error) {
    return { response: null, failure: limit.failure(ours ?? error, elapsed()) };
  } finally {
    limit.stop();
    signal?.removeEventListener('abort', stop);
  }
}

const sourceOf = ({ body }: Response, signal: AbortSignal): Readable =>
  body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream<Uint8Array>, { signal });

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

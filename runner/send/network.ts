/**
 * One HTTP request and everything that came back. The only code that touches the network. It never throws for what a
 * target does: whatever ends an exchange early becomes a `Failure`, and what had arrived by then is kept.
 */

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Failure, ReceivedResponse } from '../../core/exchange.js';
import type { Sending } from '../../core/fixture.js';
import { isWithin } from './address.js';
import { notTooDeep, readBody } from './body.js';
import { type Allowance, BoundedBody, READ_HEADER_LINES, RUN_ALLOWANCE } from './bounded-body.js';
import { type Connections, endIdle, hasIdle, openConnections } from './connections.js';
import { EndedByUs, printable } from './failures.js';
import { headersToSend, sendBody } from './sending.js';
import { TimeLimit } from './time-limit.js';

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
  /** How long nothing may come between the stop reason of a stream and message_stop, in milliseconds. Default: ten seconds, half of a shorter `timeoutMs`. */
  stopMs?: number;
  /** How long the head of a stream may take, in milliseconds. Default: no bound but `timeoutMs`. */
  headMs?: number;
  /** How long nothing may come in the middle of a stream, in milliseconds. Default: no bound but `timeoutMs`. */
  silenceMs?: number;
  /** The clock that says when bytes arrive, in milliseconds; the process's own by default. */
  now?: () => number;
}

export interface Outgoing {
  method: string;
  url: string;
  /** Base URL of the target. Redirects are followed only below it, because the request can have a credential. Default: the origin. */
  base?: string;
  /** A list stands for header lines of one name. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** A form is sent as multipart/form-data; its content type is written when it is. */
  body: string | Uint8Array | FormData | null;
  /** Expect an event stream: the exchange is over soon after its last event. */
  stream: boolean;
  /** How it travels, where that is what it tests. Only a socket knows about it. */
  sending?: Sending;
  /** Hang up there. */
  abortAfter?: 'first-delta';
  /** Gets the bytes of the body as they arrive. */
  onBytes?: (bytes: Uint8Array) => void;
}

export interface Received {
  response: ReceivedResponse | null;
  failure: Failure | null;
}

/** A pool of connections, closed with `close()`. */
export interface Network {
  send(outgoing: Outgoing, bounds: Bounds, signal?: AbortSignal): Promise<Received>;
  /** A network of one connection, for a conversation whose requests have to share it. Closed with `close()`. */
  single(): Network;
  close(): Promise<void>;
}

/** What is left of a body when `withBytes` is done. */
type Bytes = Exclude<Outgoing['body'], FormData>;

const MAX_REDIRECTS = 3;
const MAX_HEADER_BYTES = 64 * 1024;

/** @param most At most so many connections at a time; without it as many as there are requests. */
export function openNetwork(most?: number): Network {
  return networkOf(openConnections(most), most === 1, new Room());
}

function networkOf(connections: Connections, isSingle: boolean, room: Room, others?: Connections): Network {
  let isFirst = others !== undefined;
  return {
    async send(outgoing, bounds, signal) {
      if (isFirst) {
        isFirst = false;
        await others?.endIdle();
      }
      return follow(outgoing, (request) => send({ connections, isSingle, room, bounds, signal }, request));
    },
    single: () => networkOf(openConnections(1), true, room, connections),
    close: async () => connections.close(),
  };
}

/** After this time, in milliseconds, a target has noticed that a connection was ended. */
const NOTICED_MS = 50;

/** What a run knows about how many connections its target takes. */
class Room {
  private isScarce = false;

  /** A target that ends a new connection without a word may have no room for it beside those that are open. */
  learn({ response, failure, wasReused }: Attempt): void {
    this.isScarce ||= response === null && failure?.kind === 'reset' && !wasReused;
  }

  /** Before a new connection: resolves when the target has noticed which others were ended, where that matters. */
  async free(): Promise<void> {
    if (this.isScarce) await setTimeout(NOTICED_MS);
  }
}

/** What all requests of one conversation with the network have in common. */
interface Way {
  connections: Connections;
  /** The requests are about the connection itself: nothing is asked for again on another. */
  isSingle: boolean;
  room: Room;
  bounds: Bounds;
  signal: AbortSignal | undefined;
}

/** Sends a request and follows where the answer leads, within the origin: the credential never leaves for another one. */
export async function follow(outgoing: Outgoing, sendOne: (request: Outgoing) => Promise<Received>): Promise<Received> {
  const origin = new URL(outgoing.url).origin;
  let next = await withBytes(outgoing);
  for (let hop = 0; ; hop += 1) {
    const received = await sendOne(next);
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
    if (!isWithin(target.href, outgoing.base ?? origin))
      return failure(
        `redirected to ${printable(target.pathname)}, which is outside the base URL; not followed, so that the credential stays inside`,
      );
    if (hop === MAX_REDIRECTS) return failure(`redirected more than ${MAX_REDIRECTS} times`);
    next = { ...next, url: target.href };
  }
}

/** A form becomes bytes once, for all requests that a redirect leads to. */
async function withBytes(outgoing: Outgoing): Promise<Outgoing> {
  const { body } = outgoing;
  // Without a form nothing asks for FormData: Node loads all of fetch with it, which takes longer than a request.
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return outgoing;
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type') ?? '';
  return {
    ...outgoing,
    headers: { ...outgoing.headers, 'content-type': type },
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

/**
 * One request. A connection that was used before and is reset before a byte of the answer came is no answer: some servers close
 * idle connections, or connections after an error, without saying so. The request is sent once more, on a fresh connection. A DELETE has
 * one from the start: what the first one deleted, the second one would not find.
 */
async function send(way: Way, outgoing: Outgoing): Promise<Received> {
  if (outgoing.method === 'DELETE' && !way.isSingle) return onFresh(way, outgoing);
  const first = await once(way, outgoing);
  if (way.isSingle || first.response !== null || !first.wasReused || first.failure?.kind !== 'reset') return first;
  return onFresh(way, outgoing);
}

/** On a new connection, in place of those that are idle. */
const onFresh = (way: Way, outgoing: Outgoing): Promise<Received> => once(way, outgoing, true);

type Attempt = Received & { wasReused: boolean };

async function once(way: Way, outgoing: Outgoing, isFresh = false): Promise<Attempt> {
  const attempt = await exchange(way, outgoing, isFresh);
  way.room.learn(attempt);
  return attempt;
}

async function exchange(way: Way, outgoing: Outgoing, isFresh: boolean): Promise<Attempt> {
  const { connections, isSingle, room, bounds, signal } = way;
  const now = bounds.now ?? (() => performance.now());
  const url = new URL(outgoing.url);
  const agent = await connections.agentFor(url);
  // TLS is loaded by who needs it.
  const ask = url.protocol === 'https:' ? (await import('node:https')).request : httpRequest;
  const started = now();
  const elapsed = () => Math.round((now() - started) * 100) / 100;
  let request: ClientRequest | undefined;
  let ours: EndedByUs | null = null;
  let failed: unknown = null;
  const end = (reason: EndedByUs) => {
    ours ??= reason;
    // With an error, a connection that is already given back would fail without a listener and end the process.
    request?.destroy();
  };
  const limit = new TimeLimit(bounds, outgoing, end);
  const stop = () => end(new EndedByUs('interrupted'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (signal?.aborted) throw new EndedByUs('interrupted');
    if (isFresh) endIdle(agent);
    if (!hasIdle(agent)) await room.free();
    request = ask(url, {
      agent,
      method: outgoing.method,
      headers: headersToSend(outgoing),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    request.maxHeadersCount = READ_HEADER_LINES;
    request.on('error', (error) => {
      failed ??= error;
    });
    const answer = await headOf(request, outgoing.body as Bytes, outgoing.sending);
    limit.headCame();
    // `readBody` gets errors from the request. Without a listener here, an unread response that fails would end the process.
    answer.on('error', () => {});
    const body = new BoundedBody(bounds.maxBytes, bounds.allowance ?? { ...RUN_ALLOWANCE });
    const { kept: headers, stopped } = body.takeHead(pairs(answer.rawHeaders));
    const head = { status: answer.statusCode ?? 0, headers, headersMs: elapsed() };
    // What a server has left unread of a rejected request would stand before the next one on this connection. After a request that
    // says `connection: close`, no other may follow (RFC 9112, 9.6), even where the answer says `keep-alive`.
    const { socket } = answer;
    const isLast = (head.status >= 400 && !isSingle) || isClosing(outgoing);
    if (isLast) answer.once('end', () => socket.destroy());
    if (stopped !== null) {
      end(new EndedByUs('enough'));
      const response = { ...head, ...encode(body.body()), chunks: body.chunks, endMs: elapsed() };
      return { response, failure: { kind: 'too-large', message: stopped }, wasReused: request.reusedSocket };
    }
    const ended = await readBody(answer, headers, body, {
      outgoing,
      bounds,
      elapsed,
      end,
      cause: () => ours ?? failed,
    });
    const endMs = elapsed();
    const read = notTooDeep(body.body(), headers, ended);
    const response = { ...head, ...encode(read.body), chunks: body.chunks, endMs };
    return { response, failure: read.failure, wasReused: request.reusedSocket };
  } catch (error) {
    const failure = limit.failure(ours ?? error, elapsed());
    return { response: null, failure, wasReused: request?.reusedSocket ?? false };
  } finally {
    limit.stop();
    signal?.removeEventListener('abort', stop);
  }
}

const isClosing = ({ headers }: Outgoing): boolean =>
  Object.entries(headers).some(([name, value]) => name.toLowerCase() === 'connection' && value === 'close');

/** Sends a request and waits for the head of its answer. */
function headOf(request: ClientRequest, body: Bytes, sending: Sending = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
    request.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(Object.assign(new Error('the target switched to another protocol'), { code: 'HPE_UPGRADE' }));
    });
    sendBody(request, body, sending);
  });
}

function pairs(raw: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) headers.push([raw[index]!.toLowerCase(), raw[index + 1]!]);
  return headers;
}

/** Bytes as text where they are valid UTF-8, otherwise as base64. A byte order mark is kept. */
export function encode(bytes: Uint8Array): Pick<ReceivedResponse, 'body' | 'bodyEncoding'> {
  try {
    return { body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), bodyEncoding: 'utf8' };
  } catch {
    return { body: Buffer.from(bytes).toString('base64'), bodyEncoding: 'base64' };
  }
}

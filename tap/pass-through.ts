/**
 * A pass-through between any client and one server. Bytes and their timing are not changed: every piece is written on when it
 * arrives, header lines keep their spelling and order, and an end, an abort or a closed connection on one side reaches the other.
 */

import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { describe } from '../runner/send/failures.js';
import { has, pairs, toServer } from './header-lines.js';
import { Observation } from './observation.js';
import type { RawExchange } from './raw-exchange.js';
import { PairedConnections, pathAt, type Upstream, upstreamOf } from './upstream.js';

export interface PassThroughOptions {
  /** Base URL of the server, without `/v1`. */
  upstream: string;
  /** 0 picks a free port. */
  port: number;
  host: string;
  /** Gets every exchange when it is over. */
  onExchange: (exchange: RawExchange) => void;
  /** Answers a request in place of the server; `false`: the request is passed on. */
  local?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Carries requests to the server in another way than piece by piece. */
  carry?: Carry;
}

/** One request on its way, with all that is needed to pass it on. */
export interface Passage {
  request: IncomingMessage;
  response: ServerResponse;
  observation: Observation;
  /** Opens the request to the server; its body is still to be written. */
  open(): ClientRequest;
}

export type Carry = (passage: Passage) => void;

export interface PassThrough {
  /** Base URL for clients, without a slash at its end. */
  url: string;
  /** Exchanges that are under way. */
  underWay(): number;
  /** Stops listening, cuts every connection; exchanges that are under way end as aborted. */
  close(): Promise<void>;
}

/** Longest header block, in bytes, as the runner's. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Rejects with the system's error when the port is not available. */
export async function startPassThrough(options: PassThroughOptions): Promise<PassThrough> {
  const upstream = upstreamOf(options.upstream);
  const connections = new PairedConnections(upstream);
  const { carry = asItComes } = options;
  const started = performance.now();
  let arrived = 0;
  let underWay = 0;

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (options.local?.(request, response)) return;
    const { socket } = request;
    const now = performance.now();
    const path = pathAt(upstream, request.url ?? '/');
    const url = `${upstream.url.origin}${path}`;
    arrived += 1;
    underWay += 1;
    const opened = connections.begin(socket);
    const observation = new Observation(arrived, request, url, now, now - started, (exchange) => {
      underWay -= 1;
      connections.end(socket);
      options.onExchange(exchange);
    });
    // The client may be gone before the connection to the server is there.
    request.on('error', () => {});
    response.on('error', () => {});
    const agent = await opened;
    carry({ request, response, observation, open: () => openRequest({ upstream, request, path, agent, connections }) });
  };

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0, keepAliveTimeout: 0 }, pass);
  server.headersTimeout = 0;
  server.on('checkContinue', pass);
  server.on('clientError', (_error, socket) => socket.destroy());
  await listening(server, options);
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    underWay: () => underWay,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      connections.close();
      await closed;
    },
  };
}

const listening = (server: Server, { host, port }: Pick<PassThroughOptions, 'host' | 'port'>): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

interface Opening {
  upstream: Upstream;
  request: IncomingMessage;
  path: string;
  agent: Awaited<ReturnType<PairedConnections['begin']>>;
  connections: PairedConnections;
}

function openRequest({ upstream, request, path, agent, connections }: Opening): ClientRequest {
  const { url, isTls } = upstream;
  const opened = (isTls ? httpsRequest : httpRequest)({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : url.port,
    method: request.method,
    path,
    agent,
    // A flat list is written as it is, without headers of Node's own.
    headers: toServer(request.rawHeaders, url.host) as unknown as Record<string, string>,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  opened.maxHeadersCount = 0;
  opened.on('socket', (socket: Socket) => connections.pair(request.socket, socket));
  return opened;
}

/** Passes everything on piece by piece. */
const asItComes: Carry = ({ request, response, observation, open }) => {
  const outgoing = open();
  let answer: IncomingMessage | null = null;
  outgoing.on('response', (incoming) => {
    answer = incoming;
    passAnswer(incoming, response, observation);
  });
  outgoing.on('continue', () => response.writeContinue());
  outgoing.on('error', (error) => {
    if (answer === null) failed(error, outgoing, response, observation);
  });
  // The server switched protocols, although nobody asked it to.
  outgoing.on('upgrade', (_incoming, socket: Socket) => {
    socket.destroy();
    response.destroy();
    observation.ends('server-aborted', 'the server switched to another protocol');
  });
  response.on('close', () => {
    if (response.writableFinished) return;
    observation.ends('client-aborted', 'the client closed the connection before the response was complete');
    outgoing.destroy();
  });
  if (request.headers.expect !== undefined) outgoing.flushHeaders();
  request.on('data', (chunk: Buffer) => observation.sends(chunk));
  request.on('end', () => {
    const trailers = pairs(request.rawTrailers);
    if (trailers.length > 0) outgoing.addTrailers(trailers as [string, string][]);
    outgoing.end();
  });
  request.pipe(outgoing, { end: false });
};

/** Writes the head of an answer as the server wrote it. Node adds nothing of its own. */
export function passHead(answer: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  response.removeHeader('connection');
  // A body that ends with its connection stays one.
  if (!has(answer.rawHeaders, 'transfer-encoding')) response.removeHeader('transfer-encoding');
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
}

function passAnswer(answer: IncomingMessage, response: ServerResponse, observation: Observation): void {
  observation.answers(answer);
  try {
    passHead(answer, response);
  } catch (error) {
    answer.destroy();
    response.destroy();
    observation.ends('server-aborted', `the head of the response cannot be passed on: ${(error as Error).message}`);
    return;
  }
  response.flushHeaders();
  answer.on('data', (chunk: Buffer) => observation.receives(chunk));
  answer.on('end', () => {
    const trailers = pairs(answer.rawTrailers);
    if (trailers.length > 0) response.addTrailers(trailers as [string, string][]);
    // Counted as over before the client sees the end and sends its next request.
    observation.ends('complete', '', answer.rawTrailers);
    response.end();
  });
  answer.on('error', () => {});
  answer.on('close', () => {
    if (answer.complete) return;
    observation.ends('server-aborted', 'the connection ended before the response was complete');
    response.destroy();
  });
  answer.pipe(response, { end: false });
}

/** No head of an answer came. Without a connection the tap says so itself; otherwise the client sees what it would see without the tap. */
export function failed(
  error: Error,
  outgoing: ClientRequest,
  response: ServerResponse,
  observation: Observation,
): void {
  const { kind, message } = describe(error, observation.elapsed(), { timeoutMs: 0, maxBytes: 0, lingerMs: 0 });
  const wasConnected = (outgoing.socket?.bytesRead ?? 0) > 0 || outgoing.reusedSocket;
  if (kind !== 'unreachable' || wasConnected || response.headersSent || response.destroyed) {
    observation.ends('server-aborted', message);
    response.destroy();
    return;
  }
  observation.ends('unreachable', message);
  answerInstead(response, 502, 'api_error', `messages-conformance tap: the server cannot be reached: ${message}`);
}

/** An answer of the tap itself, in the envelope of the API. */
export function answerInstead(response: ServerResponse, status: number, type: string, message: string): void {
  const body = JSON.stringify({ type: 'error', error: { type, message } });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

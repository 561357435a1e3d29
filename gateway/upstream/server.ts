/** The upstream: an HTTP server on the loopback interface that plays the scripts of cases. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Json } from '../../core/json.js';
import { secretsIn } from '../../core/redact.js';
import type { UpstreamContract } from '../../core/report.js';
import type { Speaks, UpstreamCall } from '../../core/upstream.js';
import type { Validate } from '../dialects/dialect.js';
import { apiAt, type Dialect, dialectOf } from '../dialects/index.js';
import { markersIn } from '../marker.js';
import type { Clock, Live } from './live.js';
import { play } from './play.js';
import { round, Wire } from './wire.js';

export interface UpstreamOptions {
  /** 0 picks a free port. */
  port: number;
  speaks: Speaks;
  validate: Validate;
  clock: Clock;
  /** The key that clients of the gateway use; `null` without one. */
  clientKey: string | null;
  /** Where the upstream of the gateway differs from the API of its name. */
  contract?: UpstreamContract | undefined;
}

/** Largest request that is read, in bytes. */
const MAX_REQUEST = 8 * 1024 * 1024;

export class Upstream {
  /** Exchanges under way, and those that are over: a request may come late. */
  private readonly live = new Map<string, Live>();
  private readonly current = new Set<string>();
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port: number;
  private number = 0;
  /** Keys of the gateway, as its requests carried them. */
  readonly keys = new Set<string>();
  /** Requests that belong to no exchange, or to no endpoint. */
  readonly strays: UpstreamCall[] = [];
  /** Refusals that the plainest request would have had: by what is wrong, whatever the value. */
  readonly overlooked = new Map<string, string>();
  readonly dialect: Dialect;

  constructor(private readonly options: UpstreamOptions) {
    this.port = options.port;
    this.dialect = dialectOf(options.speaks);
  }

  /** Rejects with the error of the system when the port is not free. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    // A gateway keeps its connections; the suite decides when they are closed.
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Closes the port and every connection: who calls now is refused. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Closes connections that no request uses, as servers do after a while. */
  closeIdle(): void {
    this.server?.closeIdleConnections();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** An exchange begins. */
  begin(live: Live): void {
    this.live.set(live.id, live);
    this.current.add(live.id);
  }

  /** It is over for the client. What still comes for it is kept all the same. */
  end(live: Live): void {
    this.current.delete(live.id);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]!;
    const body = await readBody(request);
    if (request.method !== 'POST') {
      const [status, other, headers] = this.otherAnswer(path);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(other));
      return;
    }
    const text = body?.toString('utf8') ?? '';
    const live = this.liveFor(text);
    const at = live ?? { startedAt: this.options.clock.now() };
    const compresses =
      live?.script.compressed === true && /gzip/.test(String(request.headers['accept-encoding'] ?? ''));
    const wire = new Wire(response, at, this.options.clock, compresses);
    const call: UpstreamCall = {
      speaks: apiAt(path),
      request: { method: 'POST', url: `${this.origin}${request.url}`, headers: headersOf(request), body: text },
      credential: this.credentialOf(request),
      arrivedMs: round(this.options.clock.now() - at.startedAt),
      refused: [],
      ...wire.outcome(),
    };
    (live?.calls ?? this.strays).push(call);
    live?.onArrival();
    live?.gathering?.arrives(live.id);
    const performed = this.perform(wire, call, live).catch(() => {});
    live?.underWay.add(performed);
    await performed;
    live?.underWay.delete(performed);
    Object.assign(call, wire.outcome());
  }

  private async perform(wire: Wire, call: UpstreamCall, live: Live | null): Promise<void> {
    const { dialect } = this;
    this.number += 1;
    const { number } = this;
    const refuse = async (error: 'not-found' | 'authentication' | 'invalid', message: string): Promise<void> => {
      const { status, headers, body } = dialect.error(error, message, number);
      wire.begin(status, { 'content-type': 'application/json', ...headers });
      await wire.write(JSON.stringify(body));
      wire.end();
    };
    if (call.speaks !== dialect.name)
      return refuse('not-found', `This upstream speaks ${dialect.title}, at ${dialect.path}.`);
    if (call.credential === 'none') return refuse('authentication', 'No API key was provided.');
    const { body } = call.request;
    const json = parsed(body ?? '');
    const refused = [
      ...contentTypeReasons(call.request.headers),
      ...dialect.refusals(json, this.options.validate, call.request.headers),
    ].filter((line) => !this.isKnownField(line));
    call.refused = json === undefined ? refused : this.afterOverlooking(refused, call, live);
    if (call.refused.length > 0) return refuse('invalid', call.refused[0]!);
    if (live === null) return refuse('invalid', 'No case of this run has sent this request.');
    const asked = { ...dialect.asked(json), number };
    const streams = dialect.read(json).stream;
    return play(wire, { dialect, live, asked, streams, clock: this.options.clock });
  }

  /**
   * Without what the plainest request has as well. All requests of the gateway have it then, and nothing else could be judged; that it is
   * wrong is judged all the same.
   */
  private afterOverlooking(refused: string[], call: UpstreamCall, live: Live | null): string[] {
    if (live?.isPlainest) for (const line of refused) this.overlooked.set(kindOf(line), line);
    const left = refused.filter((line) => !this.overlooked.has(kindOf(line)));
    if (left.length < refused.length) call.overlooked = refused.filter((line) => !left.includes(line));
    return left;
  }

  /** Whether a refusal is of a field that the contract names. */
  private isKnownField(line: string): boolean {
    const [path, rest] = line.split(': expected no field of this name', 2);
    const name = path!.slice(path!.lastIndexOf('/') + 1);
    return rest !== undefined && (this.options.contract?.fields ?? []).includes(name);
  }

  /** Gateways look at the list of models, or whether the server is there at all. */
  private otherAnswer(path: string): [status: number, body: Json, headers?: Readonly<Record<string, string>>] {
    const models = /\/models(?:\/([^/]+))?\/?$/.exec(path);
    if (models !== null) return [200, this.dialect.models(decoded(models[1] ?? null))];
    if (path === '/') return [200, {}];
    const nothing = `This upstream has nothing at ${path}.`;
    const { status, headers, body } = this.dialect.error('not-found', nothing, this.number);
    return [status, body, headers];
  }

  /** The exchange that a request belongs to: by its marker, or because it is the only one. */
  private liveFor(body: string): Live | null {
    const marked = markersIn(JSON.stringify(parsed(body)) ?? '').findLast((id) => this.live.has(id));
    if (marked !== undefined) return this.live.get(marked)!;
    const [only, ...others] = this.current;
    return only !== undefined && others.length === 0 ? this.live.get(only)! : null;
  }

  private credentialOf({ headers }: IncomingMessage): UpstreamCall['credential'] {
    const values = [headers.authorization, headers['x-api-key'], headers['api-key']].flatMap((value) => value ?? []);
    const keys = values.flat().flatMap((value) => secretsIn(value));
    const whole = keys.filter((key) => !/\s/.test(key));
    const { clientKey, contract } = this.options;
    if (whole.length === 0) return contract?.key === false ? 'not-needed' : 'none';
    if (clientKey !== null && whole.includes(clientKey)) return 'client';
    for (const key of whole) this.keys.add(key);
    return 'own';
  }
}

/** A body that is not labelled as JSON is not read as JSON, by none of the APIs. */
function contentTypeReasons({ 'content-type': type = 'none' }: Readonly<Record<string, string>>): string[] {
  return /^application\/json\s*(?:;|$)/i.test(type.trim())
    ? []
    : [`content-type: expected application/json, got ${type}`];
}

/** What a refusal is about: it ends with the value. */
const kindOf = (refusal: string): string => refusal.split(', got ', 1)[0]!.replace(/\/\d+(?=[/:])/g, '/*');

/** A part of a path as it was before it was encoded. */
function decoded(part: string | null): string | null {
  try {
    return part === null ? null : decodeURIComponent(part);
  } catch {
    return part;
  }
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]));

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The body of a request, its compression undone; `null` when it is too long or cannot be read. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length;
      if (length <= MAX_REQUEST) parts.push(part);
    }
    const body = Buffer.concat(parts);
    return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  } catch {
    return null;
  }
}

/** The reference gateway: takes Messages requests, asks an upstream in another API, and answers as the Messages API does. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type Json, type JsonObject } from '../../core/json.js';
import { newId } from '../ids.js';
import { eventsOf, messageOf } from './answer.js';
import { APIS, type Api } from './apis.js';
import { post, textOf, type UpstreamAnswer } from './ask.js';
import { applyGatewayFaults } from './faults/index.js';
import { parsed, readText, reject } from './http.js';
import {
  answerHeaders,
  errorPassedOn,
  eventsPassedOn,
  messagePassedOn,
  passBytes,
  protocolHeaders,
} from './pass-through.js';
import { CannotCarry } from './rejection.js';
import { eventsIn, frameOf } from './sse.js';
import {
  type AnswerDelta,
  type Behaviour,
  composed,
  type ErrorAnswer,
  type Failure,
  type GatewayAlterations,
  type GatewayCall,
  type UpstreamApi,
} from './stages.js';
import { connectionFailure, errorAnswer, failureOf } from './upstream-errors.js';

export interface GatewayOptions {
  /** Origin of the upstream, without `/v1`. */
  upstream: string;
  speaks: UpstreamApi;
  /** The gateway's key for its upstream. */
  upstreamKey: string;
  /** The key that its clients need. */
  apiKey: string;
  /** The model that the upstream is asked for. */
  upstreamModel?: string;
  /** Ids of faults, of `reference/gateway/faults`. */
  faults?: readonly string[];
  /** Further changes, after the faults. */
  alterations?: GatewayAlterations;
  /** Takes no connection any more, as when its process has ended. */
  crash?: () => void;
  /** Waits so many milliseconds; a timer by default. */
  sleep?: (milliseconds: number) => Promise<void>;
}

const BEHAVIOUR: Behaviour = {
  retries: 0,
  asksTwice: false,
  retriesAfterBytes: false,
  ignoresHangUp: false,
  endsOnHangUp: false,
  buffers: false,
  pingMs: 5_000,
  ping: 'event',
  passesBytes: false,
};

export class Gateway {
  private readonly api: Api;
  private readonly alters: GatewayAlterations;
  private readonly behaviour: Behaviour;
  private readonly memory = new Map<string, unknown>();
  private ordinal = 0;

  constructor(private readonly options: GatewayOptions) {
    this.api = APIS[options.speaks];
    this.alters = composed([...applyGatewayFaults(options.faults ?? []), options.alterations ?? {}]);
    this.behaviour = { ...BEHAVIOUR, ...this.alters.behaviour };
  }

  /** Answers one request of a client. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    const requestId = newId('req');
    const [path, query = ''] = (request.url ?? '/').split('?');
    if (request.method === 'HEAD') return void response.writeHead(200).end();
    if (request.method !== 'POST' || path !== '/v1/messages')
      return reject(response, requestId, 404, 'not_found_error', `${request.method} ${path} does not exist.`);
    const text = await readText(request);
    if (!this.isAuthenticated(request))
      return reject(response, requestId, 401, 'authentication_error', 'The API key is missing or invalid.');
    const body = parsed(text);
    if (!isObject(body))
      return reject(response, requestId, 400, 'invalid_request_error', 'The body is not a JSON object.');
    this.ordinal += 1;
    const call: GatewayCall = {
      requestId,
      ordinal: this.ordinal,
      request: body,
      headers: request.headers as Record<string, string>,
      streams: body.stream === true,
      query,
      upstreamHeaders: {},
      path: this.api.isTransparent && query !== '' ? `${this.api.path}?${query}` : this.api.path,
      memory: this.memory,
      waits: this.options.sleep ?? sleep,
    };
    call.request = this.alters.incoming?.(body, call) ?? body;
    const instead = this.alters.instead?.(call) ?? null;
    if (instead !== null) return this.send(response, instead, call);
    const translated = this.translate(call);
    if (typeof translated === 'string') return reject(response, requestId, 400, 'invalid_request_error', translated);
    const hangUp = new AbortController();
    response.once('close', () => {
      if (!this.behaviour.ignoresHangUp) hangUp.abort();
      if (this.behaviour.endsOnHangUp && !response.writableFinished) this.options.crash?.();
    });
    await this.forward(call, translated, response, hangUp.signal);
  }

  private isAuthenticated({ headers }: IncomingMessage): boolean {
    const { apiKey } = this.options;
    return headers['x-api-key'] === apiKey || headers.authorization === `Bearer ${apiKey}`;
  }

  /** The upstream request, or why there is none. */
  private translate(call: GatewayCall): JsonObject | string {
    const model = this.options.upstreamModel ?? 'upstream-model';
    try {
      const body = this.api.translate(call.request, model);
      return this.alters.outgoing?.(body, call) ?? body;
    } catch (error) {
      if (!(error instanceof CannotCarry)) throw error;
      return this.alters.rejection?.(error.message, call) ?? error.message;
    }
  }

  private async forward(
    call: GatewayCall,
    body: JsonObject,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const asked = await this.ask(call, body, signal);
    if (signal.aborted) return;
    if ('kind' in asked) return this.fail(response, asked, call);
    call.upstreamHeaders = asked.headers;
    const deltas = (): AsyncIterable<AnswerDelta> => {
      const all = this.deltasOf(asked, call, body, signal);
      return this.alters.deltas?.(all, call) ?? all;
    };
    // Faults that work on the pieces of an answer need pieces: it is then read and written anew.
    const needsPieces = this.alters.deltas !== undefined || this.behaviour.retriesAfterBytes;
    const isPassedOn = this.api.isTransparent === true && !needsPieces;
    const headers = this.api.isTransparent ? answerHeaders(call.upstreamHeaders) : {};
    if (isPassedOn && this.behaviour.passesBytes) return passBytes(asked, response, headers);
    if (call.streams) {
      const events = isPassedOn ? eventsPassedOn(asked, call, this.alters) : eventsOf(deltas(), call);
      return this.stream(response, this.alters.events?.(events, call) ?? events, call, headers);
    }
    const whole = isPassedOn ? await messagePassedOn(asked, call, this.alters) : await messageOf(deltas(), call);
    if (signal.aborted) return;
    if ('failure' in whole) return this.fail(response, whole.failure, call);
    const message = this.alters.message?.(whole.message, call) ?? whole.message;
    this.send(response, { status: 200, headers, body: message }, call);
  }

  /** The upstream's answer, or why there is none. */
  private async ask(call: GatewayCall, body: JsonObject, signal: AbortSignal): Promise<UpstreamAnswer | Failure> {
    const path = this.alters.path?.(call.path, call) ?? call.path;
    const headers = {
      'content-type': 'application/json',
      ...(this.api.isTransparent && protocolHeaders(call.headers)),
      ...this.api.credential(this.options.upstreamKey),
    };
    const sent = this.alters.outgoingHeaders?.(headers, call) ?? headers;
    if (this.behaviour.asksTwice) await this.once(`${this.options.upstream}${path}`, sent, body, signal);
    for (let tries = 0; ; tries += 1) {
      const asked = await this.once(`${this.options.upstream}${path}`, sent, body, signal);
      if (!('kind' in asked) || tries >= this.behaviour.retries || signal.aborted) return asked;
    }
  }

  private async once(
    url: string,
    headers: Record<string, string>,
    body: JsonObject,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer | Failure> {
    try {
      const answer = await post(url, headers, JSON.stringify(body), signal);
      if (answer.status >= 200 && answer.status < 300) return answer;
      return failureOf(answer.status, parsed(await textOf(answer)), answer.headers);
    } catch (error) {
      return connectionFailure(error);
    }
  }

  /** The pieces of an answer. Never throws: a connection that breaks off is the last piece. */
  private async *deltasOf(
    answer: UpstreamAnswer,
    call: GatewayCall,
    body: JsonObject,
    signal: AbortSignal,
    isAgain = false,
  ): AsyncGenerator<AnswerDelta> {
    const isStream = /text\/event-stream/.test(answer.headers['content-type'] ?? '');
    const reader = this.api.reader();
    const received = (data: Json): Json | undefined => (this.alters.received ? this.alters.received(data, call) : data);
    let begun = false;
    try {
      if (!isStream) {
        const data = parsed(await textOf(answer));
        if (data === undefined) yield* reader.broken();
        else yield* reader.take(received(data) ?? null);
        yield* reader.end();
        return;
      }
      for await (const event of eventsIn(this.alters.bytes?.(answer.body, call) ?? answer.body)) {
        begun = true;
        if (this.api.isEnd(event)) break;
        const parsedData = parsed(event.data);
        const data = parsedData === undefined ? undefined : received(parsedData);
        if (parsedData === undefined) yield* reader.broken();
        else if (data !== undefined) yield* reader.take(data);
      }
      yield* reader.end();
    } catch (error) {
      if (begun && !isAgain && this.behaviour.retriesAfterBytes) {
        const again = await this.ask(call, body, signal);
        if (!('kind' in again)) return yield* this.deltasOf(again, call, body, signal, true);
      }
      yield { kind: 'failure', failure: connectionFailure(error) };
    }
  }

  private async stream(
    response: ServerResponse,
    events: AsyncIterable<JsonObject>,
    call: GatewayCall,
    more: Record<string, string>,
  ): Promise<void> {
    const headers = {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'request-id': call.requestId,
      ...more,
    };
    response.writeHead(200, this.alters.responseHeaders?.(headers, call) ?? headers);
    let quiet = true;
    let held = '';
    const write = (text: string): void => {
      quiet = false;
      if (this.behaviour.buffers) held += text;
      else response.write(text);
    };
    const pings = this.ping(call, () => {
      const wasQuiet = quiet;
      quiet = true;
      if (wasQuiet && !this.behaviour.buffers) response.write(PINGS[this.behaviour.ping]);
    });
    for await (const event of events) {
      const frame = frameOf(event);
      write(this.alters.frame?.(frame, event, call) ?? frame);
    }
    pings.stop();
    response.end(held);
  }

  /** Looks at regular times whether a ping is due. */
  private ping(call: GatewayCall, look: () => void): { stop(): void } {
    let stopped = this.behaviour.ping === 'none';
    const loop = async (): Promise<void> => {
      while (!stopped) {
        await call.waits(this.behaviour.pingMs);
        if (!stopped) look();
      }
    };
    void loop();
    return {
      stop: () => {
        stopped = true;
      },
    };
  }

  private fail(response: ServerResponse, failure: Failure, call: GatewayCall): void {
    const passed = this.api.isTransparent ? errorPassedOn(failure) : null;
    const answer = passed ?? errorAnswer(failure, call.requestId);
    this.send(response, this.alters.error?.(answer, failure, call) ?? answer, call);
  }

  private send(response: ServerResponse, { status, headers, body }: ErrorAnswer, call: GatewayCall): void {
    const all = { 'content-type': 'application/json', 'request-id': call.requestId, ...headers };
    response.writeHead(status, this.alters.responseHeaders?.(all, call) ?? all);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

const PINGS = { event: frameOf({ type: 'ping' }), comment: ': ping\n\n', none: '' };

/** A timer that does not keep the process alive. */
const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });

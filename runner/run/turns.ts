/** Sends the turns of conversations, one at a time: builds and checks the request, sends it as the turn asks, keeps the exchange. */

import { answer, askedToWait, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture, Turn } from '../../core/fixture.js';
import type { JsonObject } from '../../core/json.js';
import { readPointer } from '../../core/pointer.js';
import { worstCaseTokens } from '../plan/cost.js';
import { MAX_BODY_BYTES } from '../send/bounded-body.js';
import type { Bounds, Network, Received } from '../send/network.js';
import { type Built, buildRequest, INVALID_KEY, NotSetUp, restsOnAnswers, type Target } from '../send/requests.js';
import { withoutSecrets } from '../send/secrets.js';
import type { Budget } from './budget.js';
import { driveClient } from './official-client.js';
import type { Identity, Progress, Recorder } from './recorder.js';
import type { Secrets } from './secrets.js';
import { isHungUp } from './slots.js';
import { StreamPatience } from './stream-patience.js';
import { askedMs, sleep, type Waiting } from './waiting.js';

/** How turns are sent. */
export interface TurnOptions {
  /** Longest time of one exchange, in milliseconds. */
  timeoutMs: number;
  /** How long a connection may stay open after message_stop before it is cut, in milliseconds. Default: five seconds. */
  lingerMs?: number;
  /** Longest time spent on asking for something that is not done yet, in milliseconds. Default: as the fixture says. */
  pollingMs?: number;
  /** Ask for addresses that answers give and that are not the target's: without a credential. */
  followResults?: boolean;
  /** The clock that says when bytes arrive, in milliseconds; the process's own by default. */
  now?: () => number;
  signal?: AbortSignal;
  /** Says why a request may not leave, or `null`: the suite's own schema check. */
  unsound: (fixture: Fixture, body: JsonObject | undefined, built: Built) => string | null;
  onExchange?: (exchange: Exchange, progress: Progress) => void;
  onWaiting?: (waiting: Waiting) => void;
}

/** What a conversation works with, one of each in a run. */
export interface Tools {
  target: Target;
  network: Network;
  budget: Budget;
  recorder: Recorder;
  secrets: Secrets;
}

/** Between two looks at whether requests are under way, in milliseconds. */
const LOOK_AGAIN_MS = 20;
/** Longest pause between two looks at something that is not done yet. */
const MAX_POLL_MS = 15_000;
/** So many answers with the same `request-id` are one answer. */
const MOST_STORED = 3;
const isOther = (id: string | null, than: string | null): boolean => id !== null && id !== than;

/** An exchange that may deserve another try, after all others and with the target to itself. */
export interface SecondChance {
  exchange: Exchange;
  why: string;
}

export class Turns {
  /** In the order in which they came. */
  readonly secondChances: SecondChance[] = [];
  /** It ended connections beside others: of requests that run alone, too, one that waits for its next request may stand in the way. */
  private takesFewConnections = false;
  private readonly underWay = new Set<{ wasAlone: boolean }>();
  private readonly streams: StreamPatience;
  private readonly started: number;

  constructor(
    private readonly tools: Tools,
    private readonly options: TurnOptions,
  ) {
    this.started = this.now();
    this.streams = new StreamPatience(options.lingerMs);
  }

  /** Requests that are being sent or answered. */
  get inFlight(): number {
    return this.underWay.size;
  }

  /** `null` where the budget does not afford it. With `replaced`, why it does not count, the exchange is only kept. */
  async send(
    network: Network,
    fixture: Fixture,
    turn: Turn,
    identity: Identity,
    earlier: readonly Exchange[],
    replaced?: string,
  ): Promise<Exchange | null> {
    const { target, budget, recorder } = this.tools;
    const kept = (built: Built | null, received: Received): Exchange =>
      this.keep({ fixture, identity, built, received, startedMs: this.sinceStart(), replaced });
    let built: Built;
    try {
      built = buildRequest(target, fixture, turn, identity.transport, earlier);
    } catch (error) {
      if (!(error instanceof NotSetUp)) throw error;
      return kept(null, { response: null, failure: { kind: 'not-set-up', message: error.message } });
    }
    const unsound = this.options.unsound(fixture, built.body, built);
    if (unsound !== null) {
      // What the target itself has answered is not the suite's fault.
      const kind = restsOnAnswers(turn) ? 'not-set-up' : 'unsound';
      return kept(built, { response: null, failure: { kind, message: unsound } });
    }
    if (!budget.affords(worstCaseTokens(built.body, fixture), recorder.progress.requests)) return null;
    if (built.foreign) return this.foreign(fixture, identity, built);
    if (fixture.client === 'sdk-typescript') return this.throughSdk(network, fixture, identity, built);
    if (turn.until !== undefined) return this.poll(network, fixture, turn.until, identity, built);
    const startedMs = this.sinceStart();
    const { received, wasAlone } = await this.transmit(network, built.outgoing);
    const exchange = this.keep({ fixture, identity, built, received, startedMs, replaced });
    if (replaced === undefined) this.reconsider(exchange, fixture, wasAlone);
    return exchange;
  }

  /** Resolves when no request is under way. */
  async quiet(): Promise<void> {
    while (this.underWay.size > 0 && this.options.signal?.aborted !== true)
      await sleep(LOOK_AGAIN_MS, this.options.signal);
  }

  /** Asks again and again until something is done, ever more slowly. The last answer is kept. */
  private async poll(
    network: Network,
    fixture: Fixture,
    { pointer, equals, everyMs, timeoutMs }: NonNullable<Turn['until']>,
    identity: Identity,
    built: Built,
  ): Promise<Exchange> {
    const { recorder, budget } = this.tools;
    const patience = Math.min(timeoutMs, this.options.pollingMs ?? Number.POSITIVE_INFINITY);
    const deadline = performance.now() + patience;
    const what = `${fixture.id}: until ${pointer.slice(1)} is ${String(equals)}, up to ${duration(patience)}`;
    let troubles = 0;
    let stored = { id: null as string | null, times: 0 };
    for (let pause = everyMs; ; pause = Math.min(pause * 1.5, MAX_POLL_MS)) {
      const startedMs = this.sinceStart();
      const { received } = await this.transmit(network, built.outgoing);
      const exchange = recorder.read({ fixture, identity, built, received, startedMs });
      this.options.onExchange?.(exchange, recorder.progress);
      const value = readPointer(exchange.json, pointer);
      const isDone = JSON.stringify(value) === JSON.stringify(equals);
      const left = deadline - performance.now();
      // What is neither a state nor a request to wait is asked for once more: then it is the answer.
      if (!askedToWait(exchange) && (!succeeded(exchange) || value === undefined)) troubles += 1;
      const id = exchange.header('request-id');
      stored = { id, times: id !== null && id === stored.id ? stored.times + 1 : 1 };
      // A store between the suite and the target sends one answer for good; a target with one id for all says nothing by it.
      const isStored =
        stored.times >= MOST_STORED && recorder.exchanges.some((one) => isOther(one.header('request-id'), id));
      const isOver = exchange.failure !== null || troubles > 1 || isStored || budget.isOver(recorder.progress.requests);
      if (isDone || left <= 0 || isOver) {
        recorder.store(exchange);
        return exchange;
      }
      const ms = Math.min(Math.max(pause, Math.min(askedMs(exchange) ?? 0, MAX_POLL_MS)), left);
      this.options.onWaiting?.({ kind: 'polling', ms, what });
      await sleep(ms, this.options.signal);
    }
  }

  /** An address that an answer gave and that is not the target's: not asked for unless the user wants it, and never with a credential. */
  private async foreign(fixture: Fixture, identity: Identity, built: Built): Promise<Exchange> {
    const { target, recorder } = this.tools;
    const { url, method } = built.outgoing;
    const { origin } = new URL(url);
    const startedMs = this.sinceStart();
    if (!this.options.followResults || method !== 'GET') {
      const message = `${origin} is not the target's base URL, so nothing was asked for there; --follow-results does, without a credential`;
      return this.keep({
        fixture,
        identity,
        built,
        received: { response: null, failure: { kind: 'foreign', message } },
        startedMs,
      });
    }
    recorder.progress.requests += 1;
    const { askForeign } = await import('../send/foreign.js');
    const received = await askForeign(new URL(url), target.baseUrl, this.bounds, this.options.signal);
    return this.keep({ fixture, identity, built, received, startedMs });
  }

  /** Lets the official client send; the bytes beneath it are recorded like those of any other exchange. */
  private async throughSdk(network: Network, fixture: Fixture, identity: Identity, built: Built): Promise<Exchange> {
    const { target } = this.tools;
    const isStream = identity.transport === 'stream';
    let received: Received = {
      response: null,
      failure: { kind: 'unsound', message: 'the official client sent nothing' },
    };
    let sent = built.sent;
    let alone = true;
    const startedMs = this.sinceStart();
    const client = await driveClient({
      body: built.body ?? {},
      stream: isStream,
      baseUrl: target.baseUrl,
      apiKey: fixture.credential === 'none' ? null : fixture.credential === 'invalid' ? INVALID_KEY : target.apiKey,
      timeoutMs: this.options.timeoutMs,
      fetch: async (url: string, init: { method?: string; headers: Headers; body?: string }) => {
        const headers = { ...target.headers, ...Object.fromEntries(init.headers) };
        const outgoing = {
          method: init.method ?? 'POST',
          url,
          base: target.baseUrl,
          headers,
          body: init.body ?? null,
          stream: isStream,
        };
        sent = { method: outgoing.method, url, headers: withoutSecrets(headers, target), body: outgoing.body };
        const result = await this.transmit(network, outgoing);
        alone = result.wasAlone;
        received = result.received;
        return received;
      },
    });
    const exchange = this.keep({ fixture, identity, built: { ...built, sent }, received, client, startedMs });
    this.reconsider(exchange, fixture, alone);
    return exchange;
  }

  private async transmit(
    network: Network,
    outgoing: Built['outgoing'],
  ): Promise<{ received: Received; wasAlone: boolean }> {
    const { recorder } = this.tools;
    recorder.progress.requests += 1;
    const mine = { wasAlone: this.underWay.size === 0 };
    for (const other of this.underWay) other.wasAlone = false;
    this.underWay.add(mine);
    try {
      const received = await network.send(outgoing, this.bounds, this.options.signal);
      return { received, wasAlone: mine.wasAlone };
    } finally {
      this.underWay.delete(mine);
    }
  }

  private keep(recording: Parameters<Recorder['read']>[0]): Exchange {
    const { recorder } = this.tools;
    const exchange = recorder.read(recording);
    recorder.store(exchange);
    this.streams.learn(exchange);
    this.options.onExchange?.(exchange, recorder.progress);
    return exchange;
  }

  /** Notes what has to be sent once more before it is judged. */
  private reconsider(exchange: Exchange, { oneConnection, startGroup }: Fixture, wasAlone: boolean): void {
    const note = (why: string) => this.secondChances.push({ exchange, why });
    if (exchange.failure?.kind === 'timeout-headers' && !wasAlone)
      note('it timed out while other requests were under way');
    else if (isHungUp(exchange) && startGroup === null && (this.takesFewConnections || !wasAlone)) {
      this.takesFewConnections = true;
      note('its connection was ended, and other connections of the suite were open');
    }
    // What starts at the same moment is about that moment.
    else if (status(exchange) >= 500 && startGroup === null) note(`it was answered with HTTP ${status(exchange)}`);
    // A trouble of the moment does not come twice on a connection of its own.
    else if (oneConnection && exchange.turn > 1 && !succeeded(exchange))
      note(`it was answered with ${answer(exchange)}`);
  }

  private get bounds(): Bounds {
    return {
      timeoutMs: this.options.timeoutMs,
      maxBytes: MAX_BODY_BYTES,
      allowance: this.tools.budget.allowance,
      now: this.options.now,
      ...this.streams.bounds,
    };
  }

  private now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }

  private sinceStart(): number {
    return this.now() - this.started;
  }
}

const duration = (ms: number): string =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;

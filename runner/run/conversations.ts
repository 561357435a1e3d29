/** Runs conversations: turns in order, every try kept. What a target does never throws. */

import { answer, askedToWait, status, staysOpen, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture, Turn } from '../../core/fixture.js';
import type { JsonObject } from '../../core/json.js';
import { readPointer } from '../../core/pointer.js';
import { worstCaseTokens } from '../plan/cost.js';
import type { Conversation } from '../plan/plan.js';
import { MAX_BODY_BYTES } from '../send/bounded-body.js';
import type { Bounds, Network, Received } from '../send/network.js';
import { type Built, buildRequest, INVALID_KEY, NotSetUp, restsOnAnswers, type Target } from '../send/requests.js';
import { withoutSecrets } from '../send/secrets.js';
import type { Budget } from './budget.js';
import { shows } from './cooperation.js';
import { isPartOf } from './fallback.js';
import { driveClient } from './official-client.js';
import type { Identity, Progress, Recorder } from './recorder.js';
import type { Secrets } from './secrets.js';
import { Slots } from './slots.js';
import { askedMs, isAskedToWait, MAX_WAITS, Patience, sleep, type Waiting } from './waiting.js';

export interface ConversationOptions {
  /** Longest time of one exchange, in milliseconds. */
  timeoutMs: number;
  /** Most time spent waiting because the target asked for it, in milliseconds. Default: ten minutes. */
  patienceMs?: number;
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

const LINGER_MS = 5_000;
/** So many streams left open tell of all. Half the time is enough for the others: `stream.frame.close` needs 2 s. */
const ENOUGH_LEFT_OPEN = 5;
const LOOK_AGAIN_MS = 20;
/** Longest pause between two looks at something that is not done yet. */
const MAX_POLL_MS = 15_000;

/** An exchange that may deserve another try, after all others and with the target to itself. */
export interface SecondChance {
  exchange: Exchange;
  why: string;
}

type Outcome = 'done' | 'again' | 'wait' | 'once-more';

export class Conversations {
  /** In the order in which they came. */
  readonly secondChances: SecondChance[] = [];
  private readonly attempts = new Map<string, number>();
  private readonly underWay = new Set<{ wasAlone: boolean }>();
  private readonly patience: Patience;
  private bounds: Bounds;
  private leftOpen = 0;
  private readonly started: number;
  private pause: Promise<void> = Promise.resolve();
  private readonly slots = new Slots();

  constructor(
    private readonly tools: Tools,
    private readonly options: ConversationOptions,
    /** Called for every exchange before the next request of its conversation. */
    private readonly observe: (exchange: Exchange, fixture: Fixture) => Promise<void>,
    /** Whether a conversation goes no further. Asked before each of its requests. */
    private readonly isHeld: (fixture: Fixture) => boolean = () => false,
  ) {
    this.patience = new Patience(options.patienceMs);
    this.started = this.now();
    this.bounds = {
      timeoutMs: options.timeoutMs,
      maxBytes: MAX_BODY_BYTES,
      allowance: tools.budget.allowance,
      lingerMs: options.lingerMs ?? LINGER_MS,
      now: options.now,
    };
  }

  /** Runs a conversation, again while the model does not cooperate or the target asks to wait. */
  async run(conversation: Conversation): Promise<void> {
    const { fixture } = conversation;
    let waits = 0;
    let troubles = 0;
    for (let tries = 1; tries <= fixture.attempts; ) {
      const attempt = this.nextAttempt(conversation);
      const outcome = await this.runOnce(conversation, attempt, troubles === 0, tries < fixture.attempts);
      if (outcome === 'done') return;
      if (outcome === 'again') tries += 1;
      else if (outcome === 'once-more') {
        troubles += 1;
        this.replace(conversation, attempt, 'the target was overloaded in the middle of the stream');
      } else if (++waits > MAX_WAITS) return;
      else this.replace(conversation, attempt, 'the target asked to wait');
    }
  }

  /** Runs a conversation once more; what came of it before does not count any longer. */
  async runInstead(conversation: Conversation, { exchange, why }: SecondChance): Promise<void> {
    this.replace(conversation, exchange.attempt, why);
    await this.runOnce(conversation, this.nextAttempt(conversation), false);
  }

  /** Sends the first request of a conversation, to see whether the target is there; the exchange is kept and does not count. */
  async probe({ fixture, transport }: Conversation): Promise<Exchange | null> {
    const attempt = this.nextAttempt({ fixture, transport });
    const identity = { fixture: fixture.id, transport, turn: 1, attempt };
    return this.sendTurn(
      this.tools.network,
      fixture,
      fixture.turns[0]!,
      identity,
      [],
      'asks whether the target still answers',
    );
  }

  private nextAttempt({ fixture, transport }: Pick<Conversation, 'fixture' | 'transport'>): number {
    const key = `${fixture.id}/${transport}`;
    const attempt = (this.attempts.get(key) ?? 0) + 1;
    this.attempts.set(key, attempt);
    return attempt;
  }

  private async runOnce(
    conversation: Conversation,
    attempt: number,
    mayRepeat: boolean,
    hasMoreTries = false,
  ): Promise<Outcome> {
    const { fixture, transport, sharedBy } = conversation;
    const network = fixture.oneConnection ? this.tools.network.single() : this.tools.network;
    const earlier: Exchange[] = [];
    let cooperated = true;
    try {
      for (const [index, turn] of fixture.turns.entries()) {
        await this.pause;
        if (this.isHeld(fixture)) return 'done';
        if (turn.waitMs !== undefined) await sleep(turn.waitMs, this.options.signal);
        const identity = {
          fixture: fixture.id,
          transport: turn.transport ?? transport,
          turn: index + 1,
          attempt,
          ...(index === 0 ? { sharedBy } : {}),
        };
        // A pause may have begun while it waited for its slot.
        const send = () => this.pause.then(() => this.sendTurn(network, fixture, turn, identity, earlier));
        const exchange = await this.slots.take(fixture, turn, send);
        if (exchange === null) return 'done';
        earlier.push(exchange);
        this.slots.learn(exchange, fixture, this.underWay.size);
        const isLeftOpen = staysOpen(exchange);
        if (isLeftOpen && ++this.leftOpen === ENOUGH_LEFT_OPEN) this.waitLess();
        await this.observe(exchange, fixture);
        if (isAskedToWait(exchange)) {
          return this.waits(exchange, attempt) ? 'wait' : 'done';
        }
        if (mayRepeat && isOverloaded(exchange)) {
          return 'once-more';
        }
        if (exchange.failure?.kind === 'not-set-up' && !cooperated && hasMoreTries) {
          exchange.replaced ??= 'the model did not answer with what this request is built from, and was asked again';
          return 'again';
        }
        if (exchange.failure !== null && !isLeftOpen && !['abandoned', 'foreign'].includes(exchange.failure.kind))
          return 'done';
        cooperated &&= turn.cooperation === undefined || shows(exchange, turn.cooperation);
      }
    } finally {
      if (network !== this.tools.network) await network.close();
    }
    return cooperated ? 'done' : 'again';
  }

  private waitLess(): void {
    this.bounds = { ...this.bounds, lingerMs: this.bounds.lingerMs / 2 };
  }

  /** Makes everybody wait as the target asks, as long as the longest of its wishes; false when patience is at its end. */
  private waits(exchange: Exchange, attempt: number): boolean {
    const waiting = this.patience.next(exchange, attempt);
    if (waiting === null) return false;
    this.options.onWaiting?.(waiting);
    this.pause = Promise.all([this.pause, sleep(waiting.ms, this.options.signal)]).then(() => {});
    return true;
  }

  /** Makes the exchanges of an attempt so far count no longer; without an attempt those of all. */
  replace(conversation: Conversation, attempt: number | null, why: string): void {
    for (const exchange of this.tools.recorder.exchanges) {
      if (isPartOf(exchange, conversation) && (attempt ?? exchange.attempt) === exchange.attempt)
        exchange.replaced ??= why;
    }
  }

  private async sendTurn(
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
    const { received, wasAlone } = await this.send(network, built.outgoing);
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
    for (let pause = everyMs; ; pause = Math.min(pause * 1.5, MAX_POLL_MS)) {
      const startedMs = this.sinceStart();
      const { received } = await this.send(network, built.outgoing);
      const exchange = recorder.read({ fixture, identity, built, received, startedMs });
      this.options.onExchange?.(exchange, recorder.progress);
      const value = readPointer(exchange.json, pointer);
      const isDone = JSON.stringify(value) === JSON.stringify(equals);
      const left = deadline - performance.now();
      // What is neither a state nor a request to wait is asked for once more: then it is the answer.
      if (!askedToWait(exchange) && (!succeeded(exchange) || value === undefined)) troubles += 1;
      const isOver = exchange.failure !== null || troubles > 1 || budget.isOver(recorder.progress.requests);
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
        const result = await this.send(network, outgoing);
        alone = result.wasAlone;
        received = result.received;
        return received;
      },
    });
    const exchange = this.keep({ fixture, identity, built: { ...built, sent }, received, client, startedMs });
    this.reconsider(exchange, fixture, alone);
    return exchange;
  }

  private async send(
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
    this.options.onExchange?.(exchange, recorder.progress);
    return exchange;
  }

  /** Notes what has to be sent once more before it is judged. */
  private reconsider(exchange: Exchange, { violates, oneConnection }: Fixture, wasAlone: boolean): void {
    const note = (why: string) => this.secondChances.push({ exchange, why });
    if (exchange.failure?.kind === 'timeout-headers' && !wasAlone)
      note('it timed out while other requests were under way');
    else if (violates !== null && status(exchange) >= 500) note(`it was answered with HTTP ${status(exchange)}`);
    // A trouble of the moment does not come twice on a connection of its own.
    else if (oneConnection && exchange.turn > 1 && !succeeded(exchange))
      note(`it was answered with ${answer(exchange)}`);
  }

  private now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }

  private sinceStart(): number {
    return this.now() - this.started;
  }
}

/** A stream that ends with a well-formed overloaded_error: a trouble of the moment. */
export const isOverloaded = (exchange: Exchange): boolean => succeeded(exchange) && askedToWait(exchange);

const duration = (ms: number): string =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;

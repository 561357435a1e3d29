/** Sends the cases of a plan through the gateway and pairs each exchange with what the upstream saw of it. */

import pLimit from 'p-limit';
import { succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Fixture } from '../core/fixture.js';
import type { Redactor } from '../core/redact.js';
import type { UpstreamCall } from '../core/upstream.js';
import type { Conversation } from '../runner/plan/plan.js';
import { readExchange } from '../runner/read/read.js';
import { type Progress, Recorder, type Recording } from '../runner/run/recorder.js';
import { Secrets } from '../runner/run/secrets.js';
import { StreamPatience } from '../runner/run/stream-patience.js';
import { MAX_BODY_BYTES } from '../runner/send/bounded-body.js';
import type { Network, Received } from '../runner/send/network.js';
import { buildRequest, NotSetUp, type Target } from '../runner/send/requests.js';
import { isRisky } from './cases.js';
import { wasRefused } from './judging/pairs.js';
import { withMarker } from './marker.js';
import { outagesNoted, overlookedNoted, stallsNoted } from './notes.js';
import { type Clock, Gathering, type Live, newLive, within } from './upstream/live.js';
import type { Upstream } from './upstream/server.js';

export interface SendOptions {
  /** Cases at the same time; those that fail on purpose go one at a time. */
  concurrency: number;
  timeoutMs: number;
  /** How long a gateway is waited for that does not recover from a failure of its upstream, in milliseconds. */
  recoveryMs: number;
  clock: Clock;
  /** Starts the gateway again where its process has ended, and says how it ended; `null` where it runs, or is not ours to start. */
  restart?: () => Promise<string | null>;
  /** Ends the gateway and starts it anew; false where it is not ours to start. */
  startAnew?: () => Promise<boolean>;
  signal?: AbortSignal;
  onExchange?: (exchange: Exchange, progress: Progress) => void;
}

/** What came of it. */
export interface Sent {
  exchanges: readonly Exchange[];
  progress: Progress;
  /** Why cases were left out at the end; `null` when all were sent. */
  stopped: string | null;
  redact: Redactor;
  notices: readonly string[];
}

/** How long the upstream may still be at work for an exchange that is over for its client. */
const SETTLE_MS = 2_500;
const LINGER_MS = 2_000;
/** A stream that says nothing for so long has stopped: the upstream answers at once. */
const STALLED_MS = 5_000;
/** Pause between two looks at a gateway that does not answer after a failure. */
const LOOK_MS = 1_000;
/** A gateway that ends this often is not started again: it would be restarted for every case. */
const MOST_RESTARTS = 12;
/** Each time that a gateway is started anew costs the whole wait for its recovery before. */
const MOST_ANEW = 4;

/** An exchange that is recorded, and for which a request may still reach the upstream. */
interface Kept {
  live: Live;
  /** How many calls it had when it was recorded. */
  calls: number;
  index: number;
}

export class Exchanges {
  private readonly exchanges: Exchange[] = [];
  private readonly kept: Kept[] = [];
  private secrets: Secrets;
  private recorder: Recorder;
  private knownKeys = 0;
  private stopped: string | null = null;
  private hasAnswered = false;
  /** With and without `stream`: how requests have been served at least once. */
  private readonly served = new Set<Conversation['transport']>();
  private goneSince: number | null = null;
  private returning: Promise<boolean> | null = null;
  private readonly outages: string[] = [];
  /** Cases after which the gateway served nothing until it was started anew. */
  private readonly stalls: string[] = [];
  private readonly started: number;
  private readonly streams = new StreamPatience(LINGER_MS, STALLED_MS);

  constructor(
    private readonly tools: { upstream: Upstream; target: Target; network: Network },
    private readonly planned: readonly Conversation[],
    private readonly options: SendOptions,
  ) {
    this.secrets = new Secrets(tools.target, planned);
    this.recorder = new Recorder(this.secrets);
    this.started = options.clock.now();
  }

  /** The first case alone: it shows whether the gateway reaches the upstream. */
  async first(conversation: Conversation): Promise<Exchange | undefined> {
    await this.run(conversation);
    return this.exchanges[0];
  }

  /**
   * The first case once more, with the key in the other header, for a gateway that rejects it in the first. Where that reaches the upstream, the
   * run goes on with it.
   */
  async firstOtherwise({ fixture, transport }: Conversation): Promise<Exchange | null> {
    const { target } = this.tools;
    const { credential } = target;
    const other = credential === 'bearer' ? 'x-api-key' : 'bearer';
    target.credential = other;
    const exchange = await this.turn({ fixture, transport, turn: 1, attempt: 2, gathering: null }, []);
    const isTaken = (exchange?.upstream ?? []).length > 0;
    if (!isTaken) target.credential = credential;
    const at = isTaken ? 0 : 1;
    if (exchange !== null)
      this.exchanges[at] = readExchange({
        ...this.exchanges[at]!,
        replaced: 'the gateway takes its key in another header',
      });
    return isTaken ? exchange : null;
  }

  async all(conversations: readonly Conversation[]): Promise<void> {
    const limit = pLimit(this.options.concurrency);
    const safe = conversations.filter(({ fixture }) => !isRisky(fixture));
    await Promise.all(safe.map((conversation) => limit(() => this.run(conversation))));
    for (const conversation of conversations.filter(({ fixture }) => isRisky(fixture))) await this.run(conversation);
  }

  result(): Sent {
    for (const kept of this.kept) {
      const { live, calls, index } = kept;
      if (live.calls.length === calls) continue;
      const exchange = this.exchanges[index]!;
      const upstream = [...(exchange.upstream ?? []), ...live.calls.slice(calls).map((call) => this.masked(call))];
      this.exchanges[index] = readExchange({ ...exchange, upstream });
    }
    const { redact, notices } = this.secrets;
    const overlooked = [...this.tools.upstream.overlooked.values()].map(redact);
    const all = [
      ...outagesNoted(this.outages),
      ...stallsNoted(this.stalls, this.options.recoveryMs),
      ...overlookedNoted(overlooked),
      ...notices,
    ];
    return { exchanges: this.exchanges, progress: this.recorder.progress, stopped: this.stopped, redact, notices: all };
  }

  private async run({ fixture, transport }: Conversation): Promise<void> {
    const { parallel } = fixture;
    if (parallel === undefined) return this.one(fixture, transport, 1, null);
    const gathering = new Gathering(parallel);
    const attempts = Array.from({ length: parallel }, (_, index) => index + 1);
    await Promise.all(attempts.map((attempt) => this.one(fixture, transport, attempt, gathering)));
  }

  private async one(
    fixture: Fixture,
    transport: Conversation['transport'],
    attempt: number,
    gathering: Gathering | null,
  ): Promise<void> {
    const earlier: Exchange[] = [];
    for (const index of fixture.turns.keys()) {
      if (this.stopped !== null || this.isInterrupted()) return;
      const exchange = await this.turn({ fixture, transport, turn: index + 1, attempt, gathering }, earlier);
      if (exchange === null) return;
      earlier.push(exchange);
    }
    // The last turn of a case that fails on purpose is a plain request. One that never worked says nothing about a recovery.
    const last = earlier.at(-1)!;
    if (isRisky(fixture) && !isServed(last) && this.served.has(transport)) await this.recover(fixture, transport);
  }

  private isInterrupted(): boolean {
    if (this.options.signal?.aborted) this.stopped ??= String(this.options.signal.reason ?? 'the run was interrupted');
    return this.stopped !== null;
  }

  /** Waits for a gateway that has put its upstream on hold. */
  private async recover(fixture: Fixture, transport: Conversation['transport']): Promise<void> {
    const { clock, recoveryMs } = this.options;
    const deadline = clock.now() + recoveryMs;
    for (let attempt = 2; clock.now() < deadline; attempt += 1) {
      await clock.sleep(LOOK_MS);
      if (this.isInterrupted()) return;
      const turn = fixture.turns.length;
      const replaced = 'asks whether the gateway serves again';
      const exchange = await this.turn({ fixture, transport, turn, attempt, gathering: null, replaced }, []);
      if (exchange === null || isServed(exchange)) return;
    }
    if (recoveryMs === 0) return;
    if (this.stalls.length < MOST_ANEW && (await this.options.startAnew?.())) this.stalls.push(fixture.id);
    else
      this.stopped = `the gateway did not serve again within ${Math.round(recoveryMs / 1000)} s after the case ${fixture.id}`;
  }

  /** Whether a gateway that took no connection is worth another try: after a pause, or as soon as it was started again. */
  private comesBack(how: string): Promise<boolean> {
    // Cases that go at the same time wait for one and the same return.
    this.returning ??= this.bringBack(how).finally(() => {
      this.returning = null;
    });
    return this.returning;
  }

  /** Index of the exchange after which the gateway was gone: the last one, or the one before where that only met the end. */
  private lastWords(): number {
    const last = this.exchanges.length - 1;
    const metTheEnd = this.exchanges[last]!.response === null && this.exchanges[last]!.failure?.kind === 'reset';
    return metTheEnd && this.exchanges[last - 1]?.failure?.kind === 'reset' ? last - 1 : last;
  }

  private async bringBack(how: string): Promise<boolean> {
    const { clock, recoveryMs, restart } = this.options;
    const last = this.lastWords();
    const { id } = this.exchanges[last]!;
    const isNew = this.goneSince === null;
    this.goneSince ??= clock.now();
    const ended = isNew && this.outages.length < MOST_RESTARTS ? ((await restart?.()) ?? null) : null;
    if (isNew)
      this.exchanges[last] = readExchange({ ...this.exchanges[last]!, gatewayGone: this.secrets.redact(ended ?? how) });
    if (ended !== null) {
      this.outages.push(id);
      return true;
    }
    if (this.isInterrupted()) return false;
    if (clock.now() - this.goneSince >= recoveryMs) {
      this.stopped = `the gateway takes no connection since ${id}, and did not come back within ${Math.round(recoveryMs / 1000)} s`;
      return false;
    }
    await clock.sleep(LOOK_MS);
    return true;
  }

  /** `null` where the gateway is gone, and stays away. */
  private async turn(
    identity: {
      fixture: Fixture;
      transport: Conversation['transport'];
      turn: number;
      attempt: number;
      gathering: Gathering | null;
      replaced?: string;
    },
    earlier: readonly Exchange[],
  ): Promise<Exchange | null> {
    const { fixture, transport, turn, attempt, gathering, replaced } = identity;
    const { upstream, target, network } = this.tools;
    const { clock } = this.options;
    const planned = fixture.turns[turn - 1]!;
    const place = turn > 1 && planned.upstream?.again !== true ? `.${turn}` : '';
    const id = `${fixture.id}/${transport}${place}${attempt > 1 ? `#${attempt}` : ''}`;
    const written = withMarker(planned, id);
    const leaves = new AbortController();
    const live = newLive({
      id,
      script: written.upstream!.script,
      isPlainest: fixture.id === 'plain',
      transport,
      startedAt: clock.now(),
      gathering,
      onArrival: () => {
        if (written.abortAfter === 'arrival') leaves.abort();
      },
    });
    const common = {
      fixture,
      identity: { fixture: fixture.id, transport, turn, attempt },
      startedMs: live.startedAt - this.started,
      ...(replaced !== undefined && { replaced }),
    };
    let built: ReturnType<typeof buildRequest>;
    try {
      built = buildRequest(target, fixture, written, transport, earlier);
    } catch (error) {
      if (!(error instanceof NotSetUp)) throw error;
      const received: Received = { response: null, failure: { kind: 'not-set-up', message: error.message } };
      return this.keep(live, { ...common, built: null, received });
    }
    const isRefused =
      live.script.fails !== undefined &&
      'connection' in live.script.fails &&
      live.script.fails.connection === 'refused';
    upstream.begin(live);
    if (isRefused) await upstream.close();
    this.recorder.progress.requests += 1;
    const { patienceMs } = fixture;
    const bounds = {
      timeoutMs: patienceMs ?? this.options.timeoutMs,
      maxBytes: MAX_BODY_BYTES,
      now: clock.now,
      // A script that is slow itself teaches nothing, and needs its time.
      ...(patienceMs === undefined ? this.streams.bounds : { lingerMs: LINGER_MS, stopMs: patienceMs }),
    };
    const signal = AbortSignal.any([leaves.signal, ...(this.options.signal ? [this.options.signal] : [])]);
    // On a connection of its own, so that no reset makes the suite itself send a request again.
    const headers = { ...built.outgoing.headers, connection: 'close' };
    const outgoing = { ...built.outgoing, headers, onBytes: (bytes: Uint8Array) => live.watcher.feed(bytes) };
    const received = await network.send(outgoing, bounds, signal);
    await within(
      clock,
      SETTLE_MS,
      live.settled().then(() => true),
    );
    upstream.end(live);
    if (isRefused) await upstream.listen();
    if (received.response !== null) {
      this.hasAnswered = true;
      this.goneSince = null;
    } else if (this.hasAnswered && received.failure?.kind === 'unreachable' && !signal.aborted)
      // Nothing was sent, so nothing is lost by sending it once more.
      return (await this.comesBack(received.failure.message)) ? this.turn(identity, earlier) : null;
    return this.keep(live, { ...common, built, received: leaves.signal.aborted ? left(received) : received });
  }

  private keep(live: Live, recording: Recording): Exchange {
    this.learnKeys();
    const exchange = this.recorder.read({ ...recording, upstream: this.shown(live, recording.received) });
    this.kept.push({ live, calls: live.calls.length, index: this.exchanges.length });
    this.exchanges.push(exchange);
    if (succeeded(exchange)) this.served.add(exchange.transport);
    if (recording.fixture.patienceMs === undefined) this.streams.learn(exchange);
    // The exchange has a masked copy; a run has hundreds of bodies.
    if (live.underWay.size === 0) for (const call of live.calls) call.response = null;
    this.options.onExchange?.(exchange, this.recorder.progress);
    return exchange;
  }

  /** The gateway's own keys are secrets too, as soon as they are known. */
  private learnKeys(): void {
    const { upstream, target } = this.tools;
    if (upstream.keys.size === this.knownKeys) return;
    this.knownKeys = upstream.keys.size;
    const keys = [...upstream.keys].map((key, index) => [`upstream-key-${index + 1}`, key] as const);
    const { progress } = this.recorder;
    this.secrets = new Secrets(
      {
        ...target,
        headers: { ...target.headers, ...Object.fromEntries(keys) },
        headerVariables: {
          ...target.headerVariables,
          ...Object.fromEntries(keys.map(([name]) => [name, 'UPSTREAM_KEY'])),
        },
      },
      this.planned,
    );
    this.recorder = new Recorder(this.secrets);
    Object.assign(this.recorder.progress, progress);
  }

  /** What the upstream saw, without secrets. */
  private shown(live: Live, { response }: Received): Recording['upstream'] {
    const { upstream } = this.tools;
    const keys = [...upstream.keys];
    const calls = live.calls.map((call) => this.masked(call));
    const places =
      response === null
        ? []
        : [
            ...(keys.some((key) => response.body.includes(key)) ? ['body'] : []),
            ...response.headers.flatMap(([name, value]) => (keys.some((key) => value.includes(key)) ? [name] : [])),
          ];
    return { upstream: calls, ...(places.length > 0 && { upstreamKeyIn: [...new Set(places)] }) };
  }

  private masked(call: UpstreamCall): UpstreamCall {
    const headers = Object.fromEntries(
      Object.entries(call.request.headers).map(([name, value]) => [name, isCredential(name) ? shownKey(call) : value]),
    );
    return {
      ...call,
      request: this.secrets.request({ ...call.request, headers }),
      refused: call.refused.map((line) => this.secrets.redact(line)),
      ...(call.overlooked && { overlooked: call.overlooked.map((line) => this.secrets.redact(line)) }),
      response: call.response === null ? null : this.secrets.response(call.response),
    };
  }
}

/** Whether the gateway is at work again. It is, too, where the upstream rejected what it sent: waiting changes nothing about that. */
const isServed = (exchange: Exchange): boolean => succeeded(exchange) || wasRefused(exchange);

const isCredential = (name: string): boolean => ['authorization', 'x-api-key', 'api-key'].includes(name);

const shownKey = ({ credential }: UpstreamCall): string => (credential === 'client' ? '$CLIENT_KEY' : '$UPSTREAM_KEY');

/** The client left on purpose. */
const left = ({ response }: Received): Received => ({
  response,
  failure: {
    kind: 'abandoned',
    message: 'the client closed its connection when the request had arrived at the upstream',
  },
});

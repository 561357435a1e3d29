/**
 * Sends the conversations of a plan. One plain request first, to learn whether the target can be judged at all; then the small ones
 * side by side, the large ones, what a shortfall makes necessary, and at last what needs the target to itself. A target that asks to
 * wait is waited for, one that stops serving ends the run, and every try is kept.
 */

import pLimit from 'p-limit';
import { isAccepted, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Redactor } from '../../core/redact.js';
import type { Diagnosis } from '../../core/report.js';
import type { Conversation } from '../plan/plan.js';
import { type Bounds, type Network, type Outgoing, openNetwork, type Received } from '../send/network.js';
import type { Target } from '../send/requests.js';
import { Budget, type Limits } from './budget.js';
import { type ConversationOptions, Conversations } from './conversations.js';
import { type Deferred, deferred } from './deferred.js';
import { exchangesOf, isPartOf, neededFallbacks } from './fallback.js';
import { Health, lastTroubles, serverTrouble } from './health.js';
import { overlap, type Start } from './overlap.js';
import { type Progress, Recorder } from './recorder.js';
import { asides, isPlainMessage, type Schedule, schedule } from './schedule.js';
import { Secrets } from './secrets.js';
import { isHungUp } from './slots.js';
import type { Tools } from './turns.js';
import { isAskedToWait, sleep } from './waiting.js';

export type { Progress };

export interface FireOptions extends ConversationOptions, Limits {
  /** Requests at the same time. */
  concurrency: number;
  /** Takes the requests in place of sockets; whoever hands it in closes it. */
  network?: Network;
  /** Asked where the first request is not accepted: why the target cannot be judged, or how it can. Without it the run goes on. */
  diagnose?: (first: FirstRequest) => Promise<Finding | null>;
  /**
   * A request for a message and nothing else. A run of a few requirements may have none: before the target is blamed for rejecting
   * the first of its special requests, it is asked this.
   */
  plain?: Fixture;
  /** More requests than planned are under way: parts, repetitions. */
  onFurther?: (requests: number) => void;
  /** Asked after every conversation; a reason ends the run. */
  enough?: (exchanges: readonly Exchange[], finished: ReadonlySet<string>) => string | null;
}

/** What a diagnosis has to work with. */
export interface FirstRequest {
  conversation: Conversation;
  /** The last answer to it. */
  exchange: Exchange;
  target: Target;
  /** Sends a further request, which counts like any other. */
  send: (outgoing: Outgoing, bounds: Bounds) => Promise<Received>;
}

/** What a diagnosis comes to: the target cannot be judged, or only with the other credential header. */
export type Finding = { unusable: Diagnosis } | { credential: Target['credential']; diagnosis: Diagnosis };

export interface Fired {
  exchanges: readonly Exchange[];
  progress: Progress;
  /** Why conversations were left out at the end, `null` when all were sent. */
  stopped: string | null;
  /** What is wrong with the target as a whole; `null` when its first request was accepted. */
  diagnosis: Finding | null;
  /** Masks the secrets of the run in what judges make of the exchanges. */
  redact: Redactor;
  /** What a reader has to know about secrets that are not masked, one line each. */
  notices: readonly string[];
}

/** Timeouts that are asked for once more: a target that is too slow for more is too slow. */
const MAX_SECOND_TIMEOUTS = 6;
/** Requests that fail again and again are no trouble of the moment. */
const MAX_SECOND_FAILURES = 3;
/** A first request that takes so long, in milliseconds, makes the order of the others matter. */
const TAKES_ITS_TIME_MS = 1_000;
/** Requests that start within this part of the time that one takes end in step too. */
const WAVE = 0.25;
/** So many accepted requests show whether a target works on several at a time. */
const ENOUGH = 8;
/** A target works on one request at a time when four at a time take so many times as long as one. */
const ONE_SLOT = 2;

export async function fire(planned: readonly Conversation[], target: Target, options: FireOptions): Promise<Fired> {
  const network = options.network ?? openNetwork();
  try {
    return await new Run(planned, { ...options, network }, target).all();
  } finally {
    if (network !== options.network) await network.close();
  }
}

/** How servers answer requests to an endpoint that they do not have. A 400 may be about the request to one that they do have. */
const NO_ENDPOINT: readonly number[] = [404, 405, 410, 501];

class Run {
  private readonly tools: Tools;
  private readonly plan: Schedule;
  private readonly conversations: Conversations;
  private readonly health = new Health();
  private readonly finished = new Set<string>();
  /** By fixture: resolved when it has its first answer, or has ended without one. */
  private readonly looks = new Map<string, Deferred>();
  private readonly limit: ReturnType<typeof pLimit>;
  private probing: Promise<void> | null = null;
  /** By fixture: what began beside the first request. */
  private readonly ahead = new Map<string, { chain: Conversation; done: Promise<void> }>();
  /** Once the first request is not accepted, what began beside it goes no further. */
  private opening: 'under way' | 'not accepted' | 'over' = 'under way';

  constructor(
    private readonly planned: readonly Conversation[],
    private readonly options: FireOptions & { network: Network },
    target: Target,
  ) {
    const secrets = new Secrets(target, planned);
    const { network } = options;
    this.tools = { target, network, secrets, budget: new Budget(options), recorder: new Recorder(secrets) };
    this.plan = schedule(planned);
    this.conversations = new Conversations(
      this.tools,
      options,
      (exchange, fixture) => this.watch(exchange, fixture),
      ({ id }) => this.opening === 'not accepted' && this.ahead.has(id),
    );
    this.limit = pLimit(options.concurrency);
  }

  async all(): Promise<Fired> {
    const { first, large, fallbacks, groups } = this.plan;
    if (first !== null) {
      await this.runFirst(first);
      const diagnosis = await this.diagnosed(first);
      if (diagnosis !== null) return this.unusable(diagnosis);
    }
    await this.reconsiderAhead();
    const left = await this.runMost();
    await this.runAll(
      large.filter((one) => left.has(one)),
      this.worksOnOneAtATime() ? 'in order' : 'side by side',
    );
    await this.runFallbacks(fallbacks);
    for (const group of groups.filter(([one]) => left.has(one!)))
      await Promise.all(group.map((conversation) => this.one(conversation)));
    await this.giveSecondChances();
    await this.runFallbacks(fallbacks);
    return this.result(null);
  }

  private result(diagnosis: Finding | null): Fired {
    const { recorder, budget, secrets } = this.tools;
    const { exchanges, progress } = recorder;
    const { redact, notices } = secrets;
    // The reason quotes what the target said.
    const stopped = budget.stopped === null ? null : redact(budget.stopped);
    return { exchanges, progress, stopped, diagnosis, redact, notices };
  }

  /**
   * Where the first request takes its time, conversations that generate nothing start beside it, the life of a batch before others: a run
   * lasts as long as its longest chain, and with one slot for generation they do not slow the first request down.
   */
  private async runFirst(first: Conversation): Promise<void> {
    const answered = new AbortController();
    const done = this.runAll([first], 'in order').finally(() => answered.abort());
    await sleep(TAKES_ITS_TIME_MS, answered.signal);
    if (!answered.signal.aborted && this.opening !== 'not accepted') {
      const chains = asides(this.plan.small).slice(0, this.options.concurrency - 1);
      for (const chain of chains) this.ahead.set(chain.fixture.id, { chain, done: this.one(chain) });
    }
    await done;
  }

  /** What began beside a first request that was not accepted at once begins again; beside an accepted one it goes on. */
  private async reconsiderAhead(): Promise<void> {
    if (this.opening === 'not accepted') {
      for (const [id, { chain, done }] of this.ahead) {
        await done;
        this.conversations.replace(chain, null, 'the first request beside it was not accepted');
        this.looks.delete(id);
      }
      this.ahead.clear();
    }
    this.opening = 'over';
  }

  /** What began beside the first request says nothing about a target that cannot be judged. */
  private async unusable(diagnosis: Finding): Promise<Fired> {
    await Promise.all([...this.ahead.values()].map(({ done }) => done));
    const result = this.result(diagnosis);
    return { ...result, exchanges: result.exchanges.filter(({ fixture }) => !this.ahead.has(fixture)) };
  }

  /**
   * Runs the small conversations. Where the target takes its time, and works on several requests at a time, also the large ones and the
   * groups; a quick target has done them in no time afterwards. Resolves with those that are left.
   */
  private async runMost(): Promise<ReadonlySet<Conversation>> {
    const { small, large, groups } = this.plan;
    const rest = small.filter(({ fixture }) => !this.ahead.has(fixture.id));
    const left = (starts: readonly Start[]): ReadonlySet<Conversation> => new Set(starts.flat());
    const late = [...groups, ...large.map((one) => [one])];
    if (!this.takesItsTime() && this.ahead.size === 0) {
      await this.runAll(rest);
      return left(late);
    }
    for (const { fixture } of rest) this.looks.set(fixture.id, this.looks.get(fixture.id) ?? deferred());
    const isMeasured = (): boolean => this.accepted().length > ENOUGH;
    return left(
      await overlap({
        queue: rest.map((one) => [one]),
        late,
        mayOverlap: () => (isMeasured() ? !this.worksOnOneAtATime() : null),
        concurrency: this.options.concurrency,
        waveMs: (this.accepted()[0] ?? 0) * WAVE,
        underWay: [...this.ahead.values()].map(({ done }) => done),
        run: (conversation) => this.one(conversation),
        waitsFor: ({ gates = [] }) => {
          const looks = gates.flatMap((id) => this.looks.get(id) ?? []).filter(({ isDone }) => !isDone);
          return looks.length === 0 ? null : Promise.all(looks.map(({ promise }) => promise)).then(() => {});
        },
      }),
    );
  }

  private takesItsTime(): boolean {
    return (this.accepted()[0] ?? 0) >= TAKES_ITS_TIME_MS;
  }

  /** How long the accepted first requests of conversations took, in milliseconds; that of the first conversation first. */
  private accepted(): number[] {
    const isFirst = ({ fixture }: Exchange): number => Number(fixture === this.plan.first?.fixture.id);
    return this.tools.recorder.exchanges
      .filter((exchange) => isAccepted(exchange) && exchange.turn === 1)
      .sort((a, b) => isFirst(b) - isFirst(a))
      .map(({ response }) => response?.endMs ?? 0);
  }

  /** The first request was accepted, or what is to be said of a target that does not accept it. */
  private async diagnosed(first: Conversation): Promise<Finding | null> {
    const { recorder, target, network, budget, secrets } = this.tools;
    const answers = (): Exchange[] =>
      exchangesOf(recorder.exchanges, first.fixture.id).filter(({ turn }) => turn === 1);
    const last = answers().at(-1);
    if (last === undefined || budget.stopped !== null || answers().some(isAccepted)) return null;
    const { plain } = this.options;
    if (plain !== undefined && !isPlainMessage(first) && last.failure?.kind !== 'unreachable') {
      this.options.onFurther?.(plain.turns.length);
      const asked: Conversation = { fixture: plain, transport: 'json', fallbackFor: [first.fixture.id], sharedBy: [] };
      await this.runAll([asked], 'in order');
      return this.diagnosed(asked);
    }
    if (this.options.diagnose === undefined) {
      if (last.failure?.kind === 'unreachable') budget.stop(`the target cannot be reached: ${last.failure.message}`);
      return null;
    }
    // A cold server may be slow or unready once.
    if (last.failure?.kind === 'timeout-headers' || last.failure?.kind === 'reset' || isServerError(last)) {
      const why =
        last.failure === null
          ? `it was answered with HTTP ${last.response?.status}`
          : 'the first request of a run found no answer';
      await this.conversations.runInstead(first, { exchange: last, why });
      if (answers().some(isAccepted)) return null;
    }
    const finding = await this.options.diagnose({
      conversation: first,
      exchange: answers().at(-1) ?? last,
      target,
      send: (outgoing, bounds) => {
        recorder.progress.requests += 1;
        return network.send(outgoing, bounds, this.options.signal);
      },
    });
    return finding === null ? null : (JSON.parse(secrets.redact(JSON.stringify(finding))) as Finding);
  }

  private async runAll(
    conversations: readonly Conversation[],
    how: 'side by side' | 'in order' = 'side by side',
  ): Promise<void> {
    if (how === 'in order') for (const conversation of conversations) await this.one(conversation);
    else await Promise.all(conversations.map((conversation) => this.limit(() => this.one(conversation))));
  }

  private async one(conversation: Conversation): Promise<void> {
    const { fixture, transport, sharedBy, gates = [] } = conversation;
    const ids = [fixture.id, ...sharedBy];
    for (const id of ids) this.looks.set(id, this.looks.get(id) ?? deferred());
    if (await this.isOpen(gates)) await this.conversations.run(conversation);
    for (const id of ids) this.looks.get(id)?.resolve();
    for (const id of ids) this.finished.add(`${id}/${transport}`);
    const enough = this.options.enough?.(this.tools.recorder.exchanges, this.finished) ?? null;
    if (enough !== null) this.tools.budget.stop(enough);
  }

  /** Whether the run goes on and the endpoint is there, as far as the first looks at it show. They have started before. */
  private async isOpen(gates: readonly string[]): Promise<boolean> {
    const { budget, recorder } = this.tools;
    await Promise.all(gates.map((id) => this.looks.get(id)?.promise));
    if (budget.stopped !== null) return false;
    const looks = gates.flatMap((id) => exchangesOf(recorder.exchanges, id).filter(({ turn }) => turn === 1));
    return looks.length === 0 || !looks.every((look) => NO_ENDPOINT.includes(status(look)));
  }

  private async runFallbacks(fallbacks: readonly Conversation[]): Promise<void> {
    const isSent = ({ fixture, transport }: Conversation): boolean => this.finished.has(`${fixture.id}/${transport}`);
    for (;;) {
      const rest = fallbacks.filter((conversation) => !isSent(conversation));
      const needed = neededFallbacks(rest, this.planned, this.tools.recorder.exchanges);
      if (needed.length === 0 || this.tools.budget.stopped !== null) return;
      this.options.onFurther?.(needed.reduce((sum, { fixture }) => sum + fixture.turns.length, 0));
      await this.runAll(needed);
    }
  }

  /** What failed by a trouble of the moment is sent once more, one at a time and with the target to itself. */
  private async giveSecondChances(): Promise<void> {
    const { recorder, budget } = this.tools;
    const left = { timeouts: MAX_SECOND_TIMEOUTS, failures: MAX_SECOND_FAILURES };
    for (const chance of [...this.conversations.secondChances]) {
      const { exchange } = chance;
      const conversation = this.planned.find((planned) => isPartOf(exchange, planned));
      const kind = exchange.response === null ? 'timeouts' : 'failures';
      if (conversation === undefined || exchange.replaced !== undefined || budget.stopped !== null || left[kind] === 0)
        continue;
      const { control } = conversation.fixture;
      if (kind === 'failures' && (control === null || !exchangesOf(recorder.exchanges, control).some(isAccepted)))
        continue;
      this.options.onFurther?.(conversation.fixture.turns.length);
      await this.conversations.runInstead(conversation, chance);
      if (serverTrouble(recorder.exchanges.at(-1)!) !== null) left[kind] -= 1;
    }
  }

  /** Whether requests take so much longer side by side that they seem to wait for each other. */
  private worksOnOneAtATime(): boolean {
    const [first, ...others] = this.accepted();
    const middle = others.sort((a, b) => a - b)[Math.floor(others.length / 2)];
    return first !== undefined && middle !== undefined && middle > first * ONE_SLOT && middle > SLOW_MS;
  }

  /** Ends the run where the target has stopped serving. */
  private async watch(exchange: Exchange, fixture: Conversation['fixture']): Promise<void> {
    this.looks.get(fixture.id)?.resolve();
    await this.probing;
    const { first } = this.plan;
    if (this.opening === 'under way' && fixture.id === first?.fixture.id && !isAccepted(exchange))
      this.opening = 'not accepted';
    const isSuspicious = this.health.takes(exchange);
    if (!isSuspicious || first === null || this.tools.budget.stopped !== null) return;
    this.probing = this.probe(first, exchange);
    await this.probing;
    this.probing = null;
  }

  private async probe(first: Conversation, last: Exchange): Promise<void> {
    const { budget, recorder } = this.tools;
    this.options.onFurther?.(1);
    // What is under way may take all the slots of a target that turns the rest away.
    if (isAskedToWait(last) || isHungUp(last)) await this.conversations.quiet();
    const answer = await this.conversations.probe(first);
    if (answer === null) return;
    if (isAccepted(answer)) return this.health.recovers();
    const { troubled, line } = lastTroubles(recorder.exchanges);
    budget.stop(line);
    for (const exchange of troubled) exchange.replaced ??= 'the target had stopped serving';
  }
}

/** Targets that answer sooner are fast enough, however many work side by side. */
const SLOW_MS = 3_000;

const isServerError = ({ response }: Exchange): boolean => response !== null && response.status >= 500;

/**
 * Carries out the conversations of a plan. Turns of one conversation run in order, conversations side by side; a target
 * that asks to wait is waited for; a model that does not cooperate is asked again, and every try is kept.
 */

import pLimit from 'p-limit';
import { isAccepted, isPartial, rejectsSender } from '../../core/answers.js';
import type { Exchange, RecordedExchange, StreamReading } from '../../core/exchange.js';
import type { Cooperation, Fixture, Turn } from '../../core/fixture.js';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { readPointer } from '../../core/pointer.js';
import type { Redactor } from '../../core/redact.js';
import { inOrder } from '../../core/text.js';
import { type Conversation, worstCaseTokens } from '../plan/plan.js';
import { readExchange } from '../read/read.js';
import { isSpent, MAX_BODY_BYTES, RUN_ALLOWANCE, SPENT } from '../send/bounded-body.js';
import { askForeign } from '../send/foreign.js';
import { withoutIdentity } from '../send/identity.js';
import { type Bounds, type Network, openNetwork, type Received } from '../send/network.js';
import { type Built, buildRequest, INVALID_KEY, NotSetUp, restsOnAnswers, type Target } from '../send/requests.js';
import { maskSecrets, withoutSecrets } from '../send/secrets.js';
import { driveClient } from './official-client.js';

export interface FireOptions {
  concurrency: number;
  timeoutMs: number;
  maxRequests: number | null;
  maxTokensTotal: number | null;
  /** Most time spent waiting because the target asked for it, in milliseconds. Default: ten minutes. */
  patienceMs?: number;
  /** How long a connection may stay open after message_stop before it is cut, in milliseconds. Default: five seconds. */
  lingerMs?: number;
  /** Longest time spent on asking for something that is not done yet, in milliseconds. Default: as the fixture says. */
  pollingMs?: number;
  /** The clock that says when bytes arrive, in milliseconds; the process's own by default. */
  now?: () => number;
  /** Takes the requests in place of sockets; whoever hands it in closes it. */
  network?: Network;
  /** Ask for addresses that answers give and that are not the target's: without a credential. */
  followResults?: boolean;
  signal?: AbortSignal;
  /** Says why a request may not leave, or `null`: the suite's own schema check. */
  unsound: (fixture: Fixture, body: JsonObject | undefined, built: Built) => string | null;
  onExchange?: (exchange: Exchange, progress: Progress) => void;
}

export interface Progress {
  requests: number;
  inputTokens: number;
  outputTokens: number;
}

export interface Fired {
  exchanges: readonly Exchange[];
  progress: Progress;
  /** Why conversations were left out at the end, `null` when all were carried out. */
  stopped: string | null;
  /** The first connection could not be made: nothing else was tried. */
  unreachable: string | null;
  /** Masks the secrets of the run in what judges make of the exchanges. */
  redact: Redactor;
  /** What a reader has to know about secrets that are not masked, one line each. */
  notices: readonly string[];
}

/** What tells whether a fixture fell short. */
type Shown = Pick<Fixture, 'id' | 'turns' | 'violates' | 'credential'>;

/** Which request of the plan an exchange carries out. */
type Identity = Pick<RecordedExchange, 'fixture' | 'transport' | 'turn' | 'attempt' | 'sharedBy'>;

const LINGER_MS = 5_000;
/** A target that asks to wait is asked again so often, and waited for at most so long each time and in all. */
const MAX_WAITS = 3;
const MAX_WAIT_MS = 60_000;
const PATIENCE_MS = 600_000;
/** So many requests in a row without a status line end a run. */
const MAX_UNANSWERED = 12;
/** Longest pause between two looks at something that is not done yet. */
const MAX_POLL_MS = 15_000;
/** Without a retry-after nobody knows how long: little is spent on guessing. */
const GUESSED_WAIT_MS = 500;
const GUESSING_MS = 10_000;

/**
 * Never throws for what a target does. One plain conversation runs alone first, to learn whether anybody is there; then those
 * that pause, so that nobody waits for them at the end. Those that begin together come behind all others, whatever the
 * concurrency, so that they have the target to themselves.
 */
export async function fire(planned: readonly Conversation[], target: Target, options: FireOptions): Promise<Fired> {
  const groups = startGroups(planned);
  const network =
    options.network ?? openNetwork(Math.max(options.concurrency, 4, ...groups.map(({ length }) => length)));
  const run = new Run(target, options, network, planned);
  try {
    const first = planned.find(isPlain) ?? planned[0];
    if (first === undefined) return run.result(null);
    const others = planned.filter((conversation) => conversation !== first && conversation.fixture.startGroup === null);
    if (first.fixture.startGroup === null) await run.runConversation(first);
    const lost = run.exchanges[0]?.failure;
    if (lost?.kind === 'unreachable') return run.result(lost.message);
    const limit = pLimit(options.concurrency);
    const certain = others.filter(({ fallbackFor }) => fallbackFor === null);
    const longestFirst = [...certain].sort((a, b) => pauses(b) - pauses(a));
    await Promise.all(longestFirst.map((conversation) => limit(() => run.runConversation(conversation))));
    // A part may have parts of its own.
    const fixtures = new Map(planned.flatMap(standingFor));
    const isShort = (id: string): boolean => fixtures.has(id) && run.needsFallback(fixtures.get(id)!);
    const isNeeded = ({ fixture, fallbackFor }: Conversation): boolean =>
      fallbackFor?.some((id) => isShort(id) && (!fixture.onlyIfAccepted || run.served(id))) ?? false;
    for (let rest = others.filter(({ fallbackFor }) => fallbackFor !== null); ; ) {
      const needed = rest.filter(isNeeded);
      if (needed.length === 0) break;
      rest = rest.filter((conversation) => !needed.includes(conversation));
      await Promise.all(needed.map((conversation) => limit(() => run.runConversation(conversation))));
    }
    for (const group of groups) await Promise.all(group.map((conversation) => run.runConversation(conversation)));
    return run.result(null);
  } finally {
    if (network !== options.network) await network.close();
  }
}

/** A single valid request that differs from no other. */
const isPlain = ({ fixture, fallbackFor }: Conversation): boolean =>
  fallbackFor === null && fixture.control === null && fixture.turns.length === 1 && fixture.startGroup === null;

/** The fixture of a conversation, and those that get its first exchange, each with what it is to show. */
const standingFor = ({ fixture, sharedBy }: Conversation): [string, Shown][] => [
  [fixture.id, fixture],
  ...sharedBy.map((id): [string, Shown] => [id, { ...fixture, id, turns: fixture.turns.slice(0, 1) }]),
];

/** Milliseconds that a conversation is silent between its turns. */
const pauses = ({ fixture }: Conversation): number => fixture.turns.reduce((sum, { waitMs = 0 }) => sum + waitMs, 0);

/** Conversations that begin at the same moment, group by group. */
function startGroups(planned: readonly Conversation[]): Conversation[][] {
  const names = new Set(planned.flatMap(({ fixture }) => fixture.startGroup ?? []));
  return [...names].map((name) => planned.filter(({ fixture }) => fixture.startGroup === name));
}

class Run {
  readonly exchanges: Exchange[] = [];
  readonly progress: Progress = { requests: 0, inputTokens: 0, outputTokens: 0 };
  private stopped: string | null = null;
  private unanswered = 0;
  private reserved = 0;
  private pause: Promise<void> = Promise.resolve();
  private patienceMs: number;
  private guessingMs: number;
  readonly redact: Redactor;
  private readonly notices: readonly string[];
  private readonly bounds: Bounds;
  private readonly allowance = { ...RUN_ALLOWANCE };

  constructor(
    private readonly target: Target,
    private readonly options: FireOptions,
    private readonly network: Network,
    planned: readonly Conversation[],
  ) {
    ({ redact: this.redact, notices: this.notices } = maskSecrets(target, planned));
    this.patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.guessingMs = Math.min(GUESSING_MS, this.patienceMs);
    this.bounds = {
      timeoutMs: options.timeoutMs,
      maxBytes: MAX_BODY_BYTES,
      allowance: this.allowance,
      lingerMs: options.lingerMs ?? LINGER_MS,
      now: options.now,
    };
  }

  result(unreachable: string | null): Fired {
    const { exchanges, progress, stopped, redact, notices } = this;
    return { exchanges, progress, stopped, unreachable, redact, notices };
  }

  /** Answered as it should be at least once, whatever the answer shows: a refusal needs no control. */
  served(id: string): boolean {
    return this.exchangesOf(id).some(isAccepted);
  }

  private exchangesOf(id: string): Exchange[] {
    return this.exchanges.filter(({ fixture, sharedBy }) => fixture === id || sharedBy?.includes(id));
  }

  /**
   * Refused, or served without showing what it asks for, each time: its parts, or its control, have to be tried. A negative of
   * the official client has to be tried without it where this client itself is what may have been refused.
   */
  needsFallback({ id, turns, violates, credential }: Shown): boolean {
    const carried = this.exchangesOf(id);
    if (violates !== null) {
      const isClientServed = this.exchanges.some((exchange) => exchange.client !== undefined && isAccepted(exchange));
      return !isClientServed && carried.some((exchange) => rejectsSender(exchange, credential));
    }
    const held = new Map<string, Exchange[]>();
    for (const exchange of carried) {
      const key = `${exchange.transport}#${exchange.attempt}`;
      held.set(key, [...(held.get(key) ?? []), exchange]);
    }
    return held.size > 0 && ![...held.values()].some((exchanges) => isShown(turns, exchanges));
  }

  async runConversation(conversation: Conversation): Promise<void> {
    const { fixture } = conversation;
    let attempt = 1;
    let waits = 0;
    for (let tries = 1; tries <= fixture.attempts; ) {
      const outcome = await this.runOnce(conversation, attempt);
      attempt += 1;
      if (outcome === 'done') return;
      if (outcome === 'wait') {
        if (++waits > MAX_WAITS) return;
      } else tries += 1;
    }
  }

  private async runOnce(
    { fixture, transport, sharedBy }: Conversation,
    attempt: number,
  ): Promise<'done' | 'again' | 'wait'> {
    const earlier: Exchange[] = [];
    let cooperated = true;
    for (const [index, turn] of fixture.turns.entries()) {
      await this.pause;
      if (turn.waitMs !== undefined) await sleep(turn.waitMs, this.options.signal);
      const identity = {
        fixture: fixture.id,
        transport,
        turn: index + 1,
        attempt,
        sharedBy: index === 0 ? sharedBy : [],
      };
      const exchange = await this.sendTurn(fixture, turn, identity, earlier);
      if (exchange === null) return 'done';
      earlier.push(exchange);
      if (isAskedToWait(exchange)) return this.wait(exchange, attempt) ? 'wait' : 'done';
      if (exchange.failure !== null && !['abandoned', 'foreign'].includes(exchange.failure.kind)) return 'done';
      cooperated &&= turn.cooperation === undefined || shows(exchange, turn.cooperation);
    }
    return cooperated ? 'done' : 'again';
  }

  /** Makes everybody wait as the target asks; false when patience is at its end. */
  private wait(exchange: Exchange, attempt: number): boolean {
    const asked = retryAfterMs(exchange);
    const ms = Math.min(asked ?? GUESSED_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS);
    if (asked === null) this.guessingMs -= ms;
    else this.patienceMs -= ms;
    if (this.patienceMs < 0 || this.guessingMs < 0) return false;
    this.pause = sleep(ms, this.options.signal);
    return true;
  }

  private async sendTurn(
    fixture: Fixture,
    turn: Turn,
    identity: Identity,
    earlier: readonly Exchange[],
  ): Promise<Exchange | null> {
    let built: Built;
    try {
      built = buildRequest(this.target, fixture, turn, identity.transport, earlier);
    } catch (error) {
      if (!(error instanceof NotSetUp)) throw error;
      return this.record(fixture, identity, null, {
        response: null,
        failure: { kind: 'not-set-up', message: error.message },
      });
    }
    const unsound = this.options.unsound(fixture, built.body, built);
    if (unsound !== null) {
      // What the target itself has answered is not the suite's fault.
      const kind = restsOnAnswers(turn) ? 'not-set-up' : 'unsound';
      return this.record(fixture, identity, built, { response: null, failure: { kind, message: unsound } });
    }
    if (!this.mayAfford(worstCaseTokens(built.body, fixture))) return null;
    if (built.foreign) return this.foreign(fixture, identity, built);
    if (fixture.client === 'sdk-typescript') return this.throughClient(fixture, identity, built);
    const patience = Math.min(turn.until?.timeoutMs ?? 0, this.options.pollingMs ?? Number.POSITIVE_INFINITY);
    const deadline = performance.now() + patience;
    for (let pause = turn.until?.everyMs ?? 0; ; pause = Math.min(pause * 1.5, MAX_POLL_MS)) {
      this.progress.requests += 1;
      const received = await this.network.send(built.outgoing, this.bounds, this.options.signal);
      const exchange = this.record(fixture, identity, built, received, undefined, turn.until === undefined);
      const held = turn.until === undefined || same(readPointer(exchange.json, turn.until.pointer), turn.until.equals);
      const left = deadline - performance.now();
      if (held || left <= 0 || exchange.failure !== null || this.isStopped()) {
        if (turn.until !== undefined) this.exchanges.push(exchange);
        return exchange;
      }
      const asked = Math.min(retryAfterMs(exchange) ?? 0, MAX_POLL_MS);
      await sleep(Math.min(Math.max(pause, asked), left), this.options.signal);
    }
  }

  /** An address that an answer gave and that is not the target's: not asked for unless the user wants it, and never with a credential. */
  private async foreign(fixture: Fixture, identity: Identity, built: Built): Promise<Exchange> {
    const { url, method } = built.outgoing;
    const { origin } = new URL(url);
    if (!this.options.followResults || method !== 'GET') {
      const message = `${origin} is not the target's base URL, so nothing was asked for there; --follow-results does, without a credential`;
      return this.record(fixture, identity, built, { response: null, failure: { kind: 'foreign', message } });
    }
    this.progress.requests += 1;
    const received = await askForeign(new URL(url), this.target.baseUrl, this.bounds, this.options.signal);
    return this.record(fixture, identity, built, received);
  }

  /** Lets the official client send; the bytes beneath it are recorded like those of any other exchange. */
  private async throughClient(fixture: Fixture, identity: Identity, built: Built): Promise<Exchange> {
    let received: Received = {
      response: null,
      failure: { kind: 'unsound', message: 'the official client sent nothing' },
    };
    let sent = built.sent;
    const key = this.keyOf(fixture);
    const client = await driveClient({
      body: built.body ?? {},
      stream: identity.transport === 'stream',
      baseUrl: this.target.baseUrl,
      apiKey: key,
      timeoutMs: this.options.timeoutMs,
      fetch: async (url: string, init: { method?: string; headers: Headers; body?: string }) => {
        const headers = { ...this.target.headers, ...Object.fromEntries(init.headers) };
        const outgoing = {
          method: init.method ?? 'POST',
          url,
          base: this.target.baseUrl,
          headers,
          body: init.body ?? null,
          stream: identity.transport === 'stream',
        };
        sent = { ...outgoing, headers: withoutSecrets(headers, this.target) };
        this.progress.requests += 1;
        received = await this.network.send(outgoing, this.bounds, this.options.signal);
        return received;
      },
    });
    return this.record(fixture, identity, { ...built, sent }, received, client);
  }

  /** The key that the official client is given; `null` for none. */
  private keyOf({ credential }: Fixture): string | null {
    if (credential === 'none') return null;
    return credential === 'invalid' ? INVALID_KEY : this.target.apiKey;
  }

  private record(
    fixture: Fixture,
    identity: Identity,
    built: Built | null,
    received: Received,
    client?: RecordedExchange['client'],
    store = true,
  ): Exchange {
    const { transport, turn, attempt } = identity;
    const recorded: RecordedExchange = {
      id: `${fixture.id}/${transport}${turn > 1 ? `.${turn}` : ''}${attempt > 1 ? `#${attempt}` : ''}`,
      ...identityOf(identity),
      apiVersion: built?.sent.headers['anthropic-version'] ?? null,
      request: this.masked(built?.sent ?? { method: fixture.method, url: '', headers: {}, body: null }),
      response: received.response === null ? null : this.masked(withoutIdentity(received.response)),
      failure: received.failure === null ? null : this.masked(received.failure),
      ...(client === undefined ? {} : { client: this.masked(client) }),
    };
    const exchange = readExchange(recorded);
    if (store) this.exchanges.push(exchange);
    this.count(exchange);
    this.giveUpOnSilence(exchange);
    this.options.onExchange?.(exchange, this.progress);
    return exchange;
  }

  /** A target that answers nothing at all would otherwise cost the time limit of every single request. */
  private giveUpOnSilence(exchange: Exchange): void {
    const { response, failure } = exchange;
    if (failure?.kind === 'unsound' || failure?.kind === 'not-set-up' || failure?.kind === 'foreign') return;
    this.unanswered = response === null || neverEnds(exchange) ? this.unanswered + 1 : 0;
    if (this.unanswered >= MAX_UNANSWERED) {
      this.stopped ??= `the target left ${this.unanswered} requests in a row without an answer, or without the end of one: ${failure?.message ?? ''}`;
    }
  }

  /** Masks secrets wherever they stand or were echoed. */
  private masked<T extends object>(value: T): T {
    const { body, bodyEncoding } = value as { body?: string | null; bodyEncoding?: string };
    if (typeof body !== 'string') return this.maskedTexts(value);
    const masked = bodyEncoding === 'base64' ? this.maskedBytes(body) : this.redact.body(body);
    return { ...this.maskedTexts({ ...value, body: '' }), body: masked };
  }

  private maskedTexts<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    const clean = this.redact.body(text);
    return clean === text ? value : (JSON.parse(clean) as T);
  }

  private maskedBytes(base64: string): string {
    return Buffer.from(this.redact.body(Buffer.from(base64, 'base64').toString('latin1')), 'latin1').toString('base64');
  }

  private count(exchange: Exchange): void {
    const usage = exchange.message?.usage as JsonObject | undefined | null;
    const add = (key: string) =>
      typeof usage?.[key] === 'number' && Number.isFinite(usage[key]) ? (usage[key] as number) : 0;
    this.progress.inputTokens +=
      add('input_tokens') + add('cache_creation_input_tokens') + add('cache_read_input_tokens');
    this.progress.outputTokens += add('output_tokens');
  }

  /** Whether nothing more may be sent, whatever it costs. */
  private isStopped(): boolean {
    const { maxRequests, signal } = this.options;
    if (signal?.aborted) this.stopped ??= typeof signal.reason === 'string' ? signal.reason : 'the run was interrupted';
    if (isSpent(this.allowance)) this.stopped ??= SPENT;
    if (maxRequests !== null && this.progress.requests >= maxRequests)
      this.stopped ??= `--max-requests ${maxRequests} was reached`;
    return this.stopped !== null;
  }

  private mayAfford(tokens: number): boolean {
    const { maxTokensTotal } = this.options;
    if (this.isStopped()) return false;
    if (maxTokensTotal !== null && this.reserved + tokens > maxTokensTotal) {
      this.stopped ??= `--max-tokens-total ${maxTokensTotal} would have been passed`;
    }
    if (this.stopped !== null) return false;
    this.reserved += tokens;
    return true;
  }
}

/** Whether a conversation was served, and every turn that is to show something did. A turn that is to be refused is no reason. */
function isShown(turns: readonly Turn[], exchanges: readonly Exchange[]): boolean {
  const served = exchanges.filter(
    (exchange) => isAccepted(exchange) && (exchange.failure === null || exchange.failure.kind === 'abandoned'),
  );
  return (
    served.length > 0 &&
    turns.every(
      ({ cooperation }, index) =>
        cooperation === undefined ||
        served.some((exchange) => exchange.turn === index + 1 && shows(exchange, cooperation)),
    )
  );
}

/** Whether the time of an exchange ran out in its body. */
const neverEnds = (exchange: Exchange): boolean => exchange.failure?.kind === 'timeout-body' && isPartial(exchange);

/** A rate limit or an overload that names a time, or the two statuses that exist for it. */
function isAskedToWait(exchange: Exchange): boolean {
  const status = exchange.response?.status;
  return status === 429 || status === 529 || (status === 503 && exchange.header('retry-after') !== null);
}

/** Milliseconds of `retry-after-ms` or `retry-after` (seconds or an HTTP date), `null` without a usable one. */
function retryAfterMs(exchange: Exchange): number | null {
  const milliseconds = Number(exchange.header('retry-after-ms') ?? Number.NaN);
  if (milliseconds > 0) return milliseconds;
  const value = exchange.header('retry-after') ?? '';
  const asked = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return asked > 0 ? asked : null;
}

/** What stands between words that only have to come in this order. */
const GAP = '[\\s\\S]*';

/** Whether a text matches a pattern of a fixture; words in an order are looked for one by one. */
function matches(text: string, pattern: string): boolean {
  const expression = (part: string): RegExp => new RegExp(part, 'i');
  if (!pattern.includes(GAP)) return expression(pattern).test(text);
  return pattern.split('|').some((order) => inOrder(text, order.split(GAP).map(expression)));
}

/** Whether an answer shows that the model did what the prompt asks. Never a verdict. */
export function shows(exchange: Exchange, cooperation: Cooperation): boolean {
  const { message } = exchange;
  if (message === null) return true;
  const content = Array.isArray(message.content) ? (message.content as (JsonObject | null)[]) : [];
  const text = content
    .map((block) => (block?.type === 'text' && typeof block.text === 'string' ? block.text : ''))
    .join('');
  const calls = content.filter((block) => block?.type === 'tool_use').map((block) => block?.name);
  if (cooperation.text !== undefined && !matches(text, cooperation.text)) return false;
  if (cooperation.toolUses !== undefined && calls.length < cooperation.toolUses) return false;
  if (cooperation.tools?.some((name) => !calls.includes(name))) return false;
  if (cooperation.inPieces && exchange.stream !== null && cameAtOnce(exchange.stream)) return false;
  const citations = content.flatMap((block) => (Array.isArray(block?.citations) ? block.citations : [])).length;
  if (cooperation.citations !== undefined && citations < cooperation.citations) return false;
  const cached = get(message.usage, 'cache_read_input_tokens');
  if (cooperation.cacheRead && !(typeof cached === 'number' && cached > 0)) return false;
  if (cooperation.block !== undefined && !content.some((block) => block?.type === cooperation.block)) return false;
  return cooperation.stopReason === undefined || message.stop_reason === cooperation.stopReason;
}

/** Whether the first delta and the end came in one network read. */
function cameAtOnce({ events }: StreamReading): boolean {
  const [first, stop] = ['content_block_delta', 'message_stop'].map((type) =>
    events.find((event) => event.type === type),
  );
  return first !== undefined && first.frame.atMs === stop?.frame.atMs;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener('abort', wake, { once: true });
  });
}

function identityOf({ sharedBy = [], ...identity }: Identity): Identity {
  return sharedBy.length === 0 ? identity : { ...identity, sharedBy };
}

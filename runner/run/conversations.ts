/** Runs conversations: turns in order, every try kept. What a target does never throws. */

import { askedToWait, staysOpen, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Conversation } from '../plan/plan.js';
import { shows } from './cooperation.js';
import { isPartOf } from './fallback.js';
import { Slots } from './slots.js';
import { isUsedUp } from './symptoms.js';
import { type SecondChance, type Tools, type TurnOptions, Turns } from './turns.js';
import { isAskedToWait, MAX_GUESSES, MAX_WAITS, Patience, sleep } from './waiting.js';

export interface ConversationOptions extends TurnOptions {
  /** Most time spent waiting because the target asked for it, in milliseconds. Default: ten minutes. */
  patienceMs?: number;
}

type Outcome = 'done' | 'again' | 'wait' | 'once-more';

export class Conversations {
  private readonly attempts = new Map<string, number>();
  private readonly patience: Patience;
  private pause: Promise<void> = Promise.resolve();
  private readonly slots = new Slots();
  private readonly turns: Turns;

  constructor(
    private readonly tools: Tools,
    private readonly options: ConversationOptions,
    /** Called for every exchange before the next request of its conversation. */
    private readonly observe: (exchange: Exchange, fixture: Fixture) => Promise<void>,
    /** Whether a conversation goes no further. Asked before each of its requests. */
    private readonly isHeld: (fixture: Fixture) => boolean = () => false,
  ) {
    this.patience = new Patience(options.patienceMs);
    this.turns = new Turns(tools, options);
  }

  /** What deserves another try, in the order in which it came. */
  get secondChances(): readonly SecondChance[] {
    return this.turns.secondChances;
  }

  /** Resolves when no request is under way. */
  quiet(): Promise<void> {
    return this.turns.quiet();
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

  /**
   * Sends the first request of a conversation, to see whether the target is there, and again as long as the target asks to wait and there is
   * patience. The exchanges are kept and do not count.
   */
  async probe({ fixture, transport }: Conversation): Promise<Exchange | null> {
    for (let tries = 1; ; tries += 1) {
      await this.pause;
      const attempt = this.nextAttempt({ fixture, transport });
      const identity = { fixture: fixture.id, transport, turn: 1, attempt };
      const why = 'asks whether the target still answers';
      const exchange = await this.turns.send(this.tools.network, fixture, fixture.turns[0]!, identity, [], why);
      if (exchange === null || !isAskedToWait(exchange) || isUsedUp(exchange)) return exchange;
      if (tries > MAX_GUESSES || !this.waits(exchange, tries)) return exchange;
    }
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
        const send = () => this.pause.then(() => this.turns.send(network, fixture, turn, identity, earlier));
        const exchange = await this.slots.take(fixture, turn, send);
        if (exchange === null) return 'done';
        earlier.push(exchange);
        this.slots.learn(exchange, fixture, this.turns.inFlight);
        await this.observe(exchange, fixture);
        if (isAskedToWait(exchange)) {
          if (isUsedUp(exchange)) return 'done';
          return this.waits(exchange, attempt) ? 'wait' : 'done';
        }
        if (mayRepeat && isOverloaded(exchange)) {
          return 'once-more';
        }
        if (exchange.failure?.kind === 'not-set-up' && !cooperated && hasMoreTries) {
          exchange.replaced ??= 'the model did not answer with what this request is built from, and was asked again';
          return 'again';
        }
        if (
          exchange.failure !== null &&
          !staysOpen(exchange) &&
          !['abandoned', 'foreign'].includes(exchange.failure.kind)
        )
          return 'done';
        cooperated &&= turn.cooperation === undefined || shows(exchange, turn.cooperation);
      }
    } finally {
      if (network !== this.tools.network) await network.close();
    }
    return cooperated ? 'done' : 'again';
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
}

/** A stream that ends with a well-formed overloaded_error: a trouble of the moment. */
export const isOverloaded = (exchange: Exchange): boolean => succeeded(exchange) && askedToWait(exchange);

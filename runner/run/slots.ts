/** How many requests at a time a target takes, learned from those that it turns away. */

import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture, Turn } from '../../core/fixture.js';
import { askedMs, isAskedToWait } from './waiting.js';

/** So many answers without a wait, and the target is tried with one more request at a time. */
const ENOUGH = 20;

export class Slots {
  /** Without a bound until the target turns a request away because of others. What is under way then takes slots too. */
  private readonly limit = pLimit(Number.POSITIVE_INFINITY);
  /** No more at a time, whatever it answers. */
  private most = Number.POSITIVE_INFINITY;
  /** Requests that it has answered since it last turned one away, or got one more at a time. */
  private answered = 0;

  /** Sends when a slot is free. Requests that have to start at the same moment take none, and neither do polls, which sleep most of their time. */
  take<T>({ startGroup }: Fixture, { until }: Turn, send: () => Promise<T>): Promise<T> {
    if (startGroup !== null || until !== undefined) return send();
    return new Promise((resolve, reject) => {
      void this.limit(async () => {
        await send().then(resolve, reject);
        // What came may make everybody wait: the next one has to see that.
        await setImmediate();
      });
    });
  }

  /**
   * A target that turns requests away or hangs up while it works on others, and names no time to wait, may have no more slots than those:
   * from then on it gets no more at a time. One that names a time may limit the requests at a time or those of a minute: it gets one more
   * at a time each time that it has answered so many.
   *
   * @param others Requests that are under way beside this one.
   */
  learn(exchange: Exchange, { startGroup }: Fixture, others: number): void {
    const asked = isAskedToWait(exchange) ? askedMs(exchange) : null;
    const isTurnedAway = isHungUp(exchange) || isAskedToWait(exchange);
    if (!isTurnedAway) {
      this.answered += 1;
      if (this.answered < ENOUGH || this.limit.concurrency >= this.most) return;
      this.answered = 0;
      this.limit.concurrency += 1;
      return;
    }
    if (startGroup !== null || others === 0) return;
    if (asked === null) this.most = Math.min(others, this.most);
    this.answered = 0;
    this.limit.concurrency = Math.min(others, this.limit.concurrency);
  }
}

/** Whether the target ended the connection before a byte of its answer came. */
export const isHungUp = ({ response, failure }: Exchange): boolean => response === null && failure?.kind === 'reset';

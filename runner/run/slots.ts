/** How many requests at a time a target takes, learned from those that it turns away. */

import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture, Turn } from '../../core/fixture.js';
import { askedMs, isAskedToWait } from './waiting.js';

export class Slots {
  /** Without a bound until the target turns a request away because of others. What is under way then takes slots too. */
  private readonly limit = pLimit(Number.POSITIVE_INFINITY);

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
   * from then on it gets no more at a time.
   *
   * @param others Requests that are under way beside this one.
   */
  learn(exchange: Exchange, { startGroup }: Fixture, others: number): void {
    const isTurnedAway = isHungUp(exchange) || (isAskedToWait(exchange) && askedMs(exchange) === null);
    if (startGroup !== null || others === 0 || !isTurnedAway) return;
    this.limit.concurrency = Math.min(others, this.limit.concurrency);
  }
}

/** Whether the target ended the connection before a byte of its answer came. */
export const isHungUp = ({ response, failure }: Exchange): boolean => response === null && failure?.kind === 'reset';

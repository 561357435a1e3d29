/** Runs conversations side by side where a target takes its time: what has to come last on a machine with one slot fills gaps here. */

import type { Conversation } from '../plan/plan.js';

/** Conversations that start at the same moment; most are one. */
export type Start = readonly Conversation[];

export interface Overlap {
  /** In this order. */
  queue: readonly Start[];
  /** Come right after those that are under way once `mayOverlap` says that they do not disturb; `null` until that can be told. */
  late: readonly Start[];
  mayOverlap: () => boolean | null;
  /** Conversations at the same time. */
  concurrency: number;
  /** Conversations that have started already. */
  underWay: readonly Promise<void>[];
  run: (conversation: Conversation) => Promise<void>;
}

/** Resolves when everything has ended, with what is still to be run because it would disturb or be disturbed. */
export async function overlap({ queue, late, mayOverlap, concurrency, underWay, run }: Overlap): Promise<Start[]> {
  const waiting = [...queue];
  let open = [...late];
  const running = new Set<Promise<void>>();
  const follow = (done: Promise<void>): void => {
    const ended = done.then(() => void running.delete(ended));
    running.add(ended);
  };
  for (const done of underWay) follow(done);
  for (;;) {
    if (open.length > 0 && mayOverlap() === true) {
      waiting.unshift(...open.filter(({ length }) => isBeside(length, concurrency)));
      waiting.push(...open.filter(({ length }) => !isBeside(length, concurrency)));
      open = [];
    }
    for (let next = waiting[0]; next !== undefined && fits(next, running.size, concurrency); next = waiting[0]) {
      waiting.shift();
      for (const conversation of next) follow(run(conversation));
    }
    if (running.size === 0) return open;
    await Promise.race(running);
  }
}

/** Whether so many slots get free soon enough beside other conversations. A larger group waits for the end. */
const isBeside = (size: number, concurrency: number): boolean => size === 1 || size * 2 <= concurrency;

/** A group may be larger than the concurrency: then it has the target to itself. */
const fits = ({ length }: Start, running: number, concurrency: number): boolean =>
  running === 0 || running + length <= concurrency;

/** Runs conversations side by side where a target takes its time: what has to come last on a machine with one slot fills gaps here. */

import type { Conversation } from '../plan/plan.js';

/** Conversations that start at the same moment; most are one. */
export type Start = readonly Conversation[];

export interface Overlap {
  /** In this order. */
  queue: readonly Start[];
  /** Single ones come right after those that are under way once `mayOverlap` says that they do not disturb; `null` until that can be told. */
  late: readonly Start[];
  mayOverlap: () => boolean | null;
  /** Conversations at the same time. */
  concurrency: number;
  /** Conversations that have started already. */
  underWay: readonly Promise<void>[];
  run: (conversation: Conversation) => Promise<void>;
  /** What a conversation has to wait for; `null` where it can start. Until then it takes no slot, and those after it come first. */
  waitsFor?: (conversation: Conversation) => Promise<void> | null;
  /**
   * What starts within so many milliseconds ends in step too: in the middle of such a wave a group lets the others pass, since the slots
   * that are free already would wait for those of the whole wave. Default: 0, and a group waits at once.
   */
  waveMs?: number;
}

/** Resolves when everything has ended, with what is still to be run because it would disturb or be disturbed. */
export async function overlap(options: Overlap): Promise<Start[]> {
  const { queue, late, mayOverlap, concurrency, underWay, run, waitsFor = () => null, waveMs = 0 } = options;
  const waiting = [...queue];
  let open = [...late];
  const running = new Set<Promise<void>>();
  const follow = (done: Promise<void>): void => {
    const ended = done.then(() => void running.delete(ended));
    running.add(ended);
  };
  for (const done of underWay) follow(done);
  let lastStart = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (open.length > 0 && mayOverlap() === true) {
      const beside = open.filter(({ length }) => isBeside(length, concurrency));
      waiting.splice(inStep(waiting, concurrency), 0, ...beside.filter(({ length }) => length > 1));
      waiting.unshift(...beside.filter(({ length }) => length === 1));
      waiting.push(...open.filter(({ length }) => !isBeside(length, concurrency)));
      open = [];
    }
    const closed: Promise<void>[] = [];
    for (const next of [...waiting]) {
      const opens = next.flatMap((conversation) => waitsFor(conversation) ?? []);
      closed.push(...opens);
      if (opens.length > 0) continue;
      if (!fits(next, running.size, concurrency)) {
        if (next.length > 1 && performance.now() - lastStart < waveMs) continue;
        break;
      }
      waiting.splice(waiting.indexOf(next), 1);
      lastStart = performance.now();
      for (const conversation of next) follow(run(conversation));
    }
    if (running.size + closed.length === 0) return open;
    await Promise.race([...running, ...closed]);
  }
}

/** Whether so many slots get free soon enough beside other conversations. A larger group waits for the end. */
const isBeside = (size: number, concurrency: number): boolean => size === 1 || size * 2 <= concurrency;

/**
 * Where a group has its place: when every slot has a conversation of one request, for then they get free in step. Among longer ones the slots
 * that are free already wait for the others.
 */
function inStep(waiting: readonly Start[], concurrency: number): number {
  const firstShort = waiting.findIndex((start) => start.every(({ fixture }) => fixture.turns.length === 1));
  return firstShort < 0 ? waiting.length : Math.min(firstShort + concurrency, waiting.length);
}

/** A group may be larger than the concurrency: then it has the target to itself. */
const fits = ({ length }: Start, running: number, concurrency: number): boolean =>
  running === 0 || running + length <= concurrency;

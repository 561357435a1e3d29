/** Settings of V8 for commands that end after a second or two. */

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The V8 of Node 20. Later ones wait longer by themselves; they do not know the flag, and say so on standard error. */
export const OPTIMIZES_EARLY = /^11\.3\./.test(process.versions.v8);

/**
 * Called once, before the work begins.
 *
 * - A run makes much garbage in a short time; left alone, V8 grows the space for it by 15 MiB instead of collecting.
 * - V8 optimizes a function after some ten thousand steps, on a thread of its own. In a process of one second hardly any earns that back:
 *   with this budget a run of all profiles takes a fifth less CPU and 6 MiB less, and what runs for long is optimized as before.
 */
export function beShort(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  if (OPTIMIZES_EARLY) setFlagsFromString('--interrupt-budget=1000000');
}

/** Where a target sends as much as it may, memory is not to grow by a multiple of what is in use. It costs time. */
export function collectOften(percent = 50): void {
  if (percent >= growth) return;
  growth = percent;
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

let growth = Number.POSITIVE_INFINITY;

/** Collects garbage now. V8 has no other way in: a process that did not start with the flag gets the function in a new context. */
export function collectNow(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

/** Below this a run leaves too little behind to look for, in bytes. */
const SMALL_HEAP = 24 * 1024 * 1024;

/**
 * Collects what a run of many requests leaves behind: a third of the heap. Before judging, where V8 would do it by itself somewhat later, with
 * 3 MiB more; and before the reports are written, whose data comes on top.
 */
export function collectAfterRun(): void {
  if (getHeapStatistics().used_heap_size > SMALL_HEAP) collectNow();
}

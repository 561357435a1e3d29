/** A clock for faults that keep a client waiting for minutes: it jumps, and nobody waits. */

/** So many turns of the event loop bring what was written before a pause to the other end of a connection. */
const TURNS = 8;

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Lets the clock pass these milliseconds. Pauses at the same time pass together, as they do in life. */
  sleep(milliseconds: number): Promise<void>;
}

export function jumpingClock(): Clock {
  let skipped = 0;
  const now = () => performance.now() + skipped;
  return {
    now,
    async sleep(milliseconds) {
      const end = now() + milliseconds;
      for (let turn = 0; turn < (milliseconds > 0 ? TURNS : 1); turn += 1) await new Promise(setImmediate);
      skipped += Math.max(0, end - now());
    },
  };
}

import { BoundedMap } from './bounded-map.js';

/** Milliseconds between two searches for expired entries. */
const PAUSE = 1_000;

/** Hashes of prompt prefixes, each with the time at which it expires, in milliseconds since the epoch. */
export class PromptCache extends BoundedMap<number> {
  #searchedAt = Number.NEGATIVE_INFINITY;

  /** Deletes expired entries, at most once a second: to look through a full cache takes as long as to answer a request. */
  dropExpired(now: number): void {
    if (Math.abs(now - this.#searchedAt) < PAUSE) return;
    this.#searchedAt = now;
    for (const [hash, until] of this) if (until <= now) this.delete(hash);
  }
}

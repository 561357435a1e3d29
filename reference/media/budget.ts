import { inflateSync } from 'node:zlib';

/** Most bytes that deflate packs into one. Source: https://zlib.net/zlib_tech.html */
const DEFLATE_RATIO = 1032;

/**
 * What decoding may cost in one request in bytes of decoded data, so that a small body cannot unpack to gigabytes.
 * What the budget has no room for is not decoded.
 */
export class Budget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  /** Reserves so many bytes; `false` when there is no room for them. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}

/** Unpacks deflated bytes; `null` where they are broken, or unpack to more than `limit` or than the budget has left. */
export function unpack(packed: Uint8Array, budget: Budget, limit = Number.POSITIVE_INFINITY): Buffer | null {
  const most = Math.min(budget.left, limit, packed.length * DEFLATE_RATIO);
  if (most === 0) return null;
  let spent = most;
  try {
    const unpacked = inflateSync(packed, { maxOutputLength: most });
    spent = unpacked.length;
    return unpacked;
  } catch {
    return null;
  } finally {
    budget.take(spent);
  }
}

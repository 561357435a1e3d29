import type { Chunk } from '../../core/exchange.js';

/** More network reads than this are recorded two and two. */
const MAX_CHUNKS = 4_096;

/** The first bytes of a body with the times at which they arrived. */
export class ArrivedBytes {
  /** Network reads with their times; neighbours are joined where there are very many. */
  readonly chunks: Chunk[] = [];
  private store = Buffer.allocUnsafeSlow(4_096);
  private length = 0;
  private together = 1;
  private waiting = 0;

  /** @param maxBytes Bytes after these are not kept. */
  constructor(readonly maxBytes: number) {}

  /** Whether further bytes would not be kept. */
  get isFull(): boolean {
    return this.length === this.maxBytes;
  }

  /** Takes what arrived and returns the part of it that is kept. */
  take(arrived: Uint8Array, atMs: number): Uint8Array {
    const kept = arrived.subarray(0, this.maxBytes - this.length);
    this.append(kept);
    this.record(kept.length, atMs);
    return kept;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.store.subarray(0, this.length);
  }

  private append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.store.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.store.length * 2, this.maxBytes)));
      larger.set(this.bytes());
      this.store = larger;
    }
    this.store.set(bytes, this.length);
    this.length = needed;
  }

  /** Each time the list is full, its neighbours are joined, the time of the later one kept. */
  private record(bytes: number, atMs: number): void {
    const last = this.chunks.at(-1);
    if (last !== undefined && this.waiting > 0) {
      this.chunks[this.chunks.length - 1] = { bytes: last.bytes + bytes, atMs };
    } else this.chunks.push({ bytes, atMs });
    this.waiting = (this.waiting + 1) % this.together;
    if (this.chunks.length < MAX_CHUNKS || this.waiting > 0) return;
    for (let index = 0; index < MAX_CHUNKS / 2; index += 1) {
      const [one, other] = [this.chunks[index * 2]!, this.chunks[index * 2 + 1]!];
      this.chunks[index] = { bytes: one.bytes + other.bytes, atMs: other.atMs };
    }
    this.chunks.length = MAX_CHUNKS / 2;
    this.together *= 2;
  }
}

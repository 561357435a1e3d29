/**
 * What answers may cost. A body is kept, read, judged and written into reports, and each of these takes memory in proportion
 * to its length, to its lines, and to the values in it. All three are bounded, for one answer and for all answers of a run
 * together, while the bytes arrive. What is cut here is unread, which is no fault of anybody.
 */

import type { Chunk } from '../../core/exchange.js';

/** Longest body of one answer, in bytes after content-encoding is undone. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Maximum header lines of a response. Servers send about twenty; some clients reject more than a hundred. */
const MAX_HEADER_LINES = 256;

/** Node silently drops further lines. One more than the maximum shows that there were too many. */
export const READ_HEADER_LINES = MAX_HEADER_LINES + 1;

/** Most parts of one answer: a value of its JSON, of which there are about as many as commas and brackets, or half a line. */
const MAX_PARTS = 250_000;

/** What all answers of a run may cost together. */
export interface Allowance {
  /** Characters that their bodies take in a report. */
  characters: number;
  parts: number;
}

/** Many times what a run with a talkative model comes to. An event of a stream is some fifteen parts. */
export const RUN_ALLOWANCE: Readonly<Allowance> = { characters: 24 * 1024 * 1024, parts: 1_000_000 };

/** Whether a run has had all that it may have. */
export const isSpent = ({ characters, parts }: Allowance): boolean => characters <= 0 || parts <= 0;

export const SPENT =
  'the answers of this run are longer, all together, than any model makes them; reading stopped there';

/** More network reads than this are recorded two and two. */
const MAX_CHUNKS = 4_096;

/** Collects the bytes of one body, however small the pieces are that they come in. */
export class BoundedBody {
  /** Network reads with their times; neighbours are joined where there are very many. */
  readonly chunks: Chunk[] = [];
  private store = Buffer.allocUnsafeSlow(4_096);
  private length = 0;
  private parts = 0;
  private together = 1;
  private waiting = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly left: Allowance,
  ) {}

  /**
   * Counts the header lines. The exchange keeps `kept`; `stopped` says why the body must not be read, or is `null`.
   */
  takeHead<Line extends readonly [name: string, value: string]>(
    lines: readonly Line[],
  ): { kept: readonly Line[]; stopped: string | null } {
    const kept = lines.slice(0, MAX_HEADER_LINES);
    // In a report each header takes quotes, brackets and a line of its own.
    for (const [name, value] of kept) this.left.characters -= name.length + value.length + 20;
    this.left.parts -= 2 * kept.length;
    if (lines.length > kept.length)
      return {
        kept,
        stopped: `the response has more than ${MAX_HEADER_LINES} header lines; the report keeps these, and the body was not read`,
      };
    return { kept, stopped: isSpent(this.left) ? SPENT : null };
  }

  /** Takes what arrived; says why reading has to stop, `null` while it may go on. Bytes beyond the bound are not kept. */
  take(arrived: Uint8Array, atMs: number): string | null {
    const kept = arrived.subarray(0, this.maxBytes - this.length);
    this.append(kept);
    this.record(kept.length, atMs);
    this.charge(kept);
    if (kept.length < arrived.length) return `the body is longer than ${this.maxBytes} bytes; reading stopped there`;
    if (this.parts > MAX_PARTS)
      return 'the body is made of more lines or JSON values than any reply; reading stopped there';
    return isSpent(this.left) ? SPENT : null;
  }

  body(): Uint8Array {
    return this.store.subarray(0, this.length);
  }

  private append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.store.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.store.length * 2, this.maxBytes)));
      larger.set(this.body());
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

  private charge(bytes: Uint8Array): void {
    let characters = 0;
    let parts = 0;
    for (const byte of bytes) {
      characters += CHARACTERS[byte]!;
      parts += PARTS[byte]!;
    }
    this.parts += parts;
    this.left.characters -= characters;
    this.left.parts -= parts;
  }
}

/** Characters that a byte takes at most, or nearly so, as part of a JSON string. */
const CHARACTERS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20) return '\b\t\n\f\r'.includes(String.fromCharCode(byte)) ? 2 : 6;
  return byte === 0x22 || byte === 0x5c || byte > 0x7e ? 2 : 1;
});

const PARTS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return '\n\r'.includes(character) ? 2 : ',[{'.includes(character) ? 1 : 0;
});

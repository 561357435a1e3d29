/**
 * What answers may cost. A body is kept, read, judged and written into reports, and each of these takes memory in proportion
 * to its length, to its lines, and to the values in it. All three are bounded, for one answer and for all answers of a run
 * together, while the bytes arrive. What is cut here is unread, which is no fault of anybody.
 */

import type { Chunk } from '../../core/exchange.js';
import { ArrivedBytes } from './arrived-bytes.js';

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

/** Collects the bytes of one body, however small the pieces are that they come in. */
export class BoundedBody {
  private readonly arrived: ArrivedBytes;
  private parts = 0;

  constructor(
    maxBytes: number,
    private readonly left: Allowance,
  ) {
    this.arrived = new ArrivedBytes(maxBytes);
  }

  /** Network reads with their times; neighbours are joined where there are very many. */
  get chunks(): Chunk[] {
    return this.arrived.chunks;
  }

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
  take(bytes: Uint8Array, atMs: number): string | null {
    const kept = this.arrived.take(bytes, atMs);
    this.charge(kept);
    if (kept.length < bytes.length)
      return `the body is longer than ${this.arrived.maxBytes} bytes; reading stopped there`;
    if (this.parts > MAX_PARTS)
      return 'the body is made of more lines or JSON values than any reply; reading stopped there';
    return isSpent(this.left) ? SPENT : null;
  }

  body(): Uint8Array {
    return this.arrived.bytes();
  }

  private charge(bytes: Uint8Array): void {
    let characters = 0;
    let parts = 0;
    // With `for … of` each byte would be an object until the loop is optimized.
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index]!;
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

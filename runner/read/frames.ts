/** The frames of an event stream while it is scanned line by line, and as objects for those who look at them. */

import { isAscii } from 'node:buffer';
import type { Chunk, Frame } from '../../core/exchange.js';

/** A body by offsets, as a scan of lines needs it. */
export interface Content {
  /** One character for each byte, so that an index is an offset. */
  units: string;
  /** The text between two offsets. */
  text(from: number, to: number): string;
}

export function contentOf(bytes: Uint8Array, isText: boolean, body: string | undefined): Content {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Where each byte is a character, all texts are parts of one, which costs nothing; others are decoded one by one.
  const ascii = isText && body?.length === bytes.length ? body : isAscii(bytes) ? buffer.toString('latin1') : null;
  if (ascii !== null) return { units: ascii, text: (from, to) => ascii.slice(from, to) };
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    units: buffer.toString('latin1'),
    text: isText
      ? (from, to) => buffer.toString('utf8', from, to)
      : (from, to) => decoder.decode(bytes.subarray(from, to)),
  };
}

const COLON = 0x3a;
const SPACE = 0x20;

/** What few frames have: lines that are neither `event:` nor the only `data:` line. */
interface RareLines {
  /** Lines of data after the first one. */
  data: string[];
  comments: string[];
  strayLines: string[];
}

/** Most frames have no such lines: they share one list. */
const NONE: readonly string[] = [];

/**
 * The frames of a stream as columns of offsets, filled line by line; they become objects when somebody asks. A reply
 * has thousands, and objects that live on are a third of what reading it costs.
 */
export class FrameTable {
  /** Frames that are closed. */
  count = 0;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly names: (string | null)[] = [];
  /** Where the first line of data begins and ends; -1 without one. */
  private readonly dataStarts: number[] = [];
  private readonly dataEnds: number[] = [];
  private readonly rare = new Map<number, RareLines>();
  private made: readonly Frame[] | undefined;
  private readonly arrival: (offset: number) => number;
  /** The frame on its way. */
  private open = false;
  private lastTerminated = true;
  private lastName = '';

  constructor(
    private readonly content: Content,
    chunks: readonly Chunk[],
  ) {
    this.arrival = clock(chunks);
  }

  /** Reads the line between two offsets. The names of fields are ASCII, so that they stand in `units` as they are. */
  readLine(start: number, end: number): void {
    const { units } = this.content;
    const at = this.count;
    if (!this.open) this.begin(start);
    if (units.charCodeAt(start) === COLON) this.rareLines(at).comments.push(this.text(start + 1, end));
    else if (isField(units, 'data', start, end)) {
      const from = valueStart(units, start + 'data'.length, end);
      if (this.dataStarts[at] !== -1) this.rareLines(at).data.push(this.text(from, end));
      else {
        this.dataStarts[at] = from;
        this.dataEnds[at] = end;
      }
    } else if (isField(units, 'event', start, end)) this.names[at] = this.name(start + 'event'.length, end);
    else if (!isField(units, 'id', start, end) && !isField(units, 'retry', start, end))
      this.rareLines(at).strayLines.push(this.text(start, end));
  }

  /** Ends the frame on its way, if there is one, before this offset. */
  close(end: number, terminated: boolean): void {
    if (!this.open) return;
    this.open = false;
    this.ends.push(end);
    this.lastTerminated = terminated;
    this.count += 1;
  }

  nameOf(at: number): string | null {
    return this.names[at]!;
  }

  /** `data:` lines joined with LF, `null` without one. */
  dataOf(at: number): string | null {
    const from = this.dataStarts[at]!;
    if (from === -1) return null;
    const first = this.text(from, this.dataEnds[at]!);
    const more = this.rare.size === 0 ? undefined : this.rare.get(at)?.data;
    return more === undefined || more.length === 0 ? first : [first, ...more].join('\n');
  }

  /** All frames; the first who asks has them made. */
  all(): readonly Frame[] {
    this.made ??= this.starts.map((_, at) => this.make(at));
    return this.made;
  }

  private make(at: number): Frame {
    const end = this.ends[at]!;
    const lines = this.rare.get(at);
    return {
      offset: this.starts[at]!,
      end,
      atMs: this.arrival(end),
      event: this.nameOf(at),
      data: this.dataOf(at),
      comments: lines?.comments ?? NONE,
      strayLines: lines?.strayLines ?? NONE,
      terminated: at < this.count - 1 || this.lastTerminated,
    };
  }

  private begin(start: number): void {
    this.open = true;
    this.starts.push(start);
    this.names.push(null);
    this.dataStarts.push(-1);
    this.dataEnds.push(-1);
  }

  private rareLines(at: number): RareLines {
    let lines = this.rare.get(at);
    if (lines === undefined) {
      lines = { data: [], comments: [], strayLines: [] };
      this.rare.set(at, lines);
    }
    return lines;
  }

  /** Names repeat: most frames take the string of the one before. */
  private name(colon: number, end: number): string | null {
    const from = valueStart(this.content.units, colon, end);
    const name = this.text(from, end);
    if (name !== this.lastName) this.lastName = name;
    return name === '' ? null : this.lastName;
  }

  private text(from: number, end: number): string {
    return this.content.text(from, end);
  }
}

/** Whether a line is this field: its name, then a colon or nothing. */
const isField = (units: string, name: string, start: number, end: number): boolean => {
  const after = start + name.length;
  return units.startsWith(name, start) && (after === end || (after < end && units.charCodeAt(after) === COLON));
};

/** What follows the name of a field, without the colon and one space. */
const valueStart = (units: string, colon: number, end: number): number =>
  Math.min(units.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end);

/** Arrival of the byte before an offset. Offsets must be asked for in rising order. */
function clock(chunks: readonly Chunk[]): (offset: number) => number {
  let index = 0;
  let arrived = chunks[0]?.bytes ?? 0;
  return (offset) => {
    while (arrived < offset && index + 1 < chunks.length) {
      index += 1;
      arrived += chunks[index]!.bytes;
    }
    return chunks[index]?.atMs ?? 0;
  };
}

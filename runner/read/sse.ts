/**
 * Reads the bytes of an event stream: frames with their offsets and arrival times, and everything about them that a
 * client's parser hides (line ends, stray lines, a last frame that nobody closed). Linear in the number of bytes.
 */

import { isUtf8 } from 'node:buffer';
import type { Chunk, Frame, StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { accumulate } from './accumulate.js';
import { type Content, contentOf, FrameTable } from './frames.js';

const BOM = [0xef, 0xbb, 0xbf];

/** A body with more frames than any reply has; what comes after them is not read. */
const MAX_FRAMES = 200_000;

/**
 * Never throws, whatever the bytes are.
 *
 * @param body The same as text, where who calls has it already.
 */
export function readStream(bytes: Uint8Array, chunks: readonly Chunk[], body?: string): StreamReading {
  const bom = BOM.every((byte, index) => bytes[index] === byte);
  const isText = isUtf8(bytes);
  const content = contentOf(bytes, isText, body);
  const { frames, lineEnds, longestLine } = scanFrames(content, bom ? BOM.length : 0, new FrameTable(content, chunks));
  const events = number(frames);
  return {
    get frames() {
      return frames.all();
    },
    events,
    bom,
    lineEnds: [...lineEnds],
    longestLine,
    invalidUtf8At: isText ? null : firstInvalidUtf8(bytes),
    message: accumulate(events),
  };
}

interface Scan {
  frames: FrameTable;
  lineEnds: Set<'LF' | 'CRLF' | 'CR'>;
  longestLine: number;
}

function scanFrames({ units }: Content, from: number, frames: FrameTable): Scan {
  const scan: Scan = { frames, lineEnds: new Set(), longestLine: 0 };
  const { length } = units;
  let start = from;
  let nextLf = units.indexOf('\n', start);
  let nextCr = units.indexOf('\r', start);
  let lastEnd: string | null = null;
  while (start < length && frames.count < MAX_FRAMES) {
    // Each search resumes only after its last hit was passed: two searches per line would be quadratic on LF-only bodies.
    if (nextLf !== -1 && nextLf < start) nextLf = units.indexOf('\n', start);
    if (nextCr !== -1 && nextCr < start) nextCr = units.indexOf('\r', start);
    const crFirst = nextCr !== -1 && (nextLf === -1 || nextCr < nextLf);
    const end = crFirst ? nextCr : nextLf;
    const lineEnd = end === -1 ? length : end;
    const pair = crFirst && nextLf === end + 1;
    const kind = pair ? 'CRLF' : crFirst ? 'CR' : 'LF';
    if (end !== -1 && kind !== lastEnd) {
      scan.lineEnds.add(kind);
      lastEnd = kind;
    }
    if (lineEnd - start > scan.longestLine) scan.longestLine = lineEnd - start;
    const next = end === -1 ? length : end + (pair ? 2 : 1);
    if (lineEnd > start) frames.readLine(start, lineEnd);
    else frames.close(next, true);
    start = next;
  }
  frames.close(length, false);
  return scan;
}

/** An event whose frame is made when somebody asks for it. */
class ReadEvent implements StreamEvent {
  readonly #frames: FrameTable;
  readonly #at: number;

  constructor(
    readonly number: number,
    frames: FrameTable,
    at: number,
    readonly name: string | null,
    readonly data: Json | undefined,
    readonly type: string | null,
  ) {
    this.#frames = frames;
    this.#at = at;
  }

  get frame(): Frame {
    return this.#frames.all()[this.#at]!;
  }
}

function number(frames: FrameTable): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (let at = 0; at < frames.count; at += 1) {
    const text = frames.dataOf(at);
    if (text === null) continue;
    const data = parseJson(text);
    const type = typeof data === 'object' && data !== null && !Array.isArray(data) ? data.type : undefined;
    events.push(
      new ReadEvent(events.length + 1, frames, at, frames.nameOf(at), data, typeof type === 'string' ? type : null),
    );
  }
  return events;
}

/** A JSON value, `undefined` when the text is none. */
export function parseJson(value: string): Json | undefined {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return undefined;
  }
}

/** Byte offset of the first sequence that is not UTF-8 (RFC 3629: no overlong forms, no surrogates), `null` when there is none. */
export function firstInvalidUtf8(bytes: Uint8Array): number | null {
  let index = 0;
  while (index < bytes.length) {
    const first = bytes[index]!;
    if (first < 0x80) {
      index += 1;
      continue;
    }
    const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 4;
    const second = bytes[index + 1] ?? 0;
    if (first < 0xc2 || first > 0xf4 || second < lowestSecond(first) || second > highestSecond(first)) return index;
    for (let rest = 2; rest < length; rest += 1) {
      if (((bytes[index + rest] ?? 0) & 0xc0) !== 0x80) return index;
    }
    index += length;
  }
  return null;
}

const lowestSecond = (first: number): number => (first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80);
const highestSecond = (first: number): number => (first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf);

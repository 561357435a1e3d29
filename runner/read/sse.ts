/**
 * Reads the bytes of an event stream: frames with their offsets and arrival times, and everything about them that a
 * client's parser hides (line ends, stray lines, a last frame that nobody closed). Linear in the number of bytes.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import type { Chunk, Frame, StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { accumulate } from './accumulate.js';

const LF = 0x0a;
const CR = 0x0d;
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
  const scan = scanFrames(linesOf(bytes, isText, body), bom ? BOM.length : 0, clock(chunks));
  const events = number(scan.frames);
  return {
    frames: scan.frames,
    events,
    bom,
    lineEnds: [...scan.lineEnds],
    longestLine: scan.longestLine,
    invalidUtf8At: isText ? null : firstInvalidUtf8(bytes),
    message: accumulate(events),
  };
}

/** Bytes by offsets, as a scan of lines needs them. */
interface Lines {
  length: number;
  /** Offset of the next LF or CR from an offset on; -1 where there is none. */
  next(end: typeof LF | typeof CR, from: number): number;
  isLf(at: number): boolean;
  text(from: number, to: number): string;
}

/** Where each byte is a character, lines are parts of one text, which costs nothing; others are decoded one by one. */
function linesOf(bytes: Uint8Array, isText: boolean, body: string | undefined): Lines {
  const { length } = bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  const ascii = isText && body?.length === length ? body : isAscii(bytes) ? buffer.toString('latin1') : null;
  if (ascii !== null)
    return {
      length,
      next: (end, from) => ascii.indexOf(end === LF ? '\n' : '\r', from),
      isLf: (at) => ascii.charCodeAt(at) === LF,
      text: (from, to) => ascii.slice(from, to),
    };
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    length,
    next: (end, from) => buffer.indexOf(end, from),
    isLf: (at) => buffer[at] === LF,
    text: isText
      ? (from, to) => buffer.toString('utf8', from, to)
      : (from, to) => decoder.decode(bytes.subarray(from, to)),
  };
}

interface Scan {
  frames: Frame[];
  lineEnds: Set<'LF' | 'CRLF' | 'CR'>;
  longestLine: number;
}

function scanFrames(lines: Lines, from: number, arrival: (offset: number) => number): Scan {
  const scan: Scan = { frames: [], lineEnds: new Set(), longestLine: 0 };
  const { length } = lines;
  let draft: Draft | null = null;
  let start = from;
  let nextLf = lines.next(LF, start);
  let nextCr = lines.next(CR, start);
  let lastEnd: string | null = null;
  const close = (end: number, terminated: boolean): void => {
    if (draft === null) return;
    scan.frames.push(finish(draft, end, arrival(end), terminated));
    draft = null;
  };
  while (start < length && scan.frames.length < MAX_FRAMES) {
    // Each search resumes only after its last hit was passed: two searches per line would be quadratic on LF-only bodies.
    if (nextLf !== -1 && nextLf < start) nextLf = lines.next(LF, start);
    if (nextCr !== -1 && nextCr < start) nextCr = lines.next(CR, start);
    const crFirst = nextCr !== -1 && (nextLf === -1 || nextCr < nextLf);
    const end = crFirst ? nextCr : nextLf;
    const lineEnd = end === -1 ? length : end;
    const pair = crFirst && lines.isLf(end + 1);
    const kind = pair ? 'CRLF' : crFirst ? 'CR' : 'LF';
    if (end !== -1 && kind !== lastEnd) {
      scan.lineEnds.add(kind);
      lastEnd = kind;
    }
    if (lineEnd - start > scan.longestLine) scan.longestLine = lineEnd - start;
    const next = end === -1 ? length : end + (pair ? 2 : 1);
    if (lineEnd === start) close(next, true);
    else {
      draft ??= { offset: start, event: null, data: null, comments: NONE, strayLines: NONE };
      readLine(lines.text(start, lineEnd), draft);
    }
    start = next;
  }
  close(length, false);
  return scan;
}

interface Draft {
  offset: number;
  event: string | null;
  /** One line as it is; a list where there are more. */
  data: string | string[] | null;
  comments: string[];
  strayLines: string[];
}

/** Most frames have no such lines: they share one list. */
const NONE: string[] = [];
const withLine = (lines: string[], line: string): string[] => {
  if (lines === NONE) return [line];
  lines.push(line);
  return lines;
};

/** A list that grew keeps room to grow further; a copy takes what it needs. */
const fitted = (lines: string[]): readonly string[] => (lines.length > 1 ? lines.slice() : lines);

function readLine(line: string, draft: Draft): void {
  const colon = line.indexOf(':');
  if (colon === 0) {
    draft.comments = withLine(draft.comments, line.slice(1));
    return;
  }
  const field = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
  if (field === 'data') draft.data = joined(draft.data, value);
  else if (field === 'event') draft.event = value === '' ? null : value;
  else if (field !== 'id' && field !== 'retry') draft.strayLines = withLine(draft.strayLines, line);
}

const SPACE = 0x20;

function joined(before: Draft['data'], value: string): Draft['data'] {
  if (before === null) return value;
  if (typeof before === 'string') return [before, value];
  before.push(value);
  return before;
}

const finish = (
  { offset, event, data, comments, strayLines }: Draft,
  end: number,
  atMs: number,
  terminated: boolean,
): Frame => ({
  offset,
  end,
  atMs,
  event,
  data: Array.isArray(data) ? data.join('\n') : data,
  comments: fitted(comments),
  strayLines: fitted(strayLines),
  terminated,
});

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

function number(frames: readonly Frame[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const frame of frames) {
    if (frame.data === null) continue;
    const data = parseJson(frame.data);
    const type = typeof data === 'object' && data !== null && !Array.isArray(data) ? data.type : undefined;
    events.push({
      number: events.length + 1,
      frame,
      name: frame.event,
      data,
      type: typeof type === 'string' ? type : null,
    });
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

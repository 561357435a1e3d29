/**
 * Reads the bytes of an event stream: frames with their offsets and arrival times, and everything about them that a
 * client's parser hides (line ends, stray lines, a last frame that nobody closed). Linear in the number of bytes.
 */

import type { Chunk, Frame, StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { accumulate } from './accumulate.js';

const LF = 0x0a;
const CR = 0x0d;
const BOM = [0xef, 0xbb, 0xbf];

const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** A body with more frames than any reply has; what comes after them is not read. */
const MAX_FRAMES = 200_000;

/** Never throws, whatever the bytes are. */
export function readStream(bytes: Uint8Array, chunks: readonly Chunk[]): StreamReading {
  const bom = BOM.every((byte, index) => bytes[index] === byte);
  const scan = scanFrames(bytes, bom ? BOM.length : 0, clock(chunks));
  const events = number(scan.frames);
  return {
    frames: scan.frames,
    events,
    bom,
    lineEnds: [...scan.lineEnds],
    longestLine: scan.longestLine,
    invalidUtf8At: firstInvalidUtf8(bytes),
    message: accumulate(events),
  };
}

interface Scan {
  frames: Frame[];
  lineEnds: Set<'LF' | 'CRLF' | 'CR'>;
  longestLine: number;
}

function scanFrames(bytes: Uint8Array, from: number, arrival: (offset: number) => number): Scan {
  const scan: Scan = { frames: [], lineEnds: new Set(), longestLine: 0 };
  let draft: Draft | null = null;
  let start = from;
  let nextLf = bytes.indexOf(LF, start);
  let nextCr = bytes.indexOf(CR, start);
  const close = (end: number, terminated: boolean): void => {
    if (draft === null) return;
    scan.frames.push(finish(draft, end, arrival(end), terminated));
    draft = null;
  };
  while (start < bytes.length && scan.frames.length < MAX_FRAMES) {
    // Each search resumes only after its last hit was passed: two searches per line would be quadratic on LF-only bodies.
    if (nextLf !== -1 && nextLf < start) nextLf = bytes.indexOf(LF, start);
    if (nextCr !== -1 && nextCr < start) nextCr = bytes.indexOf(CR, start);
    const crFirst = nextCr !== -1 && (nextLf === -1 || nextCr < nextLf);
    const end = crFirst ? nextCr : nextLf;
    const lineEnd = end === -1 ? bytes.length : end;
    const pair = crFirst && bytes[end + 1] === LF;
    if (end !== -1) scan.lineEnds.add(pair ? 'CRLF' : crFirst ? 'CR' : 'LF');
    scan.longestLine = Math.max(scan.longestLine, lineEnd - start);
    const next = end === -1 ? bytes.length : end + (pair ? 2 : 1);
    if (lineEnd === start) close(next, true);
    else {
      draft ??= { offset: start, event: null, data: [], comments: [], strayLines: [] };
      readLine(text.decode(bytes.subarray(start, lineEnd)), draft);
    }
    start = next;
  }
  close(bytes.length, false);
  return scan;
}

interface Draft {
  offset: number;
  event: string | null;
  data: string[];
  comments: string[];
  strayLines: string[];
}

function readLine(line: string, draft: Draft): void {
  const colon = line.indexOf(':');
  if (colon === 0) {
    draft.comments.push(line.slice(1));
    return;
  }
  const field = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
  if (field === 'data') draft.data.push(value);
  else if (field === 'event') draft.event = value === '' ? null : value;
  else if (field !== 'id' && field !== 'retry') draft.strayLines.push(line);
}

/** Most frames have no such lines: they share one list. */
const NONE: readonly string[] = [];
/** A list that grew keeps room to grow further; a copy takes what it needs. */
const listOf = (lines: string[]): readonly string[] => (lines.length === 0 ? NONE : lines.slice());

const finish = (draft: Draft, end: number, atMs: number, terminated: boolean): Frame => ({
  offset: draft.offset,
  end,
  atMs,
  event: draft.event,
  data: draft.data.length === 0 ? null : draft.data.join('\n'),
  comments: listOf(draft.comments),
  strayLines: listOf(draft.strayLines),
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

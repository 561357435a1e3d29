/**
 * Splits an event stream into frames for display. Tolerant, so that invalid streams can be shown. Numbers match those in
 * findings: frames with data are counted from 1, offsets are bytes of the decoded body.
 */

import type { Frame } from '../../core/exchange.js';

/** A frame with its event number; `null` for frames without data. */
export interface ShownFrame extends Frame {
  number: number | null;
  /** The bytes of the frame as text, including the empty line at its end. */
  raw: string;
  /** The page does not have its end. */
  cut: boolean;
}

export interface ScanOptions {
  /** Byte offset of the first byte in the body. */
  offset?: number;
  /** Number of events before the first byte. */
  eventsBefore?: number;
  /** The bytes end in the middle of a frame because the rest was left out. */
  cut?: boolean;
  /** `false`: leave `raw` empty. */
  keepRaw?: boolean;
  /** Arrival time of the byte before this offset. */
  arrival?: (end: number) => number;
}

/** Splits bytes into frames. Line ends are LF, CRLF or CR. A byte order mark at the start is skipped. */
export const scanFrames = (bytes: Uint8Array, options: ScanOptions = {}): ShownFrame[] => [
  ...eachFrame(bytes, options),
];

/** The same as a generator. */
export function* eachFrame(bytes: Uint8Array, options: ScanOptions = {}): Generator<ShownFrame> {
  const { offset: base = 0, eventsBefore = 0, cut = false, keepRaw = true, arrival = () => 0 } = options;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const hasMark = base === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let position = hasMark ? 3 : 0;
  let start = position;
  let lines: string[] = [];
  let number = eventsBefore;

  const close = (end: number, terminated: boolean, isCut: boolean): ShownFrame => {
    const { event, data, comments, strayLines } = readLines(lines);
    lines = [];
    if (data !== null) number += 1;
    return {
      event,
      data,
      comments,
      strayLines,
      number: data === null ? null : number,
      offset: base + start,
      end: base + end,
      atMs: arrival(base + end),
      terminated,
      raw: keepRaw ? decoder.decode(bytes.subarray(start, end)) : '',
      cut: isCut,
    };
  };

  while (position < bytes.length) {
    let end = position;
    while (end < bytes.length && bytes[end] !== 10 && bytes[end] !== 13) end += 1;
    const next = end + (bytes[end] === 13 && bytes[end + 1] === 10 ? 2 : 1);
    const line = decoder.decode(bytes.subarray(position, end));
    position = Math.min(next, bytes.length);
    if (line !== '') lines.push(line);
    else if (lines.length > 0) yield close(position, true, false);
    if (lines.length === 0) start = position;
  }
  if (lines.length > 0) yield close(bytes.length, false, cut);
}

type Fields = Pick<Frame, 'event' | 'data' | 'comments' | 'strayLines'>;

function readLines(lines: readonly string[]): Fields {
  const comments: string[] = [];
  const strayLines: string[] = [];
  const data: string[] = [];
  let event: string | null = null;
  for (const line of lines) {
    if (line.startsWith(':')) {
      comments.push(line.slice(1));
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value === '' ? null : value;
    else if (name !== 'id' && name !== 'retry') strayLines.push(line);
  }
  return { event, data: data.length > 0 ? data.join('\n') : null, comments, strayLines };
}

/** Returns the arrival time of the byte before an offset. `reads` is `[bytes, atMs, bytes, atMs, …]`; every offset is allowed. */
export function arrivals(reads: readonly number[]): (end: number) => number {
  const ends: number[] = [];
  const times: number[] = [];
  let total = 0;
  for (let index = 0; index + 1 < reads.length; index += 2) {
    total += reads[index]!;
    ends.push(total);
    times.push(reads[index + 1]!);
  }
  return (end) => {
    let low = 0;
    let high = ends.length - 1;
    if (high < 0) return 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! >= end) high = middle;
      else low = middle + 1;
    }
    return times[low]!;
  };
}

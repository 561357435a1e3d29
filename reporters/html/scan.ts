/**
 * The frames of an event stream, read from its bytes for showing: tolerant, so that a broken stream can be looked at.
 * The numbers agree with those of findings: frames with data count from 1, offsets are bytes of the decoded body.
 */

import type { Frame } from '../../core/exchange.js';

/** A frame as it is shown: with its event number, `null` for frames without data. */
export interface ShownFrame extends Frame {
  number: number | null;
  /** The bytes of the frame as text, the closing empty line included. */
  raw: string;
  /** Its end was left out of the page. */
  cut: boolean;
}

export interface ScanOptions {
  /** Byte offset of the first byte in the whole body. */
  offset?: number;
  /** Events before the first byte. */
  eventsBefore?: number;
  /** The bytes stop in the middle of a frame because the rest was left out. */
  cut?: boolean;
  /** `false`: the text of frames is not asked for; `raw` stays empty. */
  keepRaw?: boolean;
  /** When the byte before this offset had arrived. */
  arrival?: (end: number) => number;
}

/** Splits bytes into frames. Line ends are LF, CRLF or CR; a byte order mark at the very start is no part of the first line. */
export const scanFrames = (bytes: Uint8Array, options: ScanOptions = {}): ShownFrame[] => [
  ...eachFrame(bytes, options),
];

/** The same, a frame at a time. */
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

/** When the byte before an offset had arrived, from network reads as `[bytes, atMs, bytes, atMs, …]`; total over all offsets. */
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

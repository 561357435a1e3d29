/** The model of a timeline: frames with their lanes, start and end of blocks, and silences. */

import type { Finding } from '../../../core/requirement.js';
import type { PageResponse } from '../data.js';
import { arrivals, type ShownFrame, scanFrames } from '../scan.js';

export const MESSAGE_LANE = 'message';
export const FILLER_LANE = 'ping';

export interface TimelineRow {
  frame: ShownFrame;
  /** Its lane: message, fillers, or `block N`. */
  lane: string;
  /** Its kind in one or two words; for a delta, the type of the delta. */
  what: string;
  /** The most useful part of its data. */
  gist: string;
  /** Milliseconds since the previous frame. */
  sinceBefore: number;
  marks: RowMark[];
}

/** A mark for a finding in an exchange. */
export interface Mark {
  finding: Finding;
  requirement: string;
}

/** A mark at a frame. */
export interface RowMark extends Mark {
  /** JSON pointer into the frame's data. */
  pointer?: string;
}

/** A block from start to stop; `to` is `null` if it never stops. */
export interface BlockBar {
  lane: string;
  label: string;
  from: number;
  to: number | null;
}

/** A time without a byte. */
export interface Silence {
  from: number;
  to: number;
  /** It is drawn shorter than it was, so that the events beside it can be told apart. */
  compressed: boolean;
}

export type Scale = (ms: number) => number;

export interface Timeline {
  rows: TimelineRow[];
  lanes: string[];
  bars: BlockBar[];
  /** Times without a byte that are long compared to the whole. */
  silences: Silence[];
  /** Where a time stands in the drawing, from 0 to 1. */
  at: Scale;
  /** Marks at or after the end: what is missing. */
  endMarks: Mark[];
  /** Marks without a place in the stream. */
  looseMarks: Mark[];
  endMs: number;
  headersMs: number;
  /** The wait for the first headers of all answers on the axis; a long one is drawn shorter. */
  waitMs: number;
  /** Bytes of the body that the page does not have. */
  leftOut: number;
  events: number;
}

/** The frames of a response that the page has. */
export function framesOf(response: PageResponse): ShownFrame[] {
  const arrival = arrivals(response.reads);
  return response.pieces.flatMap((piece) =>
    scanFrames(bytesOf(piece.text, response.encoding), {
      offset: piece.offset,
      eventsBefore: piece.events,
      cut: piece.cut ?? false,
      arrival,
    }),
  );
}

export function bytesOf(text: string, encoding: 'utf8' | 'base64'): Uint8Array {
  if (encoding === 'utf8') return new TextEncoder().encode(text);
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new TextEncoder().encode(text);
  }
}

/** Whether a response is shown as a stream. */
export function isStream(response: PageResponse): boolean {
  const type = response.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  if (/text\/event-stream/i.test(type)) return true;
  return response.encoding === 'utf8' && /^\ufeff?(event:|data:|:)/.test(response.pieces[0]?.text ?? '');
}

/** `beside`: answers that share its time axis, so that they can be compared. */
export function timelineOf(
  response: PageResponse,
  marks: readonly Mark[],
  beside: readonly PageResponse[] = [],
): Timeline {
  const all = [response, ...beside];
  const frames = framesOf(response);
  const rows: TimelineRow[] = [];
  const bars: BlockBar[] = [];
  const open = new Map<string, BlockBar>();
  let before = response.headersMs;
  for (const frame of frames) {
    const data = parsed(frame.data);
    const { lane, what, gist } = describe(frame, data);
    const texts = { lane: clip(lane, 40), what: clip(what, 80), gist: clip(gist, 240) };
    const row = { frame, ...texts, sinceBefore: Math.max(0, frame.atMs - before), marks: [] as RowMark[] };
    before = frame.atMs;
    rows.push(row);
    if (row.what === 'content_block_start') {
      const bar = { lane: row.lane, label: blockLabel(member(data, 'content_block')), from: frame.atMs, to: null };
      bars.push(bar);
      open.set(row.lane, bar);
    } else if (row.what === 'content_block_stop') {
      const bar = open.get(row.lane);
      if (bar) bar.to = frame.atMs;
      open.delete(row.lane);
    }
  }
  const endMs = Math.max(...all.map((one) => one.endMs), before, 1);
  const endMarks: Mark[] = [];
  const looseMarks: Mark[] = [];
  for (const mark of marks) {
    const { at } = mark.finding;
    const placed = at?.event === undefined && at?.offset === undefined ? placeOfPointer(rows, at?.pointer) : null;
    const row = placed?.row ?? rowOf(rows, mark.finding);
    if (row !== undefined) row.marks.push({ ...mark, pointer: placed?.pointer ?? at?.pointer });
    else if (at?.event !== undefined || at?.offset !== undefined) endMarks.push(mark);
    else looseMarks.push(mark);
  }
  const waitMs = Math.min(...all.map(({ headersMs }) => headersMs));
  const silences = silencesOf(all, endMs);
  const kept = frames.reduce((sum, frame) => sum + frame.end - frame.offset, 0);
  return {
    rows,
    lanes: lanesOf(rows),
    bars,
    silences,
    at: scaleOf(silences, waitMs, endMs),
    waitMs,
    endMarks,
    looseMarks,
    endMs,
    headersMs: response.headersMs,
    leftOut: response.pieces.length === 1 && !response.pieces[0]!.cut ? 0 : Math.max(0, response.bytes - kept),
    events: rows.reduce((most, { frame }) => Math.max(most, frame.number ?? 0), 0),
  };
}

function rowOf(rows: readonly TimelineRow[], { at }: Finding): TimelineRow | undefined {
  if (at === null) return undefined;
  if (at.event !== undefined) return rows.find(({ frame }) => frame.number === at.event);
  const { offset } = at;
  return offset === undefined ? undefined : rows.find(({ frame }) => frame.offset <= offset && offset < frame.end);
}

/** The event with the part of the message that a pointer refers to, and the pointer into its data. */
function placeOfPointer(
  rows: readonly TimelineRow[],
  pointer: string | undefined,
): { row: TimelineRow; pointer: string } | null {
  const [, first = '', rest = ''] = /^\/([^/]+)(.*)$/s.exec(pointer ?? '') ?? [];
  const last = (what: string) => rows.findLast((row) => row.what === what);
  const found = (row: TimelineRow | undefined, inData: string) => (row ? { row, pointer: inData } : null);
  switch (first) {
    case 'id':
    case 'type':
    case 'role':
    case 'model':
      return found(last('message_start'), `/message/${first}${rest}`);
    case 'stop_reason':
    case 'stop_sequence':
    case 'stop_details':
      return found(last('message_delta'), `/delta/${first}${rest}`);
    case 'usage':
      return found(last('message_delta'), `/usage${rest}`);
    case 'content': {
      const [, index = '', inside = ''] = /^\/(\d+)(.*)$/s.exec(rest) ?? [];
      const start = rows.find(({ what, lane }) => what === 'content_block_start' && lane === `block ${index}`);
      return found(start, `/content_block${inside}`);
    }
    default:
      return null;
  }
}

function describe(frame: ShownFrame, data: unknown): Pick<TimelineRow, 'lane' | 'what' | 'gist'> {
  if (frame.data === null) {
    const gist = [...frame.comments, ...frame.strayLines].join(' ⏎ ').trim();
    const what = frame.event ?? (frame.comments.length > 0 ? 'comment' : 'no data');
    return { lane: frame.comments.length > 0 ? FILLER_LANE : MESSAGE_LANE, what, gist };
  }
  const type = member(data, 'type');
  const what = frame.event ?? (typeof type === 'string' ? type : 'no event name');
  if (what === 'ping') return { lane: FILLER_LANE, what, gist: '' };
  const lane = /^content_block_/.test(what) ? `block ${plain(member(data, 'index')) || '?'}` : MESSAGE_LANE;
  const gist = data === undefined ? frame.data : gistOf(what, data);
  return { lane, what, gist: frame.event === null && what !== 'no event name' ? `no event name · ${gist}` : gist };
}

function gistOf(what: string, data: unknown): string {
  switch (what) {
    case 'message_start': {
      const message = member(data, 'message');
      const tokens = member(member(message, 'usage'), 'input_tokens');
      return [member(message, 'model'), tokens === undefined ? '' : `${plain(tokens)} tokens in`, member(message, 'id')]
        .map(plain)
        .filter(Boolean)
        .join(' · ');
    }
    case 'content_block_start':
      return blockLabel(member(data, 'content_block'));
    case 'content_block_delta': {
      const change = member(data, 'delta');
      for (const key of ['text', 'partial_json', 'thinking', 'signature']) {
        const value = member(change, key);
        if (typeof value === 'string') return JSON.stringify(value);
      }
      return plain(change);
    }
    case 'message_delta': {
      const tokens = member(member(data, 'usage'), 'output_tokens');
      const reason = member(member(data, 'delta'), 'stop_reason');
      return [
        reason === undefined ? 'no stop reason' : `stop reason ${plain(reason)}`,
        tokens === undefined ? 'no usage' : `${plain(tokens)} tokens out`,
      ].join(' · ');
    }
    case 'error':
      return plain(member(member(data, 'error'), 'message') ?? data);
    case 'message_stop':
    case 'content_block_stop':
      return '';
    default:
      return plain(data);
  }
}

function blockLabel(block: unknown): string {
  const name = member(block, 'name');
  return [plain(member(block, 'type')) || 'block', typeof name === 'string' ? name : ''].filter(Boolean).join(' ');
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function plain(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return clip(text, 240);
}

function clip(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** Message first, then blocks by index, then fillers. */
function lanesOf(rows: readonly TimelineRow[]): string[] {
  const order = (lane: string) => {
    if (lane === MESSAGE_LANE) return -1;
    if (lane === FILLER_LANE) return Number.POSITIVE_INFINITY;
    const index = Number(lane.slice('block '.length));
    return Number.isFinite(index) ? index : Number.MAX_VALUE;
  };
  return [...new Set([MESSAGE_LANE, ...rows.map(({ lane }) => lane)])].sort((a, b) => order(a) - order(b) || 0);
}

/** Times in which nobody sent a byte. */
function silencesOf(all: readonly PageResponse[], endMs: number): Silence[] {
  const times = all
    .flatMap(({ headersMs, reads, endMs: end }) => [headersMs, ...reads.filter((_, index) => index % 2 === 1), end])
    .sort((a, b) => a - b);
  const long = Math.max(200, endMs * 0.12);
  return times
    .slice(1)
    .map((to, index) => ({ from: times[index]!, to, compressed: to - times[index]! > endMs * LONGEST }))
    .filter(({ from, to }) => to - from >= long);
}

/** A silence that takes a larger part of the whole is drawn in `COMPRESSED` of the width. */
const LONGEST = 0.3;
const COMPRESSED = 0.15;

/** The scale of the drawing: even, but for long silences and a long wait for the first byte. */
export function scaleOf(silences: readonly Silence[], headersMs: number, endMs: number): Scale {
  const before: Silence[] = headersMs > endMs * LONGEST ? [{ from: 0, to: headersMs, compressed: true }] : [];
  const gaps = [...before, ...silences.filter(({ compressed }) => compressed)];
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const rest = Math.max(endMs - lost, 1e-9);
  const perMs = (1 - gaps.length * COMPRESSED) / rest;
  return (ms) => {
    let place = 0;
    let last = 0;
    for (const { from, to } of gaps) {
      if (ms <= from) break;
      place += (from - last) * perMs + COMPRESSED * Math.min(1, (ms - from) / (to - from));
      last = Math.min(ms, to);
    }
    return Math.max(0, Math.min(1, place + Math.max(0, ms - last) * perMs));
  };
}

/** Folds consecutive deltas of one kind into one line. A row with a mark is never folded. */
export type RowGroup = { first: number; rows: TimelineRow[] };

export function foldRuns(rows: readonly TimelineRow[], longest = 6): RowGroup[] {
  const groups: RowGroup[] = [];
  for (const [index, row] of rows.entries()) {
    const last = groups.at(-1);
    const before = last?.rows.at(-1);
    const same =
      before !== undefined &&
      before.what === row.what &&
      before.lane === row.lane &&
      (/_delta$/.test(row.what) || row.lane === FILLER_LANE) &&
      before.marks.length === 0 &&
      row.marks.length === 0;
    if (same) last!.rows.push(row);
    else groups.push({ first: index, rows: [row] });
  }
  return groups.flatMap((group) =>
    group.rows.length >= longest
      ? [group]
      : group.rows.map((row, position) => ({ first: group.first + position, rows: [row] })),
  );
}

/** The joined text of several delta rows. */
export function joinedGist(rows: readonly TimelineRow[]): string {
  const texts = rows.map(({ gist }) => (gist.startsWith('"') ? parsed(gist) : undefined));
  if (texts.some((text) => typeof text !== 'string')) return clip(rows.map(({ gist }) => gist).join(' '), 160);
  return clip(JSON.stringify(texts.join('')), 160);
}

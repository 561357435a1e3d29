/**
 * Data for the report page: the report without what the page can compute, and small enough for a browser. Where the page has
 * less than `report.json`, it says so.
 */

import type { Chunk, SentRequest } from '../../core/exchange.js';
import { scriptLength } from '../../core/json-length.js';
import type { Report, ReportExchange, Result } from '../../core/report.js';
import type { Finding } from '../../core/requirement.js';
import { insideQuotes } from '../../core/shell.js';
import { withoutEnd } from '../../core/text.js';
import type { UpstreamCall } from '../../core/upstream.js';
import { grouped } from '../numbers.js';
import { eachFrame } from './scan.js';

/** A part of a body. A complete body is one piece. */
export interface BodyPiece {
  /** Byte offset in the body. */
  offset: number;
  /** Number of stream events before it. */
  events: number;
  text: string;
  /** It ends in the middle of a frame. */
  cut?: true;
}

export interface PageResponse {
  status: number;
  headers: readonly (readonly [string, string])[];
  encoding: 'utf8' | 'base64';
  /** Length of the complete body in bytes. */
  bytes: number;
  pieces: BodyPiece[];
  /** Long strings in the JSON body were shortened. */
  shortened?: true;
  /** Network reads, flat: bytes, milliseconds, bytes, milliseconds, … */
  reads: number[];
  headersMs: number;
  endMs: number;
}

/** One request at the upstream of a gateway, and what was sent back. */
export interface PageUpstreamCall extends Omit<UpstreamCall, 'response'> {
  /** The body of the request was shortened. */
  requestShortened?: true;
  response: PageResponse | null;
}

export interface PageExchange extends Omit<ReportExchange, 'response' | 'request' | 'curl' | 'upstream'> {
  upstream?: PageUpstreamCall[];
  request: SentRequest;
  /** The body of the request was shortened. */
  requestShortened?: true;
  /** The `curl` line, split at the request body; one part if the line does not contain the body. */
  curl: readonly string[] | null;
  response: PageResponse | null;
}

export interface PageResult extends Omit<Result, 'exchanges' | 'findings'> {
  findings: readonly Finding[];
  /** Number of findings that the page does not have. */
  moreFindings?: number;
  /** Positions in `exchanges`; the id if the report does not have the exchange. */
  exchanges: (number | string)[];
}

export interface PageData extends Omit<Report, 'results' | 'exchanges'> {
  results: PageResult[];
  exchanges: PageExchange[];
}

const MAX_TEXT = 4_000;
export const MAX_FINDINGS = 50;
export const MAX_BODIES = 2_200_000;
const LIMITS = [512_000, 256_000, 128_000, 64_000, 32_000, 16_000, 8_000, 4_000];
const encoder = new TextEncoder();

/** The data of a report for the page. All bodies together take about `room` characters. */
export function pageData(report: Report, room = MAX_BODIES): PageData {
  const cited = citedPlaces(report);
  const limit = bodyLimit(report, cited, room);
  const positions = new Map(report.exchanges.map((exchange, index) => [exchange.id, index]));
  const { results, exchanges, ...rest } = report;
  return {
    ...shortTexts(rest),
    results: results.map((result) => pageResult(result, positions)),
    exchanges: exchanges.map((exchange) => pageExchange(exchange, limit(exchange), cited.get(exchange.id) ?? [])),
  };
}

function pageResult(result: Result, positions: ReadonlyMap<string, number>): PageResult {
  const { exchanges, findings, ...rest } = result;
  return {
    ...shortTexts(rest),
    findings: shortTexts(findings.slice(0, MAX_FINDINGS)),
    ...(findings.length > MAX_FINDINGS ? { moreFindings: findings.length - MAX_FINDINGS } : {}),
    exchanges: exchanges.map((id) => positions.get(id) ?? clip(id, MAX_TEXT)),
  };
}

/** Findings of results that did not pass, by exchange. */
function citedPlaces(report: Report): Map<string, Finding[]> {
  const cited = new Map<string, Finding[]>();
  for (const result of report.results) {
    if (result.verdict === 'pass') continue;
    for (const finding of result.findings) {
      if (finding.exchange === null) continue;
      const list = cited.get(finding.exchange);
      if (list) list.push(finding);
      else cited.set(finding.exchange, [finding]);
    }
  }
  return cited;
}

/**
 * How many characters of a body the page keeps: as many as possible within the limit, measured as the page writes them. Exchanges with
 * findings get more.
 */
function bodyLimit(
  report: Report,
  cited: ReadonlyMap<string, unknown>,
  room: number,
): (exchange: Pick<ReportExchange, 'id'>) => number {
  const share = (id: string, limit: number) => (cited.has(id) ? limit : limit / 4);
  const bodies = report.exchanges.flatMap(({ id, request, response, upstream = [] }) =>
    [{ request, response }, ...upstream].map((pair) => ({
      id,
      sent: lengthsOf(pair.request.body ?? ''),
      received: lengthsOf(pair.response?.body ?? ''),
    })),
  );
  for (const limit of LIMITS) {
    let total = 0;
    for (const { id, sent, received } of bodies) {
      const most = share(id, limit);
      total += Math.min(received.length, most) * received.scale + Math.min(sent.length, most / 2) * sent.scale;
    }
    if (total <= room) return (exchange) => share(exchange.id, limit);
  }
  return (exchange) => share(exchange.id, LIMITS.at(-1)!);
}

const lengthsOf = (text: string) => ({
  length: text.length,
  scale: text === '' ? 1 : scriptLength(text) / text.length,
});

function pageExchange(exchange: ReportExchange, limit: number, cited: readonly Finding[]): PageExchange {
  const { request, response, curl, client, upstream, ...rest } = exchange;
  const body = request.body ?? '';
  const fits = body.length <= limit / 2;
  return {
    ...shortTexts(rest),
    ...(client ? { client: clipStrings(client, 20_000, 40) as typeof client } : {}),
    request: {
      ...shortTexts({ ...request, body: null }),
      body: request.body === null ? null : fits ? body : shorten(body, limit / 2),
    },
    ...(fits ? {} : { requestShortened: true as const }),
    curl: fits ? curlParts(curl, body) : null,
    response: response && pageResponse(response, limit, cited),
    ...(upstream && { upstream: upstream.map((call) => upstreamCall(call, limit)) }),
  };
}

function upstreamCall({ request, response, ...rest }: UpstreamCall, limit: number): PageUpstreamCall {
  const body = request.body ?? '';
  return {
    ...shortTexts(rest),
    request: {
      ...shortTexts({ ...request, body: null }),
      body: body.length <= limit / 2 ? body : shorten(body, limit / 2),
    },
    ...(body.length <= limit / 2 ? {} : { requestShortened: true as const }),
    response: response && pageResponse(response, limit, []),
  };
}

const pageResponse = (
  response: NonNullable<ReportExchange['response']>,
  limit: number,
  cited: readonly Finding[],
): PageResponse => ({
  status: response.status,
  headers: shortTexts(response.headers),
  encoding: response.bodyEncoding,
  bytes: byteLength(response.body, response.bodyEncoding),
  ...bodyPieces(response, limit, cited),
  reads: readsOf(response.chunks),
  headersMs: response.headersMs,
  endMs: response.endMs,
});

/** The line without the body, which the page already has: `join(insideQuotes(body))` restores the line. */
function curlParts(curl: string, body: string): readonly string[] {
  if (body.length < 40) return [curl];
  const parts = curl.split(insideQuotes(body));
  return parts.length === 2 ? parts : [curl];
}

function byteLength(body: string, encoding: 'utf8' | 'base64'): number {
  if (encoding === 'utf8') return encoder.encode(body).length;
  return Math.floor((withoutEnd(body, '=').length * 3) / 4);
}

const MAX_READS = 3_000;

/** Network reads as a flat list. Neighbors are joined if there are more than a drawing can show. */
function readsOf(chunks: readonly Chunk[]): number[] {
  const together = Math.ceil(chunks.length / MAX_READS);
  const reads: number[] = [];
  let bytes = 0;
  for (const [index, chunk] of chunks.entries()) {
    bytes += chunk.bytes;
    if ((index + 1) % together !== 0 && index + 1 < chunks.length) continue;
    reads.push(bytes, Math.round(chunk.atMs * 100) / 100);
    bytes = 0;
  }
  return reads;
}

type Kept = Pick<PageResponse, 'pieces' | 'shortened'>;

function bodyPieces(response: NonNullable<ReportExchange['response']>, limit: number, cited: readonly Finding[]): Kept {
  const { body, bodyEncoding } = response;
  if (body.length <= limit) return { pieces: [{ offset: 0, events: 0, text: body }] };
  if (bodyEncoding === 'base64') {
    return { pieces: [{ offset: 0, events: 0, text: body.slice(0, limit - (limit % 4)), cut: true }] };
  }
  if (looksLikeStream(response)) return { pieces: streamPieces(body, limit, cited) };
  const shorter = shortenJson(body, limit);
  if (shorter !== null) return { pieces: [{ offset: 0, events: 0, text: shorter }], shortened: true };
  return { pieces: [{ offset: 0, events: 0, text: body.slice(0, limit), cut: true }] };
}

/** Whether a body is shown as a stream, by its content type or its first bytes. */
export function looksLikeStream(response: { headers: readonly (readonly [string, string])[]; body: string }): boolean {
  const type = response.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  return /text\/event-stream/i.test(type) || /^\ufeff?(event:|data:|:)/.test(response.body);
}

/** Keeps the frames at the start, at the end and around findings. */
function streamPieces(body: string, limit: number, cited: readonly Finding[]): BodyPiece[] {
  const bytes = encoder.encode(body);
  const frames: { offset: number; end: number; number: number | null }[] = [];
  for (const { offset, end, number } of eachFrame(bytes, { keepRaw: false })) frames.push({ offset, end, number });
  const keep = new Set<number>();
  let room = limit;
  const take = (index: number, share: number) => {
    const frame = frames[index];
    if (frame === undefined || keep.has(index)) return;
    const size = Math.min(frame.end - frame.offset, MAX_FRAME);
    if (size > share || size > room) return;
    room -= size;
    keep.add(index);
  };
  for (const { at } of cited.slice(0, MAX_FINDINGS)) {
    const index = frames.findIndex((frame) =>
      at?.event === undefined ? at?.offset !== undefined && frame.end > at.offset : frame.number === at.event,
    );
    if (index < 0) continue;
    for (const near of [0, -1, 1, -2, 2, -3, 3]) take(index + near, limit / 4);
  }
  for (let index = 0; index < frames.length && room > limit / 4; index += 1) take(index, limit / 2);
  for (let index = frames.length - 1; index >= 0 && room > 0; index -= 1) {
    const before = room;
    take(index, limit / 4);
    if (before === room && !keep.has(index)) break;
  }
  const pieces: BodyPiece[] = [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let events = 0;
  let open: { from: number; to: number; events: number; cut: boolean } | null = null;
  const flush = () => {
    if (open === null) return;
    const text = decoder.decode(bytes.subarray(open.from, open.to));
    pieces.push({ offset: open.from, events: open.events, text, ...(open.cut ? { cut: true as const } : {}) });
    open = null;
  };
  for (const [index, frame] of frames.entries()) {
    if (keep.has(index)) {
      const long = frame.end - frame.offset > MAX_FRAME;
      if (open === null) open = { from: frame.offset, to: frame.end, events, cut: false };
      open.to = long ? characterStart(bytes, frame.offset + MAX_FRAME) : frame.end;
      open.cut = long;
      if (long) flush();
    } else flush();
    if (frame.number !== null) events = frame.number;
  }
  flush();
  return pieces;
}

const MAX_FRAME = 4_000;

function characterStart(bytes: Uint8Array, offset: number): number {
  let at = offset;
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at -= 1;
  return at;
}

function shorten(body: string, limit: number): string {
  return shortenJson(body, limit) ?? clip(body, limit);
}

/** JSON with shortened strings; `null` if it is not JSON or still too long. */
function shortenJson(body: string, limit: number): string | null {
  try {
    const short = JSON.stringify(clipStrings(JSON.parse(body), 1_000, 60));
    return short.length <= limit ? short : null;
  } catch {
    return null;
  }
}

/** A copy of plain data with truncated strings. */
export function shortTexts<Value>(value: Value): Value {
  return clipStrings(value, MAX_TEXT, 12) as Value;
}

function clipStrings(value: unknown, limit: number, depth: number): unknown {
  if (typeof value === 'string') return clip(value, limit);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => clipStrings(item, limit, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [clip(key, limit), clipStrings(item, limit, depth - 1)]),
  );
}

function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\ud800-\udbff]/.test(text[limit - 1]!) ? limit - 1 : limit;
  return `${text.slice(0, end)}… (${grouped(text.length - end)} characters more)`;
}

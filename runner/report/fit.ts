/** Limits the size of a report: shortens the longest exchanges if the report would be too long. */

import type { Chunk } from '../../core/exchange.js';
import { jsonLength, unitLength } from '../../core/json-length.js';
import type { Report, ReportExchange } from '../../core/report.js';

/** Maximum size of the JSON in bytes. A run against a talkative model needs about a fifth of that. */
const MAX_REPORT = 4_600_000;

/** Smaller reports are not measured. */
const SMALL = 1_500_000;

/** An exchange with a finding may be this many times longer than others. */
const CITED = 4;

/** Minimum length that a header value is shortened to. */
const MIN_HEADER_VALUE = 16;
const MIN_CHUNKS = 64;

/** JSON length of a chunk, and of what surrounds a header. */
const CHUNK_LENGTH = 44;
const HEADER_LENGTH = 20;

/**
 * Shortens the longest exchanges until the report fits: joins adjacent reads, truncates header values, truncates the body.
 * `truncatedBytes` counts what is missing; a shortened body is not judged again.
 */
export function fitted(report: Report): Report {
  if (roughly(report) < SMALL) return report;
  const cited = new Set(
    report.results
      .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
      .flatMap(({ findings }) => findings.flatMap(({ exchange }) => exchange ?? [])),
  );
  const weight = ({ id }: ReportExchange): number => (cited.has(id) ? CITED : 1);
  const { exchanges, ...rest } = report;
  const fixed = JSON.stringify(rest).length + exchanges.reduce((sum, exchange) => sum + fixedLength(exchange), 0);
  const parts = exchanges.map((exchange) => ({ length: variableLength(exchange), weight: weight(exchange) }));
  const level = waterLevel(parts, Math.max(MAX_REPORT - fixed, 0));
  return {
    ...report,
    exchanges: exchanges.map((exchange, index) => {
      const room = level * parts[index]!.weight;
      return parts[index]!.length <= room ? exchange : shortened(exchange, room);
    }),
  };
}

/** An estimate that does not look at single characters. */
const roughly = ({ exchanges }: Report): number =>
  exchanges.reduce(
    (sum, { request, response }) =>
      sum +
      2 * (request.body?.length ?? 0) +
      2 * (response?.body.length ?? 0) +
      CHUNK_LENGTH * (response?.chunks.length ?? 0) +
      2 * (response?.headers ?? []).reduce((length, [name, value]) => length + name.length + value.length, 0),
    0,
  );

const fixedLength = ({ request, curl, failure }: ReportExchange): number =>
  1_000 + jsonLength(request.body ?? '') + jsonLength(curl) + (failure?.message.length ?? 0);

const variableLength = ({ response, client }: ReportExchange): number =>
  jsonLength(response?.body ?? '') +
  CHUNK_LENGTH * (response?.chunks.length ?? 0) +
  headersLength(response?.headers ?? []) +
  (client === undefined ? 0 : jsonLength(JSON.stringify(client)));

const headersLength = (headers: readonly (readonly [string, string])[]): number =>
  headers.reduce((sum, [name, value]) => sum + name.length + jsonLength(value) + HEADER_LENGTH, 0);

/** The room for a part of weight 1, so that all parts together fit. */
function waterLevel(parts: readonly { length: number; weight: number }[], room: number): number {
  const byShare = [...parts].sort((a, b) => a.length / a.weight - b.length / b.weight);
  let left = room;
  let weights = byShare.reduce((sum, { weight }) => sum + weight, 0);
  for (const { length, weight } of byShare) {
    if (length / weight > left / weights) return left / weights;
    left -= length;
    weights -= weight;
  }
  return Number.POSITIVE_INFINITY;
}

function shortened(exchange: ReportExchange, room: number): ReportExchange {
  const { response, client, ...rest } = exchange;
  const told = client === undefined || jsonLength(JSON.stringify(client)) > room / 4 ? {} : { client };
  if (response === null) return { ...rest, ...told, response };
  const chunks = fewer(response.chunks, Math.max(MIN_CHUNKS, Math.floor(room / 4 / CHUNK_LENGTH)));
  const share = Math.floor(room / 4 / Math.max(response.headers.length, 1)) - HEADER_LENGTH;
  const headers = response.headers.map(([name, value]) => [name, clip(value, share)] as const);
  const used = chunks.length * CHUNK_LENGTH + headersLength(headers) + jsonLength(JSON.stringify(told));
  const { bodyEncoding: encoding } = response;
  const body = beginning(response.body, Math.max(room - used, 0), encoding);
  const cut = Buffer.byteLength(response.body, encoding) - Buffer.byteLength(body, encoding);
  return {
    ...rest,
    ...told,
    response: { ...response, headers, chunks, body },
    ...(cut > 0 ? { truncatedBytes: (exchange.truncatedBytes ?? 0) + cut } : {}),
  };
}

/** Truncates a value to a length in JSON. */
function clip(value: string, room: number): string {
  if (jsonLength(value) <= Math.max(room, MIN_HEADER_VALUE)) return value;
  const kept = beginning(value, Math.max(room - MIN_HEADER_VALUE, MIN_HEADER_VALUE), 'utf8');
  return `${kept}… (${value.length - kept.length} more)`;
}

/** Joins adjacent chunks until there are at most `most`; the later time is kept. */
function fewer(chunks: readonly Chunk[], most: number): readonly Chunk[] {
  const together = Math.ceil(chunks.length / most);
  if (together <= 1) return chunks;
  const joined: Chunk[] = [];
  for (let index = 0; index < chunks.length; index += together) {
    const group = chunks.slice(index, index + together);
    joined.push({ bytes: group.reduce((sum, { bytes }) => sum + bytes, 0), atMs: group.at(-1)!.atMs });
  }
  return joined;
}

/** The longest beginning of a text that fits in JSON: complete characters, complete groups of base64. */
function beginning(body: string, room: number, encoding: 'utf8' | 'base64'): string {
  if (encoding === 'base64') return body.slice(0, Math.floor(room / 4) * 4);
  let used = 0;
  let end = 0;
  while (end < body.length) {
    used += unitLength(body.charCodeAt(end));
    if (used > room) break;
    end += 1;
  }
  return body.slice(0, isHighSurrogate(body.charCodeAt(end - 1)) ? end - 1 : end);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

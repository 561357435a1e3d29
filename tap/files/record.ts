/** The record of the tap, read line by line: it may be as long as a gigabyte. */

import { closeSync, openSync, readSync } from 'node:fs';
import type { RecordedExchange } from '../../core/exchange.js';
import { UsageError } from '../../runner/usage-error.js';
import type { Found } from '../judging/record.js';
import { RECORD_FORMAT, type RecordHead } from '../judging/record-file.js';
import type { Traffic } from './traffic.js';

/** Longest line: two bodies of 4 MiB, each byte escaped. */
const MAX_LINE = 64 * 1024 * 1024;

/** The first line of a record; `null` for any other file. */
export function recordHead(line: string): RecordHead | null {
  try {
    const head = JSON.parse(line) as Partial<RecordHead>;
    return typeof head?.format === 'string' && head.format.startsWith('messages-conformance/traffic-')
      ? (head as RecordHead)
      : null;
  } catch {
    return null;
  }
}

/** Throws `UsageError` for a record of another version of the format. */
export function readRecord(file: string, head: RecordHead): Traffic {
  if (head.format !== RECORD_FORMAT)
    throw new UsageError(`the record has the format ${head.format}; this version reads ${RECORD_FORMAT}`);
  const notices: string[] = [];
  return {
    format: `the record of a tap of version ${head.version}`,
    baseUrl: head.upstream,
    startedAt: new Date(head.startedAt),
    exchanges: exchangesIn(file, notices),
    notices,
  };
}

function* exchangesIn(file: string, notices: string[]): Generator<Found> {
  let number = 1;
  for (const { text, isLast } of linesOf(file)) {
    number += 1;
    if (number === 2 || text === '') continue;
    const recorded = parsed(text);
    if (recorded !== null) yield foundIn(recorded);
    // A crash while it was written.
    else if (isLast) notices.push('The last line is incomplete; its exchange is not judged.');
    else throw new UsageError(`line ${number - 1} is not an exchange of a record`);
  }
}

function* linesOf(file: string): Generator<{ text: string; isLast: boolean }> {
  const handle = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(1024 * 1024);
    let rest: Buffer[] = [];
    let length = 0;
    for (;;) {
      const count = readSync(handle, piece);
      if (count === 0) break;
      let from = 0;
      for (let at = piece.indexOf(10); at !== -1 && at < count; at = piece.indexOf(10, from)) {
        yield { text: Buffer.concat([...rest, piece.subarray(from, at)]).toString('utf8'), isLast: false };
        rest = [];
        length = 0;
        from = at + 1;
      }
      rest.push(Buffer.from(piece.subarray(from, count)));
      length += count - from;
      if (length > MAX_LINE) throw new UsageError(`a line is longer than ${MAX_LINE / 1024 / 1024} MiB`);
    }
    if (length > 0) yield { text: Buffer.concat(rest).toString('utf8'), isLast: true };
  } finally {
    closeSync(handle);
  }
}

function parsed(line: string): RecordedExchange | null {
  try {
    const value = JSON.parse(line) as RecordedExchange;
    return isRecorded(value) ? value : null;
  } catch {
    return null;
  }
}

const isRecorded = ({ id, request, response, failure }: RecordedExchange): boolean =>
  typeof id === 'string' &&
  typeof request?.method === 'string' &&
  typeof request.url === 'string' &&
  typeof request.headers === 'object' &&
  request.headers !== null &&
  (request.body === null || typeof request.body === 'string') &&
  (failure === null || typeof failure?.kind === 'string') &&
  (response === null ||
    (typeof response?.status === 'number' &&
      typeof response.body === 'string' &&
      Array.isArray(response.headers) &&
      Array.isArray(response.chunks)));

function foundIn({ id, startedMs, request, response, failure, lacks = [] }: RecordedExchange): Found {
  return {
    id,
    ...(startedMs === undefined ? {} : { startedMs }),
    request: {
      method: request.method,
      url: request.url,
      headers: Object.entries(request.headers),
      body: request.body === null ? null : Buffer.from(request.body),
      isWhole: true,
    },
    response: response && { ...response, body: Buffer.from(response.body, response.bodyEncoding) },
    failure,
    lacks,
  };
}

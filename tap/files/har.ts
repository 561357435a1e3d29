/** HAR 1.2, as browsers, Playwright, mitmproxy and Charles write it. */

import type { Content, Entry, Har } from 'har-format';
import type { Failure, RecordPart } from '../../core/exchange.js';
import { isObject } from '../../core/json.js';
import { count } from '../../reporters/text.js';
import { isOfTheApi } from '../../runner/plan/observed.js';
import { UsageError } from '../../runner/usage-error.js';
import type { Found } from '../judging/record.js';
import type { HeaderLines } from '../raw-exchange.js';
import { baseOf, type Traffic } from './traffic.js';

export const isHar = (json: unknown): json is Har =>
  isObject(json as never) && Array.isArray((json as { log?: { entries?: unknown } }).log?.entries);

/** Throws `UsageError` for an entry that is not one of HAR. */
export function readHar({ log }: Har): Traffic {
  const notices: string[] = [];
  const entries = log.entries.map(checked);
  const own = entries.filter(({ request }) => isOfTheApi({ request }));
  const unread = own.filter(({ response }) => bodyOf(response.content).bytes === null && response.status > 0).length;
  if (unread > 0)
    notices.push(
      `${count(unread, 'response')} without a body in the file; they are not judged. Export it "with content".`,
    );
  const started = own.map(({ startedDateTime }) => Date.parse(startedDateTime)).filter(Number.isFinite);
  const first = started.length === 0 ? Date.now() : Math.min(...started);
  const { creator, version } = log;
  const writer = [creator?.name, creator?.version].filter((part) => typeof part === 'string').join(' ');
  return {
    format: `HAR ${version ?? '1.2'}${writer === '' ? '' : ` by ${writer}`}, ${count(entries.length, 'entry', 'entries')}`,
    baseUrl: baseOf(own[0]?.request.url ?? ''),
    startedAt: new Date(first),
    exchanges: entries.map((entry, index) => foundIn(entry, index + 1, first)),
    notices,
  };
}

function checked(entry: Entry, index: number): Entry {
  const { request, response } = entry ?? {};
  const isEntry =
    typeof request?.url === 'string' &&
    typeof request.method === 'string' &&
    Array.isArray(request.headers) &&
    typeof response?.status === 'number' &&
    Array.isArray(response.headers);
  if (!isEntry) throw new UsageError(`/log/entries/${index} is not an entry of HAR: it lacks request or response`);
  return entry;
}

function foundIn({ request, response, startedDateTime, time, timings }: Entry, number: number, first: number): Found {
  const startedMs = Date.parse(startedDateTime) - first;
  const sent = request.postData?.text;
  const lacksRequest = typeof sent !== 'string' && !['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(request.method);
  const { bytes, isExact, failure } = bodyOf(response.content);
  const lacks: RecordPart[] = [
    ...(lacksRequest ? (['request'] as const) : []),
    'framing',
    'timing',
    ...(isExact ? [] : (['bytes'] as const)),
  ];
  return {
    id: `exchange-${number}`,
    ...(Number.isFinite(startedMs) && startedMs >= 0 ? { startedMs } : {}),
    request: {
      method: request.method,
      url: request.url,
      headers: linesOf(request.headers),
      body: typeof sent === 'string' ? Buffer.from(sent) : null,
      isWhole: true,
    },
    response:
      response.status <= 0
        ? null
        : {
            status: response.status,
            headers: linesOf(response.headers),
            body: bytes ?? new Uint8Array(),
            chunks: [{ bytes: bytes?.length ?? 0, atMs: 0 }],
            headersMs: Math.max(0, timings?.wait ?? 0),
            endMs: Math.max(0, time ?? 0),
          },
    failure: response.status <= 0 ? { kind: 'abandoned', message: 'the file has no response' } : failure,
    lacks,
  };
}

/** Header lines without the pseudo-headers of HTTP/2, which browsers list among them. */
const linesOf = (headers: Entry['request']['headers']): HeaderLines =>
  headers
    .filter(({ name, value }) => typeof name === 'string' && typeof value === 'string' && !name.startsWith(':'))
    .flatMap(({ name, value }) => value.split('\n').map((line) => [name, line] as const));

interface HarBody {
  /** `null` when the file does not hold it. */
  bytes: Uint8Array | null;
  /** Whether these are the bytes that arrived, after their content-encoding was undone. */
  isExact: boolean;
  failure: Failure | null;
}

function bodyOf(content: Content | undefined): HarBody {
  const { text, encoding, size = 0 } = content ?? {};
  if (typeof text !== 'string') {
    if (size === 0) return { bytes: new Uint8Array(), isExact: false, failure: null };
    return { bytes: null, isExact: false, failure: { kind: 'abandoned', message: 'the file does not hold the body' } };
  }
  const isExact = encoding === 'base64';
  const bytes = Buffer.from(text, isExact ? 'base64' : 'utf8');
  // Firefox keeps the first megabyte of a body.
  if (size > bytes.length && content?.compression === undefined)
    return {
      bytes,
      isExact,
      failure: { kind: 'too-large', message: `the file holds ${bytes.length} of ${size} bytes` },
    };
  return { bytes, isExact, failure: null };
}

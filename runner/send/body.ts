/** Reads the body of one answer within its bounds: undoes the content-encoding, and knows when a stream is over. */

import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { STALLED_MS } from '../../core/answers.js';
import type { Failure, ReceivedResponse } from '../../core/exchange.js';
import { isStream } from '../read/read.js';
import type { BoundedBody } from './bounded-body.js';
import { codeOf, describe, EndedByUs, oneLine, printable } from './failures.js';
import { MAX_DEPTH, streamTooDeepAt, tooDeepAt } from './nesting.js';
import type { Bounds, Outgoing } from './network.js';

const MESSAGE_STOP = Buffer.from('"message_stop"');
const DELTA = Buffer.from('"content_block_delta"');
const STOP_REASON = Buffer.from('"stop_reason"');
/** The quotes of one that the model writes are escaped. */
const STOP_REASON_TEXT = /"stop_reason" ?: ?"/;
/** Long enough for each of them to be found across chunks. */
const TAIL = 24;

export interface BodyReading {
  outgoing: Outgoing;
  bounds: Bounds;
  /** Milliseconds since the request was sent. */
  elapsed: () => number;
  /** Ends the exchange. */
  end: (reason: EndedByUs) => void;
  /** What the request itself failed with: our own reason to end it, or the error of its connection; `null` while it is well. */
  cause: () => unknown;
}

/** Why the body did not come to its end, `null` when it did. What had come by then is in `body`. */
export async function readBody(
  source: Readable,
  headers: ReceivedResponse['headers'],
  body: BoundedBody,
  { outgoing, bounds, elapsed, end, cause }: BodyReading,
): Promise<Failure | null> {
  let tail = Buffer.alloc(0);
  let linger: NodeJS.Timeout | undefined;
  let silence: NodeJS.Timeout | undefined;
  let hasReason = false;
  /** What ended the wait for more of a stream, in words. */
  let waited: string | null = null;
  const isOver = (): boolean => hasReason || linger !== undefined;
  const waitFor = (ms: number, words: string): NodeJS.Timeout =>
    setTimeout(() => {
      waited = words;
      end(new EndedByUs('linger'));
    }, ms);
  const encoding = headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  const decoder = encoding === 'zstd' ? await zstdDecoder(bounds.maxBytes) : decoderFor(encoding);
  if (decoder === 'unknown') {
    end(new EndedByUs('enough'));
    return { kind: 'encoding', message: `content-encoding ${printable(encoding)} was not offered` };
  }
  const bytes = decoder === null ? source : source.pipe(decoder);
  if (decoder !== null) {
    source.on('error', (error) => decoder.destroy(error));
    // It may have failed while the decoder was loaded.
    if (source.destroyed) decoder.destroy(source.errored ?? undefined);
  }
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      outgoing.onBytes?.(chunk);
      const stopped = body.take(chunk, elapsed());
      if (stopped !== null) {
        end(new EndedByUs('enough'));
        return { kind: 'too-large', message: stopped };
      }
      if (outgoing.stream && linger === undefined) {
        const seen = Buffer.concat([tail, chunk]);
        if (outgoing.abortAfter === 'first-delta' && seen.includes(DELTA)) {
          end(new EndedByUs('enough'));
          return {
            kind: 'abandoned',
            message: 'the connection was cut after the first delta, as a client may do',
          };
        }
        if (seen.includes(MESSAGE_STOP)) {
          linger = waitFor(bounds.lingerMs, `the connection was still open ${bounds.lingerMs} ms after message_stop`);
        }
        hasReason ||= seen.includes(STOP_REASON) && STOP_REASON_TEXT.test(seen.toString('latin1'));
        tail = Buffer.from(seen.subarray(-TAIL));
        if (hasReason && keepsAlive(chunk)) continue;
        clearTimeout(silence);
        const { stopMs = Math.min(STALLED_MS, bounds.timeoutMs / 2), silenceMs } = bounds;
        if (linger === undefined && hasReason)
          silence = waitFor(stopMs, `no message_stop within ${stopMs / 1000} s after the stop reason`);
        else if (linger === undefined && silenceMs !== undefined)
          silence = waitFor(silenceMs, `no byte for ${silenceMs / 1000} s in the middle of the stream`);
      }
    }
    return null;
  } catch (error) {
    if (waited !== null) {
      return { kind: 'timeout-body', message: waited, ...(isOver() ? {} : { limitMs: Math.round(elapsed()) }) };
    }
    if (decoder !== null && isDecodingError(error)) {
      return {
        kind: 'encoding',
        message: `the body is not ${encoding}, as content-encoding says: ${oneLine(error)}`,
      };
    }
    if (cause() === null && isShort(source, headers, body)) {
      return { kind: 'protocol', message: 'the body is not as long as content-length says' };
    }
    const failure = describe(cause() ?? error, elapsed(), bounds);
    return failure.kind === 'timeout-headers'
      ? { ...failure, kind: 'timeout-body', message: `no end of the body within ${bounds.timeoutMs / 1000} s` }
      : failure;
  } finally {
    clearTimeout(linger);
    clearTimeout(silence);
  }
}

/** Whether a chunk is a ping or a comment, and nothing else. */
const keepsAlive = (chunk: Buffer): boolean =>
  chunk.length < 200 &&
  (chunk.includes('ping') || chunk.subarray(0, 1).toString() === ':') &&
  !chunk.includes('message_') &&
  !chunk.includes('content_');

/** Whether the connection was closed in an orderly way before as many bytes had come as content-length says. */
function isShort(source: Readable, headers: ReceivedResponse['headers'], body: BoundedBody): boolean {
  const length = Number(headerOf(headers, 'content-length') ?? Number.NaN);
  return (
    codeOf(source.errored) === 'ECONNRESET' &&
    headerOf(headers, 'content-encoding') === null &&
    body.body().length < length
  );
}

/** Cuts a body where its JSON is nested too deeply: nothing after that place is read by anybody. */
export function notTooDeep(
  body: Uint8Array,
  headers: ReceivedResponse['headers'],
  failure: Failure | null,
): { body: Uint8Array; failure: Failure | null } {
  const isOne = isStream(headerOf(headers, 'content-type'), body);
  const at = isOne ? streamTooDeepAt(body) : tooDeepAt(body);
  if (at === null) return { body: failure === null ? body : wholeCharacters(body), failure };
  const message = `JSON in the body is nested deeper than ${MAX_DEPTH} levels; reading stopped there`;
  return { body: body.subarray(0, at), failure: { kind: 'too-large', message } };
}

/** A truncated body without the part of a character at its end: half a character is not a wrong one. */
function wholeCharacters(body: Uint8Array): Uint8Array {
  const last = body.subarray(-3).findLastIndex((byte) => byte >= 0xc0);
  if (last === -1) return body;
  const start = Math.max(0, body.length - 3) + last;
  const first = body[start]!;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const isPart = start + length > body.length && body.subarray(start + 1).every((byte) => (byte & 0xc0) === 0x80);
  return isPart ? body.subarray(0, start) : body;
}

export const headerOf = (headers: ReceivedResponse['headers'], name: string): string | null =>
  headers.find(([key]) => key === name)?.[1] ?? null;

type Decoder = NodeJS.ReadWriteStream & { destroy(error?: Error): void };

/** Few servers use it, so the decoder is loaded for those. */
async function zstdDecoder(maxBytes: number): Promise<Decoder> {
  const { ZstdDecoder } = await import('./zstd.js');
  return new ZstdDecoder(maxBytes);
}

function decoderFor(encoding: string): Decoder | null | 'unknown' {
  if (encoding === '' || encoding === 'identity') return null;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  return 'unknown';
}

const isDecodingError = (error: unknown): boolean => /^(Z_|ERR_BROTLI|ERR__ERROR)/.test(codeOf(error));

/** Undoes the content-encoding of a recorded body, and says when each decoded byte arrived. Bounded: a small body may decode to a huge one. */

import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Chunk, Failure } from '../../core/exchange.js';
import { BoundedBody, MAX_BODY_BYTES, RUN_ALLOWANCE } from '../../runner/send/bounded-body.js';
import { oneLine, printable } from '../../runner/send/failures.js';
import { ZstdDecoder } from '../../runner/send/zstd.js';
import type { HeaderLines, RawResponse } from '../raw-exchange.js';

export interface Decoded {
  bytes: Uint8Array;
  chunks: readonly Chunk[];
  /** Why bytes are missing at the end; `null` when none are. */
  failure: Failure | null;
}

/** Takes a piece of the encoded body; resolves when all that it decodes to was handed out, or when nothing more is wanted. */
type Decoder = (piece: Uint8Array, isLast: boolean) => Promise<void>;

/** Takes decoded bytes; `false` when nothing more is wanted. A few kilobytes can decode to gigabytes, so decoding ends there. */
type Take = (piece: Uint8Array) => boolean;

/** The first value of a header, whatever the case of its name. */
export const headerIn = (headers: HeaderLines, name: string): string | null =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? null;

export async function decoded({
  headers,
  body,
  chunks,
}: Pick<RawResponse, 'headers' | 'body' | 'chunks'>): Promise<Decoded> {
  const encoding = (headerIn(headers, 'content-encoding') ?? 'identity').trim().toLowerCase();
  const bounded = new BoundedBody(MAX_BODY_BYTES, { ...RUN_ALLOWANCE });
  let stopped: string | null = null;
  let atMs = 0;
  const decode = decoderFor(encoding, (piece) => {
    stopped ??= bounded.take(piece, atMs);
    return stopped === null;
  });
  const result = (failure: Failure | null): Decoded => ({ bytes: bounded.body(), chunks: bounded.chunks, failure });
  if (decode === null)
    return result({ kind: 'encoding', message: `content-encoding ${printable(encoding)} cannot be decoded here` });
  const isWhole = body.length === body.bytes.length;
  let offset = 0;
  try {
    for (const [index, chunk] of chunks.entries()) {
      atMs = chunk.atMs;
      const piece = body.bytes.subarray(offset, offset + chunk.bytes);
      await decode(piece, isWhole && index === chunks.length - 1);
      offset += chunk.bytes;
      if (stopped !== null) return result({ kind: 'too-large', message: stopped });
    }
  } catch (error) {
    return result({
      kind: 'encoding',
      message: `the body is not ${encoding}, as content-encoding says: ${oneLine(error)}`,
    });
  }
  if (isWhole) return result(null);
  return result({
    kind: 'too-large',
    message: `the body is longer than ${body.bytes.length} bytes; the rest was not kept`,
  });
}

function decoderFor(encoding: string, take: Take): Decoder | null {
  if (encoding === '' || encoding === 'identity') return async (piece) => void take(piece);
  const stream =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : encoding === 'zstd'
            ? new ZstdDecoder(MAX_BODY_BYTES)
            : null;
  if (stream === null) return null;
  stream.on('data', (piece: Uint8Array) => {
    if (!take(piece)) stream.destroy();
  });
  let failed: Error | null = null;
  stream.on('error', (error) => {
    failed = error;
  });
  return async (piece, isLast) => {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('error', done);
        resolve();
      };
      stream.once('error', done);
      stream.write(piece, done);
    });
    if (isLast && !stream.destroyed) {
      await new Promise<void>((resolve) => {
        stream.once('close', resolve);
        stream.end();
      });
    }
    if (failed !== null) throw failed;
  };
}

/** Undoes zstd, which clients offer and Node 20 has no decoder of its own for. */

import { Transform, type TransformCallback } from 'node:stream';
import { Decompress } from 'fzstd';

/** A few bytes can decode to megabytes, all at once: a slice of this size to 8 MB at most. */
const SLICE = 256;

export class ZstdDecoder extends Transform {
  private decoded = 0;
  private readonly decoder = new Decompress((piece) => {
    this.decoded += piece.length;
    if (piece.length > 0) this.push(piece);
  });

  /** @param most Decoding ends once there are more bytes than this: nobody reads further. */
  constructor(private readonly most: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.attempt(() => {
      for (let at = 0; at < chunk.length && this.decoded <= this.most; at += SLICE)
        this.decoder.push(chunk.subarray(at, at + SLICE));
    }, done);
  }

  override _flush(done: TransformCallback): void {
    this.attempt(() => {
      if (this.decoded <= this.most) this.decoder.push(new Uint8Array(0), true);
    }, done);
  }

  private attempt(work: () => void, done: TransformCallback): void {
    try {
      work();
      done();
    } catch (error) {
      done(Object.assign(new Error(error instanceof Error ? error.message : String(error)), { code: 'Z_ZSTD' }));
    }
  }
}

import { closeSync, openSync, readSync } from 'node:fs';

/** Maximum size of a file that people write by hand (config, contract, baseline), in bytes. */
export const MAX_WRITTEN = 4 * 1024 * 1024;

/** Reads a text file of at most `most` bytes. Counts while it reads, because devices and pipes have no size. */
export function readBounded(file: string, most: number): string {
  const handle = openSync(file, 'r');
  try {
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(256 * 1024);
      const count = readSync(handle, piece);
      if (count === 0) return Buffer.concat(pieces).toString('utf8');
      length += count;
      if (length > most) throw new Error(`it is longer than ${most / 1024 / 1024} MiB`);
      pieces.push(piece.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
}

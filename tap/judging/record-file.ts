/** The record of a tap: one line of JSON for each exchange, written as soon as it is over. */

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import type { RecordedExchange } from '../../core/exchange.js';
import { packageVersion } from '../../runner/package-files.js';

/** First line of a record. */
export interface RecordHead {
  format: typeof RECORD_FORMAT;
  /** Version of the suite that wrote it. */
  version: string;
  upstream: string;
  /** ISO 8601. */
  startedAt: string;
}

export const RECORD_FORMAT = 'messages-conformance/traffic-1';

/** Longest record in bytes. Beyond it exchanges are judged and no longer written. */
const MAX_RECORD = 1024 * 1024 * 1024;
/** Least time between two calls that put written lines onto the disk. Each line is in the hands of the system at once. */
const SYNC_MS = 1_000;

export class RecordFile {
  private readonly handle: number;
  private written = 0;
  private synced = 0;
  private left = 0;

  /** Throws the system's error when the file exists or cannot be created. Only its owner may read it. */
  constructor(file: string, upstream: string, startedAt: Date) {
    this.handle = openSync(file, 'wx', 0o600);
    this.line({
      format: RECORD_FORMAT,
      version: packageVersion(),
      upstream,
      startedAt: startedAt.toISOString(),
    } satisfies RecordHead);
  }

  /** Exchanges that were not written because the record is as long as it may be. */
  get leftOut(): number {
    return this.left;
  }

  add(exchange: RecordedExchange): void {
    this.line(exchange);
  }

  close(): void {
    fdatasyncSync(this.handle);
    closeSync(this.handle);
  }

  /** A line is written in one call: a crash leaves whole lines, and at most the last one incomplete. */
  private line(value: RecordHead | RecordedExchange): void {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    if (this.written + bytes.length > MAX_RECORD) {
      this.left += 1;
      return;
    }
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.handle, bytes, offset);
    this.written += bytes.length;
    const now = performance.now();
    if (now - this.synced < SYNC_MS) return;
    this.synced = now;
    fdatasyncSync(this.handle);
  }
}

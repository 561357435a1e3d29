/** Recognizes what a file is, by its content and not by its name. */

import { closeSync, openSync, readSync } from 'node:fs';
import { readBounded } from '../../runner/bounded-file.js';
import { UsageError, unread } from '../../runner/usage-error.js';
import { isCurlTranscript, readCurlTranscript } from './curl-transcript.js';
import { isHar, readHar } from './har.js';
import { readRecord, recordHead } from './record.js';
import { isSseText, readSseText } from './sse-text.js';
import type { Traffic } from './traffic.js';

/** A HAR also holds what else a page loaded. */
const MAX_FILE = 256 * 1024 * 1024;
const HEAD = 64 * 1024;

/**
 * The traffic in a file; `null` for JSON of another kind, which may be a report. Throws `UsageError` for a file that cannot be read,
 * and for one of no known format.
 */
export function readTraffic(file: string): Traffic | null {
  try {
    return trafficIn(file);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof UsageError ? error.message : unread(error)}`);
  }
}

function trafficIn(file: string): Traffic | null {
  const head = beginning(file);
  const text = head.replace(/^\uFEFF/, '').trimStart();
  if (text === '') throw new UsageError('the file is empty');
  if (text.startsWith('{')) {
    const record = recordHead(text.split('\n', 1)[0]!);
    if (record !== null) return readRecord(file, record);
    if (!/"log"\s*:/.test(text)) return null;
    const json = parsed(readBounded(file, MAX_FILE));
    return isHar(json) ? readHar(json) : null;
  }
  if (isCurlTranscript(text)) return readCurlTranscript(Buffer.from(readBounded(file, MAX_FILE)));
  if (isSseText(text)) return readSseText(Buffer.from(readBounded(file, MAX_FILE)));
  if (text.startsWith('<'))
    throw new UsageError('this is XML or HTML, not a report; the report is the report.json beside it');
  throw new UsageError(
    'none of the formats that judge reads: a report or an export of this suite, the record of a tap, HAR 1.2, a transcript of `curl -i -N`, or the text of an event stream',
  );
}

function beginning(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const piece = Buffer.alloc(HEAD);
    return piece.toString('utf8', 0, readSync(handle, piece));
  } finally {
    closeSync(handle);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UsageError(`this is not JSON: ${(error as Error).message}`);
  }
}

/** Files that commands read and write, with errors that say what is wrong with them. */

import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Report } from '../../core/report.js';
import { parseReport } from '../../reporters/read-report.js';
import { violations } from '../../validation/index.js';
import { UsageError } from '../usage-error.js';

/** A text file; a `UsageError` names it when it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${(error as Error).message}`);
  }
}

/** A `report.json`. Broken files, those of newer versions and those of other tools are refused with the reason. */
export function readReport(file: string): Report {
  const { report, problem } = parseReport(readText(file), violations);
  if (report === undefined) throw new UsageError(`${file}: ${problem}`);
  return report;
}

/** Writes to a file, or to standard output without one. */
export function writeText(file: string | undefined, text: string): void {
  if (file === undefined) {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return;
  }
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--out ${file}: cannot be written: ${(error as Error).message}`);
  }
}

/** Writes a long text to a file, a piece at a time. */
export function writePieces(file: string, pieces: Iterable<string>): void {
  const handle = openSync(file, 'w');
  try {
    for (const piece of pieces) writeFileSync(handle, piece);
  } finally {
    closeSync(handle);
  }
}

export const useColor = (wanted: boolean | undefined): boolean =>
  wanted !== false && !process.env.NO_COLOR && (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR));

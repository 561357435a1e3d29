/** Files that commands read and write. What is read is bounded, what is written is whole or absent. */

import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Report } from '../../core/report.js';
import type { Piece } from '../../reporters/index.js';
import { parseReport } from '../../reporters/read-report.js';
import { violations } from '../../validation/index.js';
import { readBounded } from '../bounded-file.js';
import { UsageError } from '../usage-error.js';
import { print, withoutSecrets } from './output.js';

/** Largest report that is read, in bytes. A run writes at most a tenth of that. */
const MAX_REPORT = 64 * 1024 * 1024;

/** A text file; a `UsageError` names it when it cannot be read, is no file, or is longer than `most` bytes. */
export function readText(file: string, most: number): string {
  try {
    return readBounded(file, most);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${(error as Error).message}`);
  }
}

/** A `report.json`. Broken files, those of newer versions and those of other tools are refused with the reason. */
export function readReport(file: string): Report {
  const { report, problem } = parseReport(readText(file, MAX_REPORT), violations);
  if (report === undefined) throw new UsageError(`${file}: ${problem}`);
  return report;
}

export interface WriteOptions {
  /** The file holds bodies of requests and answers: nobody but its owner may read it. */
  private?: boolean;
}

/** Writes to a file, or to standard output without one. Throws `UsageError` when the file cannot be written. */
export function writeText(file: string | undefined, text: string, options: WriteOptions = {}): void {
  if (file === undefined) {
    print(text.endsWith('\n') ? text : `${text}\n`);
    return;
  }
  try {
    mkdirSync(dirname(file), { recursive: true });
    writePieces(file, [text], options);
  } catch (error) {
    throw new UsageError(`--out ${file}: cannot be written: ${(error as Error).message}`);
  }
}

/**
 * Writes a text a piece at a time, beside the file and then in its place: a reader, or a crash, finds the old file or the new one,
 * never half of one. Throws when that is not possible; nothing is left behind then.
 */
export function writePieces(file: string, pieces: Iterable<Piece>, options: WriteOptions = {}): void {
  if (isStream(file)) {
    const handle = openSync(file, 'w');
    try {
      for (const piece of pieces) writeFileSync(handle, cleanPiece(piece));
    } finally {
      closeSync(handle);
    }
    return;
  }
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  drafts.add(draft);
  try {
    // `wx`: a file or a link that somebody put there in advance is not written through.
    rmSync(draft, { force: true });
    const handle = openSync(draft, 'wx', options.private ? 0o600 : 0o644);
    try {
      for (const piece of pieces) writeFileSync(handle, cleanPiece(piece));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    drafts.delete(draft);
  }
}

/** The same to standard output, for a reporter that writes nothing else there. */
export const printPiece = (piece: Piece): boolean => process.stdout.write(cleanPiece(piece));

const cleanPiece = (piece: Piece): string => (typeof piece === 'string' ? withoutSecrets(piece) : piece.own);

/** Files that are being written. */
const drafts = new Set<string>();

/** Removes what was being written: for a process that is told to end at once. */
export function dropDrafts(): void {
  for (const draft of drafts) rmSync(draft, { force: true });
}

/**
 * Whether a path leads to a pipe or a device, such as `/dev/stdout`, which is written to and never replaced. A symbolic link to a file
 * is refused: it may lead anywhere.
 */
function isStream(file: string): boolean {
  const own = lstatSync(file, { throwIfNoEntry: false });
  if (own === undefined) return false;
  const meant = own.isSymbolicLink() ? statSync(file, { throwIfNoEntry: false }) : own;
  if (meant?.isDirectory()) throw new Error('it is a folder');
  if (meant !== undefined && !meant.isFile()) return true;
  if (own.isSymbolicLink()) throw new Error('it is a symbolic link; name the file that is meant');
  return false;
}

export const useColor = (wanted: boolean | undefined): boolean =>
  wanted !== false && !process.env.NO_COLOR && (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR));

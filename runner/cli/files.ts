/** Reads and writes files. Reading is bounded; a written file is complete or absent. */

import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Report } from '../../core/report.js';
import type { Piece } from '../../reporters/index.js';
import { parseReport } from '../../reporters/read-report.js';
import { violations } from '../../validation/index.js';
import { readBounded } from '../bounded-file.js';
import { UsageError, unread } from '../usage-error.js';
import { makeFolder } from './make-folder.js';
import { print, withoutSecrets } from './output.js';

/** Maximum size of a report, in bytes. A run writes at most a tenth of that. */
const MAX_REPORT = 64 * 1024 * 1024;

/** Reads a text file. Throws `UsageError` if it cannot be read, is a folder, or is longer than `most` bytes. */
export function readText(file: string, most: number): string {
  try {
    return readBounded(file, most);
  } catch (error) {
    throw new UsageError(`${file}: ${unread(error)}`);
  }
}

/** Reads a `report.json`. Throws `UsageError` with the reason for invalid files and those of newer versions or other tools. */
export function readReport(file: string): Report {
  const { report, problem } = parseReport(readText(file, MAX_REPORT), violations);
  if (report === undefined) throw new UsageError(`${file}: ${problem}`);
  return report;
}

/** `--out -` */
export const STANDARD_OUTPUT = '-';

export interface WriteOptions {
  /** The file contains request and response bodies, so only its owner may read it. */
  private?: boolean;
}

/** Writes to a file, or to standard output if there is none or it is called `-`. Throws `UsageError` if the file cannot be written. */
export function writeText(file: string | undefined, text: string, options: WriteOptions = {}): void {
  if (file === undefined) print(text.endsWith('\n') ? text : `${text}\n`);
  else writeAll(file, [text], options);
}

/** The same for a text that may be too long for one string. */
export function writeAll(file: string, pieces: Iterable<Piece>, options: WriteOptions = {}): void {
  if (file === STANDARD_OUTPUT) {
    for (const piece of pieces) printPiece(piece);
    return;
  }
  try {
    makeFolder(dirname(file));
    writePieces(file, pieces, options);
  } catch (error) {
    throw new UsageError(`--out ${file}: cannot be written: ${(error as Error).message}`);
  }
}

/**
 * Writes a text in pieces to a temporary file and renames it: at any time there is the old file or the new one, never a part. Throws
 * if that is not possible, and leaves nothing behind.
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
    // `wx` fails if somebody else has put a file or a link there.
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

/** Temporary files that are being written. */
const drafts = new Set<string>();

/** Removes temporary files; for a process that must end at once. */
export function dropDrafts(): void {
  for (const draft of drafts) rmSync(draft, { force: true });
}

/**
 * Whether a path is a pipe or a device, such as `/dev/stdout`. These are written to, never replaced. Throws for a symbolic link to a
 * file, which could point anywhere.
 */
function isStream(file: string): boolean {
  const own = lstatSync(file, { throwIfNoEntry: false });
  if (own === undefined) return false;
  const meant = own.isSymbolicLink() ? statSync(file, { throwIfNoEntry: false }) : own;
  if (meant?.isDirectory()) throw new Error('it is a folder');
  if (meant !== undefined && !meant.isFile()) return true;
  if (own.isSymbolicLink()) throw new Error('it is a symbolic link; use the path of the file itself');
  return false;
}

export const useColor = (wanted: boolean | undefined): boolean =>
  wanted !== false && !process.env.NO_COLOR && (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR));

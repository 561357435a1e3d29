/** Writes the reports of a command: files into a folder, the terminal's to standard output. */

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../core/report.js';
import { type Piece, REPORTERS, type ReporterName, type View } from '../../reporters/index.js';
import type { RenderOptions } from '../../reporters/options.js';
import { nearest, UsageError } from '../usage-error.js';
import { printPiece, useColor, writePieces } from './files.js';
import { print, printAsIs, say, withoutSecrets } from './output.js';

/** Always written, whatever `--reporter` says. */
const ALWAYS: readonly ReporterName[] = ['json', 'html', 'junit'];

/** Throws `UsageError` for a reporter that does not exist. */
export function knownReporters(names: readonly string[]): ReporterName[] {
  const known = Object.keys(REPORTERS) as ReporterName[];
  for (const name of names) {
    if (!known.includes(name as ReporterName))
      throw new UsageError(`--reporter ${name}: there is no such reporter; ${nearest(name, known)}`);
  }
  return names as ReporterName[];
}

/** The given reporters and those that are always there. */
export function withUsualReporters(names: readonly ReporterName[]): ReporterName[] {
  const here: ReporterName[] = process.env.GITHUB_ACTIONS === 'true' ? ['github'] : [];
  return [...new Set<ReporterName>(['terminal', ...ALWAYS, ...here, ...names])];
}

export interface WriteSettings {
  /** Where files go; `null`: none are written. */
  folder: string | null;
  /** The one reporter writes to standard output in place of a file. */
  standardOutput?: boolean;
  /** `false`: the terminal report is not printed. */
  terminal?: boolean;
  color?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/**
 * Writes all reports, files first, because standard output may be a closed pipe. Returns false if a report could not be written; the
 * others are still written.
 */
export async function writeReports(
  report: Report,
  names: readonly ReporterName[],
  settings: WriteSettings,
): Promise<boolean> {
  const { folder, standardOutput = false } = settings;
  const options = {
    color: useColor(settings.color),
    width: process.stdout.columns ?? 100,
    quiet: settings.quiet,
    verbose: settings.verbose,
    ...(folder !== null && { out: folder }),
  };
  const views = names.flatMap((name) => {
    const main = REPORTERS[name];
    return [main, ...(main.also ?? [])].map((view: View) => ({ name, view }));
  });
  const lost = new Set<ReporterName>();
  for (const { name, view } of [...views].sort((a, b) => Number(a.view.file === null) - Number(b.view.file === null))) {
    try {
      if (standardOutput) {
        if (view === REPORTERS[name]) for (const piece of await piecesOf(view, report, options)) printPiece(piece);
        continue;
      }
      if (name === 'terminal' && settings.terminal === false) continue;
      if (view.file !== null) {
        if (folder !== null)
          writePieces(join(folder, view.file), await piecesOf(view, report, options), { private: view.holdsBodies });
      } else if (name === 'github') printAsIs(await view.render(report, options));
      else print(await view.render(report, lost.has('html') ? { ...options, out: undefined } : options), options.color);
    } catch (error) {
      lost.add(name);
      say(`the ${name} report could not be written: ${(error as Error).message}`);
    }
  }
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (names.includes('github') && summary)
    appendFileSync(
      summary,
      withoutSecrets(await (await import('../../reporters/github.js')).jobSummary(report, options)),
    );
  return lost.size === 0;
}

const piecesOf = async (view: View, report: Report, options: RenderOptions): Promise<Iterable<Piece>> =>
  view.pieces === undefined ? [await view.render(report, options)] : view.pieces(report);

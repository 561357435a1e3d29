/** What the edit-and-run loop takes from the report of the last whole run. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { UsageError } from '../usage-error.js';
import { readReport } from './files.js';

const AGAIN: readonly Verdict[] = ['fail', 'warn', 'inconclusive', 'error'];

/** What did not pass in the last report, and the conversations that showed it, for `--failed`. */
export function failedLast(folder: string): { only: string[]; with: string[] } {
  const file = join(folder, 'report.json');
  if (!existsSync(file))
    throw new UsageError(
      `--failed: there is no ${file}; a run without --failed writes it, or --out names another folder`,
    );
  const { results, exchanges } = readReport(file);
  const fixtures = new Map(exchanges.map(({ id, fixture }) => [id, fixture]));
  const again = results.filter(({ verdict }) => AGAIN.includes(verdict));
  const shown = again.flatMap(({ findings }) => findings.flatMap(({ exchange }) => fixtures.get(exchange ?? '') ?? []));
  return { only: again.map(({ id }) => id), with: [...new Set(shown)] };
}

/**
 * The whole report that stands in a folder and that a part of a run must not replace: when it was made; `null` where there is none.
 * Reports that cannot be read are nothing to keep.
 */
export function wholeReportIn(folder: string): string | null {
  const file = join(folder, 'report.json');
  if (!existsSync(file)) return null;
  try {
    const { run } = readReport(file);
    return isWhole(run) ? run.startedAt : null;
  } catch {
    return null;
  }
}

const isWhole = ({ only, skip }: Report['run']): boolean => only.length === 0 && skip.length === 0;

/** What the edit-and-run loop takes from the report of the last whole run. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { whyIncomplete } from '../../reporters/outcome.js';
import { UsageError } from '../usage-error.js';
import { readReport } from './files.js';

const AGAIN: readonly Verdict[] = ['fail', 'warn', 'inconclusive', 'error'];

/** What `--failed` judges again: these requirements, with the conversations that showed it; everything; or nothing, as all passed. */
export type Again = { only: string[]; with: string[] } | 'all' | 'nothing';

/**
 * What did not pass in the last report of this target. A run that judged nothing, or too little, passed nothing: then it is everything.
 *
 * @param target Base URL, `undefined` for the embedded endpoint, and model of the run that asks.
 */
export function failedLast(folder: string, target: { baseUrl: string | undefined; model: string | undefined }): Again {
  const file = join(folder, 'report.json');
  if (!existsSync(file))
    throw new UsageError(
      `--failed: there is no ${file}; a run without --failed writes it, or --out names another folder`,
    );
  const report = readReport(file);
  const { results, exchanges } = report;
  const other = otherTarget(report.target, target);
  if (other !== null)
    throw new UsageError(
      `--failed: ${file} is about ${other}; a run without --failed judges this target, or --out names another folder`,
    );
  const fixtures = new Map(exchanges.map(({ id, fixture }) => [id, fixture]));
  const again = results.filter(({ verdict }) => AGAIN.includes(verdict));
  if (again.length === 0) return whyIncomplete(report) === null ? 'nothing' : 'all';
  const shown = again.flatMap(({ findings }) => findings.flatMap(({ exchange }) => fixtures.get(exchange ?? '') ?? []));
  return { only: again.map(({ id }) => id), with: [...new Set(shown)] };
}

/** What a report is about, where it is not this target; `null` where it is. A masked address may be any. */
function otherTarget(
  { baseUrl, embedded, model }: Report['target'],
  asked: { baseUrl: string | undefined; model: string | undefined },
): string | null {
  if (embedded !== (asked.baseUrl === undefined)) return embedded ? 'the embedded endpoint' : baseUrl;
  if (embedded) return null;
  if (baseUrl !== asked.baseUrl && !baseUrl.includes('*')) return baseUrl;
  return model === asked.model ? null : `the model ${model}`;
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

/** Causes with the results that they explain, for every view. */

import type { Cause, Report, Result } from '../core/report.js';
import { count } from './numbers.js';
import { isFailing } from './outcome.js';

type Row = Pick<Result, 'id' | 'verdict' | 'silent' | 'known'>;

/** A report, or the data of its page. */
type WithCauses<R extends Row> = Pick<Report, 'causes' | 'run'> & { results: readonly R[] };

export interface ShownCause<R extends Row = Result> {
  cause: Cause;
  /** Failures and warnings that it explains and no baseline knows, the one that shows it best first; at least one. */
  results: readonly R[];
  /** `14 failures (2 silent), 48 warnings`. */
  numbers: string;
  /** Whether it explains a failure. */
  fails: boolean;
}

export function shownCauses<R extends Row>(report: WithCauses<R>): ShownCause<R>[] {
  const open = new Map(report.results.filter(isNews).map((result) => [result.id, result]));
  return report.causes.flatMap((cause): ShownCause<R>[] => {
    const results = cause.requirements.flatMap((id) => open.get(id) ?? []);
    if (results.length === 0) return [];
    const failed = results.filter((result) => isFailing(report, result));
    const silent = failed.filter((result) => result.silent).length;
    const parts = [
      ...(failed.length > 0 ? [`${count(failed.length, 'failure')}${silent > 0 ? ` (${silent} silent)` : ''}`] : []),
      ...(results.length > failed.length ? [count(results.length - failed.length, 'warning')] : []),
    ];
    return [{ cause, results, numbers: parts.join(', '), fails: failed.length > 0 }];
  });
}

/** Ids of the results that causes explain: they are not listed once more. */
export const explainedIds = (causes: readonly ShownCause<Row>[]): ReadonlySet<string> =>
  new Set(causes.flatMap(({ results }) => results.map(({ id }) => id)));

/** Title of the cause of a failure or a warning, by the id of the requirement. */
export const causeTitles = (report: Report): ReadonlyMap<string, string> =>
  new Map(shownCauses(report).flatMap(({ cause, results }) => results.map(({ id }) => [id, cause.title] as const)));

/** A failure or a warning that no baseline knows. */
const isNews = ({ verdict, known }: Row): boolean => (verdict === 'fail' || verdict === 'warn') && known === undefined;

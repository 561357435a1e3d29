/** Counts of a report, always made from its results. */

import { EXECUTED, type Profile, VERDICTS } from '../../core/protocol.js';
import type { ReportSummary, Result, VerdictCounts } from '../../core/report.js';

/** The part of a summary that results tell by themselves. */
type Counted = VerdictCounts & Pick<ReportSummary, 'executed' | 'silent' | 'known'>;

export function summaryOf(results: readonly Result[]): Counted {
  return {
    ...count(results),
    executed: results.filter(({ verdict }) => EXECUTED.includes(verdict)).length,
    silent: results.filter(({ silent, verdict }) => silent && verdict === 'fail').length,
    known: results.filter(({ known }) => known !== undefined).length,
  };
}

export function count(results: readonly Pick<Result, 'verdict'>[]): VerdictCounts {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as VerdictCounts;
  for (const { verdict } of results) counts[verdict] += 1;
  return counts;
}

export const countOf = (results: readonly Result[], profile: Profile): VerdictCounts =>
  count(results.filter((result) => result.profile === profile));

/** The result of a run in one sentence. */

import type { Report, Result } from '../../core/report.js';
import type { Comparison } from '../compare.js';

export interface Headline {
  tone: 'fail' | 'error' | 'warn' | 'pass';
  text: string;
}

type Headlined = Pick<Report, 'summary' | 'run' | 'baseline'> & {
  results: readonly Pick<Result, 'verdict' | 'silent' | 'known'>[];
};

export function headline({ summary, run, baseline, results }: Headlined): Headline {
  const failures = results.filter(({ verdict, known }) => verdict === 'fail' && known === undefined);
  const silent = failures.filter((result) => result.silent).length;
  const problems = baseline?.problems.length ?? 0;
  if (run.interrupted !== null) return { tone: 'error', text: 'The run ended early' };
  if (summary.executed === 0) return { tone: 'error', text: 'No requirement was judged' };
  if (failures.length > 0) {
    const those = failures.length === 1 ? 'requirement' : 'requirements';
    const howMany = failures.length === 1 ? '' : `${silent === failures.length ? 'all' : silent} of them `;
    const quiet = silent === 0 ? '' : `, ${howMany}silently (HTTP 2xx)`;
    return { tone: 'fail', text: `${failures.length} ${those} failed${quiet}` };
  }
  if (problems > 0) return { tone: 'fail', text: 'No new failures, but the baseline is out of date' };
  if (summary.known > 0) return { tone: 'warn', text: `No new failures; ${summary.known} known` };
  if (summary.warn > 0)
    return { tone: 'warn', text: `No failures, ${summary.warn} ${summary.warn === 1 ? 'warning' : 'warnings'}` };
  return { tone: 'pass', text: `All ${summary.executed} judged requirements passed` };
}

/** The result of a comparison in one sentence. */
export function compareHeadline({
  regressions,
  lostPasses,
  fixes,
  lost,
  allowUnjudged,
}: Pick<Comparison, 'regressions' | 'lostPasses' | 'fixes' | 'lost' | 'allowUnjudged'>): Headline {
  const silent = regressions.filter(({ after }) => after?.silent).length;
  const passes = `${lostPasses.length} ${lostPasses.length === 1 ? 'pass' : 'passes'}`;
  const missing = lostPasses.length > 0 ? `, ${passes} no longer judged` : '';
  const better = fixes.length > 0 ? `, ${fixes.length} fixed` : '';
  if (regressions.length > 0) {
    const quiet = silent > 0 ? ` (${silent} silent)` : '';
    const word = regressions.length === 1 ? 'regression' : 'regressions';
    return { tone: 'fail', text: `${regressions.length} ${word}${quiet}${missing}${better}` };
  }
  if (lostPasses.length > 0 && !allowUnjudged) return { tone: 'fail', text: `${passes} lost${better}` };
  return { tone: lost.length + lostPasses.length > 0 ? 'warn' : 'pass', text: `No regression${missing}${better}` };
}

/** The verdict on a profile as a whole, in one line. */

import { EXECUTED } from '../core/protocol.js';
import type { Report, Result } from '../core/report.js';
import { isOftenUnanswered } from './outcome.js';

/**
 * `conformant`, `conformant with warnings` and `not conformant` say what was judged. `judged in part` is a profile without failures
 * of which too little was judged to call it conformant, by the measure of the whole run, `run.minJudged`, or in which requests got no answer.
 */
export const STANDINGS = [
  'conformant',
  'conformant with warnings',
  'not conformant',
  'not offered',
  'judged in part',
  'not judged',
] as const;
export type Standing = (typeof STANDINGS)[number];

type Judged = Pick<Report, 'run' | 'summary'> & {
  results: readonly Pick<Result, 'profile' | 'level' | 'verdict' | 'restsOn'>[];
};

export function standingOf(
  report: Judged,
  { profile, claimed, presence, counts }: Report['profiles'][number],
): Standing {
  if (counts.fail > 0) return 'not conformant';
  if (presence === 'declined' || presence === 'absent') return 'not offered';
  if (!EXECUTED.some((verdict) => counts[verdict] > 0)) return counts.declined > 0 ? 'not offered' : 'not judged';
  if (counts.inconclusive > 0 && isOftenUnanswered(report)) return 'judged in part';
  const { run, results } = report;
  const isPart = !claimed || run.only.length > 0 || run.skip.length > 0 || run.interrupted !== null;
  const due = results.filter(
    (result) =>
      result.profile === profile &&
      result.level === 'MUST' &&
      result.restsOn === undefined &&
      result.verdict !== 'declined' &&
      // What did not occur in a whole run is nothing that was missed.
      (isPart || result.verdict !== 'skipped'),
  );
  const judged = due.filter(({ verdict }) => EXECUTED.includes(verdict)).length;
  if (judged * 100 < due.length * run.minJudged) return 'judged in part';
  return counts.warn > 0 ? 'conformant with warnings' : 'conformant';
}

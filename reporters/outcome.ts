/** What a whole run comes to: the one rule behind the closing line, the badge and the exit status. */

import { EXECUTED, type Verdict } from '../core/protocol.js';
import type { Report, Result } from '../core/report.js';
import { troubled } from './clients.js';

/**
 * `not-judged`: the target could not be judged at all, see `diagnosis`. `incomplete`: the run ended early, or too little of what is
 * claimed was judged to mean anything. Both have the status 3.
 */
export type Outcome = 'passed' | 'failed' | 'incomplete' | 'not-judged';

/** What an outcome is read from: a report, or the data of its page. */
export type Judgeable = Pick<Report, 'run' | 'summary' | 'diagnosis' | 'baseline' | 'clients'> & {
  results: readonly Pick<Result, 'verdict' | 'known'>[];
};

/** A result that fails the run: a violated MUST, with `strict` a violated SHOULD, unless the baseline knows it. */
export function isFailing(report: Pick<Report, 'run'>, { verdict, known }: Pick<Result, 'verdict' | 'known'>): boolean {
  return known === undefined && failingVerdicts(report).includes(verdict);
}

/** Verdicts that fail a run when no baseline knows them. */
export function failingVerdicts({ run }: Pick<Report, 'run'>): readonly Verdict[] {
  return run.strict ? ['fail', 'warn'] : ['fail'];
}

export function outcome(report: Judgeable): Outcome {
  if (isUnusable(report)) return 'not-judged';
  if (report.results.some((result) => isFailing(report, result))) return 'failed';
  if ((report.baseline?.problems.length ?? 0) > 0) return 'failed';
  if (report.run.strictClients && troubled(report).length > 0) return 'failed';
  return whyIncomplete(report) === null ? 'passed' : 'incomplete';
}

/** Nothing but the first request was sent: the diagnosis says why. */
export const isUnusable = ({ diagnosis }: Pick<Report, 'diagnosis'>): boolean =>
  diagnosis !== null && diagnosis.kind !== 'other-credential';

/**
 * Percent of the requests that may get no whole answer. Measured: 0 on targets that answer everything, 9 on one that is too slow for prompts
 * of more than 8,000 characters, 32 where a load balancer has a dead server among three. With `--min-judged 0` a run is taken as it is.
 */
const MOST_UNANSWERED = 10;

/** Whether so many requests got no whole answer that the others say little. */
export const isOftenUnanswered = ({ run, summary }: Pick<Report, 'run' | 'summary'>): boolean =>
  run.minJudged > 0 && (summary.unanswered?.requests ?? 0) * 100 > summary.requests * MOST_UNANSWERED;

/** Why a run without failures means nothing, in one line; `null` where enough was judged. */
export function whyIncomplete(report: Judgeable): string | null {
  const { run, summary } = report;
  if (isUnusable(report)) return report.diagnosis!.line;
  if (run.interrupted !== null) return run.interrupted;
  if (!report.results.some(({ verdict }) => EXECUTED.includes(verdict)))
    return 'nothing was judged, so nothing is known';
  if (isOftenUnanswered(report))
    return `${summary.unanswered!.requests} of ${summary.requests} requests got no whole answer, most often: ${summary.unanswered!.why}`;
  const { judged, total } = summary.must;
  if (total === 0 || judged * 100 >= total * run.minJudged) return null;
  return `only ${judged} of ${total} required checks could be judged (${Math.floor((judged * 100) / total)} %, and --min-judged is ${run.minJudged} %)`;
}

/** What a run without a URL judged. */
export const embeddedName = ({ upstream }: Report['target']): string =>
  `the embedded reference ${upstream === undefined ? 'endpoint' : 'gateway'}`;

/** The outcome as a word for readers. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  passed: 'passed',
  failed: 'failed',
  incomplete: 'incomplete',
  'not-judged': 'not judged',
};

/** What a target does with a profile that it does not claim. */
export const PRESENCE_WORDS = {
  present: 'present',
  declined: 'not offered',
  ignored: 'accepted and ignored',
  absent: 'not there',
} as const;

/** Profiles that a target does not claim and does not offer, and says so. */
export const notOffered = ({ profiles }: Pick<Report, 'profiles'>): string[] =>
  profiles.filter(({ claimed, presence }) => !claimed && presence === 'declined').map(({ profile }) => profile);

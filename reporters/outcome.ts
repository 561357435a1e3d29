/** What a whole run comes to: the one rule behind the closing line, the badge and the exit status. */

import { EXECUTED, type Verdict } from '../core/protocol.js';
import type { Report, Result } from '../core/report.js';

/** `incomplete`: the run ended early, or nothing was executed, so nothing is known. */
export type Outcome = 'passed' | 'failed' | 'incomplete';

/** A result that fails the run: a broken MUST, with `strict` a broken SHOULD, unless the baseline knows it. */
export function isFailing(report: Pick<Report, 'run'>, { verdict, known }: Pick<Result, 'verdict' | 'known'>): boolean {
  return known === undefined && failingVerdicts(report).includes(verdict);
}

/** Verdicts that fail a run when no baseline knows them. */
export function failingVerdicts({ run }: Pick<Report, 'run'>): readonly Verdict[] {
  return run.strict ? ['fail', 'warn'] : ['fail'];
}

export function outcome(report: Report): Outcome {
  if (report.results.some((result) => isFailing(report, result))) return 'failed';
  if ((report.baseline?.problems.length ?? 0) > 0) return 'failed';
  if (report.run.interrupted !== null) return 'incomplete';
  return report.results.some(({ verdict }) => EXECUTED.includes(verdict)) ? 'passed' : 'incomplete';
}

/** The outcome as a word for readers. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  passed: 'passed',
  failed: 'failed',
  incomplete: 'incomplete',
};

/** What a target does with a profile that it does not claim. */
export const PRESENCE_WORDS = {
  present: 'present',
  declined: 'refused honestly',
  ignored: 'accepted and ignored',
  absent: 'not there',
} as const;

/** The result of a run in one sentence. */

import type { Report, Result } from '../../core/report.js';
import { shownCauses } from '../causes.js';
import { clientName, troubled } from '../clients.js';
import type { Comparison } from '../compare.js';
import { count, grouped } from '../numbers.js';
import { isFailing, type Judgeable, notOffered, OUTCOME_WORDS, outcome, whyIncomplete } from '../outcome.js';

export interface Headline {
  tone: 'fail' | 'error' | 'warn' | 'pass';
  text: string;
}

type Headlined = Judgeable &
  Pick<Report, 'causes' | 'profiles' | 'clients'> & {
    results: readonly Pick<Result, 'id' | 'verdict' | 'silent' | 'known'>[];
  };

/** `Failed: 18 failures (2 silent), all from 1 cause`: the outcome, and what it comes to. */
export function headline(report: Headlined): Headline {
  const { summary } = report;
  const result = outcome(report);
  const word = OUTCOME_WORDS[result].replace(/^./, (first) => first.toUpperCase());
  const say = (tone: Headline['tone'], text: string): Headline => ({ tone, text: `${word}: ${text}` });
  if (result === 'incomplete' || result === 'not-judged') return say('error', whyIncomplete(report) ?? '');
  if (result === 'failed') return say('fail', whatFailed(report));
  if (summary.known > 0) return say('warn', `no new failures, ${grouped(summary.known)} known`);
  if (summary.warn > 0) return say('warn', `no failures, ${count(summary.warn, 'warning')}`);
  return say('pass', `all ${grouped(summary.executed)} judged requirements`);
}

function whatFailed(report: Headlined): string {
  const { summary, results } = report;
  const failing = results.filter((result) => isFailing(report, result));
  if (failing.length === 0 && (report.baseline?.problems.length ?? 0) > 0)
    return 'no new failures, but the baseline is out of date';
  if (failing.length === 0) return `no failures, but ${troubledInWords(report)}`;
  const marks = [
    ...(summary.silent > 0 ? [`${grouped(summary.silent)} silent`] : []),
    ...(summary.known > 0 ? [`${grouped(summary.known)} known`] : []),
  ];
  const kinds = [
    ...(summary.fail > 0
      ? [`${count(summary.fail, 'failure')}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`]
      : []),
    ...(report.run.strict && summary.warn > 0 ? [`${count(summary.warn, 'warning')} that count as failures`] : []),
  ];
  return `${kinds.join(' and ')}${fromCauses(report, failing.length)}`;
}

function troubledInWords(report: Pick<Report, 'clients'>): string {
  const clients = troubled(report);
  return `${clients.map(clientName).join(' and ')} ${clients.length === 1 ? 'does' : 'do'} not get what the bytes say`;
}

/** How many of the failures that count are explained, and by how many causes. */
function fromCauses(report: Headlined, failing: number): string {
  const causes = shownCauses(report).filter(({ fails }) => fails);
  const explained = causes.flatMap(({ results }) => results.filter((result) => isFailing(report, result))).length;
  if (explained === 0) return '';
  const from = `from ${count(causes.length, 'cause')}`;
  if (explained < failing) return `, ${grouped(explained)} of them ${from}`;
  return `, ${failing === 1 ? '' : 'all '}${from}`;
}

/** What stands below the headline: how much was judged, and what is not offered. */
export function standing(report: Headlined): string[] {
  const { summary } = report;
  const { judged, total } = summary.must;
  const absent = notOffered(report);
  return [
    ...(total > 0 ? [`${grouped(judged)} of ${grouped(total)} required judged`] : []),
    ...(absent.length > 0 ? [`not offered: ${absent.join(', ')}`] : []),
  ];
}

/** The result of a comparison in one sentence. */
export function compareHeadline({
  regressions,
  lostPasses,
  fixes,
  lost,
  allowUnjudged,
  unjudged,
}: Pick<Comparison, 'regressions' | 'lostPasses' | 'fixes' | 'lost' | 'allowUnjudged' | 'unjudged'>): Headline {
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
  if (unjudged !== null) return { tone: 'error', text: `The later run judged nothing: ${unjudged}` };
  return { tone: lost.length + lostPasses.length > 0 ? 'warn' : 'pass', text: `No regression${missing}${better}` };
}

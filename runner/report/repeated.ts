/** Several runs of one target as one report: a verdict that is not the same each time is flaky, and the worst of them counts. */

import { VERDICTS, type Verdict } from '../../core/protocol.js';
import type { Report, ReportExchange, Result } from '../../core/report.js';
import { count } from '../../reporters/numbers.js';
import { countOf, summaryOf } from './summary.js';

/** The worse first. */
const WORST: readonly Verdict[] = ['fail', 'error', 'warn', 'inconclusive', 'declined', 'skipped', 'pass'];

/**
 * The first report with every result that was worse in a later run taken from there. Exchanges that such a result names come along, with
 * `~2` for the second run behind their ids; they do not count when the report is judged again.
 */
export function repeated(runs: readonly Report[]): Report {
  const [first, ...later] = runs;
  if (first === undefined) throw new Error('no run');
  if (later.length === 0) return first;
  const further = new Map<string, ReportExchange>();
  const results = first.results.map((result): Result => {
    const all = runs.map(({ results: of }) => of.find(({ id }) => id === result.id) ?? result);
    const verdicts = all.map(({ verdict }) => verdict);
    const index = all.findIndex(({ verdict }) => verdict === WORST.find((one) => verdicts.includes(one)));
    const worst = index <= 0 ? result : fromRun(all[index]!, runs[index]!, index + 1, further);
    if (new Set(verdicts).size === 1) return worst;
    const counts = VERDICTS.map((verdict) => [verdict, verdicts.filter((one) => one === verdict).length] as const);
    return { ...worst, flaky: Object.fromEntries(counts.filter(([, number]) => number > 0)) };
  });
  const sum = (key: 'requests' | 'inputTokens' | 'outputTokens' | 'durationMs'): number =>
    runs.reduce((total, { summary }) => total + summary[key], 0);
  return {
    ...first,
    run: { ...first.run, interrupted: runs.find(({ run }) => run.interrupted !== null)?.run.interrupted ?? null },
    diagnosis: runs.find(({ diagnosis }) => diagnosis !== null)?.diagnosis ?? null,
    // Causes name exchanges of one run; those of the run with the most failures say the most.
    causes: [...runs]
      .sort((a, b) => b.summary.fail - a.summary.fail)[0]!
      .causes.filter(({ exchange }) => exchange !== null),
    summary: {
      ...first.summary,
      ...summaryOf(results),
      must: runs.reduce(
        (least, { summary }) => (summary.must.judged < least.judged ? summary.must : least),
        first.summary.must,
      ),
      requests: sum('requests'),
      ...unansweredIn(runs),
      inputTokens: sum('inputTokens'),
      outputTokens: sum('outputTokens'),
      durationMs: sum('durationMs'),
    },
    profiles: first.profiles.map((entry) => ({ ...entry, counts: countOf(results, entry.profile) })),
    results,
    exchanges: [...first.exchanges, ...further.values()],
    notices: [...first.notices, flakyNotice(results, runs.length)].filter((notice) => notice !== ''),
  };
}

/** The requests without an answer of all runs, with the reason of the run that had most. */
function unansweredIn(runs: readonly Report[]): Pick<Report['summary'], 'unanswered'> {
  const found = runs.flatMap(({ summary: { unanswered } }) => unanswered ?? []);
  const [most] = [...found].sort((a, b) => b.requests - a.requests);
  if (most === undefined) return {};
  return { unanswered: { ...most, requests: found.reduce((total, { requests }) => total + requests, 0) } };
}

/** A result of a later run, with its exchanges under names of their own. */
function fromRun(result: Result, report: Report, number: number, further: Map<string, ReportExchange>): Result {
  const renamed = (id: string): string => `${id}~${number}`;
  const named = new Set([
    ...result.exchanges,
    ...result.findings.flatMap(({ exchange, comparedWith }) => [exchange ?? [], comparedWith ?? []].flat()),
  ]);
  for (const exchange of report.exchanges) {
    if (named.has(exchange.id))
      further.set(renamed(exchange.id), { ...exchange, id: renamed(exchange.id), replaced: `seen in run ${number}` });
  }
  return {
    ...result,
    exchanges: result.exchanges.map(renamed),
    findings: result.findings.map((finding) => ({
      ...finding,
      exchange: finding.exchange === null ? null : renamed(finding.exchange),
      ...(finding.comparedWith !== undefined && { comparedWith: renamed(finding.comparedWith) }),
    })),
  };
}

function flakyNotice(results: readonly Result[], runs: number): string {
  const number = results.filter(({ flaky }) => flaky !== undefined).length;
  return number === 0
    ? `Judged ${runs} times: every verdict was the same each time.`
    : `Judged ${runs} times: ${count(number, 'verdict')} ${number === 1 ? 'was' : 'were'} not the same each time; the worst one counts.`;
}

/** Runs over time in one HTML file without a script: a chart for each target, and the requirements whose verdict changed. */

import type { Verdict } from '../core/protocol.js';
import type { Report } from '../core/report.js';
import { escapeHtml } from './html/document.js';
import { count } from './numbers.js';
import { OUTCOME_WORDS, type Outcome, outcome } from './outcome.js';
import { groupBy } from './text.js';

/** What a history keeps of a report. */
export interface HistoryRun {
  /** Base URL, model and contract: runs of one line have the same. */
  target: string;
  /** ISO 8601. */
  startedAt: string;
  suite: string;
  outcome: Outcome;
  pass: number;
  fail: number;
  warn: number;
  silent: number;
  verdicts: ReadonlyMap<string, Verdict>;
}

export const historyRun = (report: Report): HistoryRun => ({
  target: `${report.target.embedded ? 'reference endpoint' : report.target.baseUrl} · ${report.target.model} · contract ${report.target.contract}`,
  startedAt: report.run.startedAt,
  suite: report.suite.version,
  outcome: outcome(report),
  pass: report.summary.pass,
  fail: report.summary.fail,
  warn: report.summary.warn,
  silent: report.summary.silent,
  verdicts: new Map(report.results.map(({ id, verdict }) => [id, verdict])),
});

/** Columns of a table; the newest ones stay. */
const MOST_RUNS = 60;

/** One section for each target, the oldest run first. */
export function historyHtml(runs: readonly HistoryRun[]): string {
  const sections = groupBy(
    [...runs].sort((a, b) => a.startedAt.localeCompare(b.startedAt)),
    ({ target }) => target,
  ).map(([target, all]) => section(target, all));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${count(runs.length, 'run')} · Messages API conformance</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Messages API conformance over time</h1>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function section(target: string, all: readonly HistoryRun[]): string {
  const runs = all.slice(-MOST_RUNS);
  const last = runs.at(-1)!;
  const changed = [...new Set(runs.flatMap(({ verdicts }) => [...verdicts.keys()]))].filter((id) => isTold(id, runs));
  const left = all.length - runs.length;
  const when = columnNames(runs);
  const rows = changed.map(
    (id) =>
      `<tr><th scope="row">${escapeHtml(id)}</th>${runs.map((run) => cell(run.verdicts.get(id), run)).join('')}</tr>`,
  );
  return `<section>
<h2>${escapeHtml(target)}</h2>
<p>${count(runs.length, 'run')}${left > 0 ? `, and ${count(left, 'older one')} not shown` : ''}. The last one, of ${day(last)}: <strong>${OUTCOME_WORDS[last.outcome]}</strong>${countsOf(last)}.</p>
${runs.some(isJudged) ? chart(runs) : ''}
${
  rows.length === 0
    ? `<p>${runs.some(isJudged) ? 'No requirement failed, and no verdict changed.' : 'Nothing was judged.'}</p>`
    : `<div class="scroll" tabindex="0" role="region" aria-label="Requirements that failed or changed"><table>
<thead><tr><th scope="col">Failed or changed</th>${runs.map((run, index) => `<th scope="col"><span title="${escapeHtml(run.startedAt)}, suite ${escapeHtml(run.suite)}">${when[index]}</span></th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`
}
</section>`;
}

const isJudged = ({ pass, warn, fail }: HistoryRun): boolean => pass + warn + fail > 0;

/** `, 3 failed (1 silent), 1 warning, 20 passed`; nothing where nothing was judged. */
const countsOf = (run: HistoryRun): string =>
  isJudged(run)
    ? `, ${run.fail} failed${run.silent > 0 ? ` (${run.silent} silent)` : ''}, ${count(run.warn, 'warning')}, ${run.pass} passed`
    : '';

/** What a reader of a history looks for: a failure, or a verdict that was not the same each time. */
function isTold(id: string, runs: readonly HistoryRun[]): boolean {
  const judged = runs.flatMap(({ verdicts }) => verdicts.get(id) ?? []).filter((verdict) => verdict !== 'skipped');
  return judged.includes('fail') || new Set(judged).size > 1;
}

const SIGNS: Readonly<Record<Verdict, string>> = {
  pass: '✓',
  fail: '✗',
  warn: '!',
  declined: '–',
  inconclusive: '?',
  skipped: '·',
  error: 'E',
};

const cell = (verdict: Verdict | undefined, run: HistoryRun): string =>
  verdict === undefined
    ? '<td></td>'
    : `<td class="${verdict}"><span role="img" aria-label="${verdict}" title="${verdict}, ${day(run)}">${SIGNS[verdict]}</span></td>`;

const BAR = 12;
const HEIGHT = 120;

/** A bar for each run: passed, warnings, failed, from below. */
function chart(runs: readonly HistoryRun[]): string {
  const most = Math.max(1, ...runs.map(({ pass, warn, fail }) => pass + warn + fail));
  const bars = runs.map((run, index) => {
    let y = HEIGHT;
    const parts = (['pass', 'warn', 'fail'] as const).map((verdict) => {
      // One failure among three hundred passes is still seen.
      const height = run[verdict] === 0 ? 0 : Math.max(3, Math.round((run[verdict] / most) * (HEIGHT - 6)));
      y -= height;
      return `<rect class="${verdict}" x="${index * BAR}" y="${y}" width="${BAR - 2}" height="${height}"/>`;
    });
    const title = `${day(run)}: ${OUTCOME_WORDS[run.outcome]}, ${run.fail} failed, ${run.warn} warnings, ${run.pass} passed`;
    return `<g><title>${title}</title>${parts.join('')}</g>`;
  });
  const width = runs.length * BAR;
  return `<svg role="img" aria-label="Passed, warnings and failed of each run" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}">${bars.join('')}</svg>`;
}

/** The day of each run, with the time where a day has several. */
function columnNames(runs: readonly HistoryRun[]): string[] {
  const days = runs.map(day);
  return runs.map(({ startedAt }, index) =>
    days.filter((one) => one === days[index]).length > 1
      ? escapeHtml(startedAt.slice(0, 16).replace('T', ' '))
      : days[index]!,
  );
}

const day = ({ startedAt }: HistoryRun): string => escapeHtml(startedAt.slice(0, 10));

const STYLE = `
:root { font: 15px/1.5 system-ui, sans-serif; --pass: #2f7d32; --warn: #8a6100; --fail: #b3261e; --line: #8884; }
@media (prefers-color-scheme: dark) { :root { --pass: #7fc784; --warn: #e0b34d; --fail: #ff8a80; } }
body { margin: 0 } main { max-width: 72rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; overflow-wrap: anywhere }
svg { max-width: 100%; height: auto } rect.pass { fill: var(--pass) } rect.warn { fill: var(--warn) } rect.fail { fill: var(--fail) }
.scroll { overflow-x: auto; border: 1px solid var(--line) }
table { border-collapse: collapse } td, th { padding: 2px 6px; text-align: center; border-bottom: 1px solid var(--line); font-weight: normal }
tbody th { position: sticky; left: 0; background: Canvas; text-align: left; font-family: ui-monospace, monospace; font-size: .85rem; white-space: nowrap }
thead th { vertical-align: bottom } thead th:first-child { text-align: left } thead span { writing-mode: vertical-rl; font-size: .75rem }
td.pass { color: var(--pass) } td.warn { color: var(--warn) } td.fail, td.error { color: var(--fail); font-weight: bold }
@media (max-width: 40rem) { tbody th { max-width: 45vw; overflow: hidden; text-overflow: ellipsis } }
`;

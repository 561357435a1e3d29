/** The report as a reader meets it first: in the terminal, right after the run. */

import { byUrgency, type Report, type Result } from '../core/report.js';
import { withoutEnd } from '../core/text.js';
import { inert } from '../core/visible.js';
import { explainedIds, shownCauses } from './causes.js';
import { troubled } from './clients.js';
import type { RenderOptions } from './options.js';
import {
  embeddedName,
  failingVerdicts,
  isFailing,
  isUnusable,
  notOffered,
  OUTCOME_WORDS,
  outcome,
  whyIncomplete,
} from './outcome.js';
import { type Ink, type Paper, paper } from './paper.js';
import { sharedReasons } from './reasons.js';
import { causeLines } from './terminal-causes.js';
import { clientLines } from './terminal-clients.js';
import { briefly, detailed, inOneLine, MARKS } from './terminal-result.js';
import { profileTable } from './terminal-table.js';
import { count, duration, grouped, oneLine } from './text.js';

/** Failures with all details; what is beyond gets a line each, so that a server that fails everything stays readable. */
const DETAILED = 25;
const WARNINGS = 20;
const REASONS = 6;

/** Ends with a line feed. Text from the target cannot move the cursor, colour, hide or reorder anything. */
export function terminal(report: Report, options: RenderOptions = {}): string {
  const on = paper(options);
  const sections = options.quiet
    ? [quietly(report, on)]
    : [
        head(report, on),
        ...(isUnusable(report) ? [diagnosis(report, on)] : [profileTable(report, on)]),
        ...causes(report, on, options),
        ...failures(report, on, options),
        errors(report, on, options),
        warnings(report, on, options),
        known(report, on),
        clientLines(report, on),
        ...(isUnusable(report) ? [] : [notJudged(report, on, options)]),
        baseline(report, on),
      ];
  const body = [...sections, closing(report, on, options)].filter((section) => section.length > 0);
  const text = body.map((section) => section.join('\n')).join(options.quiet ? '\n' : '\n\n');
  return `${inert(text, true)}\n`;
}

function head({ suite, target, run, notices }: Report, on: Paper): string[] {
  const facts = [
    `model ${on.ink('bold', oneLine(target.model, 60))}`,
    `contract ${on.ink('bold', oneLine(target.contract, 40))}`,
    ...(target.apiVersions.length > 0 ? [`version ${target.apiVersions.map((v) => oneLine(v, 20)).join(', ')}`] : []),
    ...(target.server === null ? [] : [`server ${oneLine(target.server, 30)}`]),
    ...(target.upstream === undefined ? [] : [`upstream ${on.ink('bold', target.upstream.speaks)}`]),
  ];
  const selection = [...run.only.map((id) => `--only ${id}`), ...run.skip.map((id) => `--skip ${id}`)];
  return [
    on.ends(
      on.ink('bold', target.embedded ? embeddedName(target) : oneLine(target.baseUrl, 200)),
      on.ink('dim', `${suite.name} ${oneLine(suite.version, 20)}`),
      0,
    ),
    ...on.facts(facts),
    ...(selection.length > 0 ? on.paragraph(oneLine(selection.join('  '), 300), 0, 'dim') : []),
    ...(run.interrupted === null ? [] : on.labelled('stopped', oneLine(run.interrupted), 0, 'yellow')),
    ...notices.slice(0, 10).flatMap((notice) => on.labelled('note', oneLine(notice), 0)),
    ...(notices.length > 10 ? on.paragraph(`${count(notices.length - 10, 'more note')} in the report`, 0, 'dim') : []),
  ];
}

/** Why the target cannot be judged, and what to do about it. */
function diagnosis({ diagnosis: found }: Report, on: Paper): string[] {
  if (found === null) return [];
  return [
    ...on.paragraph(oneLine(found.line, 600), 0, 'bold'),
    ...on.paragraph(oneLine(found.advice, 600), 0),
    ...found.tried.flatMap(({ what, answer }) =>
      on.labelled('tried', `${oneLine(what, 200)}: ${oneLine(answer, 200)}`, 0),
    ),
  ];
}

function causes(report: Report, on: Paper, { verbose = false }: RenderOptions): string[][] {
  const shown = shownCauses(report);
  if (shown.length === 0) return [];
  const wrong = report.results.filter(
    ({ verdict, known }) => (verdict === 'fail' || verdict === 'warn') && known === undefined,
  );
  const meaning = `they explain ${grouped(explainedIds(shown).size)} of ${grouped(wrong.length)} failures and warnings`;
  return [
    [section(on, 'CAUSES', shown.length, 'red', meaning)],
    ...shown.map((one, index) => causeLines(one, index, report, on, verbose)),
  ];
}

function failures(report: Report, on: Paper, { verbose = false }: RenderOptions): string[][] {
  const inCauses = explainedIds(shownCauses(report));
  const failing = byUrgency(report.results).filter(
    ({ id, verdict, known }) => verdict === 'fail' && known === undefined && !inCauses.has(id),
  );
  const silent = failing.filter((result) => result.silent);
  const open = failing.filter((result) => !result.silent);
  const room = verbose ? Number.POSITIVE_INFINITY : DETAILED;
  return [
    ...list('SILENT FAILURES', 'a client gets a 2xx and cannot see the fault', silent, room),
    ...list('FAILURES', '', open, Math.max(0, room - silent.length)),
  ];

  function list(title: string, meaning: string, results: readonly Result[], detailedOnes: number): string[][] {
    if (results.length === 0) return [];
    const heading = [section(on, title, results.length, 'red', meaning)];
    const rest = results.slice(detailedOnes);
    const brief =
      rest.length === 0
        ? []
        : [
            ...(detailedOnes > 0
              ? on.paragraph(`and ${grouped(rest.length)} more; --verbose shows them in full`, 2, 'dim')
              : []),
            ...rest.map((result) => inOneLine(result, on)),
          ];
    return [heading, ...results.slice(0, detailedOnes).map((result) => detailed(result, report, on, verbose)), brief];
  }
}

function warnings(report: Report, on: Paper, { verbose = false }: RenderOptions): string[] {
  const inCauses = explainedIds(shownCauses(report));
  const results = byUrgency(report.results).filter(
    ({ id, verdict, known }) => verdict === 'warn' && known === undefined && !inCauses.has(id),
  );
  if (results.length === 0) return [];
  const strict = failingVerdicts(report).includes('warn');
  const heading = section(on, 'WARNINGS', results.length, 'yellow', strict ? 'they fail this run: --strict' : '');
  if (verbose) return [heading, ...results.flatMap((result) => ['', ...detailed(result, report, on, true)])];
  const rest = results.length - WARNINGS;
  return [
    heading,
    ...results.slice(0, WARNINGS).flatMap((result) => briefly(result, on)),
    ...(rest > 0 ? on.paragraph(`and ${grouped(rest)} more; --verbose shows them all`, 2, 'dim') : []),
  ];
}

function errors(report: Report, on: Paper, { verbose = false }: RenderOptions): string[] {
  const results = report.results.filter(({ verdict }) => verdict === 'error');
  if (results.length === 0) return [];
  return [
    section(on, 'ERRORS', results.length, 'magenta', 'not the target: nothing is known about these'),
    ...byReason(results, on, verbose, 2),
  ];
}

function known(report: Report, on: Paper): string[] {
  const results = report.results.filter((result) => result.known !== undefined);
  if (results.length === 0) return [];
  return [
    section(on, 'KNOWN', results.length, 'cyan', `listed in ${oneLine(report.baseline?.file ?? 'the baseline', 80)}`),
    ...results.flatMap((result) => {
      const { reason, link, expires } = result.known!;
      const until = expires === undefined ? '' : ` (until ${oneLine(expires, 20)})`;
      return [
        `  ${on.ink('cyan', MARKS.known)} ${oneLine(result.id, 120)}`,
        ...on.paragraph(oneLine(reason) + until, 4, 'dim'),
        ...(link === undefined ? [] : [`    ${on.ink('dim', oneLine(link, 300))}`]),
      ];
    }),
  ];
}

function notJudged(report: Report, on: Paper, { verbose = false }: RenderOptions): string[] {
  const kinds = (['declined', 'inconclusive', 'skipped'] as const)
    .map((verdict) => ({ verdict, results: report.results.filter((result) => result.verdict === verdict) }))
    .filter(({ results }) => results.length > 0);
  if (kinds.length === 0) return [];
  const total = kinds.reduce((sum, { results }) => sum + results.length, 0);
  return [
    section(on, 'NOT JUDGED', total, 'dim', verbose ? '' : '--verbose lists them'),
    ...kinds.flatMap(({ verdict, results }) => [
      `  ${on.ink('bold', verdict)} ${grouped(results.length)}`,
      ...byReason(results, on, verbose, 4),
    ]),
  ];
}

/** Results with the same reason together, the most frequent reason first. */
function byReason(results: readonly Result[], on: Paper, verbose: boolean, indent: number): string[] {
  const groups = sharedReasons(results);
  const digits = Math.max(...groups.map(({ items }) => grouped(items.length).length));
  const shown = verbose ? groups : groups.slice(0, REASONS);
  const others = groups.slice(shown.length);
  const hidden = others.reduce((sum, { items }) => sum + items.length, 0);
  const row = (number: number, text: string): string[] =>
    on
      .paragraph(text, indent + digits + 2)
      .map((line, index) =>
        index === 0 ? ' '.repeat(indent) + grouped(number).padStart(digits) + line.slice(indent + digits) : line,
      );
  return [
    ...shown.flatMap(({ text, items }) => [
      ...row(items.length, oneLine(text, 200) || 'no reason given'),
      ...(verbose ? items.map(({ id }) => `${' '.repeat(indent + digits + 4)}${on.ink('dim', oneLine(id, 120))}`) : []),
    ]),
    ...(hidden > 0 ? row(hidden, `for ${count(others.length, 'other reason')}`) : []),
  ];
}

function baseline(report: Report, on: Paper): string[] {
  const problems = report.baseline?.problems ?? [];
  if (problems.length === 0) return [];
  return [
    section(
      on,
      'BASELINE',
      problems.length,
      'red',
      `lines of ${oneLine(report.baseline!.file, 80)} that no longer fit`,
    ),
    ...problems.flatMap(({ problem, message }) => [...on.labelled(problem, oneLine(message), 2)]),
  ];
}

function section(on: Paper, title: string, number: number, ink: Ink, meaning: string): string {
  const text = `${on.ink('bold', on.ink(ink, title))} ${on.ink('bold', grouped(number))}`;
  return meaning === '' ? text : `${text}  ${on.ink('dim', meaning)}`;
}

function quietly(report: Report, on: Paper): string[] {
  return byUrgency(report.results)
    .filter((result) => isFailing(report, result))
    .map((result) => inOneLine(result, on))
    .concat(
      (report.baseline?.problems ?? []).map(({ message }) => `  ${on.ink('red', MARKS.fail)} ${oneLine(message)}`),
    );
}

const BANNERS = { passed: 'green', failed: 'red', incomplete: 'yellow', 'not-judged': 'red' } as const;

function closing(report: Report, on: Paper, { out, quiet = false }: RenderOptions): string[] {
  const { summary } = report;
  const result = outcome(report);
  const part = (number: number, word: string, ink: Ink): string[] =>
    number === 0 ? [] : [on.ink(ink, `${grouped(number)} ${word}`)];
  const details = [
    summary.silent > 0 ? `${grouped(summary.silent)} silent` : '',
    summary.known > 0 ? `${grouped(summary.known)} known` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
  const counts = [
    ...part(summary.fail, `failed${details === '' ? '' : ` (${details})`}`, 'red'),
    ...part(summary.error, summary.error === 1 ? 'error' : 'errors', 'magenta'),
    ...part(summary.warn, summary.warn === 1 ? 'warning' : 'warnings', 'yellow'),
    ...(report.run.strictClients
      ? part(troubled(report).length, `${troubled(report).length === 1 ? 'client has' : 'clients have'} trouble`, 'red')
      : []),
    ...part(summary.pass, 'passed', 'green'),
    ...part(summary.declined + summary.inconclusive + summary.skipped, 'not judged', 'dim'),
  ];
  const { judged, total } = summary.must;
  const required = total === 0 ? [] : [`${grouped(judged)} of ${grouped(total)} required judged`];
  // The head of the report says why a target cannot be judged; here it is said where there is no head.
  const isSaid = result === 'not-judged' && !quiet;
  const why =
    (result === 'incomplete' || result === 'not-judged') && !isSaid ? [oneLine(whyIncomplete(report) ?? '', 400)] : [];
  const absent = notOffered(report);
  const offered = absent.length === 0 ? [] : [`not offered: ${absent.join(', ')}`];
  const costs = [
    count(summary.requests, 'request'),
    `${grouped(summary.inputTokens)} tokens in, ${grouped(summary.outputTokens)} out`,
    duration(summary.durationMs),
  ];
  const word = on.ink('bold', on.ink(BANNERS[result], OUTCOME_WORDS[result].toUpperCase()));
  const [first = '', ...others] = [...why, ...counts, ...required, ...offered];
  if (quiet) return [`${word}  ${[first, ...others].join(' · ')}`];
  const place = out === undefined ? [] : [`report in ${oneLine(withoutEnd(out, '/\\'), 300)}/index.html`];
  return [
    on.ink('dim', '─'.repeat(on.width)),
    ...(why.length > 0
      ? [
          ...on
            .paragraph(`${OUTCOME_WORDS[result].toUpperCase()}  ${first}`, 0)
            .map((line, index) => (index === 0 ? line.replace(OUTCOME_WORDS[result].toUpperCase(), word) : line)),
          ...on.facts(others),
        ]
      : on.facts([`${word}  ${first}`, ...others])),
    ...on.facts(costs),
    ...place,
  ];
}

/** One result in the terminal: in full, in two lines, or in one. */

import type { Report, Result } from '../core/report.js';
import type { Finding } from '../core/requirement.js';
import type { Ink, Paper } from './paper.js';
import { clipColumns, columns, count, isWebAddress, oneLine, reproduceLine, where } from './text.js';

/** The sign before a result, for those who see no colours. */
export const MARKS = { fail: '✗', warn: '!', known: '○' } as const;

const FINDINGS = 1;
const FINDINGS_VERBOSE = 20;
const SOURCES = 3;

/** Id and level, the rule, then what was seen, where the rule is written and how to see it again. */
export function detailed(result: Result, report: Report, on: Paper, verbose: boolean): string[] {
  const findings = result.findings.slice(0, verbose ? FINDINGS_VERBOSE : FINDINGS);
  const rest = result.findings.slice(findings.length);
  const redundant = result.reason === '' || result.findings.some(({ message }) => message === result.reason);
  return [
    on.ends(title(result, on), on.ink('dim', `${result.level} · ${result.profile}`), 2),
    ...on.paragraph(oneLine(result.statement), 4, 'dim'),
    ...(redundant ? [] : on.paragraph(oneLine(result.reason), 4, 'bold')),
    ...findings.flatMap((finding) => seen(finding, on, result.reason)),
    ...(rest.length > 0 ? on.labelled('', `and ${elsewhere(rest)}`, 4, 'dim') : []),
    ...(result.documented ? on.labelled('documented', oneLine(result.documented), 4) : []),
    ...(result.override
      ? on.labelled('level', `${result.override.level} by the contract: ${oneLine(result.override.reason)}`, 4)
      : []),
    ...result.source.slice(0, SOURCES).flatMap(({ title, url }, index) => {
      const label = index === 0 ? 'source' : '';
      return isWebAddress(url) ? [row(on, label, on.link(title, url))] : on.labelled(label, oneLine(title, 160), 4);
    }),
    ...(result.incidents ?? [])
      .slice(0, SOURCES)
      .flatMap(({ server, url, effect }, index) => [
        ...on.labelled(index === 0 ? 'seen in' : '', `${oneLine(server, 60)}: ${oneLine(effect, 200)}`, 4),
        ...(isWebAddress(url) ? [row(on, '', on.ink('dim', url))] : []),
      ]),
    ...(result.tries > 1 ? on.labelled('tried', `${result.tries} times`, 4) : []),
    ...again(result, report, on),
  ];
}

/** What was seen of one result, and how to see it again. What stands in the title above is not said again. */
export function evidence(result: Result, report: Report, on: Paper, title: string): string[] {
  const [first] = result.findings;
  return [
    ...on.labelled('e.g.', oneLine(result.id, 120), 4),
    ...(first === undefined ? [] : seen(first, on, '', title.endsWith(first.message))),
    ...again(result, report, on),
  ];
}

/** Longer requests are in the report. */
const CURL = 1_200;

/** A command whose invisible characters are written out is another command. */
const HIDDEN = /\p{C}/u;

/** The command of the suite, and the request itself, which needs no suite. */
function again(result: Result, report: Report, on: Paper): string[] {
  const id = result.findings[0]?.exchange;
  const curl = report.exchanges.find((exchange) => exchange.id === id)?.curl;
  return [
    ...reproduceLine(result, '').map((command) => row(on, 'reproduce', on.ink('cyan', command))),
    ...(curl === undefined || curl === '' || curl.length > CURL || HIDDEN.test(curl)
      ? []
      : [row(on, result.reproduce === '' ? 'reproduce' : 'or', on.ink('cyan', oneLine(curl, CURL)))]),
  ];
}

/** Never wrapped: addresses and commands are there to be copied. */
const row = (on: Paper, label: string, text: string): string => `    ${on.ink('dim', label.padEnd(11))}${text}`;

function seen(finding: Finding, on: Paper, reason: string, isSaid = false): string[] {
  const isReason = finding.message === reason;
  return [
    ...(isSaid ? [] : on.paragraph(oneLine(finding.message), 4, isReason ? 'bold' : 'plain')),
    ...on.labelled('where', where(finding), 4),
    ...on.labelled('expected', oneLine(finding.expected), 4, 'green'),
    ...on.labelled('actual', oneLine(finding.actual), 4, 'red'),
  ];
}

/** `3 more: tool-forced/stream, event 9; …`. */
function elsewhere(findings: readonly Finding[]): string {
  const places = [...new Set(findings.map(where))];
  const shown = places.slice(0, 3).join('; ');
  return `${count(findings.length, 'more finding')}: ${shown}${places.length > 3 ? '; …' : ''}`;
}

/** What was seen, without the rest. */
export function briefly(result: Result, on: Paper): string[] {
  const [first] = result.findings;
  const text = oneLine(result.reason || first?.message || result.statement, 200);
  const place = first === undefined ? '' : ` (${where(first)}${result.findings.length > 1 ? ', …' : ''})`;
  return [
    on.ends(title(result, on), on.ink('dim', `${result.level} · ${result.profile}`), 2),
    ...on.paragraph(text + place, 4, 'dim'),
  ];
}

/** Id and reason, cut to the width. */
export function inOneLine(result: Result, on: Paper): string {
  const id = oneLine(result.id, 120);
  const reason = oneLine(result.reason || result.findings[0]?.message || '', 200);
  const room = on.width - columns(id) - 6;
  const text = room < 20 ? '' : clipColumns(reason, room);
  return `  ${mark(result, on)} ${id}${text === '' ? '' : `  ${on.ink('dim', text)}`}`;
}

function title(result: Result, on: Paper): string {
  return `${mark(result, on)} ${on.ink('bold', oneLine(result.id, 120))}${result.silent && result.verdict === 'warn' ? on.ink('yellow', ' silent') : ''}`;
}

function mark({ verdict }: Result, on: Paper): string {
  const ink: Ink = verdict === 'fail' ? 'red' : 'yellow';
  return on.ink(ink, verdict === 'fail' ? MARKS.fail : MARKS.warn);
}

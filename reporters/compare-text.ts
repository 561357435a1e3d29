/** A comparison as text: terminal, Markdown and JSON. */

import type { Result } from '../core/report.js';
import { inert } from '../core/visible.js';
import { type Change, type Comparison, hasRegression, type Origin } from './compare.js';
import { compareHeadline } from './html/headline.js';
import { jsonText } from './json.js';
import { code, openPage, prose } from './markdown-text.js';
import type { RenderOptions } from './options.js';
import { type Ink, type Paper, paper } from './paper.js';
import { count, grouped, oneLine, reproduceLine, where } from './text.js';

const BRIEF = 15;

interface Group {
  title: string;
  meaning: string;
  ink: Ink;
  mark: string;
  changes: readonly Change[];
}

/** Groups in reading order: worst first. */
const groupsOf = (comparison: Comparison): Group[] => [
  { title: 'Regressions', meaning: '', ink: 'red', mark: '✗', changes: comparison.regressions },
  {
    title: 'Known regressions',
    meaning: "the later run's baseline lists them",
    ink: 'cyan',
    mark: '○',
    changes: comparison.knownRegressions,
  },
  {
    title: 'Lost passes',
    meaning: comparison.allowUnjudged
      ? 'not judged now; accepted by --allow-unjudged'
      : 'not judged now, so no longer known; --allow-unjudged accepts that',
    ink: comparison.allowUnjudged ? 'yellow' : 'red',
    mark: '?',
    changes: comparison.lostPasses,
  },
  { title: 'Fixes', meaning: '', ink: 'green', mark: '✓', changes: comparison.fixes },
  {
    title: 'No longer judged',
    meaning: 'neither better nor worse',
    ink: 'yellow',
    mark: '?',
    changes: comparison.lost,
  },
  { title: 'Judged for the first time', meaning: '', ink: 'plain', mark: '·', changes: comparison.found },
  { title: 'Changed evidence', meaning: '', ink: 'plain', mark: '~', changes: comparison.changed },
  { title: 'New requirements', meaning: '', ink: 'plain', mark: '+', changes: comparison.added },
  { title: 'Removed requirements', meaning: '', ink: 'plain', mark: '-', changes: comparison.gone },
];

/** For the terminal: changes, worst first, then one line for the whole. Long groups are truncated unless `verbose` is set. */
export function compareTerminal(comparison: Comparison, options: RenderOptions = {}): string {
  const on = paper(options);
  const { context, before, after } = comparison;
  const sections = options.quiet
    ? []
    : [
        [...origin('before', before, on), ...origin('after', after, on)],
        context.flatMap(({ name, before, after, decisive }) => [
          ...on.labelled(
            decisive ? 'note' : 'differs',
            `${name}: ${oneLine(before, 120)} → ${oneLine(after, 120)}${decisive ? ' (can change verdicts on its own)' : ''}`,
            0,
            decisive ? 'yellow' : 'plain',
          ),
        ]),
        ...groupsOf(comparison).map((group) => changesOf(group, on, options.verbose ?? false)),
      ];
  const body = [...sections, verdictLines(comparison, on)].filter((section) => section.length > 0);
  return `${inert(body.map((section) => section.join('\n')).join('\n\n'), true)}\n`;
}

function origin(label: string, { baseUrl, model, contract, version, startedAt }: Origin, on: Paper): string[] {
  const facts = [
    oneLine(baseUrl, 120),
    oneLine(model, 60),
    oneLine(contract, 40),
    oneLine(startedAt, 30),
    oneLine(version, 20),
  ];
  return on.labelled(label, facts.join(' · '), 0);
}

function changesOf({ title, meaning, ink, mark, changes }: Group, on: Paper, verbose: boolean): string[] {
  if (changes.length === 0) return [];
  const regressing = mark === '✗';
  const limit = verbose || regressing ? changes.length : BRIEF;
  const heading = `${on.ink('bold', on.ink(ink, title.toUpperCase()))} ${on.ink('bold', grouped(changes.length))}`;
  return [
    meaning === '' ? heading : `${heading}  ${on.ink('dim', meaning)}`,
    ...changes.slice(0, limit).flatMap((change) => {
      const shown = change.after ?? change.before;
      const tone = ink === 'plain' ? toneOf(change) : ink;
      const left = `${on.ink(tone, mark)} ${on.ink(regressing ? 'bold' : 'plain', oneLine(change.id, 120))}`;
      return [
        on.ends(left, on.ink(tone === 'plain' ? 'dim' : tone, transition(change)), 2),
        ...(regressing || verbose ? evidence(shown, on, regressing) : []),
      ];
    }),
    ...(changes.length > limit
      ? on.paragraph(`and ${grouped(changes.length - limit)} more; --verbose shows them`, 2, 'dim')
      : []),
  ];
}

/** New failures stand out where a group is neither better nor worse. */
const toneOf = ({ after }: Change): Ink =>
  after?.verdict === 'fail' ? 'red' : after?.verdict === 'warn' ? 'yellow' : 'plain';

function evidence(result: Result | null, on: Paper, withCommand: boolean): string[] {
  if (result === null) return [];
  const [finding] = result.findings;
  const text = oneLine(result.reason || finding?.message || '');
  return [
    ...(text === '' ? [] : on.paragraph(text, 4)),
    ...(finding === undefined
      ? []
      : [
          ...on.labelled('where', where(finding), 4),
          ...on.labelled('expected', oneLine(finding.expected), 4, 'green'),
          ...on.labelled('actual', oneLine(finding.actual), 4, 'red'),
        ]),
    ...(withCommand
      ? reproduceLine(result, '').map((command) => `    ${on.ink('dim', 'reproduce  ')}${on.ink('cyan', command)}`)
      : []),
  ];
}

/** `pass → silent fail`. */
function transition({ before, after }: Change): string {
  const word = (result: Result | null): string =>
    result === null ? 'not there' : `${result.silent ? 'silent ' : ''}${result.verdict}`;
  if (before === null || after === null) return word(before ?? after);
  const [was, is] = [word(before), word(after)];
  if (was !== is) return `${was} → ${is}`;
  return before.level === after.level ? was : `${was}, ${before.level} → ${after.level}`;
}

function verdictLines(comparison: Comparison, on: Paper): string[] {
  const { regressions, lostPasses, fixes, lost, unchanged, unjudged } = comparison;
  const kept = unjudged === null ? on.ink('green', 'NO REGRESSION') : on.ink('red', 'NOT JUDGED');
  const word = hasRegression(comparison) ? on.ink('red', 'WORSE') : kept;
  const parts = [
    ...(unjudged === null ? [] : [`the later run: ${oneLine(unjudged)}`]),
    ...(regressions.length > 0 ? [count(regressions.length, 'regression')] : []),
    ...(lostPasses.length > 0 ? [`${count(lostPasses.length, 'pass', 'passes')} lost`] : []),
    ...(fixes.length > 0 ? [`${grouped(fixes.length)} fixed`] : []),
    ...(lost.length > 0 ? [`${grouped(lost.length)} no longer judged`] : []),
    `${grouped(unchanged)} unchanged`,
  ];
  const [first = '', ...others] = parts;
  return on.facts([`${on.ink('bold', word)}  ${first}`, ...others]);
}

/** For a pull request: fits in one comment. */
export function compareMarkdown(comparison: Comparison): string {
  const { before, after, context, unchanged, unjudged } = comparison;
  const page = openPage(54_000);
  const isWorse = hasRegression(comparison);
  const sign = isWorse ? '❌' : unjudged === null ? '✅' : '⛔';
  const summary =
    isWorse || unjudged === null ? compareHeadline(comparison).text.toLowerCase() : 'the later run judged nothing';
  const side = (name: string, { baseUrl, model, contract, startedAt }: Origin) =>
    `| ${name} | ${[baseUrl, model, contract, startedAt].map((text) => code(text, 120).replaceAll('|', '\\|')).join(' | ')} |`;
  page.block(`## ${sign} messages-conformance: ${summary}`);
  if (unjudged !== null) page.block(`**${prose(unjudged)}**`);
  page.block(
    [
      '| | target | model | contract | started |',
      '| --- | --- | --- | --- | --- |',
      side('before', before),
      side('after', after),
    ].join('\n'),
  );
  page.bullets(
    'The runs differ',
    context.map(({ name, before, after, decisive }) => {
      const effect = decisive ? ', which can change verdicts on its own' : '';
      return `${name}: ${code(before, 120)} → ${code(after, 120)}${effect}`;
    }),
  );
  for (const { title, changes } of groupsOf(comparison)) {
    page.bullets(
      title,
      changes.map((change) => {
        const reason = (change.after ?? change.before)?.reason ?? '';
        return `${code(change.id, 120)} ${transition(change)}${reason === '' ? '' : `: ${prose(reason, 200)}`}`;
      }),
      { folded: !['Regressions', 'Lost passes', 'Fixes'].includes(title) },
    );
  }
  return page.close(`<sub>${count(unchanged, 'requirement')} unchanged</sub>`);
}

/** For programs: every requirement whose result changed, with both results. */
export function compareJson(comparison: Comparison): string {
  const standing = (result: Result | null) =>
    result === null
      ? null
      : {
          verdict: result.verdict,
          silent: result.silent,
          level: result.level,
          reason: result.reason,
          findings: result.findings,
          ...(result.known === undefined ? {} : { known: result.known }),
        };
  const brief = (changes: readonly Change[]) =>
    changes.map(({ id, before, after }) => ({ id, before: standing(before), after: standing(after) }));
  const { regressions, knownRegressions, lostPasses, fixes, lost, found, changed, added, gone, ...rest } = comparison;
  return `${jsonText({
    ...rest,
    regressions: brief(regressions),
    knownRegressions: brief(knownRegressions),
    lostPasses: brief(lostPasses),
    fixes: brief(fixes),
    lost: brief(lost),
    found: brief(found),
    changed: brief(changed),
    added: brief(added),
    gone: brief(gone),
  })}\n`;
}

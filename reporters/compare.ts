/** Two reports side by side: what became worse, what became better, and what cannot be compared. */

import type { Verdict } from '../core/protocol.js';
import type { Report, ReportSummary, Result } from '../core/report.js';
import type { Finding } from '../core/requirement.js';
import { oneLine } from './text.js';

/** One requirement in both reports; `null` where a report does not have it. */
export interface Change {
  id: string;
  before: Result | null;
  after: Result | null;
}

/** A difference of the two runs themselves. */
interface ContextDifference {
  name: string;
  before: string;
  after: string;
  /** It may change verdicts although the target did not change. */
  decisive: boolean;
}

/** Where a report came from. */
export interface Origin {
  /** Or, without an address, `the embedded reference endpoint`. */
  baseUrl: string;
  model: string;
  contract: string;
  version: string;
  startedAt: string;
  summary: ReportSummary;
}

export interface Comparison {
  before: Origin;
  after: Origin;
  context: readonly ContextDifference[];
  /** Worse than before, and not listed in the later run's baseline. */
  regressions: readonly Change[];
  /** Worse than before, as the later run's baseline knows. */
  knownRegressions: readonly Change[];
  fixes: readonly Change[];
  /** Passed before, not judged now, or not in the later report: what made the earlier run green is no longer known. */
  lostPasses: readonly Change[];
  /** Judged before without passing, not judged now: neither better nor worse, but no longer known. */
  lost: readonly Change[];
  /** Not judged before, judged now. */
  found: readonly Change[];
  /** The same standing with other evidence, another level, or another reason for not being judged. */
  changed: readonly Change[];
  /** Requirements that only one report has. */
  added: readonly Change[];
  gone: readonly Change[];
  unchanged: number;
  /** Lost passes are shown and do not count as a regression. */
  allowUnjudged: boolean;
}

type Kind = 'regression' | 'fix' | 'lost-pass' | 'lost' | 'found' | 'changed' | 'added' | 'gone' | 'same';

/**
 * Pure, and the order of the later report is kept: the same two reports give the same comparison.
 *
 * @param allowUnjudged Take a pass that was not judged again for what it was.
 */
export function compareReports(before: Report, after: Report, allowUnjudged = false): Comparison {
  const changes = pairs(before, after).map((change) => ({ change, kind: kindOf(change) }));
  const of = (kind: Kind): Change[] => changes.filter((entry) => entry.kind === kind).map(({ change }) => change);
  const regressions = of('regression').sort((a, b) => Number(b.after?.silent) - Number(a.after?.silent));
  return {
    before: originOf(before),
    after: originOf(after),
    context: contextOf(before, after),
    regressions: regressions.filter((change) => change.after?.known === undefined),
    knownRegressions: regressions.filter((change) => change.after?.known !== undefined),
    fixes: of('fix'),
    lostPasses: of('lost-pass'),
    lost: of('lost'),
    found: of('found'),
    changed: of('changed'),
    added: of('added'),
    gone: of('gone'),
    unchanged: of('same').length,
    allowUnjudged,
  };
}

/** What the exit status of `compare` depends on: something became worse, or a pass is no longer known. */
export const hasRegression = ({
  regressions,
  lostPasses,
  allowUnjudged,
}: Pick<Comparison, 'regressions' | 'lostPasses' | 'allowUnjudged'>): boolean =>
  regressions.length > 0 || (lostPasses.length > 0 && !allowUnjudged);

function pairs(before: Report, after: Report): Change[] {
  const earlier = new Map(before.results.map((result) => [result.id, result]));
  const later = new Set(after.results.map(({ id }) => id));
  return [
    ...after.results.map((result) => ({ id: result.id, before: earlier.get(result.id) ?? null, after: result })),
    ...before.results
      .filter(({ id }) => !later.has(id))
      .map((result) => ({ id: result.id, before: result, after: null })),
  ];
}

/**
 * How bad an answered requirement is for a client. A refusal is worse than a service and better than a fault; beside a
 * warning it is something else, neither better nor worse.
 */
const SEVERITY: Readonly<Partial<Record<Verdict, number>>> = { pass: 0, declined: 1, warn: 1, fail: 2 };

function kindOf({ before, after }: Change): Kind {
  if (before === null) return 'added';
  if (after === null) return before.verdict === 'pass' ? 'lost-pass' : 'gone';
  const was = SEVERITY[before.verdict];
  const is = SEVERITY[after.verdict];
  if (was === undefined && is === undefined) return before.verdict === after.verdict ? 'same' : 'changed';
  if (was === undefined) return 'found';
  if (is === undefined) return before.verdict === 'pass' ? 'lost-pass' : 'lost';
  if (is !== was) return is > was ? 'regression' : 'fix';
  if (before.verdict !== after.verdict) return 'changed';
  if (after.silent && !before.silent) return 'regression';
  return before.silent !== after.silent || before.level !== after.level || evidence(before) !== evidence(after)
    ? 'changed'
    : 'same';
}

/** What the findings say, without what differs between any two runs: ids, counts, places in a stream, the model's words. */
function evidence({ findings }: Result): string {
  return [...new Set(findings.map(signature))].sort().join('\n');
}

function signature({ message, expected, actual, at, exchange }: Finding): string {
  const texts = [message, expected, actual].map((text) =>
    oneLine(text)
      .replace(/"(?:[^"\\]|\\.){20,}("|$)/g, '"…"')
      .replace(/\b([a-z]+_)[A-Za-z0-9]{8,}\b/g, '$1…')
      .replace(/(?<!HTTP )\b\d+(?:[.,]\d+)*\b/g, '#'),
  );
  const pointer = at?.pointer?.replace(/\/\d+(?=\/|$)/g, '/#');
  return JSON.stringify([...texts, pointer, at?.header, exchange?.replace(/(?:\.\d+)?(?:#\d+)?$/, '')]);
}

/** The embedded endpoint takes another port in every run: its address would look like a difference. */
const nameOf = ({ embedded, baseUrl }: Report['target']): string =>
  embedded ? 'the embedded reference endpoint' : baseUrl;

const originOf = ({ target, suite, run, summary }: Report): Origin => ({
  baseUrl: nameOf(target),
  model: target.model,
  contract: target.contract,
  version: suite.version,
  startedAt: run.startedAt,
  summary,
});

function contextOf(before: Report, after: Report): ContextDifference[] {
  const fields: [name: string, decisive: boolean, of: (report: Report) => string][] = [
    ['target', false, ({ target }) => nameOf(target)],
    ['server', false, ({ target }) => target.server ?? 'not named'],
    ['model', true, ({ target }) => target.model],
    ['contract', true, ({ target }) => target.contract],
    ['API versions', true, ({ target }) => listed(target.apiVersions)],
    ['version of the suite', true, ({ suite }) => suite.version],
    ['profiles', true, ({ run }) => listed(run.profiles)],
    ['--only', true, ({ run }) => listed(run.only)],
    ['--skip', true, ({ run }) => listed(run.skip)],
    ['ended early', true, ({ run }) => run.interrupted ?? 'no'],
    ['--strict', false, ({ run }) => (run.strict ? 'yes' : 'no')],
    ['Node.js', false, ({ run }) => run.node],
  ];
  return fields
    .map(([name, decisive, of]) => ({ name, before: of(before), after: of(after), decisive }))
    .filter((difference) => difference.before !== difference.after);
}

const listed = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join(', '));

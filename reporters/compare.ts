/** Compares two reports: regressions, fixes, and what cannot be compared. */

import type { Verdict } from '../core/protocol.js';
import type { Report, ReportSummary, Result } from '../core/report.js';
import type { Finding } from '../core/requirement.js';
import { embeddedName, isUnusable } from './outcome.js';
import { oneLine } from './text.js';

/** One requirement in both reports; `null` if a report does not have it. */
export interface Change {
  id: string;
  before: Result | null;
  after: Result | null;
}

/** A difference between the two runs, not between their results. */
interface ContextDifference {
  name: string;
  before: string;
  after: string;
  /** It can change verdicts even if the target did not change. */
  decisive: boolean;
}

/** The run that a report comes from. */
export interface Origin {
  /** `the embedded reference endpoint` if the run had no URL. */
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
  /** Worse than before and not listed in the later baseline. */
  regressions: readonly Change[];
  /** Worse than before, but listed in the later baseline. */
  knownRegressions: readonly Change[];
  fixes: readonly Change[];
  /** Passed before and not judged now, or missing from the later report: nobody knows whether they still pass. */
  lostPasses: readonly Change[];
  /** Judged before (without a pass) and not judged now: neither better nor worse. */
  lost: readonly Change[];
  /** Judged now and not before. */
  found: readonly Change[];
  /** Same verdict with different evidence, another level, or another reason for not being judged. */
  changed: readonly Change[];
  /** Only one of the reports has these. */
  added: readonly Change[];
  gone: readonly Change[];
  unchanged: number;
  /** If true, lost passes are shown but do not count as a regression. */
  allowUnjudged: boolean;
  /** Why the later run judged nothing, in one line; `null` where it judged its target. */
  unjudged: string | null;
}

type Kind = 'regression' | 'fix' | 'lost-pass' | 'lost' | 'found' | 'changed' | 'added' | 'gone' | 'same';

/**
 * Pure: the same two reports give the same comparison, in the order of the later report.
 *
 * @param allowUnjudged Do not count lost passes as a regression.
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
    unjudged: isUnusable(after) ? after.diagnosis!.line : null,
  };
}

/** Decides the exit status of `compare`: true if something became worse or a pass was lost. */
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
 * How bad a judged requirement is for a client. An honest rejection is worse than a pass and better than a failure; it counts
 * as a warning does.
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

/** The findings without what differs between any two runs: ids, counts, positions in a stream, the model's words. */
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

/** The embedded endpoint uses a different port in every run; its URL would look like a difference. */
const nameOf = (target: Report['target']): string => (target.embedded ? embeddedName(target) : target.baseUrl);

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

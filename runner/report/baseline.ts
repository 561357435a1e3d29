/** Known failures: what a report makes of the list, and the list that a report makes. Pure; files are read elsewhere. */

import type { BaselineProblem, KnownFailure, Report, Result } from '../../core/report.js';
import type { SchemaViolation } from '../../core/requirement.js';
import { failingVerdicts } from '../../reporters/outcome.js';
import { oneLine } from '../../reporters/text.js';
import { publishedSchema } from '../schema-location.js';
import { nearest } from '../usage-error.js';

interface BaselineLine extends KnownFailure {
  id: string;
}

/** A file of `schemas/baseline.schema.json`. */
export interface Baseline {
  $schema?: string;
  comment?: string;
  known: readonly BaselineLine[];
}

/** Reads the text of a baseline file, or says in one line what is wrong with it. */
export function parseBaseline(
  text: string,
  violations: (schema: 'baseline', value: unknown) => readonly SchemaViolation[],
): { baseline: Baseline; problem?: undefined } | { baseline?: undefined; problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return { problem: `this is not JSON: ${oneLine((error as Error).message, 160)}` };
  }
  const [first] = violations('baseline', value);
  if (first !== undefined) return { problem: oneLine(first.message, 300) };
  const baseline = value as Baseline;
  const ids = baseline.known.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined
    ? { baseline }
    : { problem: `${JSON.stringify(oneLine(twice, 120))} is listed twice; keep one of the lines` };
}

/**
 * The report with its known failures marked, and the lines that no longer fit named.
 *
 * @param today ISO date, the day on which lines expire or not.
 * @param file How the reader calls the baseline.
 */
export function applyBaseline(report: Report, baseline: Baseline, today: string, file = 'the baseline'): Report {
  const failing = failingVerdicts(report);
  const lines = new Map(baseline.known.map((line) => [line.id, line]));
  const results = report.results.map((result): Result => {
    const line = lines.get(result.id);
    const { known: _earlier, ...rest } = result;
    if (line === undefined || !failing.includes(result.verdict) || isOver(line, today)) return rest;
    const { id: _id, ...known } = line;
    return { ...rest, known };
  });
  const byId = new Map(results.map((result) => [result.id, result]));
  const problems = baseline.known.flatMap((line) => problemOf(line, byId, today) ?? []);
  return {
    ...report,
    results,
    summary: { ...report.summary, known: results.filter(({ known }) => known !== undefined).length },
    baseline: { file, problems },
  };
}

/** The day itself still counts. */
const isOver = ({ expires }: BaselineLine, today: string): boolean =>
  expires !== undefined && today.slice(0, 10) > expires;

function problemOf(line: BaselineLine, results: ReadonlyMap<string, Result>, today: string): BaselineProblem | null {
  const { id, expires } = line;
  const result = results.get(id);
  if (result === undefined) {
    const hint = nearest(id, [...results.keys()]);
    return { id, problem: 'unknown-id', message: `${oneLine(id, 120)} is no requirement; ${hint}` };
  }
  if (result.verdict === 'pass' && !line.flaky)
    return { id, problem: 'stale', message: `${id} is listed as a known failure but passes now; remove its line` };
  if (isOver(line, today) && (result.verdict === 'fail' || result.verdict === 'warn'))
    return {
      id,
      problem: 'expired',
      message: `${id} was accepted until ${oneLine(expires ?? '', 20)} and is still broken; fix it or give its line a new date`,
    };
  return null;
}

/**
 * The baseline that fits this report. Lines keep their reason, link and date; failures without a line get one; lines of
 * requirements that pass or do not exist go; what this run did not judge stays as it was.
 *
 * @param schema Where editors find the schema, for a list that does not say.
 */
export function updateBaseline(
  report: Report,
  previous: Baseline | null,
  schema = publishedSchema('baseline'),
): Baseline {
  const failing = failingVerdicts(report);
  const earlier = new Map((previous?.known ?? []).map((line) => [line.id, line]));
  const known = report.results.flatMap((result): BaselineLine[] => {
    const line = earlier.get(result.id);
    if (line !== undefined) return result.verdict === 'pass' && !line.flaky ? [] : [line];
    return failing.includes(result.verdict)
      ? [{ id: result.id, reason: firstReason(report, result), ...(result.flaky && { flaky: true }) }]
      : [];
  });
  return {
    $schema: previous?.$schema ?? schema,
    ...(previous?.comment === undefined ? {} : { comment: previous.comment }),
    known,
  };
}

function firstReason(report: Report, result: Result): string {
  const what = result.reason || result.findings[0]?.message || 'broken';
  return `Seen on ${report.run.startedAt.slice(0, 10)}: ${oneLine(what, 200)}`;
}

/** The text of a baseline file: a line for each requirement, so that changes are easy to review. */
export function baselineText({ known, ...head }: Baseline): string {
  const members = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const lines = known.map(
    ({ id, reason, link, expires, flaky }) => `    ${JSON.stringify({ id, reason, link, expires, flaky })}`,
  );
  return `{\n${members.join('')}  "known": [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]\n}\n`;
}

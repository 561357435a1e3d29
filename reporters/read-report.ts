/** Parses a report file, or says in one line why it is not a report. */

import { VERDICTS } from '../core/protocol.js';
import { REPORT_FORMAT, type Report } from '../core/report.js';
import type { SchemaViolation } from '../core/requirement.js';
import { count, oneLine } from './text.js';

export type ReportReading = { report: Report; problem?: undefined } | { report?: undefined; problem: string };

/**
 * `violations` validates a value against a schema by name. Rejects invalid files, files of a newer version and files of other
 * tools, and says what to do.
 */
export function parseReport(
  text: string,
  violations: (schema: 'report', value: unknown) => readonly SchemaViolation[],
): ReportReading {
  const value = parseJson(text);
  if ('problem' in value) return value;
  const problem = foreign(value.json) ?? otherFormat(value.json) ?? misfit(violations('report', value.json));
  if (problem !== undefined) return { problem };
  const report = value.json as unknown as Report;
  const contradiction = contradictions(report);
  return contradiction === undefined ? { report } : { problem: contradiction };
}

type Members = Readonly<Record<string, unknown>>;

function parseJson(text: string): { json: Members } | { problem: string } {
  const content = text.replace(/^\ufeff/, '').trim();
  if (content === '') return { problem: 'the file is empty; a report is the report.json that a run writes' };
  if (content.startsWith('<'))
    return { problem: 'this is XML or HTML, not a report; the report is the report.json beside it' };
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    const cut = /end of JSON|Unterminated/i.test(String(error)) ? '; it seems to be truncated' : '';
    return { problem: `this is not JSON${cut}: ${oneLine((error as Error).message, 160)}` };
  }
  return isObject(json) ? { json } : { problem: `this is ${nameOf(json)}, not a report` };
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nameOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a JSON array' : `a JSON ${typeof value}`;

const own = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Names the tool that wrote the file, if it is known. */
function foreign(json: Members): string | undefined {
  const tool = own(own(json, 'suite'), 'name');
  if (tool === 'messages-conformance') return undefined;
  if (typeof tool === 'string')
    return `this is a report of ${JSON.stringify(oneLine(tool, 80))}, not of messages-conformance`;
  const kinds: [kind: string, members: readonly string[]][] = [
    ['a SARIF file', ['version', 'runs']],
    ['a result of Jest or Vitest', ['numTotalTests', 'testResults']],
    ['a comparison of two reports', ['regressions', 'fixes']],
    ['a badge', ['schemaVersion', 'label']],
    ['a baseline', ['known']],
    ['a file of fixtures', ['family', 'fixtures']],
    ['an exported exchange', ['request', 'response']],
  ];
  const kind = kinds.find(([, members]) => members.every((name) => Object.hasOwn(json, name)))?.[0];
  return kind === undefined
    ? 'this is not a report of messages-conformance: suite.name is missing'
    : `this is ${kind}, not a report; a report is the report.json that a run writes`;
}

function otherFormat(json: Members): string | undefined {
  const format = own(json, 'format');
  if (format === REPORT_FORMAT) return undefined;
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1)
    return `the report is invalid: format is ${oneLine(JSON.stringify(format) ?? 'missing', 40)}, expected ${REPORT_FORMAT}`;
  const version = own(own(json, 'suite'), 'version');
  const writer = typeof version === 'string' ? ` by messages-conformance ${oneLine(version, 40)}` : '';
  return format > REPORT_FORMAT
    ? `the report was written${writer} in format ${format}, and this version reads up to ${REPORT_FORMAT}; update messages-conformance`
    : `the report was written${writer} in format ${format}, which this version no longer reads; run again to get a new report`;
}

function misfit(found: readonly SchemaViolation[]): string | undefined {
  if (found.length === 0) return undefined;
  const shown = found.slice(0, 3).map(({ message }) => oneLine(message, 200));
  const more = found.length > 3 ? `; and ${count(found.length - 3, 'more fault')}` : '';
  return `the report is invalid: ${shown.join('; ')}${more}`;
}

/** Rules that a schema cannot express and every reporter relies on. */
function contradictions({ results, exchanges, summary }: Report): string | undefined {
  const twice = duplicate(results.map(({ id }) => id));
  if (twice !== undefined)
    return `the report is invalid: it has two results for ${JSON.stringify(oneLine(twice, 120))}`;
  const same = duplicate(exchanges.map(({ id }) => id));
  if (same !== undefined) return `the report is invalid: it has two exchanges ${JSON.stringify(oneLine(same, 120))}`;
  const wrong = VERDICTS.find(
    (verdict) => results.filter((result) => result.verdict === verdict).length !== summary[verdict],
  );
  if (wrong === undefined) return undefined;
  const actual = results.filter((result) => result.verdict === wrong).length;
  return `the report is invalid: its summary counts ${summary[wrong]} ${wrong}, its results are ${actual}; it was changed after the run`;
}

function duplicate(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}

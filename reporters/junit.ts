/** JUnit XML for CI systems: a test suite for each profile, a test case for each requirement. */

import XMLBuilder from 'fast-xml-builder';
import type { Report, Result } from '../core/report.js';
import { causeTitles } from './causes.js';
import { isFailing, outcome, whyIncomplete } from './outcome.js';
import { groupBy, oneLine, reproduceLine, where } from './text.js';

const FINDINGS = 20;

type Fate = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  name: string;
  classname: string;
  ms: number;
  fate: Fate;
  outcome: readonly XmlElement[];
}

/**
 * Always well-formed and valid against the schema that Jenkins publishes. A violated SHOULD passes with its findings as
 * output, unless the run was strict. A failure that the baseline lists is skipped. Problems of the run as a whole are cases
 * of the suite `run`, so that an empty run is not green.
 */
export function junit(report: Report): string {
  const durations = ownDurations(report);
  const causes = causeTitles(report);
  const suites: [name: string, cases: Case[]][] = groupBy(report.results, ({ profile }) => profile).map(
    ([profile, results]) => [
      profile,
      results.map((result) => caseOf(report, result, durations.get(result) ?? 0, causes.get(result.id))),
    ],
  );
  const troubles = runCases(report);
  if (troubles.length > 0) suites.push(['run', troubles]);
  const root = element(
    'testsuites',
    {
      name: report.suite.name,
      ...counts(suites.flatMap(([, cases]) => cases)),
      time: seconds(report.summary.durationMs),
    },
    suites.map(([name, cases], index) => suiteElement(report, name, index, cases)),
  );
  return `${writer.build([{ '?xml': [{ '#text': '' }], ':@': { version: '1.0', encoding: 'UTF-8' } }, root]).trim()}\n`;
}

function suiteElement(report: Report, name: string, id: number, cases: readonly Case[]): XmlElement {
  const properties = propertiesOf(report).map(([property, value]) => element('property', { name: property, value }));
  return element(
    'testsuite',
    {
      name,
      package: report.suite.name,
      id,
      hostname: hostOf(report),
      timestamp: report.run.startedAt.replace(/(\.\d+)?Z$/, ''),
      ...counts(cases),
      skipped: cases.filter(({ fate }) => fate === 'skipped').length,
      time: seconds(cases.reduce((sum, { ms }) => sum + ms, 0)),
    },
    [
      element('properties', {}, properties),
      ...cases.map((entry) =>
        element('testcase', { name: entry.name, classname: entry.classname, time: seconds(entry.ms) }, entry.outcome),
      ),
    ],
  );
}

const counts = (cases: readonly Case[]) => ({
  tests: cases.length,
  failures: cases.filter(({ fate }) => fate === 'failure').length,
  errors: cases.filter(({ fate }) => fate === 'error').length,
});

function caseOf(report: Report, result: Result, ms: number, cause: string | undefined): Case {
  const fate = fateOf(report, result);
  const classname = `${result.profile}.${result.suite}`;
  return { name: result.id, classname, ms, fate, outcome: outcomeOf(result, fate, cause) };
}

/** An outdated baseline, a target that cannot be judged, a run that judged too little. */
function runCases(report: Report): Case[] {
  const { baseline, run } = report;
  const result = outcome(report);
  const trouble = (name: string, classname: string, fate: 'failure' | 'error', message: string): Case => ({
    name,
    classname,
    ms: 0,
    fate,
    outcome: [element(fate, { type: fate, message })],
  });
  return [
    ...(baseline?.problems ?? []).map(({ id, problem, message }) =>
      trouble(id, `baseline.${problem}`, 'failure', message),
    ),
    ...(run.interrupted === null ? [] : [trouble('ended-early', 'run', 'error', run.interrupted)]),
    ...(result === 'passed' || result === 'failed' || run.interrupted !== null
      ? []
      : [trouble(result, 'run', 'error', whyIncomplete(report) ?? '')]),
  ];
}

function fateOf(report: Report, result: Result): Fate {
  if (result.known !== undefined) return 'skipped';
  if (isFailing(report, result)) return 'failure';
  if (result.verdict === 'error') return 'error';
  return result.verdict === 'pass' || result.verdict === 'warn' ? 'passed' : 'skipped';
}

function outcomeOf(result: Result, fate: Fate, cause: string | undefined): XmlElement[] {
  if (fate === 'failure' || fate === 'error') {
    const type = fate === 'error' ? 'error' : result.silent ? `silent ${result.level}` : result.level;
    return [element(fate, { type, message: summaryOf(result) }, account(result, cause))];
  }
  if (fate === 'skipped') {
    const why = result.known === undefined ? result.verdict : `known failure: ${result.known.reason}`;
    return [element('skipped', { message: result.reason === '' ? why : `${why}: ${result.reason}` })];
  }
  return result.verdict === 'warn' ? [element('system-out', {}, `warning: ${account(result, cause)}`)] : [];
}

const summaryOf = (result: Result): string => result.reason || result.findings[0]?.message || result.statement;

/** A result as plain text. */
function account(result: Result, cause: string | undefined): string {
  const lines = [oneLine(result.statement)];
  if (cause !== undefined) lines.push(`cause: ${oneLine(cause)}`);
  if (result.reason !== '') lines.push(oneLine(result.reason));
  for (const finding of result.findings.slice(0, FINDINGS)) {
    lines.push(
      '',
      oneLine(finding.message),
      `  where:    ${where(finding)}`,
      `  expected: ${oneLine(finding.expected)}`,
      `  actual:   ${oneLine(finding.actual)}`,
    );
  }
  if (result.findings.length > FINDINGS) lines.push('', `and ${result.findings.length - FINDINGS} more findings`);
  lines.push('');
  for (const { title, url } of result.source)
    lines.push(`source:    ${oneLine(title, 160)}${url === null ? '' : ` ${oneLine(url, 300)}`}`);
  lines.push(...reproduceLine(result, 'reproduce: '));
  return `${lines.join('\n')}\n`;
}

/** Duration of the exchanges that a requirement is the first to use. Each exchange counts once, so the sum is right. */
function ownDurations({ results, exchanges }: Report): Map<Result, number> {
  const open = new Map(exchanges.map(({ id, response }) => [id, response?.endMs ?? 0]));
  return new Map(
    results.map((result) => {
      let sum = 0;
      for (const id of result.exchanges) {
        sum += open.get(id) ?? 0;
        open.delete(id);
      }
      return [result, sum];
    }),
  );
}

const propertiesOf = ({ suite, target, run }: Report): [name: string, value: string][] => [
  ['version', suite.version],
  ['target', target.baseUrl],
  ['model', target.model],
  ['contract', target.contract],
  ['api-versions', target.apiVersions.join(' ')],
  ['started', run.startedAt],
  ['strict', String(run.strict)],
  ...(run.interrupted === null ? [] : [['interrupted', run.interrupted] as [string, string]]),
];

function hostOf({ target }: Report): string {
  return /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)/i.exec(target.baseUrl)?.[1] ?? 'unknown';
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** An element in the form that the XML writer needs to keep the order of children. */
type XmlElement = Record<string, unknown>;

const writer = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  format: true,
  processEntities: true,
  suppressEmptyNode: true,
});

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly XmlElement[] | string = [],
): XmlElement {
  const children = typeof content === 'string' ? [{ '#text': xml(content) }] : content;
  const escaped = Object.entries(attributes).map(([key, value]) => [key, xml(oneLine(String(value)))]);
  return { [name]: children, ':@': Object.fromEntries(escaped) };
}

/** Replaces the characters that XML 1.0 cannot represent, even as references. */
const xml = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');

import { describe, expect, it } from 'vitest';
import type { Report, Result } from '../../core/report.js';
import { junit } from '../../reporters/junit.js';
import {
  cleanReport,
  HOSTILE_TEXTS,
  hostileReport,
  largeReport,
  reportOf,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';
import { parseXml, type XmlElement } from './strict-xml.js';

/** Elements of the schema that Jenkins publishes (junit-10.xsd), as far as one of ours uses them: attributes, children. */
const ALLOWED: Record<string, { required: string[]; optional: string[]; children: string[] }> = {
  testsuites: { required: [], optional: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url', 'version'],
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { required: [], optional: [], children: ['property'] },
  property: { required: ['name', 'value'], optional: [], children: [] },
  testcase: {
    required: ['name'],
    optional: ['time', 'classname', 'group'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { required: [], optional: ['type', 'message'], children: [] },
  error: { required: [], optional: ['type', 'message'], children: [] },
  skipped: { required: [], optional: ['type', 'message'], children: [] },
  'system-out': { required: [], optional: [], children: [] },
};
const TIME = /^\d+\.\d{3}$/;

function faults({ name, attributes, children, text }: XmlElement): string[] {
  const rule = ALLOWED[name];
  if (rule === undefined) return [`<${name}> does not exist`];
  const names = Object.keys(attributes);
  return [
    ...rule.required
      .filter((attribute) => !names.includes(attribute))
      .map((attribute) => `<${name}> without ${attribute}`),
    ...names
      .filter((attribute) => ![...rule.required, ...rule.optional].includes(attribute))
      .map((attribute) => `<${name} ${attribute}>`),
    ...(attributes.time === undefined || TIME.test(attributes.time) ? [] : [`time ${attributes.time}`]),
    ...children.filter((child) => !rule.children.includes(child.name)).map((child) => `<${child.name}> in <${name}>`),
    ...(children.length > 0 && text.trim() !== '' ? [`text beside elements in <${name}>`] : []),
    ...children.flatMap(faults),
  ];
}

const suitesOf = (report: Report) => parseXml(junit(report)).children;
const casesOf = (report: Report) =>
  suitesOf(report).flatMap(({ children }) => children.filter(({ name }) => name === 'testcase'));
const caseOf = (report: Report, id: string) => casesOf(report).find(({ attributes }) => attributes.name === id)!;
const only = (result: Result): Report => {
  const { baseline: _baseline, ...report } = reportOf([result], []);
  return report;
};

describe('junit.xml', () => {
  it.each([
    ['an ordinary run', sampleReport()],
    ['a run without a fault', cleanReport()],
    ['a hostile target', hostileReport()],
    ['a full run', largeReport()],
    ['a run without results', reportOf([], [])],
  ])('fits the common schema for %s', (_name, report) => {
    expect(faults(parseXml(junit(report)))).toEqual([]);
  });

  it('has a suite for each profile and a case for each requirement', () => {
    const report = sampleReport();
    expect(suitesOf(report).map(({ attributes }) => attributes.name)).toEqual([
      'core',
      'errors',
      'vision',
      'batches',
      'agent',
      'run',
    ]);
    expect(
      casesOf(report)
        .filter(({ attributes }) => attributes.classname?.startsWith('baseline') !== true)
        .map(({ attributes }) => attributes.name)
        .sort(),
    ).toEqual(report.results.map(({ id }) => id).sort());
  });

  it('is read here by a parser that refuses what is not well-formed', () => {
    for (const broken of [
      '<a><b></a>',
      '<a',
      '<a b="<"/>',
      '<a>&</a>',
      '<a/><b/>',
      '<a b="1" b="2"/>',
      '<a>]]></a>',
      '<a>&#0;</a>',
      '<a>\u0001</a>',
      '<a>x</a>y',
    ])
      expect(() => parseXml(broken), broken).toThrow();
  });

  it('counts what it contains', () => {
    const root = parseXml(junit(largeReport()));
    const number = (of: XmlElement[], kind: string) =>
      of.filter(({ children }) => children.some(({ name }) => name === kind)).length;
    for (const suite of root.children) {
      const cases = suite.children.filter(({ name }) => name === 'testcase');
      expect(suite.attributes).toMatchObject({
        tests: String(cases.length),
        failures: String(number(cases, 'failure')),
        errors: String(number(cases, 'error')),
        skipped: String(number(cases, 'skipped')),
      });
    }
    const sum = (name: string) => root.children.reduce((total, { attributes }) => total + Number(attributes[name]), 0);
    expect(root.attributes).toMatchObject({
      tests: String(sum('tests')),
      failures: String(sum('failures')),
      errors: String(sum('errors')),
    });
  });

  it('tells of a failure what was expected, what came and where', () => {
    const [failure] = caseOf(sampleReport(), 'stream.order.index-consecutive').children;
    expect(failure).toMatchObject({
      name: 'failure',
      attributes: { type: 'silent MUST', message: 'the second block has the index of the first' },
    });
    expect(failure!.text).toContain(
      '  where:    tool-forced/stream, event 9 at byte 882, /index\n  expected: index 1\n  actual:   index 0\n',
    );
  });

  it.each<[Result['verdict'], string[]]>([
    ['pass', []],
    ['fail', ['failure']],
    ['warn', ['system-out']],
    ['error', ['error']],
    ['declined', ['skipped']],
    ['inconclusive', ['skipped']],
    ['skipped', ['skipped']],
  ])('maps %s to %s', (verdict, elements) => {
    const result = sampleResult('a.b', verdict, { statement: 'It holds.', reason: 'because' });
    expect(caseOf(only(result), 'a.b').children.map(({ name }) => name)).toEqual(elements);
  });

  it('makes a warning of a strict run a failure', () => {
    const report = only(sampleResult('a.b', 'warn', { statement: 'It holds.' }));
    const strict = { ...report, run: { ...report.run, strict: true } };
    expect(caseOf(strict, 'a.b').children.map(({ name }) => name)).toEqual(['failure']);
  });

  it('skips a known failure with its reason', () => {
    const [skipped] = caseOf(sampleReport(), 'http.body.not-json').children;
    expect(skipped).toMatchObject({
      name: 'skipped',
      attributes: { message: 'known failure: Fixed in the next release.: HTTP 500 with an HTML page' },
    });
  });

  it('is not green when the baseline no longer fits, the run ended early or nothing was executed', () => {
    const named = (report: Report) =>
      casesOf(report).map(({ attributes, children }) => [attributes.name, children[0]?.name]);
    expect(named(sampleReport())).toContainEqual(['stream.frame.json', 'failure']);
    const report = cleanReport();
    expect(named({ ...report, run: { ...report.run, interrupted: 'stopped' } })).toContainEqual([
      'ended-early',
      'error',
    ]);
    const { baseline: _baseline, ...nothing } = reportOf([], []);
    expect(named(nothing)).toContainEqual(['incomplete', 'error']);
    expect(suitesOf(report).map(({ attributes }) => attributes.name)).not.toContain('run');
  });

  it('counts the time of an exchange once', () => {
    const report = sampleReport();
    const total = casesOf(report).reduce((sum, { attributes }) => sum + Number(attributes.time), 0);
    const used = new Set(report.results.flatMap(({ exchanges }) => exchanges));
    const expected = report.exchanges
      .filter(({ id }) => used.has(id))
      .reduce((sum, { response }) => sum + (response?.endMs ?? 0), 0);
    expect(total).toBeCloseTo(expected / 1_000, 1);
  });

  it.each([...HOSTILE_TEXTS, '\uffff\ufffe', '<![CDATA[', '\ud83d', '&#0;', '&no-such; &amp;lt; &'])(
    'stays well-formed around %j',
    (text) => {
      const finding = { message: text, expected: text, actual: text, at: { header: text }, exchange: text };
      const xml = junit(
        only(
          sampleResult('a.b', 'fail', {
            statement: text,
            reason: text,
            suite: text,
            reproduce: text,
            findings: [finding],
          }),
        ),
      );
      expect(faults(parseXml(xml))).toEqual([]);
      expect(xml).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
      expect(xml.replaceAll(/<[^>]*>/g, '')).not.toContain(']]>');
      expect(parseXml(xml).children[0]!.children).toHaveLength(2);
    },
  );

  it('gives back every text that XML can hold', () => {
    const text = '&#0; &amp; &lt;b&gt; &no-such; <a href="x">\'"]]> ünïcödé 😀';
    const finding = { message: 'm', expected: text, actual: text, at: null, exchange: null };
    const [failure] = caseOf(
      only(sampleResult('a.b', 'fail', { statement: 's', reason: text, findings: [finding] })),
      'a.b',
    ).children;
    expect(failure!.attributes.message).toBe(text);
    expect(failure!.text).toContain(`  expected: ${text}\n`);
  });
});

describe('the cause of a failure', () => {
  it('stands in its text, after the rule', () => {
    const cause = {
      kind: 'same-fault' as const,
      title: 'One cause.',
      requirements: ['resp.usage.ints'],
      exchange: null,
    };
    const report = { ...sampleReport(), causes: [cause] };
    expect(caseOf(report, 'resp.usage.ints').children[0]?.text).toMatch(/^[^\n]+\ncause: One cause\.\n/);
    expect(caseOf(report, 'req.system.array').children[0]?.text).not.toContain('cause:');
  });
});

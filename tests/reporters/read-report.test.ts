import { describe, expect, it } from 'vitest';
import { json } from '../../reporters/json.js';
import { parseReport } from '../../reporters/read-report.js';
import { sarif } from '../../reporters/sarif.js';
import { violations } from '../../validation/index.js';
import { hostileReport, largeReport, sampleReport } from '../support/sample-report.js';

const read = (text: string) => parseReport(text, violations);
// biome-ignore lint/suspicious/noExplicitAny: spoiled on purpose
const spoiled = (spoil: (report: any) => void): string => {
  const report = JSON.parse(JSON.stringify(sampleReport()));
  spoil(report);
  return JSON.stringify(report);
};

describe('reading a report', () => {
  it.each([
    ['an ordinary run', sampleReport()],
    ['a hostile target', hostileReport()],
    ['a full run', largeReport()],
  ])('gives back the report of %s', (_name, report) => {
    expect(read(json(report))).toEqual({ report: JSON.parse(JSON.stringify(report)) });
    expect(read(`\ufeff${json(report)}`).problem).toBeUndefined();
  });

  it('accepts members that a later version of the same format added', () => {
    expect(read(spoiled((report) => Object.assign(report, { later: 1 }))).problem).toBeUndefined();
  });

  it.each([
    ['an empty file', '', 'the file is empty; a report is the report.json that a run writes'],
    ['a page', '<!doctype html>', 'this is XML or HTML, not a report; the report is the report.json beside it'],
    ['text', 'hello', /^this is not JSON: /],
    [
      'a file that ends too early',
      json(sampleReport()).slice(0, 5_000),
      /^this is not JSON; it seems to be truncated: /,
    ],
    ['a list', '[]', 'this is a JSON array, not a report'],
    ['null', 'null', 'this is null, not a report'],
    ['any object', '{}', 'this is not a report of messages-conformance: suite.name is missing'],
    ['SARIF', sarif(sampleReport()), /^this is a SARIF file, not a report; /],
    [
      'the result of a test runner',
      '{"numTotalTests":1,"testResults":[]}',
      /^this is a result of Jest or Vitest, not a report/,
    ],
    ['a baseline', '{"known":[]}', /^this is a baseline, not a report/],
    [
      'a report of another tool',
      '{"suite":{"name":"other-suite"},"format":1}',
      'this is a report of "other-suite", not of messages-conformance',
    ],
    [
      'a newer format',
      spoiled((report) =>
        Object.assign(report, { format: 3, suite: { name: 'messages-conformance', version: '9.0.0' } }),
      ),
      'the report was written by messages-conformance 9.0.0 in format 3, and this version reads up to 2; update messages-conformance',
    ],
    [
      'a broken format',
      spoiled((report) => Object.assign(report, { format: 'one' })),
      'the report is invalid: format is "one", expected 2',
    ],
    [
      'a report without a format',
      spoiled((report) => delete report.format),
      /^the report is invalid: format is missing/,
    ],
    [
      'a report that breaks the schema',
      spoiled((report) => Object.assign(report.results[0], { verdict: 'ok' })),
      /^the report is invalid: .*\/results\/0\/verdict/,
    ],
    [
      'a report with many faults',
      spoiled((report) => {
        for (const result of report.results) result.tries = -1;
      }),
      /; and 11 more faults$/,
    ],
    [
      'two results of one requirement',
      spoiled((report) => report.results.push(report.results[0])),
      /two results for "http\.post\.messages"/,
    ],
    [
      'two exchanges of one name',
      spoiled((report) => report.exchanges.push(report.exchanges[0])),
      /two exchanges "minimal\/json"/,
    ],
    [
      'a verdict that was changed by hand',
      spoiled((report) => Object.assign(report.results[2], { verdict: 'pass' })),
      'the report is invalid: its summary counts 2 pass, its results are 3; it was changed after the run',
    ],
  ])('refuses %s, with the reason', (_name, text, problem) => {
    const reading = read(text);
    expect(reading.report).toBeUndefined();
    if (typeof problem === 'string') expect(reading.problem).toBe(problem);
    else expect(reading.problem).toMatch(problem);
  });

  it('keeps its reasons to one short line, whatever the file holds', () => {
    for (const text of [
      `{"suite":{"name":${JSON.stringify('\u001b[31m\u202e'.repeat(10_000))}}}`,
      spoiled((report) => Object.assign(report, { format: '\u001b\n'.repeat(10_000) })),
      spoiled((report) => Object.assign(report.results[0], { verdict: '\u001b\u202e\n'.repeat(10_000) })),
      `\u001b\n${'x'.repeat(100_000)}`,
    ]) {
      const { problem } = read(text);
      expect(problem?.length).toBeLessThan(1_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not occur
      expect(problem).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  });

  it('is not fooled by members of a prototype', () => {
    expect(read('{"__proto__":{"suite":{"name":"messages-conformance"}}}').problem).toMatch(/suite\.name is missing/);
    expect(({} as Record<string, unknown>).suite).toBeUndefined();
  });
});

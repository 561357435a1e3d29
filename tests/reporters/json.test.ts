import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { json } from '../../reporters/json.js';
import { hostileReport, sampleReport } from '../support/sample-report.js';

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

describe('report.json', () => {
  it.each([
    ['an ordinary run', sampleReport()],
    ['a hostile target', hostileReport()],
  ])('holds everything that the report of %s holds', (_name, report) => {
    expect(JSON.parse(json(report))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('is the same text whatever the order in which members were set', () => {
    const report = sampleReport();
    for (const exchange of report.exchanges) delete exchange.client;
    const request = report.exchanges.map((exchange) => exchange.request.headers);
    const other = reversed(report) as Report;
    // Header names are the target's and the suite's own; their order means something and stays.
    for (const [index, exchange] of other.exchanges.entries()) exchange.request.headers = request[index]!;
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(report));
    expect(json(other)).toBe(json(report));
  });

  it('begins with what a reader looks for, and ends with the exchanges', () => {
    expect(Object.keys(JSON.parse(json(sampleReport())))).toEqual([
      '$schema',
      'format',
      'suite',
      'target',
      'contract',
      'run',
      'summary',
      'diagnosis',
      'causes',
      'profiles',
      'notices',
      'baseline',
      'results',
      'exchanges',
    ]);
  });

  it('keeps members that a later version added, behind the known ones', () => {
    const report = { zebra: 1, ...sampleReport(), alpha: [2] } as Report;
    expect(Object.keys(JSON.parse(json(report))).slice(-2)).toEqual(['alpha', 'zebra']);
  });

  it('writes small values on one line and large ones on several', () => {
    const text = json(sampleReport());
    expect(text).toContain('"suite": { "name": "messages-conformance", "version": "0.1.0" },');
    expect(text).toMatch(/"chunks": \[\n +\{ "bytes": \d+, "atMs": \d+ \},\n/);
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('escapes what could change how the text is shown', () => {
    const text = json(hostileReport());
    expect(text).not.toMatch(/[\p{Cf}\u007f-\u009f\u2028\u2029\ud800-\udfff]/u);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not occur
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(text).toContain('\\u202e');
  });

  it('does not run out of stack for a message that is nested very deeply', () => {
    const report = sampleReport();
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    report.exchanges[0]!.client = { name: 'sdk-typescript', version: '1.12.0', message: deep };
    expect(JSON.parse(json(report)).results).toHaveLength(report.results.length);
  });

  it('does not take members of a prototype for members of the report', () => {
    const report = sampleReport();
    report.exchanges[0]!.client = {
      name: 'sdk-typescript',
      version: '1',
      message: JSON.parse('{"__proto__":{"x":1}}'),
    };
    expect(json(report)).toContain('"__proto__": { "x": 1 }');
  });
});

import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { json } from '../../reporters/json.js';
import { sarif } from '../../reporters/sarif.js';
import {
  cleanReport,
  hostileReport,
  largeReport,
  reportOf,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';
import { SARIF_SUBSET } from './sarif-subset.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const fits = ajv.compile(SARIF_SUBSET);

// biome-ignore lint/suspicious/noExplicitAny: the document is what is being examined
const runOf = (report: Report): any => JSON.parse(sarif(report)).runs[0];

describe('report.sarif', () => {
  it.each([
    ['an ordinary run', sampleReport()],
    ['a run without a fault', cleanReport()],
    ['a hostile target', hostileReport()],
    ['a full run', largeReport()],
    ['a run without results', reportOf([], [])],
  ])('fits the schema of SARIF 2.1.0 for %s', (_name, report) => {
    fits(JSON.parse(sarif(report)));
    expect(fits.errors ?? []).toEqual([]);
  });

  it('has a result for each failure and each warning, with its rule', () => {
    const run = runOf(sampleReport());
    expect(run.results.map(({ ruleId, level }: { ruleId: string; level: string }) => `${level} ${ruleId}`)).toEqual([
      'error req.system.array',
      'error stream.order.index-consecutive',
      'error resp.usage.ints',
      'error stream.order.message-stop-last',
      'error http.body.not-json',
      'warning usage.stream-consistent',
      'warning hdr.request-id.present',
    ]);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(run.tool.driver.rules[0].helpUri).toBe('https://platform.claude.com/docs/en/api/messages');
  });

  it('makes warnings errors when the run was strict', () => {
    const report = sampleReport();
    const levels = runOf({ ...report, run: { ...report.run, strict: true } }).results.map(
      ({ level }: { level: string }) => level,
    );
    expect(new Set(levels)).toEqual(new Set(['error']));
  });

  it.each([
    ['an ordinary run', sampleReport()],
    ['a run with long texts', hostileReport({ longText: 5_000 })],
    ['a full run', largeReport()],
  ])('points at the line of report.json where the result stands, for %s', (_name, report) => {
    const lines = json(report).split('\n');
    for (const { ruleId, locations } of runOf(report).results) {
      const { artifactLocation, region } = locations[0].physicalLocation;
      expect(artifactLocation.uri).toBe('report.json');
      expect(lines[region.startLine - 1]).toBe(`      "id": ${JSON.stringify(ruleId)},`);
    }
  });

  it('shows the exchange, with bodies cut', () => {
    const report = hostileReport({ longText: 100_000 });
    const [result] = runOf(report).results;
    expect(result.webRequest).toMatchObject({ method: 'POST', headers: { 'x-api-key': '$ANTHROPIC_API_KEY' } });
    expect(result.webResponse.statusCode).toBe(200);
    expect(sarif(report).length).toBeLessThan(150_000);
    const lost = sampleReport().exchanges.find(({ response }) => response === null)!;
    const failed = reportOf([sampleResult('a.b', 'fail', { statement: 'x', exchanges: [lost.id] })], [lost]);
    expect(runOf(failed).results[0].webResponse).toEqual({ noResponseReceived: true });
  });

  it('suppresses known failures with their reason', () => {
    const known = runOf(sampleReport()).results.find(
      ({ ruleId }: { ruleId: string }) => ruleId === 'http.body.not-json',
    );
    expect(known.suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: 'Fixed in the next release.' },
    ]);
    expect(runOf(sampleReport()).results[0].suppressions).toBeUndefined();
  });

  it('reports errors, notices and baseline problems as notifications', () => {
    const [invocation] = runOf(sampleReport()).invocations;
    const texts = (notifications: { level: string; message: { text: string } }[]) =>
      notifications.map(({ level, message }) => `${level}: ${message.text}`);
    expect(texts(invocation.toolExecutionNotifications)[0]).toBe(
      'error: msg.long-history: read ECONNRESET after 0 bytes of the answer',
    );
    expect(texts(invocation.toolConfigurationNotifications)[0]).toMatch(/^error: stream\.frame\.json is listed/);
    expect(invocation.executionSuccessful).toBe(true);
    expect(runOf({ ...cleanReport(), results: [] }).invocations[0].executionSuccessful).toBe(false);
  });

  it('does not call a run successful whose target could not be judged', () => {
    const diagnosis = { kind: 'down' as const, line: 'It answers 503.', advice: 'Check its log.', tried: [] };
    const [invocation] = runOf({ ...cleanReport(), diagnosis }).invocations;
    expect(invocation.executionSuccessful).toBe(false);
    expect(invocation.toolExecutionNotifications[0]).toEqual({
      level: 'error',
      message: { text: 'The target cannot be judged: It answers 503.' },
    });
  });

  it('gives no meaning to braces and links in what a target sent', () => {
    const finding = {
      message: 'm',
      expected: '{0} [a](https://evil.example)',
      actual: '{"x":{}}',
      at: null,
      exchange: null,
    };
    const { text } = runOf(reportOf([sampleResult('a.b', 'fail', { statement: 'x', findings: [finding] })], []))
      .results[0].message;
    expect(text).toContain('expected: { 0} [a] (https://evil.example)');
    expect(text).toContain('actual: {"x":{}}');
  });

  it('says the cause of a failure, and where to read about the suite', () => {
    const requirements = ['req.system.array'];
    const cause = { kind: 'same-fault' as const, title: 'One cause.', requirements, exchange: null };
    const run = runOf({ ...sampleReport(), causes: [cause] });
    const [first, second] = run.results;
    expect(first.properties.cause).toBe('One cause.');
    expect(first.message.text).toContain('\ncause: One cause.\n');
    expect(second.properties.cause).toBeUndefined();
    expect(run.tool.driver.informationUri).toMatch(/^https:.*messages-conformance$/);
  });
});

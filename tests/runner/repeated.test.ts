import { expect, it } from 'vitest';
import { repeated } from '../../runner/report/repeated.js';
import { violations } from '../../validation/index.js';
import { cleanReport, sampleReport } from '../support/sample-report.js';

const verdicts = ({ results }: ReturnType<typeof repeated>) =>
  Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));

it('is the report itself for one run', () => {
  const report = sampleReport();
  expect(repeated([report])).toBe(report);
});

it('has no flaky verdict where every run found the same, and sums what was sent', () => {
  const both = repeated([sampleReport(), sampleReport()]);
  expect(verdicts(both)).toEqual(verdicts(sampleReport()));
  expect(both.results.flatMap(({ flaky }) => flaky ?? [])).toEqual([]);
  expect(both.summary.requests).toBe(2 * sampleReport().summary.requests);
  expect(both.notices).toContain('Judged 2 times: every verdict was the same each time.');
});

it('counts the worst verdict of all runs as flaky, with the exchanges that show it', () => {
  const both = repeated([cleanReport(), sampleReport()]);
  const failed = sampleReport().results.filter(({ verdict }) => verdict === 'fail');
  for (const { id, findings } of failed) {
    const result = both.results.find((one) => one.id === id)!;
    expect(result, id).toMatchObject({ verdict: 'fail', flaky: { pass: 1, fail: 1 } });
    for (const { exchange } of result.findings)
      if (exchange !== null) expect(both.exchanges.map((one) => one.id)).toContain(exchange);
    expect(result.findings.length).toBe(findings.length);
  }
  expect(both.summary.fail).toBe(failed.length);
  expect(violations('report', both)).toEqual([]);
});

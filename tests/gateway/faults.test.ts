import { describe, expect, it } from 'vitest';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { fastTime, idsWith, judgedGateway, reasons } from './support.js';

/** It waits for 16 seconds. */
const SLOW = 'gw.stream.silence';

describe('the suite against the gateway without faults', () => {
  it('passes everything', async () => {
    const report = await judgedGateway({ thorough: true, skip: [SLOW] });
    expect(reasons(report)).toEqual([]);
    expect(report.diagnosis).toBeNull();
    expect(report.summary.must.judged).toBe(report.summary.must.total);
    expect(idsWith(report, 'pass').length).toBeGreaterThan(100);
  });

  it('passes what takes long', async () => {
    const report = await judgedGateway({ thorough: true, only: [SLOW], timeoutSeconds: 60, ...fastTime() });
    expect(idsWith(report, 'pass')).toEqual([SLOW]);
  });
});

describe('each fault of the gateway', () => {
  it.each(GATEWAY_FAULTS.map((fault) => [fault.id, fault] as const))('%s is caught', async (_id, fault) => {
    const { id, caughtBy, cases = [] } = fault;
    const time = caughtBy.includes(SLOW) ? fastTime() : undefined;
    const report = await judgedGateway({
      only: caughtBy,
      with: cases,
      thorough: true,
      timeoutSeconds: 60,
      ...time,
      embedded: { ...time?.embedded, faults: [id] },
    });
    expect(idsWith(report, 'fail', 'warn'), JSON.stringify(report.results.map(({ reason }) => reason))).toEqual(
      expect.arrayContaining([...caughtBy]),
    );
  });
});

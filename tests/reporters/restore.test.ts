import { describe, expect, it } from 'vitest';
import { pageData } from '../../reporters/html/data.js';
import { reportOfPage } from '../../reporters/html/restore.js';
import { json } from '../../reporters/json.js';
import { hostileReport, sampleReport } from '../support/sample-report.js';

describe('the report that the page saves', () => {
  it('is the report that the page was made from', () => {
    const report = sampleReport();
    const [first] = report.exchanges;
    const binary = {
      ...first!,
      id: 'binary/json',
      response: { ...first!.response!, body: '/wD+gA==', bodyEncoding: 'base64' as const },
    };
    const whole = { ...report, exchanges: [...report.exchanges, binary] };
    expect(json(reportOfPage(pageData(whole)))).toBe(json(whole));
  });

  it('marks what the page has only in part, so that nothing judges it again', () => {
    const report = hostileReport({ longText: 1_000_000 });
    const saved = reportOfPage(pageData(report));
    const shortened = saved.exchanges.filter(({ truncatedBytes }) => (truncatedBytes ?? 0) > 0);
    expect(shortened.length).toBeGreaterThan(0);
    const whole = new Map(report.exchanges.map((exchange) => [exchange.id, exchange]));
    for (const exchange of saved.exchanges) {
      const before = whole.get(exchange.id)!;
      const isSame = exchange.request.body === before.request.body && exchange.response?.body === before.response?.body;
      expect([exchange.id, isSame || (exchange.truncatedBytes ?? 0) > 0]).toEqual([exchange.id, true]);
    }
    expect(saved.notices.at(-1)).toBe(
      `Saved from the page, which has ${shortened.length} of ${saved.exchanges.length} exchanges in part. The report.json of the run has them whole.`,
    );
  });
});

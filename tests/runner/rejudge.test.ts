import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { rejudge } from '../../runner/judge/rejudge.js';
import { run } from '../../runner/run.js';

it('holds nothing against a body that the report does not have to its end', async () => {
  const { report } = await run({ only: ['http.response.single-object'] });
  const exchanges = report.exchanges.map((exchange) => {
    const { response } = exchange;
    if (response === null) return exchange;
    return { ...exchange, response: { ...response, body: response.body.slice(0, 20) }, truncatedBytes: 100 };
  });
  const verdicts = rejudge({ ...report, exchanges }).results.map(({ verdict }) => verdict);
  expect(report.results.map(({ verdict }) => verdict)).toEqual(['pass']);
  expect(verdicts).toEqual(['inconclusive']);
});

it('finds nothing in a rejection whose body the report does not hold whole', async () => {
  const { report } = await run({ only: ['stream.error.pre-stream'] });
  const exchanges = report.exchanges.map((exchange) => {
    const { response } = exchange;
    if (response === null || response.status < 400) return exchange;
    return { ...exchange, response: { ...response, body: response.body.slice(0, 20) }, truncatedBytes: 100 };
  });
  const verdicts = rejudge({ ...report, exchanges }).results.map(({ verdict }) => verdict);
  expect(verdicts).toEqual(report.results.map(({ verdict }) => verdict));
  expect(verdicts).toEqual(['pass']);
});

it.each([
  ['is down', () => new Response('{}', { status: 503 })],
  ['is a web page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['breaks off', () => Promise.reject(new Error('closed'))],
])('takes no verdict from a target that %s, as the run did not', async (_, fetch) => {
  const { report } = await run({ fetch: async () => fetch(), model: 'm', profiles: ['core'] });
  expect(report.diagnosis).not.toBeNull();
  expect(rejudge(report)).toEqual(report);
});

describe('a report of a version that did not write after how long it gave up', () => {
  const verdictOf = (report: Report, failure: Report['exchanges'][number]['failure']): string | undefined => {
    const exchanges = report.exchanges.map((exchange) =>
      /^choice-any/.test(exchange.fixture) ? { ...exchange, response: null, failure } : exchange,
    );
    return rejudge({ ...report, exchanges }).results[0]?.verdict;
  };

  it('is judged by the usual limit, which is shorter than that of official clients', async () => {
    const { report } = await run({ only: ['tc.any'] });
    expect(report.results[0]?.verdict).toBe('pass');
    const late = { kind: 'timeout-headers', message: 'no answer' } as const;
    expect(verdictOf(report, late)).toBe('inconclusive');
    expect(verdictOf(report, { ...late, limitMs: 120_000 })).toBe('inconclusive');
    expect(verdictOf(report, { ...late, limitMs: 600_000 })).toBe('fail');
  });
});

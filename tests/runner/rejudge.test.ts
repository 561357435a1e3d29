import { expect, it } from 'vitest';
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

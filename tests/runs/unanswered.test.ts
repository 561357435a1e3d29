/** Targets that leave some of their requests without an answer, as a load balancer does with a dead server among several. */

import { describe, expect, it } from 'vitest';
import { outcome, whyIncomplete } from '../../reporters/outcome.js';
import { headline, judged } from '../support/broken-targets.js';

/** True for every so-many-th request. */
function every(number: number): () => boolean {
  let seen = 0;
  return () => {
    seen += 1;
    return seen % number === 0;
  };
}

describe('a target that never answers every second request', () => {
  it('is not passed: the run is incomplete, and says how many requests found no answer', async () => {
    const isLost = every(2);
    const { report, exitCode } = await judged(
      { request: (request) => (isLost() ? new Promise<never>(() => {}) : request) },
      // Few at a time: many without an answer at once look like a target that has stopped serving.
      { only: ['stop.*'], timeoutSeconds: 1, concurrency: 2 },
    );
    expect(report.results.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(outcome(report)).toBe('incomplete');
    expect(exitCode).toBe(3);
    expect(report.summary.unanswered?.requests).toBeGreaterThan(report.summary.requests / 10);
    const why = `${report.summary.unanswered?.requests} of ${report.summary.requests} requests got no whole answer, most often: no answer within 1 s`;
    expect(whyIncomplete(report)).toBe(why);
    expect(headline(report)).toBe(`INCOMPLETE  ${why}`);
    expect(whyIncomplete({ ...report, run: { ...report.run, minJudged: 0 } }), '--min-judged 0').toBeNull();
  });
});

describe('a target that ends the connection of every second request', () => {
  it('fails for one cause, and a note says how many requests were sent again', async () => {
    const isLost = every(2);
    const { report } = await judged(
      {},
      {
        profiles: ['errors', 'tools'],
        concurrency: 4,
        endpoint: { connection: (_request, response) => void (isLost() && response.destroy()) },
      },
    );
    const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    const [first] = report.causes;
    expect(wrong.length).toBeGreaterThan(1);
    expect(first?.kind).toBe('no-answer');
    expect(first?.title).toMatch(/^The target ends the connection in place of an answer, in \d+ of \d+ requests\.$/);
    expect(first?.requirements.length).toBeGreaterThan(wrong.length * 0.6);
    expect(report.notices.join('\n')).toMatch(
      /^\d+ of \d+ requests got no whole answer, most often: the connection ended early: socket hang up \(ECONNRESET\); \d+ of them were sent again\.$/m,
    );
  });
});

import { expect, it } from 'vitest';
import type { Exchange, Failure } from '../../core/exchange.js';
import { repeated } from '../../runner/report/repeated.js';
import { unansweredNote, unansweredOf } from '../../runner/report/unanswered.js';
import { events, exchange, message } from '../support/exchange.js';
import { cleanReport } from '../support/sample-report.js';

const late: Failure = { kind: 'timeout-headers', message: 'no answer within 60 s', limitMs: 60_000 };
const ended = (ms: number): Failure => ({ kind: 'reset', message: `the connection ended early after ${ms} ms: x` });
const failed = (failure: Failure, replaced?: string): Exchange =>
  Object.assign(exchange({ noResponse: true, failure }), replaced === undefined ? {} : { replaced });

it('requests without an answer are counted, with the most frequent reason', () => {
  const stopped = exchange({
    events: events(message()).slice(0, 4),
    endMs: 60_000,
    failure: { kind: 'timeout-body', message: 'no end of the body within 60 s', limitMs: 60_000 },
  });
  expect(unansweredOf([exchange(), failed(late), failed(ended(3)), failed(ended(4)), stopped])).toEqual({
    unanswered: { requests: 4, why: 'the connection ended early: x' },
  });
});

it('what was answered, what the suite itself did not send, and what was sent again are none of them', () => {
  const own = (['unsound', 'not-set-up', 'abandoned', 'foreign'] as const).map((kind) =>
    failed({ kind, message: 'x' }),
  );
  expect(unansweredOf([exchange(), ...own, failed(late, 'sent again')])).toEqual({});
});

it('a note counts them, from three on, and those that were sent again', () => {
  const again = [failed(late, 'once more'), failed(late, 'once more')];
  expect(unansweredNote(again)).toBeNull();
  expect(unansweredNote([...again, failed(ended(9)), exchange()])).toBe(
    '3 of 4 requests got no whole answer, most often: no answer within 60 s; 2 of them were sent again.',
  );
  expect(unansweredNote([failed(late), failed(late), failed(late)])).toBe(
    '3 of 3 requests got no whole answer, most often: no answer within 60 s.',
  );
});

it('several runs add up what they found', () => {
  const report = cleanReport();
  const run = (requests: number, why: string) => ({
    ...report,
    summary: { ...report.summary, unanswered: { requests, why } },
  });
  expect(repeated([run(2, 'a'), run(5, 'b'), report]).summary.unanswered).toEqual({ requests: 7, why: 'b' });
  expect(repeated([report, report]).summary.unanswered).toBeUndefined();
});

import { expect, it } from 'vitest';
import { sharedReasons } from '../../reporters/reasons.js';

const of = (...reasons: string[]) =>
  sharedReasons(reasons.map((reason) => ({ reason }))).map(({ text, common, items }) => [items.length, text, common]);

it('reasons that differ only in the exchange are told once', () => {
  expect(
    of(
      'Not tested: a/stream is incomplete (120 s)',
      'Only tested with --thorough',
      'Not tested: b-c/json.2#3 is incomplete (120 s)',
      'Not tested: a/stream is incomplete (120 s)',
      'Not tested: d/stream is incomplete (10 s)',
    ),
  ).toEqual([
    [3, 'Not tested: a/stream (or one other) is incomplete (120 s)', 'is incomplete (120 s)'],
    [1, 'Only tested with --thorough', 'Only tested with --thorough'],
    [1, 'Not tested: d/stream is incomplete (10 s)', 'is incomplete (10 s)'],
  ]);
});

it('a reason that is the same everywhere stays as it is, and none is one, too', () => {
  expect(of('Not tested: a/stream and b/json differ', 'Not tested: a/stream and b/json differ', '')).toEqual([
    [2, 'Not tested: a/stream and b/json differ', 'Not tested:'],
    [1, '', ''],
  ]);
});

import { expect, it } from 'vitest';
import type { Failure } from '../../core/exchange.js';
import { stoppedNote } from '../../runner/report/stopped-note.js';
import { events, exchange, message } from '../support/exchange.js';

const whole = exchange({ events: events(message()) });
const failure: Failure = { kind: 'timeout-body', message: 'no end of the body within 120 s', limitMs: 120_000 };
const stopped = (fixture: string, endMs = 120_000) =>
  exchange({ fixture, events: events(message()).slice(0, 4), endMs, failure });

it('streams that stopped in the middle are counted and named', () => {
  expect(stoppedNote([whole, stopped('minimal')])).toBe(
    '1 stream of 2 stopped in the middle and had no end when the suite gave up; a client waits there: minimal/stream.',
  );
  expect(stoppedNote(['a', 'b', 'c', 'd'].map((fixture) => stopped(fixture)))).toBe(
    '4 streams of 4 stopped in the middle and had no end when the suite gave up; a client waits there: a/stream, b/stream, c/stream, and 1 more.',
  );
});

it('streams that were still sending, or are over, are none of them', () => {
  const open = exchange({
    events: events(message()),
    endMs: 120_000,
    failure: { kind: 'timeout-body', message: 'open' },
  });
  expect(stoppedNote([whole, open, stopped('minimal', 3_000), exchange()])).toBeNull();
});

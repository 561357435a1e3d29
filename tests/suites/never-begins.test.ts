/** Streams that never begin are a failure where whole answers show that it is neither the model nor a queue. */

import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import { streamFraming } from '../../suites/stream-framing.js';
import { exchange, judgeWith, message, requirementOf } from '../support/exchange.js';

const ID = 'stream.http.status-type';
const judge = (exchanges: readonly Exchange[]) => judgeWith(requirementOf(streamFraming, ID), exchanges);

const NAMES = ['minimal', 'counting', 'tool-forced', 'stop-sequences-six', 'echo-layout'];
const at = (startedMs: number, one: Exchange): Exchange => ({ ...one, startedMs });
const mute = (fixture: string, limitMs = 20_000): Exchange =>
  at(100, {
    ...exchange({
      fixture,
      transport: 'stream',
      noResponse: true,
      failure: { kind: 'timeout-headers', message: `no answer within ${limitMs / 1000} s`, limitMs },
    }),
  });
const whole = (fixture: string, startedMs: number, endMs = 900): Exchange =>
  at(startedMs, exchange({ fixture, endMs, json: message() }));
const streams = NAMES.map((name) => mute(name));
const answers = NAMES.map((name, index) => whole(name, 200 + index));

describe('streams that never begin', () => {
  it('fail, with what whole answers show', () => {
    expect(judge([...streams, ...answers])).toMatchObject({
      outcome: 'violated',
      findings: [
        {
          message: expect.stringMatching(/^No stream begins/),
          expected: expect.stringContaining('0.9 s at most'),
          actual: 'nothing within 20 s for all 5 streams; 5 requests without `stream` were answered meanwhile',
        },
      ],
    });
  });

  it.each([
    ['a stream of the run begins', [...streams, ...answers, exchange({ fixture: 'cheap', events: [] })]],
    ['whole answers take their time, too', [...streams, ...answers.slice(1), whole('minimal', 300, 6_000)]],
    ['whole answers came only before', [...streams, ...NAMES.map((name) => whole(name, 50))]],
    ['the suite waited for five seconds', [...NAMES.map((name) => mute(name, 5_000)), ...answers]],
    ['two streams were asked for', [...streams.slice(0, 2), ...answers]],
    ['the plain request is not accepted either', [...streams, ...answers.slice(1)]],
  ])('are no failure where %s', (_what, exchanges) => {
    const judgement = judge(exchanges);
    expect(JSON.stringify(judgement)).not.toContain('No stream begins');
  });
});

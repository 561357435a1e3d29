import { describe, expect, it } from 'vitest';
import type { Failure } from '../../core/exchange.js';
import { StreamPatience } from '../../runner/run/stream-patience.js';
import { type ExchangeParts, events, exchange, message } from '../support/exchange.js';

const whole = events(message());
const cut: Failure = { kind: 'timeout-body', message: 'no end of the body within 120 s', limitMs: 120_000 };

function learned(times: number, parts: ExchangeParts, patience = new StreamPatience(5_000)): StreamPatience {
  for (let time = 0; time < times; time += 1) patience.learn(exchange(parts));
  return patience;
}

describe('the patience with streams', () => {
  it('ends sooner after five that stayed open, each kind by itself', () => {
    const open: ExchangeParts = { events: whole, failure: { kind: 'timeout-body', message: 'still open' } };
    const withoutStop = { ...open, events: whole.slice(0, -1) };
    expect(learned(4, open).bounds).toEqual({ lingerMs: 5_000 });
    expect(learned(5, open).bounds).toEqual({ lingerMs: 2_500 });
    expect(learned(5, withoutStop).bounds).toEqual({ lingerMs: 5_000, stopMs: 2_500 });
  });

  it('ends after ten seconds of silence, or four times the longest pause, once four have stopped in the middle', () => {
    const stalled: ExchangeParts = { events: whole.slice(0, 1), endMs: 120_000, failure: cut };
    expect(learned(3, stalled).bounds).toEqual({ lingerMs: 5_000 });
    expect(learned(4, stalled).bounds).toEqual({ lingerMs: 5_000, silenceMs: 10_000 });
    const slow = { events: whole, chunks: [20, 9_020].map((atMs) => ({ bytes: 100, atMs })) };
    expect(learned(1, slow, learned(4, stalled)).bounds).toEqual({ lingerMs: 5_000, silenceMs: 36_000 });
    const patience = learned(1, { headersMs: 15_000 }, learned(4, stalled));
    expect(patience.bounds).toEqual({ lingerMs: 5_000, silenceMs: 60_000 });
  });

  it('lasts as long as the time limit where less than a fifth of the streams stop', () => {
    const stalled: ExchangeParts = { events: whole.slice(0, 1), endMs: 120_000, failure: cut };
    expect(learned(4, stalled, learned(21, { events: whole })).bounds).toEqual({ lingerMs: 5_000 });
    expect(learned(4, stalled, learned(20, { events: whole })).bounds).toEqual({ lingerMs: 5_000, silenceMs: 10_000 });
  });

  it('ends after ten seconds without a head, once four got none and no stream has begun', () => {
    const none: ExchangeParts = { transport: 'stream', noResponse: true, failure: { ...cut, kind: 'timeout-headers' } };
    expect(learned(3, none).bounds).toEqual({ lingerMs: 5_000 });
    expect(learned(4, none).bounds).toEqual({ lingerMs: 5_000, headMs: 10_000 });
    expect(learned(9, none, learned(1, { events: whole })).bounds).toEqual({ lingerMs: 5_000 });
    expect(learned(9, { ...none, transport: 'json' }).bounds).toEqual({ lingerMs: 5_000 });
  });

  it('says nothing of streams that were still sending when their time was up, and of replies that are not streamed', () => {
    const sending: ExchangeParts = { events: whole.slice(0, 3), endMs: 1_000, failure: cut };
    expect(learned(9, sending).bounds).toEqual({ lingerMs: 5_000 });
    expect(learned(9, { endMs: 120_000, failure: cut }).bounds).toEqual({ lingerMs: 5_000 });
  });
});

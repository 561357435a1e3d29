import { describe, expect, it } from 'vitest';
import { isAskedToWait, Patience } from '../../runner/run/waiting.js';
import { errorBody, exchange } from '../support/exchange.js';

const limited = (seconds?: string) =>
  exchange({
    status: 429,
    json: errorBody('rate_limit_error', 'slow down'),
    ...(seconds !== undefined && { headers: { 'retry-after': seconds } }),
  });

describe('a 503', () => {
  it.each([
    ['KoboldCpp', { detail: { msg: 'Server is busy; please try again later.', type: 'service_unavailable' } }, true],
    ['llama.cpp', { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, true],
    ['an overloaded server', errorBody('overloaded_error', 'no slot available'), true],
    ['a broken server', errorBody('api_error', 'Upstream failed'), false],
    ['a proxy', 'no healthy upstream', false],
  ])('of %s', (_server, json, isOfTheMoment) => {
    expect(isAskedToWait(exchange({ status: 503, json: json as never }))).toBe(isOfTheMoment);
  });
});

describe('patience', () => {
  it('is used up once by those who wait at the same time', () => {
    const patience = new Patience(90_000);
    const waits = Array.from({ length: 16 }, () => patience.next(limited('60'), 1));
    expect(waits.every((one) => one?.ms === 60_000 && one.kind === 'asked')).toBe(true);
  });

  it('ends', () => {
    const patience = new Patience(40_000);
    expect(patience.next(limited('30'), 1)).toMatchObject({ ms: 30_000 });
    expect(patience.next(limited('50'), 1)).toBeNull();
  });

  it('guesses twice as long each time', () => {
    const patience = new Patience();
    expect([1, 2, 3, 7].map((attempt) => patience.next(limited(), attempt))).toMatchObject(
      [500, 1_000, 2_000, 32_000].map((ms) => ({ kind: 'guessed', ms })),
    );
  });
});

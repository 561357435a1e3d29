/** A target that stops serving in the middle of a run, and one that only seems to. */

import { describe, expect, it } from 'vitest';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import type { Conversation } from '../../runner/plan/plan.js';
import { fire } from '../../runner/run/fire.js';
import { failure, httpServer, json, reply } from '../support/http-server.js';

const minimal = loadFixtures().get('minimal')!;
const planned = Array.from(
  { length: 40 },
  (_, index): Conversation => ({
    fixture: { ...minimal, id: `f${index}`, transports: ['json'] },
    transport: 'json',
    fallbackFor: null,
    sharedBy: [],
  }),
);

const OPTIONS = { concurrency: 1, timeoutMs: 10_000, maxRequests: null, maxTokensTotal: null, unsound: () => null };

const targetAt = (baseUrl: string) => ({
  baseUrl,
  apiKey: 'sk-secret-1234',
  apiKeyVariable: 'MY_KEY',
  model: 'm',
  headers: {},
  credential: 'x-api-key' as const,
  apiVersion: '2023-06-01' as const,
});

async function against(fails: (call: number) => boolean, answer: 'status' | 'silence' = 'status') {
  const server = await httpServer((_request, response, call) => {
    if (!fails(call)) json(response, 200, reply('ok'));
    else if (answer === 'silence') response.destroy();
    else json(response, 500, failure('api_error', 'no'));
  });
  const fired = await fire(planned, targetAt(server.url), OPTIONS);
  await server.close();
  return fired;
}

const probes = ({ exchanges }: Awaited<ReturnType<typeof fire>>) =>
  exchanges.filter(({ replaced }) => replaced?.startsWith('asks whether'));

describe('a target that fails eight times in a row', () => {
  it('and answers the probe is asked for the rest', async () => {
    const fired = await against((call) => call > 4 && call <= 12);
    expect(fired.stopped).toBeNull();
    expect(probes(fired)).toHaveLength(1);
    expect(fired.exchanges).toHaveLength(planned.length + 1);
    expect(fired.exchanges.filter(({ response, replaced }) => response?.status === 500 && !replaced)).toHaveLength(8);
  });

  it('and does not answer the probe ends the run; what failed before does not count', async () => {
    const fired = await against((call) => call > 4);
    expect(fired.stopped).toMatch(/^from request 5 on, every answer was HTTP 500 \(api_error: "/);
    expect(fired.exchanges).toHaveLength(13);
    expect(fired.exchanges.slice(4).every(({ replaced }) => replaced !== undefined)).toBe(true);
  });
});

describe('a target that fails seven times in a row', () => {
  it('is not probed', async () => {
    const fired = await against((call) => call > 4 && call <= 11);
    expect(fired.stopped).toBeNull();
    expect(probes(fired)).toHaveLength(0);
  });
});

describe('a target with one slot that turns the rest away, and names no time', () => {
  it('gets no more at a time than it takes, and every request in the end', async () => {
    let busy = 0;
    let most = 0;
    const server = await httpServer((_request, response) => {
      most = Math.max(most, busy + 1);
      if (busy > 0) return json(response, 429, failure('rate_limit_error', 'One at a time.'));
      busy += 1;
      response.on('close', () => (busy -= 1));
      setTimeout(() => json(response, 200, reply('ok')), 20);
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 4 });
    await server.close();
    expect(most).toBeGreaterThan(1);
    expect(fired.stopped).toBeNull();
    const accepted = fired.exchanges.filter(({ response }) => response?.status === 200);
    expect(new Set(accepted.map(({ fixture }) => fixture)).size).toBe(planned.length);
    // Three are turned away at the same moment.
    expect(fired.exchanges.length - planned.length).toBeLessThan(12);
  });

  it('is left alone while it works on what it had before it turned the first one away', async () => {
    let busy = 0;
    let away = 0;
    const server = await httpServer((_request, response, call) => {
      if (busy > 0) {
        away += 1;
        return json(response, 429, failure('rate_limit_error', 'One at a time.'));
      }
      busy += 1;
      response.on('close', () => (busy -= 1));
      // The second call is the first of four at the same moment, and outlasts two guesses how long to wait.
      setTimeout(() => json(response, 200, reply('ok')), call === 2 ? 1_700 : 0);
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 4 });
    await server.close();
    expect(fired.stopped).toBeNull();
    expect(away).toBe(3);
    expect(fired.exchanges.filter(({ response }) => response?.status === 200)).toHaveLength(planned.length);
  });
});

describe('a target that names a time, and turns another request away without one', () => {
  it('is left alone until the named time is over', async () => {
    let asked = 0;
    let early = 0;
    const server = await httpServer((_request, response, call) => {
      if (call === 2) {
        asked = performance.now();
        response.setHeader('retry-after', '1');
        return json(response, 429, failure('rate_limit_error', 'Wait a second.'));
      }
      if (call === 3) return void setTimeout(() => json(response, 429, failure('rate_limit_error', 'Not now.')), 50);
      // A timer may be a little early.
      if (call > 3 && performance.now() - asked < 950) early += 1;
      json(response, 200, reply('ok'));
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 2 });
    await server.close();
    expect(early).toBe(0);
    expect(fired.exchanges.filter(({ response }) => response?.status === 200)).toHaveLength(planned.length);
  });
});

describe('a target with one slot that names a time later', () => {
  it('gets nothing meanwhile of what waited for the slot', async () => {
    let busy = 0;
    let asked = 0;
    let early = 0;
    const server = await httpServer((_request, response, call) => {
      if (busy > 0) return json(response, 429, failure('rate_limit_error', 'One at a time.'));
      if (asked > 0 && performance.now() - asked < 950) early += 1;
      busy += 1;
      response.on('close', () => (busy -= 1));
      if (call < 20 || asked > 0) return void setTimeout(() => json(response, 200, reply('ok')), 10);
      asked = performance.now();
      response.setHeader('retry-after', '1');
      json(response, 429, failure('rate_limit_error', 'Wait a second.'));
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 4 });
    await server.close();
    expect(asked).toBeGreaterThan(0);
    expect(early).toBe(0);
    expect(fired.exchanges.filter(({ response }) => response?.status === 200)).toHaveLength(planned.length);
  });
});

describe('a target that hangs up on more than two requests at a time', () => {
  it('gets no more at a time, and every request in the end', async () => {
    let busy = 0;
    let hungUp = 0;
    const server = await httpServer((_request, response) => {
      if (busy >= 2) {
        hungUp += 1;
        return void response.destroy();
      }
      busy += 1;
      response.on('close', () => (busy -= 1));
      setTimeout(() => json(response, 200, reply('ok')), 20);
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 4 });
    await server.close();
    expect(hungUp).toBeGreaterThan(0);
    expect(fired.stopped).toBeNull();
    const accepted = fired.exchanges.filter(({ response }) => response?.status === 200);
    expect(new Set(accepted.map(({ fixture }) => fixture)).size).toBe(planned.length);
  });
});

describe('a target that takes two requests at a time, and names a time to the rest', () => {
  it('gets fewer at a time, and every request in the end', async () => {
    let busy = 0;
    let away = 0;
    const server = await httpServer((_request, response) => {
      if (busy >= 2) {
        away += 1;
        response.setHeader('retry-after-ms', '50');
        return json(response, 429, failure('rate_limit_error', 'Two at a time.'));
      }
      busy += 1;
      response.on('close', () => (busy -= 1));
      setTimeout(() => json(response, 200, reply('ok')), 20);
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 8 });
    await server.close();
    expect(fired.stopped).toBeNull();
    const accepted = fired.exchanges.filter(({ response }) => response?.status === 200);
    expect(new Set(accepted.map(({ fixture }) => fixture)).size).toBe(planned.length);
    // Six are turned away at the first moment, and fewer each time.
    expect(away).toBeLessThan(25);
  });
});

describe('a target that takes twelve requests for each second', () => {
  it.each([
    ['names the time', '1'],
    ['names none', undefined],
  ])('and %s is asked for everything', async (_what, retryAfter) => {
    let taken: number[] = [];
    const server = await httpServer((_request, response) => {
      taken = taken.filter((at) => performance.now() - at < 1_000);
      if (taken.length < 12) {
        taken.push(performance.now());
        return json(response, 200, reply('ok'));
      }
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      json(response, 429, failure('rate_limit_error', 'Too many requests.'));
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 16 });
    await server.close();
    expect(fired.stopped).toBeNull();
    expect(fired.exchanges.filter(({ response }) => response?.status === 200).length).toBeGreaterThanOrEqual(
      planned.length,
    );
  });
});

describe('a target whose account is used up in the middle of a run', () => {
  const judgedWith = async (message: string) => {
    const server = await httpServer((_request, response, call) => {
      if (call <= 10) json(response, 200, reply('ok'));
      else json(response, 429, failure('rate_limit_error', message));
    });
    let waits = 0;
    const options = { ...OPTIONS, concurrency: 4, patienceMs: 1_600, onWaiting: () => (waits += 1) };
    const fired = await fire(planned, targetAt(server.url), options);
    await server.close();
    return { fired, waits };
  };

  it('is not waited for, and the run ends with its words', async () => {
    const { fired, waits } = await judgedWith('You have used up your credit balance.');
    expect(waits).toBe(0);
    expect(fired.stopped).toContain(
      'every answer was HTTP 429 (rate_limit_error: "You have used up your credit balance.")',
    );
    expect(fired.exchanges.length).toBeLessThan(30);
  });

  it('is waited for where its words are of a limit for each minute', async () => {
    const { waits } = await judgedWith('Quota exceeded for requests per minute.');
    expect(waits).toBeGreaterThan(0);
  });
});

describe('a target that asks for a wait of hours in the middle of a run', () => {
  it('is not waited for, and the run ends with its words', async () => {
    const server = await httpServer((_request, response, call) => {
      if (call <= 10) return json(response, 200, reply('ok'));
      response.setHeader('retry-after', '40000');
      json(response, 429, failure('rate_limit_error', 'Daily limit.'));
    });
    let waits = 0;
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, onWaiting: () => (waits += 1) });
    await server.close();
    expect(waits).toBe(0);
    expect(fired.stopped).toBe('from request 11 on, every answer was HTTP 429 (rate_limit_error: "Daily limit.")');
    expect(fired.exchanges.length).toBeLessThan(30);
  });
});

describe('a target that turns the sender away from some point on', () => {
  const turnedAway = async (status: number, type: string, body: string) => {
    const server = await httpServer((_request, response, call) => {
      if (call <= 10) return json(response, 200, reply('ok'));
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
    const fired = await fire(planned, targetAt(server.url), OPTIONS);
    await server.close();
    expect(fired.exchanges.slice(10).every(({ replaced }) => replaced !== undefined)).toBe(true);
    expect(fired.exchanges.length).toBeLessThan(30);
    return fired.stopped;
  };

  it.each([
    ['has no credit left', 402, 'billing_error', 'No credit.'],
    ['has withdrawn the key', 401, 'authentication_error', 'Revoked.'],
    ['has blocked the account', 403, 'permission_error', 'Blocked.'],
  ])('because it %s ends the run', async (_why, status, type, message) => {
    expect(await turnedAway(status, 'application/json', JSON.stringify(failure(type, message)))).toBe(
      `from request 11 on, every answer was HTTP ${status} (${type}: "${message}")`,
    );
  });

  it('by the page of a firewall in between ends the run', async () => {
    expect(await turnedAway(403, 'text/html', '<!doctype html><title>Just a moment...</title>')).toBe(
      'from request 11 on, every answer was a web page with HTTP 403',
    );
  });
});

describe('a target that rejects eight requests in a row as forbidden', () => {
  it('and accepts the plain one is asked for the rest', async () => {
    const server = await httpServer((_request, response, call) => {
      if (call <= 4 || call > 12) json(response, 200, reply('ok'));
      else json(response, 403, failure('permission_error', 'Not for this key.'));
    });
    const fired = await fire(planned, targetAt(server.url), OPTIONS);
    await server.close();
    expect(fired.stopped).toBeNull();
    expect(fired.exchanges.filter(({ response, replaced }) => response?.status === 403 && !replaced)).toHaveLength(8);
  });
});

describe('a target that turns everything away from some point on', () => {
  it('is waited for as long as there is patience, and then the run ends', async () => {
    const server = await httpServer((_request, response, call) => {
      if (call <= 10) json(response, 200, reply('ok'));
      else json(response, 429, failure('rate_limit_error', 'Too many requests.'));
    });
    const fired = await fire(planned, targetAt(server.url), { ...OPTIONS, concurrency: 4, patienceMs: 1_600 });
    await server.close();
    expect(fired.stopped).toBe(
      'from request 11 on, every answer was HTTP 429 (rate_limit_error: "Too many requests.")',
    );
  });
});

describe('a target that hangs up six times in a row', () => {
  it('ends the run', async () => {
    const fired = await against((call) => call > 4, 'silence');
    expect(fired.stopped).toMatch(/^from request 5 on, no request got an answer/);
  });
});

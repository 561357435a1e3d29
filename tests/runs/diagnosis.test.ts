/** A target that cannot be judged: one line that says why, nothing else sent, status 3. */

import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import type { Alterations } from '../../reference/stages.js';
import { json as jsonReport } from '../../reporters/json.js';
import { junit } from '../../reporters/junit.js';
import { markdown } from '../../reporters/markdown.js';
import { terminal } from '../../reporters/terminal.js';
import { run } from '../../runner/run.js';
import { always, at, error, headline, judged, KEY } from '../support/broken-targets.js';
import { httpServer } from '../support/http-server.js';
import { rawServer } from '../support/raw-server.js';

const page = () => new Response('<!doctype html><title>Welcome</title>', { headers: { 'content-type': 'text/html' } });

/** Answers of the target, the kind that is found, what the line has to say, and what to do. */
const CASES: readonly (readonly [name: string, Alterations, kind: string, line: RegExp, advice: RegExp])[] = [
  [
    'asks to wait, for ever',
    always(() => error(429, 'rate_limit_error', 'Slow down.')),
    'wait',
    /keeps asking to wait: HTTP 429/,
    /later/,
  ],
  [
    'is overloaded, for ever',
    always(() => error(529, 'overloaded_error', 'Busy.')),
    'wait',
    /keeps asking to wait: HTTP 529/,
    /later/,
  ],
  ['is down', always(() => error(503, 'api_error', 'No upstream.')), 'down', /server error: HTTP 503/, /log/],
  [
    'has no quota',
    always(() => error(429, 'rate_limit_error', 'You exceeded your current quota.')),
    'quota',
    /no quota left/,
    /Top up/,
  ],
  ['wants to be paid', always(() => error(402, 'billing_error', 'No credit.')), 'quota', /no quota left/, /Top up/],
  [
    'does not know the model',
    at(/\/v1\/messages$/, () => error(404, 'not_found_error', 'model: reference-1')),
    'model',
    /does not serve the model "reference-1"/,
    /--model: reference-1/,
  ],
  [
    'does not know the model, and says 400',
    at(/\/v1\/messages$/, () => error(400, 'invalid_request_error', 'The model does not exist.')),
    'model',
    /does not serve the model/,
    /--model/,
  ],
  [
    'is down behind a proxy',
    always(() => new Response('<h1>503</h1>', { status: 503, headers: { 'content-type': 'text/html' } })),
    'down',
    /server error: HTTP 503/,
    /server behind it is up/,
  ],
  [
    'asks to wait with a web page',
    always(() => new Response('Too many requests', { status: 429, headers: { 'content-type': 'text/html' } })),
    'wait',
    /keeps asking to wait: HTTP 429/,
    /later/,
  ],
  [
    'asks to wait for an hour, with a web page',
    always(
      () =>
        new Response('Down for maintenance', {
          status: 503,
          headers: { 'content-type': 'text/html', 'retry-after': '3600' },
        }),
    ),
    'wait',
    /asks to wait for 60 minutes: HTTP 503/,
    /Run again then/,
  ],
  [
    'is behind a firewall that wants a browser',
    always(
      () =>
        new Response('<!DOCTYPE html><html><head><title>Just a moment...</title>', {
          status: 403,
          headers: { 'content-type': 'text/html; charset=UTF-8' },
        }),
    ),
    'web-page',
    /web page answers at .*: HTTP 403 "Just a moment\.\.\."/,
    /firewall/,
  ],
  ['is a web page', always(page), 'web-page', /web page answers/, /--url/],
  [
    'has no such path',
    always(() => Response.json({ detail: 'Not Found' }, { status: 404 })),
    'path',
    /no Messages API at/,
    /--url/,
  ],
  [
    'speaks another API',
    {
      request: (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === '/v1/models') return Response.json({ object: 'list', data: [{ id: 'gpt' }] });
        return Response.json({ error: { message: 'Not found' } }, { status: 404 });
      },
    },
    'other-api',
    /speaks OpenAI's API/,
    /Messages API/,
  ],
  [
    'answers in the shape of another API',
    always(() => Response.json({ object: 'chat.completion', choices: [] })),
    'other-api',
    /speaks OpenAI's API/,
    /Messages API/,
  ],
  [
    'answers everything with an empty object',
    always(() => Response.json({})),
    'other-api',
    /JSON that is no message: HTTP 200 "\{\}"/,
    /check --url/,
  ],
  [
    'puts every message into an envelope',
    always(() => Response.json({ code: 0, data: { type: 'message', role: 'assistant', content: [] } })),
    'other-api',
    /puts every message into another object, .* \(`data`\)/,
    /at the top of the body/,
  ],
  [
    'answers a wrong key with status 200',
    always(() => Response.json({ code: 401, msg: 'Invalid token' })),
    'other-api',
    /JSON that is no message: HTTP 200 .*Invalid token/,
    /such as the key/,
  ],
  [
    'answers everything with an error and status 200',
    always(() => Response.json({ error: { message: 'No channel is free.' } })),
    'rejects',
    /with an error, under a status of success: HTTP 200/,
    /reason is in its answer/,
  ],
  [
    'does not know the model, and says so with status 200',
    at(/\/v1\/messages$/, () => Response.json({ code: 404, message: 'model reference-1 not found' })),
    'model',
    /does not serve the model/,
    /--model/,
  ],
  [
    'lives below another path',
    {
      request: (request) => {
        const url = new URL(request.url);
        if (!url.pathname.startsWith('/anthropic/')) return new Response('nothing here', { status: 404 });
        return new Request(`${url.origin}${url.pathname.slice('/anthropic'.length)}`, request);
      },
    },
    'path',
    /no Messages API at/,
    /use --url http:\/\/127\.0\.0\.1:\d+\/anthropic\.$/,
  ],
  [
    'lives below another path, where every path asks for a key, beside another API',
    {
      request: (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === '/v1/models') return Response.json({ object: 'list', data: [{ id: 'gpt' }] });
        if (!pathname.startsWith('/anthropic/')) return new Response('nothing here', { status: 404 });
        return Response.json(
          { type: 'error', error: { type: 'authentication_error', message: 'no key' } },
          { status: 401 },
        );
      },
    },
    'path',
    /no Messages API at/,
    /try --url http:\/\/127\.0\.0\.1:\d+\/anthropic\.$/,
  ],
  [
    'leads elsewhere',
    always(() => new Response(null, { status: 307, headers: { location: 'https://elsewhere.test/v1/messages' } })),
    'redirect',
    /redirects elsewhere/,
    /--url https:\/\/elsewhere\.test\.$/,
  ],
  [
    'accepts only the other version',
    at(/\/v1\/messages$/, (request) =>
      request.headers.get('anthropic-version') === '2023-06-01'
        ? error(400, 'invalid_request_error', 'anthropic-version: not a valid version')
        : request,
    ),
    'rejects',
    /rejects requests with anthropic-version 2023-06-01: HTTP 400/,
    /^It accepts 2026-10-21: use --api-version 2026-10-21\.$/,
  ],
  [
    'rejects whatever is asked',
    at(/\/v1\/messages$/, () => error(400, 'invalid_request_error', 'No.')),
    'rejects',
    /rejects even the plainest request/,
    /reason/,
  ],
];

// Some of them are waited for.
describe.concurrent('a target that', () => {
  it.each(CASES)('%s is not judged, and the line says why', async (_name, alterations, kind, line, advice) => {
    const { report, exitCode } = await judged(alterations);
    expect(exitCode).toBe(3);
    expect(headline(report)).toMatch(/^NOT JUDGED/);
    expect(report.diagnosis).toMatchObject({
      kind,
      line: expect.stringMatching(line),
      advice: expect.stringMatching(advice),
    });
    expect(report.summary.requests).toBeLessThanOrEqual(12);
    expect(report.results.every(({ verdict }) => verdict === 'skipped')).toBe(true);
    for (const text of everyView(report)) expect(text).toContain(report.diagnosis!.line.slice(0, 60));
  });

  /** Every view but the page has the line, up to its own quoting. */
  function everyView(report: Report): string[] {
    const plain = (text: string): string =>
      text
        .replace(/\s+/g, ' ')
        .replaceAll('&quot;', '"')
        .replaceAll('&apos;', "'")
        .replaceAll('\\"', '"')
        .replaceAll('`', '')
        .replace(/\\(?=[^a-z0-9\s])/gi, '');
    return [terminal(report), markdown(report), junit(report), jsonReport(report)].map(plain);
  }

  it('rejects the key, in either header: the variable is named, and both were tried', async () => {
    const { report, exitCode } = await judged({}, { apiKey: 'a-wrong-key-0123', apiKeyVariable: 'MY_KEY' });
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({
      kind: 'credential',
      line: expect.stringMatching(/rejects the key in MY_KEY: HTTP 401/),
    });
    expect(report.summary.requests).toBe(2);
    expect(JSON.stringify(report)).not.toContain('a-wrong-key-0123');
  });

  it('wants a key, and none is set', async () => {
    const { report, exitCode } = await judged({}, { apiKey: null, apiKeyVariable: 'MY_KEY' });
    expect(exitCode).toBe(3);
    expect(report.diagnosis?.line).toMatch(/the variable MY_KEY is not set/);
    expect(report.summary.requests).toBe(1);
  });

  it('hangs is asked twice', async () => {
    const server = await rawServer(() => {});
    const { report, exitCode } = await run({ url: server.url, apiKey: KEY, model: 'm', timeoutSeconds: 0.3 });
    await server.close();
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({
      kind: 'hangs',
      line: expect.stringMatching(/does not answer: .*, twice/),
    });
    expect(report.summary.requests).toBe(2);
  });

  it('is not there', async () => {
    const { report, exitCode } = await run({ url: 'http://127.0.0.1:1', apiKey: KEY, model: 'm' });
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({ kind: 'unreachable', line: expect.stringMatching(/cannot be reached/) });
  });

  it('speaks plain HTTP, and was asked over TLS', async () => {
    const server = await httpServer((_request, response) => response.end());
    const { report } = await run({ url: server.url.replace('http:', 'https:'), apiKey: KEY, model: 'm' });
    await server.close();
    expect(report.diagnosis).toMatchObject({ kind: 'tls', advice: expect.stringMatching(/--url http:/) });
  });
});

describe('a first request that fails by a trouble of the moment', () => {
  it('is sent once more, and the target is judged', async () => {
    let calls = 0;
    const cold: Alterations = {
      request: (request) => {
        calls += 1;
        return calls === 1 ? error(500, 'api_error', 'The model is loading.') : request;
      },
    };
    const { report, exitCode } = await judged(cold, { profiles: ['core'] });
    expect(exitCode).toBe(0);
    expect(report.diagnosis).toBeNull();
    expect(report.exchanges.flatMap(({ replaced }) => replaced ?? [])).toEqual([expect.stringMatching(/HTTP 500/)]);
  });

  it('is judged where only that answer is no message', async () => {
    let calls = 0;
    const odd: Alterations = {
      request: (request) => {
        calls += 1;
        return calls === 1 ? Response.json({ data: [] }) : request;
      },
    };
    const { report, exitCode } = await judged(odd, { only: ['http.post.messages', 'resp.id'] });
    expect(report.diagnosis).toBeNull();
    expect(report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual([
      'http.post.messages',
    ]);
    expect(exitCode).toBe(1);
  });
});

/** Runs that once said PASSED, or said one thing twenty times: each with its headline and its status of today. */

import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import type { Alterations } from '../../reference/stages.js';
import {
  at,
  error,
  expectSilence,
  headline,
  hiding,
  judged,
  mute,
  after as servingFirst,
  withoutOptionalEndpoints,
} from '../support/broken-targets.js';

/** The page of what stands in front of the target. */
const firewall = (status: number): Response =>
  new Response('<!DOCTYPE html><html><head><title>Just a moment...</title>', {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
  });

const failures = (report: Report): number => report.summary.fail;

describe('a target that', () => {
  it('stops serving after 60 requests is INCOMPLETE, status 3, and says since when', async () => {
    const { report, exitCode } = await judged(servingFirst(60, () => error(503, 'api_error', 'No upstream.')));
    expect(headline(report)).toMatch(/^INCOMPLETE {2}from request [56]\d on, every answer was HTTP 503/);
    expect(exitCode).toBe(3);
    expect(failures(report)).toBe(0);
    expect(report.summary.pass).toBeGreaterThan(50);
    expect(report.summary.requests).toBeLessThan(100);
  });

  it.each([
    ['has no credit left', () => error(402, 'billing_error', 'No credit.'), /every answer was HTTP 402/],
    ['is closed off by a firewall', () => firewall(403), /every answer was a web page with HTTP 403/],
  ])('%s after 60 requests is INCOMPLETE, status 3, without a failure', async (_what, answer, reason) => {
    const { report, exitCode } = await judged(servingFirst(60, answer));
    expect(headline(report)).toMatch(/^INCOMPLETE {2}from request [56]\d on, /);
    expect(headline(report)).toMatch(reason);
    expect(exitCode).toBe(3);
    expect(failures(report)).toBe(0);
    expect(report.summary.requests).toBeLessThan(100);
  });

  it('answers once with the page of a proxy, and the request when it is repeated, fails nothing', async () => {
    let seen = 0;
    const once: Alterations = {
      request(request) {
        seen += 1;
        return seen === 70 ? firewall(502) : request;
      },
    };
    const { report, exitCode } = await judged(once);
    expect(exitCode).toBe(0);
    expect(failures(report)).toBe(0);
    expect(report.exchanges.filter(({ response }) => response?.status === 502)).toHaveLength(1);
  });

  it('writes nothing and says that it was cut does not pass', async () => {
    // The profile of which the least can be missed.
    const { report, exitCode } = await judged(mute, { profiles: ['core'] });
    expect(headline(report)).not.toMatch(/^PASSED/);
    expect(exitCode).not.toBe(0);
  });

  it('answers 500 where a batch is looked up is asked twice, not for ten minutes', async () => {
    const broken: Alterations = at(/\/batches\/msgbatch_\w+$/, (request) =>
      request.method === 'GET' ? error(500, 'api_error', 'No such table.') : request,
    );
    const { report } = await judged(broken, { contract: 'anthropic', profiles: ['batches'] });
    expect(report.summary.durationMs).toBeLessThan(60_000);
    const [poll] = report.exchanges.filter(
      ({ fixture, response }) => fixture === 'batch-life' && response?.status === 500,
    );
    expect(poll).toBeDefined();
    expect(report.results.find(({ id }) => id === 'batch.retrieve')?.verdict).not.toBe('pass');
  });
});

describe('a wrong key', () => {
  const wrong = { apiKey: 'a-wrong-key-0123' };

  it.each([[['errors', 'tools', 'agent'] as const], [undefined]])(
    'with the profiles %j is NOT JUDGED, status 3, after two requests',
    async (profiles) => {
      const { report, exitCode } = await judged({}, { ...wrong, profiles });
      expect(headline(report)).toMatch(/^NOT JUDGED/);
      expect(report.diagnosis?.line).toMatch(/rejects the key/);
      expect(exitCode).toBe(3);
      expect(report.summary.requests).toBe(2);
    },
  );
});

describe('a model that the target does not have', () => {
  it('is NOT JUDGED, status 3, with the names of those that it has', async () => {
    const { report, exitCode } = await judged({}, { model: 'no-such-model', profiles: ['errors', 'tools', 'agent'] });
    expect(report.diagnosis).toMatchObject({ kind: 'model', advice: expect.stringContaining('reference-1') });
    expect(exitCode).toBe(3);
  });
});

describe('one cause', () => {
  it('of a web page that answers for every path that the target does not have', async () => {
    const { report } = await judged({
      request: (request) =>
        /^\/v1\/messages$/.test(new URL(request.url).pathname)
          ? request
          : new Response('<!doctype html><title>Dashboard</title>', { headers: { 'content-type': 'text/html' } }),
    });
    expect(report.causes.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^A web page answers with HTTP 200 in place of the API: .*POST \/v1\//),
    ]);
    const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    expect(report.causes[0]!.requirements).toHaveLength(wrong.length);
  });

  it('of streams whose rejection comes under HTTP 200', async () => {
    const { report } = await judged({
      response: async (response, call) => {
        if (!call.stream || response.status !== 400) return response;
        const data = JSON.stringify(await response.json());
        const headers = { 'content-type': 'text/event-stream', 'request-id': call.requestId };
        return new Response(`event: error\ndata: ${data}\n\n`, { headers });
      },
    });
    expect(report.causes.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^Rejected streams have HTTP 200 and an error event: \d+ of \d+ invalid requests/),
    ]);
    expect(report.causes[0]!.requirements).toEqual(
      expect.arrayContaining(['stream.error.pre-stream', 'err.validation-status', 'req.messages.empty']),
    );
  });

  it('of an optional endpoint that fails is not told as one that is not there', async () => {
    const { report } = await judged(
      at(/^\/v1\/models/, () => error(502, 'api_error', 'dial tcp: no such host')),
      { contract: 'anthropic' },
    );
    expect(report.causes.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^The profile models is failing: HTTP 502 api_error/),
    ]);
  });

  it("of a list of models in the form of OpenAI's API", async () => {
    const model = { id: 'reference-1', object: 'model', created: 1, owned_by: 'me' };
    const { report } = await judged(
      at(/^\/v1\/models/, (request) =>
        Response.json(new URL(request.url).pathname === '/v1/models' ? { object: 'list', data: [model] } : model),
      ),
    );
    expect(report.causes.map(({ title }) => title)).toEqual([expect.stringContaining("as OpenAI's API does")]);
    expect(report.causes[0]!.requirements).toEqual(expect.arrayContaining(['models.list.shape', 'models.item.shape']));
  });

  it('of optional endpoints that nobody claimed is no failure: they are declined, and the headline names them', async () => {
    const { report, exitCode } = await judged(withoutOptionalEndpoints);
    expect(exitCode).toBe(0);
    expect(failures(report)).toBe(0);
    expect(headline(report)).toMatch(/not offered: models, batches/);
    expect(
      report.results.filter(({ id, verdict }) => /^(models|batch|files)\./.test(id) && verdict !== 'declined'),
    ).toEqual([]);
  });

  it('of all streams being rejected', async () => {
    const withoutStreams: Alterations = {
      request: async (request) =>
        (await request.clone().text()).includes('"stream":true')
          ? error(400, 'invalid_request_error', 'Streams are not supported.')
          : request,
    };
    const { report } = await judged(withoutStreams, { profiles: ['core'] });
    expect(report.causes.some(({ kind }) => kind === 'streams-rejected')).toBe(true);
  });

  it('of stop sequences that never arrive', async () => {
    const { report } = await judged(
      { prompt: ({ stop_sequences: _, ...request }) => request as never },
      { profiles: ['core'] },
    );
    expect(report.causes).toContainEqual(
      expect.objectContaining({
        kind: 'field-lost',
        title: 'The server silently ignores `stop_sequences`: no request that tests this shows an effect.',
      }),
    );
  });
});

describe('silent', () => {
  it('is no failure under a rejection that is called 401', async () => {
    const { report } = await judged(hiding(401), { profiles: ['core', 'tools', 'errors'] });
    expect(failures(report)).toBeGreaterThan(0);
    expectSilence(report);
  });
});

/** Runs that once said PASSED, or said one thing twenty times: each with its headline and its status of today. */

import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import type { Alterations } from '../../reference/stages.js';
import { terminal } from '../../reporters/terminal.js';
import {
  after,
  at,
  error,
  foreignErrors,
  hiding,
  judged,
  mute,
  withoutOptionalEndpoints,
  withoutUsage,
} from '../support/broken-targets.js';

const headline = (report: Report): string =>
  terminal(report, { width: 200 })
    .split('\n')
    .findLast((line) => /^(PASSED|FAILED|INCOMPLETE|NOT JUDGED)/.test(line)) ?? '';
const failures = (report: Report): number => report.summary.fail;

describe('a target that', () => {
  it.each([429, 503, 529])('answers %i to everything is NOT JUDGED, status 3', async (status) => {
    const { report, exitCode } = await judged({ request: () => error(status, 'overloaded_error', 'Busy.') });
    expect(headline(report)).toMatch(/^NOT JUDGED/);
    expect(exitCode).toBe(3);
  });

  it('stops serving after 60 requests is INCOMPLETE, status 3, and says since when', async () => {
    const { report, exitCode } = await judged(after(60, () => error(503, 'api_error', 'No upstream.')));
    expect(headline(report)).toMatch(/^INCOMPLETE {2}from request [56]\d on every answer was HTTP 503/);
    expect(exitCode).toBe(3);
    expect(failures(report)).toBe(0);
    expect(report.summary.pass).toBeGreaterThan(50);
    expect(report.summary.requests).toBeLessThan(100);
  });

  it('writes nothing and says that it was cut does not pass', async () => {
    const { report, exitCode } = await judged(mute);
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
  it('of a proxy that turns every 4xx into 502 is said first, and explains nearly all of it', async () => {
    const { report, exitCode } = await judged(hiding(502), { contract: 'anthropic' });
    expect(exitCode).toBe(1);
    const [first] = report.causes;
    expect(first).toMatchObject({
      kind: 'rejection-status',
      title: expect.stringMatching(/status 502, whatever is wrong/),
    });
    const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').length;
    expect(first!.requirements.length).toBeGreaterThan(wrong * 0.9);
  });

  it('of a foreign error envelope', async () => {
    const { report } = await judged(foreignErrors);
    expect(report.causes[0]).toMatchObject({ kind: 'error-envelope', title: expect.stringContaining('{"detail":…}') });
    expect(report.causes.length).toBeLessThanOrEqual(3);
  });

  it('of replies without usage is not told by what rests on it', async () => {
    const { report } = await judged(withoutUsage);
    expect(report.causes[0]).toMatchObject({
      kind: 'usage',
      title: expect.stringMatching(/usage is missing in \d+ of \d+ replies/),
    });
    const explained = new Set(report.causes.flatMap(({ requirements }) => requirements));
    expect(
      report.results.filter(({ id, verdict }) => verdict === 'fail' && !explained.has(id)).length,
    ).toBeLessThanOrEqual(2);
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

  it('of optional endpoints that are claimed is one failure each, and what rests on it is skipped with its id', async () => {
    const { report, exitCode } = await judged(withoutOptionalEndpoints, { contract: 'anthropic' });
    expect(exitCode).toBe(1);
    expect(report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual([
      'files.upload',
      'models.list.shape',
      'batch.list',
    ]);
    expect(report.results.find(({ id }) => id === 'batch.cancel')).toMatchObject({
      verdict: 'skipped',
      restsOn: 'batch.list',
    });
    // Neither is asked for again and again.
    expect(report.exchanges.filter(({ request }) => request.url.includes('/batches')).length).toBeLessThanOrEqual(3);
  });

  it('of all streams being rejected', async () => {
    const { report } = await judged({
      request: async (request) =>
        (await request.clone().text()).includes('"stream":true')
          ? error(400, 'invalid_request_error', 'Streams are not supported.')
          : request,
    });
    expect(report.causes.some(({ kind }) => kind === 'streams-rejected')).toBe(true);
  });

  it('of stop sequences that never arrive', async () => {
    const { report } = await judged({ prompt: ({ stop_sequences: _, ...request }) => request as never });
    expect(report.causes).toContainEqual(
      expect.objectContaining({
        kind: 'field-lost',
        title: 'Accepted without effect, wherever a request shows it: stop_sequences.',
      }),
    );
  });
});

describe('silent', () => {
  it('is a failure under a 2xx, never one under a rejection', async () => {
    const { report } = await judged(hiding(401));
    for (const result of report.results.filter(({ silent }) => silent)) {
      const shown = result.findings.flatMap(({ exchange }) => report.exchanges.filter(({ id }) => id === exchange));
      expect(
        shown.some(({ response }) => response !== null && response.status < 300),
        result.id,
      ).toBe(true);
    }
    expect(report.summary.silent).toBe(
      report.results.filter(({ silent, verdict }) => silent && verdict === 'fail').length,
    );
  });
});

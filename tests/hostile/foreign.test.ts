/** Whole runs against targets that lead the suite elsewhere. */

import { afterEach, describe, expect, it } from 'vitest';
import { httpServer, json, type TestServer } from '../support/http-server.js';
import { judgeAt, KEY, resultsWith, runAt } from './whole-run.js';

const servers: TestServer[] = [];
const serve = async (...args: Parameters<typeof httpServer>): Promise<TestServer> => {
  const server = await httpServer(...args);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A target whose batches have ended at once, with this address of their results. */
const target = (resultsUrl: (id: string) => string) =>
  serve(({ method, url }, response) => {
    const isOne = method === 'GET' && /batches\/[^/?]+$/.test(url);
    json(response, 200, {
      id: 'msgbatch_1',
      type: 'message_batch',
      processing_status: isOne ? 'ended' : 'in_progress',
      request_counts: { processing: isOne ? 0 : 1, succeeded: isOne ? 1 : 0, errored: 0, canceled: 0, expired: 0 },
      created_at: '2026-11-01T12:00:00Z',
      expires_at: '2026-11-02T12:00:00Z',
      ended_at: isOne ? '2026-11-01T12:00:01Z' : null,
      cancel_initiated_at: null,
      archived_at: null,
      results_url: isOne ? resultsUrl('msgbatch_1') : null,
    });
  });

const BATCHES = ['batch.results-url', 'batch.results.jsonl', 'batch.results.types'];

describe('a results_url', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'javascript:alert(1)',
  ])('%s is never followed', async (address) => {
    const { url } = await target(() => address);
    const run = await judgeAt(url, { only: BATCHES, followResults: true, timeoutSeconds: 5 });
    expect(resultsWith(run, 'error')).toEqual([]);
    const results = run.report.exchanges.filter(({ turn }) => turn === 6);
    for (const { response } of results) expect(response?.body ?? '').not.toMatch(/AccessKey|root:/);
    expect(run.report.results.find(({ id }) => id === 'batch.results-url')?.verdict).not.toBe('pass');
  });

  it('that never ends costs the time of one exchange, and leaves nothing in the report', async () => {
    const endless = await serve((_request, response) => {
      const timer = setInterval(() => response.write('secret-of-a-neighbor '.repeat(5_000)), 5);
      response.on('close', () => clearInterval(timer));
    });
    const { url } = await target(() => `${endless.url}/results`);
    const run = await runAt(url, [...BATCHES.flatMap((id) => ['--only', id]), '--follow-results', '--timeout', '2']);
    expect(endless.received.length).toBeGreaterThan(0);
    expect(JSON.stringify(endless.received)).not.toContain(KEY);
    for (const [name, text] of run.files) expect(text.includes('secret-of-a-neighbor'), name).toBe(false);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { violations } from '../../validation/index.js';
import { command, type Outcome, scratch } from '../support/command.js';
import { failure, httpServer, json, reply } from '../support/http-server.js';

describe('a run against the embedded endpoint', () => {
  const { folder, remove } = scratch();
  const out = join(folder, 'report');
  let outcome: Outcome;
  let report: Report;

  beforeAll(async () => {
    outcome = await command(['run', '--profile', 'core,tools,errors', '--out', out], { cwd: folder });
    report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
  });
  afterAll(remove);

  it('ends with status 0: nothing fails, nothing is inconclusive, no judge breaks', () => {
    const bad = report.results.filter(({ verdict }) => ['fail', 'error', 'inconclusive', 'warn'].includes(verdict));
    expect(bad.map(({ id, verdict, reason }) => `${id} ${verdict} ${reason}`)).toEqual([]);
    expect(outcome.code).toBe(0);
  });

  it('executes at least 175 requirements with at most 0.6 requests for each', () => {
    expect(report.summary.executed).toBeGreaterThanOrEqual(175);
    expect(report.summary.requests / report.summary.executed).toBeLessThanOrEqual(0.6);
  });

  it('gives a reason for each requirement that it skips', () => {
    for (const { id, verdict, reason } of report.results) if (verdict === 'skipped') expect(reason, id).toMatch(/\S/);
  });

  it('writes the three reports, and a document that fits its schema', () => {
    expect(readdirSync(out).sort()).toEqual(expect.arrayContaining(['index.html', 'junit.xml', 'report.json']));
    expect(violations('report', report)).toEqual([]);
  });

  it('shows no key anywhere', () => {
    for (const file of readdirSync(out))
      expect(readFileSync(join(out, file), 'utf8'), file).not.toContain('reference-key');
    expect(outcome.out + outcome.err).not.toContain('reference-key');
  });

  it('says what was done on the terminal', () => {
    expect(outcome.out).toMatch(/core/);
    expect(outcome.out).toContain('report');
  });
});

describe('a run against a server that refuses everything', () => {
  it('passes none of the negatives, since their control requests were not served, and is not called a success', async () => {
    const server = await httpServer((_request, response) =>
      json(response, 400, failure('invalid_request_error', 'no')),
    );
    const { folder, remove } = scratch();
    const { code } = await command([
      'run',
      '--quiet',
      '--url',
      server.url,
      '--model',
      'm',
      '--only',
      'req.*',
      '--out',
      folder,
    ]);
    await server.close();
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
    remove();
    expect(report.results.filter(({ verdict }) => verdict === 'pass')).toEqual([]);
    expect(code).not.toBe(0);
  });
});

describe('an interrupted run', () => {
  it('ends with status 3 and keeps what was found', async () => {
    const server = await httpServer((_request, response, call) => {
      if (call < 4) json(response, 200, reply('ok'));
    });
    const { folder, remove } = scratch();
    const { code } = await command(
      ['run', '--verbose', '--url', server.url, '--model', 'm', '--only', 'ver.*', '--timeout', '20', '--out', folder],
      { interruptAfter: /200/ },
    );
    await server.close();
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
    remove();
    expect([1, 3]).toContain(code);
    expect(report.run.interrupted).toContain('interrupted');
    expect(report.exchanges.length).toBeGreaterThan(0);
  });
});

describe('a dry run', () => {
  it('prints requests and tokens for each profile and sends nothing', async () => {
    const server = await httpServer((_request, response) => response.end());
    const { code, out } = await command(['run', '--dry-run', '--url', server.url, '--model', 'm']);
    expect(server.received).toEqual([]);
    await server.close();
    expect(code).toBe(0);
    expect(out).toMatch(/core\s+\d+\s+\d+\s+[\d,]+/);
  });
});

describe('the list', () => {
  it('as JSON holds every requirement with its sources', async () => {
    const { out } = await command(['list', '--json']);
    const { requirements } = JSON.parse(out) as { requirements: { id: string; source: unknown[] }[] };
    expect(requirements.length).toBeGreaterThan(180);
    expect(requirements.every(({ source }) => source.length > 0)).toBe(true);
  });

  it('as text names each id', async () => {
    expect((await command(['list'])).out).toContain('req.max-tokens.required');
  });
});

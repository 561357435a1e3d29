/** `run --client`: the section of the report, its exit status, and its columns in a matrix. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { startEndpoint } from '../../reference/serve.js';
import { html } from '../../reporters/html.js';
import { markdown } from '../../reporters/markdown.js';
import { terminal } from '../../reporters/terminal.js';
import { reportWithLanes } from '../../runner/cli/with-clients.js';
import { rejudge } from '../../runner/judge/rejudge.js';
import { run } from '../../runner/run.js';
import type { LaneReport } from '../../tap/lanes/run-lane.js';
import { recordedOf, recordedTable } from '../../tap/lanes/standing.js';
import { violations } from '../../validation/index.js';
import { command } from '../support/command.js';
import { cacheWithTypeScript } from './installed.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const KEY = 'sk-of-a-target-with-clients';

async function runWith(faults: string[], ...args: string[]) {
  const cache = cacheWithTypeScript(closing);
  const endpoint = await startEndpoint({ apiKey: KEY, faults });
  closing.push(() => endpoint.close());
  const result = await command(
    ['run', '--url', endpoint.url, '--model', 'reference-1', '--quick', '--min-judged', '0', ...args],
    { cwd: cache, env: { XDG_CACHE_HOME: cache, HOME: cache, ANTHROPIC_API_KEY: KEY } },
  );
  return { ...result, cache, folder: join(cache, 'conformance-report') };
}

const reportIn = (folder: string): Report => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;

describe('run --client', () => {
  it('has the headers of the user sent by the clients too, and shows none of their values', async () => {
    const own = ['--header', 'x-team: team-of-the-lanes', '--header-env', 'x-gate: ANTHROPIC_API_KEY'];
    const { out, err, folder } = await runWith([], '--client', 'typescript,curl', ...own);
    const report = reportIn(folder);
    const sent = report.exchanges.filter(({ fixture }) => fixture.startsWith('client-'));
    expect(new Set(sent.map(({ fixture }) => fixture))).toContain('client-typescript');
    for (const { request } of sent)
      expect(request.headers).toMatchObject({ 'x-team': '$X_TEAM', 'x-gate': '$ANTHROPIC_API_KEY' });
    expect(out + err + readFileSync(join(folder, 'report.json'), 'utf8')).not.toContain('team-of-the-lanes');
  });

  it('says in every view what a client does not get, with requirements and exchanges, and of a missing one what the table says', async () => {
    const { out, folder, cache } = await runWith(['message-stop-missing'], '--client', 'typescript,python');
    expect(out).toMatch(/CLIENTS 2\n/);
    expect(out).toMatch(/TypeScript 1\.14\.0 works, except:\n {4}a stream: throws AnthropicError/);
    expect(out).toMatch(/stream\.order\.message-stop-last[^·]* · typescript\/stream\/1/s);
    expect(out).toMatch(/Python 2\.14\.0 skipped: anthropic 2\.14\.0 is not installed/);
    expect(out.replace(/\s+/g, ' ')).toContain(
      'recorded with Python 2.14.0: with message-stop-missing it works as without; with stream-cut',
    );
    const report = reportIn(folder);
    expect(violations('report', report)).toEqual([]);
    expect(report.clients?.map(({ client, probes }) => [client, probes.length])).toEqual([
      ['python', 0],
      ['typescript', 6],
    ]);
    const cited = report.clients!.flatMap(({ probes }) => probes.flatMap(({ exchanges }) => exchanges));
    expect(cited.filter((id) => !report.exchanges.some((exchange) => exchange.id === id))).toEqual([]);
    expect(report.results.find(({ id }) => id === 'stream.sdk.python')).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/is not installed.*message-stop-missing it works as without/s),
    });
    for (const view of [html(report), markdown(report)]) {
      expect(view).toContain('TypeScript 1.14.0');
      expect(view).toContain('typescript/stream/1');
    }
    expect(readFileSync(join(folder, 'report.json'), 'utf8') + out).not.toContain(KEY);
    const { out: said } = await command(['matrix', '--clients', join(folder, 'report.json')], { cwd: cache });
    expect(said).toBe('1 clients in conformance-matrix.html\n');
    expect(readFileSync(join(cache, 'conformance-matrix.html'), 'utf8')).toMatch(
      /client\.stream<\/bdi><\/th><td>MUST<\/td><td>fail<\/td>/,
    );
  });

  it('fails for a client only with --strict-clients, and says so', async () => {
    const fault = ['message-start-twice'];
    const skip = ['--only', 'resp.model', '--client', 'typescript'];
    const usual = await runWith(fault, ...skip);
    expect(usual.code).toBe(0);
    const strict = await runWith(fault, ...skip, '--strict-clients');
    expect(strict.out).toMatch(/CLIENTS 1 {2}they fail this run: --strict-clients/);
    expect(strict.out).toMatch(/FAILED {2}1 client has trouble/);
    expect(strict.code).toBe(1);
    expect(html(reportIn(strict.folder))).toContain(
      'no failures, but TypeScript 1.14.0 does not get what the bytes say',
    );
  });

  it('ends with status 2 before it sends anything where a required client is missing', async () => {
    const { code, err, out } = await runWith([], '--require-client', 'python');
    expect(code).toBe(2);
    expect(err).toMatch(/--require-client python: it cannot run: anthropic 2\.14\.0 is not installed/);
    expect(out).toBe('');
  });

  it('names the clients that exist', async () => {
    const { code, err } = await runWith([], '--client', 'pyhton');
    expect(code).toBe(2);
    expect(err).toMatch(/--client pyhton: there is no such client; did you mean "python"\?/);
  });
});

it('matrix --clients says what is missing where no report has clients', async () => {
  const { folder, cache } = await runWith([]);
  const { code, err } = await command(['matrix', '--clients', join(folder, 'report.json')], { cwd: cache });
  expect(code).toBe(2);
  expect(err).toMatch(/no report has clients that ran; run --client LIST adds them/);
});

describe('a verdict that a client decides', () => {
  const lane = (client: string, title: string, kind: 'same' | 'throws'): LaneReport => ({
    client,
    title,
    package: client,
    version: '2.0.0',
    probes: (['create', 'stream', 'stream-tool'] as const).map((probe) => ({
      probe,
      result: kind === 'same' ? { kind } : { kind, class: 'IndexError', message: 'list index out of range' },
      violated: [],
      exchanges: [],
    })),
  });
  const options = { strict: false, invocation: { program: 'messages-conformance', options: [] } };

  it('joins the results, or takes the place of what is simulated, and stays when the report is judged again', async () => {
    const { report } = await run({ profiles: ['core', 'tools'] });
    const before = report.results.find(({ id }) => id === 'sdk.go.accumulate')!;
    expect(before.verdict).toBe('pass');
    const after = reportWithLanes(report, [lane('python', 'Python', 'same'), lane('go', 'Go', 'throws')], options);
    const verdicts = (of: Report) =>
      Object.fromEntries(
        of.results
          .filter(({ id }) => ['sdk.python.create', 'stream.sdk.python', 'sdk.go.accumulate'].includes(id))
          .map(({ id, verdict }) => [id, verdict]),
      );
    const expected = { 'sdk.python.create': 'pass', 'stream.sdk.python': 'pass', 'sdk.go.accumulate': 'warn' };
    expect(verdicts(after)).toEqual(expected);
    expect(after.summary.must).toEqual({
      judged: report.summary.must.judged + 2,
      total: report.summary.must.total + 2,
    });
    expect(after.summary.warn).toBe(report.summary.warn + 1);
    expect(violations('report', after)).toEqual([]);
    const again = rejudge(after);
    expect(verdicts(again)).toEqual(expected);
    expect(again.summary.must).toEqual(after.summary.must);
    expect(terminal(after)).toMatch(/Python 2\.0\.0 works \(3 of 3 probes\)/);
  });

  it('leaves what is simulated as it is where the client is missing', async () => {
    const { report } = await run({ only: ['sdk.go.accumulate'] });
    const missing: LaneReport = { ...lane('go', 'Go', 'same'), skipped: 'go is not found', probes: [] };
    const after = reportWithLanes(report, [missing], options);
    expect(after.results).toEqual(report.results);
    expect(after.clients).toEqual([
      { client: 'go', title: 'Go', version: '2.0.0', skipped: 'go is not found', probes: [] },
    ]);
  });
});

describe('the recorded table', () => {
  it('is told by the requirements that a target violates', () => {
    const table = {
      clients: { python: { title: 'Python', version: '2.14.0' } },
      faults: [
        { fault: 'index-always-zero', requirement: 'stream.order.index', effects: { python: 's: tool input' } },
        { fault: 'index-skips', requirement: 'stream.order.index', effects: { python: 's: text; T: IndexError' } },
        { fault: 'usage-missing', requirement: 'usage.present', effects: { python: 'ok' } },
      ],
    };
    expect(recordedOf('python', ['stream.order.index', 'resp.model'], table)).toEqual([
      {
        requirement: 'stream.order.index',
        line: 'recorded with Python 2.14.0: with index-always-zero it silently gets another tool input; with index-skips it silently gets another text, or it throws IndexError',
      },
    ]);
    expect(recordedOf('go', ['stream.order.index'], table)).toEqual([]);
  });

  it('has a line for every fault and client that docs/clients.md has', () => {
    const { clients, faults } = recordedTable();
    const text = readFileSync('docs/clients.md', 'utf8');
    const names = Object.values(clients).map(({ title, version }) => `${title} ${version}`.trim());
    expect(text).toContain(`| fault | ${names.join(' | ')} |`);
    for (const { fault, effects } of faults)
      expect(text).toContain(
        `| \`${fault}\` | ${Object.keys(clients)
          .map((id) => effects[id])
          .join(' | ')} |`,
      );
  });
});

/** What makes a run part of an edit-and-run loop: `--failed`, `--bail`, `--repeat`, `--watch`, `--out -`, and a baseline that is not written blindly. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { type RunningEndpoint, startEndpoint } from '../../reference/serve.js';
import { packageFile } from '../../runner/package-files.js';
import { command, scratch } from '../support/command.js';

const PROGRAM = packageFile('dist', 'runner', 'cli.js');
const KEY = 'the-key-of-this-loop-6f1b';
const ENV = { ANTHROPIC_API_KEY: KEY };
const RUN = ['run', '--model', 'reference-1', '--contract', 'anthropic', '--no-color'];
const ONE = ['--only', 'tu.shape', '--only', 'stream.order.stop-once'];

describe('the edit loop', () => {
  let folder: string;
  let remove: () => void;
  let endpoint: RunningEndpoint | null = null;

  beforeEach(() => {
    ({ folder, remove } = scratch());
  });
  afterEach(async () => {
    await endpoint?.close();
    endpoint = null;
    remove();
  });

  const serve = async (...faults: string[]): Promise<string> => {
    endpoint = await startEndpoint({
      apiKey: KEY,
      faults,
      port: endpoint === null ? 0 : Number(new URL(endpoint.url).port),
    });
    return endpoint.url;
  };
  const run = (url: string, ...more: string[]) => command([...RUN, '--url', url, ...more], { cwd: folder, env: ENV });
  const reportIn = (name: string): Report =>
    JSON.parse(readFileSync(join(folder, name, 'report.json'), 'utf8')) as Report;

  it('--failed judges what did not pass the last time, and says when that is nothing', async () => {
    const url = await serve('tool-stop-twice');
    expect((await run(url, ...ONE)).code).toBe(1);
    const again = await run(url, '--failed');
    expect(again.code).toBe(1);
    const { results } = reportIn('conformance-report');
    expect(results.map(({ id }) => id)).toEqual(['stream.order.stop-once']);

    await endpoint?.close();
    await serve();
    expect((await run(url, '--failed')).code).toBe(0);
    const last = await run(url, '--failed');
    expect(last.code).toBe(0);
    expect(last.err).toContain('--failed: everything passed in the last report');
  });

  it('--failed calls no other target good, and none that was not judged', async () => {
    const url = await serve();
    for (const [options, about] of [
      [['--url', 'http://127.0.0.1:9', '--model', 'reference-1'], url],
      [['--url', url, '--model', 'reference-1-small'], 'the model reference-1'],
      [[], url],
    ] as const) {
      expect((await run(url, ...ONE)).code).toBe(0);
      const { code, err } = await command(['run', ...options, '--failed'], { cwd: folder });
      expect([code, err]).toEqual([
        2,
        expect.stringContaining(`--failed: conformance-report/report.json is about ${about}; `),
      ]);
    }

    await endpoint?.close();
    endpoint = null;
    expect((await run(url, ...ONE)).code).toBe(3);
    const dead = await run(url, '--failed');
    expect(dead.code).toBe(3);
    expect(dead.err).toContain('--failed: the last run judged too little, so everything is judged');
  });

  it('--bail ends at the first failure with fewer requests than the whole run', async () => {
    const url = await serve('tool-stop-twice');
    await run(url, '--profile', 'core,tools', '--out', 'whole');
    const { code } = await run(url, '--profile', 'core,tools', '--bail', '--out', 'first');
    const [whole, first] = [reportIn('whole'), reportIn('first')];
    expect(code).not.toBe(0);
    expect(first.summary.fail).toBeGreaterThan(0);
    expect(first.summary.requests).toBeLessThan(whole.summary.requests);
  });

  it('--repeat judges as often as said, and keeps the worst verdict', async () => {
    const url = await serve('tool-stop-twice');
    const { code } = await run(url, ...ONE, '--repeat', '2');
    expect(code).toBe(1);
    const [result] = reportIn('conformance-report').results.filter(({ id }) => id === 'stream.order.stop-once');
    expect(result?.verdict).toBe('fail');
    expect(result?.flaky).toBeUndefined();
    expect(reportIn('conformance-report').summary.requests).toBeGreaterThan(2);
  });

  it('--out - prints one report and writes no folder', async () => {
    const url = await serve();
    const { out, code } = await run(url, ...ONE, '--out', '-', '--reporter', 'markdown');
    expect(code).toBe(0);
    expect(out).toMatch(/^## .*messages-conformance: passed/);
    expect(existsSync(join(folder, '-'))).toBe(false);
  });

  it('a reader that closes the pipe ends the command without a stack trace', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'list', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.once('data', () => child.stdout.destroy());
    let err = '';
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(err).toBe('');
  });

  it('--update-baseline does not take a target that cannot be judged for its state', async () => {
    const url = await serve();
    const wrong = await command([...RUN, '--url', url, '--baseline', 'known.json', '--update-baseline'], {
      cwd: folder,
      env: { ANTHROPIC_API_KEY: 'another-key-0123456789' },
    });
    expect(wrong.code).toBe(3);
    expect(existsSync(join(folder, 'known.json'))).toBe(false);
  });

  it('--watch judges again after a change, and prints what changed', async () => {
    const url = await serve('tool-stop-twice');
    writeFileSync(join(folder, 'server.txt'), '1');
    const child = spawn(process.execPath, [PROGRAM, ...RUN, '--url', url, ...ONE, '--watch', 'server.txt'], {
      cwd: folder,
      env: { ...process.env, ...ENV },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
    });
    const until = async (text: () => boolean): Promise<void> => {
      while (!text() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 30));
    };
    const rounds = (): number => err.split('Ctrl-C ends').length - 1;
    await until(() => rounds() === 1);
    expect(out).toContain('✗ stream.order.stop-once');
    await endpoint?.close();
    await serve();
    writeFileSync(join(folder, 'server.txt'), '2');
    await until(() => rounds() === 2);
    expect(out).toContain('✓ stream.order.stop-once  fail → pass');
    child.kill('SIGINT');
    await new Promise((resolve) => child.once('close', resolve));
    expect(child.exitCode).toBe(0);
  });
});

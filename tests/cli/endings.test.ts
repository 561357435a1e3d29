/** However a run ends, its files are right or not there, and its status says what happened. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { packageFile } from '../../runner/package-files.js';
import { command, scratch } from '../support/command.js';
import { failure, httpServer, json, reply, type TestServer } from '../support/http-server.js';

const CLI = packageFile('dist', 'runner', 'cli.js');
const FILES = ['index.html', 'junit.xml', 'report.json'];

let server: TestServer;
let cwd: string;
let remove: () => void;
/** Answers at once until so many requests have come; later ones hang. */
let answered: number;

beforeEach(async () => {
  answered = Number.POSITIVE_INFINITY;
  server = await httpServer(({ body }, response, call) => {
    if (call > answered) return;
    if (body.includes('"max_tokens"')) json(response, 200, reply('ok'));
    else json(response, 400, failure('invalid_request_error', 'max_tokens: Field required'));
  });
  ({ folder: cwd, remove } = scratch());
});
afterEach(async () => {
  await server.close();
  remove();
});

const args = (...more: string[]): string[] => [
  'run',
  '--url',
  server.url,
  '--model',
  'm',
  '--only',
  'http.post.messages',
  '--out',
  'out',
  ...more,
];
const run = (...more: string[]) => command(args(...more), { cwd });
/** Through a shell: redirections, pipes and limits. `$CLI` is the command with the options of a run. */
function shell(script: string) {
  const quoted = [process.execPath, CLI, ...args('--quiet')].map((word) => `'${word}'`).join(' ');
  const child = spawn('bash', ['--norc', '-c', script.replaceAll('$CLI', quoted)], {
    cwd,
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
  });
  return new Promise<{ code: number | null; text: string }>((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('close', (code) => resolve({ code, text }));
  });
}
const out = (name = ''): string => join(cwd, 'out', name);
const names = (): string[] => readdirSync(out()).sort();
const report = (): Report => JSON.parse(readFileSync(out('report.json'), 'utf8')) as Report;

describe('reports of an earlier run', () => {
  it('are moved aside when a run begins', async () => {
    await run();
    const first = report().run.startedAt;
    await run();
    expect(names()).toEqual([...FILES, 'previous'].sort());
    expect(report().run.startedAt).not.toBe(first);
    const previous = JSON.parse(readFileSync(out('previous/report.json'), 'utf8')) as Report;
    expect(previous.run.startedAt).toBe(first);
  });

  it.each([
    ['an option makes no sense', ['--timeout', '3000000'], 2],
    ['an option does not exist', ['--tiemout', '3'], 2],
    ['a requirement does not exist', ['--only', 'no.such.thing'], 2],
  ])('do not stay for the upload of artefacts when %s', async (_why, more, status) => {
    await run();
    expect((await run(...more)).code).toBe(status);
    expect(names()).toEqual(['previous']);
  });

  it('are replaced by one without a verdict when the target cannot be reached', async () => {
    await run();
    expect((await run('--url', 'http://127.0.0.1:1')).code).toBe(3);
    expect(names()).toEqual([...FILES, 'previous'].sort());
    expect(report().diagnosis).toMatchObject({ kind: 'unreachable' });
    expect(report().results.every(({ verdict }) => verdict === 'skipped')).toBe(true);
  });

  it('are left where they are by a dry run', async () => {
    await run();
    expect((await run('--dry-run')).code).toBe(0);
    expect(names()).toEqual(FILES);
  });

  it('share the folder with files of the user, which stay', async () => {
    mkdirSync(out('previous'), { recursive: true });
    writeFileSync(out('previous/mine.txt'), 'mine');
    writeFileSync(out('notes.txt'), 'mine too');
    await run();
    await run();
    await run();
    expect(readFileSync(out('previous/mine.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(out('notes.txt'), 'utf8')).toBe('mine too');
  });
});

describe('files of a report', () => {
  it('that hold bodies are for their owner alone', async () => {
    await run('--reporter', 'sarif,markdown');
    const modes = new Map(names().map((name) => [name, statSync(out(name)).mode & 0o777]));
    for (const name of ['report.json', 'index.html', 'report.sarif']) expect(modes.get(name), name).toBe(0o600);
  });

  it('are not written through a link', async () => {
    writeFileSync(join(cwd, 'precious'), 'precious');
    mkdirSync(out());
    for (const name of FILES) symlinkSync(join(cwd, 'precious'), out(name));
    await run();
    expect(readFileSync(join(cwd, 'precious'), 'utf8')).toBe('precious');
    expect(report().summary.requests).toBeGreaterThan(0);
  });

  it('are not written into a folder that is a link', async () => {
    mkdirSync(join(cwd, 'elsewhere'));
    symlinkSync(join(cwd, 'elsewhere'), out());
    const { code, err } = await run();
    expect(code).toBe(2);
    expect(err).toContain('symbolic link');
    expect(readdirSync(join(cwd, 'elsewhere'))).toEqual([]);
    expect(server.received).toEqual([]);
  });

  it('of other commands are not written through a link either', async () => {
    await run();
    writeFileSync(join(cwd, 'precious'), 'precious');
    symlinkSync(join(cwd, 'precious'), join(cwd, 'link.md'));
    const { code, err } = await command(['compare', out('report.json'), out('report.json'), '--out', 'link.md'], {
      cwd,
    });
    expect(code).toBe(2);
    expect(err).toContain('symbolic link');
    expect(readFileSync(join(cwd, 'precious'), 'utf8')).toBe('precious');
  });

  it('leave nothing half where the disk is full', async () => {
    // Files of more than some kilobytes cannot be written: 512 bytes a block.
    const { code, text } = await shell('trap "" XFSZ; ulimit -f 10; exec $CLI');
    expect(code).toBe(3);
    expect(text).toContain('report could not be written');
    expect(text).not.toContain('report in ');
    for (const name of names()) expect(statSync(out(name)).size, name).toBeGreaterThan(0);
    expect(names()).not.toContain('index.html');
    expect(names().filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('are there where standard output is a full disk, and the status is that of the run', async () => {
    const { code } = await shell('exec $CLI > /dev/full');
    expect(code).toBe(0);
    expect(names()).toEqual(FILES);
  });

  it('are there where nobody reads standard output and standard error', async () => {
    const { code, text } = await shell('$CLI 2>&1 | true; exit ${PIPESTATUS[0]}');
    expect({ code, text }).toEqual({ code: 0, text: '' });
    expect(names()).toEqual(FILES);
    expect(report().summary.requests).toBeGreaterThan(0);
  });
});

/** A run that hangs at its second request, until the test says how it ends. */
function hanging(...more: string[]) {
  answered = 1;
  const child = spawn(process.execPath, [CLI, ...args('--only', 'err.*', '--verbose', ...more)], {
    cwd,
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const begun = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (server.received.length < 2) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
  return { child, closed, begun, err: () => err };
}

describe('a run that is told to end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s writes what it has', async (signal) => {
    const { child, closed, begun } = hanging();
    await begun;
    child.kill(signal);
    expect([1, 3]).toContain(await closed);
    expect(names()).toEqual(FILES);
    expect(report().run.interrupted).toBe('the run was interrupted');
  });

  it('twice ends at once, and leaves no half file, no draft and no lock', async () => {
    const { child, closed, begun } = hanging();
    await begun;
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect([1, 3]).toContain(await closed);
    const left = names();
    expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
    for (const name of left) expect(FILES).toContain(name);
    if (left.includes('report.json')) expect(report().run.interrupted).not.toBeNull();
    if (left.includes('index.html')) expect(readFileSync(out('index.html'), 'utf8').trimEnd()).toMatch(/<\/html>$/);
  });

  it('by --max-duration says so', async () => {
    const { closed } = hanging('--max-duration', '0.02');
    expect([1, 3]).toContain(await closed);
    expect(report().run.interrupted).toBe('--max-duration 0.02 (minutes) was reached');
  });
});

describe('two runs in one folder', () => {
  it('the second one is told who is at work there, and touches nothing', async () => {
    const { child, closed, begun } = hanging();
    await begun;
    const lock = readFileSync(out('.lock'), 'utf8');
    const second = await run();
    expect(second.code).toBe(2);
    expect(second.err).toContain(`process ${child.pid} on `);
    expect(second.err).not.toContain('planned');
    expect(readFileSync(out('.lock'), 'utf8')).toBe(lock);
    child.kill('SIGINT');
    await closed;
    expect(names()).toEqual(FILES);
  });

  it('a lock that nobody holds any more is taken over', async () => {
    mkdirSync(out());
    const { child, closed } = hanging();
    child.kill('SIGKILL');
    await closed;
    const gone = { pid: child.pid, host: (await import('node:os')).hostname(), startedAt: '2026-01-01T00:00:00Z' };
    writeFileSync(out('.lock'), JSON.stringify(gone));
    answered = Number.POSITIVE_INFINITY;
    expect((await run()).code).toBe(0);
    expect(existsSync(out('.lock'))).toBe(false);
  });
});

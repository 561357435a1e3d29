import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../runner/package-files.js';

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** `true`: in a process of its own, where the test is about the process: its end, its memory, its streams. */
  ownProcess?: boolean;
  /** SIGINT is sent when standard error fits; in a process of its own. */
  interruptAfter?: RegExp;
}

const CLI = packageFile('dist', 'runner', 'cli.js');

/**
 * Runs the built command as a user would, in a folder of its own, with nothing of this environment but what is given. By default in a
 * process that goes on (`command-host.mjs`): starting one takes most of the time of a short command.
 */
export function command(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const cwd = options.cwd ?? tmpdir();
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...options.env };
  const isOwn = options.ownProcess || options.interruptAfter !== undefined || env.NODE_OPTIONS !== undefined;
  return isOwn ? inOwnProcess(args, cwd, env, options.interruptAfter) : inHost({ args, cwd, env });
}

function inOwnProcess(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  interruptAfter?: RegExp,
): Promise<Outcome> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env });
  let out = '';
  let err = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (!interrupted && interruptAfter?.test(err)) interrupted = child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

/** One for each process of tests, which ends with it. */
let host: { child: ChildProcess; waiting: ((outcome: Outcome) => void)[] } | null = null;

function inHost(asked: { args: readonly string[]; cwd: string; env: Record<string, string> }): Promise<Outcome> {
  if (host === null) {
    const child = fork(fileURLToPath(new URL('command-host.mjs', import.meta.url)), [CLI], {
      env: { PATH: process.env.PATH ?? '' },
      execArgv: [],
    });
    const waiting: ((outcome: Outcome) => void)[] = [];
    child.on('message', (outcome) => waiting.shift()?.(outcome as Outcome));
    child.on('exit', (code) => {
      host = null;
      const err = `the process of the commands ended with ${code}`;
      for (const resolve of waiting.splice(0)) resolve({ code: null, out: '', err });
    });
    child.unref();
    child.channel?.unref();
    host = { child, waiting };
  }
  const { child, waiting } = host;
  return new Promise((resolve) => {
    waiting.push(resolve);
    child.send(asked);
  });
}

/** A folder that is gone when the test is over. */
export function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'messages-conformance-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

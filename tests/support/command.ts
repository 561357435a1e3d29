import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../runner/package-files.js';

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the built command as a user would, in a folder of its own, with nothing of this environment but what is given. */
export function command(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; interruptAfter?: RegExp } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [packageFile('dist', 'runner', 'cli.js'), ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...options.env },
  });
  let out = '';
  let err = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (!interrupted && options.interruptAfter?.test(err)) interrupted = child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

/** A folder that is gone when the test is over. */
export function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'messages-conformance-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

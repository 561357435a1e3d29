import { type ChildProcess, spawn } from 'node:child_process';
import { packageFile } from '../../runner/package-files.js';
import type { Outcome } from './command.js';

/** The built `tap` command in a process of its own. */
export interface TapCommand {
  url: string;
  /** What it printed so far. */
  output(): string;
  /** Resolves when what it printed fits. */
  until(pattern: RegExp): Promise<void>;
  /** Ends it as Ctrl-C does. */
  interrupt(): Promise<Outcome>;
  /** Ends it at once, without a chance to write anything. */
  kill(): Promise<Outcome>;
}

export async function tapCommand(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<TapCommand> {
  const child: ChildProcess = spawn(
    process.execPath,
    [packageFile('dist', 'runner', 'cli.js'), 'tap', '--port', '0', ...args],
    { cwd, env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env } },
  );
  let out = '';
  let err = '';
  const watchers = new Set<() => void>();
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const watcher of watchers) watcher();
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!pattern.test(out)) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
      void ended.then(() => reject(new Error(`the tap ended before it printed ${pattern}: ${out}${err}`)));
    });
  await until(/ANTHROPIC_BASE_URL=\S+\n[\s\S]*Ctrl-C/);
  return {
    url: /ANTHROPIC_BASE_URL=(\S+)/.exec(out)![1]!,
    output: () => out,
    until,
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

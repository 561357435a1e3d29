/** `--start COMMAND`: runs the gateway for the time of the run and ends it by its own handle. */

import { spawn } from 'node:child_process';
import { baseUrlOf } from '../diagnose.js';
import type { Upstream } from '../upstream/server.js';

/** A command that runs. */
export interface Started {
  /** Aborted as soon as the command has ended by itself. */
  ended: AbortSignal;
  /** How it ended: `exit status 1`. */
  outcome(): string;
  /** The last lines that it printed, in one. */
  lastLines(): string;
  /** Ends it with everything that it started. */
  stop(): Promise<void>;
}

/** A key of no value: the upstream takes any. */
const UPSTREAM_KEY = 'sk-conformance-upstream';
const MOST_KEPT = 4_000;
const LINES = 6;

/** How long a command may take to end before it is killed, in milliseconds. */
const GRACE_MS = 5_000;

/** Starts it in a shell, with `{url}`, `{port}` and `{key}` of the upstream filled in. */
export function startCommand(command: string, upstream: Upstream): Started {
  const filled = command
    .replaceAll('{url}', baseUrlOf(upstream))
    .replaceAll('{port}', new URL(upstream.origin).port)
    .replaceAll('{key}', UPSTREAM_KEY);
  const hasGroups = process.platform !== 'win32';
  const child = spawn(filled, { shell: true, detached: hasGroups, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new AbortController();
  let printed = '';
  let outcome = 'still running';
  const keep = (bytes: Buffer): void => {
    printed = `${printed}${bytes.toString('utf8')}`.slice(-MOST_KEPT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const closed = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      outcome = how;
      ended.abort(how);
      resolve();
    };
    child.once('error', (error) => end(error.message));
    // What a child of the shell prints may come after the exit of the shell.
    child.once('exit', (status, signal) =>
      setTimeout(() => end(signal === null ? `exit status ${status}` : `ended by ${signal}`), 50),
    );
  });
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (hasGroups && child.pid !== undefined) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  // Whatever ends this process, the command does not outlive it.
  const onExit = (): void => kill('SIGKILL');
  process.once('exit', onExit);
  return {
    ended: ended.signal,
    outcome: () => outcome,
    lastLines: () => printed.trim().split(/\r?\n/).slice(-LINES).join(' | '),
    stop: async () => {
      kill('SIGTERM');
      const late = setTimeout(() => kill('SIGKILL'), GRACE_MS);
      await closed;
      clearTimeout(late);
      process.off('exit', onExit);
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

import { spawn } from 'node:child_process';
import { plainEnvironment, type Ready } from './prepare.js';

/** Most text that a client may print. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/**
 * Runs a probe script with its task on standard input. Resolves with the lines that are JSON objects; clients print warnings of their own
 * between them. `trouble`: what it wrote to standard error last, when it did not end normally.
 */
export function spawnLines(
  { command, args, cwd, env: own = plainEnvironment() }: Ready,
  task: string,
  timeoutMs: number,
): Promise<{ lines: Record<string, unknown>[]; trouble: string }> {
  return new Promise((resolve) => {
    // A proxy would get what is meant for the tap on loopback.
    const { HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, http_proxy, https_proxy, all_proxy, ...env } = own;
    const child = spawn(command, args, { cwd, env });
    // Not the timeout of `spawn`: it keeps the process alive when there is no such command.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (out.length < MAX_OUTPUT) out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-2_000);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(task);
    const done = (trouble: string): void => {
      clearTimeout(timer);
      resolve({ lines: out.split('\n').flatMap(objectOf), trouble });
    };
    child.on('error', (error) => done(error.message));
    child.on('close', (code) => done(code === 0 ? '' : (err.trim().split('\n').at(-1) ?? '')));
  });
}

function objectOf(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [value as Record<string, unknown>]
      : [];
  } catch {
    return [];
  }
}

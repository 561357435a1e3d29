/** Whole processes and what they use: CPU time of all their threads, peak memory, wall time. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const cli = join(root, 'dist/runner/cli.js');
export const script = (name) => join(root, 'scripts/bench', name);

/** Where the measured processes work and write; gone when the bench ends. */
export const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const preload = script('usage.cjs');
const usageFile = join(scratch, 'usage.json');
const env = { ...process.env, ANTHROPIC_BASE_URL: '', ANTHROPIC_API_KEY: 'key-for-the-bench', NO_COLOR: '1', CI: '' };

/**
 * One Node process from its start to its end. Throws where it ends with another status than 0.
 * @param {string[]} args
 * @returns {{ cpu: number, memory: number, seconds: number, output: string }} Milliseconds of CPU, MiB at the peak, wall time.
 */
export function once(args) {
  const started = performance.now();
  const child = spawnSync(process.execPath, ['-r', preload, ...args], {
    cwd: scratch,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, BENCH_USAGE_FILE: usageFile },
  });
  const seconds = (performance.now() - started) / 1000;
  if (child.status !== 0) throw new Error(`${args.join(' ')}: exit ${child.status}\n${child.stdout}${child.stderr}`);
  return { ...JSON.parse(readFileSync(usageFile, 'utf8')), seconds, output: child.stdout };
}

/**
 * Processes in turn, so that a busy moment of the machine meets all of them; the first round is a warm-up.
 * @param {Record<string, string[]>} commands Arguments of Node by name.
 * @param {number} runs
 * @returns {Record<string, { cpu: number, memory: number, seconds: number, output: string, outputs: string[] }>} Medians, the last output, and all.
 */
export function interleaved(commands, runs) {
  const names = Object.keys(commands);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const name of names) {
      const used = once(commands[name]);
      if (run > 0) taken[name].push(used);
    }
  }
  return Object.fromEntries(names.map((name) => [name, medians(taken[name])]));
}

const medians = (all) => ({
  cpu: median(all.map(({ cpu }) => cpu)),
  memory: median(all.map(({ memory }) => memory)),
  seconds: median(all.map(({ seconds }) => seconds)),
  output: all.at(-1).output,
  outputs: all.map(({ output }) => output),
});

/** @param {number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Starts a Node process that serves, and resolves when it has printed its address.
 * @param {string[]} args
 * @returns {Promise<{ url: string, usage(): Promise<{ cpu: number, memory: number, heap: number }>, stop(): Promise<void> }>}
 */
export function serving(args) {
  const child = spawn(process.execPath, ['-r', preload, ...args], {
    cwd: scratch,
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const usage = () =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send('usage');
    });
  const stop = async () => {
    child.kill();
    await ended;
  };
  return new Promise((resolve, reject) => {
    let text = '';
    let isReady = false;
    child.stdout.on('data', (data) => {
      if (isReady) return;
      text += data;
      const url = /http:\/\/[\w.]+:\d+/.exec(text)?.[0];
      if (!url || !text.includes('\n')) return;
      isReady = true;
      resolve({ url: url.replace('localhost', '127.0.0.1'), usage, stop });
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')}: exit ${code}`)));
  });
}

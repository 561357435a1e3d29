/**
 * `npm run bench`: whole processes, medians over several runs after a warm-up, beside the figures to reach.
 * `npm run bench -- 9` counts nine runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchReport } from './bench-report.mjs';
import { benchTap } from './bench-tap.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const runs = Number(process.argv[2] ?? 5);
const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
const memoryFile = join(scratch, 'memory');

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs the command line once: wall seconds, peak MiB, standard output. */
function once(args) {
  const started = process.hrtime.bigint();
  const child = spawnSync(
    process.execPath,
    ['-r', join(root, 'scripts/bench-memory.cjs'), join(root, 'dist/runner/cli.js'), ...args],
    {
      cwd: scratch,
      encoding: 'utf8',
      env: { ...process.env, BENCH_MEMORY_FILE: memoryFile, ANTHROPIC_BASE_URL: '', NO_COLOR: '1' },
    },
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (child.status !== 0) throw new Error(`${args.join(' ')}: exit ${child.status}\n${child.stderr}`);
  return { seconds, mebibytes: Number(readFileSync(memoryFile, 'utf8')) / 1024 };
}

function measure(args) {
  once(args);
  const all = Array.from({ length: runs }, () => once(args));
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    mebibytes: median(all.map(({ mebibytes }) => mebibytes)),
  };
}

const rows = [];
const row = (what, figure, unit, limit) => rows.push({ what, figure, unit, limit });

for (const args of [['--help'], ['list']]) {
  row(args.join(' '), measure(args).seconds, 's', 0.15);
}

const out = join(scratch, 'report');
const RUNS = [
  ['core, tools, errors', ['--profile', 'core,tools,errors'], 1.0],
  ['all profiles', [], 2.0],
];
for (const [name, selection, limit] of RUNS) {
  const { seconds, mebibytes } = measure(['run', '--quiet', '--out', out, ...selection]);
  const { summary } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  row(`run, ${name}`, seconds, 's', limit);
  row('  peak memory', mebibytes, 'MiB', 130);
  row('  requests for each requirement executed', summary.requests / summary.executed, '', 0.6);
  row('  time for each requirement executed', (seconds * 1000) / summary.executed, 'ms', null);
  row(
    `  (${summary.executed} executed, ${summary.requests} requests)`,
    summary.inputTokens + summary.outputTokens,
    'tokens',
    null,
  );
}

rows.push(...(await benchReport(runs)), ...(await benchTap()));

console.log(`Node ${process.version}, medians of ${runs} runs of the whole process\n`);
console.log(`${'what'.padEnd(48)}${'measured'.padStart(12)}${'to reach'.padStart(12)}${'ratio'.padStart(8)}`);
for (const { what, figure, unit, limit } of rows) {
  const value = `${figure >= 100 ? figure.toFixed(0) : figure.toFixed(2)} ${unit}`.trim();
  const goal = limit === null ? '' : `${limit} ${unit}`.trim();
  const ratio = limit === null ? '' : (figure / limit).toFixed(2);
  console.log(`${what.padEnd(48)}${value.padStart(12)}${goal.padStart(12)}${ratio.padStart(8)}`);
}
console.log(
  '\nPeers, measured elsewhere: MCP conformance 43 ms a check, Open Responses compliance 55 ms, graphql-http audits 5.2 ms.',
);
rmSync(scratch, { recursive: true, force: true });

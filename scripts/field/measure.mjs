/**
 * Installs real servers, starts each on loopback, judges it, and keeps the report as data in docs/results/data.
 * `npm run field -- [--cache FOLDER] [NAME …]`; needs package registries, so it is no test. `npm run results` writes the pages.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compact } from './compact.mjs';
import { SERVERS } from './index.mjs';
import { install } from './install.mjs';
import { freePorts, ready, start } from './processes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist', 'runner', 'cli.js');
const UPSTREAM_KEY = 'sk-field-upstream-key';
/** Another one, so that a client's key that reaches the upstream is seen. */
const CLIENT_KEY = 'sk-field-the-client';

const { values, positionals } = parseArgs({ options: { cache: { type: 'string' } }, allowPositionals: true });
const cache = values.cache ?? join(tmpdir(), 'messages-conformance-field');
const chosen = SERVERS.filter(
  ({ id }) => positionals.length === 0 || positionals.some((name) => name.split(':')[0] === id),
);
if (chosen.length === 0) throw new Error(`no such server; there are ${SERVERS.map(({ id }) => id).join(', ')}`);

for (const server of chosen) {
  const folder = install(server, cache);
  if (server.executable !== undefined) chmodSync(join(folder, server.executable), 0o755);
  for (const [mode, measurement] of Object.entries(server.measurements)) {
    if (positionals.some((name) => name.startsWith(`${server.id}:`) && name !== `${server.id}:${mode}`)) continue;
    const data = await measure(server, folder, mode, measurement);
    const file = join(root, 'docs', 'results', 'data', `${server.id}.${mode}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(data, null, 1)}\n`);
    console.log(`${server.id} ${mode}: ${JSON.stringify(data.counts)}`);
  }
}

async function measure(server, folder, mode, measurement) {
  const [port, upstreamPort] = await freePorts(2);
  const work = mkdtempSync(join(tmpdir(), `field-${server.id}-`));
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const place = { folder, work, port, upstream, upstreamKey: UPSTREAM_KEY };
  const running = [];
  const begin = (command, options) => {
    const process = start(command, options);
    running.push(process);
    return process;
  };
  try {
    if (mode === 'run' && measurement.upstream !== false) {
      const log = join(work, 'upstream.log');
      const serve = begin(
        ['node', cli, 'serve', '--port', `${upstreamPort}`, '--api-key-env', 'FIELD_KEY', '--quiet'],
        {
          cwd: work,
          env: { FIELD_KEY: UPSTREAM_KEY },
          log,
        },
      );
      await ready(`${upstream}/`, serve, log);
    }
    const { command, env = {}, files = {}, ready: path } = measurement.start(place);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, name)), { recursive: true });
      writeFileSync(join(work, name), text);
    }
    const log = join(work, 'server.log');
    const url = `http://127.0.0.1:${port}`;
    await ready(`${url}${path}`, begin(command, { cwd: work, env, log }), log);
    for (const { path, body } of measurement.requests?.(place) ?? []) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`);
    }
    const report = judge(mode, measurement, { url, upstreamPort, work, headers: measurement.headers?.(place) ?? {} });
    return compact(
      report,
      {
        server: server.id,
        version: server.package.version,
        mode,
        measured: report.run.startedAt.slice(0, 10),
        runtime: `Node ${process.version.slice(1)}`,
        upstream: mode === 'gateway' ? 'script' : measurement.upstream === false ? 'none' : 'serve',
      },
      { [folder]: 'CACHE', [work]: 'WORK', [`:${port}`]: ':PORT', [`:${upstreamPort}`]: ':UPSTREAM' },
    );
  } finally {
    for (const process of running.reverse()) await process.stop();
    if (process.env.FIELD_KEEP === undefined) rmSync(work, { recursive: true, force: true });
    else console.log(`kept ${work}`);
  }
}

/** Runs the command as a user would, and reads its report. */
function judge(
  mode,
  { model = 'reference-1', key = mode === 'gateway' ? CLIENT_KEY : UPSTREAM_KEY },
  { url, upstreamPort, work, headers },
) {
  const out = join(work, 'report');
  const lines = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const args = [cli, mode, '--url', url, '--model', model, '--out', out, '--quiet', '--no-color', ...lines];
  if (mode === 'gateway') args.push('--upstream-port', `${upstreamPort}`);
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: work,
    env: { ...process.env, ANTHROPIC_API_KEY: key },
    encoding: 'utf8',
  });
  if (status > 1) throw new Error(`the run ended with status ${status}: ${stderr}`);
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
}

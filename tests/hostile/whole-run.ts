/** Whole runs against a hostile target, and what has to hold of each of them whatever the target does. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'vitest';
import type { FailureKind } from '../../core/exchange.js';
import { EXECUTED, VERDICTS } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { REPORTERS } from '../../reporters/index.js';
import { terminal } from '../../reporters/terminal.js';
import { packageFile } from '../../runner/package-files.js';
import { type RunOptions, run } from '../../runner/run.js';
import { violations } from '../../validation/index.js';
import { SARIF_SUBSET } from '../reporters/sarif-subset.js';
import { parseXml } from '../reporters/strict-xml.js';
import { command, type Outcome, scratch } from '../support/command.js';
import { type Answer, hostileTarget } from './target.js';

/** Holds a character that JSON escapes, so that the key has more than one form. */
export const KEY = 'sk-hostile/"key"+0123456789';

/** What the command may take at its peak, with every report written. */
const MEBIBYTES = 300;

/** Most bytes of one report, whatever a target sent. */
const MAX_REPORT_BYTES = 5_000_000;

/** Two requests: a message, and a message as a stream. */
export const TWO: RunOptions = { only: ['http.post.messages', 'stream.order.message-stop-last'] };

export interface WholeRun extends Outcome {
  report: Report;
  /** Every file that was written, by name. */
  files: ReadonlyMap<string, string>;
  /** Everything that came to the target, one entry a connection. */
  received: readonly string[];
  /** Peak of the process; 0 for a run that had none of its own. */
  mebibytes: number;
}

/** Judges a target that answers in this way, in this process, writes every report, and checks that the run is sound. */
export async function judgeAgainst(answer: Answer, options: RunOptions): Promise<WholeRun> {
  const server = await hostileTarget(answer);
  try {
    return { ...(await judgeAt(server.url, options)), received: server.received };
  } finally {
    await server.close();
  }
}

/** The same against a server that the caller starts and ends. */
export async function judgeAt(url: string, options: RunOptions): Promise<WholeRun> {
  const { report, exitCode, redact } = await run({ url, model: 'm', apiKey: KEY, timeoutSeconds: 60, ...options });
  const files = new Map<string, string>();
  let out = '';
  for (const { also = [], ...main } of Object.values(REPORTERS)) {
    for (const view of [main, ...also]) {
      const pieces = view.pieces === undefined ? [await view.render(report)] : [...(await view.pieces(report))];
      const text = pieces.map((piece) => (typeof piece === 'string' ? redact(piece) : piece.own)).join('');
      if (view.file === null) out += text;
      else files.set(view.file, text);
    }
  }
  const done = { code: exitCode, out, err: '', report, files, received: [], mebibytes: 0 };
  expectSound(done);
  return done;
}

/** Runs the built command against such a target, with every reporter: its memory is bounded besides. */
export async function runAgainst(answer: Answer, args: readonly string[] = ['--quick']): Promise<WholeRun> {
  const server = await hostileTarget(answer);
  try {
    const done = await runAt(server.url, args);
    return { ...done, received: server.received };
  } finally {
    await server.close();
  }
}

/** The same against a server that the caller starts and ends. */
export async function runAt(url: string, args: readonly string[]): Promise<WholeRun> {
  const { folder, remove } = scratch();
  try {
    const timeout = args.includes('--timeout') ? [] : ['--timeout', TIMEOUT];
    const { mebibytes, ...outcome } = await measured(folder, ['--url', url, '--model', 'm', ...timeout, ...args]);
    const files = filesIn(join(folder, OUT));
    const done = { ...outcome, files, report: reportOf(files), received: [], mebibytes };
    expectSound(done);
    return done;
  } finally {
    remove();
  }
}

/** One of many hostile targets, with the settings of a fleet file. */
export type Hostile = readonly [name: string, answer: Answer, settings?: object];

/**
 * Runs the built command against one hostile target after another, all in one process: starting one takes longer than most of them do,
 * and its memory is that of whatever comes worst. Returns the run of the target with this name.
 */
export async function runAgainstAll(
  targets: readonly Hostile[],
  args: readonly string[],
): Promise<(name: string) => WholeRun> {
  const { folder, remove } = scratch();
  const servers = await Promise.all(targets.map(([, answer]) => hostileTarget(answer)));
  const nameOf = (index: number): string => `target-${index}`;
  try {
    const entries = targets.map(([, , settings], index) => ({
      name: nameOf(index),
      url: servers[index]!.url,
      model: 'm',
      apiKeyEnv: 'ANTHROPIC_API_KEY',
      timeout: Number(TIMEOUT),
      ...settings,
    }));
    writeFileSync(join(folder, 'fleet.json'), JSON.stringify({ targets: entries }));
    const fleet = await measured(folder, ['--targets', 'fleet.json', ...args]);
    const { targets: ended } = JSON.parse(readFileSync(join(folder, OUT, 'summary.json'), 'utf8')) as {
      targets: { name: string; status: number }[];
    };
    const runs = targets.map(([name], index): [string, WholeRun] => {
      const files = filesIn(join(folder, OUT, nameOf(index)));
      const report = reportOf(files);
      const code = ended.find((one) => one.name === nameOf(index))!.status;
      const out = fleet.out + terminal(report, { verbose: true });
      return [name, { ...fleet, out, code, report, files, received: servers[index]!.received }];
    });
    const byName = new Map(runs);
    return (name) => {
      const one = byName.get(name)!;
      expectSound(one);
      return one;
    };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    remove();
  }
}

const OUT = 'out';
const TIMEOUT = '120';

/** Runs the built command in a process of its own, with every reporter, and tells its peak. */
async function measured(folder: string, args: readonly string[]): Promise<Outcome & { mebibytes: number }> {
  const usage = join(folder, 'usage');
  const reporters = ['--reporter', 'markdown,sarif,github,openmetrics,badge'];
  const outcome = await command(['run', '--out', OUT, ...reporters, ...args], {
    cwd: folder,
    ownProcess: true,
    env: {
      ANTHROPIC_API_KEY: KEY,
      NODE_OPTIONS: `--require ${packageFile('scripts', 'bench', 'usage.cjs')}`,
      BENCH_USAGE_FILE: usage,
    },
  });
  const { memory } = JSON.parse(readFileSync(usage, 'utf8')) as { memory: number };
  return { ...outcome, mebibytes: memory };
}

function filesIn(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

const reportOf = (files: ReadonlyMap<string, string>): Report =>
  JSON.parse(files.get('report.json') ?? 'null') as Report;

/** Kinds of failures of the exchanges of a run, each once. */
export const failuresOf = ({ report }: WholeRun): (FailureKind | null)[] => [
  ...new Set(report.exchanges.map(({ failure }) => failure?.kind ?? null)),
];

/** Requirements with one of these verdicts, each with its reason. */
export const resultsWith = ({ report }: WholeRun, ...verdicts: string[]): string[] =>
  report.results.filter(({ verdict }) => verdicts.includes(verdict)).map(({ id, reason }) => `${id}: ${reason}`);

function expectSound(run: WholeRun): void {
  expect(run.err).not.toMatch(/^\s+at /m);
  expect(run.report, run.err).not.toBeNull();
  expect(run.code).toBe(documentedStatus(run.report));
  expect(run.mebibytes).toBeLessThan(MEBIBYTES);
  for (const [name, text] of run.files)
    expect(Buffer.byteLength(text), `bytes of ${name}`).toBeLessThan(MAX_REPORT_BYTES);
  expectWhole(run);
  expectNoKey(run);
  expect(run.out.match(HIDDEN)).toBeNull();
}

/** The table of the README. */
function documentedStatus({ results, run, diagnosis, summary }: Report): number {
  if (diagnosis !== null) return 3;
  if (results.some(({ verdict }) => verdict === 'fail')) return 1;
  if (run.interrupted !== null) return 3;
  if (summary.must.judged * 100 < summary.must.total * run.minJudged) return 3;
  return results.some(({ verdict }) => EXECUTED.includes(verdict)) ? 0 : 3;
}

const FILES = [
  'badge.json',
  'badge.svg',
  'index.html',
  'job-summary.md',
  'junit.xml',
  'metrics.prom',
  'report.json',
  'report.md',
];

function expectWhole({ files, report }: WholeRun): void {
  expect([...files.keys()].sort()).toEqual([...FILES, 'report.sarif'].sort());
  expect(violations('report', report)).toEqual([]);
  for (const verdict of VERDICTS)
    expect(report.summary[verdict], verdict).toBe(report.results.filter((result) => result.verdict === verdict).length);
  const ids = new Set(report.exchanges.map(({ id }) => id));
  for (const result of report.results) for (const id of result.exchanges) expect(ids, result.id).toContain(id);
  expect(parseXml(files.get('junit.xml') ?? '').name).toBe('testsuites');
  expect(parseXml(files.get('badge.svg') ?? '').name).toBe('svg');
  JSON.parse(files.get('badge.json') ?? '');
  fitsSarif(JSON.parse(files.get('report.sarif') ?? ''));
  expect(fitsSarif.errors ?? []).toEqual([]);
  const page = files.get('index.html') ?? '';
  expect(page).toMatch(/^<!doctype html>/i);
  expect(page.trimEnd()).toMatch(/<\/html>$/);
  for (const name of ['report.md', 'job-summary.md', 'junit.xml', 'report.sarif'])
    expect(files.get(name)?.match(HIDDEN) ?? null, name).toBeNull();
}

/** Controls but the line feed, direction marks, invisible characters, unpaired surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not occur
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]|\p{Cf}/u;

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const fitsSarif = ajv.compile(SARIF_SUBSET);

function expectNoKey({ files, out, err }: WholeRun): void {
  const quoted = JSON.stringify(KEY).slice(1, -1);
  const forms = [KEY, quoted, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')];
  for (const [name, text] of [...files, ['standard output', out], ['standard error', err]] as const)
    for (const form of forms) expect(text.includes(form), `${name} holds ${form}`).toBe(false);
}

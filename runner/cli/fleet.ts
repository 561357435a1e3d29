/** `run --targets FILE`: many targets, some at a time, a report each, one matrix and one summary. */

import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Report } from '../../core/report.js';
import { matrixHtml } from '../../reporters/html-matrix.js';
import { OUTCOME_WORDS, outcome, whyIncomplete } from '../../reporters/outcome.js';
import { oneLine } from '../../reporters/text.js';
import { readJsonFile } from '../contract/contracts.js';
import { prepare } from '../run.js';
import { UsageError } from '../usage-error.js';
import { announce } from './announce.js';
import { type Config, withOwnPaths } from './config-file.js';
import { dryRun } from './dry-run.js';
import { writeText } from './files.js';
import { keepSecret, print, say } from './output.js';
import { chooseReporters, judged, readBaseline, runOptions } from './run.js';
import { type GivenOptions, resolveSettings, type Settings } from './settings.js';

interface FleetTarget extends Config {
  name: string;
  url: string;
}

interface Member {
  name: string;
  settings: Settings;
}

/** Targets at the same time, where `--parallel` does not say. */
const PARALLEL = 2;

/** Options that make sense for one target only. */
const OF_ONE_TARGET = ['url', 'watch', 'failed', 'updateBaseline', 'baseline'] as const;

/** The highest status of all targets. Throws `UsageError` before anything is sent, naming the target. */
export async function runFleet(given: GivenOptions, environment: NodeJS.ProcessEnv): Promise<number> {
  const members = membersOf(given, environment);
  if (members.length === 0) {
    say(`--shard ${given.shard}: no target of ${given.targets} is in this part`);
    return 0;
  }
  const parallel = given.parallel ?? PARALLEL;
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 32)
    throw new UsageError(`--parallel ${parallel}: expected a whole number from 1 to 32`);
  for (const { name, settings } of members) keepSecret(announce(settings), name);
  if (given.dryRun) {
    for (const { name, settings } of members)
      print(`${name}\n${dryRun(await prepare(runOptions(settings)), settings.verbose)}`);
    return 0;
  }
  const ready = members.map(({ name, settings }) => ({
    name,
    settings,
    reporters: chooseReporters(settings),
    baseline: readBaseline(settings),
  }));
  // Each run listens for signals itself.
  process.setMaxListeners(parallel * 4 + 20);
  const limit = pLimit(parallel);
  const runs = await Promise.all(
    ready.map(({ name, settings, reporters, baseline }) =>
      limit(async () => {
        const quietly = { ...settings, terminal: false, progress: false, secretsOf: name };
        const run = await judged(quietly, reporters, baseline);
        say(lineOf(name, run.report));
        return { name, settings, ...run };
      }),
    ),
  );
  const out = outOf(given);
  const entries = runs.map(({ name, report }) => ({ name, report, page: `${encodeURIComponent(name)}/index.html` }));
  writeText(join(out, 'matrix.html'), matrixHtml(entries), { private: true });
  const status = Math.max(...runs.map((run) => run.status));
  writeText(join(out, 'summary.json'), `${JSON.stringify(summaryOf(runs, status), null, 2)}\n`);
  print(`${runs.map(({ name, report }) => lineOf(name, report)).join('\n')}\n${join(out, 'matrix.html')}\n`);
  return status;
}

const outOf = ({ out }: GivenOptions): string => out ?? 'conformance-fleet';

function membersOf(given: GivenOptions, environment: NodeJS.ProcessEnv): Member[] {
  for (const name of OF_ONE_TARGET)
    if (given[name] !== undefined)
      throw new UsageError(`--targets and --${dashed(name)}: the file names the targets, each with its own settings`);
  if (given.out === '-') throw new UsageError('--targets and --out -: many reports need a folder');
  const file = given.targets!;
  const { targets } = readJsonFile(file, 'fleet') as { targets: FleetTarget[] };
  const seen = new Set<string>();
  for (const { name } of targets) {
    if (seen.has(name.toLowerCase()))
      throw new UsageError(`${file}: two targets are called ${name}; reports would overwrite each other`);
    seen.add(name.toLowerCase());
  }
  return shardOf(targets, given.shard).map(({ name, ...target }) => {
    try {
      const settings = resolveSettings(
        { ...given, out: join(outOf(given), name) },
        environment,
        withOwnPaths(target, file),
      );
      return { name, settings: { ...settings, urlFrom: file } };
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${file}, target ${name}: ${error.message}`);
      throw error;
    }
  });
}

/** Part `i` of `n`, counted from 1: every n-th target, so that slow neighbours are spread. */
export function shardOf<Target>(targets: readonly Target[], shard: string | undefined): Target[] {
  if (shard === undefined) return [...targets];
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(shard) ?? [];
  const [index, count] = [Number(part), Number(parts)];
  if (!(index >= 1 && index <= count))
    throw new UsageError(`--shard ${shard}: expected I/N with I from 1 to N, e.g. --shard 3/16`);
  return targets.filter((_target, at) => at % count === index - 1);
}

function lineOf(name: string, report: Report): string {
  const { pass, fail, warn } = report.summary;
  const why = whyIncomplete(report);
  const counts = `${fail} failed · ${warn} warnings · ${pass} passed`;
  return `${OUTCOME_WORDS[outcome(report)].toUpperCase().padEnd(10)}  ${name}  ${counts}${why === null ? '' : ` · ${oneLine(why, 200)}`}`;
}

const summaryOf = (
  runs: readonly { name: string; settings: Settings; report: Report; status: number }[],
  status: number,
) => ({
  status,
  targets: runs.map(({ name, settings, report, status: own }) => ({
    name,
    url: report.target.baseUrl,
    model: report.target.model,
    contract: report.target.contract,
    outcome: outcome(report),
    status: own,
    ...(whyIncomplete(report) !== null && { reason: whyIncomplete(report) }),
    pass: report.summary.pass,
    fail: report.summary.fail,
    silent: report.summary.silent,
    warn: report.summary.warn,
    required: report.summary.must,
    report: join(settings.out, 'report.json'),
  })),
});

const dashed = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

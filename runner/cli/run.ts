/** `messages-conformance run`: settings in, reports out, exit status back. */

import { existsSync } from 'node:fs';
import type { Report } from '../../core/report.js';
import { REPORTERS, type ReporterName } from '../../reporters/index.js';
import { whyIncomplete } from '../../reporters/outcome.js';
import { violations } from '../../validation/index.js';
import { MAX_WRITTEN } from '../bounded-file.js';
import { exitCode } from '../exit-code.js';
import { applyBaseline, type Baseline, baselineText, parseBaseline, updateBaseline } from '../report/baseline.js';
import { repeated } from '../report/repeated.js';
import { readBaseUrl } from '../run/target.js';
import { prepare, type RunOptions, type RunResult, run } from '../run.js';
import { schemaFor } from '../schema-location.js';
import { UsageError } from '../usage-error.js';
import { announce } from './announce.js';
import { beShort, collectAfterRun, collectOften } from './be-short.js';
import { dryRun } from './dry-run.js';
import { dropDrafts, readText, STANDARD_OUTPUT, writeText } from './files.js';
import { invocation } from './invocation.js';
import { failedLast, wholeReportIn } from './last-report.js';
import { keepSecret, print, say } from './output.js';
import { takeFolder } from './output-folder.js';
import { showProgress } from './progress.js';
import { type GivenOptions, resolveSettings, type Settings } from './settings.js';
import { waitForTarget } from './wait-for.js';
import { knownReporters, withUsualReporters, writeReports } from './write-reports.js';

export async function runCommand(given: GivenOptions): Promise<number> {
  beShort();
  // Two mebibytes less, for the same CPU time: one collection comes before the reports are written instead of during it.
  collectOften(64);
  if (given.targets !== undefined) return (await import('./fleet.js')).runFleet(given, process.env);
  for (const name of ['shard', 'parallel'] as const)
    if (given[name] !== undefined) throw new UsageError(`--${name} needs --targets FILE`);
  const settings = resolveSettings(given, process.env);
  keepSecret(announce(settings));
  const reporters = chooseReporters(settings);
  if (settings.failed) {
    const { url, model, out } = settings;
    const again = failedLast(out, { baseUrl: url === undefined ? undefined : readBaseUrl(url).baseUrl, model });
    if (again === 'nothing') {
      say('--failed: everything passed in the last report, so nothing is judged');
      return 0;
    }
    if (again === 'all') say('--failed: the last run judged too little, so everything is judged');
    else {
      settings.only.push(...again.only);
      settings.with.push(...again.with);
    }
  }
  if (settings.dryRun) {
    print(dryRun(await prepare(runOptions(settings)), settings.verbose));
    return 0;
  }
  const baseline = readBaseline(settings);
  if (drivesClients(settings)) await (await import('./with-clients.js')).requireClients(settings);
  if (settings.watch.length === 0) return (await judged(settings, reporters, baseline)).status;
  const { watchAndRun } = await import('./watch.js');
  return watchAndRun(settings, (stop) => judged({ ...settings, terminal: false }, reporters, baseline, stop));
}

/** How a run shows itself where it is one of many, or repeated by `--watch`. */
interface Showing {
  /** `false`: no terminal report. */
  terminal?: boolean;
  /** `false`: no line that counts requests. */
  progress?: boolean;
  /** Under which name its secrets are masked. */
  secretsOf?: string;
}

/** What a run tells while it goes on, and what ends it. */
export type Hooks = Required<
  Pick<RunOptions, 'signal' | 'onPlanned' | 'onFurther' | 'onWaiting' | 'onExchange' | 'onSent'>
>;

/** One run, or as many as `--repeat` says, with its reports written. `once`: the run itself, by default that of `run`. */
export async function judged(
  settings: Settings & Showing,
  reporters: readonly ReporterName[],
  baseline: Baseline | null,
  stop?: AbortSignal,
  once: (hooks: Hooks) => Promise<RunResult> = (hooks) => run({ ...runOptions(settings), ...hooks }),
): Promise<{ report: Report; status: number }> {
  const keeps = keptReport(settings);
  const writesFiles = settings.out !== STANDARD_OUTPUT && keeps === null;
  const releaseFolder = writesFiles ? takeFolder(settings.out) : () => {};
  const interruption = interruptible(stop);
  const progress = showProgress({
    quiet: settings.quiet || settings.progress === false,
    verbose: settings.verbose && settings.progress !== false,
    stream: process.stderr,
  });
  const { signal } = interruption;
  try {
    if (settings.wait !== null && settings.url !== undefined)
      await waitForTarget(readBaseUrl(settings.url).baseUrl, settings.wait, signal);
    const runs: Report[] = [];
    while (runs.length < settings.repeat && !signal.aborted) {
      const { report, redact } = await once({
        signal,
        onPlanned: progress.planned,
        onFurther: progress.further,
        onWaiting: progress.waiting,
        onSent: collectAfterRun,
        onExchange: (exchange, done) => {
          if ((exchange.response?.body.length ?? 0) > LARGE_BODY) collectOften();
          progress.exchange(exchange, done);
        },
      });
      keepSecret(redact, settings.secretsOf);
      runs.push(report);
    }
    progress.done();
    collectAfterRun();
    const met = signal.aborted ? repeated(runs) : await clientsMet(repeated(runs), settings);
    const { report, refused } = withBaseline(met, baseline, settings);
    const written = await writeReports(report, reporters, {
      ...settings,
      folder: writesFiles ? settings.out : null,
      standardOutput: settings.out === STANDARD_OUTPUT,
    });
    if (keeps !== null)
      say(`${settings.out} keeps the whole report of ${keeps}; --out DIR writes this part of a run to another folder`);
    return { report, status: written && !refused ? exitCode(report) : 3 };
  } finally {
    progress.done();
    interruption.clear();
    releaseFolder();
  }
}

const drivesClients = ({ clients, requiredClients }: Settings): boolean => clients.length + requiredClients.length > 0;

/** The report with what real clients showed, where the run drives some. */
async function clientsMet(report: Report, settings: Settings): Promise<Report> {
  if (!drivesClients(settings)) return report;
  const { clientsOf, withClients } = await import('./with-clients.js');
  return withClients(report, clientsOf(settings));
}

/** When the whole report was made that a part of a run would replace; `null` where nothing is lost, or `--out` says where to write. */
const keptReport = ({ only, skip, out, outGiven }: Settings): string | null =>
  outGiven || only.length + skip.length === 0 ? null : wholeReportIn(out);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal ends the run and writes the reports. The second one ends the process at once and leaves no partial file. */
function interruptible(stop?: AbortSignal): { signal: AbortSignal; clear(): void } {
  const interrupt = new AbortController();
  stop?.addEventListener('abort', () => interrupt.abort(stop.reason), { once: true });
  const onSignal = (): void => {
    if (!interrupt.signal.aborted) {
      interrupt.abort('the run was interrupted');
      return;
    }
    dropDrafts();
    process.exit(3);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: interrupt.signal,
    clear: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/** No reply of a model is so long, in characters. */
const LARGE_BODY = 256 * 1024;

export const runOptions = (settings: Settings) => ({
  url: settings.url,
  apiKey: settings.apiKey,
  apiKeyVariable: settings.apiKeyVariable,
  model: settings.model,
  contract: settings.contract,
  profiles: settings.profiles,
  only: settings.only,
  skip: settings.skip,
  with: settings.with,
  bail: settings.bail,
  minJudged: settings.minJudged,
  invocation: invocation(settings),
  thorough: settings.thorough,
  quick: settings.quick,
  apiVersion: settings.apiVersion,
  concurrency: settings.concurrency,
  timeoutSeconds: settings.timeoutSeconds,
  maxRequests: settings.maxRequests,
  maxTokensTotal: settings.maxTokensTotal,
  headers: settings.headers,
  headerVariables: settings.headerVariables,
  maxDurationMinutes: settings.maxDurationMinutes,
  followResults: settings.followResults,
  strict: settings.strict,
});

export function chooseReporters({ reporters: names, out }: Settings): ReporterName[] {
  const known = knownReporters(names);
  if (out === STANDARD_OUTPUT) {
    const [only, ...others] = known;
    if (only === undefined || others.length > 0 || REPORTERS[only].file === null)
      throw new UsageError('--out -: one reporter writes to standard output; name it, e.g. --reporter json --out -');
    return [only];
  }
  return withUsualReporters(known);
}

/** Read before anything is sent: a run that cost money must not end at a list that cannot be read. */
export function readBaseline({ baseline: file, updateBaseline: writes }: Settings): Baseline | null {
  if (file === undefined) {
    if (writes) throw new UsageError('--update-baseline needs --baseline FILE');
    return null;
  }
  if (!existsSync(file)) {
    if (writes) return null;
    throw new UsageError(`--baseline ${file}: there is no such file; --update-baseline writes it`);
  }
  const { baseline, problem } = parseBaseline(readText(file, MAX_WRITTEN), violations);
  if (baseline === undefined) throw new UsageError(`--baseline ${file}: ${problem}`);
  return baseline;
}

/**
 * Marks what the baseline knows, or writes it anew with `--update-baseline`. Not from a run that is incomplete: what it did not judge
 * would be taken for known.
 */
function withBaseline(
  report: Report,
  previous: Baseline | null,
  settings: Settings,
): { report: Report; refused: boolean } {
  const { baseline: file, updateBaseline: writes } = settings;
  if (file === undefined) return { report, refused: false };
  const why = writes ? whyIncomplete(report) : null;
  if (why !== null) say(`--update-baseline: ${file} stays as it is, because this run is incomplete: ${why}`);
  const updates = writes && why === null;
  const baseline =
    updates || previous === null ? updateBaseline(report, previous, schemaFor('baseline', file)) : previous;
  if (updates) writeText(file, baselineText(baseline));
  if (why !== null && previous === null) return { report, refused: true };
  return {
    report: applyBaseline(report, baseline, new Date().toISOString().slice(0, 10), file),
    refused: why !== null,
  };
}

/** One run, end to end: contract and target, plan, fire, judge, report. The library's main entry; the command line is a view of it. */

import { setMaxListeners } from 'node:events';
import type { Exchange } from '../core/exchange.js';
import type { Fixture } from '../core/fixture.js';
import { PROFILES, type Profile } from '../core/protocol.js';
import type { Report } from '../core/report.js';
import type { Probe } from '../core/requirement.js';
import { PROFILE_PROBES } from '../suites/catalogue/profile-probes.js';
import { QUICK } from '../suites/catalogue/quick.js';
import { CATALOGUE } from '../suites/index.js';
import { violations } from '../validation/index.js';
import { type Contract, loadContract } from './contract/contracts.js';
import { exitCode } from './exit-code.js';
import { firstFailure } from './judge/bail.js';
import { type PlannedCost, plannedCost } from './plan/cost.js';
import { loadFixtures } from './plan/fixtures.js';
import { type Plan, plan, type Selection } from './plan/plan.js';
import { reportOf } from './report/report-of.js';
import type { Invocation } from './report/reproduce.js';
import { diagnose } from './run/diagnose.js';
import { type Fired, fire, type Progress } from './run/fire.js';
import { isClientInstalled } from './run/official-client.js';
import { defaultsOf, openTarget, type TargetOptions } from './run/target.js';
import type { Waiting } from './run/waiting.js';
import { RUN_DEFAULTS } from './run-defaults.js';
import { requireAssets } from './send/assets.js';
import { requestSelfCheck } from './send/self-check.js';
import { UsageError, unknownKeys } from './usage-error.js';

/** What to judge and how. Everything but the target has a default. */
export interface RunOptions extends TargetOptions {
  /** Name of a built-in contract, path of a file, or a contract. Default: `default`. */
  contract?: string | Contract;
  /** Default: the profiles that the contract claims; `default` has the others judged where they are offered. Named ones are claimed. */
  profiles?: readonly Profile[];
  /** Ids, globs, or the beginnings of ids such as `stream.order`. */
  only?: readonly string[];
  skip?: readonly string[];
  /** Fixtures to send as well, whatever needs them. */
  with?: readonly string[];
  thorough?: boolean;
  /** At most ten requests, the requirements with the most damage first. */
  quick?: boolean;
  /** Asks these requirements with a part of their fixtures, where more would cost too much or leave traces. */
  cheaply?: readonly Probe[];
  /** Ends the run at the first failure. */
  bail?: boolean;
  /** `false`: the run goes on even where the plainest request is rejected. */
  diagnose?: boolean;
  /** Percent of the MUST requirements of the claimed profiles that have to be judged; default 75. */
  minJudged?: number;
  concurrency?: number;
  timeoutSeconds?: number;
  maxRequests?: number | null;
  maxTokensTotal?: number | null;
  /** Longest time of the whole run; what was found by then is reported, and the run counts as interrupted. Default: 30. */
  maxDurationMinutes?: number;
  /** Ask for the results of batches where the target says they are, on other origins too: without a key, and only their status, type and length are kept. */
  followResults?: boolean;
  strict?: boolean;
  signal?: AbortSignal;
  /** How the run was started, for the commands that the report prints. */
  invocation?: Invocation;
  onPlanned?: (cost: PlannedCost) => void;
  onExchange?: (exchange: Exchange, progress: Progress) => void;
  /** The run pauses: the target asked for it, or something is not done yet. */
  onWaiting?: (waiting: Waiting) => void;
  /** So many requests more than planned: parts of what was rejected, repetitions. */
  onFurther?: (requests: number) => void;
  /** Everything was sent; what follows is judging, without the network. */
  onSent?: () => void;
}

/** Every option of a run, so that a misspelt one is not taken for none. */
const OPTIONS = Object.keys({
  url: 0,
  fetch: 0,
  apiKey: 0,
  apiKeyVariable: 0,
  model: 0,
  headers: 0,
  apiVersion: 0,
  embedded: 0,
  contract: 0,
  profiles: 0,
  only: 0,
  skip: 0,
  with: 0,
  thorough: 0,
  quick: 0,
  cheaply: 0,
  bail: 0,
  diagnose: 0,
  minJudged: 0,
  concurrency: 0,
  timeoutSeconds: 0,
  maxRequests: 0,
  maxTokensTotal: 0,
  maxDurationMinutes: 0,
  followResults: 0,
  headerVariables: 0,
  strict: 0,
  signal: 0,
  invocation: 0,
  onPlanned: 0,
  onExchange: 0,
  onWaiting: 0,
  onFurther: 0,
  onSent: 0,
} satisfies Record<keyof Required<RunOptions>, 0>);

export interface RunResult {
  report: Report;
  /** 0, 1 or 3, as the README says. */
  exitCode: number;
  /** Masks the secrets of the run in any text: for who writes more than the report. */
  redact: (text: string) => string;
}

/**
 * Judges a target. Throws `UsageError` for options that make no sense, never for what a target does: one that cannot be judged has a
 * report with a `diagnosis`, and status 3.
 */
export async function run(options: RunOptions = {}): Promise<RunResult> {
  unknownKeys(options, OPTIONS, 'run');
  const prepared = await prepare(options);
  const started = new Date();
  const clock = performance.now();
  const opened = await openTarget(options, prepared.contract);
  const end = endOf(options);
  try {
    options.onPlanned?.(prepared.cost);
    const first = await send(options, prepared, opened, end.signal);
    // Requests that share an exchange are planned by the header that carries the key: with the other one the plan is another.
    const other = first.diagnosis !== null && 'credential' in first.diagnosis ? first.diagnosis : null;
    const final =
      other === null
        ? prepared
        : await prepare({ ...options, contract: preferring(prepared.contract, other.credential) });
    const target = other === null ? opened.target : { ...opened.target, credential: other.credential };
    const fired = other === null ? first : await send(options, final, { ...opened, target }, end.signal);
    const diagnosis =
      other?.diagnosis ?? (first.diagnosis !== null && 'unusable' in first.diagnosis ? first.diagnosis.unusable : null);
    options.onSent?.();
    const report = reportOf({
      options,
      prepared: final,
      opened: { ...opened, target },
      fired: other === null ? fired : { ...fired, progress: sum(first.progress, fired.progress) },
      diagnosis,
      minJudged: options.minJudged ?? RUN_DEFAULTS.minJudged,
      startedAt: started,
      durationMs: performance.now() - clock,
    });
    return { report, exitCode: exitCode(report), redact: fired.redact };
  } finally {
    end.clear();
    await opened.close();
  }
}

/** Aborts when the caller does, and when the run has taken as long as it may; the reason of the signal says which. */
function endOf({ signal, maxDurationMinutes = RUN_DEFAULTS.maxDurationMinutes }: RunOptions): {
  signal: AbortSignal;
  clear(): void;
} {
  const overtime = new AbortController();
  const timer = setTimeout(
    () => overtime.abort(`--max-duration ${maxDurationMinutes} (minutes) was reached`),
    maxDurationMinutes * 60_000,
  );
  timer.unref();
  const either = AbortSignal.any([overtime.signal, ...(signal === undefined ? [] : [signal])]);
  // Each request under way listens.
  setMaxListeners(0, either);
  return {
    signal: either,
    clear: () => clearTimeout(timer),
  };
}

export interface Prepared {
  contract: Contract;
  fixtures: ReadonlyMap<string, Fixture>;
  profiles: readonly Profile[];
  plan: Plan;
  cost: PlannedCost;
}

/** Everything that can be said before anything is sent. Throws `UsageError`. */
export async function prepare(options: RunOptions): Promise<Prepared> {
  checkNumbers(options);
  const given =
    typeof options.contract === 'object' ? options.contract : await loadContract(options.contract ?? 'default');
  const contract = claiming(given, options.profiles ?? []);
  const fixtures = loadFixtures();
  const implemented = new Set(CATALOGUE.map(({ profile }) => profile));
  const { claimed, disclaimed = [], unclaimed } = contract.profiles;
  const judged = unclaimed === 'judge' ? PROFILES.filter((profile) => !disclaimed.includes(profile)) : claimed;
  const profiles = PROFILES.filter(
    (profile) => implemented.has(profile) && (options.profiles ?? judged).includes(profile),
  );
  const asked = options.profiles !== undefined || (options.only ?? []).length > 0;
  const selection: Selection = {
    profiles,
    only: options.only ?? [],
    skip: options.skip ?? [],
    further: options.with ?? [],
    thorough: options.thorough ?? false,
    edition: options.apiVersion ?? null,
    probes: PROFILES.filter((profile) => !asked && !profiles.includes(profile)).flatMap(
      (profile) => PROFILE_PROBES[profile] ?? [],
    ),
    cheaply: options.cheaply ?? [],
    conversations: options.quick ? QUICK : null,
    inProcess: options.fetch !== undefined,
    claims: { name: contract.name, profiles: contract.profiles.claimed, dialect: contract.dialect },
    defaults: defaultsOf(options, contract),
  };
  const all = plan(CATALOGUE, fixtures, selection);
  // Looking for the client loads a part of it, which a run without it has no use for.
  const isComplete = !needsClient(all) || (await isClientInstalled());
  const chosen = isComplete ? all : plan(CATALOGUE, fixtures, { ...selection, officialClient: false });
  requireAssets(chosen.conversations.map(({ fixture }) => fixture));
  return { contract, fixtures, profiles, plan: chosen, cost: plannedCost(chosen.conversations) };
}

const needsClient = ({ requirements, conversations }: Plan): boolean =>
  requirements.some(({ officialClient }) => officialClient) ||
  conversations.some(({ fixture }) => fixture.client !== 'http');

/** Options that a config file has too, by their names there: its schema says what is allowed. */
const NUMBERS = {
  concurrency: 'concurrency',
  timeoutSeconds: 'timeout',
  maxDurationMinutes: 'maxDuration',
  maxRequests: 'maxRequests',
  maxTokensTotal: 'maxTokensTotal',
  minJudged: 'minJudged',
} as const;

function checkNumbers(options: RunOptions): void {
  const usual: Partial<Record<keyof typeof NUMBERS, number>> = RUN_DEFAULTS;
  for (const [option, name] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, string][]) {
    const value = options[option] ?? null;
    // Loading the schema takes 4 ms of CPU, the fiftieth part of a short run.
    const [fault] = value === null || value === usual[option] ? [] : violations('config', { [name]: value });
    if (fault !== undefined)
      throw new UsageError(`${option} ${value}: expected ${fault.expected}, got ${fault.actual}`);
  }
}

/** Who names a profile holds the target to it. */
function claiming(contract: Contract, profiles: readonly Profile[]): Contract {
  const claimed = PROFILES.filter((one) => contract.profiles.claimed.includes(one) || profiles.includes(one));
  return { ...contract, profiles: { ...contract.profiles, claimed } };
}

/** The contract with this credential header first. */
function preferring(contract: Contract, credential: 'x-api-key' | 'bearer'): Contract {
  const others = contract.dialect.credentials.filter((one) => one !== credential);
  return { ...contract, dialect: { ...contract.dialect, credentials: [credential, ...others] } };
}

/** The fixture that asks for a message and nothing else. */
export const PLAIN = 'minimal';

type Opened = Awaited<ReturnType<typeof openTarget>>;

const send = (
  options: RunOptions,
  prepared: Prepared,
  { target, network }: Opened,
  signal: AbortSignal,
): Promise<Fired> =>
  fire(prepared.plan.conversations, target, {
    concurrency: options.concurrency ?? RUN_DEFAULTS.concurrency,
    timeoutMs: (options.timeoutSeconds ?? RUN_DEFAULTS.timeoutSeconds) * 1000,
    maxRequests: options.maxRequests ?? null,
    maxTokensTotal: options.maxTokensTotal ?? null,
    followResults: options.followResults ?? false,
    signal,
    unsound: requestSelfCheck(target.apiVersion),
    network,
    diagnose: options.diagnose === false ? undefined : diagnose,
    plain: prepared.fixtures.get(PLAIN),
    ...(options.bail && { enough: firstFailure(prepared, target.model) }),
    onExchange: options.onExchange,
    onWaiting: options.onWaiting,
    onFurther: options.onFurther,
  });

const sum = (a: Progress, b: Progress): Progress => ({
  requests: a.requests + b.requests,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
});

/** One run, end to end: contract and target, plan, fire, judge, report. The library's main entry; the command line is a view of it. */

import type { Exchange } from '../core/exchange.js';
import type { Fixture } from '../core/fixture.js';
import { type ApiVersion, EXECUTED, PROFILES, type Profile } from '../core/protocol.js';
import type { Report } from '../core/report.js';
import type { Probe, Requirement } from '../core/requirement.js';
import { shellWord } from '../core/shell.js';
import { withoutEnd } from '../core/text.js';
import type { EndpointOptions } from '../reference/options.js';
import { PROFILE_PROBES } from '../suites/catalogue/profile-probes.js';
import { QUICK } from '../suites/catalogue/quick.js';
import { CATALOGUE, SUITES } from '../suites/index.js';
import { type SchemaName, violations } from '../validation/index.js';
import { type Contract, claimsOf, levelOverride, loadContract } from './contract/contracts.js';
import { type Judged, judgeAll } from './judge/judge.js';
import { loadFixtures } from './plan/fixtures.js';
import { type Plan, type PlannedCost, plan, plannedCost } from './plan/plan.js';
import { buildReport } from './report/report.js';
import { type Fired, fire, type Progress } from './run/fire.js';
import { requireAssets } from './send/assets.js';
import { type FetchHandler, inProcessNetwork } from './send/in-process.js';
import type { Target } from './send/requests.js';
import { requestSelfCheck } from './send/self-check.js';
import { UsageError } from './usage-error.js';

/** What to judge and how. Everything but the target has a default. */
export interface RunOptions {
  /** Base URL of the target. Without it the embedded reference endpoint is started on a free port. */
  url?: string;
  /**
   * The target itself, as a function in this process: no socket is opened, and what needs one is skipped. Requests name it
   * `url`, by default `http://localhost`. A function that throws is a connection that breaks off.
   */
  fetch?: FetchHandler;
  /** The key itself. The command line reads it from the variable that `apiKeyVariable` names. */
  apiKey?: string | null;
  apiKeyVariable?: string;
  model?: string;
  /** Name of a built-in contract, path of a file, or a contract. Default: `anthropic`. */
  contract?: string | Contract;
  /** Default: the profiles that the contract claims. */
  profiles?: readonly Profile[];
  only?: readonly string[];
  skip?: readonly string[];
  thorough?: boolean;
  /** At most ten requests, the requirements with the most damage first. */
  quick?: boolean;
  /** Asks these requirements with a part of their fixtures, where more would cost too much or leave traces. */
  cheaply?: readonly Probe[];
  /** Version of requests that do not name one; what holds in the other edition alone is left out. */
  apiVersion?: ApiVersion;
  concurrency?: number;
  timeoutSeconds?: number;
  /** Longest time of the whole run; what was found by then is reported, and the run counts as interrupted. Default: 30. */
  maxDurationMinutes?: number;
  maxRequests?: number | null;
  maxTokensTotal?: number | null;
  /** Sent with every request; every value but those of a few public headers is a secret, and reports show `$NAME` in its place. */
  headers?: Readonly<Record<string, string>>;
  /** Variables that `headers` came from, by header, for what reports show. Default: made of the header's name. */
  headerVariables?: Readonly<Record<string, string>>;
  /** Ask for the results of batches where the target says they are, on other origins too: without a key, and only their status, type and length are kept. */
  followResults?: boolean;
  strict?: boolean;
  signal?: AbortSignal;
  /** Further options of the embedded endpoint, such as the faults that it is to have. */
  embedded?: EndpointOptions;
  onPlanned?: (cost: PlannedCost) => void;
  onExchange?: (exchange: Exchange, progress: Progress) => void;
}

export interface RunResult {
  report: Report;
  /** 0, 1 or 3, as the README says. */
  exitCode: number;
  /** Masks the secrets of the run in any text: for who writes more than the report. */
  redact: (text: string) => string;
}

/** The target could not be reached at all: nothing was judged. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** Throws `UsageError` for options that make no sense and `Unreachable` when nobody answers; never for what a target does. */
export async function run(options: RunOptions = {}): Promise<RunResult> {
  const prepared = await prepare(options);
  const started = new Date();
  const clock = performance.now();
  const opened = await openTarget(options, prepared.contract);
  const end = endOf(options);
  let fired: Fired;
  try {
    options.onPlanned?.(prepared.cost);
    fired = await fire(prepared.plan.conversations, opened.target, {
      concurrency: options.concurrency ?? 4,
      timeoutMs: (options.timeoutSeconds ?? 120) * 1000,
      maxRequests: options.maxRequests ?? null,
      maxTokensTotal: options.maxTokensTotal ?? null,
      followResults: options.followResults ?? false,
      signal: end.signal,
      unsound: requestSelfCheck(opened.target.apiVersion),
      ...(options.fetch && { network: inProcessNetwork(options.fetch) }),
      onExchange: options.onExchange,
    });
  } finally {
    end.clear();
    await opened.close();
  }
  if (fired.unreachable !== null && !end.signal.aborted) {
    throw new Unreachable(`${opened.target.baseUrl} cannot be reached: ${fired.unreachable}`);
  }
  const report = toReport(options, prepared, opened, fired, started, performance.now() - clock);
  return { report, exitCode: exitCode(report), redact: fired.redact };
}

/** Aborts when the caller does, and when the run has taken as long as it may; the reason of the signal says which. */
function endOf({ signal, maxDurationMinutes = 30 }: RunOptions): { signal: AbortSignal; clear(): void } {
  const overtime = new AbortController();
  const timer = setTimeout(
    () => overtime.abort(`--max-duration ${maxDurationMinutes} (minutes) was reached`),
    maxDurationMinutes * 60_000,
  );
  timer.unref();
  return {
    signal: AbortSignal.any([overtime.signal, ...(signal === undefined ? [] : [signal])]),
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
  const contract =
    typeof options.contract === 'object' ? options.contract : await loadContract(options.contract ?? 'anthropic');
  const fixtures = loadFixtures();
  const implemented = new Set(CATALOGUE.map(({ profile }) => profile));
  const profiles = PROFILES.filter(
    (profile) => implemented.has(profile) && (options.profiles ?? contract.profiles.claimed).includes(profile),
  );
  const asked = options.profiles !== undefined || (options.only ?? []).length > 0;
  const chosen = plan(CATALOGUE, fixtures, {
    profiles,
    only: options.only ?? [],
    skip: options.skip ?? [],
    thorough: options.thorough ?? false,
    edition: options.apiVersion ?? null,
    probes: PROFILES.filter((profile) => !asked && !profiles.includes(profile)).flatMap(
      (profile) => PROFILE_PROBES[profile] ?? [],
    ),
    cheaply: options.cheaply ?? [],
    conversations: options.quick ? QUICK : null,
    inProcess: options.fetch !== undefined,
    claims: claimsOf(contract),
    defaults: defaultsOf(options, contract),
  });
  requireAssets(chosen.conversations.map(({ fixture }) => fixture));
  return { contract, fixtures, profiles, plan: chosen, cost: plannedCost(chosen.conversations) };
}

/** Options that a config file has too, by their names there: its schema says what is allowed. */
const NUMBERS = {
  concurrency: 'concurrency',
  timeoutSeconds: 'timeout',
  maxDurationMinutes: 'maxDuration',
  maxRequests: 'maxRequests',
  maxTokensTotal: 'maxTokensTotal',
} as const;

function checkNumbers(options: RunOptions): void {
  for (const [option, name] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, string][]) {
    const value = options[option] ?? null;
    const [fault] = value === null ? [] : violations('config', { [name]: value });
    if (fault !== undefined)
      throw new UsageError(`${option} ${value}: expected ${fault.expected}, got ${fault.actual}`);
  }
}

/** Credential header and version of requests that do not name one: the first that the contract documents. */
export const defaultsOf = ({ apiVersion }: RunOptions, { dialect }: Contract) => ({
  credential: dialect.credentials[0] ?? 'x-api-key',
  apiVersion: apiVersion ?? dialect.versions[0] ?? '2023-06-01',
});

interface Opened {
  target: Target;
  embedded: boolean;
  notices: string[];
  close(): Promise<void>;
}

async function openTarget(options: RunOptions, contract: Contract): Promise<Opened> {
  const common = {
    apiKeyVariable: options.apiKeyVariable ?? 'ANTHROPIC_API_KEY',
    headers: options.headers ?? {},
    headerVariables: options.headerVariables ?? {},
    ...defaultsOf(options, contract),
  } as const;
  const url = options.url ?? (options.fetch && 'http://localhost');
  if (url === undefined) {
    const { openEmbedded } = await import('./run/embedded.js');
    const embedded = await openEmbedded(contract, options.embedded);
    const target: Target = {
      ...common,
      baseUrl: embedded.url,
      apiKey: embedded.apiKey,
      model: options.model ?? embedded.model,
    };
    return { target, embedded: true, notices: [], close: embedded.close };
  }
  const { baseUrl, notices } = readBaseUrl(url);
  if (options.model === undefined)
    throw new UsageError('--model is missing: name the model that the target serves, e.g. --model claude-sonnet-4-5');
  const apiKey = options.apiKey ?? null;
  if (apiKey === null)
    notices.push(
      `No credential is sent: the variable ${common.apiKeyVariable} is not set. If the target wants a key, export it there, or name its variable with --api-key-env. Requirements about credentials are left out.`,
    );
  return {
    target: { ...common, baseUrl, apiKey, model: options.model },
    embedded: false,
    notices,
    close: async () => {},
  };
}

/** A base URL as it was meant. Official clients append `/v1/messages` themselves, so a trailing `/v1` is taken off, and said. */
export function readBaseUrl(given: string): { baseUrl: string; notices: string[] } {
  if (!URL.canParse(given))
    throw new UsageError(`--url ${given}: not an address; expected something like https://api.example.com`);
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`--url ${given}: only http and https are spoken, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      '--url holds a user name or password; put the credential into a variable and name it with --api-key-env',
    );
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`--url ${given}: a base URL has no query and no fragment`);
  const path = withoutEnd(url.pathname, '/');
  const stripped = path.replace(/\/v1(\/messages)?$/, '');
  const baseUrl = `${url.origin}${stripped}`;
  if (stripped === path) return { baseUrl, notices: [] };
  const notice = `The base URL ${given} already ends in ${path.slice(stripped.length)}. Official clients append /v1/messages themselves and would ask for ${url.origin}${path}/v1/messages; this run judges ${baseUrl}/v1/messages.`;
  return { baseUrl, notices: [notice] };
}

function toReport(
  options: RunOptions,
  prepared: Prepared,
  opened: Opened,
  fired: Fired,
  startedAt: Date,
  durationMs: number,
): Report {
  const { fixtures, profiles } = prepared;
  const { target } = opened;
  const contract = target.apiKey === null ? withoutAuthentication(prepared.contract) : prepared.contract;
  const judge = (requirements: readonly Requirement[]) =>
    judgeAll(requirements, {
      fixtures,
      exchanges: fired.exchanges,
      claims: claimsOf(contract),
      model: target.model,
      violations: (schema, value) => violations(schema as SchemaName, value),
      level: (requirement) => levelOverride(contract, requirement)?.level ?? requirement.level,
    }).map((judged) => withoutSecrets(judged, fired.redact));
  const only = options.only ?? [];
  const leftOut = CATALOGUE.filter(
    ({ id, profile }) =>
      prepared.plan.impossible.has(id) ||
      (only.length === 0 && prepared.plan.leftOut.has(id) && profiles.includes(profile)),
  );
  return buildReport({
    baseUrl: target.baseUrl,
    model: target.model,
    embedded: opened.embedded,
    contract,
    apiVersions: [...new Set(fired.exchanges.flatMap(({ apiVersion }) => apiVersion ?? []))].sort(),
    judged: judge(prepared.plan.requirements).map(claimedButNotThere),
    presence: presence(judge(prepared.plan.probes)),
    leftOut: leftOut.map((requirement) => ({
      requirement,
      suite: SUITE_OF.get(requirement.id) ?? '',
      reason: prepared.plan.leftOut.get(requirement.id) ?? '',
    })),
    suiteOf: SUITE_OF,
    exchanges: fired.exchanges,
    progress: fired.progress,
    startedAt,
    durationMs,
    interrupted: fired.stopped,
    run: { profiles, only, skip: options.skip ?? [], strict: options.strict ?? false },
    reproduceOptions: opened.embedded
      ? contractOption(contract)
      : `--url ${shellWord(target.baseUrl)} --model ${shellWord(target.model)} ${contractOption(contract)}`,
    notices: [...opened.notices, ...fired.notices, ...refusedThroughout(fired.exchanges, target.apiKeyVariable)],
  });
}

/** A target may send a key in pieces that only add up in what a judge quotes. */
function withoutSecrets(judged: Judged, redact: (text: string) => string): Judged {
  return {
    ...judged,
    reason: redact(judged.reason),
    findings: judged.findings.map((finding) => ({
      ...finding,
      message: redact(finding.message),
      expected: redact(finding.expected),
      actual: redact(finding.actual),
    })),
  };
}

const PROBE_IDS: readonly string[] = Object.values(PROFILE_PROBES).map(({ requirement }) => requirement);

/** The one requirement that shows a profile says it in these words when a claimed profile is refused. */
function claimedButNotThere(judged: Judged): Judged {
  if (judged.outcome !== 'rejected' || judged.verdict === 'declined' || !PROBE_IDS.includes(judged.requirement.id))
    return judged;
  return {
    ...judged,
    reason: `The profile ${judged.requirement.profile} is claimed but not there: ${judged.findings[0]?.actual ?? judged.reason}`,
  };
}

/** Without a key nothing can be said about refusing wrong ones. */
const withoutAuthentication = (contract: Contract): Contract => ({
  ...contract,
  dialect: { ...contract.dialect, authentication: false },
});

/** One line in place of a hundred for the first fault that a new user makes. */
function refusedThroughout(exchanges: readonly Exchange[], variable: string): string[] {
  const statuses = new Set(exchanges.map(({ response }) => response?.status));
  const [status] = statuses;
  if (exchanges.length < 3 || statuses.size !== 1 || (status !== 401 && status !== 403)) return [];
  return [
    `Every request was refused with ${status}. Is the key in ${variable} the right one for this target, and does it take it in the header that the contract names first?`,
  ];
}

type Presence = NonNullable<Report['profiles'][number]['presence']>;

/** What a target does with the profiles that it does not claim. */
function presence(probes: readonly Judged[]): ReadonlyMap<Profile, Presence> {
  const found = new Map<Profile, Presence>();
  for (const { requirement, outcome, silent } of probes) {
    if (outcome === 'satisfied') found.set(requirement.profile, 'present');
    if (outcome === 'rejected') found.set(requirement.profile, 'declined');
    if (outcome === 'violated') found.set(requirement.profile, silent ? 'ignored' : 'absent');
  }
  return found;
}

const contractOption = (contract: Contract): string =>
  contract.name === 'anthropic' ? '' : `--contract ${shellWord(contract.name)} `;

/** Suite name by requirement id, in the order of the catalogue. */
const SUITE_OF: ReadonlyMap<string, string> = new Map(
  SUITES.flatMap(({ name, requirements }) => requirements.map(({ id }: Requirement) => [id, name] as const)),
);

/** 0: no failure. 1: a failure that no baseline knows, a stale baseline, or with `strict` a warning. 3: interrupted, or nothing executed. */
export function exitCode(report: Report): number {
  const failing = report.run.strict ? ['fail', 'warn'] : ['fail'];
  if (report.results.some(({ verdict, known }) => failing.includes(verdict) && known === undefined)) return 1;
  if ((report.baseline?.problems.length ?? 0) > 0) return 1;
  if (report.run.interrupted !== null) return 3;
  return report.results.some(({ verdict }) => EXECUTED.includes(verdict)) ? 0 : 3;
}

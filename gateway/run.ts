/** One run against a gateway, end to end: upstream, gateway, cases, judges, report. */

import { PROFILES, type Profile } from '../core/protocol.js';
import type { Diagnosis } from '../core/report.js';
import type { Suite } from '../core/requirement.js';
import type { Speaks } from '../core/upstream.js';
import { startGateway } from '../reference/gateway/serve.js';
import type { GatewayAlterations } from '../reference/gateway/stages.js';
import { type Contract, loadContract } from '../runner/contract/contracts.js';
import { exitCode } from '../runner/exit-code.js';
import { MIN_JUDGED } from '../runner/judge/coverage.js';
import { plannedCost } from '../runner/plan/cost.js';
import { type Plan, plan } from '../runner/plan/plan.js';
import { reportOf } from '../runner/report/report-of.js';
import type { Invocation } from '../runner/report/reproduce.js';
import { defaultsOf, type OpenedTarget, openTarget } from '../runner/run/target.js';
import type { Prepared, RunOptions, RunResult } from '../runner/run.js';
import { requireAssets } from '../runner/send/assets.js';
import { openNetwork } from '../runner/send/network.js';
import { UsageError } from '../runner/usage-error.js';
import { type SchemaName, violations } from '../validation/index.js';
import { loadCases, ownCases } from './cases.js';
import { diagnoseGateway, otherCredential, rejectsKey } from './diagnose.js';
import { speaksNamed } from './dialects/index.js';
import { Exchanges, type SendOptions } from './exchanges.js';
import { addedLatency } from './latency.js';
import { gatewaySuites } from './suites/index.js';
import { type Clock, REAL_CLOCK } from './upstream/live.js';
import { Upstream } from './upstream/server.js';

/** What to judge and how. Everything but the gateway has a default. */
export interface GatewayRunOptions {
  /** Base URL of the gateway, without `/v1`. Without it the embedded reference gateway is judged. */
  url?: string;
  apiKey?: string | null;
  apiKeyVariable?: string;
  model?: string;
  headers?: Readonly<Record<string, string>>;
  headerVariables?: Readonly<Record<string, string>>;
  /** The API that the suite's upstream speaks. Default: that of the contract, or `openai-chat`. */
  speaks?: Speaks;
  /** Port of the suite's upstream on the loopback interface. Default: a free one. */
  upstreamPort?: number;
  contract?: string | Contract;
  profiles?: readonly Profile[];
  only?: readonly string[];
  skip?: readonly string[];
  /** Cases to send as well, whatever needs them. */
  with?: readonly string[];
  /** Files of further cases. */
  cases?: readonly string[];
  thorough?: boolean;
  concurrency?: number;
  timeoutSeconds?: number;
  /** How long a gateway is waited for that puts its upstream on hold after a failure, in seconds. Default: 75. */
  recoverySeconds?: number;
  minJudged?: number;
  strict?: boolean;
  invocation?: Invocation;
  /** Faults and changes of the embedded gateway. */
  embedded?: {
    faults?: readonly string[];
    alterations?: GatewayAlterations;
    sleep?: (milliseconds: number) => Promise<void>;
  };
  clock?: Clock;
  /** Starts the gateway again where its process has ended, and says how it ended; `null` where there is nothing to start. */
  restart?: () => Promise<string | null>;
  /** Ends a gateway that does not recover from a failure of its upstream, and starts it anew; false where it is not ours to start. */
  startAnew?: () => Promise<boolean>;
  signal?: AbortSignal;
  onPlanned?: RunOptions['onPlanned'];
  onExchange?: RunOptions['onExchange'];
  /** Called when the upstream listens, before anything is sent. A diagnosis ends the run. */
  onReady?: (upstream: Upstream) => Promise<Diagnosis | null>;
}

/** Time limit of one exchange, in seconds. No script takes longer than a few. */
const TIMEOUT_S = 30;

/** Some gateways take an upstream that failed out of service for a minute. */
const RECOVERY_S = 75;

/** Judges a gateway. Throws `UsageError` for options that make no sense, never for what a gateway does. */
export async function runGateway(options: GatewayRunOptions = {}): Promise<RunResult> {
  const { contract, speaks, suites, prepared } = await prepareGateway(options);
  const startedAt = new Date();
  const clock = options.clock ?? REAL_CLOCK;
  const started = performance.now();
  const upstream = new Upstream({
    port: options.upstreamPort ?? 0,
    speaks,
    validate: (schema, value) => violations(schema as SchemaName, value),
    clock,
    clientKey: options.url === undefined ? EMBEDDED_KEY : (options.apiKey ?? null),
    contract: contract.gateway?.upstream,
  });
  await upstream.listen().catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      error.code === 'EADDRINUSE'
        ? `--upstream-port ${options.upstreamPort}: another program uses this port; end it, or give another port here and in the gateway's configuration`
        : `--upstream-port ${options.upstreamPort}: cannot listen there (${error.code ?? error.message})`,
    );
  });
  const open: { close(): Promise<void> }[] = [upstream];
  try {
    const opened = await openGateway(options, contract, upstream);
    open.unshift(opened);
    const network = openNetwork();
    open.unshift(network);
    options.onPlanned?.(prepared.cost);
    const exchanges = new Exchanges({ upstream, target: opened.target, network }, prepared.plan.conversations, {
      ...sending(options),
      clock,
    });
    const diagnosis = await sendAll(options, prepared.plan, exchanges, upstream, opened);
    const sent = exchanges.result();
    const report = reportOf({
      options: reportOptions(options),
      prepared,
      opened,
      fired: {
        ...sent,
        notices: [...sent.notices, ...[addedLatency(sent.exchanges)].filter((line) => line !== null)],
        diagnosis: null,
      },
      diagnosis,
      minJudged: options.minJudged ?? MIN_JUDGED,
      startedAt,
      durationMs: performance.now() - started,
      suites,
      command: 'gateway',
      upstream: { url: upstream.origin, speaks },
    });
    return { report, exitCode: exitCode(report), redact: sent.redact };
  } finally {
    for (const one of open) await one.close();
  }
}

/** Everything that can be said before anything is sent. Throws `UsageError`. */
export async function prepareGateway(
  options: GatewayRunOptions,
): Promise<{ contract: Contract; speaks: Speaks; suites: readonly Suite[]; prepared: Prepared }> {
  const given =
    typeof options.contract === 'object' ? options.contract : await loadContract(options.contract ?? 'default');
  const documented = given.gateway?.speaks;
  const speaks =
    options.speaks !== undefined
      ? speaksNamed(options.speaks, 'speaks')
      : documented !== undefined
        ? speaksNamed(documented, `The contract ${given.name}, gateway.speaks`)
        : 'openai-chat';
  const contract = { ...given, gateway: { ...given.gateway, speaks } };
  const cases = loadCases(speaks, options.cases);
  const { claimed, disclaimed = [], unclaimed } = contract.profiles;
  const judged = unclaimed === 'judge' ? PROFILES.filter((profile) => !disclaimed.includes(profile)) : claimed;
  const suites = gatewaySuites(speaks, cases);
  const catalogue = suites.flatMap(({ requirements }) => requirements);
  const there = new Set(catalogue.map(({ profile }) => profile));
  const profiles = PROFILES.filter((profile) => there.has(profile) && (options.profiles ?? judged).includes(profile));
  const chosen = plan(catalogue, cases, {
    profiles,
    only: options.only ?? [],
    skip: options.skip ?? [],
    // The plain case shows whether the gateway reaches the upstream.
    further: ['plain', ...(options.with ?? []), ...ownCases(options.cases ?? [])],
    thorough: options.thorough ?? false,
    edition: null,
    probes: [],
    cheaply: [],
    conversations: null,
    claims: { name: contract.name, profiles: claimed, dialect: contract.dialect },
    defaults: defaultsOf({}, contract),
  });
  requireAssets(chosen.conversations.map(({ fixture }) => fixture));
  return {
    contract,
    speaks,
    suites,
    prepared: { contract, fixtures: cases, profiles, plan: chosen, cost: plannedCost(chosen.conversations) },
  };
}

/** No word of the protocol, so that masking it costs little. */
const EMBEDDED_KEY = 'sk-client-6f1b0c9d27';
const EMBEDDED_UPSTREAM_KEY = 'sk-upstream-9b2d41c7e0';

/** The gateway: given by its address, or the embedded one in front of this upstream. */
async function openGateway(options: GatewayRunOptions, contract: Contract, upstream: Upstream): Promise<OpenedTarget> {
  if (options.url !== undefined) {
    const { url, apiKey, apiKeyVariable, model, headers, headerVariables } = options;
    return openTarget({ url, apiKey, apiKeyVariable, model, headers, headerVariables }, contract);
  }
  const { url, close } = await startGateway({
    upstream: upstream.origin,
    speaks: upstream.dialect.name,
    apiKey: EMBEDDED_KEY,
    upstreamKey: EMBEDDED_UPSTREAM_KEY,
    faults: options.embedded?.faults,
    alterations: options.embedded?.alterations,
    sleep: options.embedded?.sleep,
  });
  const target = {
    ...defaultsOf({}, contract),
    baseUrl: url,
    apiKey: EMBEDDED_KEY,
    apiKeyVariable: 'ANTHROPIC_API_KEY',
    model: options.model ?? 'gateway-model',
    headers: {},
    headerVariables: {},
  };
  return { target, embedded: true, notices: [], close };
}

async function sendAll(
  options: GatewayRunOptions,
  { conversations }: Plan,
  exchanges: Exchanges,
  upstream: Upstream,
  { target }: OpenedTarget,
): Promise<Diagnosis | null> {
  const notReady = (await options.onReady?.(upstream)) ?? null;
  if (notReady !== null) return notReady;
  const [first, ...others] = [...conversations].sort((a, b) => rank(a) - rank(b));
  const exchange = first === undefined ? undefined : await exchanges.first(first);
  if (exchange === undefined) return null;
  const diagnosis = diagnoseGateway(exchange, upstream, target);
  if (diagnosis !== null && first !== undefined && rejectsKey(exchange, upstream) && target.apiKey !== null) {
    const again = await exchanges.firstOtherwise(first);
    if (again === null || diagnoseGateway(again, upstream, target) !== null) return diagnosis;
    await exchanges.all(others);
    return otherCredential(exchange, target);
  }
  if (diagnosis === null) await exchanges.all(others);
  return diagnosis;
}

/** The plain case comes first, over the simpler transport. */
const rank = ({ fixture, transport }: Plan['conversations'][number]): number =>
  fixture.id === 'plain' ? (transport === 'json' ? 0 : 1) : 2;

const sending = (options: GatewayRunOptions): Omit<SendOptions, 'clock'> => ({
  concurrency: options.concurrency ?? 1,
  timeoutMs: (options.timeoutSeconds ?? TIMEOUT_S) * 1000,
  recoveryMs: (options.recoverySeconds ?? RECOVERY_S) * 1000,
  ...(options.restart && { restart: options.restart }),
  ...(options.startAnew && { startAnew: options.startAnew }),
  ...(options.signal && { signal: options.signal }),
  ...(options.onExchange && { onExchange: options.onExchange }),
});

const reportOptions = ({ only, skip, strict, invocation }: GatewayRunOptions): RunOptions => ({
  only,
  skip,
  strict,
  invocation,
});

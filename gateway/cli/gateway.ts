/** `messages-conformance gateway`: settings in, reports out, exit status back. */

import type { Diagnosis } from '../../core/report.js';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { count } from '../../reporters/numbers.js';
import { announce } from '../../runner/cli/announce.js';
import { beShort, collectNow, collectOften } from '../../runner/cli/be-short.js';
import { idList } from '../../runner/cli/id-list.js';
import { invocation } from '../../runner/cli/invocation.js';
import { keepSecret, print, say } from '../../runner/cli/output.js';
import { chooseReporters, type Hooks, judged, readBaseline } from '../../runner/cli/run.js';
import { type GivenOptions, resolveSettings, type Settings } from '../../runner/cli/settings.js';
import { waitForTarget } from '../../runner/cli/wait-for.js';
import { readBaseUrl } from '../../runner/run/target.js';
import type { RunResult } from '../../runner/run.js';
import { nearest, UsageError } from '../../runner/usage-error.js';
import { baseUrlOf } from '../diagnose.js';
import { speaksNamed } from '../dialects/index.js';
import { type GatewayRunOptions, prepareGateway, runGateway } from '../run.js';
import type { Upstream } from '../upstream/server.js';
import { type Started, startCommand } from './start.js';

export interface GatewayOptions extends GivenOptions {
  speaks?: string;
  upstreamPort?: number;
  start?: string;
  cases?: string[];
  fault?: string[];
  recovery?: number;
  listFaults?: boolean;
}

/** Reports of gateways do not replace those of `run`. */
const FOLDER = 'gateway-report';

/** How long a command that was started may take to answer, in seconds, unless `--wait` says otherwise. */
const START_S = 60;

export async function gatewayCommand(given: GatewayOptions): Promise<number> {
  if (given.listFaults) {
    print(idList(GATEWAY_FAULTS, 'faults'));
    return 0;
  }
  beShort();
  // 10,000 deltas on both sides leave 50 MB of garbage behind; collecting more often costs 3 % of the time.
  collectOften(30);
  const settings = resolveSettings({ out: FOLDER, ...given }, withoutTarget(process.env), undefined, false);
  keepSecret(announce(settings));
  const options = optionsOf(given, settings);
  const reporters = chooseReporters(settings);
  if (settings.dryRun) {
    const { prepared } = await prepareGateway(options);
    const { conversations, requirements } = prepared.plan;
    const parts = [
      count(requirements.length, 'requirement'),
      count(conversations.length, 'case'),
      count(prepared.cost.requests, 'request'),
    ];
    print(`${parts.join(', ')}\n`);
    return 0;
  }
  const baseline = readBaseline(settings);
  const { status } = await judged({ ...settings, wait: null }, reporters, baseline, undefined, (hooks) =>
    once(given, settings, options, hooks),
  );
  return status;
}

/** Only an option names the gateway: `ANTHROPIC_BASE_URL` is mostly a deployment, whose upstream is not the suite. */
function withoutTarget(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ANTHROPIC_BASE_URL: _url, ANTHROPIC_MODEL: _model, ...rest } = environment;
  return rest;
}

function optionsOf(given: GatewayOptions, settings: Settings): GatewayRunOptions {
  const { url, start, fault = [], upstreamPort } = given;
  if (start !== undefined && url === undefined)
    throw new UsageError('--start needs --url: the address at which the command will answer');
  if (fault.length > 0 && url !== undefined)
    throw new UsageError('--fault is for the embedded gateway; leave out --url');
  if (upstreamPort !== undefined && !(Number.isInteger(upstreamPort) && upstreamPort > 0 && upstreamPort < 65_536))
    throw new UsageError(`--upstream-port ${upstreamPort}: expected a number from 1 to 65535`);
  if (url !== undefined && upstreamPort === undefined && start === undefined)
    throw new UsageError(
      '--upstream-port is missing: the port at which the gateway looks for its upstream, e.g. --upstream-port 9000',
    );
  const ids = GATEWAY_FAULTS.map(({ id }) => id);
  const unknown = fault.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    throw new UsageError(
      `--fault ${unknown}: there is no such fault; ${nearest(unknown, ids)} (--list-faults names all)`,
    );
  return {
    url,
    apiKey: settings.apiKey,
    apiKeyVariable: settings.apiKeyVariable,
    model: settings.model,
    headers: settings.headers,
    headerVariables: settings.headerVariables,
    speaks: given.speaks === undefined ? undefined : speaksNamed(given.speaks, `--speaks ${given.speaks}`),
    upstreamPort,
    contract: settings.contract,
    profiles: settings.profiles,
    only: settings.only,
    skip: settings.skip,
    with: settings.with,
    cases: given.cases,
    thorough: settings.thorough,
    concurrency: given.concurrency,
    timeoutSeconds: given.timeout,
    recoverySeconds: given.recovery,
    minJudged: settings.minJudged,
    strict: settings.strict,
    invocation: commandLine(given, settings),
    embedded: { faults: fault },
  };
}

function commandLine(given: GatewayOptions, settings: Settings): NonNullable<GatewayRunOptions['invocation']> {
  const { program, options } = invocation(settings);
  const more: (readonly [string, string])[] = [
    ...(given.upstreamPort === undefined ? [] : ([['upstream-port', String(given.upstreamPort)]] as const)),
    ...(given.speaks === undefined ? [] : ([['speaks', given.speaks]] as const)),
    ...(given.start === undefined ? [] : ([['start', given.start]] as const)),
    ...(given.cases ?? []).map((file) => ['cases', file] as const),
    ...(given.fault ?? []).map((id) => ['fault', id] as const),
  ];
  return { program, options: [...options, ...more] };
}

/** Longer bodies leave as much garbage behind as everything else together, in characters. */
const HUGE_BODY = 1024 * 1024;

/** One run: the upstream listens, the gateway is started or waited for, the cases are sent. */
async function once(
  given: GatewayOptions,
  settings: Settings,
  options: GatewayRunOptions,
  { signal, onPlanned, onExchange }: Hooks,
): Promise<RunResult> {
  let started: Started | null = null;
  let again: (() => Promise<Started>) | null = null;
  try {
    return await runGateway({
      ...options,
      signal,
      // The suite plays the upstream, so no tokens are paid for.
      onPlanned: ({ requests }) => onPlanned?.({ requests, worstCaseTokens: 0 }),
      onExchange: (exchange, progress) => {
        onExchange(exchange, progress);
        if ((exchange.response?.body.length ?? 0) > HUGE_BODY) collectNow();
      },
      restart: async () => {
        if (started === null || again === null || !(await endsWithin(started, EXIT_MS))) return null;
        const how = howItEnded(started);
        await started.stop();
        await again();
        return how;
      },
      startAnew: async () => {
        if (started === null || again === null) return false;
        await started.stop();
        return !(await again()).ended.aborted;
      },
      onReady: async (upstream) => {
        if (given.url === undefined) return null;
        tell(upstream);
        const { baseUrl } = readBaseUrl(given.url);
        const { start } = given;
        if (start === undefined) {
          if (settings.wait !== null) await waitForTarget(baseUrl, settings.wait, signal);
          return null;
        }
        again = async () => {
          const begun = startCommand(start, upstream);
          started = begun;
          await waitForTarget(baseUrl, settings.wait ?? START_S, AbortSignal.any([signal, begun.ended]));
          return begun;
        };
        const begun = await again();
        return begun.ended.aborted ? notStarted(start, begun) : null;
      },
    });
  } finally {
    await (started as Started | null)?.stop();
  }
}

function tell(upstream: Upstream): void {
  say(
    `the upstream listens; the gateway's base URL for it is ${baseUrlOf(upstream)} (${upstream.dialect.title}), with any key and any model name`,
  );
}

/** How long a process may take to end after it has closed its port, in milliseconds. */
const EXIT_MS = 1_000;

async function endsWithin({ ended }: Started, ms: number): Promise<boolean> {
  if (ended.aborted) return true;
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), ms);
    ended.addEventListener('abort', () => {
      clearTimeout(late);
      resolve(true);
    });
  });
}

function howItEnded({ lastLines, outcome }: Started): string {
  const said = lastLines();
  return said === '' ? outcome() : `${outcome()}: ${said}`;
}

function notStarted(command: string, { lastLines, outcome }: Started): Diagnosis {
  const said = lastLines();
  return {
    kind: 'not-started',
    line: `The command of --start has ended (${outcome()})${said === '' ? ', and printed nothing' : `: ${said}`}.`,
    advice: 'Run it by itself and see why it ends. It has to stay in the foreground.',
    tried: [{ what: command, answer: outcome() }],
  };
}

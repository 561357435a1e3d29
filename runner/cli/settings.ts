/** Settings of a run from the command line, the config file and the environment, in this order of precedence. */

import { API_VERSIONS, type ApiVersion, PROFILES, type Profile } from '../../core/protocol.js';
import { violations } from '../../validation/index.js';
import { RUN_DEFAULTS } from '../run-defaults.js';
import { nearest, UsageError } from '../usage-error.js';
import { type Config, readConfig } from './config-file.js';
import { type GivenHeaders, readHeaders } from './headers.js';
import { DEFAULT_FOLDER } from './output-folder.js';

/** What the command line parser hands over: one member for each option, absent where it was not given. */
export interface GivenOptions {
  url?: string;
  apiKeyEnv?: string;
  model?: string;
  contract?: string;
  profile?: string[];
  only?: string[];
  skip?: string[];
  with?: string[];
  failed?: boolean;
  bail?: boolean;
  wait?: number;
  watch?: string[];
  repeat?: number;
  minJudged?: number;
  apiVersion?: string;
  concurrency?: number;
  timeout?: number;
  maxDuration?: number;
  maxRequests?: number;
  maxTokensTotal?: number;
  followResults?: boolean;
  header?: string[];
  headerEnv?: string[];
  config?: string;
  dryRun?: boolean;
  thorough?: boolean;
  quick?: boolean;
  strict?: boolean;
  client?: string[];
  install?: boolean;
  requireClient?: string[];
  strictClients?: boolean;
  baseline?: string;
  updateBaseline?: boolean;
  out?: string;
  reporter?: string[];
  quiet?: boolean;
  verbose?: boolean;
  color?: boolean;
  /** File of many targets. */
  targets?: string;
  /** `I/N`: this part of them. */
  shard?: string;
  /** How many of them at the same time. */
  parallel?: number;
}

/** Every setting of a run with its default worked in. */
export interface Settings extends GivenHeaders {
  /** Path of the config file; `null` if none was read. */
  configFile: string | null;
  /** The config file that was named, as it was named. */
  configGiven?: string;
  url?: string;
  /** Where the URL came from: an option, a file or a variable. */
  urlFrom: string;
  apiKeyVariable: string;
  apiKey: string | null;
  model?: string;
  contract: string;
  profiles?: Profile[];
  only: string[];
  skip: string[];
  /** Fixtures to send as well. */
  with: string[];
  /** Only what did not pass in the last report. */
  failed: boolean;
  bail: boolean;
  /** Seconds to wait for the target; `null` for not at all. */
  wait: number | null;
  /** Files and folders whose changes start another run; empty for a single run. */
  watch: string[];
  /** How often to judge. */
  repeat: number;
  minJudged: number;
  apiVersion?: ApiVersion;
  concurrency: number;
  timeoutSeconds: number;
  maxDurationMinutes: number;
  maxRequests: number | null;
  maxTokensTotal: number | null;
  followResults: boolean;
  dryRun: boolean;
  thorough: boolean;
  quick: boolean;
  strict: boolean;
  /** Real clients to drive after the run; empty for none. */
  clients: string[];
  /** Install clients that are missing. */
  installClients: boolean;
  /** Clients without which the run is not wanted. */
  requiredClients: string[];
  strictClients: boolean;
  baseline?: string;
  updateBaseline: boolean;
  out: string;
  /** Whether `--out` or a config file named it. */
  outGiven: boolean;
  reporters: string[];
  quiet: boolean;
  verbose: boolean;
  color: boolean;
}

/**
 * Throws `UsageError` with the line that would have been right.
 *
 * @param member Settings of one target of many; they win over the config file. Such a target gets no key but the one that it, or the
 * command line, names: a key is sent to several servers only where somebody says so.
 * @param readsConfig `false`: no config file, whatever stands in the folder.
 */
export function resolveSettings(
  given: GivenOptions,
  environment: NodeJS.ProcessEnv,
  member?: Config,
  readsConfig = true,
): Settings {
  checkNumbers(given);
  const { file: configFile, config } = readsConfig ? readConfig(given.config) : { file: null, config: {} };
  const file: Config = { ...config, ...definedOf(member ?? {}) };
  const pick = <Key extends Exclude<keyof GivenOptions, 'header' | 'headerEnv'>>(key: Key) => given[key] ?? file[key];
  const apiKeyVariable = pick('apiKeyEnv') ?? 'ANTHROPIC_API_KEY';
  const url = (pick('url') as string | undefined) ?? nonEmpty(environment.ANTHROPIC_BASE_URL);
  const urlFrom = given.url !== undefined ? '--url' : file.url !== undefined ? configFile! : 'ANTHROPIC_BASE_URL';
  const isNamed = pick('apiKeyEnv') !== undefined;
  const apiKey = member === undefined || isNamed ? (nonEmpty(environment[apiKeyVariable]) ?? null) : null;
  if ((given.apiKeyEnv !== undefined || (member !== undefined && isNamed)) && apiKey === null && url !== undefined) {
    throw new UsageError(`--api-key-env ${apiKeyVariable}: this variable is not set; export ${apiKeyVariable}=… first`);
  }
  return {
    configFile,
    configGiven: given.config,
    url,
    urlFrom,
    apiKeyVariable,
    apiKey,
    model:
      (pick('model') as string | undefined) ?? (url === undefined ? undefined : nonEmpty(environment.ANTHROPIC_MODEL)),
    contract: (pick('contract') as string | undefined) ?? 'default',
    profiles: (pick('profile') as string[] | undefined)?.map(asProfile),
    only: (pick('only') as string[] | undefined) ?? [],
    skip: (pick('skip') as string[] | undefined) ?? [],
    with: given.with ?? [],
    failed: given.failed ?? false,
    bail: given.bail ?? false,
    wait: pick('wait') ?? (given.watch === undefined ? null : WATCH_WAIT_S),
    watch: given.watch ?? [],
    repeat: pick('repeat') ?? 1,
    minJudged: pick('minJudged') ?? RUN_DEFAULTS.minJudged,
    apiVersion: asVersion(pick('apiVersion') as string | undefined),
    concurrency: pick('concurrency') ?? RUN_DEFAULTS.concurrency,
    timeoutSeconds: pick('timeout') ?? RUN_DEFAULTS.timeoutSeconds,
    maxDurationMinutes: pick('maxDuration') ?? RUN_DEFAULTS.maxDurationMinutes,
    maxRequests: pick('maxRequests') ?? null,
    maxTokensTotal: pick('maxTokensTotal') ?? null,
    followResults: pick('followResults') ?? false,
    ...readHeaders(given.header ?? [], given.headerEnv ?? [], file.header ?? {}, environment),
    dryRun: given.dryRun ?? false,
    thorough: (pick('thorough') as boolean | undefined) ?? false,
    quick: given.quick ?? false,
    strict: (pick('strict') as boolean | undefined) ?? false,
    clients: given.client ?? [],
    installClients: given.install ?? false,
    requiredClients: given.requireClient ?? [],
    strictClients: given.strictClients ?? false,
    baseline: pick('baseline') as string | undefined,
    updateBaseline: given.updateBaseline ?? false,
    out: (pick('out') as string | undefined) ?? DEFAULT_FOLDER,
    outGiven: pick('out') !== undefined,
    reporters: (pick('reporter') as string[] | undefined) ?? ['terminal', 'json', 'html', 'junit'],
    quiet: given.quiet ?? false,
    verbose: given.verbose ?? false,
    color: given.color ?? true,
  };
}

/** Numbers of the command line are checked with the schema of the config file, so that one place defines the limits. */
const NUMBERS = [
  'concurrency',
  'timeout',
  'maxDuration',
  'maxRequests',
  'maxTokensTotal',
  'minJudged',
  'wait',
  'repeat',
] as const;

/** A server that is watched is started again by its own watcher, which may compile first. */
const WATCH_WAIT_S = 60;

function checkNumbers(given: GivenOptions): void {
  for (const name of NUMBERS) {
    if (given[name] === undefined) continue;
    const [fault] = violations('config', { [name]: given[name] });
    if (fault !== undefined)
      throw new UsageError(`--${dashed(name)} ${given[name]}: expected ${fault.expected}, got ${fault.actual}`);
  }
}

function asProfile(name: string): Profile {
  if ((PROFILES as readonly string[]).includes(name)) return name as Profile;
  throw new UsageError(`--profile ${name}: there is no such profile; ${nearest(name, PROFILES)}`);
}

function asVersion(version: string | undefined): ApiVersion | undefined {
  if (version === undefined || (API_VERSIONS as readonly string[]).includes(version))
    return version as ApiVersion | undefined;
  throw new UsageError(`--api-version ${version}: expected ${API_VERSIONS.join(' or ')}`);
}

const definedOf = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));

const nonEmpty = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;

const dashed = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Settings of a run from the command line, the config file and the environment, in this order of precedence. */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { API_VERSIONS, type ApiVersion, PROFILES, type Profile } from '../../core/protocol.js';
import { readJsonFile } from '../contract/contracts.js';
import { nearest, UsageError } from '../usage-error.js';

/** What the command line parser hands over: one member for each option, absent where it was not given. */
export interface GivenOptions {
  url?: string;
  apiKeyEnv?: string;
  model?: string;
  contract?: string;
  profile?: string[];
  only?: string[];
  skip?: string[];
  apiVersion?: string;
  concurrency?: number;
  timeout?: number;
  maxRequests?: number;
  maxTokensTotal?: number;
  header?: string[];
  config?: string;
  dryRun?: boolean;
  thorough?: boolean;
  quick?: boolean;
  strict?: boolean;
  baseline?: string;
  updateBaseline?: boolean;
  out?: string;
  reporter?: string[];
  quiet?: boolean;
  verbose?: boolean;
  color?: boolean;
}

/** Every setting of a run with its default worked in. */
export interface Settings {
  url?: string;
  apiKeyVariable: string;
  apiKey: string | null;
  model?: string;
  contract: string;
  profiles?: Profile[];
  only: string[];
  skip: string[];
  apiVersion?: ApiVersion;
  concurrency: number;
  timeoutSeconds: number;
  maxRequests: number | null;
  maxTokensTotal: number | null;
  headers: Record<string, string>;
  dryRun: boolean;
  thorough: boolean;
  quick: boolean;
  strict: boolean;
  baseline?: string;
  updateBaseline: boolean;
  out: string;
  reporters: string[];
  quiet: boolean;
  verbose: boolean;
  color: boolean;
}

const CONFIG_FILE = 'conformance.config.json';

type ConfigFile = Omit<GivenOptions, 'header'> & { header?: Record<string, string> };

/** Throws `UsageError` with the line that would have been right. */
export function resolveSettings(given: GivenOptions, environment: NodeJS.ProcessEnv): Settings {
  const file = readConfig(given.config);
  const pick = <Key extends keyof GivenOptions & keyof ConfigFile>(key: Key) => given[key] ?? file[key];
  const apiKeyVariable = pick('apiKeyEnv') ?? 'ANTHROPIC_API_KEY';
  const url = (pick('url') as string | undefined) ?? nonEmpty(environment.ANTHROPIC_BASE_URL);
  const apiKey = nonEmpty(environment[apiKeyVariable]) ?? null;
  if (given.apiKeyEnv !== undefined && apiKey === null && url !== undefined) {
    throw new UsageError(`--api-key-env ${apiKeyVariable}: this variable is not set; export ${apiKeyVariable}=… first`);
  }
  const number = (
    key: 'concurrency' | 'timeout' | 'maxRequests' | 'maxTokensTotal',
    smallest: number,
  ): number | undefined => {
    const value = pick(key) as number | undefined;
    if (value !== undefined && !(value >= smallest))
      throw new UsageError(`--${dashed(key)} ${value}: expected a number of at least ${smallest}`);
    return value;
  };
  return {
    url,
    apiKeyVariable,
    apiKey,
    model:
      (pick('model') as string | undefined) ?? (url === undefined ? undefined : nonEmpty(environment.ANTHROPIC_MODEL)),
    contract: (pick('contract') as string | undefined) ?? 'anthropic',
    profiles: (pick('profile') as string[] | undefined)?.map(asProfile),
    only: (pick('only') as string[] | undefined) ?? [],
    skip: (pick('skip') as string[] | undefined) ?? [],
    apiVersion: asVersion(pick('apiVersion') as string | undefined),
    concurrency: number('concurrency', 1) ?? 4,
    timeoutSeconds: number('timeout', 0.1) ?? 120,
    maxRequests: number('maxRequests', 1) ?? null,
    maxTokensTotal: number('maxTokensTotal', 1) ?? null,
    headers: { ...lowerCased(file.header ?? {}), ...Object.fromEntries((given.header ?? []).map(asHeader)) },
    dryRun: given.dryRun ?? false,
    thorough: (pick('thorough') as boolean | undefined) ?? false,
    quick: given.quick ?? false,
    strict: (pick('strict') as boolean | undefined) ?? false,
    baseline: pick('baseline') as string | undefined,
    updateBaseline: given.updateBaseline ?? false,
    out: (pick('out') as string | undefined) ?? 'conformance-report',
    reporters: (pick('reporter') as string[] | undefined) ?? ['terminal', 'json', 'html', 'junit'],
    quiet: given.quiet ?? false,
    verbose: given.verbose ?? false,
    color: given.color ?? true,
  };
}

function readConfig(path: string | undefined): ConfigFile {
  if (path === undefined && !existsSync(CONFIG_FILE)) return {};
  const file = path ?? CONFIG_FILE;
  if (!existsSync(file)) throw new UsageError(`--config ${file}: there is no such file`);
  const config = readJsonFile(file, 'config') as ConfigFile;
  const beside = (name: string | undefined) =>
    name !== undefined && /[./\\]/.test(name) ? resolve(dirname(file), name) : name;
  return {
    ...config,
    contract: beside(config.contract),
    baseline: config.baseline === undefined ? undefined : resolve(dirname(file), config.baseline),
  };
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

function asHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (colon < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || /[\r\n\0]/.test(value)) {
    throw new UsageError(`--header ${JSON.stringify(line)}: expected 'name: value', e.g. --header 'x-team: platform'`);
  }
  if (name === 'x-api-key' || name === 'authorization') {
    throw new UsageError(
      `--header ${name}: a credential is never an argument; put it into a variable and name it with --api-key-env`,
    );
  }
  return [name, value];
}

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => asHeader(`${name}: ${value}`)));

const nonEmpty = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;

const dashed = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

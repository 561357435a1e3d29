/** `messages-conformance contract init`: asks a target a few cheap questions and writes a contract from its answers. */

import { existsSync } from 'node:fs';
import { API_VERSIONS, type Profile } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import type { Probe } from '../../core/requirement.js';
import { shellWord } from '../../core/shell.js';
import { PROFILE_PROBES } from '../../suites/catalogue/profile-probes.js';
import { CATALOGUE } from '../../suites/index.js';
import { type Contract, loadContract } from '../contract/contracts.js';
import {
  type Access,
  askingDialect,
  CREDENTIAL_REQUIREMENTS,
  DIALECT_REQUIREMENTS,
  type ObservedContract,
  observedContract,
  VERSION_REQUIREMENTS,
} from '../contract/observed-contract.js';
import { optionWords } from '../report/reproduce.js';
import { openEmbedded } from '../run/embedded.js';
import { readBaseUrl } from '../run/target.js';
import { type RunOptions, run } from '../run.js';
import { schemaFor } from '../schema-location.js';
import { UsageError } from '../usage-error.js';
import { announce } from './announce.js';
import { STANDARD_OUTPUT, writeText } from './files.js';
import { invocation } from './invocation.js';
import { keepSecret, say } from './output.js';
import { showProgress } from './progress.js';
import { type GivenOptions, resolveSettings, type Settings } from './settings.js';

type InitOptions = Pick<
  GivenOptions,
  'url' | 'model' | 'apiKeyEnv' | 'header' | 'headerEnv' | 'timeout' | 'concurrency' | 'quiet'
> & {
  /** File to write; standard output without it. */
  out?: string;
};

/**
 * The requirement that shows a profile: the probes of a run, and one for errors. What agents need is shown by a request as
 * they send it: to serve the query that the probe tries is not yet a reason to claim the profile.
 */
const SHOWN_BY: Readonly<Partial<Record<Profile, string>>> = {
  ...Object.fromEntries(Object.entries(PROFILE_PROBES).map(([profile, { requirement }]) => [profile, requirement])),
  errors: 'err.envelope.type',
  agent: 'agent.request.shape',
};

/** As much of their fixtures as tells what is to be known. */
const CHEAPLY: readonly Probe[] = [
  ...Object.values(PROFILE_PROBES),
  { requirement: 'agent.request.shape', fixtures: ['agent-request', 'agent-request-short'] },
  { requirement: 'auth.bearer', fixtures: ['credential-bearer'] },
];

/** Throws `UsageError` when the file is there already: nobody loses what they edited. */
export async function contractInitCommand({ out, ...given }: InitOptions): Promise<number> {
  if (out !== undefined && out !== STANDARD_OUTPUT && existsSync(out))
    throw new UsageError(`--out ${out}: this file exists, and someone may have edited it; name another, or remove it`);
  const settings = resolveSettings(given, process.env);
  keepSecret(announce(settings));
  const embedded = settings.url === undefined ? await openEmbedded(await loadContract('anthropic')) : null;
  const progress = showProgress({ quiet: settings.quiet, verbose: false, stream: process.stderr });
  try {
    const contract = await initContract(
      {
        url: embedded?.url ?? settings.url,
        apiKey: embedded?.apiKey ?? settings.apiKey,
        apiKeyVariable: settings.apiKeyVariable,
        model: settings.model ?? embedded?.model,
        headers: settings.headers,
        headerVariables: settings.headerVariables,
        timeoutSeconds: settings.timeoutSeconds,
        concurrency: settings.concurrency,
        onPlanned: progress.planned,
        onExchange: progress.exchange,
      },
      embedded === null ? undefined : 'reference endpoint',
    );
    progress.done();
    write(contract, out, settings);
    return 0;
  } finally {
    progress.done();
    await embedded?.close();
  }
}

function write(contract: ObservedContract, out: string | undefined, settings: Settings): void {
  const text = `${JSON.stringify({ ...contract, $schema: schemaFor('contract', out) }, null, 2)}\n`;
  writeText(out, text);
  if (out === undefined || out === STANDARD_OUTPUT) return;
  const { claimed, disclaimed = [] } = contract.profiles;
  const file = /[/\\]/.test(out) ? out : `./${out}`;
  const { program, options } = invocation(settings);
  const judge = [program, 'run', ...optionWords(options), '--contract', shellWord(file)].join(' ');
  say(
    `${out} claims ${claimed.join(', ')}${disclaimed.length > 0 ? `, disclaims ${disclaimed.join(', ')}` : ''}. Read it, edit it, then: ${judge}`,
  );
}

/** A contract from the answers of a target, called `name` or by its host. Throws `UsageError` for options that make no sense, `NothingAccepted` when no plain request is. */
export async function initContract(target: RunOptions, name?: string): Promise<ObservedContract> {
  let requests = 0;
  const counted: RunOptions = {
    ...target,
    onExchange: (exchange, progress) => {
      requests += 1;
      target.onExchange?.(exchange, progress);
    },
  };
  const access = await findAccess(counted);
  const ids = new Set(CATALOGUE.map(({ id }) => id));
  const only = [...DIALECT_REQUIREMENTS, ...Object.values(SHOWN_BY)].filter((id) => ids.has(id));
  const report = await ask(counted, access, only);
  const { host } = new URL(readBaseUrl(target.url ?? '').baseUrl);
  const day = report.run.startedAt.slice(0, 10);
  return observedContract(report, access, SHOWN_BY, {
    name: slug(name ?? host),
    title: `${name ?? host}, as it answered on ${day}`,
    description: `Written by messages-conformance contract init from ${requests} requests to ${name ?? host} for the model ${target.model}.`,
  });
}

/** With which credentials, and under which versions, the target serves a simple request. */
async function findAccess(target: RunOptions): Promise<Access> {
  const credentials = await findCredentials(target);
  const shown = await ask(target, { credentials, versions: API_VERSIONS }, Object.values(VERSION_REQUIREMENTS));
  const versions = API_VERSIONS.filter((version) => passed(shown, VERSION_REQUIREMENTS[version]));
  if (versions.length > 0) return { credentials, versions };
  throw nothingServed(target, `under ${API_VERSIONS.join(' or ')}`, shown);
}

async function findCredentials(target: RunOptions): Promise<Access['credentials']> {
  if ((target.apiKey ?? null) === null) return [];
  const names = ['x-api-key', 'bearer'] as const;
  let shown: Report | null = null;
  for (const versions of [API_VERSIONS, [...API_VERSIONS].reverse()]) {
    shown = await ask(target, { credentials: names, versions }, Object.values(CREDENTIAL_REQUIREMENTS));
    const taken = names.filter((name) => passed(shown!, CREDENTIAL_REQUIREMENTS[name]));
    if (taken.length > 0) return taken;
  }
  throw nothingServed(target, 'with the key in x-api-key or as a bearer token', shown!);
}

const passed = ({ results }: Report, requirement: string): boolean =>
  results.some(({ id, verdict }) => id === requirement && verdict === 'pass');

/** A target of which nothing can be learned: status 3, the message alone. */
export class NothingAccepted extends Error {
  override name = 'NothingAccepted';
}

function nothingServed(target: RunOptions, how: string, { results, exchanges }: Report): NothingAccepted {
  const [first] = exchanges;
  if (first?.failure?.kind === 'unreachable')
    return new NothingAccepted(`${target.url} cannot be reached: ${first.failure.message}`);
  const answers = results.flatMap(({ findings, reason }) => findings[0]?.actual ?? reason);
  return new NothingAccepted(
    `${target.url} does not serve a simple request ${how}: ${answers[0] ?? 'no answer'}; does ${target.apiKeyVariable ?? 'the variable'} hold a valid key, and does the target have the model ${target.model}?`,
  );
}

async function ask(target: RunOptions, access: Access, only: readonly string[]): Promise<Report> {
  const contract: Contract = {
    name: 'asking',
    title: 'Nothing is taken for granted',
    profiles: { claimed: ['core'] },
    dialect: askingDialect(access),
  };
  const { report } = await run({ ...target, contract, only, cheaply: CHEAPLY, diagnose: false });
  return report;
}

/** A name as contracts have it: `api.example.com:8000` becomes `api-example-com-8000`. */
const slug = (host: string): string =>
  host
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

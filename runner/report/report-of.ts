/** Puts the result of a run together: the one document that every reporter is a view of. */

import type { RecordedExchange } from '../../core/exchange.js';
import { PROFILES, type Profile } from '../../core/protocol.js';
import { type Diagnosis, REPORT_FORMAT, type Report, type ReportExchange, type Result } from '../../core/report.js';
import type { Requirement, Suite } from '../../core/requirement.js';
import type { UpstreamCall } from '../../core/upstream.js';
import { PARTS } from '../../suites/catalogue/bases.js';
import { incidentsOf } from '../../suites/catalogue/incidents.js';
import { PROFILE_PROBES } from '../../suites/catalogue/profile-probes.js';
import { source } from '../../suites/catalogue/sources.js';
import { SUITES } from '../../suites/index.js';
import { type Contract, levelOverride } from '../contract/contracts.js';
import { documentedWeakness } from '../contract/documented.js';
import { benchOf } from '../judge/bench.js';
import { causesOf } from '../judge/causes/causes.js';
import { coverageOf } from '../judge/coverage.js';
import { type Judged, judgeAll } from '../judge/judge.js';
import { packageVersion } from '../package-files.js';
import type { Fired } from '../run/fire.js';
import type { OpenedTarget } from '../run/target.js';
import type { Prepared, RunOptions } from '../run.js';
import { publishedSchema } from '../schema-location.js';
import { curl } from './curl.js';
import { fitted } from './fit.js';
import { type Invocation, reproduceCommand } from './reproduce.js';
import { secondTriesNote } from './second-tries.js';
import { stoppedNote } from './stopped-note.js';
import { countOf, summaryOf } from './summary.js';
import { unansweredNote, unansweredOf } from './unanswered.js';

/** Everything that a run has come to. */
export interface Ended {
  options: RunOptions;
  prepared: Prepared;
  opened: OpenedTarget;
  fired: Fired;
  diagnosis: Diagnosis | null;
  minJudged: number;
  startedAt: Date;
  durationMs: number;
  /** The catalogue of the command. Default: that of `run`. */
  suites?: readonly Suite[];
  /** The command that shows a result again. Default: `run`. */
  command?: string;
  /** The suite's own upstream, when the target is a gateway. */
  upstream?: Report['target']['upstream'];
}

export function reportOf(ended: Ended): Report {
  const { options, prepared, opened, fired, diagnosis, minJudged, startedAt, durationMs } = ended;
  const { target } = opened;
  const { exchanges, progress } = fired;
  const contract = target.apiKey === null ? withoutAuthentication(prepared.contract) : prepared.contract;
  const bench = benchOf(contract, prepared.fixtures, exchanges, target.model);
  const isUsable = diagnosis === null || diagnosis.kind === 'other-credential';
  const judged = judgeAll(prepared.plan.requirements, bench)
    .map((one) => withoutSecrets(one, fired.redact))
    .map((one) => (isUsable ? one : unjudged(one)));
  const probes = isUsable ? judgeAll(prepared.plan.probes, bench) : [];
  const presence = presenceOf([...probes, ...judged.filter(isUnclaimedBase(contract))]);
  const results = resultsOf({ ...ended, contract, judged: judged.map(claimedButNotThere) });
  const shown = new Set<Profile>([...judged.map(({ requirement }) => requirement.profile), ...presence.keys()]);
  return fitted({
    $schema: publishedSchema('report'),
    format: REPORT_FORMAT,
    suite: { name: 'messages-conformance', version: packageVersion() },
    target: {
      baseUrl: target.baseUrl,
      model: target.model,
      contract: contract.name,
      embedded: opened.embedded,
      apiVersions: [...new Set(exchanges.flatMap(({ apiVersion }) => apiVersion ?? []))].sort(),
      server: exchanges.map((exchange) => exchange.header('server')).find((name) => name !== null) ?? null,
      ...(ended.upstream === undefined ? {} : { upstream: ended.upstream }),
    },
    contract,
    run: {
      startedAt: startedAt.toISOString(),
      profiles: prepared.profiles,
      only: options.only ?? [],
      skip: options.skip ?? [],
      interrupted: fired.stopped,
      strict: options.strict ?? false,
      minJudged,
      node: process.version,
    },
    diagnosis,
    causes: causesOf(judged, exchanges, fixtureIn(prepared)),
    summary: {
      ...summaryOf(results),
      must: coverageOf(judged, contract.profiles.claimed),
      ...progress,
      ...unansweredOf(exchanges),
      durationMs: Math.round(durationMs),
    },
    profiles: PROFILES.filter((profile) => shown.has(profile)).map((profile) => ({
      profile,
      claimed: contract.profiles.claimed.includes(profile),
      ...(presence.has(profile) ? { presence: presence.get(profile) } : {}),
      counts: countOf(results, profile),
    })),
    results,
    exchanges: exchanges.map(forReport),
    notices: [
      ...opened.notices,
      ...fired.notices,
      ...[
        stoppedNote(exchanges),
        fired.stopped === null ? unansweredNote(exchanges) : null,
        secondTriesNote({ all: exchanges, fixture: fixtureIn(prepared) }),
      ].filter((line) => line !== null),
      ...(diagnosis?.kind === 'other-credential' ? [`${diagnosis.line} ${diagnosis.advice}`] : []),
    ],
  });
}

/** Without a key nothing can be said about rejecting wrong ones. */
const withoutAuthentication = (contract: Contract): Contract => ({
  ...contract,
  dialect: { ...contract.dialect, authentication: false },
});

const fixtureIn =
  ({ fixtures }: Prepared) =>
  (id: string) => {
    const fixture = fixtures.get(id);
    if (fixture === undefined) throw new Error(`fixture "${id}" does not exist`);
    return fixture;
  };

/** Of a target that accepts not even the plainest request nothing is known. */
const unjudged = (judged: Judged): Judged => ({
  ...judged,
  outcome: 'not-observed',
  verdict: 'skipped',
  silent: false,
  findings: [],
  reason: 'the target cannot be judged',
});

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

/** The requirement that shows an optional part says it in these words where a claimed one is rejected. */
function claimedButNotThere(judged: Judged): Judged {
  const part = PARTS.get(judged.requirement.id) ?? probeOf(judged.requirement.id);
  if (judged.outcome !== 'rejected' || judged.verdict === 'declined' || part === undefined) return judged;
  return {
    ...judged,
    reason: `The profile ${part} is claimed but not there: ${judged.findings[0]?.actual ?? judged.reason}`,
  };
}

const probeOf = (id: string): string | undefined =>
  Object.entries(PROFILE_PROBES).find(([, { requirement }]) => requirement === id)?.[0];

const isUnclaimedBase =
  ({ profiles }: Contract) =>
  ({ requirement }: Judged): boolean =>
    !profiles.claimed.includes(requirement.profile) &&
    PROFILE_PROBES[requirement.profile]?.requirement === requirement.id;

type Presence = NonNullable<Report['profiles'][number]['presence']>;

/** What a target does with the profiles that it does not claim. */
function presenceOf(bases: readonly Judged[]): ReadonlyMap<Profile, Presence> {
  const found = new Map<Profile, Presence>();
  for (const { requirement, outcome, silent } of bases) {
    if (outcome === 'satisfied') found.set(requirement.profile, 'present');
    if (outcome === 'rejected') found.set(requirement.profile, 'declined');
    if (outcome === 'violated') found.set(requirement.profile, silent ? 'ignored' : 'absent');
  }
  return found;
}

interface Material extends Ended {
  contract: Contract;
  judged: readonly Judged[];
}

/** A result for every requirement that was judged, and for those of the run's profiles that were left out, in the order of the catalogue. */
function resultsOf(material: Material): Result[] {
  const { prepared, options, judged, fired, opened, contract, suites = SUITES, command } = material;
  const { plan, profiles, fixtures } = prepared;
  const byId = new Map(judged.map((entry) => [entry.requirement.id, entry]));
  const exchanges = new Map(fired.exchanges.map((exchange) => [exchange.id, exchange]));
  const invocation = invocationOf(options, opened, contract);
  const only = options.only ?? [];
  const catalogue = suites.flatMap(({ name, requirements }) =>
    requirements.map((requirement: Requirement) => ({ requirement, suite: name })),
  );
  return catalogue.flatMap(({ requirement, suite }): Result[] => {
    const entry = byId.get(requirement.id);
    const reason = plan.leftOut.get(requirement.id);
    const isListed =
      plan.impossible.has(requirement.id) || (only.length === 0 && profiles.includes(requirement.profile));
    if (entry === undefined && (reason === undefined || !isListed)) return [];
    return [
      resultOf(requirement, entry, contract, {
        suite,
        reason: reason ?? '',
        reproduce: reproduceCommand(
          { command, ...invocation },
          requirement,
          entry?.findings ?? [],
          exchanges,
          fixtures,
        ),
      }),
    ];
  });
}

/** One result. `reason` counts where the requirement was left out. */
export function resultOf(
  requirement: Requirement,
  entry: Judged | undefined,
  contract: Contract,
  { suite, reason, reproduce }: Pick<Result, 'suite' | 'reason' | 'reproduce'>,
): Result {
  const override = levelOverride(contract, requirement);
  const isWrong = entry?.verdict === 'fail' || entry?.verdict === 'warn';
  const documented = isWrong ? documentedWeakness(contract, requirement.id) : undefined;
  return {
    id: requirement.id,
    level: override?.level ?? requirement.level,
    ...(override === undefined ? {} : { override }),
    ...(documented === undefined ? {} : { documented }),
    profile: requirement.profile,
    suite,
    statement: requirement.statement,
    source: requirement.source.map(source),
    ...(isWrong ? { incidents: incidentsOf(requirement.id) } : {}),
    verdict: entry?.verdict ?? 'skipped',
    silent: entry?.silent ?? false,
    reason: entry?.reason ?? reason,
    tries: entry?.tries ?? 0,
    findings: entry?.findings ?? [],
    exchanges: entry?.exchanges ?? [],
    ...(entry?.restsOn === undefined ? {} : { restsOn: entry.restsOn }),
    reproduce,
  };
}

/** The options of a run that its repetition needs; the embedded endpoint needs no address. */
function invocationOf(options: RunOptions, { embedded, target }: OpenedTarget, contract: Contract): Invocation {
  if (options.invocation !== undefined) return options.invocation;
  return {
    program: 'npx messages-conformance',
    options: [
      ...(embedded
        ? []
        : ([
            ['url', target.baseUrl],
            ['model', target.model],
          ] as const)),
      ...(contract.name === 'default' ? [] : ([['contract', contract.name]] as const)),
    ],
  };
}

/** Longest body of a request that a report keeps, in characters. Those of answers are bounded when they arrive. */
const MAX_REQUEST = 64 * 1024;

/** The same where the request itself is judged: beside what reached the upstream. */
const MAX_JUDGED_REQUEST = 512 * 1024;

/** Longest body of an answer of the suite's own upstream that a report keeps: its case says the rest. */
const MAX_PLAYED = 256 * 1024;

const shortened = (call: UpstreamCall): UpstreamCall =>
  call.response === null || call.response.body.length <= MAX_PLAYED
    ? call
    : { ...call, response: { ...call.response, body: `${call.response.body.slice(0, MAX_PLAYED)}…` } };

/** An exchange as a report stores it. */
export function forReport(exchange: RecordedExchange): ReportExchange {
  const { id, fixture, sharedBy, transport, turn, attempt, apiVersion, startedMs, replaced } = exchange;
  const { request, response, failure, client, lacks, violations, upstream, upstreamKeyIn, gatewayGone } = exchange;
  const most = upstream === undefined ? MAX_REQUEST : MAX_JUDGED_REQUEST;
  return {
    id,
    fixture,
    transport,
    turn,
    attempt,
    apiVersion,
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(replaced === undefined ? {} : { replaced }),
    ...(sharedBy === undefined ? {} : { sharedBy }),
    request:
      request.body !== null && request.body.length > most
        ? { ...request, body: `${request.body.slice(0, most)}…` }
        : request,
    response,
    failure,
    ...(client === undefined ? {} : { client }),
    ...(lacks === undefined ? {} : { lacks }),
    ...(violations === undefined ? {} : { violations }),
    ...(upstream === undefined ? {} : { upstream: upstream.map(shortened) }),
    ...(upstreamKeyIn === undefined ? {} : { upstreamKeyIn }),
    ...(gatewayGone === undefined ? {} : { gatewayGone }),
    curl: lacks?.includes('request') ? '' : curl(request),
  };
}

/** Puts the result of a run together: the one document that every reporter is a view of. */

import type { Exchange } from '../../core/exchange.js';
import { EXECUTED, PROFILES, type Profile, VERDICTS } from '../../core/protocol.js';
import { REPORT_FORMAT, type Report, type ReportExchange, type Result, type VerdictCounts } from '../../core/report.js';
import type { Requirement } from '../../core/requirement.js';
import { incidentsOf } from '../../suites/catalogue/incidents.js';
import { source } from '../../suites/catalogue/sources.js';
import { type Contract, levelOverride } from '../contract/contracts.js';
import type { Judged } from '../judge/judge.js';
import { packageVersion } from '../package-files.js';
import type { Progress } from '../run/fire.js';
import { curl } from './curl.js';
import { fitted } from './fit.js';

export interface ReportInput {
  baseUrl: string;
  model: string;
  embedded: boolean;
  contract: Contract;
  apiVersions: readonly string[];
  judged: readonly Judged[];
  /** What was found of profiles that are not part of the run. */
  presence: ReadonlyMap<Profile, NonNullable<Report['profiles'][number]['presence']>>;
  leftOut: readonly { requirement: Requirement; suite: string; reason: string }[];
  suiteOf: ReadonlyMap<string, string>;
  exchanges: readonly Exchange[];
  progress: Progress;
  startedAt: Date;
  durationMs: number;
  interrupted: string | null;
  run: Pick<Report['run'], 'profiles' | 'only' | 'skip' | 'strict'>;
  /** Options that a reproducing command needs, e.g. `--url … --model …`. */
  reproduceOptions: string;
  notices: readonly string[];
}

export function buildReport(input: ReportInput): Report {
  const results = inCatalogueOrder(input);
  const profiles = PROFILES.filter((profile) =>
    results.some((result) => result.profile === profile && !isLeftOut(input, result)),
  );
  return fitted({
    $schema: 'https://messages-conformance.dev/schemas/report.schema.json',
    format: REPORT_FORMAT,
    suite: { name: 'messages-conformance', version: packageVersion() },
    target: {
      baseUrl: input.baseUrl,
      model: input.model,
      contract: input.contract.name,
      embedded: input.embedded,
      apiVersions: input.apiVersions,
      server: input.exchanges.map((exchange) => exchange.header('server')).find((name) => name !== null) ?? null,
    },
    contract: input.contract,
    run: {
      startedAt: input.startedAt.toISOString(),
      ...input.run,
      interrupted: input.interrupted,
      node: process.version,
    },
    summary: {
      ...count(results),
      executed: results.filter(({ verdict }) => EXECUTED.includes(verdict)).length,
      silent: results.filter(({ silent, verdict }) => silent && (verdict === 'fail' || verdict === 'warn')).length,
      known: 0,
      requests: input.progress.requests,
      inputTokens: input.progress.inputTokens,
      outputTokens: input.progress.outputTokens,
      durationMs: Math.round(input.durationMs),
    },
    profiles: PROFILES.filter((profile) => profiles.includes(profile) || input.presence.has(profile)).map(
      (profile) => ({
        profile,
        claimed: input.contract.profiles.claimed.includes(profile),
        ...(input.presence.has(profile) ? { presence: input.presence.get(profile) } : {}),
        counts: count(results.filter((result) => result.profile === profile)),
      }),
    ),
    results,
    exchanges: input.exchanges.map(forReport),
    notices: input.notices,
  });
}

const isLeftOut = (input: ReportInput, result: Result): boolean =>
  input.leftOut.some(({ requirement }) => requirement.id === result.id);

function inCatalogueOrder(input: ReportInput): Result[] {
  const judged = new Map(input.judged.map((entry) => [entry.requirement.id, entry]));
  const leftOut = new Map(input.leftOut.map((entry) => [entry.requirement.id, entry]));
  return [...input.suiteOf.keys()].flatMap((id) => {
    const entry = judged.get(id);
    if (entry !== undefined) return [judgedResult(entry, input)];
    const left = leftOut.get(id);
    return left === undefined ? [] : [skippedResult(left.requirement, left.reason, input)];
  });
}

function describe(requirement: Requirement, input: ReportInput) {
  const override = levelOverride(input.contract, requirement);
  return {
    id: requirement.id,
    level: override?.level ?? requirement.level,
    ...(override === undefined ? {} : { override }),
    profile: requirement.profile,
    suite: input.suiteOf.get(requirement.id) ?? '',
    statement: requirement.statement,
    source: requirement.source.map(source),
    reproduce: `messages-conformance run ${input.reproduceOptions}--only ${requirement.id}`,
  };
}

const judgedResult = (judged: Judged, input: ReportInput): Result => ({
  ...describe(judged.requirement, input),
  ...(judged.verdict === 'fail' || judged.verdict === 'warn' ? { incidents: incidentsOf(judged.requirement.id) } : {}),
  verdict: judged.verdict,
  silent: judged.silent,
  reason: judged.reason,
  tries: judged.tries,
  findings: judged.findings,
  exchanges: judged.exchanges,
});

const skippedResult = (requirement: Requirement, reason: string, input: ReportInput): Result => ({
  ...describe(requirement, input),
  verdict: 'skipped',
  silent: false,
  reason,
  tries: 0,
  findings: [],
  exchanges: [],
});

export function count(results: readonly Pick<Result, 'verdict'>[]): VerdictCounts {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as VerdictCounts;
  for (const { verdict } of results) counts[verdict] += 1;
  return counts;
}

/** Longest body of a request that a report keeps, in characters. Those of answers are bounded when they arrive. */
const MAX_REQUEST = 64 * 1024;

function forReport(exchange: Exchange): ReportExchange {
  const { id, fixture, sharedBy, transport, turn, attempt, apiVersion, request, response, failure, client } = exchange;
  return {
    id,
    fixture,
    transport,
    turn,
    attempt,
    apiVersion,
    ...(sharedBy === undefined ? {} : { sharedBy }),
    request:
      request.body !== null && request.body.length > MAX_REQUEST
        ? { ...request, body: `${request.body.slice(0, MAX_REQUEST)}…` }
        : request,
    response,
    failure,
    ...(client === undefined ? {} : { client }),
    curl: curl(request),
  };
}

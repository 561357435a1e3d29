/**
 * The members of the report in reading order. The compiler checks it against the types in `report.ts`, a test against
 * `schemas/report.schema.json`.
 */

import type { RecordedExchange } from '../core/exchange.js';
import type {
  Cause,
  ClientProbe,
  ClientStanding,
  Coverage,
  Diagnosis,
  Report,
  ReportExchange,
  Result,
  Unanswered,
  VerdictCounts,
} from '../core/report.js';
import type { Dialect, Finding } from '../core/requirement.js';
import type { UpstreamCall } from '../core/upstream.js';

/** Any value. */
export const ANY = 'any';

/** The shape of a value; `optional` marks members that may be absent. */
export type Shape =
  | typeof ANY
  | { list: Shape }
  | { optional: Shape }
  | { members: { readonly [name: string]: Shape } };

type LevelLine = NonNullable<Report['contract']['levels']>[number];
type Exactly<T> = { readonly [Name in keyof Required<T>]: Shape };
const members = <T>(shape: Exactly<T>): Shape => ({ members: shape });
const list = (shape: Shape): Shape => ({ list: shape });
const optional = (shape: Shape): Shape => ({ optional: shape });

const COUNTS: Exactly<VerdictCounts> = {
  pass: ANY,
  fail: ANY,
  warn: ANY,
  declined: ANY,
  inconclusive: ANY,
  skipped: ANY,
  error: ANY,
};

const finding = members<Finding>({
  message: ANY,
  expected: ANY,
  actual: ANY,
  at: members<NonNullable<Finding['at']>>({
    event: optional(ANY),
    offset: optional(ANY),
    pointer: optional(ANY),
    header: optional(ANY),
  }),
  exchange: ANY,
  absent: optional(ANY),
  comparedWith: optional(ANY),
});

const result = members<Result>({
  id: ANY,
  level: ANY,
  override: optional(members<NonNullable<Result['override']>>({ level: ANY, reason: ANY })),
  documented: optional(ANY),
  profile: ANY,
  suite: ANY,
  statement: ANY,
  source: list(members<Result['source'][number]>({ tag: ANY, title: ANY, url: ANY })),
  verdict: ANY,
  silent: ANY,
  reason: ANY,
  tries: ANY,
  findings: list(finding),
  exchanges: ANY,
  restsOn: optional(ANY),
  flaky: optional(ANY),
  reproduce: ANY,
  known: optional(
    members<NonNullable<Result['known']>>({
      reason: ANY,
      link: optional(ANY),
      expires: optional(ANY),
      flaky: optional(ANY),
    }),
  ),
  incidents: optional(list(members<NonNullable<Result['incidents']>[number]>({ server: ANY, url: ANY, effect: ANY }))),
});

const request = members<RecordedExchange['request']>({ method: ANY, url: ANY, headers: ANY, body: ANY });

const response = members<NonNullable<RecordedExchange['response']>>({
  status: ANY,
  headers: ANY,
  body: ANY,
  bodyEncoding: ANY,
  chunks: list(members<NonNullable<RecordedExchange['response']>['chunks'][number]>({ bytes: ANY, atMs: ANY })),
  headersMs: ANY,
  endMs: ANY,
});

const upstreamCall = members<UpstreamCall>({
  speaks: ANY,
  request,
  credential: ANY,
  arrivedMs: ANY,
  refused: ANY,
  overlooked: optional(ANY),
  response,
  waits: list(members<UpstreamCall['waits'][number]>({ for: ANY, ms: ANY, came: ANY })),
  end: ANY,
  endMs: ANY,
});

const exchange = members<ReportExchange>({
  id: ANY,
  fixture: ANY,
  transport: ANY,
  turn: ANY,
  attempt: ANY,
  apiVersion: ANY,
  startedMs: optional(ANY),
  replaced: optional(ANY),
  sharedBy: optional(ANY),
  request,
  response,
  failure: members<NonNullable<RecordedExchange['failure']>>({ kind: ANY, message: ANY, limitMs: optional(ANY) }),
  client: optional(
    members<NonNullable<RecordedExchange['client']>>({
      name: ANY,
      version: ANY,
      message: optional(ANY),
      blocks: optional(ANY),
      requestId: optional(ANY),
      error: optional(
        members<NonNullable<NonNullable<RecordedExchange['client']>['error']>>({
          class: ANY,
          message: ANY,
          status: ANY,
          type: ANY,
          requestId: ANY,
        }),
      ),
    }),
  ),
  lacks: optional(ANY),
  violations: optional(list(members<NonNullable<RecordedExchange['violations']>[number]>({ rule: ANY, message: ANY }))),
  upstream: optional(list(upstreamCall)),
  upstreamKeyIn: optional(ANY),
  gatewayGone: optional(ANY),
  curl: ANY,
  truncatedBytes: optional(ANY),
});

export const REPORT_SHAPE: Shape = members<Report>({
  $schema: ANY,
  format: ANY,
  suite: members<Report['suite']>({ name: ANY, version: ANY }),
  target: members<Report['target']>({
    baseUrl: ANY,
    model: ANY,
    contract: ANY,
    embedded: ANY,
    apiVersions: ANY,
    server: ANY,
    upstream: optional(members<NonNullable<Report['target']['upstream']>>({ url: ANY, speaks: ANY })),
  }),
  contract: members<Report['contract']>({
    name: ANY,
    title: ANY,
    description: optional(ANY),
    profiles: members<Report['contract']['profiles']>({
      claimed: ANY,
      disclaimed: optional(ANY),
      unclaimed: optional(ANY),
    }),
    dialect: members<Dialect>({
      consecutiveRoles: ANY,
      prefill: ANY,
      stopSequenceLimit: ANY,
      sampling: ANY,
      systemRole: ANY,
      unknownFields: ANY,
      credentials: ANY,
      authentication: ANY,
      doubledPath: ANY,
      versions: ANY,
      temperature: optional(ANY),
      toolChoice: optional(ANY),
      unknownModel: optional(ANY),
      ignoredFields: optional(ANY),
    }),
    documented: optional(ANY),
    levels: optional(list(members<LevelLine>({ id: ANY, level: ANY, reason: ANY }))),
    gateway: optional(
      members<NonNullable<Report['contract']['gateway']>>({
        speaks: optional(ANY),
        ignores: optional(ANY),
        upstream: optional(ANY),
      }),
    ),
  }),
  fixtures: optional(ANY),
  run: members<Report['run']>({
    startedAt: ANY,
    profiles: ANY,
    only: ANY,
    skip: ANY,
    interrupted: ANY,
    strict: ANY,
    strictClients: optional(ANY),
    minJudged: ANY,
    node: ANY,
  }),
  summary: members<Report['summary']>({
    ...COUNTS,
    executed: ANY,
    silent: ANY,
    known: ANY,
    must: members<Coverage>({ judged: ANY, total: ANY }),
    requests: ANY,
    unanswered: optional(members<Unanswered>({ requests: ANY, why: ANY })),
    inputTokens: ANY,
    outputTokens: ANY,
    durationMs: ANY,
  }),
  diagnosis: members<Diagnosis>({
    kind: ANY,
    line: ANY,
    advice: ANY,
    tried: list(members<Diagnosis['tried'][number]>({ what: ANY, answer: ANY })),
  }),
  causes: list(members<Cause>({ kind: ANY, title: ANY, requirements: ANY, exchange: ANY })),
  profiles: list(
    members<Report['profiles'][number]>({
      profile: ANY,
      claimed: ANY,
      presence: optional(ANY),
      counts: { members: COUNTS },
    }),
  ),
  notices: ANY,
  baseline: optional(
    members<NonNullable<Report['baseline']>>({
      file: ANY,
      problems: list(
        members<NonNullable<Report['baseline']>['problems'][number]>({ id: ANY, problem: ANY, message: ANY }),
      ),
    }),
  ),
  results: list(result),
  clients: optional(
    list(
      members<ClientStanding>({
        client: ANY,
        title: ANY,
        version: ANY,
        skipped: optional(ANY),
        recorded: optional(
          list(members<NonNullable<ClientStanding['recorded']>[number]>({ requirement: ANY, line: ANY })),
        ),
        probes: list(
          members<ClientProbe>({ probe: ANY, title: ANY, kind: ANY, line: ANY, violated: ANY, exchanges: ANY }),
        ),
      }),
    ),
  ),
  exchanges: list(exchange),
});

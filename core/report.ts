/**
 * The one result document (`schemas/report.schema.json`). Every reporter is a view of it: report in, text out.
 */

import type { RecordedExchange } from './exchange.js';
import type { Level, Profile, Verdict } from './protocol.js';
import type { Dialect, Finding, Incident, Source } from './requirement.js';
import type { Speaks } from './upstream.js';

/** Version of the document's own form; readers refuse a newer one. */
export const REPORT_FORMAT = 2;

/** Counts of one group of results. */
export type VerdictCounts = Record<Verdict, number>;

/** How many of the requirements that a run has to judge were judged. */
export interface Coverage {
  /** MUST requirements of the claimed profiles with a verdict: pass, fail or warn. */
  judged: number;
  /**
   * MUST requirements of the claimed profiles that the run had to judge. Left out: what was not selected, what is only seen when
   * it occurs, what was declined, and what rests on something that failed.
   */
  total: number;
}

/** Requests that got no whole answer: none at all, or none that came to its end. */
export interface Unanswered {
  /** How many; what was sent again counts by its last try. */
  requests: number;
  /** The most frequent reason, e.g. `no answer within 60 s`. */
  why: string;
}

export interface ReportSummary extends VerdictCounts {
  /** Requirements whose verdict is pass, fail or warn. */
  executed: number;
  /** Failures with `silent`: the client got a 2xx and cannot see the fault. */
  silent: number;
  /** Below `run.minJudged` percent the run is incomplete. */
  must: Coverage;
  /** Failures that the baseline knows; they are counted in `fail` as well. */
  known: number;
  requests: number;
  /** Above 10 % of the requests the run is incomplete. Absent: all were answered. */
  unanswered?: Unanswered;
  inputTokens: number;
  outputTokens: number;
  durationMs: number;
}

/** A failure that the baseline lists. */
export interface KnownFailure {
  reason: string;
  link?: string;
  /** ISO date after which it counts again. */
  expires?: string;
  /** It fails now and then: that it passes does not make the line stale. */
  flaky?: boolean;
}

/** An unusual but true remark of a contract about a level. */
export interface LevelOverride {
  level: Level;
  reason: string;
}

export interface Result {
  id: string;
  /** Level after the contract's overrides. */
  level: Level;
  override?: LevelOverride;
  /** What the contract documents about it: the verdict stays, and the owner of the target knows about it. */
  documented?: string;
  profile: Profile;
  suite: string;
  statement: string;
  source: readonly Source[];
  verdict: Verdict;
  /** The client gets a 2xx with something lost, invented or reordered. */
  silent: boolean;
  /** Why the verdict is what it is, in one line; empty for a plain pass. */
  reason: string;
  /** How often the conversation was tried. */
  tries: number;
  findings: readonly Finding[];
  /** Ids of the exchanges that were looked at for it. */
  exchanges: readonly string[];
  /** Id of a requirement that failed, without which this one cannot be judged; the verdict is `skipped` or `declined` then. */
  restsOn?: string;
  /** How often each verdict came, where a run was repeated and they differ; `verdict` is the worst of them. */
  flaky?: Partial<Record<Verdict, number>>;
  /** A command line that runs this requirement again, with the conversations that its findings name. */
  reproduce: string;
  known?: KnownFailure;
  incidents?: readonly Incident[];
}

export interface ReportExchange extends RecordedExchange {
  /** The request as a `curl` line, the credential as a shell variable. */
  curl: string;
  /** Which body bytes were left out of the report, when it was too long to keep. */
  truncatedBytes?: number;
}

/** Reason of what `--quick` leaves out. */
export const NOT_QUICK = 'Not part of a quick run';

/** What is wrong with a target as a whole, found by its answer to the plainest request. */
export interface Diagnosis {
  kind: /** No key is set, or the key is rejected in both headers. */
    | 'credential'
    /** Only the other credential header is accepted; the run went on with it. */
    | 'other-credential'
    | 'model'
    /** Nothing speaks the Messages API at this base URL. */
    | 'path'
    | 'web-page'
    /** It speaks another API, e.g. OpenAI's. */
    | 'other-api'
    | 'wait'
    | 'quota'
    | 'redirect'
    | 'hangs'
    | 'tls'
    | 'not-http'
    | 'unreachable'
    | 'down'
    /** It rejects even the plainest request, for a reason of its own. */
    | 'rejects'
    /** A gateway that answers without its upstream, or cannot reach it. */
    | 'upstream-not-called'
    /** A gateway that calls its upstream without a key. */
    | 'upstream-key'
    /** A gateway that calls its upstream in another API than was said, or on an unknown path. */
    | 'other-dialect'
    /** The command that was to start the target has ended. */
    | 'not-started';
  /** One sentence: what is wrong, with the answer. */
  line: string;
  /** One sentence: what to do. */
  advice: string;
  /** The requests that led to it, in order; the last ones tell the reasons apart. */
  tried: readonly { what: string; answer: string }[];
}

/** What several failures have in common; a report says it once, before them. */
export interface Cause {
  /** What kind of cause it is; unique in a report together with `title`. */
  kind: CauseKind;
  /** One sentence: what is wrong, with the numbers that show it. */
  title: string;
  /** Ids of the failed or warned requirements that it explains, the gravest first. */
  requirements: readonly string[];
  /** Id of the exchange that shows it best; `null` where none does. */
  exchange: string | null;
}

export const CAUSE_KINDS = [
  /** A claimed profile, or a part of one, is not there at all. */
  'profile-absent',
  'authentication',
  /** Rejections have one status, whatever is wrong with the request. */
  'rejection-status',
  /** Invalid requests are accepted, whatever is wrong with them. */
  'invalid-accepted',
  /** Error bodies are written in another envelope. */
  'error-envelope',
  /** No reply reports its usage, or all of it is zero. */
  'usage',
  'streams-rejected',
  /** The target ends the connection in place of an answer. */
  'no-answer',
  /** Replies, or truncated replies, have a stop reason that is wrong in one way. */
  'stop-reason',
  /** Many streams violate one rule of the grammar, and what reads them stumbles over it. */
  'stream-grammar',
  /** Streams have another content than replies without streaming. */
  'stream-content',
  /** Part of every request is accepted and never arrives, e.g. stop sequences. */
  'field-lost',
  /** One stored reply answers different requests. */
  'stored-replies',
  /** Several requirements name the same fault in the same place. */
  'same-fault',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** What one thing that a real client was asked to do came to. */
export interface ClientProbe {
  /** Its id, e.g. `stream-tool`. */
  probe: string;
  /** The same in words: `a streamed tool call`. */
  title: string;
  /**
   * `same`: the client returned what the bytes say. `differs`: something else. `throws`: an error. `falls back`: it sent the request again
   * without `stream`. `times out`: nothing within the time. `not observed`: the server did not let it show anything.
   */
  kind: 'same' | 'differs' | 'throws' | 'falls back' | 'times out' | 'not observed';
  /** What happened, in one line; empty for `same`. */
  line: string;
  /** Ids of the requirements that these exchanges violate. */
  violated: readonly string[];
  /** Ids of the exchanges of the probe. */
  exchanges: readonly string[];
}

/** What a real client made of the target (`run --client`). */
export interface ClientStanding {
  /** Id of its lane, e.g. `python`. */
  client: string;
  title: string;
  version: string;
  /** Why it did not run; absent when it did. */
  skipped?: string;
  /**
   * Of a client that did not run: what the recorded table (docs/clients.md) says of faults that violate what this target violates, one
   * line for each requirement. Absent when it says nothing.
   */
  recorded?: readonly { requirement: string; line: string }[];
  probes: readonly ClientProbe[];
}

/** A stale or expired line of a baseline: it fails the run. */
export interface BaselineProblem {
  id: string;
  problem: 'stale' | 'expired' | 'unknown-id';
  message: string;
}

/** What the target was held against, so that a report can be judged again. */
export interface ReportContract {
  name: string;
  title: string;
  description?: string;
  profiles: {
    claimed: Profile[];
    disclaimed?: Profile[];
    /** What is neither: `ask` once and report what was found (the default), or `judge` it where it is offered. */
    unclaimed?: 'ask' | 'judge';
  };
  dialect: Dialect;
  /** Weaknesses that the documentation of the target admits, by id or glob. */
  documented?: { id: string; reason: string }[];
  levels?: { id: string; level: Level; reason: string }[];
  /** For a gateway: the API of its upstream, and request fields that it documents as ignored. */
  gateway?: { speaks?: Speaks; ignores?: string[]; upstream?: UpstreamContract };
}

/** How the upstream that a gateway is made for differs from the API of its name. */
export interface UpstreamContract {
  /** `false`: it wants no key, as servers on the same machine. Default: true. */
  key?: boolean;
  /** Names of fields that it takes beside those of the API, such as `top_k` of vLLM. */
  fields?: string[];
}

export interface Report {
  $schema: string;
  format: typeof REPORT_FORMAT;
  suite: { name: string; version: string };
  target: {
    baseUrl: string;
    model: string;
    contract: string;
    embedded: boolean;
    apiVersions: readonly string[];
    server: string | null;
    /** The suite's own upstream, when the target is a gateway that was judged from both sides. */
    upstream?: { url: string; speaks: Speaks };
  };
  run: {
    /** ISO 8601. */
    startedAt: string;
    profiles: readonly Profile[];
    only: readonly string[];
    skip: readonly string[];
    /** Why the run ended early, `null` when it went to its end. */
    interrupted: string | null;
    strict: boolean;
    /** A client that does not get what the bytes say fails the run (`--strict-clients`). Absent: it does not. */
    strictClients?: true;
    /** Percent of the MUST requirements that have to be judged, `--min-judged`. */
    minJudged: number;
    node: string;
  };
  /** Why the target cannot be judged, or only in part; `null` when its first request was accepted. */
  diagnosis: Diagnosis | null;
  /** What groups of failures have in common, the largest first. */
  causes: readonly Cause[];
  summary: ReportSummary;
  /** Counts by profile, in the order of the catalogue. */
  profiles: readonly {
    profile: Profile;
    claimed: boolean;
    presence?: 'present' | 'declined' | 'ignored' | 'absent';
    counts: VerdictCounts;
  }[];
  results: readonly Result[];
  /** Real clients that the run was asked to drive; absent without any. */
  clients?: readonly ClientStanding[];
  exchanges: readonly ReportExchange[];
  contract: ReportContract;
  /** The conversations of an exported report, as the data of `fixtures/`. */
  fixtures?: readonly unknown[];
  /** Things that a reader should know about the run as a whole, one line each. */
  notices: readonly string[];
  baseline?: { file: string; problems: readonly BaselineProblem[] };
}

/** Orders results as people should meet them: silent failures, failures, errors, warnings, then the rest by catalogue order. */
export function byUrgency<Row extends Pick<Result, 'verdict' | 'silent' | 'known'>>(results: readonly Row[]): Row[] {
  return results
    .map((result, index) => ({ result, rank: rank(result), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ result }) => result);
}

function rank(result: Pick<Result, 'verdict' | 'silent' | 'known'>): number {
  const base = { fail: 0, error: 4, warn: 6, inconclusive: 8, declined: 10, skipped: 12, pass: 14 }[result.verdict];
  return base + (result.silent ? 0 : 1) + (result.known ? 2 : 0);
}

/**
 * The one result document (`schemas/report.schema.json`). Every reporter is a view of it: report in, text out.
 */

import type { RecordedExchange } from './exchange.js';
import type { Level, Profile, Verdict } from './protocol.js';
import type { Dialect, Finding, Incident, Source } from './requirement.js';

/** Version of the document's own form; readers refuse a newer one. */
export const REPORT_FORMAT = 1;

/** Counts of one group of results. */
export type VerdictCounts = Record<Verdict, number>;

export interface ReportSummary extends VerdictCounts {
  /** Requirements whose verdict is pass, fail or warn. */
  executed: number;
  /** Results with `silent`: faults that a client cannot see. */
  silent: number;
  /** Failures that the baseline knows; they are counted in `fail` as well. */
  known: number;
  requests: number;
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
  /** A command line that runs this requirement alone. */
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
  profiles: { claimed: Profile[]; disclaimed?: Profile[] };
  dialect: Dialect;
  levels?: { id: string; level: Level; reason: string }[];
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
    node: string;
  };
  summary: ReportSummary;
  /** Counts by profile, in the order of the catalogue. */
  profiles: readonly {
    profile: Profile;
    claimed: boolean;
    presence?: 'present' | 'declined' | 'ignored' | 'absent';
    counts: VerdictCounts;
  }[];
  results: readonly Result[];
  exchanges: readonly ReportExchange[];
  contract: ReportContract;
  /** The conversations of an exported report, as the data of `fixtures/`. */
  fixtures?: readonly unknown[];
  /** Things that a reader should know about the run as a whole, one line each. */
  notices: readonly string[];
  baseline?: { file: string; problems: readonly BaselineProblem[] };
}

/** Orders results as people should meet them: silent failures, failures, errors, warnings, then the rest by catalogue order. */
export function byUrgency(results: readonly Result[]): Result[] {
  return results
    .map((result, index) => ({ result, rank: rank(result), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ result }) => result);
}

function rank(result: Result): number {
  const base = { fail: 0, error: 4, warn: 6, inconclusive: 8, declined: 10, skipped: 12, pass: 14 }[result.verdict];
  return base + (result.silent ? 0 : 1) + (result.known ? 2 : 0);
}

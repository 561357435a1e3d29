/** Requirements, the evidence that they are judged on, and what a judge may say. */

import type { Exchange } from './exchange.js';
import type { Fixture } from './fixture.js';
import type { ApiVersion, Level, Profile, Transport } from './protocol.js';

/** Where in an exchange something was seen. */
export interface Place {
  /** Number of the stream event, counted from 1. */
  event?: number;
  /** Byte offset in the decoded body. */
  offset?: number;
  /** JSON pointer into the body, or into the event's data. */
  pointer?: string;
  header?: string;
}

/** What a judge saw. */
export interface Finding {
  /** One sentence. */
  message: string;
  expected: string;
  actual: string;
  at: Place | null;
  /** Id of the exchange; `null` for what no single exchange shows. */
  exchange: string | null;
}

/**
 * What a judge says. The runner turns it into a verdict with the requirement's level and the contract:
 *
 * | outcome        | MUST | SHOULD | MAY |
 * |----------------|------|--------|-----|
 * | `satisfied`    | pass | pass | pass |
 * | `violated`     | fail | warn | fail: an option that is taken must be taken in the stated form |
 * | `deviates`     | warn | warn | warn: legal by the protocol, not what the contract documents; fail where it raises the level to MUST |
 * | `rejected`     | as `violated` where the profile is claimed, otherwise declined | same | declined |
 * | `inconclusive` | the model did not produce what is needed, or a control request failed |
 * | `not-observed` | skipped: nothing to look at, or a free choice not taken |
 * | `unreachable`  | error: no connection, so nothing is known |
 */
export type Judgement =
  | { outcome: 'satisfied'; note?: string }
  | { outcome: 'violated'; findings: Finding[]; silent?: boolean }
  | { outcome: 'deviates'; findings: Finding[]; silent?: boolean }
  | { outcome: 'rejected'; findings: Finding[] }
  | { outcome: 'inconclusive'; reason: string; tries: number }
  | { outcome: 'not-observed'; reason: string }
  | { outcome: 'unreachable'; reason: string };

/** One readable line about a value that does not fit a schema. */
export interface SchemaViolation {
  /** Keyword of JSON Schema that is broken. */
  keyword: string;
  pointer: string;
  expected: string;
  actual: string;
  message: string;
}

/** What a contract says where the protocol leaves a choice. */
export interface Dialect {
  /** `merge`: consecutive messages of one role are one turn. `strict`: roles must alternate. */
  consecutiveRoles: 'merge' | 'strict';
  /** What a final assistant message leads to. */
  prefill: 'continue' | 'refuse' | 'either';
  /** The documented number of stop sequences; `null` without a limit. */
  stopSequenceLimit: number | null;
  /** `classic`: temperature, top_p and top_k are taken under 2023-06-01. `fixed`: only their defaults. `either`: by model. */
  sampling: 'classic' | 'fixed' | 'either';
  /** Whether a later message may have the role system. */
  systemRole: 'honour' | 'refuse' | 'either';
  unknownFields: 'refuse' | 'ignore' | 'either';
  /** Credential headers that the documentation names. */
  credentials: readonly ('x-api-key' | 'bearer')[];
  /** Whether requests without a valid credential are refused at all. */
  authentication: boolean;
  /** Whether the documented base URL ends in `/v1`, so that clients arrive at `/v1/v1/messages`. */
  doubledPath: boolean;
  /** Documented values of `anthropic-version`. */
  versions: readonly ApiVersion[];
}

/** A contract as judges see it. */
export interface Claims {
  name: string;
  profiles: readonly Profile[];
  dialect: Dialect;
}

/** Everything a judge may look at. */
export interface Evidence {
  /** Exchanges of the requirement's own fixtures in the order of the plan; every transport, turn and attempt. */
  own: readonly Exchange[];
  /** Every exchange of the run. */
  all: readonly Exchange[];
  /** Exchanges of one fixture, optionally of one transport. */
  of(fixture: string, transport?: Transport): readonly Exchange[];
  fixture(id: string): Fixture;
  claims: Claims;
  /** Model that requests were made for. */
  model: string;
  /** Compares a value with a schema of `schemas/` by name. */
  violations(schema: string, value: unknown): SchemaViolation[];
}

/** Returns what the evidence shows. Pure: no clock, no network, no state; never throws on what a target sent. */
export type Judge = (evidence: Evidence) => Judgement;

export interface Requirement {
  /** `family.subject.rule`, a promise: reports, baselines and documentation use it. */
  id: string;
  level: Level;
  profile: Profile;
  /** One sentence that is true of a conformant target. */
  statement: string;
  /** Tags of `suites/sources.ts`. */
  source: readonly string[];
  /** Fixtures that provoke it, then their variants and controls. Empty for what is judged whenever an exchange shows it. */
  fixtures: readonly string[];
  judge: Judge;
  /** Editions in which it holds; both when absent. */
  editions?: readonly ApiVersion[];
  /** Why it makes no sense under a contract, `null` where it does. Absent: it makes sense under every one. */
  pointless?: (claims: Claims) => string | null;
  /** Why it is only carried out when it is selected by its id. */
  onRequest?: string;
  /** Why it cannot be judged of a target in the same process, where no socket is; absent: it can. */
  socket?: string;
}

/** How a target that does not claim a profile is asked whether it has it. */
export interface Probe {
  /** Id of the requirement that shows it. */
  requirement: string;
  /** As much of its fixtures as shows it: cheap, and without traces on the target. */
  fixtures: readonly string[];
}

/** Where a rule is written. */
export interface Source {
  tag: string;
  title: string;
  url: string | null;
}

/** A public report of the same fault in the field. */
export interface Incident {
  /** Server or gateway, as its users call it. */
  server: string;
  /** The public thread. */
  url: string;
  /** Which client broke and how, in half a sentence. */
  effect: string;
}

/** A family of requirements: one file. */
export interface Suite {
  name: string;
  /** What the family judges, in half a sentence. */
  title: string;
  requirements: readonly Requirement[];
}

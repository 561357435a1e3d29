/** Requirements, the evidence that judges read, and the judgements that they return. */

import type { Forms, LookUp, Share } from './evidence.js';
import type { Exchange } from './exchange.js';
import type { Fixture } from './fixture.js';
import type { ApiVersion, Level, Profile, Transport } from './protocol.js';
import type { Speaks } from './upstream.js';

/** Where in an exchange something was seen. */
export interface Place {
  /** Number of the stream event, counted from 1. */
  event?: number;
  /** Byte offset in the decoded body. */
  offset?: number;
  /** JSON pointer into the body, or into the event's data. */
  pointer?: string;
  /** Name of the response header. */
  header?: string;
}

/** One fault that a judge found. */
export interface Finding {
  /** One sentence: what is wrong, then what breaks in clients. */
  message: string;
  expected: string;
  actual: string;
  at: Place | null;
  /** Id of the exchange; `null` when no single exchange shows it. */
  exchange: string | null;
  /** The field is missing where `null` is documented. */
  absent?: true;
  /** Id of the exchange without which this one would show nothing: a command that shows the finding again sends both. */
  comparedWith?: string;
}

/**
 * What a judge returns. The runner turns it into a verdict, by the level of the requirement and by the contract:
 *
 * | outcome        | MUST | SHOULD | MAY |
 * |----------------|------|--------|-----|
 * | `satisfied`    | pass | pass | pass |
 * | `violated`     | fail | warn | fail: an option that is used has to be used in the stated form |
 * | `deviates`     | warn | warn | warn: legal by the protocol, but not what the contract documents; fail when the contract raises the level to MUST |
 * | `rejected`     | as `violated` when the profile is claimed, otherwise declined | same | declined |
 * | `inconclusive` | inconclusive: the model did not produce what is needed, or a control request failed |
 * | `not-observed` | skipped: nothing in the run exercised it, or the target does not use an option |
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

/** One readable line about a value that violates a schema. */
export interface SchemaViolation {
  /** Keyword of JSON Schema that is violated. */
  keyword: string;
  pointer: string;
  expected: string;
  actual: string;
  message: string;
}

/** What a contract says where the protocol allows a choice. */
export interface Dialect {
  /** `merge`: consecutive messages of one role form one turn. `strict`: roles have to alternate. */
  consecutiveRoles: 'merge' | 'strict';
  /** How the target treats a final assistant message. */
  prefill: 'continue' | 'refuse' | 'either';
  /** The documented maximum of stop sequences; `null` without a limit, 0 where none are offered. */
  stopSequenceLimit: number | null;
  /** `classic`: 2023-06-01 accepts `temperature`, `top_p`, `top_k`. `fixed`: only their defaults. `either`: depends on the model. */
  sampling: 'classic' | 'fixed' | 'either';
  /** Whether a later message may have the role system. */
  systemRole: 'honour' | 'refuse' | 'either';
  /** How the target treats fields that do not exist. */
  unknownFields: 'refuse' | 'ignore' | 'either';
  /** Credential headers that the documentation of the target names. */
  credentials: readonly ('x-api-key' | 'bearer')[];
  /** Whether the target rejects requests without a valid credential. */
  authentication: boolean;
  /** Whether the documented base URL ends in `/v1`, so that clients call `/v1/v1/messages`. */
  doubledPath: boolean;
  /** Documented values of `anthropic-version`. */
  versions: readonly ApiVersion[];
  /** Documented values of `temperature`; absent: 0 to 1, both included. */
  temperature?: TemperatureRange;
  /** Forms of `tool_choice` that the target documents; absent: all of them. */
  toolChoice?: readonly ('auto' | 'any' | 'tool' | 'none')[];
  /** What the name of a model that does not exist leads to; absent: `refuse`. */
  unknownModel?: 'refuse' | 'map' | 'default';
  /** Request fields that the target documents to ignore, by name. */
  ignoredFields?: readonly string[];
}

/** A range with open or closed ends. */
export interface TemperatureRange {
  minimum: number;
  /** Whether `minimum` itself is outside. */
  exclusiveMinimum?: boolean;
  maximum: number;
  /** Whether `maximum` itself is outside. */
  exclusiveMaximum?: boolean;
}

/** What a contract says about a gateway. */
export interface GatewayClaims {
  /** The API of its upstream. */
  speaks: Speaks;
  /** Fields of requests that it documents as ignored, such as `top_k` or `metadata.user_id`. */
  ignores: readonly string[];
}

/** A contract as judges see it. */
export interface Claims {
  name: string;
  profiles: readonly Profile[];
  dialect: Dialect;
  /** Only when a gateway is judged from both sides. */
  gateway?: GatewayClaims;
}

/** A reply that the server stored and sent again. */
export interface Copy {
  exchange: Exchange;
  /** The earlier exchange with the same message id, `request-id` and content. */
  original: Exchange;
  /** Whether both requests have the same method, URL and body. */
  isSameRequest: boolean;
}

/** Everything that a judge may read. */
export interface Evidence {
  /** Exchanges of the requirement's own fixtures, in the order of its list: every transport, turn and attempt. */
  own: readonly Exchange[];
  /** Every exchange of the run. */
  all: readonly Exchange[];
  /** Replies of the run that are copies of another one. They are not among `own` and `all`. */
  copies: readonly Copy[];
  /** Exchanges of one fixture, optionally of one transport. */
  of: LookUp;
  /** The exchanges that decide about one of several things in a request, or about a thing with several forms. */
  resolve(asked: Share | Forms, transport?: Transport): readonly Exchange[];
  fixture(id: string): Fixture;
  claims: Claims;
  /** The model that the requests name. */
  model: string;
  /** What is wrong with a value by a schema of `schemas/`. */
  violations(schema: string, value: unknown): SchemaViolation[];
}

/** Returns what the evidence shows. Pure: no clock, no network, no state. Never throws because of what a target sent. */
export type Judge = (evidence: Evidence) => Judgement;

export interface Requirement {
  /** `family.subject.rule`. It never changes: reports, baselines and documentation use it. */
  id: string;
  level: Level;
  profile: Profile;
  /** One sentence: the rule that a conformant server follows. */
  statement: string;
  /** Tags of `suites/catalogue/sources.ts`. */
  source: readonly string[];
  /** Ids of the fixtures that exercise it, then their variants and controls. Empty when any exchange may exercise it. */
  fixtures: readonly string[];
  judge: Judge;
  /** API versions in which it holds; both when absent. */
  editions?: readonly ApiVersion[];
  /** Why it makes no sense under a contract; `null` when it does. Absent: it makes sense under every contract. */
  pointless?: (claims: Claims) => string | null;
  /** Why it runs only when it is selected by its id. */
  onRequest?: string;
  /** Why it cannot be judged of a target in the same process, where no socket is; absent: it can. */
  socket?: string;
  /** It is about what the official TypeScript client makes of responses: an optional dependency, without which it is skipped. */
  officialClient?: true;
  /** It is about responses that are incomplete, so an incomplete one does not make it inconclusive. */
  onIncomplete?: true;
  /** Only for gateways: APIs of the upstream for which it makes sense. Absent: those that have one of its cases. */
  speaks?: readonly Speaks[];
}

/** How the runner finds out whether a target supports a profile that it does not claim. */
export interface Probe {
  /** Id of the requirement that shows the support. */
  requirement: string;
  /** The fixtures of it that are enough: cheap, and without side effects on the target. */
  fixtures: readonly string[];
}

/** Where a rule is documented. */
export interface Source {
  tag: string;
  title: string;
  url: string | null;
}

/** A public report of the same fault in a real server. */
export interface Incident {
  /** Name of the server or gateway. */
  server: string;
  /** Address of the public thread. */
  url: string;
  /** Which client failed and how, in half a sentence. */
  effect: string;
}

/** A family of requirements: one file. */
export interface Suite {
  name: string;
  /** What the family tests, in half a sentence. */
  title: string;
  requirements: readonly Requirement[];
}

/**
 * The words of the project, each declared once: levels, profiles, verdicts, the shape of a requirement, of the exchanges
 * that it judges and of what a judge may say. Suites are written with nothing but this file and `judges.ts`.
 */

/** Requirement levels of RFC 2119. */
export const LEVELS = ['MUST', 'SHOULD', 'MAY'] as const;
export type Level = (typeof LEVELS)[number];

/** Groups of requirements that a target may claim. */
export const PROFILES = [
  'core',
  'tools',
  'errors',
  'vision',
  'documents',
  'thinking',
  'caching',
  'structured-output',
  'count-tokens',
  'models',
  'batches',
  'agent',
] as const;
export type Profile = (typeof PROFILES)[number];

/** What a report says of one requirement. */
export const VERDICTS = ['pass', 'fail', 'warn', 'declined', 'inconclusive', 'skipped', 'error'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts that count as executed: the requirement was put to the target and answered. */
export const EXECUTED: readonly Verdict[] = ['pass', 'fail', 'warn'];

/** Values of the `anthropic-version` header that are in use. */
export const API_VERSIONS = ['2023-06-01', '2026-10-21'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** How one conversation is carried: as one JSON reply or as a stream of server-sent events. */
export const TRANSPORTS = ['json', 'stream'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The seven named events of a successful or failed stream, and `ping`. */
export const EVENT_TYPES = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
  'error',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Documented values of `stop_reason`; `compaction` needs a beta header. */
export const STOP_REASONS = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
  'compaction',
] as const;

/** Documented `error.type` values with the statuses that they belong to. */
export const ERROR_STATUS: Readonly<Record<string, readonly number[]>> = {
  invalid_request_error: [400],
  authentication_error: [401],
  billing_error: [402],
  permission_error: [403],
  not_found_error: [404],
  conflict_error: [409],
  request_too_large: [413],
  rate_limit_error: [429],
  api_error: [500],
  timeout_error: [504],
  overloaded_error: [529],
};

/** Any JSON value that came over the wire. Objects may hold hostile keys; read them with `Object.hasOwn` in mind. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

// ---------------------------------------------------------------------------------------------------------- exchanges

/** What was sent. The credential is already replaced by the name of the variable that held it. */
export interface SentRequest {
  method: string;
  url: string;
  /** Header names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The body as sent; `null` without one. */
  body: string | null;
}

/** One network read: how many bytes arrived and when, in milliseconds after the request was sent. */
export interface Chunk {
  bytes: number;
  atMs: number;
}

/** What came back, before anything is made of it. */
export interface ReceivedResponse {
  status: number;
  /** Header lines in the order of arrival, names in lower case, repeated ones kept. */
  headers: readonly (readonly [name: string, value: string])[];
  /** The body after content-encoding is undone, as text, or as base64 when it is not valid UTF-8. */
  body: string;
  bodyEncoding: 'utf8' | 'base64';
  chunks: readonly Chunk[];
  /** Milliseconds from sending to the header block and to the end of the body (or to giving up). */
  headersMs: number;
  endMs: number;
}

/** Why an exchange did not come to its orderly end. */
export type FailureKind =
  /** no connection: DNS, refused, TLS; the network's fault until shown otherwise */
  | 'unreachable'
  /** the target went away, or broke HTTP, after the connection stood */
  | 'reset'
  | 'protocol'
  /** the bound of time, bytes or events was reached; what had come by then is kept */
  | 'timeout-headers'
  | 'timeout-body'
  | 'too-large'
  /** the body cannot be decoded as its content-encoding says */
  | 'encoding'
  /** the redirect leads to another origin and was not followed */
  | 'redirect'
  /** the suite itself hung up, as the fixture asks; nothing is read from what had come by then */
  | 'abandoned'
  /** this exchange needed the answer of an earlier turn, which did not come or lacked what was needed */
  | 'not-set-up'
  /** the suite's own request does not fit its own schema; it was not sent */
  | 'unsound';

export interface Failure {
  kind: FailureKind;
  /** One line: the cause as the network layer told it, control characters escaped. */
  message: string;
}

/** What the official client made of the same bytes. */
export interface ClientOutcome {
  name: 'sdk-typescript';
  version: string;
  /** The message that the client handed to its caller, as JSON. */
  message?: Json;
  /** `_request_id` of the message. */
  requestId?: string | null;
  /** What the client threw instead. */
  error?: { class: string; message: string; status: number | null; type: string | null; requestId: string | null };
}

/** One request and everything that came back, as a report keeps it. */
export interface RecordedExchange {
  /** `fixture/transport`, then `.2` for the second turn, then `#2` for the second attempt; unique in a run. */
  id: string;
  fixture: string;
  transport: Transport;
  /** Counted from 1. */
  turn: number;
  /** Counted from 1; above 1 only when the model did not cooperate or the target asked to wait. */
  attempt: number;
  apiVersion: string | null;
  /** Further fixtures that ask for exactly the same request: this exchange is theirs as well. */
  sharedBy?: readonly string[];
  request: SentRequest;
  response: ReceivedResponse | null;
  failure: Failure | null;
  client?: ClientOutcome;
}

/** A frame of the event stream as it stood in the bytes. */
export interface Frame {
  /** Byte offset of its first line and of the byte after its last line. */
  offset: number;
  end: number;
  /** Arrival of its last byte in milliseconds after the request was sent. */
  atMs: number;
  /** `event:` field, `null` without one. */
  event: string | null;
  /** `data:` lines joined with LF, `null` without one. */
  data: string | null;
  /** Comment lines without their colon. */
  comments: readonly string[];
  /** Lines that are no field of the SSE grammar, e.g. because of a leading blank. */
  strayLines: readonly string[];
  /** Whether an empty line closes it; a frame without is lost to every client. */
  terminated: boolean;
}

/** A frame that carries data: what a client would dispatch, numbered from 1 without comments. */
export interface StreamEvent {
  number: number;
  frame: Frame;
  /** Event name, or `null` when the frame has none. */
  name: string | null;
  /** Parsed data; `undefined` when it is not JSON. */
  data: Json | undefined;
  /** `data.type` when data is an object with a string `type`. */
  type: string | null;
}

export interface StreamReading {
  frames: readonly Frame[];
  events: readonly StreamEvent[];
  bom: boolean;
  /** Kinds of line ends that occur in the body. */
  lineEnds: readonly ('LF' | 'CRLF' | 'CR')[];
  longestLine: number;
  /** Byte offset of the first invalid UTF-8 sequence, `null` when valid. */
  invalidUtf8At: number | null;
  /** The message that the events add up to by the protocol's own rules; `null` without a message_start. */
  message: JsonObject | null;
}

/** A recorded exchange with its body read: what judges look at. */
export interface Exchange extends RecordedExchange {
  /** First value of a response header, `null` without it. */
  header(name: string): string | null;
  /** The body as bytes. */
  bytes: Uint8Array;
  /** The body parsed as JSON; `undefined` when it is not JSON, or empty. */
  json: Json | undefined;
  /**
   * The body read as an event stream; `null` unless the answer is one by its content type or its first bytes, and where the
   * suite itself cut it.
   */
  stream: StreamReading | null;
  /**
   * The Message of a 2xx answer, whichever transport carried it: the JSON body, or what the stream adds up to.
   * `null` when there is none. Its shape is not checked.
   */
  message: JsonObject | null;
  /** Everything the request said, parsed; `undefined` for raw bodies. */
  sent: Json | undefined;
}

// ----------------------------------------------------------------------------------------------------------- fixtures

/** One change of JSON Patch (RFC 6902). */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: Json;
}

/** How a request identifies itself. */
export type Credential = 'default' | 'x-api-key' | 'bearer' | 'both' | 'none' | 'invalid';

/** What an answer shows when the model did what the prompt asks; the fixture is tried again while it does not. */
export interface Cooperation {
  /** Regular expression that the joined text of the answer matches, without regard to case. */
  text?: string;
  /** At least so many `tool_use` blocks. */
  toolUses?: number;
  /** A stream does not come in one network read: a machine that is short of time may read all of it at once. */
  inPieces?: true;
  /** Names of tools of which each is called. */
  tools?: readonly string[];
  stopReason?: string;
  /** At least so many citations on its text blocks. */
  citations?: number;
  /** At least one content block of this type, such as `thinking`. */
  block?: string;
  /** Usage counts tokens that were read from a cache; a target that spreads requests over machines may miss it once. */
  cacheRead?: true;
}

/** One request of a conversation. What it leaves out, the fixture says for all turns. */
export interface Turn {
  method?: string;
  /** May hold `{{1/id}}`: the value at a JSON pointer of an earlier turn's answer. */
  path?: string;
  query?: string;
  body?: JsonObject;
  /** A body that is not sent as JSON, byte by byte as written here. */
  rawBody?: string;
  /** Fields of a multipart/form-data body; a file is `{ filename, type, text }` or `{ filename, type, asset }`. */
  multipart?: Readonly<Record<string, string | { filename: string; type: string; text?: string; asset?: string }>>;
  /** Pause before the request, in milliseconds. */
  waitMs?: number;
  /**
   * Repeats the request until the answer holds `equals` at `pointer`, or `timeoutMs` has passed. The pause begins with
   * `everyMs` and grows, so that a fast target is not waited for and a slow one not pestered. The last answer is kept.
   */
  until?: { pointer: string; equals: Json; everyMs: number; timeoutMs: number };
  /** Hangs up in the middle of the stream; the conversation goes on with its next turn. */
  abortAfter?: 'first-delta';
  cooperation?: Cooperation;
}

/** A conversation to hold with the target, as `schemas/fixture.schema.json` describes it, with its twin worked in. */
export interface Fixture {
  id: string;
  title: string;
  transports: readonly Transport[];
  method: string;
  path: string;
  query: string;
  /** A list is sent as header lines of one name. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  credential: Credential;
  /** `null`: no version header. `default`: the version of the run. */
  apiVersion: ApiVersion | 'default' | null;
  /** Who sends: the suite's own HTTP client or the official TypeScript client. */
  client: 'http' | 'sdk-typescript';
  turns: readonly Turn[];
  /** The valid fixture that this one differs from. */
  twin: string | null;
  /** For a negative: the one rule that its request breaks. */
  violates: Violates | null;
  /** How often the conversation may be tried while the model does not cooperate. */
  attempts: number;
  /** A repetition on purpose: it never shares the exchange of a fixture with the same request. */
  again: boolean;
  /** Sent only when it is named or when thoroughness is asked for. */
  cost: 'normal' | 'thorough' | 'expensive';
  /**
   * Fixtures that are sent only when this one is not served or does not show its effect: its parts, to find out which of them
   * is to blame, or its control.
   */
  splitInto: readonly string[];
  /** Shows by a way that is known to work what another fixture asks for: not needed where that one is refused. */
  control: boolean;
  /** Conversations of one name begin at the same moment, behind all others; `null` for those that do not care. */
  together: string | null;
}

export interface Violates {
  /** JSON pointer into the body; empty for the whole body or for a header. */
  pointer: string;
  /** Who can see it: the request schema, the rules of conversation, or the wire (body bytes, headers, path). */
  layer: 'schema' | 'conversation' | 'wire';
  /** Words of which an error message should contain one, to name what is wrong. */
  names: readonly string[];
}

// ------------------------------------------------------------------------------------------------------------ findings

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
 * | `kept`         | pass | pass | pass |
 * | `broken`       | fail | warn | fail: an option that is taken must be taken in the stated form |
 * | `deviates`     | warn | warn | warn: legal by the protocol, not what the contract documents; fail where it raises the level to MUST |
 * | `refused`      | as `broken` where the profile is claimed, otherwise declined | same | declined |
 * | `inconclusive` | the model did not produce what is needed, or a control did not hold |
 * | `unobserved`   | skipped: nothing to look at, or a free choice not taken |
 * | `unreachable`  | error: no connection, so nothing is known |
 */
export type Judgement =
  | { outcome: 'kept'; note?: string }
  | { outcome: 'broken'; findings: Finding[]; silent?: boolean }
  | { outcome: 'deviates'; findings: Finding[]; silent?: boolean }
  | { outcome: 'refused'; findings: Finding[] }
  | { outcome: 'inconclusive'; reason: string; tries: number }
  | { outcome: 'unobserved'; reason: string }
  | { outcome: 'unreachable'; reason: string };

// --------------------------------------------------------------------------------------------------------- requirements

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

/** The lists of the protocol and of the suite: levels, profiles, verdicts, versions, events, statuses. Each is declared only here. */

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

/** What a report says about one requirement. */
export const VERDICTS = ['pass', 'fail', 'warn', 'declined', 'inconclusive', 'skipped', 'error'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts that count as executed: the run shows whether the target satisfies the requirement. */
export const EXECUTED: readonly Verdict[] = ['pass', 'fail', 'warn'];

/** Values of the `anthropic-version` header in use. */
export const API_VERSIONS = ['2023-06-01', '2026-10-21'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** How a reply is sent: as one JSON body or as a stream of server-sent events. */
export const TRANSPORTS = ['json', 'stream'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The events of a stream. */
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

/** Whether a value is a documented stop reason. */
export const isStopReason = (value: unknown): boolean => (STOP_REASONS as readonly unknown[]).includes(value);

/** Documented values of `error.type` with their statuses. */
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

/** Requirements of the protocol that no request of the suite tests. They are listed so that the catalogue is complete. */

import type { Level, Profile } from '../../core/protocol.js';

/** A requirement that the suite's own requests do not test. */
export interface Excused {
  id: string;
  level: Level;
  profile: Profile;
  /** One sentence: the rule that a conformant server follows. */
  statement: string;
  /** Tags of `suites/catalogue/sources.ts`. */
  source: readonly string[];
  /** `real-client`: a real client decides it, where there is one. `observe-only`: it may occur in a run, but the suite cannot provoke it. */
  kind: 'real-client' | 'observe-only';
  /** Why, in one sentence. */
  reason: string;
}

const NEEDS_PYTHON =
  'The official Python client decides it, with `run --client python`; a Node package cannot include it. The other requirements of its family test the bytes that this client reads.';

export const EXCUSED: readonly Excused[] = [
  {
    id: 'stream.sdk.python',
    level: 'MUST',
    profile: 'core',
    statement:
      'The stream helper of the official Python client finishes and returns the message that the events build.',
    source: ['P'],
    kind: 'real-client',
    reason: NEEDS_PYTHON,
  },
  {
    id: 'sdk.python.create',
    level: 'MUST',
    profile: 'core',
    statement:
      '`messages.create` of the official Python client returns a Message: 2.x with a bearer token and 2026-10-21, 1.x with `x-api-key` and 2023-06-01.',
    source: ['P'],
    kind: 'real-client',
    reason: NEEDS_PYTHON,
  },
  {
    id: 'stop.context-window',
    level: 'MAY',
    profile: 'core',
    statement:
      'A reply that fills the context window has status 200 and `stop_reason` "model_context_window_exceeded" or "max_tokens".',
    source: ['D:stop', 'T:msg'],
    kind: 'observe-only',
    reason:
      'The prompt would have to end just before the end of the context window, whose size no response reports. msg.context-overflow tests larger prompts, and resp.stop-reason.enum checks the stop reason whenever it occurs.',
  },
  {
    id: 'stream.ptc.prefilled',
    level: 'MAY',
    profile: 'tools',
    statement:
      '`message_start` may hold the calls that running code makes, complete and with `stop_reason` "tool_use"; `message_stop` may follow without `message_delta`.',
    source: ['D:ptc', 'F'],
    kind: 'observe-only',
    reason:
      'It needs a target that runs code, and code that calls a tool of the client. The grammar accepts such a stream wherever it occurs; stream.start.content-empty and stream.start.stop-null reject everything else that a message_start holds before its time.',
  },
];

/**
 * What real clients decide: the lane of `clients/` whose results count, and the probes that show it. `sdk.go.accumulate` is simulated
 * from the source of the client where there is no Go.
 */
export const REAL_CLIENTS: readonly { id: string; client: string; probes: readonly string[] }[] = [
  { id: 'sdk.python.create', client: 'python', probes: ['create'] },
  { id: 'stream.sdk.python', client: 'python', probes: ['stream', 'stream-tool', 'text-and-tools'] },
  { id: 'sdk.go.accumulate', client: 'go', probes: ['stream-tool', 'text-and-tools'] },
];

/** Requirements of the protocol that no run carries out: listed all the same, so that nothing is left out in silence. */

import type { Level, Profile } from '../../core/protocol.js';

export interface Excused {
  id: string;
  level: Level;
  profile: Profile;
  /** One sentence that is true of a conformant target. */
  statement: string;
  /** Tags of `suites/sources.ts`. */
  source: readonly string[];
  /** `untestable`: nothing here can carry it out. `observe-only`: it can be seen, never provoked. */
  kind: 'untestable' | 'observe-only';
  /** Why, in one sentence. */
  reason: string;
}

const NEEDS_PYTHON =
  'It needs a Python interpreter with the official client, which a Node package cannot bring along; the bytes that this client reads are judged by the other requirements of its family.';

export const EXCUSED: readonly Excused[] = [
  {
    id: 'stream.sdk.python',
    level: 'MUST',
    profile: 'core',
    statement:
      "The stream helper of the official Python client comes to its end and returns the message that the stream's events add up to.",
    source: ['P'],
    kind: 'untestable',
    reason: NEEDS_PYTHON,
  },
  {
    id: 'sdk.python.create',
    level: 'MUST',
    profile: 'core',
    statement: 'The official Python client, with x-api-key and 2023-06-01, returns a Message from messages.create.',
    source: ['P'],
    kind: 'untestable',
    reason: NEEDS_PYTHON,
  },
  {
    id: 'stop.context-window',
    level: 'MAY',
    profile: 'core',
    statement:
      'A reply that fills the context window up ends with status 200 and the stop reason model_context_window_exceeded or max_tokens.',
    source: ['D:stop', 'T:msg'],
    kind: 'observe-only',
    reason:
      'The prompt would have to end just short of the window, whose size no answer tells; prompts beyond it are judged by msg.context-overflow, and the stop reason itself by resp.stop-reason.enum wherever it occurs.',
  },
];

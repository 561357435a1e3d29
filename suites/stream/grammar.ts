/** Reads a stream by the grammar, once for all requirements. */

import type { StreamEvent, StreamReading } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { EventType } from '../../core/protocol.js';
import type { StreamedBlock } from './block-types.js';
import { GrammarMachine } from './machine.js';

/** Rules of the grammar. Each is the last part of the id of its requirement. */
export type GrammarRule =
  | 'message-start-first'
  | 'one-message-start'
  | 'block-start-before-delta'
  | 'index-consecutive'
  | 'no-overlap'
  | 'block-stop'
  | 'stop-once'
  | 'message-delta-after-blocks'
  | 'message-delta-present'
  | 'message-stop-last'
  | 'nothing-after-error'
  | 'matches-block';

/** One violation of a rule. */
export interface GrammarViolation {
  rule: GrammarRule;
  /** Number of the event that violates it; `null` for the end of the body. */
  event: number | null;
  /** Byte offset of that event, or of the end of the body. */
  offset: number;
  /** State of the stream at that place: `inside block 0 (text)`. */
  state: string;
  /** What the grammar allows there. */
  expected: string;
  /** What was sent instead. */
  actual: string;
  /** One sentence. */
  message: string;
}

/** The result of reading a stream. */
export interface GrammarReading {
  /** In the order of events. */
  violations: readonly GrammarViolation[];
  /** In the order of their first events. After a second message_start: only those of the last message. */
  blocks: readonly StreamedBlock[];
  /** Events other than pings and unknown ones, by kind. */
  byKind: ReadonlyMap<EventType, readonly StreamEvent[]>;
  /**
   * The message of a `message_start` that has calls by running code already, with the stop reason: such a stream may end without
   * `message_delta`. `null` for all others. Source: F.
   */
  prefilled: JsonObject | null;
  /** How the stream ended: with message_stop, with an error event, or with neither. */
  end: 'complete' | 'error' | 'broken-off';
}

const readings = new WeakMap<StreamReading, GrammarReading>();

/** The reading of a stream by the grammar, made once for each stream. */
export function grammar(stream: StreamReading): GrammarReading {
  const known = readings.get(stream);
  if (known !== undefined) return known;
  const machine = new GrammarMachine();
  for (const event of stream.events) machine.step(event);
  const reading = machine.finish(stream.frames.at(-1)?.end ?? 0);
  readings.set(stream, reading);
  return reading;
}

/** The grammar's reading of a stream, made once and kept for every requirement that asks. */

import type { StreamEvent, StreamReading } from '../../core/exchange.js';
import type { EventType } from '../../core/protocol.js';
import type { StreamedBlock } from './block-types.js';
import { GrammarMachine } from './machine.js';

/** Rules of order; each is the last part of the id of the requirement that stands on it. */
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

export interface GrammarViolation {
  rule: GrammarRule;
  /** Number of the event at which it shows; `null` for the end of the body. */
  event: number | null;
  /** Byte offset of that event, or of the end of the body. */
  offset: number;
  /** Where in the stream, in words: `inside block 0 (text)`. */
  state: string;
  /** What would have been legal there. */
  legal: string;
  /** What came. */
  came: string;
  /** One sentence. */
  message: string;
}

export interface GrammarReading {
  /** In the order of the events. */
  violations: readonly GrammarViolation[];
  /** In the order of their first events; of the last message, where a second one began. */
  blocks: readonly StreamedBlock[];
  /** Events that are no filler, by kind. */
  byKind: ReadonlyMap<EventType, readonly StreamEvent[]>;
  /** Whether message_stop came, an error event ended it, or it broke off. */
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

import { stoppedStreams } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';

const NAMED = 3;

/**
 * The note on streams that stopped in the middle; `null` without one. What they would have shown is not judged, and one that a model may
 * still be thinking in is no failure: so that a green run says it.
 */
export function stoppedNote(exchanges: readonly Exchange[]): string | null {
  const { streams, stopped } = stoppedStreams(exchanges);
  const { length } = stopped;
  if (length === 0) return null;
  const names = stopped.slice(0, NAMED).map(({ id }) => id);
  const more = length > NAMED ? `, and ${length - NAMED} more` : '';
  const subject = length === 1 ? '1 stream' : `${length} streams`;
  return `${subject} of ${streams.length} stopped in the middle and had no end when the suite gave up; a client waits there: ${names.join(', ')}${more}.`;
}

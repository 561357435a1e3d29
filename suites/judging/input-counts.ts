/** Input tokens as the replies count them: they show whether a part of a request reached the model, whatever the model says. */

import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import { totalInput } from '../../core/message.js';
import type { Transport } from '../../core/protocol.js';
import type { Evidence } from '../../core/requirement.js';
import { answered, isCountStable } from './views.js';

/** Input tokens of the first reply; `null` where it counts none. Later tries may be read from a cache. */
export const inputOf = (exchanges: readonly Exchange[]): number | null =>
  totalInput(answered(exchanges)[0]?.message?.usage);

/**
 * Whether every prompt of the run has the same count: then counts prove nothing. Of one transport, as servers count the others by other code:
 * many streams begin with a fixed number.
 */
export const countsAlike = ({ all }: Pick<Evidence, 'all'>, transport?: Transport): boolean =>
  new Set(
    all
      .filter((exchange) => transport === undefined || exchange.transport === transport)
      .map(({ message }) => totalInput(get(message, 'usage')))
      .filter((total) => total !== null),
  ).size < 2;

/** Whether counts of one transport show what a prompt had: they differ between prompts, and not for the same one. */
export const areComparable = (evidence: Evidence, transport?: Transport): boolean =>
  !countsAlike(evidence, transport) && isCountStable(evidence) !== false;

/** Why nobody knows whether a word that does not come back was lost. */
export const NOT_COUNTED = 'The reply does not show it, and the input tokens do not show whether it arrived';

/** Tokens that a sentence or a code word adds at least, and by which the same prompt never differs where counts are stable. */
export const LEAST_OF_WORDS = 4;

/** The counts of two requests. */
export interface InputCounts {
  all: number;
  /** Of the same request without the part. */
  rest: number;
}

/** Both counts; `null` where they prove nothing: they are missing, the same for all prompts, or differ for one prompt, as where only uncached tokens count. */
export function countsOf(
  evidence: Evidence,
  whole: readonly Exchange[],
  without: readonly Exchange[],
): InputCounts | null {
  const [all, rest] = [inputOf(whole), inputOf(without)];
  if (!all || !rest) return null;
  return [whole, without].every(([first]) => areComparable(evidence, first?.transport)) ? { all, rest } : null;
}

/**
 * The counts of a request whose part costs less than `least` tokens, as those of the same request without it show; `null` where it costs more,
 * and where counts prove nothing.
 */
export function addsLess(
  evidence: Evidence,
  whole: readonly Exchange[],
  without: readonly Exchange[],
  least = LEAST_OF_WORDS,
): InputCounts | null {
  const counts = countsOf(evidence, whole, without);
  return counts === null || counts.all >= counts.rest + least ? null : counts;
}

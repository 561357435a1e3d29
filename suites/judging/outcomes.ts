/** Judgements and findings, built in one way. */

import type { Exchange } from '../../core/exchange.js';
import { clip } from '../../core/json.js';
import type { Finding, Judgement, Place, SchemaViolation } from '../../core/requirement.js';

export const satisfied = (note?: string): Judgement =>
  note === undefined ? { outcome: 'satisfied' } : { outcome: 'satisfied', note };

export const violated = (findings: Finding | Finding[], silent = false): Judgement => ({
  outcome: 'violated',
  findings: [findings].flat(),
  silent,
});

export const deviates = (findings: Finding | Finding[], silent = false): Judgement => ({
  outcome: 'deviates',
  findings: [findings].flat(),
  silent,
});

export const notObserved = (reason: string): Judgement => ({ outcome: 'not-observed', reason });

export const inconclusive = (reason: string, tries = 1): Judgement => ({ outcome: 'inconclusive', reason, tries });

/** Satisfied without findings, violated with findings. */
export const verdictOf = (findings: Finding[], silent = false): Judgement =>
  findings.length === 0 ? satisfied() : violated(findings, silent);

/** A finding about one exchange. `actual` is cut to 160 characters. */
export function finding(
  exchange: Exchange | null,
  message: string,
  expected: string,
  actual: string,
  at: Place | null = null,
): Finding {
  return { message, expected, actual: clip(actual), at, exchange: exchange?.id ?? null };
}

/** One finding for each violation of a schema. `place`: where the value stands; its pointer is the prefix. */
export function schemaFindings(
  exchange: Exchange,
  violations: readonly SchemaViolation[],
  place: Place = {},
): Finding[] {
  return violations.map((violation) =>
    finding(exchange, violation.message, violation.expected, violation.actual, {
      ...place,
      pointer: `${place.pointer ?? ''}${violation.pointer}`,
    }),
  );
}

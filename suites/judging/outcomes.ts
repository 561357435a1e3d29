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

/** The same violation, whose findings say more of what came. */
export const withNote = (judgement: Judgement & { outcome: 'violated' }, note: string): Judgement => ({
  ...judgement,
  findings: judgement.findings.map((one) => ({ ...one, actual: clip(`${one.actual}; ${note}`) })),
});

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

/** One finding for each violation of a schema. `place`: the place of the value; its pointer is the prefix. */
export function schemaFindings(
  exchange: Exchange,
  violations: readonly SchemaViolation[],
  place: Place = {},
): Finding[] {
  return violations.map((violation) => {
    const at = { ...place, pointer: `${place.pointer ?? ''}${violation.pointer}` };
    const name =
      at.pointer === '' ? `The ${place.event === undefined ? 'body' : 'data of the event'}` : `\`${at.pointer}\``;
    if (violation.keyword === 'required') return finding(exchange, `${name} is missing.`, 'this field', 'missing', at);
    return finding(exchange, `${name} ${schemaFault(violation)}.`, violation.expected, violation.actual, at);
  });
}

/** The end of a sentence about a value that violates a schema. */
function schemaFault({ keyword, expected }: SchemaViolation): string {
  if (['additionalProperties', 'unevaluatedProperties', 'false schema'].includes(keyword))
    return 'is not a known field';
  if (['not', 'uniqueItems'].includes(keyword)) return 'has a forbidden value';
  return expected.startsWith('at ') ? `does not have ${expected}` : `is not ${expected}`;
}

/** Data for the comparison page, small enough for a browser. */

import type { Result } from '../../core/report.js';
import type { Change, Comparison } from '../compare.js';
import { MAX_FINDINGS, shortTexts } from './data.js';

/** The data of a comparison for the page. */
export function compareData(comparison: Comparison): Comparison {
  const { regressions, knownRegressions, lostPasses, fixes, lost, found, changed, added, gone, ...rest } = comparison;
  const short = (changes: readonly Change[]) => changes.map(shortChange);
  return {
    ...shortTexts(rest),
    regressions: short(regressions),
    knownRegressions: short(knownRegressions),
    lostPasses: short(lostPasses),
    fixes: short(fixes),
    lost: short(lost),
    found: short(found),
    changed: short(changed),
    added: short(added),
    gone: short(gone),
  };
}

function shortChange({ id, before, after }: Change): Change {
  return { id: shortTexts(id), before: before && shortResult(before), after: after && shortResult(after) };
}

function shortResult({ exchanges, findings, ...rest }: Result): Result {
  return {
    ...shortTexts(rest),
    exchanges: shortTexts(exchanges.slice(0, 5)),
    findings: shortTexts(findings.slice(0, MAX_FINDINGS)),
  };
}

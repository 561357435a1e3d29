/** What the page of a comparison is given: the comparison, cut to a size that a browser opens at once. */

import type { Result } from '../../core/report.js';
import type { Change, Comparison } from '../compare.js';
import { MAX_FINDINGS, shortTexts } from './data.js';

/** The page's view of a comparison. */
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

/** Whether enough was judged for a run to mean anything. */

import { EXECUTED } from '../../core/protocol.js';
import type { Coverage, Result } from '../../core/report.js';
import type { Judged } from './judge.js';

/**
 * Percent of the MUST requirements of the claimed profiles that have to be judged. Measured: 97 to 100 on targets that answer
 * everything, 81 with a model that cooperates in nothing, 0 to 40 on targets that refuse or died.
 */
export const MIN_JUDGED = 75;

/** Counts MUST requirements of the claimed profiles; see `Coverage` for what is left out. */
export function coverageOf(judged: readonly Judged[], claimed: readonly string[]): Coverage {
  const due = judged.filter(
    ({ level, requirement, verdict, restsOn }) =>
      level === 'MUST' &&
      claimed.includes(requirement.profile) &&
      requirement.fixtures.length > 0 &&
      verdict !== 'declined' &&
      restsOn === undefined,
  );
  return { judged: due.filter(({ verdict }) => EXECUTED.includes(verdict)).length, total: due.length };
}

/** The coverage with the rows that real clients decided; these have no fixture, and are required where they were tested. */
export function withRows(must: Coverage, rows: readonly Result[], claimed: readonly string[]): Coverage {
  const due = rows.filter(
    ({ level, profile, verdict }) => level === 'MUST' && verdict !== 'skipped' && claimed.includes(profile),
  );
  const judged = due.filter(({ verdict }) => EXECUTED.includes(verdict)).length;
  return { judged: must.judged + judged, total: must.total + due.length };
}

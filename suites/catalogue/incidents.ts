/**
 * Public reports of real faults, so that a report can say which client breaks on a broken requirement, and how. A record is
 * here only when its thread shows the fault itself: wire, error text or a review of the code that produces it.
 */

import type { Incident } from '../../core/requirement.js';
import { ERROR_INCIDENTS } from './incidents/errors.js';
import { NEIGHBOUR_INCIDENTS } from './incidents/other-endpoints.js';
import { REQUEST_INCIDENTS } from './incidents/requests.js';
import { STREAM_INCIDENTS } from './incidents/streams.js';
import { THINKING_INCIDENTS } from './incidents/thinking.js';
import { TOOL_INCIDENTS } from './incidents/tools.js';
import { USAGE_INCIDENTS } from './incidents/usage.js';

/** One fault of one server. */
export interface IncidentRecord extends Incident {
  /** Family and number, e.g. `EV-03`; a gap is a report that was left out. */
  id: string;
  /** Day of the report, or its month where no more is known; `null` where the thread does not tell. */
  date: string | null;
  /** Ids of the one to three requirements that such a server breaks. */
  requirements: readonly string[];
}

/** Records of the field, by family. */
export const INCIDENTS: readonly IncidentRecord[] = [
  STREAM_INCIDENTS,
  TOOL_INCIDENTS,
  USAGE_INCIDENTS,
  ERROR_INCIDENTS,
  REQUEST_INCIDENTS,
  THINKING_INCIDENTS,
  NEIGHBOUR_INCIDENTS,
].flat();

/** What the field knows of a requirement that is broken: the records that name it, in the order of `INCIDENTS`. */
export function incidentsOf(requirementId: string): Incident[] {
  return INCIDENTS.filter(({ requirements }) => requirements.includes(requirementId)).map(
    ({ server, url, effect }) => ({
      server,
      url,
      effect,
    }),
  );
}

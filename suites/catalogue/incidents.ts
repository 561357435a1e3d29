/**
 * Public reports of real faults, which tell readers which client fails when a server violates a requirement, and how. Each record has a
 * public thread that shows the fault itself: the bytes, the error text, or a review of the code.
 */

import type { Incident } from '../../core/requirement.js';
import { ERROR_INCIDENTS } from './incidents/errors.js';
import { OTHER_ENDPOINT_INCIDENTS } from './incidents/other-endpoints.js';
import { REQUEST_INCIDENTS } from './incidents/requests.js';
import { STREAM_INCIDENTS } from './incidents/streams.js';
import { THINKING_INCIDENTS } from './incidents/thinking.js';
import { TOOL_INCIDENTS } from './incidents/tools.js';
import { USAGE_INCIDENTS } from './incidents/usage.js';

/** One fault of one server. */
export interface IncidentRecord extends Incident {
  /** Family and number, for example `EV-03`. Numbers without a record were reports without proof. */
  id: string;
  /** Day or month of the report; `null` when unknown. */
  date: string | null;
  /** Ids of the one to three requirements that the fault violates. */
  requirements: readonly string[];
}

/** All records, by family. */
export const INCIDENTS: readonly IncidentRecord[] = [
  STREAM_INCIDENTS,
  TOOL_INCIDENTS,
  USAGE_INCIDENTS,
  ERROR_INCIDENTS,
  REQUEST_INCIDENTS,
  THINKING_INCIDENTS,
  OTHER_ENDPOINT_INCIDENTS,
].flat();

/** The incidents of a requirement, in the order of `INCIDENTS`. */
export function incidentsOf(requirementId: string): Incident[] {
  return INCIDENTS.filter(({ requirements }) => requirements.includes(requirementId)).map(
    ({ server, url, effect }) => ({
      server,
      url,
      effect,
    }),
  );
}

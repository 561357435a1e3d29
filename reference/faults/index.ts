import { closest } from 'fastest-levenshtein';
import type { Alterations } from '../stages.js';
import { agentFaults } from './agent.js';
import { cachingFaults } from './caching.js';
import { composeAlterations } from './compose.js';
import { conversationFaults } from './conversation.js';
import { deltaFaults } from './deltas.js';
import { errorFaults } from './errors.js';
import { eventOrder } from './event-order.js';
import type { Fault, FaultFamily } from './fault.js';
import { framing } from './framing.js';
import { headerFaults } from './headers.js';
import { documentFaults, visionFaults } from './media.js';
import { batchFaults, countFaults, modelFaults } from './neighbours.js';
import { replies } from './replies.js';
import { requestFaults } from './requests.js';
import { stopReasonFaults } from './stop-reasons.js';
import { structuredFaults } from './structured-output.js';
import { thinkingFaults } from './thinking.js';
import { timing } from './timing.js';
import { toolFaults } from './tools.js';
import { usageFaults } from './usage.js';

export type { Fault, FaultFamily } from './fault.js';

/** Every family of faults, one file each. */
export const FAULT_FAMILIES: readonly FaultFamily[] = [
  eventOrder,
  deltaFaults,
  framing,
  timing,
  toolFaults,
  replies,
  usageFaults,
  stopReasonFaults,
  errorFaults,
  headerFaults,
  requestFaults,
  conversationFaults,
  visionFaults,
  documentFaults,
  thinkingFaults,
  cachingFaults,
  structuredFaults,
  countFaults,
  modelFaults,
  batchFaults,
  agentFaults,
];

/** Every fault, family by family. */
export const FAULTS: readonly Fault[] = FAULT_FAMILIES.flatMap(({ faults }) => faults);

/** The alterations of several faults as one. Throws a `TypeError` that names the nearest fault for an id that is none. */
export function applyFaults(ids: readonly string[]): Alterations {
  return composeAlterations(ids.map((id) => findFault(id).alters));
}

/** Throws a `TypeError` that names the nearest fault for an id that is none. */
export function findFault(id: string): Fault {
  const fault = FAULTS.find((known) => known.id === id);
  if (fault) return fault;
  const near = closest(
    id,
    FAULTS.map((known) => known.id),
  );
  throw new TypeError(`faults: there is no fault "${id}"; the nearest is "${near}"`);
}

import { composeAlterations } from '../alterations/compose.js';
import { findById } from '../named.js';
import type { Alterations } from '../stages.js';
import { agentFaults } from './agent.js';
import { agentRequestsFaults } from './agent-requests.js';
import { arrivalFaults } from './arrival.js';
import { arrivalLoadFaults } from './arrival-load.js';
import { authenticationFaults } from './authentication.js';
import { batchesFaults } from './batches.js';
import { betaFeaturesFaults } from './beta-features.js';
import { beyondCoreFaults } from './beyond-core.js';
import { cachingFaults } from './caching.js';
import { citationsFaults } from './citations.js';
import { conversationFaults } from './conversation.js';
import { countTokensFaults } from './count-tokens.js';
import { documentsFaults } from './documents.js';
import { errorsFaults } from './errors.js';
import type { Fault, FaultFamily } from './fault.js';
import { filesFaults } from './files.js';
import { httpFaults } from './http.js';
import { modelsFaults } from './models.js';
import { officialClientsFaults } from './official-clients.js';
import { realRequestsFaults } from './real-requests.js';
import { requestOptionalFaults } from './request-optional.js';
import { requestRequiredFaults } from './request-required.js';
import { responseFaults } from './response.js';
import { stopReasonsFaults } from './stop-reasons.js';
import { streamDeltasFaults } from './stream-deltas.js';
import { streamErrorsFaults } from './stream-errors.js';
import { streamFramingFaults } from './stream-framing.js';
import { streamOrderFaults } from './stream-order.js';
import { streamToolsFaults } from './stream-tools.js';
import { structuredOutputFaults } from './structured-output.js';
import { thinkingFaults } from './thinking.js';
import { toolCallsFaults } from './tool-calls.js';
import { toolChoiceFaults } from './tool-choice.js';
import { toolDefinitionsFaults } from './tool-definitions.js';
import { toolResultsFaults } from './tool-results.js';
import { usageFaults } from './usage.js';
import { visionFaults } from './vision.js';

export type { Fault, FaultFamily } from './fault.js';

/**
 * Every family of faults. A family has the name of a suite and holds the faults whose first `caughtBy` is one of its
 * requirements, in the order of the catalogue.
 */
export const FAULT_FAMILIES: readonly FaultFamily[] = [
  httpFaults,
  authenticationFaults,
  requestRequiredFaults,
  requestOptionalFaults,
  conversationFaults,
  realRequestsFaults,
  toolDefinitionsFaults,
  toolChoiceFaults,
  toolCallsFaults,
  toolResultsFaults,
  arrivalFaults,
  arrivalLoadFaults,
  responseFaults,
  usageFaults,
  beyondCoreFaults,
  stopReasonsFaults,
  streamFramingFaults,
  streamOrderFaults,
  streamDeltasFaults,
  streamToolsFaults,
  streamErrorsFaults,
  errorsFaults,
  visionFaults,
  documentsFaults,
  citationsFaults,
  filesFaults,
  thinkingFaults,
  cachingFaults,
  structuredOutputFaults,
  countTokensFaults,
  modelsFaults,
  batchesFaults,
  agentFaults,
  agentRequestsFaults,
  betaFeaturesFaults,
  officialClientsFaults,
];

/** Every fault, family by family. */
export const FAULTS: readonly Fault[] = FAULT_FAMILIES.flatMap(({ faults }) => faults);

/** Composes the alterations of several faults. Throws a `TypeError` that names the nearest fault for an unknown id. */
export function applyFaults(ids: readonly string[]): Alterations {
  return composeAlterations(ids.map((id) => findFault(id).alters));
}

/** Finds a fault by its id. Throws a `TypeError` that names the nearest fault for an unknown id. */
export const findFault = (id: string): Fault => findById(FAULTS, 'fault', id);

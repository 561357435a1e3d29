import { findById } from '../../named.js';
import type { GatewayAlterations } from '../stages.js';
import { agentAnswerFaults } from './agent-answers.js';
import { agentRequestFaults } from './agent-requests.js';
import { answerFaults, usageFaults } from './answers.js';
import { errorFaults, operationFaults } from './errors.js';
import type { GatewayFault } from './fault.js';
import { passAgentFaults } from './pass-agents.js';
import { passAnswerFaults } from './pass-answers.js';
import { passRequestFaults } from './pass-requests.js';
import { requestFieldFaults } from './request-fields.js';
import { requestFaults } from './requests.js';
import { responsesFaults } from './responses.js';
import { streamFaults } from './streams.js';

export type { GatewayFault } from './fault.js';

/** Every fault of the gateway, in the order of the catalogue. */
export const GATEWAY_FAULTS: readonly GatewayFault[] = [
  ...requestFaults,
  ...requestFieldFaults,
  ...agentRequestFaults,
  ...answerFaults,
  ...usageFaults,
  ...agentAnswerFaults,
  ...streamFaults,
  ...errorFaults,
  ...operationFaults,
  ...responsesFaults,
  ...passRequestFaults,
  ...passAnswerFaults,
  ...passAgentFaults,
];

/** Throws a `TypeError` that names the nearest fault for an unknown id. */
export const applyGatewayFaults = (ids: readonly string[]): GatewayAlterations[] =>
  ids.map((id) => findById(GATEWAY_FAULTS, 'fault', id).alterations);

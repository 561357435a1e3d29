/** The catalogue: all families in the order of the report. */

import type { Requirement, Suite } from '../core/requirement.js';
import { agent } from './agent.js';
import { agentRequests } from './agent-requests.js';
import { arrival } from './arrival.js';
import { arrivalLoad } from './arrival-load.js';
import { authentication } from './authentication.js';
import { batches } from './batches.js';
import { betaFeatures } from './beta-features.js';
import { beyondCore } from './beyond-core.js';
import { caching } from './caching.js';
import { citations } from './citations.js';
import { conversation } from './conversation.js';
import { countTokens } from './count-tokens.js';
import { documents } from './documents.js';
import { errors } from './errors.js';
import { files } from './files.js';
import { http } from './http.js';
import { models } from './models.js';
import { officialClients } from './official-clients.js';
import { realRequests } from './real-requests.js';
import { requestOptional } from './request-optional.js';
import { requestRequired } from './request-required.js';
import { response } from './response.js';
import { stopReasons } from './stop-reasons.js';
import { streamDeltas } from './stream-deltas.js';
import { streamErrors } from './stream-errors.js';
import { streamFraming } from './stream-framing.js';
import { streamOrder } from './stream-order.js';
import { streamTools } from './stream-tools.js';
import { structuredOutput } from './structured-output.js';
import { thinking } from './thinking.js';
import { toolCalls } from './tool-calls.js';
import { toolChoice } from './tool-choice.js';
import { toolDefinitions } from './tool-definitions.js';
import { toolResults } from './tool-results.js';
import { usage } from './usage.js';
import { vision } from './vision.js';

/** All families. */
export const SUITES: readonly Suite[] = [
  http,
  authentication,
  requestRequired,
  requestOptional,
  conversation,
  realRequests,
  toolDefinitions,
  toolChoice,
  toolCalls,
  toolResults,
  arrival,
  arrivalLoad,
  response,
  usage,
  beyondCore,
  stopReasons,
  streamFraming,
  streamOrder,
  streamDeltas,
  streamTools,
  streamErrors,
  errors,
  vision,
  documents,
  citations,
  files,
  thinking,
  caching,
  structuredOutput,
  countTokens,
  models,
  batches,
  agent,
  agentRequests,
  betaFeatures,
  officialClients,
];

/** All requirements, in the order of their families. */
export const CATALOGUE: readonly Requirement[] = SUITES.flatMap(({ requirements }) => requirements);

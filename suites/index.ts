/** The catalogue: every family in the order in which reports show them. */

import { agent } from './agent.js';
import { authentication } from './authentication.js';
import { batches } from './batches.js';
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
import type { Probe, Profile, Requirement, Suite } from './vocabulary.js';

export const SUITES: readonly Suite[] = [
  http,
  authentication,
  requestRequired,
  requestOptional,
  conversation,
  toolDefinitions,
  toolChoice,
  toolCalls,
  toolResults,
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
  officialClients,
];

export const CATALOGUE: readonly Requirement[] = SUITES.flatMap(({ requirements }) => requirements);

/** What shows, cheaply, whether a profile is there at all. */
export const PROFILE_PROBES: Readonly<Partial<Record<Profile, Probe>>> = {
  tools: { requirement: 'tc.tool', fixtures: ['tool-forced'] },
  vision: { requirement: 'vision.base64.png', fixtures: ['picture-png', 'colour-in-words'] },
  documents: { requirement: 'doc.text', fixtures: ['document-text', 'words-in-prompt'] },
  thinking: { requirement: 'think.accepted', fixtures: ['thinking', 'thinking-alone', 'thinking-adaptive'] },
  caching: { requirement: 'cache.usage.fields', fixtures: ['cache-four', 'cache-four-plain'] },
  'structured-output': { requirement: 'so.format.json', fixtures: ['structured', 'structured-plain'] },
  'count-tokens': { requirement: 'count.basic', fixtures: ['count-short'] },
  models: { requirement: 'models.list.shape', fixtures: ['models-list'] },
  batches: { requirement: 'batch.list', fixtures: ['batch-list'] },
  agent: { requirement: 'http.query.beta-true', fixtures: ['query-beta'] },
};

/**
 * The conversations of a quick run, those that show the most damage in the field first: streams that never end, lost tool
 * calls, usage counted as zero, errors that no client can read.
 */
export const QUICK: readonly string[] = [
  'minimal/json',
  'minimal/stream',
  'tool-forced/stream',
  'tool-forced/json',
  'calls-streamed/stream',
  'counting/stream',
  'counting-five-tokens/json',
  'cheap/json',
  'max-tokens-missing/json',
  'result-string/json',
];

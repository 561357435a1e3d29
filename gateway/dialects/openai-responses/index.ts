import type { Json } from '../../../core/json.js';
import type { Dialect } from '../dialect.js';
import { openaiError } from '../openai-errors.js';
import { openaiModels } from '../openai-models.js';
import { stringIn } from '../reading.js';
import { readResponses } from './read.js';
import { responsesRefusals } from './refuse.js';
import { errorEvent, responseBody, responseEnding, responseStream } from './write.js';

/** `POST /v1/responses`, as OpenAI's API speaks it to clients that keep the conversation themselves. */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  sources: { 'O:chat': ['O:responses'], 'O:errors': ['O:errors'], 'O:types': ['O:types'] },
  title: "OpenAI's responses",
  path: '/v1/responses',
  basePath: '/v1',
  cannot: new Set([
    'top-k',
    'stop-sequences',
    'five-stop-sequences',
    'error-flag',
    'document-in-result',
    'citations',
    'server-tools',
    'thinking-history',
    'thinking',
    'prefill',
    'client-tool-types',
    'key-of-client',
    'stop-sequence-name',
    'signatures',
    'request-headers',
  ]),
  read: readResponses,
  refusals: (body, violations) => responsesRefusals(body, violations),
  // Usage is always reported.
  asked: (body: Json | undefined) => ({ model: stringIn(body, 'model') ?? '', usage: true }),
  answer: responseBody,
  stream: responseStream,
  half: { event: 'response.output_text.delta', data: '{"type":"response.output_text.delta","delta":"lo' },
  ending: responseEnding,
  models: openaiModels,
  error: openaiError,
  streamError: errorEvent,
};

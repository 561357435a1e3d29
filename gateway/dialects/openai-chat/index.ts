import { get, type Json } from '../../../core/json.js';
import type { Dialect } from '../dialect.js';
import { openaiError, openaiErrorObject } from '../openai-errors.js';
import { openaiModels } from '../openai-models.js';
import { stringIn } from '../reading.js';
import { readChat } from './read.js';
import { chatRefusals } from './refuse.js';
import { chatCompletion, chatEnding, chatStream } from './write.js';

/** `POST /v1/chat/completions`, as OpenAI's API and most local servers speak it. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
  sources: { 'O:chat': ['O:chat'], 'O:errors': ['O:errors'], 'O:types': ['O:types'] },
  title: "OpenAI's chat completions",
  path: '/v1/chat/completions',
  basePath: '/v1',
  cannot: new Set([
    'top-k',
    'five-stop-sequences',
    'error-flag',
    'picture-in-result',
    'document-in-result',
    'citations',
    'search-results',
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
  read: readChat,
  refusals: (body, violations) => chatRefusals(body, violations),
  asked: (body: Json | undefined) => ({
    model: stringIn(body, 'model') ?? '',
    usage: get(body, 'stream_options', 'include_usage') === true,
  }),
  answer: chatCompletion,
  stream: chatStream,
  half: { event: null, data: '{"id":"broken","choices":[{"index":0,"delta":{"content":"lo' },
  ending: chatEnding,
  models: openaiModels,
  error: openaiError,
  streamError: (error, message) => ({
    event: null,
    data: JSON.stringify({ error: openaiErrorObject(error, message) }),
  }),
};

import type { Json } from '../../../core/json.js';
import type { Dialect } from '../dialect.js';
import { stringIn } from '../reading.js';
import { messagesError, messagesErrorObject, messagesHeaders } from './errors.js';
import { messagesModels } from './models.js';
import { readMessagesRequest } from './read.js';
import { messagesRefusals } from './refuse.js';
import { messageAnswer, messageEnding, messageStream } from './write.js';

/** `POST /v1/messages` itself, behind a transparent gateway. It can express everything. */
export const messages: Dialect = {
  name: 'messages',
  sources: { 'O:chat': ['D:ref'], 'O:errors': ['D:errors'], 'O:types': ['T:msg'] },
  title: "Anthropic's Messages API",
  path: '/v1/messages',
  basePath: '',
  cannot: new Set(),
  read: readMessagesRequest,
  refusals: messagesRefusals,
  asked: (body: Json | undefined) => ({ model: stringIn(body, 'model') ?? '', usage: true }),
  answer: messageAnswer,
  stream: messageStream,
  headers: messagesHeaders,
  half: {
    event: 'content_block_delta',
    data: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo',
  },
  ending: messageEnding,
  models: messagesModels,
  error: messagesError,
  streamError: (error, message) => ({
    event: 'error',
    data: JSON.stringify({ type: 'error', error: messagesErrorObject(error, message) }),
  }),
};

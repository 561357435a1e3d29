/** The APIs that the gateway can have as its upstream. */

import type { JsonObject } from '../../core/json.js';
import type { AnswerReader } from './answer-reader.js';
import { ChatReader } from './chat-answer.js';
import { toChatRequest } from './chat-request.js';
import { MessagesReader } from './messages-answer.js';
import { ResponsesReader } from './responses-answer.js';
import { toResponsesRequest } from './responses-request.js';
import type { UpstreamEvent } from './sse.js';
import type { UpstreamApi } from './stages.js';

export interface Api {
  path: string;
  /** Throws `CannotCarry`. */
  translate(request: JsonObject, model: string): JsonObject;
  reader(): AnswerReader;
  /** Whether an event only marks the end. */
  isEnd(event: UpstreamEvent): boolean;
  credential(key: string): Record<string, string>;
  /** It is the API of the clients: requests and answers are passed on as they are. */
  isTransparent?: true;
}

export const APIS: Readonly<Record<UpstreamApi, Api>> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    translate: toChatRequest,
    reader: () => new ChatReader(),
    isEnd: ({ data }) => data === '[DONE]',
    credential: (key) => ({ authorization: `Bearer ${key}` }),
  },
  'openai-responses': {
    path: '/v1/responses',
    translate: toResponsesRequest,
    reader: () => new ResponsesReader(),
    isEnd: ({ data }) => data === '[DONE]',
    credential: (key) => ({ authorization: `Bearer ${key}` }),
  },
  messages: {
    path: '/v1/messages',
    translate: (request) => request,
    reader: () => new MessagesReader(),
    isEnd: ({ event }) => event === 'message_stop',
    credential: (key) => ({ 'x-api-key': key }),
    isTransparent: true,
  },
};

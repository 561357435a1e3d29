import type { Rejection } from './errors.js';
import type { RequestHeaders } from './incoming.js';
import type { Draft, Reply } from './model/draft.js';
import type { ApiVersion, Settings } from './options.js';
import type { State } from './state.js';
import type { Json, Message, MessageRequest, PromptRequest, StreamEvent } from './wire.js';

/** One request on its way through the pipeline: what every step knows besides its input. */
export interface Call {
  /** The id in the `request-id` header and in error bodies. */
  requestId: string;
  method: string;
  /** Path without query and without a doubled `/v1`. */
  path: string;
  headers: RequestHeaders;
  version: ApiVersion;
  /** Values of `anthropic-beta`, in order. */
  betas: readonly string[];
  /** How many requests the endpoint received before. */
  ordinal: number;
  /** Whether a message request asks for a stream; `false` until the body is read. */
  stream: boolean;
  /** The request as the model reads it; `null` before that step. */
  prompt: MessageRequest | null;
  settings: Settings;
  state: State;
}

/**
 * Changes between the steps of the pipeline, in its order. Without any, the endpoint conforms. Each one gets the value and
 * the call, and returns what the next step gets. The result need not conform: that is the purpose of faults.
 */
export interface Alterations {
  /** Before anything is read; a `Response` is sent at once. */
  request?: (request: Request, call: Call) => Request | Response | Promise<Request | Response>;
  /** The parsed body before it is validated. */
  body?: (body: Json, call: Call) => Json;
  /** A rejection of an invalid request; `null` drops it and continues with the next check. */
  rejection?: (rejection: Rejection, call: Call) => Rejection | null;
  /** A rejection of a valid request to create a message or to count tokens; `null` accepts it. */
  rejectValid?: (request: PromptRequest & Partial<MessageRequest>, call: Call) => Rejection | null;
  /** The valid request before the model reads it. Its input tokens are counted after this step. */
  prompt?: (request: MessageRequest, call: Call) => MessageRequest;
  /** The reply that the model drafts, before limits and stop sequences. */
  draft?: (draft: Draft, call: Call) => Draft;
  /** The reply after limits and stop sequences, with stop reason and token counts. */
  reply?: (reply: Reply, call: Call) => Reply;
  /** The finished message, for both transports. */
  message?: (message: Message, call: Call) => Message;
  /** The events of a stream. */
  events?: (events: StreamEvent[], call: Call) => StreamEvent[];
  /** The frames of a stream, each a string that ends with its empty line. */
  frames?: (frames: string[], call: Call) => string[];
  /** The bytes of a stream and their timing; by default one write per frame. */
  bytes?: (frames: AsyncIterable<Uint8Array>, call: Call) => AsyncIterable<Uint8Array>;
  /** The body of a JSON response: messages, errors, counts, pages. */
  json?: (body: Json, call: Call) => unknown;
  /** The whole response: status, headers, body. */
  response?: (response: Response, call: Call) => Response | Promise<Response>;
}

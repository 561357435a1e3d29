import type { Rejection } from './errors.js';
import type { Draft, Reply } from './model/draft.js';
import type { ApiVersion, Settings } from './options.js';
import type { State } from './state.js';
import type { Json, Message, MessageRequest, PromptRequest, StreamEvent } from './wire.js';

/** One request on its way through the endpoint: what every step may know besides its input. */
export interface Call {
  /** The id that the `request-id` header and error bodies carry. */
  requestId: string;
  method: string;
  /** Path without query and without a doubled `/v1`. */
  path: string;
  headers: Headers;
  version: ApiVersion;
  /** Values of `anthropic-beta`, in order. */
  betas: readonly string[];
  /** How many requests this endpoint had received before. */
  ordinal: number;
  /** Whether the reply to a message request is streamed; `false` until the body is read. */
  stream: boolean;
  /** The request that the model reads, `null` until it has one. */
  prompt: MessageRequest | null;
  settings: Settings;
  state: State;
}

/**
 * Changes to what one step hands to the next, in the order of the pipeline. Without any, the endpoint conforms. Each one
 * sees the value and the call and returns what the next step gets; values that no conformant step would produce are
 * allowed, which is the purpose.
 */
export interface Alterations {
  /** Before anything is read; a `Response` is sent at once. */
  request?: (request: Request, call: Call) => Request | Response | Promise<Request | Response>;
  /** The parsed body before it is validated. */
  body?: (body: Json, call: Call) => Json;
  /** Why a request is not served; `null` lets this reason pass and goes on with the next check. */
  rejection?: (rejection: Rejection, call: Call) => Rejection | null;
  /** A reason against a valid request to create a message or to count tokens; `null` without one. */
  rejectValid?: (request: PromptRequest & Partial<MessageRequest>, call: Call) => Rejection | null;
  /** The valid request before the model reads it. Its input tokens are those of what is read. */
  prompt?: (request: MessageRequest, call: Call) => MessageRequest;
  /** What the model wants to say, before limits and stop sequences cut it. */
  draft?: (draft: Draft, call: Call) => Draft;
  /** What is left of it, with the reason for its end and the token counts. */
  reply?: (reply: Reply, call: Call) => Reply;
  /** The finished message, of both transports. */
  message?: (message: Message, call: Call) => Message;
  /** The events of a stream. */
  events?: (events: StreamEvent[], call: Call) => StreamEvent[];
  /** The frames of a stream, one string each, with the empty line that closes it. */
  frames?: (frames: string[], call: Call) => string[];
  /** The bytes of a stream and when they are sent; the default sends one frame at a time. */
  bytes?: (frames: AsyncIterable<Uint8Array>, call: Call) => AsyncIterable<Uint8Array>;
  /** The body of any other answer that is JSON: replies, errors, counts, pages. */
  json?: (body: Json, call: Call) => unknown;
  /** The whole response: status, headers, body. */
  response?: (response: Response, call: Call) => Response | Promise<Response>;
}

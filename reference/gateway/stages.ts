/** What a request passes on its way through the gateway and back, and where it can be altered. */

import type { Json, JsonObject } from '../../core/json.js';

/** An API that the gateway translates to. */
export type UpstreamApi = 'openai-chat' | 'openai-responses' | 'messages';

/** One request on its way. */
export interface GatewayCall {
  requestId: string;
  /** How many requests came before. */
  ordinal: number;
  /** The client's request. */
  request: JsonObject;
  headers: Readonly<Record<string, string>>;
  streams: boolean;
  /** Query of the client's request, without the question mark. */
  query: string;
  /** Headers of the upstream's answer, as soon as they are there. */
  upstreamHeaders: Readonly<Record<string, string>>;
  /** Path and query of the upstream's endpoint, below its base URL. */
  path: string;
  /** What alterations remember from request to request. */
  memory: Map<string, unknown>;
  waits: (milliseconds: number) => Promise<void>;
}

/** A piece of an answer, in terms of no API. `key` tells the calls of one answer apart. */
export type AnswerDelta =
  | { kind: 'text'; text: string }
  | { kind: 'thinking'; text: string }
  | { kind: 'signature'; signature: string }
  | { kind: 'call'; key: string; id: string; name: string }
  | { kind: 'arguments'; key: string; text: string }
  | { kind: 'usage'; usage: Usage }
  | { kind: 'finish'; reason: string; stopSequence?: string | null }
  /** The answer is broken off: nothing comes after it. */
  | { kind: 'failure'; failure: Failure };

/** Counts of a Messages reply. */
export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_read_input_tokens?: number;
  cache_creation_input_tokens?: number;
  output_tokens_details?: { thinking_tokens: number };
}

/** What went wrong with the upstream. */
export interface Failure {
  /** `http`: it answered with an error. All others: the connection, or what came over it. */
  kind: 'http' | 'refused' | 'reset' | 'truncated' | 'invalid' | 'timeout';
  /** Status, for `http` and for errors in a stream that name one. */
  status: number | null;
  /** A readable sentence. */
  message: string;
  /** Code of the upstream's error object. */
  code: string | null;
  headers: Readonly<Record<string, string>>;
  /** Body of an HTTP error, where it is JSON. */
  body?: Json | undefined;
}

/** An error as the client gets it. */
export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: Json;
}

/** Switches of things that are no step of their own. */
export interface Behaviour {
  /** How often a failed request is sent again. */
  retries: number;
  /** Asks once more what was answered. */
  asksTwice: boolean;
  /** Also when the answer has begun. */
  retriesAfterBytes: boolean;
  /** Goes on reading when the client has left. */
  ignoresHangUp: boolean;
  /** Ends when a client has left; what watches over it starts it again. */
  endsOnHangUp: boolean;
  /** Sends a stream when all of it is there. */
  buffers: boolean;
  /** Milliseconds of silence after which a ping is sent. */
  pingMs: number;
  ping: 'event' | 'comment' | 'none';
  /** A transparent gateway passes the bytes of an answer on and reads nothing; a connection that breaks off breaks off for its client. */
  passesBytes: boolean;
}

/** Changes between the steps, in their order. Without any, the gateway is correct. */
export interface GatewayAlterations {
  /** The client's request before it is translated. */
  incoming?: (body: JsonObject, call: GatewayCall) => JsonObject;
  /** Why the request is rejected. */
  rejection?: (message: string, call: GatewayCall) => string;
  /** The translated request. */
  outgoing?: (body: JsonObject, call: GatewayCall) => JsonObject;
  outgoingHeaders?: (headers: Record<string, string>, call: GatewayCall) => Record<string, string>;
  /** Path and query of the upstream request. */
  path?: (path: string, call: GatewayCall) => string;
  /** Answers without the upstream. */
  instead?: (call: GatewayCall) => ErrorAnswer | null;
  /** The bytes of an upstream's stream as they come. */
  bytes?: (bytes: AsyncIterable<Uint8Array>, call: GatewayCall) => AsyncIterable<Uint8Array>;
  /** The JSON body of an answer, or the data of one event, before it is read. `undefined` drops an event. */
  received?: (data: Json, call: GatewayCall) => Json | undefined;
  /** The pieces of an answer, for both transports. */
  deltas?: (deltas: AsyncIterable<AnswerDelta>, call: GatewayCall) => AsyncIterable<AnswerDelta>;
  /** The finished message of a reply that is not streamed. */
  message?: (message: JsonObject, call: GatewayCall) => JsonObject;
  /** The events of a stream. */
  events?: (events: AsyncIterable<JsonObject>, call: GatewayCall) => AsyncIterable<JsonObject>;
  /** Frames of a stream as they are written. */
  frame?: (frame: string, event: JsonObject, call: GatewayCall) => string;
  /** An error of the upstream, before the stream has begun. */
  error?: (answer: ErrorAnswer, failure: Failure, call: GatewayCall) => ErrorAnswer;
  responseHeaders?: (headers: Record<string, string>, call: GatewayCall) => Record<string, string>;
  behaviour?: Partial<Behaviour>;
}

/** Alterations one after another. */
export function composed(all: readonly GatewayAlterations[]): GatewayAlterations {
  const whole: Record<string, unknown> = {};
  for (const alterations of all) {
    for (const [name, next] of Object.entries(alterations)) {
      const before = whole[name];
      if (name === 'behaviour') whole[name] = { ...(before as object), ...next };
      else if (before === undefined) whole[name] = next;
      else {
        const first = before as (...values: unknown[]) => unknown;
        const second = next as (...values: unknown[]) => unknown;
        whole[name] = (value: unknown, ...rest: unknown[]) => {
          const between = first(value, ...rest);
          return between === null || between === undefined ? between : second(between, ...rest);
        };
      }
    }
  }
  return whole as GatewayAlterations;
}

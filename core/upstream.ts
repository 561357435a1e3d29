/** The upstream that the suite plays for a gateway: what a case makes it do, and what it saw. */

import type { ReceivedResponse, SentRequest } from './exchange.js';
import type { Json, JsonObject } from './json.js';
import type { NeutralRequest } from './neutral.js';

/** APIs that the upstream can speak. */
export const SPEAKS = ['openai-chat', 'openai-responses', 'messages'] as const;
export type Speaks = (typeof SPEAKS)[number];

/** Why the model stops, in neutral terms. `unknown` is a value that no client knows. */
export const FINISHES = ['stop', 'length', 'calls', 'filter', 'sequence', 'refusal', 'unknown'] as const;
export type Finish = (typeof FINISHES)[number];

/** Errors of an upstream, in neutral terms. Each dialect has its own status, type and body for them. */
export const UPSTREAM_ERRORS = [
  'invalid',
  'context-length',
  'authentication',
  'permission',
  'not-found',
  'timeout',
  'too-large',
  'unprocessable',
  'rate-limit',
  'server',
  'bad-gateway',
  'unavailable',
  'gateway-timeout',
  'overloaded',
] as const;
export type UpstreamError = (typeof UPSTREAM_ERRORS)[number];

/** Tokens that the upstream reports; `input` includes cached ones, `output` includes those of the reasoning. */
export interface ScriptUsage {
  input: number;
  output: number;
  cached?: number;
  cacheWritten?: number;
  reasoning?: number;
}

/** What the upstream waits for in the middle of a stream. */
export type Awaited = 'seen' | 'hang-up' | 'all-here';

/** One step of an answer. */
export type ScriptStep =
  /** A piece of text, `times` times in a row; `{n}` in it becomes the number of the time. */
  | { text: string; times?: number }
  | { thinking: string }
  /** The signature of the thinking before it. */
  | { signature: string }
  /** A call opens; with `input` its arguments follow in one piece. */
  | { call: string; name: string; input?: Json }
  /** A piece of the arguments of an open call. `pieces: "characters"` sends it character by character. */
  | { arguments: string; of: string; pieces?: 'characters' }
  | { refusal: string }
  /**
   * A content block of the Messages API as it is; other APIs have no place for it. A stream opens it as `start` (default: the block
   * itself), and then has the deltas.
   */
  | { block: JsonObject; start?: JsonObject; deltas?: readonly JsonObject[] }
  /** An event of the Messages API as it is; only a stream has it. */
  | { event: JsonObject }
  /** An SSE comment. */
  | { comment: string }
  /** Steps that share one event where the dialect allows it. */
  | { together: readonly ScriptStep[] }
  /** The upstream is silent so long. */
  | { pauseMs: number }
  /** The upstream is silent until this happens, at most so long. */
  | { until: Awaited; atMostMs: number };

/** How the events of a stream are cut and spelt. All of it is legal. */
export interface ScriptLayout {
  /** Which chunks name the role; default `first`. */
  role?: 'first' | 'never' | 'each';
  /** Content of the first chunk; default `empty`. */
  opening?: 'empty' | 'null' | 'none';
  /** A first chunk without choices, as Azure sends it. */
  preface?: boolean;
  /** Where the usage stands; default `own-event`. */
  usage?: 'own-event' | 'with-finish' | 'nowhere';
  /** Whether the finish reason has a chunk of its own (default) or comes with the last content. */
  finish?: 'own-event' | 'with-last';
  /** Empty deltas between the others. */
  emptyDeltas?: boolean;
  /** Chunks of a call repeat its id and name; default: only the first one has them. */
  callIds?: 'once' | 'each';
  /** The marker `[DONE]` at the end. Default: as the API has it. */
  done?: boolean;
  /** Each text is a part of its own in its message. Default: one part. Only where the API has parts. */
  parts?: 'each';
  /** `false`: content stands only in the events that end its part. Only where the API has such events. */
  deltas?: false;
  /** `false`: events have no name of their own beside the type in their data. */
  eventNames?: false;
  lineEnds?: 'LF' | 'CRLF';
  /** `event`: one write for each event (default); `all`: one write for everything; a number: so many bytes a write. */
  writes?: 'event' | 'all' | number;
  /** No space after `data:`. */
  tight?: boolean;
  /** Lines with `id:` and `retry:` beside the data. */
  sseFields?: boolean;
  /** Fields that no client knows. */
  extras?: boolean;
}

/** How the upstream fails. */
export type ScriptFailure =
  /** An HTTP error in the dialect's own form, or with a page of HTML as its body. */
  | { error: UpstreamError; message?: string; html?: string; headers?: Readonly<Record<string, string>> }
  | { connection: 'refused' | 'reset-before-headers' | 'reset-in-headers' | 'reset-after-headers' }
  /** After the steps of the answer. `silence`: nothing more comes, and the stream stays open until the gateway leaves. */
  | { ending: 'reset' | 'half-event' | 'closed' | 'invalid-json' | 'silence' }
  | { ending: 'error'; error: UpstreamError; message?: string }
  /** A whole answer that says itself that it has failed, for both transports. Only where the API has a status for it. */
  | { ending: 'failed'; error: UpstreamError; message?: string }
  /** HTTP 200 with a body that is none of the dialect. */
  | { body: string; contentType: string };

/** What the upstream does with one request. */
export interface Script {
  answer: readonly ScriptStep[];
  /** Default: `calls` when there is a call, otherwise `stop`. */
  finish?: Finish;
  /** The stop sequence that was met, with `finish: "sequence"`. */
  stopSequence?: string;
  /** `null`: no usage is reported anywhere. */
  usage?: ScriptUsage | null;
  layout?: ScriptLayout;
  fails?: ScriptFailure;
  headers?: Readonly<Record<string, string>>;
  /** Further fields of an answer in the Messages API: of the message, of its usage, and beside the stop reason. */
  more?: { message?: JsonObject; usage?: JsonObject; stop?: JsonObject };
  /** Compresses the body where the request accepts it. */
  compressed?: boolean;
  /** Closes the connection after the answer, without saying so. */
  closesConnection?: boolean;
}

/** The upstream's side of one turn of a case. */
export interface UpstreamTurn {
  /** Parts of the neutral request that have to arrive; what is left out follows from the request itself. */
  expects?: Partial<NeutralRequest>;
  script: Script;
  /** The turn sends the request of the first one again, byte for byte. */
  again?: true;
}

/** A point at which the upstream waited. */
export interface UpstreamWait {
  for: Awaited;
  /** How long it waited, in milliseconds. */
  ms: number;
  /** Whether it happened; `false`: the time was over. */
  came: boolean;
}

/** One request that reached the upstream, and what was sent back. Times are milliseconds after the client sent its request. */
export interface UpstreamCall {
  /** The API of the path; `null` for a path of none. */
  speaks: Speaks | null;
  request: SentRequest;
  /** Whose key the request carries: none, one of its own, or the client's. `not-needed`: none, and the contract says that its upstream wants none. */
  credential: 'none' | 'own' | 'client' | 'not-needed';
  arrivedMs: number;
  /** Why the upstream refused the request, as the real API does; empty when it played the script. */
  refused: readonly string[];
  /** What the real API refuses too, but the plainest request of the gateway has as well: the upstream played its script. */
  overlooked?: readonly string[];
  /** As it was written, times of writing included; `null` when the connection was reset before the first byte. */
  response: ReceivedResponse | null;
  waits: readonly UpstreamWait[];
  /** `finished`: the script came to its end. `left`: the gateway closed the connection before. */
  end: 'finished' | 'left';
  endMs: number;
}

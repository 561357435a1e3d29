/** What was sent and what came back: an exchange as a report keeps it, and as judges read it. */

import type { Json, JsonObject } from './json.js';
import type { Transport } from './protocol.js';

/** What was sent. The credential is already replaced by the name of the variable that held it. */
export interface SentRequest {
  method: string;
  url: string;
  /** Header names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The body as sent; `null` without one. */
  body: string | null;
}

/** One network read: how many bytes arrived and when, in milliseconds after the request was sent. */
export interface Chunk {
  bytes: number;
  atMs: number;
}

/** What came back, before anything is made of it. */
export interface ReceivedResponse {
  status: number;
  /** Header lines in the order of arrival, names in lower case, repeated ones kept. */
  headers: readonly (readonly [name: string, value: string])[];
  /** The body after content-encoding is undone, as text, or as base64 when it is not valid UTF-8. */
  body: string;
  bodyEncoding: 'utf8' | 'base64';
  chunks: readonly Chunk[];
  /** Milliseconds from sending to the header block and to the end of the body (or to giving up). */
  headersMs: number;
  endMs: number;
}

/** Why an exchange did not come to its orderly end. */
export type FailureKind =
  /** no connection: DNS, refused, TLS; the network's fault until shown otherwise */
  | 'unreachable'
  /** the target went away, or broke HTTP, after the connection stood */
  | 'reset'
  | 'protocol'
  /** the bound of time, bytes or events was reached; what had come by then is kept */
  | 'timeout-headers'
  | 'timeout-body'
  | 'too-large'
  /** the body cannot be decoded as its content-encoding says */
  | 'encoding'
  /** the redirect leads to another origin and was not followed */
  | 'redirect'
  /** the address that an earlier answer gave is not the target's: nothing was asked for, or little of the answer was kept */
  | 'foreign'
  /** the suite itself hung up, as the fixture asks; nothing is read from what had come by then */
  | 'abandoned'
  /** this exchange needed the answer of an earlier turn, which did not come or lacked what was needed */
  | 'not-set-up'
  /** the suite's own request does not fit its own schema; it was not sent */
  | 'unsound';

export interface Failure {
  kind: FailureKind;
  /** One line: the cause as the network layer told it, control characters escaped. */
  message: string;
}

/** What the official client made of the same bytes. */
export interface ClientOutcome {
  name: 'sdk-typescript';
  version: string;
  /** The message that the client handed to its caller, as JSON. */
  message?: Json;
  /** `_request_id` of the message. */
  requestId?: string | null;
  /** What the client threw instead. */
  error?: { class: string; message: string; status: number | null; type: string | null; requestId: string | null };
}

/** One request and everything that came back, as a report keeps it. */
export interface RecordedExchange {
  /** `fixture/transport`, then `.2` for the second turn, then `#2` for the second attempt; unique in a run. */
  id: string;
  fixture: string;
  transport: Transport;
  /** Counted from 1. */
  turn: number;
  /** Counted from 1; above 1 only when the model did not cooperate or the target asked to wait. */
  attempt: number;
  apiVersion: string | null;
  /** Further fixtures that ask for exactly the same request: this exchange is theirs as well. */
  sharedBy?: readonly string[];
  request: SentRequest;
  response: ReceivedResponse | null;
  failure: Failure | null;
  client?: ClientOutcome;
}

/** A frame of the event stream as it stood in the bytes. */
export interface Frame {
  /** Byte offset of its first line and of the byte after its last line. */
  offset: number;
  end: number;
  /** Arrival of its last byte in milliseconds after the request was sent. */
  atMs: number;
  /** `event:` field, `null` without one. */
  event: string | null;
  /** `data:` lines joined with LF, `null` without one. */
  data: string | null;
  /** Comment lines without their colon. */
  comments: readonly string[];
  /** Lines that are no field of the SSE grammar, e.g. because of a leading blank. */
  strayLines: readonly string[];
  /** Whether an empty line closes it; a frame without is lost to every client. */
  terminated: boolean;
}

/** A frame that carries data: what a client would dispatch, numbered from 1 without comments. */
export interface StreamEvent {
  number: number;
  frame: Frame;
  /** Event name, or `null` when the frame has none. */
  name: string | null;
  /** Parsed data; `undefined` when it is not JSON. */
  data: Json | undefined;
  /** `data.type` when data is an object with a string `type`. */
  type: string | null;
}

export interface StreamReading {
  frames: readonly Frame[];
  events: readonly StreamEvent[];
  bom: boolean;
  /** Kinds of line ends that occur in the body. */
  lineEnds: readonly ('LF' | 'CRLF' | 'CR')[];
  longestLine: number;
  /** Byte offset of the first invalid UTF-8 sequence, `null` when valid. */
  invalidUtf8At: number | null;
  /** The message that the events add up to by the protocol's own rules; `null` without a message_start. */
  message: JsonObject | null;
}

/** A recorded exchange with its body read: what judges look at. */
export interface Exchange extends RecordedExchange {
  /** First value of a response header, `null` without it. */
  header(name: string): string | null;
  /** The body as bytes. */
  bytes: Uint8Array;
  /** The body parsed as JSON; `undefined` when it is not JSON, or empty. */
  json: Json | undefined;
  /**
   * The body read as an event stream; `null` unless the answer is one by its content type or its first bytes, and where the
   * suite itself cut it.
   */
  stream: StreamReading | null;
  /**
   * The Message of a 2xx answer, whichever transport carried it: the JSON body, or what the stream adds up to.
   * `null` when there is none. Its shape is not checked.
   */
  message: JsonObject | null;
  /** Everything the request said, parsed; `undefined` for raw bodies. */
  sent: Json | undefined;
}

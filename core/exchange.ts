/** One request and its response: as a report stores them, and as judges read them. */

import type { Json, JsonObject } from './json.js';
import type { Transport } from './protocol.js';
import type { UpstreamCall } from './upstream.js';

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

/** The response as received, not interpreted. */
export interface ReceivedResponse {
  status: number;
  /** Header lines in the order of arrival, names in lower case, repeated lines included. */
  headers: readonly (readonly [name: string, value: string])[];
  /** The body after decoding its content-encoding: as text, or as base64 when it is not valid UTF-8. */
  body: string;
  bodyEncoding: 'utf8' | 'base64';
  chunks: readonly Chunk[];
  /** Milliseconds from sending to the header block and to the end of the body (or to giving up). */
  headersMs: number;
  endMs: number;
}

/** Why an exchange did not end normally. */
export type FailureKind =
  /** no connection (DNS, refused, TLS); treated as a problem of the network, not of the target */
  | 'unreachable'
  /** the target closed the connection, or violated HTTP, after the connection was open */
  | 'reset'
  | 'protocol'
  /** a limit of time, bytes or nesting was reached; what had arrived by then is kept */
  | 'timeout-headers'
  | 'timeout-body'
  | 'too-large'
  /** the body does not match its content-encoding */
  | 'encoding'
  /** the redirect leads to another origin and was not followed */
  | 'redirect'
  /** the URL that an earlier response gave is not the target's: nothing was requested, or only a part of the response was kept */
  | 'foreign'
  /** the suite closed the connection, as the fixture asks, or the recorded client did; what had arrived by then is not judged */
  | 'abandoned'
  /** the request needs a value from the response of an earlier turn, which failed or lacks it */
  | 'not-set-up'
  /** the request does not fit its schema; it was not sent */
  | 'unsound';

/** Why and how an exchange ended early. */
export interface Failure {
  kind: FailureKind;
  /** One line: the cause as the network layer reported it, control characters escaped. */
  message: string;
  /**
   * Milliseconds after which the suite gave up on a response that had not ended. Only with `timeout-headers` and `timeout-body`, and
   * not for a connection that stays open after `message_stop`, or without it after the stop reason. Reports of older versions lack it.
   */
  limitMs?: number;
}

/** What the official client did with the same bytes. */
export interface ClientOutcome {
  name: 'sdk-typescript';
  version: string;
  /** The message that the client returned, as JSON. */
  message?: Json;
  /** The blocks of its `contentBlock` events, in their order. Only of streams. Reports of older versions lack them. */
  blocks?: Json[];
  /** `_request_id` of that message. */
  requestId?: string | null;
  /** The error that the client threw instead. */
  error?: { class: string; message: string; status: number | null; type: string | null; requestId: string | null };
}

/** Parts of an exchange that a record of somebody else's traffic may lack. */
export const RECORD_PARTS = {
  /** header lines and body of the request */
  request: 'the request',
  /** header lines of the response */
  head: 'the header lines of responses',
  /** how the response was framed on its connection: transfer-encoding, content-length, connection */
  framing: 'the framing of responses on the connection',
  /** when which bytes arrived */
  timing: 'the arrival times of bytes',
  /** the bytes of the body before they were decoded as text */
  bytes: 'the raw bytes of responses, which it holds as text',
} as const;
export type RecordPart = keyof typeof RECORD_PARTS;

/** Thrown when a judge reads a part of an exchange that its record lacks. The requirement is then not judged. */
export class NotRecorded extends Error {
  constructor(readonly part: RecordPart) {
    super(`The record does not have ${RECORD_PARTS[part]}`);
    this.name = 'NotRecorded';
  }
}

/** What is wrong with a request by itself, whatever the server made of it. */
export interface RequestViolation {
  /** `schema`: fields, types, values. `unknown-field`: a field that is not documented. `conversation`: the rules of conversations. */
  rule: 'schema' | 'unknown-field' | 'conversation';
  /** One line in the words of the API: `messages.1: roles must alternate …`. */
  message: string;
}

/** One request and its response, as a report stores them. */
export interface RecordedExchange {
  /** `fixture/transport`, then `.2` for the second turn, then `#2` for the second attempt; unique in a run. */
  id: string;
  fixture: string;
  transport: Transport;
  /** Counted from 1. */
  turn: number;
  /** Counted from 1; above 1 only when the model did not cooperate or the target asked to try again later. */
  attempt: number;
  /** Value of `anthropic-version`; `null` when none was sent. */
  apiVersion: string | null;
  /** When the request was sent, in milliseconds after the first one of the run. */
  startedMs?: number;
  /**
   * Why this attempt does not count: a later one does, or it only asked whether the target is still there. Judges do not see it
   * among the exchanges of its fixture. Absent for those that count.
   */
  replaced?: string;
  /** Other fixtures with exactly the same request, which share this exchange. */
  sharedBy?: readonly string[];
  request: SentRequest;
  response: ReceivedResponse | null;
  failure: Failure | null;
  client?: ClientOutcome;
  /** What the record lacks; absent when it is complete, as the suite's own records are. */
  lacks?: readonly RecordPart[];
  /** Why the official API would reject the request; absent for requests of the suite, which are checked before they are sent. */
  violations?: readonly RequestViolation[];
  /** What the suite's own upstream saw of it, when the target is a gateway: every request that it led to, in order. */
  upstream?: readonly UpstreamCall[];
  /** Where the client got a key of the upstream: `body`, or the name of a header. */
  upstreamKeyIn?: readonly string[];
  /**
   * How the gateway was gone after this exchange, the last one before it took no connection any more: how its process ended, or what a
   * client gets. Absent while it is there.
   */
  gatewayGone?: string;
}

/** A frame of the event stream as it was sent. */
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
  /** Lines that are not a field of the SSE grammar, for example because of a leading space. */
  strayLines: readonly string[];
  /** Whether an empty line ends it; clients ignore a frame without one. */
  terminated: boolean;
}

/** A frame with data, which a client dispatches as an event; numbered from 1, comments not counted. */
export interface StreamEvent {
  number: number;
  frame: Frame;
  /** Event name; `null` when the frame has none. */
  name: string | null;
  /** Parsed data; `undefined` when it is not JSON. */
  data: Json | undefined;
  /** `data.type` when data is an object with a string `type`. */
  type: string | null;
}

/** A body read as an event stream. */
export interface StreamReading {
  frames: readonly Frame[];
  events: readonly StreamEvent[];
  /** Whether the body starts with a byte order mark. */
  bom: boolean;
  /** Kinds of line endings in the body. */
  lineEnds: readonly ('LF' | 'CRLF' | 'CR')[];
  /** Bytes of the longest line. */
  longestLine: number;
  /** Byte offset of the first invalid UTF-8 sequence; `null` when there is none. */
  invalidUtf8At: number | null;
  /** The message that the events build by the rules of the protocol; `null` without `message_start`. */
  message: JsonObject | null;
}

/** A recorded exchange with its body parsed: what judges read. */
export interface Exchange extends RecordedExchange {
  /** First value of a response header; `null` when it is absent. */
  header(name: string): string | null;
  /** The body as bytes. */
  bytes: Uint8Array;
  /** The body parsed as JSON; `undefined` when it is not JSON, or empty. */
  json: Json | undefined;
  /**
   * The body read as an event stream. `null` when neither the content type nor the first bytes say that it is one, and when the
   * suite closed the connection itself.
   */
  stream: StreamReading | null;
  /**
   * The Message of a 2xx response: the JSON body, or what the events of the stream build. `null` when there is none. Its shape is
   * not checked.
   */
  message: JsonObject | null;
  /** The request body, parsed; `undefined` when it is not JSON. */
  sent: Json | undefined;
}

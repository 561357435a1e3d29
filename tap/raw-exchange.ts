/** One exchange as it passed through the tap: bounded copies of both bodies, nothing interpreted. It still holds credentials. */

import type { Chunk } from '../core/exchange.js';

/** Header lines in the order of arrival, names as sent. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** The beginning of a body. */
export interface RawBody {
  /** The first bytes, still encoded as `content-encoding` says. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Bytes that passed, those that were not kept included. */
  length: number;
}

/** How an exchange ended. */
export type Ending =
  /** both sides sent all that they had to send */
  | 'complete'
  /** the client closed its connection before the response was complete */
  | 'client-aborted'
  /** the server closed its connection, or violated HTTP, before the response was complete */
  | 'server-aborted'
  /** there was no connection to the server; the tap answered with 502 */
  | 'unreachable'
  /** the tap answered in place of the server, because of `--fail` */
  | 'replaced';

export interface RawRequest {
  method: string;
  /** Full URL at the server. */
  url: string;
  headers: HeaderLines;
  body: RawBody;
}

export interface RawResponse {
  status: number;
  headers: HeaderLines;
  trailers: HeaderLines;
  body: RawBody;
  /** Arrival of the kept bytes. Times are milliseconds after the head of the request arrived at the tap. */
  chunks: readonly Chunk[];
  headersMs: number;
  /** Arrival of the first byte of the body; `null` without a body. */
  firstByteMs: number | null;
  endMs: number;
  /** Longest time between two reads of the response, the head included, in milliseconds. */
  longestSilenceMs: number;
}

export interface RawExchange {
  /** Counted from 1, in the order in which requests arrived. */
  number: number;
  /** When the request arrived, in milliseconds after the tap was started. */
  startedMs: number;
  request: RawRequest;
  /** `null` when the server sent no complete header block. */
  response: RawResponse | null;
  ending: Ending;
  /** What the network layer said about an exchange that did not end normally; empty otherwise. */
  message: string;
}

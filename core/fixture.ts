/** Conversations as data, as `schemas/fixture.schema.json` describes them. */

import type { Json, JsonObject } from './json.js';
import type { ApiVersion, Transport } from './protocol.js';
import type { UpstreamTurn } from './upstream.js';

/** One change of JSON Patch (RFC 6902). */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: Json;
}

/** Which credential headers a request carries. */
export type Credential = 'default' | 'x-api-key' | 'bearer' | 'both' | 'none' | 'invalid';

/** What a reply contains when the model did what the prompt asks. The runner repeats the request while it does not. */
export interface Cooperation {
  /** Regular expression, not case-sensitive, for the joined text of the reply. */
  text?: string;
  /** Least number of `tool_use` blocks. */
  toolUses?: number;
  /** The stream arrives in several network reads. On a busy machine the suite may read all of it at once. */
  inPieces?: true;
  /** Names of tools that the reply calls, each at least once. */
  tools?: readonly string[];
  /** Values that the input of every call has; objects may have more members. */
  input?: JsonObject;
  stopReason?: string;
  /** Least number of citations on its text blocks. */
  citations?: number;
  /** Type of a content block that it contains, such as `thinking`. */
  block?: string;
  /** The reply repeats the titles of the search results in its request: at least half of those that stand nowhere else in it. */
  foundTitles?: true;
  /** `cache_read_input_tokens` is above zero. A target with several machines may miss its cache once. */
  cacheRead?: true;
  /** `cache_creation_input_tokens` or `cache_read_input_tokens` is above zero. */
  cached?: true;
}

/** How a request travels where that is what it tests. Without it: names in lower case, `content-length`, nothing before the JSON. */
export interface Sending {
  /** The body has white space after its first brace, up to this many bytes. JSON allows it, and it costs no tokens. */
  padTo?: number;
  /** The body goes in several pieces with `transfer-encoding: chunked`, without `content-length`. */
  chunked?: true;
  /** The header `expect: 100-continue`: the body waits for `100 Continue`, or for one second. */
  expectContinue?: true;
  /** All header names are in upper case. They mean the same (RFC 9110, 5.1). */
  upperCaseNames?: true;
}

/** One request of a conversation. The fixture provides what a turn leaves out. */
export interface Turn {
  method?: string;
  /** May contain `{{1/id}}`: the value at a JSON pointer in the response of an earlier turn. */
  path?: string;
  query?: string;
  credential?: Credential;
  /** In place of the conversation's: a client may ask again without a stream. */
  transport?: Transport;
  body?: JsonObject;
  /** A body that is sent byte by byte as written here, not serialised as JSON. */
  rawBody?: string;
  /** Fields of a multipart/form-data body; a file is `{ filename, type, text }` or `{ filename, type, asset }`. */
  multipart?: Readonly<Record<string, string | { filename: string; type: string; text?: string; asset?: string }>>;
  /** Pause before the request, in milliseconds. */
  waitMs?: number;
  /**
   * Repeats the request until the response has the value `equals` at `pointer`, or until `timeoutMs` is over. The first pause takes
   * `everyMs`; later pauses grow, so that a slow target gets few requests. Only the last response is kept.
   */
  until?: { pointer: string; equals: Json; everyMs: number; timeoutMs: number };
  /**
   * Closes the connection in the middle of the stream, or as soon as the request has arrived at the suite's own upstream. The
   * conversation continues with its next turn.
   */
  abortAfter?: 'first-delta' | 'arrival';
  cooperation?: Cooperation;
  /** What the suite's own upstream expects and does; only in cases of `fixtures/gateway`. */
  upstream?: UpstreamTurn;
}

/** A conversation with the target, as `schemas/fixture.schema.json` describes it, with the changes to its control applied. */
export interface Fixture {
  id: string;
  /** What it sends; for an invalid request, what is wrong with it. */
  title: string;
  transports: readonly Transport[];
  method: string;
  path: string;
  query: string;
  /** A list is sent as several header lines with the same name. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  credential: Credential;
  /** `null`: no version header. `default`: the version of the run. */
  apiVersion: ApiVersion | 'default' | null;
  /** Who sends it: the suite's HTTP client or the official TypeScript client. */
  client: 'http' | 'sdk-typescript';
  turns: readonly Turn[];
  /** Id of the valid fixture that it differs from. */
  control: string | null;
  /** For an invalid request: the one rule that it violates. */
  violates: Violates | null;
  /** How often the runner may try the conversation while the model does not cooperate. */
  attempts: number;
  /** Repeats another request on purpose, so the two never share an exchange. */
  again: boolean;
  /** `thorough`: sent only with `--thorough`. `expensive`: sent only for a requirement that is selected by its id. */
  cost: 'normal' | 'thorough' | 'expensive';
  /**
   * Ids of fixtures that the runner sends only when this one is rejected or does not show its effect: its parts, to find out which
   * of them causes that, or its control.
   */
  splitInto: readonly string[];
  /** A control for the effect of another fixture; not needed when that fixture is rejected. */
  onlyIfAccepted: boolean;
  /** How its requests travel, where that is what it tests. */
  sending?: Sending;
  /** All turns go over one connection, which nothing else uses: it is the connection that is judged. */
  oneConnection: boolean;
  /** Conversations with the same name start at the same moment, after all others; `null` for all other conversations. */
  startGroup: string | null;
  /** A case of `fixtures/gateway` that is sent so many times at the same moment. */
  parallel?: number;
  /** The client of such a case gives up after so many milliseconds. */
  patienceMs?: number;
}

/** The rule that an invalid request violates. */
export interface Violates {
  /** JSON pointer into the request body; empty for the whole body or a header. */
  pointer: string;
  /** Where it shows: in the request schema, in the rules of conversation, or on the wire (body bytes, headers, path). */
  layer: 'schema' | 'conversation' | 'wire';
  /** Words of which the error message should contain one, to name the problem. */
  names: readonly string[];
}

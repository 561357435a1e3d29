/** Conversations as data, as `schemas/fixture.schema.json` describes them. */

import type { Json, JsonObject } from './json.js';
import type { ApiVersion, Transport } from './protocol.js';

/** One change of JSON Patch (RFC 6902). */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: Json;
}

/** How a request identifies itself. */
export type Credential = 'default' | 'x-api-key' | 'bearer' | 'both' | 'none' | 'invalid';

/** What an answer shows when the model did what the prompt asks; the fixture is tried again while it does not. */
export interface Cooperation {
  /** Regular expression that the joined text of the answer matches, without regard to case. */
  text?: string;
  /** At least so many `tool_use` blocks. */
  toolUses?: number;
  /** A stream does not come in one network read: a machine that is short of time may read all of it at once. */
  inPieces?: true;
  /** Names of tools of which each is called. */
  tools?: readonly string[];
  stopReason?: string;
  /** At least so many citations on its text blocks. */
  citations?: number;
  /** At least one content block of this type, such as `thinking`. */
  block?: string;
  /** Usage counts tokens that were read from a cache; a target that spreads requests over machines may miss it once. */
  cacheRead?: true;
}

/** One request of a conversation. What it leaves out, the fixture says for all turns. */
export interface Turn {
  method?: string;
  /** May hold `{{1/id}}`: the value at a JSON pointer of an earlier turn's answer. */
  path?: string;
  query?: string;
  body?: JsonObject;
  /** A body that is not sent as JSON, byte by byte as written here. */
  rawBody?: string;
  /** Fields of a multipart/form-data body; a file is `{ filename, type, text }` or `{ filename, type, asset }`. */
  multipart?: Readonly<Record<string, string | { filename: string; type: string; text?: string; asset?: string }>>;
  /** Pause before the request, in milliseconds. */
  waitMs?: number;
  /**
   * Repeats the request until the answer holds `equals` at `pointer`, or `timeoutMs` has passed. The pause begins with
   * `everyMs` and grows, so that a fast target is not waited for and a slow one not pestered. The last answer is kept.
   */
  until?: { pointer: string; equals: Json; everyMs: number; timeoutMs: number };
  /** Hangs up in the middle of the stream; the conversation goes on with its next turn. */
  abortAfter?: 'first-delta';
  cooperation?: Cooperation;
}

/** A conversation to hold with the target, as `schemas/fixture.schema.json` describes it, with its control worked in. */
export interface Fixture {
  id: string;
  title: string;
  transports: readonly Transport[];
  method: string;
  path: string;
  query: string;
  /** A list is sent as header lines of one name. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  credential: Credential;
  /** `null`: no version header. `default`: the version of the run. */
  apiVersion: ApiVersion | 'default' | null;
  /** Who sends: the suite's own HTTP client or the official TypeScript client. */
  client: 'http' | 'sdk-typescript';
  turns: readonly Turn[];
  /** The valid fixture that this one differs from. */
  control: string | null;
  /** For a negative: the one rule that its request breaks. */
  violates: Violates | null;
  /** How often the conversation may be tried while the model does not cooperate. */
  attempts: number;
  /** A repetition on purpose: it never shares the exchange of a fixture with the same request. */
  again: boolean;
  /** Sent only when it is named or when thoroughness is asked for. */
  cost: 'normal' | 'thorough' | 'expensive';
  /**
   * Fixtures that are sent only when this one is not served or does not show its effect: its parts, to find out which of them
   * is to blame, or its control.
   */
  splitInto: readonly string[];
  /** Shows by a way that is known to work what another fixture asks for: not needed where that one is refused. */
  onlyIfAccepted: boolean;
  /** Conversations of one name begin at the same moment, behind all others; `null` for those that do not care. */
  startGroup: string | null;
}

export interface Violates {
  /** JSON pointer into the body; empty for the whole body or for a header. */
  pointer: string;
  /** Who can see it: the request schema, the rules of conversation, or the wire (body bytes, headers, path). */
  layer: 'schema' | 'conversation' | 'wire';
  /** Words of which an error message should contain one, to name what is wrong. */
  names: readonly string[];
}

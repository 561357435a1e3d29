/** An API that the upstream speaks: how requests are read, what it refuses, and how a script becomes bytes. */

import type { Json, JsonObject } from '../../core/json.js';
import type { NeutralRequest } from '../../core/neutral.js';
import type { SchemaViolation } from '../../core/requirement.js';
import type { Awaited, Finish, Script, Speaks, UpstreamError } from '../../core/upstream.js';

/** Parts of a Messages request that not every API can express. */
export type Feature =
  | 'top-k'
  | 'stop-sequences'
  | 'five-stop-sequences'
  | 'error-flag'
  | 'picture-in-result'
  | 'document-in-result'
  | 'document'
  | 'citations'
  | 'search-results'
  | 'server-tools'
  | 'user'
  | 'thinking-history'
  | 'thinking'
  | 'format'
  | 'effort'
  | 'prefill'
  | 'client-tool-types'
  | 'key-of-client'
  | 'stop-sequence-name'
  | 'signatures'
  | 'refusal-details'
  | 'request-headers';

/** What a request asks of the answer. */
export interface Asked {
  model: string;
  /** Whether usage is to be reported in a stream. */
  usage: boolean;
  /** Number of the call in the run: ids of answers are made of it. */
  number: number;
}

/** One step of a stream as it is written. */
export type StreamStep =
  /** An event with its data; `event` is the name, `null` without one. */
  | { event: string | null; data: string }
  | { comment: string }
  /** Bytes as they are. */
  | { raw: string }
  | { pauseMs: number }
  /** `content`: visible characters of the answer so far. */
  | { until: Awaited; atMostMs: number; content: number };

export interface HttpError {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Json;
}

/** The one model that the upstream lists. */
export const UPSTREAM_MODEL = 'upstream-model';

export interface Dialect {
  name: Speaks;
  /** Tags of its documentation. Requirements cite those of chat completions, and a run those of its own upstream. */
  sources: Readonly<Record<'O:chat' | 'O:errors' | 'O:types', readonly string[]>>;
  /** What to tell somebody who has to configure a gateway. */
  title: string;
  /** Path of the endpoint, below the origin. */
  path: string;
  /** What follows the origin in the base URL that clients of this API are given. */
  basePath: string;
  /** What it cannot express. */
  cannot: ReadonlySet<Feature>;
  /** Never throws, whatever the body is. */
  read(body: Json | undefined): NeutralRequest;
  /** Why the real API refuses a request, one sentence each, the gravest first. */
  refusals(body: Json | undefined, violations: Validate, headers: Readonly<Record<string, string>>): string[];
  /** What the request asks of the answer. */
  asked(body: Json | undefined): Omit<Asked, 'number'>;
  /** The answer as one JSON body. */
  answer(script: Script, asked: Asked): JsonObject;
  /** The answer as a stream, without the way in which it fails. */
  stream(script: Script, asked: Asked): StreamStep[];
  /** Headers of every answer with this number. */
  headers?(number: number): Readonly<Record<string, string>>;
  /** An event whose data ends in the middle. */
  half: { event: string | null; data: string };
  /** How an answer says why it ends, with field and value, such as `finish_reason: "stop"`. */
  ending(finish: Finish): string;
  /** The list of models, or the one with this id: the upstream takes any. */
  models(id: string | null): JsonObject;
  /** An HTTP error. `number` is that of the call. */
  error(error: UpstreamError, message: string, number: number): HttpError;
  /** An error in the middle of a stream, after so many events. */
  streamError(error: UpstreamError, message: string, events: number): StreamStep;
}

export type Validate = (schema: string, value: unknown) => SchemaViolation[];

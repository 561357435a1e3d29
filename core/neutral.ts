/**
 * A request for a message in neutral terms: what a gateway has to carry to its upstream, whatever API that speaks. Both sides are read
 * into it, so that they can be compared.
 */

import type { Json } from './json.js';

/** One part of a turn. */
export type NeutralPart =
  | { kind: 'text'; text: string }
  /** Base64 data with its media type, or an address. */
  | { kind: 'picture'; mediaType: string | null; data: string | null; url: string | null }
  | { kind: 'document'; mediaType: string | null; data: string | null; url: string | null; text: string | null }
  /** `input` is `undefined` when the arguments are not JSON; `raw` has them as they came. */
  | { kind: 'call'; id: string; name: string; input: Json | undefined; raw: string | null }
  | { kind: 'result'; id: string; parts: readonly NeutralPart[]; isError: boolean }
  | { kind: 'thinking'; text: string; signature: string | null }
  /** Anything else, by its type. */
  | { kind: 'other'; type: string; value: Json };

/** What one side says until the other one speaks. Tool results are said by the user. */
export interface NeutralTurn {
  role: 'user' | 'assistant' | 'system';
  parts: readonly NeutralPart[];
}

/** A tool that the model may call. */
export interface NeutralTool {
  name: string;
  description: string | null;
  schema: Json | undefined;
  strict: boolean | null;
}

/** How freely the model chooses among the tools. `other`: a value that the API does not know. */
export type NeutralChoice =
  | { kind: 'auto' | 'any' | 'none' }
  | { kind: 'tool'; name: string }
  | { kind: 'other'; value: Json };

/** A whole request. `null`, or an empty list: the request does not say. */
export interface NeutralRequest {
  model: string | null;
  /** Texts of the system prompt, in order. */
  system: readonly string[];
  /** Consecutive turns of one role are one. */
  turns: readonly NeutralTurn[];
  tools: readonly NeutralTool[];
  /** Types of tools that run on the server, such as `web_search_20250305`. */
  serverTools: readonly string[];
  choice: NeutralChoice | null;
  /** Whether several calls may come in one reply. */
  parallelCalls: boolean | null;
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  topK: number | null;
  stop: readonly string[];
  /** The JSON schema that the reply has to match. */
  format: Json | null;
  effort: string | null;
  thinking: boolean | null;
  /** An opaque id of the user. */
  user: string | null;
  stream: boolean;
}

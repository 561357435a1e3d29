import type { Citation, JsonObject, StopReason } from '../wire.js';

/** One block as the model means it, before ids, signatures and limits. */
export type DraftBlock =
  | { type: 'thinking'; thinking: string }
  | { type: 'redacted_thinking'; thinking: string }
  | { type: 'text'; text: string; citations?: Citation[] }
  | { type: 'tool_use'; name: string; input: JsonObject };

/** What the model wants to say. */
export interface Draft {
  blocks: DraftBlock[];
  /** Set when it declines to answer. */
  refusal?: { category: string; explanation: string };
}

/** One block of a reply; a tool call carries the JSON text of its input as far as it was generated. */
export type ReplyBlock =
  | Exclude<DraftBlock, { type: 'tool_use' }>
  | { type: 'tool_use'; name: string; input: JsonObject; json: string };

/** What is left of a draft after stop sequences and token limits, and how many tokens it took. */
export interface Reply {
  blocks: ReplyBlock[];
  stopReason: StopReason;
  stopSequence: string | null;
  refusal?: { category: string; explanation: string };
  outputTokens: number;
  /** Those of the output tokens that were spent on thinking. */
  thinkingTokens: number;
}

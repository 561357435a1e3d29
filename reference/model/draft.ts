import type { Citation, JsonObject, StopReason, ToolSearchResultBlock } from '../wire.js';

/** One block as the model drafts it, before ids, signatures and limits. */
export type DraftBlock =
  | { type: 'thinking'; thinking: string }
  | { type: 'redacted_thinking'; thinking: string }
  | { type: 'text'; text: string; citations?: Citation[] }
  | { type: 'tool_use'; name: string; input: JsonObject }
  | { type: 'server_tool_use'; name: string; input: JsonObject }
  /** The result of the server's own call before it. */
  | { type: 'web_search_tool_result'; content: JsonObject[] }
  /** The names that the server's search for tools, the call before it, has found. */
  | { type: 'tool_search_tool_result'; content: ToolSearchResultBlock['content'] };

/** The whole reply that the model would write without limits. */
export interface Draft {
  blocks: DraftBlock[];
  /** Set when the model declines to answer. */
  refusal?: { category: string; explanation: string };
}

/** One block of a reply; a tool call has the JSON text of its input as far as it was generated. */
export type ReplyBlock =
  | Exclude<DraftBlock, { type: 'tool_use' }>
  | { type: 'tool_use'; name: string; input: JsonObject; json: string };

/** A draft after stop sequences and token limits, and how many tokens it took. */
export interface Reply {
  blocks: ReplyBlock[];
  stopReason: StopReason;
  stopSequence: string | null;
  refusal?: { category: string; explanation: string };
  outputTokens: number;
  /** The part of the output tokens that is thinking. */
  thinkingTokens: number;
}

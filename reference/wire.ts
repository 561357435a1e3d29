/**
 * Requests, messages and events, as far as this endpoint reads or writes them. Requests have these types only after they
 * were validated against their schema.
 */

import type { Json, JsonObject } from '../core/json.js';

export type { Json, JsonObject };

export interface CacheControl {
  type: 'ephemeral';
  ttl?: '5m' | '1h';
}

interface Cacheable {
  cache_control?: CacheControl | null;
}

export interface TextBlock extends Cacheable {
  type: 'text';
  text: string;
  citations?: Citation[] | null;
}

type ImageSource =
  | { type: 'base64'; media_type: string; data: string }
  | { type: 'url'; url: string }
  | { type: 'file'; file_id: string };

export interface ImageBlock extends Cacheable {
  type: 'image';
  source: ImageSource;
}

type DocumentSource =
  | { type: 'base64'; media_type: 'application/pdf'; data: string }
  | { type: 'text'; media_type: 'text/plain'; data: string }
  | { type: 'content'; content: string | (TextBlock | ImageBlock)[] }
  | { type: 'url'; url: string }
  | { type: 'file'; file_id: string };

export interface DocumentBlock extends Cacheable {
  type: 'document';
  source: DocumentSource;
  title?: string | null;
  context?: string | null;
  citations?: { enabled?: boolean } | null;
}

interface SearchResultBlock extends Cacheable {
  type: 'search_result';
  source: string;
  title: string;
  content: TextBlock[];
  citations?: { enabled?: boolean } | null;
}

interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature: string;
}

interface RedactedThinkingBlock {
  type: 'redacted_thinking';
  data: string;
}

export interface ToolUseBlock extends Cacheable {
  type: 'tool_use';
  id: string;
  name: string;
  input: JsonObject;
}

interface ToolResultBlock extends Cacheable {
  type: 'tool_result';
  tool_use_id: string;
  content?: string | Block[];
  is_error?: boolean;
}

/** The summary of a part of the conversation; without content where summarizing failed. */
export interface CompactionBlock extends Cacheable {
  type: 'compaction';
  content?: string | null;
}

/** A tool that is offered or no longer offered from here on. */
export interface ToolChangeBlock extends Cacheable {
  type: 'tool_addition' | 'tool_removal';
  tool:
    | { type: 'tool_reference'; name: string }
    | { type: 'tool_definition'; definition: Tool }
    | { type: 'mcp_tool_reference' | 'mcp_toolset_reference' };
}

/** Results of searches for tools. */
export interface ToolSearchResultBlock extends Cacheable {
  type: 'tool_search_tool_result';
  tool_use_id: string;
  content: { type: string; tool_references?: { type: 'tool_reference'; tool_name: string }[] };
}

/** Blocks that this endpoint accepts and does not interpret: server tools, container uploads, references. */
interface PassiveBlock extends Cacheable {
  type:
    | 'server_tool_use'
    | 'web_search_tool_result'
    | 'web_fetch_tool_result'
    | 'code_execution_tool_result'
    | 'bash_code_execution_tool_result'
    | 'text_editor_code_execution_tool_result'
    | 'container_upload'
    | 'tool_reference'
    | 'browser_state'
    | 'fallback';
}

export type Block =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | SearchResultBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ToolResultBlock
  | CompactionBlock
  | ToolChangeBlock
  | ToolSearchResultBlock
  | PassiveBlock;

export type Role = 'user' | 'assistant' | 'system';

export interface MessageParam {
  role: Role;
  content: string | Block[];
  /** Of a system message: how long the model reads it. */
  clear_at?: 'next_user_message' | 'never' | null;
}

export interface Tool extends Cacheable {
  /** Absent, `null` or `custom` for a tool that the client defines; a dated name for a tool that Anthropic defines. */
  type?: string | null;
  name: string;
  description?: string;
  input_schema?: JsonObject;
  strict?: boolean;
  defer_loading?: boolean;
  input_examples?: Json[];
}

export type ToolChoice =
  | { type: 'auto' | 'any'; disable_parallel_tool_use?: boolean }
  | { type: 'tool'; name: string; disable_parallel_tool_use?: boolean }
  | { type: 'none' };

export type Thinking =
  | { type: 'enabled'; budget_tokens: number; display?: 'summarized' | 'omitted' | null }
  | { type: 'adaptive'; display?: 'summarized' | 'omitted' | null }
  | { type: 'disabled' }
  | { type: 'between_tools' };

interface OutputConfig {
  effort?: string | null;
  format?: { type: 'json_schema'; schema: JsonObject } | null;
}

/** What requests to `/v1/messages` and to count_tokens have in common. */
export interface PromptRequest {
  model: string;
  messages: MessageParam[];
  system?: string | TextBlock[];
  tools?: Tool[];
  tool_choice?: ToolChoice;
  thinking?: Thinking;
  output_config?: OutputConfig | null;
  output_format?: { type: 'json_schema'; schema: JsonObject } | null;
  cache_control?: CacheControl | null;
  context_management?: { edits?: ContextEdit[] } | null;
}

export interface ContextEdit {
  type: string;
  trigger?: { type: string; value: number } | null;
  keep?: { type: string; value?: number } | string | null;
  clear_at_least?: { type: string; value: number } | null;
  exclude_tools?: string[] | null;
  clear_tool_inputs?: boolean | string[] | null;
}

/** Body of `POST /v1/messages`. */
export interface MessageRequest extends PromptRequest {
  max_tokens: number;
  stream?: boolean;
  stop_sequences?: string[] | null;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  metadata?: { user_id?: string | null } | null;
  service_tier?: 'auto' | 'standard_only';
  container?: Json;
  diagnostics?: Json;
  speed?: string | null;
  inference_geo?: string | null;
  thread?: { type: 'create' } | { type: 'continue'; previous_message_id: string } | null;
  /** Models that answer where the first one declines. */
  fallbacks?: 'default' | { model: string }[] | null;
}

export type Citation =
  | {
      type: 'char_location';
      cited_text: string;
      document_index: number;
      document_title: string | null;
      start_char_index: number;
      end_char_index: number;
      file_id: string | null;
    }
  | {
      type: 'page_location';
      cited_text: string;
      document_index: number;
      document_title: string | null;
      start_page_number: number;
      end_page_number: number;
      file_id: string | null;
    }
  | {
      type: 'content_block_location';
      cited_text: string;
      document_index: number;
      document_title: string | null;
      start_block_index: number;
      end_block_index: number;
      file_id: string | null;
    }
  | {
      type: 'search_result_location';
      cited_text: string;
      search_result_index: number;
      source: string;
      title: string | null;
      start_block_index: number;
      end_block_index: number;
    };

export type ResponseBlock =
  | { type: 'text'; text: string; citations?: Citation[] | null }
  | ThinkingBlock
  | RedactedThinkingBlock
  | { type: 'tool_use'; id: string; name: string; input: JsonObject; caller?: { type: 'direct' } }
  | { type: 'server_tool_use'; id: string; name: string; input: JsonObject; caller?: { type: 'direct' } }
  | { type: 'web_search_tool_result'; tool_use_id: string; content: JsonObject[]; caller?: { type: 'direct' } }
  | ToolSearchResultBlock
  | FallbackBlock;

/** Where the output of one model gives way to that of the next. */
interface FallbackBlock {
  type: 'fallback';
  from: { model: string };
  to: { model: string };
  trigger: { type: 'refusal'; category: string | null };
}

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'refusal'
  | 'model_context_window_exceeded';

interface StopDetails {
  type: 'refusal';
  category: string | null;
  explanation: string | null;
}

export interface Usage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  output_tokens: number;
  output_tokens_details?: { thinking_tokens: number };
  /** What the server's own tools did; absent where they did nothing. */
  server_tool_use?: { web_search_requests: number; web_fetch_requests: number };
  service_tier: 'standard' | 'batch';
  inference_geo: string;
  /** The attempts of a reply that a fallback model wrote, in their order. */
  iterations?: UsageIteration[];
}

/** The usage of one attempt. */
export interface UsageIteration {
  type: 'message' | 'fallback_message';
  model: string;
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: Usage['cache_creation'];
}

/** A finished message, or with `stop_reason: null` the one inside `message_start`. */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ResponseBlock[];
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  stop_details?: StopDetails | null;
  usage: Usage;
  context_management?: { applied_edits: JsonObject[] } | null;
}

export type Delta =
  | { type: 'text_delta'; text: string }
  | { type: 'citations_delta'; citation: Citation }
  | { type: 'input_json_delta'; partial_json: string }
  | { type: 'thinking_delta'; thinking: string }
  | { type: 'signature_delta'; signature: string };

export type StreamEvent =
  | { type: 'message_start'; message: Message }
  | { type: 'content_block_start'; index: number; content_block: ResponseBlock }
  | { type: 'content_block_delta'; index: number; delta: Delta }
  | { type: 'content_block_stop'; index: number }
  | {
      type: 'message_delta';
      delta: { stop_reason: StopReason | null; stop_sequence: string | null; stop_details?: StopDetails | null };
      usage: Omit<Usage, 'cache_creation' | 'service_tier' | 'inference_geo'>;
      context_management?: { applied_edits: JsonObject[] } | null;
    }
  | { type: 'message_stop' }
  | { type: 'ping' }
  | { type: 'error'; error: { type: string; message: string } };

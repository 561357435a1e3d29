/** What the events of a stream are to the grammar, and which deltas each type of block takes. */

import type { StreamEvent } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { EVENT_TYPES, type EventType } from '../../core/protocol.js';

/** A content block as its events stand in the stream. */
export interface StreamedBlock {
  /** As sent; normally an integer. */
  index: Json | undefined;
  /** `content_block.type`; `null` when the block was never started, or its start cannot be read. */
  type: string | null;
  start: StreamEvent | null;
  /** `content_block` of the start. */
  content: JsonObject | null;
  deltas: { event: StreamEvent; delta: JsonObject }[];
  stop: StreamEvent | null;
}

/**
 * What an event is to the grammar; `null` for filler. The type inside its data decides, the event's name stands in for
 * it: a missing or wrong name is a fault of framing, which says nothing about the order.
 */
export function kindOf(event: StreamEvent): Exclude<EventType, 'ping'> | null {
  const kind = isEventType(event.type) ? event.type : isEventType(event.name) ? event.name : null;
  return kind === 'ping' ? null : kind;
}

const isEventType = (value: string | null): value is EventType =>
  (EVENT_TYPES as readonly (string | null)[]).includes(value);

const COMPLETE_AT_START = [
  'redacted_thinking',
  'container_upload',
  'fallback',
  'mcp_tool_listing',
  'mcp_tool_result',
  'advisor_tool_result',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
];

const LEGAL_DELTAS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['text', ['text_delta', 'citations_delta']],
  ['thinking', ['thinking_delta', 'signature_delta']],
  ['tool_use', ['input_json_delta']],
  ['server_tool_use', ['input_json_delta']],
  ['mcp_tool_use', ['input_json_delta']],
  ['compaction', ['compaction_delta']],
  ...COMPLETE_AT_START.map((type) => [type, []] as const),
]);

/** Delta types that a block may receive; `null` for a type of block that is not known here: it may receive any. */
export const legalDeltas = (blockType: string | null): readonly string[] | null =>
  (blockType === null ? undefined : LEGAL_DELTAS.get(blockType)) ?? null;

/** Types of content blocks that the protocol has, beta ones included. */
export const isKnownBlock = (type: unknown): boolean => typeof type === 'string' && LEGAL_DELTAS.has(type);

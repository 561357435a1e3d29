/** Kinds of stream events, and the delta types that each type of block accepts. */

import type { StreamEvent } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { EVENT_TYPES, type EventType } from '../../core/protocol.js';

/** The events of one content block. */
export interface StreamedBlock {
  /** `index` as sent; normally an integer. */
  index: Json | undefined;
  /** `content_block.type`; `null` when the block was never started or its start is unreadable. */
  type: string | null;
  start: StreamEvent | null;
  /** `content_block` of its start. */
  content: JsonObject | null;
  deltas: { event: StreamEvent; delta: JsonObject }[];
  stop: StreamEvent | null;
}

/**
 * The kind of an event; `null` for pings and unknown events. `type` in the data decides, or else the name of the event: a missing or
 * wrong name is a fault of framing, not of order.
 */
export function kindOf(event: StreamEvent): Exclude<EventType, 'ping'> | null {
  const kind = isEventType(event.type) ? event.type : isEventType(event.name) ? event.name : null;
  return kind === 'ping' ? null : kind;
}

const isEventType = (value: string | null): value is EventType =>
  (EVENT_TYPES as readonly (string | null)[]).includes(value);

/** Block types without deltas. */
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

/** Delta types that a block accepts; `null` for an unknown type of block, which accepts any. */
export const legalDeltas = (blockType: string | null): readonly string[] | null =>
  (blockType === null ? undefined : LEGAL_DELTAS.get(blockType)) ?? null;

/** Whether a content block type is documented, beta types included. */
export const isKnownBlock = (type: unknown): boolean => typeof type === 'string' && LEGAL_DELTAS.has(type);

/**
 * Adds the events of a stream up to a Message by the protocol's own rules: deltas go to the block of their index, JSON
 * fragments are joined and parsed, a signature replaces, citations are appended, later usage replaces earlier usage.
 * Tolerant: whatever does not fit is passed over, because other code judges it.
 */

import type { StreamEvent } from '../../core/exchange.js';
import { isObject, type Json, type JsonObject } from '../../core/json.js';

/** A block on its way: pieces of fields that grow are joined at the end, which is linear and leaves less to collect. */
interface Block {
  start: JsonObject;
  text: string[];
  thinking: string[];
  fragments: string[];
  citations: Json[];
  rest: JsonObject;
}

/** The message so far at the end of the events or at message_stop; `null` without a message_start. */
export function accumulate(events: readonly StreamEvent[]): JsonObject | null {
  let message: JsonObject | null = null;
  const blocks: Block[] = [];
  const byIndex = new Map<unknown, Block>();
  for (const { type, name, data } of events) {
    if (!isObject(data)) continue;
    const kind = type ?? name;
    if (kind === 'message_stop' || kind === 'error') break;
    if (kind === 'message_start') message ??= isObject(data.message) ? { ...data.message } : null;
    else if (kind === 'content_block_start' && isObject(data.content_block)) {
      const block: Block = {
        start: data.content_block,
        text: [],
        thinking: [],
        fragments: [],
        citations: [],
        rest: {},
      };
      blocks.push(block);
      byIndex.set(data.index, block);
    } else if (kind === 'content_block_delta' && isObject(data.delta)) {
      const block = byIndex.get(data.index);
      if (block !== undefined) grow(block, data.delta);
    } else if (kind === 'message_delta' && message !== null) message = conclude(message, data);
  }
  if (message === null) return null;
  const before = Array.isArray(message.content) ? message.content : [];
  return { ...message, content: [...before, ...blocks.map(complete)] };
}

function grow(block: Block, delta: JsonObject): void {
  const { type } = block.start;
  switch (delta.type) {
    case 'text_delta':
      if (type === 'text' && typeof delta.text === 'string') block.text.push(delta.text);
      break;
    case 'citations_delta':
      if (type === 'text' && delta.citation !== undefined) block.citations.push(delta.citation);
      break;
    case 'input_json_delta':
      if (takesInput(type) && typeof delta.partial_json === 'string') block.fragments.push(delta.partial_json);
      break;
    case 'thinking_delta':
      if (type === 'thinking' && typeof delta.thinking === 'string') block.thinking.push(delta.thinking);
      break;
    case 'signature_delta':
      if (type === 'thinking') block.rest = { ...block.rest, signature: delta.signature };
      break;
    case 'compaction_delta': {
      const { type: _, ...fields } = delta;
      if (type === 'compaction') block.rest = { ...block.rest, ...fields };
      break;
    }
  }
}

/** Blocks whose input is streamed as JSON fragments. */
const takesInput = (type: Json | undefined): boolean =>
  type === 'tool_use' || type === 'server_tool_use' || type === 'mcp_tool_use';

function complete({ start, text, thinking, fragments, citations, rest }: Block): JsonObject {
  const block: JsonObject = { ...start, ...rest };
  const said = text.join('');
  if (said !== '') block.text = (typeof start.text === 'string' ? start.text : '') + said;
  const thought = thinking.join('');
  if (thought !== '') block.thinking = (typeof start.thinking === 'string' ? start.thinking : '') + thought;
  if (citations.length > 0)
    block.citations = [...(Array.isArray(start.citations) ? start.citations : []), ...citations];
  const json = fragments.join('');
  if (json !== '') block.input = parsed(json, start.input);
  return block;
}

/** A cut-off input stays what the block started with: what it would have become is nobody's to guess. */
function parsed(json: string, otherwise: Json | undefined): Json | undefined {
  try {
    return JSON.parse(json) as Json;
  } catch {
    return otherwise;
  }
}

function conclude(message: JsonObject, event: JsonObject): JsonObject {
  const { type: _, delta, usage, ...beside } = event;
  const totals = Object.entries(isObject(usage) ? usage : {}).filter(([, value]) => value !== null);
  return {
    ...message,
    ...beside,
    ...(isObject(delta) ? delta : {}),
    usage: isObject(message.usage) || totals.length > 0 ? merged(message.usage, totals) : message.usage,
  };
}

const merged = (usage: Json | undefined, totals: [string, Json | undefined][]): JsonObject =>
  // fromEntries defines properties, so that a key such as __proto__ stays data.
  Object.fromEntries([...Object.entries(isObject(usage) ? usage : {}), ...totals]);

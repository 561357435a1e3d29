/** What a Message contains. */

import { get, isObject, type JsonObject } from './json.js';

/** A content block and its place. */
export interface PlacedBlock {
  block: JsonObject;
  /** Index in `content`, which may also contain values that are not objects. */
  index: number;
  /** JSON pointer into the message. */
  pointer: string;
}

/** Content blocks of a message with their places, optionally of one type. Skips values that are not objects. */
export function placedBlocks(message: unknown, type?: string): PlacedBlock[] {
  const content = get(message, 'content');
  if (!Array.isArray(content)) return [];
  return content.flatMap((block, index) =>
    isObject(block) && (type === undefined || block.type === type)
      ? [{ block, index, pointer: `/content/${index}` }]
      : [],
  );
}

/** The same without places. */
export const blocks = (message: unknown, type?: string): JsonObject[] =>
  placedBlocks(message, type).map(({ block }) => block);

/**
 * Whether a block is a tool call that running code makes: its `caller` is not `direct`. Such calls arrive complete, in
 * `content_block_start` or in `message_start`. Source: F (programmatic tool calling).
 */
export function isProgrammatic(block: unknown): boolean {
  const caller = get(block, 'caller', 'type');
  return get(block, 'type') === 'tool_use' && typeof caller === 'string' && caller !== 'direct';
}

/** Whether a message consists of such calls only. The model wrote none of its tokens, so it may count none. */
export function isMadeByCode(message: unknown): boolean {
  const content = get(message, 'content');
  return Array.isArray(content) && content.length > 0 && content.every(isProgrammatic);
}

/** Tool calls that wait for a result of the client: calls by code are answered once the result of that code is in the message. */
export function pendingCalls(message: unknown): JsonObject[] {
  const answered = blocks(message).map(({ tool_use_id }) => tool_use_id);
  return blocks(message, 'tool_use').filter(
    (call) => !isProgrammatic(call) || !answered.includes(get(call, 'caller', 'tool_id')),
  );
}

/** The text of all text blocks of a message, joined. */
export function text(message: unknown): string {
  return blocks(message, 'text')
    .map((block) => (typeof block.text === 'string' ? block.text : ''))
    .join('');
}

/** `input_tokens` plus both cache counts; `null` when `input_tokens` is not a number. */
export function totalInput(usage: unknown): number | null {
  const input = get(usage, 'input_tokens');
  if (typeof input !== 'number') return null;
  const extra = ['cache_creation_input_tokens', 'cache_read_input_tokens'].map((key) => get(usage, key));
  return extra.reduce<number>((sum, part) => sum + (typeof part === 'number' ? part : 0), input);
}

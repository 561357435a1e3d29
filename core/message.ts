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

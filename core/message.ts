/** What a Message holds. */

import { get, isObject, type JsonObject } from './json.js';

/** Content blocks of a message that are objects, optionally of one type. */
export function blocks(message: unknown, type?: string): JsonObject[] {
  const content = get(message, 'content');
  if (!Array.isArray(content)) return [];
  return content.filter((block): block is JsonObject => isObject(block) && (type === undefined || block.type === type));
}

/** The text of a message: its text blocks joined. */
export function text(message: unknown): string {
  return blocks(message, 'text')
    .map((block) => (typeof block.text === 'string' ? block.text : ''))
    .join('');
}

/** All tokens that went in: the uncached part and both cache counts; `null` when `input_tokens` is no number. */
export function totalInput(usage: unknown): number | null {
  const input = get(usage, 'input_tokens');
  if (typeof input !== 'number') return null;
  const extra = ['cache_creation_input_tokens', 'cache_read_input_tokens'].map((key) => get(usage, key));
  return extra.reduce<number>((sum, part) => sum + (typeof part === 'number' ? part : 0), input);
}

import type { Json } from './wire.js';

/**
 * Words with the space before them, short runs of digits, white space, and single characters: pieces of about the size of
 * the tokens of language models, never a part of a character.
 */
const PIECE = / ?[\p{L}\p{M}]{1,8}| ?\p{N}{1,3}|\s{1,8}|[\s\S]/gu;

/** Splits a text into the pieces that the scripted model writes one after another, the first `most` of them. */
export function pieces(text: string, most = Number.POSITIVE_INFINITY): string[] {
  if (most === Number.POSITIVE_INFINITY) return text.match(PIECE) ?? [];
  const parts: string[] = [];
  for (const [piece] of text.matchAll(PIECE)) {
    if (parts.length >= most) break;
    parts.push(piece);
  }
  return parts;
}

/** Number of tokens of a text: the number of its pieces. */
export function countText(text: string): number {
  PIECE.lastIndex = 0;
  let count = 0;
  while (PIECE.test(text)) count += 1;
  return count;
}

/** Number of tokens of a JSON value without white space. */
export function countJson(value: Json | undefined): number {
  return value === undefined ? 0 : countText(JSON.stringify(value));
}

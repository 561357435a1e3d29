import type { Json } from './wire.js';

/**
 * Words with the blank before them, short runs of digits, blanks, and single signs: pieces of about the size that
 * tokenisers of language models give, never a part of a character.
 */
const PIECE = / ?[\p{L}\p{M}]{1,8}| ?\p{N}{1,3}|\s{1,8}|[\s\S]/gu;

/** Splits text into the pieces that the scripted model produces one after another; joined they are the text. */
export function pieces(text: string): string[] {
  return text.match(PIECE) ?? [];
}

/** Number of tokens of a text: the number of its pieces. */
export function countText(text: string): number {
  PIECE.lastIndex = 0;
  let count = 0;
  while (PIECE.test(text)) count += 1;
  return count;
}

/** Number of tokens of a JSON value: those of its shortest notation. */
export function countJson(value: Json | undefined): number {
  return value === undefined ? 0 : countText(JSON.stringify(value));
}

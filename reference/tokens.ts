import type { Json } from './wire.js';

/**
 * Words with the space before them, short runs of digits, white space, and single characters: pieces of about the size of
 * the tokens of language models, never a part of a character.
 */
const PIECE = / ?[\p{L}\p{M}]{1,8}| ?\p{N}{1,3}|\s{1,8}|[\s\S]/gu;

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const WHITE = 3;
/** Most characters of a piece of each kind, without the space before it. */
const LONGEST = [1, 8, 3, 8];

const SPACE = 0x20;
const ASCII = 128;
/** The kind of every ASCII character, as `PIECE` sees it. */
const KINDS = Uint8Array.from({ length: ASCII }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-z]/i.test(character)) return LETTER;
  if (/\d/.test(character)) return DIGIT;
  return /\s/.test(character) ? WHITE : OTHER;
});

/**
 * Where the piece that begins at `start` ends. ASCII is read here, which takes a fifth of the time of the expression; a piece with another
 * character in it or after it is left to the expression.
 */
export function pieceEnd(text: string, start: number): number {
  let first = start;
  let code = text.charCodeAt(first);
  if (code === SPACE && start + 1 < text.length) {
    const next = text.charCodeAt(start + 1);
    if (next >= ASCII) return matchedEnd(text, start);
    if (KINDS[next] === LETTER || KINDS[next] === DIGIT) {
      first += 1;
      code = next;
    }
  }
  if (code >= ASCII) return matchedEnd(text, start);
  const kind = KINDS[code]!;
  if (kind === OTHER) return start + 1;
  const last = Math.min(text.length, first + LONGEST[kind]!);
  for (let end = first + 1; end < last; end += 1) {
    const further = text.charCodeAt(end);
    if (further >= ASCII) return matchedEnd(text, start);
    if (KINDS[further] !== kind) return end;
  }
  return last;
}

function matchedEnd(text: string, start: number): number {
  PIECE.lastIndex = start;
  PIECE.test(text);
  return PIECE.lastIndex;
}

/** The first `most` pieces of a text: how many there are, and where the last one ends. */
export function headOf(text: string, most: number): { tokens: number; end: number } {
  let tokens = 0;
  let end = 0;
  while (end < text.length && tokens < most) {
    end = pieceEnd(text, end);
    tokens += 1;
  }
  return { tokens, end };
}

/** Number of tokens of a text: the number of its pieces. */
export const countText = (text: string): number => headOf(text, Number.POSITIVE_INFINITY).tokens;

/** Number of tokens of a JSON value without white space. */
export function countJson(value: Json | undefined): number {
  return value === undefined ? 0 : countText(JSON.stringify(value));
}

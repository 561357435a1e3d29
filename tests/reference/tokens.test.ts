import { describe, expect, it } from 'vitest';
import { countText, headOf, pieceEnd } from '../../reference/tokens.js';

/** The definition of a piece; `pieceEnd` reads most of it without an expression. */
const PIECE = / ?[\p{L}\p{M}]{1,8}| ?\p{N}{1,3}|\s{1,8}|[\s\S]/gu;

function pieces(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; start += found.at(-1)!.length)
    found.push(text.slice(start, pieceEnd(text, start)));
  return found;
}

/** The same texts every time: a linear congruential generator. */
function* texts(count: number): Iterable<string> {
  let state = 1;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const characters = [...'  aZ09_-.\n\t\u00a0é\u0301字😀٣\u2028\ud800'];
  for (let index = 0; index < count; index += 1)
    yield Array.from({ length: random(40) }, () =>
      (characters[random(characters.length)] ?? '').repeat(random(11)),
    ).join('');
}

describe('pieces of a text', () => {
  it.each([
    ['Hello, world.', ['Hello', ',', ' world', '.']],
    ['internationalization', ['internat', 'ionaliza', 'tion']],
    ['  12345 6', ['  ', '123', '45', ' 6']],
    ['a  b\n\n c', ['a', '  ', 'b', '\n\n ', 'c']],
    [' 字😀', [' 字', '😀']],
    ['', []],
  ])('of %j', (text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  it('are what the expression matches, for any characters', () => {
    for (const text of texts(3_000)) {
      const expected = text.match(PIECE) ?? [];
      expect(pieces(text), JSON.stringify(text)).toEqual(expected);
      expect(countText(text)).toBe(expected.length);
    }
  });

  it('are counted up to a number of them', () => {
    expect(headOf('one two three', 2)).toEqual({ tokens: 2, end: 'one two'.length });
    expect(headOf('one two three', 9)).toEqual({ tokens: 3, end: 'one two three'.length });
    expect(headOf('one', 0)).toEqual({ tokens: 0, end: 0 });
  });
});

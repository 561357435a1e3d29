import { describe, expect, it } from 'vitest';
import {
  clipColumns,
  columns,
  count,
  duration,
  grouped,
  isWebAddress,
  oneLine,
  where,
  wrap,
} from '../../reporters/text.js';

describe('oneLine', () => {
  it.each([
    ['plain text, ünïcödé, 漢字, 👩‍💻', 'plain text, ünïcödé, 漢字, 👩‍💻'],
    ['a\nb\r\nc\td', 'a␊b␍␊c␉d'],
    ['\u001b[31mred\u0000', '␛[31mred␀'],
    ['left \u202Ethgir', 'left ‹U+202E›thgir'],
    ['c1 \u009b del \u007f', 'c1 ‹U+009B› del ␡'],
    ['\ud800 half', '‹U+D800› half'],
    ['sep\u2028\u2029', 'sep‹U+2028›‹U+2029›'],
  ])('makes %j visible', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it('cuts long texts, says by how much, and never inside a character', () => {
    const rest = 'z'.repeat(30);
    expect(oneLine(`abcdef${rest}`, 4)).toBe('abcd… (32 more characters)');
    expect(oneLine(`abc😀def${rest}`, 4)).toBe('abc… (35 more characters)');
    expect(oneLine('abcd', 4)).toBe('abcd');
  });

  it('keeps whole what is too long by less than the words that would say so', () => {
    expect(oneLine('abcdef', 4)).toBe('abcdef');
    expect(oneLine('z'.repeat(28), 4)).toBe('z'.repeat(28));
    expect(oneLine('z'.repeat(29), 4)).toBe('zzzz… (25 more characters)');
  });
});

describe('where', () => {
  it.each([
    [{ event: 9, offset: 1_882, pointer: '/index' }, 'x/stream, event 9 at byte 1,882, /index'],
    [{ offset: 3 }, 'x/stream, byte 3'],
    [{ header: 'request-id' }, 'x/stream, header request-id'],
    [{ pointer: '' }, 'x/stream, the whole body'],
    [null, 'x/stream'],
  ])('says %j in words', (at, words) => {
    expect(where({ exchange: 'x/stream', at })).toBe(words);
  });

  it('names what no single exchange shows', () => {
    expect(where({ exchange: null, at: null })).toBe('the run as a whole');
  });
});

describe('numbers and durations', () => {
  it.each([
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_940, '59.9 s'],
    [59_999, '1 min'],
    [74_312, '1 min 14 s'],
    [7_200_000, '120 min'],
  ])('says %i ms as %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it('groups thousands and counts nouns', () => {
    expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([count(1, 'request'), count(0, 'request'), count(2_000, 'request')]).toEqual([
      '1 request',
      '0 requests',
      '2,000 requests',
    ]);
  });
});

describe('wrap', () => {
  it('breaks at blanks, and inside words that are longer than a line', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
    expect(wrap('', 10)).toEqual(['']);
  });

  it('counts the columns of a terminal, not characters', () => {
    expect([columns('abc'), columns('漢字'), columns('é'), columns('e\u0301'), columns('😀')]).toEqual([3, 4, 1, 1, 2]);
    expect(wrap('漢字漢字漢字', 6)).toEqual(['漢字漢', '字漢字']);
  });

  it('counts what is drawn as one picture once', () => {
    expect(['👨‍👩‍👧‍👦', '🇩🇪', '👩‍💻', '1️⃣', '👍🏽'].map(columns)).toEqual([2, 2, 2, 2, 2]);
    expect(wrap('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 4)).toEqual(['👨‍👩‍👧‍👦👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦']);
  });

  it('clips a line to so many columns, and says so', () => {
    expect(clipColumns('short', 10)).toBe('short');
    expect(clipColumns('one two three', 8)).toBe('one two…');
    expect(clipColumns('漢字漢字', 6)).toBe('漢字…');
    expect(clipColumns('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 5)).toBe('👨‍👩‍👧‍👦👨‍👩‍👧‍👦…');
  });
});

describe('isWebAddress', () => {
  it.each(['https://a.example/b?c=d#e', 'http://localhost:1234/'])('takes %s', (url) =>
    expect(isWebAddress(url)).toBe(true),
  );
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://a.example/"x',
    'https://a b',
    ' https://a.example',
    'https://a.example/\u001b',
    'HTTPS://\u202ea',
    '',
    null,
    undefined,
  ])('refuses %j', (url) => expect(isWebAddress(url)).toBe(false));
});

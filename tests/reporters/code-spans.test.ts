import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSpans, searchable } from '../../reporters/code-spans.js';
import { proseHtml } from '../../reporters/html/document.js';

describe('code spans', () => {
  it('are what stands between two backticks', () => {
    expect(codeSpans('`input` of a `tool_use` block')).toEqual([
      { code: 'input' },
      ' of a ',
      { code: 'tool_use' },
      ' block',
    ]);
    expect(codeSpans('no code')).toEqual(['no code']);
    expect(codeSpans('')).toEqual(['']);
  });

  it.each([
    ['one without a partner', 'a ` b'],
    ['an empty pair', 'a `` b'],
    ['fences', '```json\n{}\n```'],
    ['white space at an end', 'a ` b` c'],
    ['a line feed between', '`a\nb`'],
  ])('leave backticks that enclose nothing: %s', (_, text) => {
    expect(codeSpans(text)).toEqual([text]);
  });

  it('begin at the next backtick when one has no partner', () => {
    expect(codeSpans("the quote ' ` ' and `stop_reason`")).toEqual(["the quote ' ` ' and ", { code: 'stop_reason' }]);
  });

  it('lose no character of any text', () => {
    const texts = fc.array(fc.constantFrom('`', '``', ' ', '\n', 'a', '<b>')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const whole = codeSpans(text).map((piece) => (typeof piece === 'string' ? piece : `\`${piece.code}\``));
        expect(whole.join('')).toBe(text);
      }),
    );
  });

  it('are escaped in HTML like the text around them', () => {
    expect(proseHtml('a < `<img src=x onerror="y">` \u202e')).toBe(
      'a &lt; <code>&lt;img src=x onerror=&quot;y&quot;&gt;</code> U+202E',
    );
  });

  it('do not hinder the search', () => {
    expect(searchable('`stop_reason` is `Null`')).toBe('stop_reason is null');
  });
});

import { describe, expect, it } from 'vitest';
import { inert, withoutCommands } from '../../core/visible.js';

describe('commands of CI systems in a text', () => {
  it.each([
    '::error::x',
    '  ::set-output name=a::b',
    'a\n::add-mask::b',
    '\u00a0\u3000::error::x',
    '##[error]x',
    'text ##vso[task.x]y',
    '##VSO[task.x]y',
    '##teamcity[x]',
  ])('are broken: %j', (text) => {
    const broken = withoutCommands(text);
    expect(broken).not.toMatch(/^\s*::/m);
    expect(broken).not.toMatch(/##(vso|teamcity)?\[/i);
  });

  it('are told from colons and headings', () => {
    const text = 'http://[::1]:8080 a::b\n## heading';
    expect(withoutCommands(text)).toBe(text);
  });
});

describe('a text that is inert', () => {
  it('shows every character that could act, and keeps lines', () => {
    expect(inert('a\u001b[31mb\rc\u009bd\u202ee\u2066f\n\tg\u0000')).toBe('a␛[31mb␍c‹U+009B›d‹U+202E›e‹U+2066›f\n\tg␀');
  });

  it('keeps colours and links of a reporter where it may, and nothing else', () => {
    const colors = '\u001b[31mred\u001b[39m \u001b]8;;https://a.example/b\u001b\\link\u001b]8;;\u001b\\';
    expect(inert(colors, true)).toBe(colors);
    for (const sequence of [
      '\u001b[2J',
      '\u001b]0;title\u0007',
      '\u001b]8;;file:///etc\u001b\\',
      '\u001bc',
      '\u009b31m',
    ])
      expect(inert(sequence, true)).not.toContain(sequence);
    expect(inert(colors)).not.toContain('\u001b');
  });
});

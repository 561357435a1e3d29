import { describe, expect, it } from 'vitest';
import { markdown } from '../../reporters/markdown.js';
import { bytes, code, fenced, inHtml, link, prose } from '../../reporters/markdown-text.js';
import {
  cleanReport,
  HOSTILE_TEXTS,
  hostileReport,
  largeReport,
  reportOf,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';

/** What Markdown gives a meaning to: the text without fences, code spans and <code> elements. */
function active(text: string): string {
  return text
    .replace(/^(`{3,})[^\n`]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
    .replace(/<code>[^<\n]*<\/code>/g, '');
}

const TAGS = /<\/?(?:details|summary|b|i|code|sub)>/g;
const OUR_LINKS = /\[(?:[^[\]\n]|\\[[\]])*\]\(<https:\/\/[^>\s]*>\)/g;

function dangers(text: string): string[] {
  const rest = active(text).replace(TAGS, '').replace(OUR_LINKS, '');
  return [
    /<[a-z!/]/i,
    /\]\(/,
    /(?<!\\)!\[/,
    /(?<!\\)@\w/,
    /(?<!#)#\d/,
    /^#{1,6} (?!#? ?[❌✅⚠A-Z])/mu,
    /^ {0,3}::/m,
    /https?:\/\//,
    /\$/,
  ]
    .filter((danger) => danger.test(rest))
    .map(
      (danger) =>
        `${danger}: ${rest.match(danger)?.[0]} in ${rest.slice(Math.max(0, rest.search(danger) - 40)).slice(0, 100)}`,
    );
}

describe('the Markdown report', () => {
  it('says the outcome first, then the counts', () => {
    const lines = markdown(sampleReport()).split('\n');
    expect(lines[0]).toBe('## ❌ messages-conformance: failed');
    expect(lines[2]).toContain('`https://gateway.example.com` · model `demo-large` · contract `anthropic`');
    expect(lines).toContain('| core | 2 | 4 | 2 | · | 1 | · | · |');
    expect(lines).toContain('| vision (not claimed, not offered) | · | · | · | 1 | · | · | · |');
    expect(markdown(cleanReport()).split('\n')[0]).toBe('## ✅ messages-conformance: passed');
    const { baseline: _baseline, ...nothing } = reportOf([], []);
    expect(markdown(nothing).split('\n')[0]).toBe('## ⚠️ messages-conformance: incomplete');
  });

  it('folds each failure around its evidence, silent ones first', () => {
    const text = markdown(sampleReport());
    expect(text.indexOf('### Silent failures (2)')).toBeGreaterThan(0);
    expect(text.indexOf('### Silent failures (2)')).toBeLessThan(text.indexOf('### Failures (2)'));
    const block = text.slice(text.indexOf('<code>stream.order.index-consecutive')).split('</details>')[0]!;
    expect(block).toContain(
      'where     tool-forced/stream, event 9 at byte 882, /index\nexpected  index 1\nactual    index 0\n```',
    );
    expect(block).toContain('([Streaming messages](<https://platform.claude.com/docs/en/build-with-claude/streaming>)');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)!.length);
  });

  it('lists known failures with reason, link and date, and lines of the baseline that no longer fit', () => {
    const text = markdown(sampleReport());
    expect(text).toContain(
      '- `http.body.not-json` Fixed in the next release., [tracked](<https://tracker.example.com/7>), until 2026-12-31',
    );
    expect(text).toContain('- stale: stream.frame.json is listed as a known failure but passes now; remove its line.');
  });

  it('counts requirements, not reasons, of what was not judged', () => {
    const results = ['a.one', 'a.two', 'a.three'].map((id, index) =>
      sampleResult(id, index === 2 ? 'error' : 'skipped', { statement: 'x', reason: 'the same' }),
    );
    const text = markdown(
      reportOf([...results, sampleResult('a.four', 'error', { statement: 'x', reason: 'the same' })], []),
    );
    expect(text).toContain('<summary>Not judged (2)</summary>\n\n- 2 skipped: the same\n');
    expect(text).toContain('### Errors (2)\n\n- 2 error: the same\n');
  });

  it('stays below 60 kB for any run, and says what it left out', () => {
    const many = Array.from({ length: 3_000 }, (_, index) =>
      sampleResult(`a.b${index}`, 'fail', { statement: 'x'.repeat(300), reason: '‮<@'.repeat(300) }),
    );
    for (const report of [
      reportOf(many, []),
      largeReport({ results: 5_000 }),
      hostileReport({ longText: 1_000_000 }),
    ]) {
      const text = markdown(report);
      expect(bytes(text)).toBeLessThan(60_000);
      expect(text.endsWith('</sub>\n')).toBe(true);
    }
    const text = markdown(reportOf(many, []));
    const shown = text.match(/^- ?`a\.b/gm)?.length ?? 0;
    expect(text).toContain(
      `Shortened to fit: ${(2_980 - shown).toLocaleString('en-US')} of 2,980 under “More failures”`,
    );
    expect(markdown(sampleReport())).not.toContain('Cut to fit');
  });

  it('gives no meaning to what a target sent', () => {
    expect(dangers(markdown(hostileReport()))).toEqual([]);
    expect(dangers(markdown(sampleReport()))).toEqual([]);
  });
});

describe('text of a target inside Markdown', () => {
  it('notices what this test looks for', () => {
    for (const text of [
      '<img src=x>',
      '[x](javascript:1)',
      '![i](x)',
      'hi @someone',
      'see #1',
      '# heading',
      '::error::x',
      'https://evil.example',
      '$x$',
    ])
      expect(dangers(text), text).not.toEqual([]);
  });

  it.each([...HOSTILE_TEXTS, '`', '``', 'a`b``c', '` `', '', '\n```\n', '|`|', '\\`', '@a', '$$x$$'])(
    'is inert: %j',
    (text) => {
      for (const written of [
        code(text),
        `x ${prose(text)}`,
        inHtml(text),
        fenced([text.replaceAll('\n', ' ')]),
        link(text, text),
      ])
        expect(dangers(written)).toEqual([]);
      expect(code(text)).not.toContain('\n');
    },
  );

  it('keeps a code span closed around runs of backticks of any length', () => {
    expect(code('a`b')).toBe('``a`b``');
    expect(code('``')).toBe('``` `` ```');
    expect(fenced(['````'])).toBe('`````text\n````\n`````');
  });

  it('links to nothing but web addresses', () => {
    expect(link('x', 'https://a.example/b?c=d')).toBe('[x](<https://a.example/b?c=d>)');
    for (const url of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://a.example/>)',
      'https://a b',
      'https://a.example/\u202e',
      null,
    ])
      expect(link('x', url)).toBe('x');
  });
});

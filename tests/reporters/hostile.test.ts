import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { compareReports } from '../../reporters/compare.js';
import { compareJson, compareMarkdown, compareTerminal } from '../../reporters/compare-text.js';
import { REPORTER_NAMES, REPORTERS, type View } from '../../reporters/index.js';
import { bytes } from '../../reporters/markdown-text.js';
import { hostileReport, reportOf, sampleReport, sampleResult } from '../support/sample-report.js';
import { parseXml } from './strict-xml.js';

/** The page has tests of its own. */
const VIEWS: [name: string, view: View][] = REPORTER_NAMES.filter((name) => name !== 'html').flatMap((name) => [
  [name, REPORTERS[name]] as [string, View],
  ...(REPORTERS[name].also ?? []).map((view): [string, View] => [`${name}, ${view.file}`, view]),
]);
const COMPARISONS: [name: string, view: View][] = (
  [
    ['terminal', compareTerminal],
    ['markdown', compareMarkdown],
    ['json', compareJson],
  ] as const
).map(([name, write]) => [
  `comparison, ${name}`,
  { file: null, render: async (report) => write(compareReports(reportOf([], []), report)) },
]);
const ALL = [...VIEWS, ...COMPARISONS];

/** Controls but the line feed, direction marks, invisible characters, unpaired surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not occur
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]|\p{Cf}/u;

/** Any UTF-16 code units, dense in those that mean something somewhere. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '`',
        '<',
        '>',
        '&',
        ']]>',
        '\n',
        '\r',
        '|',
        '@a',
        '#1',
        '::',
        '%',
        '{',
        '}',
        '](',
        '\u001b[31m',
        '\u202e',
        '\u0000',
        '\ud800',
        '\udc00',
        '\uffff',
        '$',
        '\\',
        '"',
        "'",
        '~~~',
        '&#0;',
        '&x;',
        '<!--',
        '##[',
      ),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

function reportAround(text: string): Report {
  const finding = { message: text, expected: text, actual: text, at: { header: text, pointer: text }, exchange: text };
  const results = (['fail', 'warn', 'error', 'declined', 'inconclusive', 'skipped', 'fail'] as const).map(
    (verdict, index) =>
      sampleResult(`a.b${index}`, verdict, {
        statement: text,
        reason: text,
        silent: index === 0,
        findings: [finding, finding],
        source: [{ tag: text, title: text, url: text }],
        reproduce: text,
        ...(index === 6 ? { known: { reason: text, link: text, expires: text } } : {}),
      }),
  );
  const report = reportOf(results, []);
  return {
    ...report,
    target: { ...report.target, baseUrl: text, model: text, contract: text, server: text, apiVersions: [text] },
    run: { ...report.run, interrupted: text, only: [text], startedAt: text },
    notices: [text],
    baseline: { file: text, problems: [{ id: text, problem: 'unknown-id', message: text }] },
  };
}

/** Made once: no reporter changes its report, as a test below shows. */
let made: Report | undefined;
const long = (): Report => {
  made ??= hostileReport({ longText: 10_000_000 });
  return made;
};

describe('every text reporter', () => {
  it.each(ALL)('%s: shows no control character, direction mark or unpaired surrogate', async (_name, view) => {
    const text = await view.render(hostileReport());
    expect(text.match(HIDDEN)).toBeNull();
    expect(text).not.toBe('');
  });

  it.each(ALL)('%s: gives the same text for the same report, and leaves the report alone', async (_name, view) => {
    const report = sampleReport();
    const before = JSON.stringify(report);
    const first = await view.render(report);
    expect(await view.render(report)).toBe(first);
    expect(await view.render(JSON.parse(before))).toBe(first);
    expect(JSON.stringify(report)).toBe(before);
  });

  it.each(ALL)('%s: has something to say of a run without results', async (name, view) => {
    const { baseline: _baseline, ...nothing } = reportOf([], []);
    const text = await view.render({ ...nothing, notices: [], profiles: [] });
    if (name === 'github') expect(text).toBe('');
    else expect(text.trim().length).toBeGreaterThan(20);
  });

  it.each(ALL.filter(([name]) => name !== 'json' && name !== 'comparison, json'))(
    '%s: stays small when a target sends 10 MB',
    async (_name, view) => {
      const text = await view.render(long());
      expect(bytes(text)).toBeLessThan(150_000);
    },
  );

  it('keeps its form around any text', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const report = reportAround(text);
        for (const [name, view] of ALL) {
          const written = await view.render(report);
          expect(written.match(HIDDEN), name).toBeNull();
          if (view.file?.endsWith('.json') || view.file?.endsWith('.sarif') || name === 'comparison, json')
            JSON.parse(written);
          if (view.file?.endsWith('.xml') || view.file?.endsWith('.svg')) parseXml(written);
          if (name === 'github')
            for (const line of written.trimEnd().split('\n'))
              expect(line).toMatch(/^::(error|warning|notice) title=[^:,]*::/);
          if (name === 'terminal') expect(written).not.toMatch(/^\s*::/m);
        }
      }),
      { numRuns: 75 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/protocol.js';
import type { Report, Result } from '../../core/report.js';
import type { Finding } from '../../core/requirement.js';
import { type Comparison, compareReports, hasRegression } from '../../reporters/compare.js';
import { compareJson, compareMarkdown, compareTerminal } from '../../reporters/compare-text.js';
import { compareHtml } from '../../reporters/html-compare.js';
import { bytes } from '../../reporters/markdown-text.js';
import { largeReport, reportOf, sampleReport, sampleResult } from '../support/sample-report.js';

const result = (verdict: Verdict, changes: Partial<Result> = {}): Result =>
  sampleResult('a.b', verdict, { statement: 'It holds.', ...changes });
const seen = (changes: Partial<Finding>): Partial<Result> => ({
  findings: [{ message: 'It is wrong.', expected: 'right', actual: 'wrong', at: null, exchange: 'x/json', ...changes }],
});
const compare = (before: Result[], after: Result[]): Comparison =>
  compareReports(reportOf(before, []), reportOf(after, []));

/** The group that a change of one requirement falls into. */
function groupOf(before: Result, after: Result): string {
  const {
    before: _b,
    after: _a,
    context: _c,
    allowUnjudged: _u,
    unjudged: _j,
    unchanged,
    ...groups
  } = compare([before], [after]);
  const names = Object.entries(groups)
    .filter(([, changes]) => changes.length > 0)
    .map(([name]) => name);
  expect(names.length + unchanged).toBe(1);
  return names[0] ?? 'unchanged';
}

describe('comparing two reports', () => {
  it.each<[Verdict, Verdict, string]>([
    ['pass', 'fail', 'regressions'],
    ['pass', 'warn', 'regressions'],
    ['pass', 'declined', 'regressions'],
    ['warn', 'fail', 'regressions'],
    ['declined', 'fail', 'regressions'],
    ['fail', 'pass', 'fixes'],
    ['fail', 'warn', 'fixes'],
    ['fail', 'declined', 'fixes'],
    ['warn', 'pass', 'fixes'],
    ['declined', 'pass', 'fixes'],
    ['warn', 'declined', 'changed'],
    ['fail', 'skipped', 'lost'],
    ['fail', 'error', 'lost'],
    ['pass', 'inconclusive', 'lostPasses'],
    ['pass', 'skipped', 'lostPasses'],
    ['pass', 'error', 'lostPasses'],
    ['skipped', 'pass', 'found'],
    ['inconclusive', 'fail', 'found'],
    ['skipped', 'error', 'changed'],
    ['skipped', 'skipped', 'unchanged'],
    ['pass', 'pass', 'unchanged'],
    ['fail', 'fail', 'unchanged'],
  ])('%s, then %s: %s', (before, after, group) => {
    expect(groupOf(result(before), result(after))).toBe(group);
  });

  it('takes two runs of the embedded endpoint for runs of one target, whatever the port', () => {
    const embedded = (port: number): Report => {
      const report = reportOf([], []);
      return { ...report, target: { ...report.target, embedded: true, baseUrl: `http://127.0.0.1:${port}` } };
    };
    const { before, context } = compareReports(embedded(40_001), embedded(40_002));
    expect(context).toEqual([]);
    expect(before.baseUrl).toBe('the embedded reference endpoint');
    expect(compareReports(embedded(40_001), reportOf([], [])).context).toHaveLength(1);
  });

  it('calls a failure that became silent a regression', () => {
    expect(groupOf(result('fail'), result('fail', { silent: true }))).toBe('regressions');
    expect(groupOf(result('fail', { silent: true }), result('fail'))).toBe('changed');
  });

  it('keeps regressions that the baseline knows apart, and they do not count', () => {
    const comparison = compare([result('pass')], [result('fail', { known: { reason: 'tracked' } })]);
    expect(comparison.knownRegressions).toHaveLength(1);
    expect(hasRegression(comparison)).toBe(false);
    expect(hasRegression(compare([result('pass')], [result('fail')]))).toBe(true);
  });

  it.each<[string, Partial<Finding>, Partial<Finding>, string]>([
    ['another status', { actual: 'HTTP 500' }, { actual: 'HTTP 404' }, 'changed'],
    ['another place in the body', { at: { pointer: '/a' } }, { at: { pointer: '/b' } }, 'changed'],
    ['another fixture', { exchange: 'x/json' }, { exchange: 'y/json' }, 'changed'],
    ['another transport', { exchange: 'x/json' }, { exchange: 'x/stream' }, 'changed'],
    ['another attempt', { exchange: 'x/json' }, { exchange: 'x/json#2' }, 'unchanged'],
    ['another message id', { actual: 'id msg_01AbCdEfGhIj' }, { actual: 'id msg_99ZzYyXxWwVv' }, 'unchanged'],
    [
      'another event number',
      { message: 'Event 9 is wrong.', at: { event: 9 } },
      { message: 'Event 12 is wrong.', at: { event: 12 } },
      'unchanged',
    ],
    [
      'other words of the model',
      { actual: '"Hello! How can I help you today?"' },
      { actual: '"Hi there, what do you need from me?"' },
      'unchanged',
    ],
    ['another index', { at: { pointer: '/content/0/text' } }, { at: { pointer: '/content/1/text' } }, 'unchanged'],
  ])('evidence with %s is %4$s', (_name, before, after, group) => {
    expect(groupOf(result('fail', seen(before)), result('fail', seen(after)))).toBe(group);
  });

  it('notices another level', () => {
    expect(groupOf(result('fail'), result('fail', { level: 'SHOULD' }))).toBe('changed');
  });

  it('lists requirements that only one report has', () => {
    const comparison = compare(
      [result('pass'), sampleResult('a.old', 'fail', { statement: 'x' })],
      [result('pass'), sampleResult('a.new', 'fail', { statement: 'x' })],
    );
    expect(comparison.added.map(({ id }) => id)).toEqual(['a.new']);
    expect(comparison.gone.map(({ id }) => id)).toEqual(['a.old']);
    expect(hasRegression(comparison)).toBe(false);
  });

  it('finds no improvement in a run that judged nothing, whatever is allowed', () => {
    const diagnosis = { kind: 'down' as const, line: 'It answers 503.', advice: 'Check its log.', tried: [] };
    const dead = {
      ...sampleReport(),
      diagnosis,
      results: sampleReport().results.map((one) => ({
        ...one,
        verdict: 'skipped' as const,
        silent: false,
        findings: [],
      })),
    };
    for (const [comparison, regressed] of [
      [compareReports(dead, dead), false],
      [compareReports(sampleReport(), dead, true), false],
      [compareReports(sampleReport(), dead), true],
    ] as const) {
      expect(hasRegression(comparison)).toBe(regressed);
      expect(comparison.unjudged).toBe('It answers 503.');
      expect(compareTerminal(comparison)).not.toContain('NO REGRESSION');
      expect(compareMarkdown(comparison)).not.toContain('✅');
    }
    expect(compareTerminal(compareReports(dead, dead))).toMatch(/^NOT JUDGED {2}the later run: It answers 503\./m);
    expect(compareReports(dead, sampleReport()).unjudged).toBeNull();
  });

  it('names what differs between the runs, and what of it may change verdicts', () => {
    const report = sampleReport();
    const other: Report = {
      ...report,
      target: { ...report.target, baseUrl: 'https://other.example', contract: 'relax-ai' },
      run: { ...report.run, only: ['stream.*'] },
    };
    expect(compareReports(report, other).context).toEqual([
      { name: 'target', before: 'https://gateway.example.com', after: 'https://other.example', decisive: false },
      { name: 'contract', before: 'anthropic', after: 'relax-ai', decisive: true },
      { name: '--only', before: 'none', after: 'stream.*', decisive: true },
    ]);
    expect(compareReports(report, sampleReport()).context).toEqual([]);
  });

  it('finds nothing between a report and itself', () => {
    const { unchanged, regressions, fixes, changed } = compareReports(largeReport(), largeReport());
    expect({ unchanged, regressions, fixes, changed }).toEqual({
      unchanged: 300,
      regressions: [],
      fixes: [],
      changed: [],
    });
  });
});

describe('passes that are not judged any more', () => {
  const ids = Array.from({ length: 98 }, (_, index) => `a.b${index}`);
  const all = (verdict: Verdict) => ids.map((id) => sampleResult(id, verdict, { statement: 'x' }));

  it.each([
    ['inconclusive', all('inconclusive')],
    ['skipped', all('skipped')],
    ['error', all('error')],
    ['gone', []],
  ] as const)('count as a loss: %s', (_name, after) => {
    const comparison = compare(all('pass'), [...after]);
    expect(comparison.lostPasses.length).toBe(98);
    expect(hasRegression(comparison)).toBe(true);
    expect(compareTerminal(comparison)).toContain('WORSE  98 passes lost');
    expect(compareMarkdown(comparison)).toContain('## ❌ messages-conformance: 98 passes lost');
    expect(compareHtml(comparison)).toContain('98 passes lost');
    expect(JSON.parse(compareJson(comparison)).lostPasses).toHaveLength(98);
  });

  it('are taken where the user wants it, and shown all the same', () => {
    const before = reportOf(all('pass'), []);
    const comparison = compareReports(before, reportOf(all('skipped'), []), true);
    expect(hasRegression(comparison)).toBe(false);
    expect(compareTerminal(comparison)).toMatch(/LOST PASSES 98 .*\n[\s\S]*NO REGRESSION {2}98 passes lost/);
  });

  it('that did not pass before are no loss', () => {
    expect(hasRegression(compare(all('fail'), all('skipped')))).toBe(false);
    expect(hasRegression(compare(all('fail'), []))).toBe(false);
  });
});

describe('a comparison as text', () => {
  const comparison = compare(
    [
      result('pass'),
      sampleResult('a.fixed', 'fail', { statement: 'x' }),
      sampleResult('a.lost', 'pass', { statement: 'x' }),
    ],
    [
      result('fail', { silent: true, reason: 'It is wrong.', ...seen({ at: { event: 2 } }) }),
      sampleResult('a.fixed', 'pass', { statement: 'x' }),
      sampleResult('a.lost', 'skipped', { statement: 'x', reason: 'not selected' }),
    ],
  );

  it('shows regressions with their evidence first', () => {
    const text = compareTerminal(comparison);
    expect(text).toMatch(
      /REGRESSIONS 1\n {2}✗ a\.b +pass → silent fail\n {4}It is wrong\.\n {4}where {6}x\/json, event 2\n {4}expected {3}right\n {4}actual {5}wrong\n {4}reproduce {2}messages-conformance run /,
    );
    expect(text).toMatch(/FIXES 1\n {2}✓ a\.fixed +fail → pass\n/);
    expect(text).toMatch(/LOST PASSES 1 .*\n {2}\? a\.lost +pass → skipped\n/);
    expect(text.trimEnd().split('\n').at(-1)).toBe('WORSE  1 regression · 1 pass lost · 1 fixed · 0 unchanged');
    expect(compareTerminal(comparison, { quiet: true })).toBe(
      'WORSE  1 regression · 1 pass lost · 1 fixed · 0 unchanged\n',
    );
    expect(compareTerminal(compareReports(sampleReport(), sampleReport())).trimEnd().split('\n').at(-1)).toBe(
      'NO REGRESSION  14 unchanged',
    );
  });

  it('is Markdown below 60 kB whatever the size', () => {
    expect(compareMarkdown(comparison)).toContain('## ❌ messages-conformance: 1 regression');
    expect(compareMarkdown(comparison)).toContain('- `a.b` pass → silent fail: It is wrong.');
    const many = (verdict: Verdict) =>
      reportOf(
        Array.from({ length: 5_000 }, (_, index) =>
          sampleResult(`a.b${index}`, verdict, { statement: 'x', reason: '\u202e'.repeat(200) }),
        ),
        [],
      );
    const text = compareMarkdown(compareReports(many('pass'), many('fail')));
    expect(bytes(text)).toBeLessThan(60_000);
    expect(text).toMatch(/Shortened to fit: [\d,]+ of 5,000 under “Regressions”/);
  });

  it('is JSON for programs', () => {
    const value = JSON.parse(compareJson(comparison));
    expect(value.regressions[0]).toMatchObject({
      id: 'a.b',
      before: { verdict: 'pass' },
      after: { verdict: 'fail', silent: true },
    });
    expect(value).toMatchObject({ unchanged: 0, fixes: [{ id: 'a.fixed' }], lostPasses: [{ id: 'a.lost' }] });
  });
});

describe('new failures', () => {
  it('stand out in colour, also where a group is neither better nor worse', () => {
    const text = compareTerminal(compare([], [result('fail'), { ...result('pass'), id: 'c.d' }]), { color: true });
    const lines = text.split('\n');
    expect(lines.find((line) => line.includes('a.b'))).toContain('\u001b[31m');
    expect(lines.find((line) => line.includes('c.d'))).not.toContain('\u001b[31m');
  });
});

import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/protocol.js';
import type { Report, Result } from '../../core/report.js';
import { outcome } from '../../reporters/outcome.js';
import {
  applyBaseline,
  type Baseline,
  baselineText,
  parseBaseline,
  updateBaseline,
} from '../../runner/report/baseline.js';
import { violations } from '../../validation/index.js';
import { reportOf, sampleReport, sampleResult } from '../support/sample-report.js';

const TODAY = '2026-11-23';
const result = (id: string, verdict: Verdict, reason = ''): Result =>
  sampleResult(id, verdict, { statement: 'x', reason });
const reportWith = (...results: Result[]): Report => {
  const { baseline: _baseline, ...report } = reportOf(results, []);
  return report;
};
const strict = (report: Report): Report => ({ ...report, run: { ...report.run, strict: true } });
const listing = (...ids: string[]): Baseline => ({ known: ids.map((id) => ({ id, reason: 'tracked' })) });
const problems = (report: Report) => report.baseline?.problems.map(({ id, problem }) => `${problem} ${id}`);

describe('a report held against a baseline', () => {
  it('marks known failures with reason, link and date, and does not fail for them', () => {
    const line = { id: 'a.b', reason: 'fixed soon', link: 'https://tracker.example/1', expires: '2026-12-31' };
    const report = applyBaseline(
      reportWith(result('a.b', 'fail'), result('a.c', 'pass')),
      { known: [line] },
      TODAY,
      'known.json',
    );
    expect(report.results[0]!.known).toEqual({
      reason: 'fixed soon',
      link: 'https://tracker.example/1',
      expires: '2026-12-31',
    });
    expect(report.summary).toMatchObject({ fail: 1, known: 1 });
    expect(report.baseline).toEqual({ file: 'known.json', problems: [] });
    expect(outcome(report)).toBe('passed');
  });

  it('still fails for a failure that is not listed', () => {
    const report = applyBaseline(reportWith(result('a.b', 'fail'), result('a.c', 'fail')), listing('a.b'), TODAY);
    expect(outcome(report)).toBe('failed');
  });

  it('fails for a line whose requirement passes now', () => {
    const report = applyBaseline(reportWith(result('a.b', 'pass')), listing('a.b'), TODAY);
    expect(report.baseline?.problems).toEqual([
      { id: 'a.b', problem: 'stale', message: 'a.b is listed as a known failure but passes now; remove its line' },
    ]);
    expect(outcome(report)).toBe('failed');
  });

  it.each<Verdict>(['warn', 'declined', 'inconclusive', 'skipped', 'error'])(
    'does not call a line stale whose requirement is %s',
    (verdict) => {
      const report = applyBaseline(reportWith(result('a.b', verdict), result('a.c', 'pass')), listing('a.b'), TODAY);
      expect(problems(report)).toEqual([]);
      expect(report.results[0]!.known).toBeUndefined();
    },
  );

  it('accepts a line on its last day, and fails the day after, when the failure counts again', () => {
    const baseline = { known: [{ id: 'a.b', reason: 'x', expires: TODAY }] };
    const report = reportWith(result('a.b', 'fail'));
    expect(problems(applyBaseline(report, baseline, TODAY))).toEqual([]);
    const later = applyBaseline(report, baseline, '2026-11-24T00:00:01Z');
    expect(problems(later)).toEqual(['expired a.b']);
    expect(later.results[0]!.known).toBeUndefined();
    expect(later.summary.known).toBe(0);
  });

  it('names the nearest id for one that does not exist', () => {
    const report = applyBaseline(
      reportWith(result('stream.order.message-stop-last', 'fail')),
      listing('stream.order.message-stop-lst'),
      TODAY,
    );
    expect(report.baseline?.problems[0]).toEqual({
      id: 'stream.order.message-stop-lst',
      problem: 'unknown-id',
      message: 'stream.order.message-stop-lst is no requirement; did you mean "stream.order.message-stop-last"?',
    });
  });

  it('knows warnings in a strict run, where they are failures', () => {
    const report = strict(reportWith(result('a.b', 'warn'), result('a.c', 'pass')));
    expect(outcome(report)).toBe('failed');
    const held = applyBaseline(report, listing('a.b'), TODAY);
    expect(held.results[0]!.known).toEqual({ reason: 'tracked' });
    expect(outcome(held)).toBe('passed');
  });

  it('replaces what an earlier baseline said, and leaves the given report alone', () => {
    const report = sampleReport();
    const before = JSON.stringify(report);
    const held = applyBaseline(report, { known: [] }, TODAY);
    expect(held.results.some(({ known }) => known !== undefined)).toBe(false);
    expect(held.summary.known).toBe(0);
    expect(JSON.stringify(report)).toBe(before);
    expect(violations('report', JSON.parse(JSON.stringify(held)))).toEqual([]);
  });
});

describe('a baseline made from a report', () => {
  it('keeps lines as they are, adds new failures, and drops what passes or does not exist', () => {
    const previous: Baseline = {
      comment: 'ours',
      known: [
        { id: 'a.kept', reason: 'fixed soon', link: 'https://tracker.example/1', expires: '2027-01-01' },
        { id: 'a.passes', reason: 'x' },
        { id: 'a.unknown', reason: 'x' },
        { id: 'a.skipped', reason: 'not judged today' },
      ],
    };
    const report = reportWith(
      result('a.kept', 'fail'),
      result('a.passes', 'pass'),
      result('a.skipped', 'skipped'),
      result('a.new', 'fail', 'HTTP 500'),
      result('a.warn', 'warn'),
    );
    const baseline = updateBaseline(report, previous);
    expect(baseline.comment).toBe('ours');
    expect(baseline.known).toEqual([
      { id: 'a.kept', reason: 'fixed soon', link: 'https://tracker.example/1', expires: '2027-01-01' },
      { id: 'a.skipped', reason: 'not judged today' },
      { id: 'a.new', reason: 'Seen on 2026-11-20: HTTP 500' },
    ]);
    expect(updateBaseline(strict(report), null).known.map(({ id }) => id)).toEqual(['a.kept', 'a.new', 'a.warn']);
  });

  it('makes the run that wrote it pass', () => {
    const report = sampleReport();
    const baseline = updateBaseline(report, null);
    expect(outcome(applyBaseline(report, baseline, TODAY))).toBe('passed');
  });

  it('is a file that can be read back, a line for each requirement', () => {
    const baseline = updateBaseline(sampleReport(), null);
    const text = baselineText(baseline);
    expect(parseBaseline(text, violations)).toEqual({ baseline });
    expect(text.split('\n').filter((line) => line.startsWith('    {"id":'))).toHaveLength(5);
    expect(parseBaseline(baselineText({ known: [] }), violations)).toEqual({ baseline: { known: [] } });
  });

  it('quotes what a target sent as one visible line', () => {
    const [line] = updateBaseline(reportWith(result('a.b', 'fail', '\u001b[31m\u202e\n'.repeat(1_000))), null).known;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not occur
    expect(line!.reason).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(line!.reason.length).toBeLessThan(2_500);
  });
});

describe('reading a baseline', () => {
  it.each([
    ['text', 'hello', /^this is not JSON: /],
    ['a list', '[]', /object/],
    ['a line without a reason', '{"known":[{"id":"a.b"}]}', /reason/],
    ['a member that does not exist', '{"known":[{"id":"a.b","reason":"x","until":"2026-01-01"}]}', /until/],
    [
      'a date that does not exist',
      '{"known":[{"id":"a.b","reason":"x","expires":"2026-02-30"}]}',
      /\/known\/0\/expires/,
    ],
    ['a link that is none', '{"known":[{"id":"a.b","reason":"x","link":"javascript:alert(1)"}]}', /\/known\/0\/link/],
    [
      'an id listed twice',
      '{"known":[{"id":"a.b","reason":"x"},{"id":"a.b","reason":"y"}]}',
      '"a.b" is listed twice; keep one of the lines',
    ],
  ])('refuses %s, with the reason', (_name, text, problem) => {
    const reading = parseBaseline(text, violations);
    expect(reading.baseline).toBeUndefined();
    if (typeof problem === 'string') expect(reading.problem).toBe(problem);
    else expect(reading.problem).toMatch(problem);
  });
});

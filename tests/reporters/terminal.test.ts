import { describe, expect, it } from 'vitest';
import type { Report, Result } from '../../core/report.js';
import { terminal } from '../../reporters/terminal.js';
import { columns } from '../../reporters/text.js';
import {
  cleanReport,
  hostileReport,
  largeReport,
  reportOf,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';

const lastLines = (text: string, number: number) => text.trimEnd().split('\n').slice(-number);
const withResults = (report: Report, change: (result: Result) => Result): Report =>
  reportOf(report.results.map(change), report.exchanges);

describe('the terminal report', () => {
  it('says who was judged, by what and how', () => {
    const text = terminal(sampleReport(), { width: 100 });
    expect(text.split('\n')[0]).toMatch(/^https:\/\/gateway\.example\.com +messages-conformance 0\.1\.0$/);
    expect(text.split('\n')[1]).toBe(
      'model demo-large · contract anthropic · version 2023-06-01, 2026-10-21 · server gateway/2.4.1',
    );
  });

  it('counts by profile in aligned columns, without columns that are empty', () => {
    const lines = terminal(cleanReport()).split('\n');
    const heading = lines.findIndex((line) => line.startsWith('profile'));
    expect(lines[heading]).toBe('profile  pass  fail  warn');
    expect(lines[heading + 1]).toBe('core        9     ·     ·');
    expect(lines.slice(heading).find((line) => line.startsWith('all'))).toBe('all        14     ·     ·');
  });

  it('puts silent failures before the others, and these before warnings', () => {
    const text = terminal(sampleReport());
    const order = [
      'SILENT FAILURES 2',
      'req.system.array',
      '\nFAILURES 2',
      'resp.usage.ints',
      'ERRORS 1',
      'WARNINGS 2',
      'KNOWN 1',
      'NOT JUDGED 4',
      'BASELINE 1',
    ];
    const places = order.map((word) => text.indexOf(word));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('shows of a failure where it is, what was expected, what came, where the rule stands and how to see it again', () => {
    const text = terminal(sampleReport());
    const block = text.slice(text.indexOf('✗ stream.order.index-consecutive')).split('\n\n')[0]!;
    expect(block).toContain('where      tool-forced/stream, event 9 at byte 882, /index');
    expect(block).toContain('expected   index 1');
    expect(block).toContain('actual     index 0');
    expect(block).toContain('https://platform.claude.com/docs/en/build-with-claude/streaming');
    expect(block).toContain('oMLX: the Python client raises IndexError');
    expect(block).toContain(
      'reproduce  messages-conformance run --url https://gateway.example.com --model demo-large --only stream.order.index-consecutive',
    );
  });

  it('ends with the outcome, the counts, the cost and the place of the report', () => {
    expect(lastLines(terminal(sampleReport(), { out: 'conformance-report/', width: 100 }), 4)).toEqual([
      'FAILED  5 failed (2 silent, 1 known) · 1 error · 2 warnings · 2 passed · 4 not judged',
      '30 of 32 required judged · not offered: vision',
      '10 requests · 48,211 tokens in, 9,870 out · 1 min 14 s',
      'report in conformance-report/index.html',
    ]);
    expect(lastLines(terminal(cleanReport()), 2)[0]).toBe(
      'PASSED  14 passed · 30 of 32 required judged · not offered: vision',
    );
  });

  it('calls a run without executed requirements incomplete, and so one that ended early', () => {
    const { baseline: _baseline, ...nothing } = reportOf([], []);
    expect(terminal(nothing)).toContain('\nINCOMPLETE  nothing was judged, so nothing is known\n');
    const report = cleanReport();
    const stopped = terminal({ ...report, run: { ...report.run, interrupted: 'the token limit was reached' } });
    expect(stopped).toContain('the token limit was reached');
    expect(stopped).toMatch(/^INCOMPLETE {2}the token limit was reached$/m);
  });

  it('fails a strict run for a warning', () => {
    const report = withResults(cleanReport(), (result) =>
      result.id === 'batch.create' ? { ...result, verdict: 'warn' } : result,
    );
    const { baseline: _baseline, ...open } = report;
    expect(lastLines(terminal(open), 2)[0]).toMatch(/^PASSED {2}1 warning/);
    const strict = terminal({ ...open, run: { ...open.run, strict: true } });
    expect(lastLines(strict, 2)[0]).toMatch(/^FAILED {2}1 warning/);
    expect(strict).toContain('they fail this run: --strict');
  });

  it('groups what was not judged by reason, and lists it when asked', () => {
    const results = ['a.one', 'a.two', 'a.three'].map((id, index) =>
      sampleResult(id, 'skipped', { statement: 'x', reason: index === 2 ? 'nothing to look at' : 'not selected' }),
    );
    const text = terminal(reportOf(results, []));
    expect(text).toMatch(/skipped 3\n {4}2 {2}not selected\n {4}1 {2}nothing to look at\n/);
    expect(text).not.toContain('a.two');
    expect(terminal(reportOf(results, []), { verbose: true })).toContain('a.two');
  });

  it('gives details of the first failures only, unless asked for all', () => {
    const results = Array.from({ length: 60 }, (_, index) =>
      sampleResult(`a.b${index}`, 'fail', { statement: 'x', reason: `reason ${index}` }),
    );
    const report = reportOf(results, []);
    const commands = (text: string) => text.split('\n').filter((line) => line.includes('reproduce')).length;
    expect(commands(terminal(report))).toBe(25);
    expect(terminal(report)).toContain('and 35 more; --verbose shows them in full');
    expect(terminal(report)).toContain('✗ a.b59  reason 59');
    expect(commands(terminal(report, { verbose: true }))).toBe(60);
  });

  it('is a line for each new failure and one for the run when quiet', () => {
    const lines = terminal(sampleReport(), { quiet: true }).trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/✗ req\.system\.array {2}the string steers the reply/);
    expect(lines.join()).not.toContain('http.body.not-json');
    expect(terminal(cleanReport(), { quiet: true })).toBe(
      'PASSED  14 passed · 30 of 32 required judged · not offered: vision\n',
    );
  });

  it.each([72, 80, 100, 140])(
    'keeps paragraphs within %i columns, and only what is to be copied runs over',
    (width) => {
      const lines = terminal(sampleReport(), { width }).split('\n');
      const long = lines.filter((line) => columns(line) > Math.min(width, 110));
      for (const line of long) expect(line).toMatch(/https?:\/\/|reproduce|✗ /);
      expect(lines.some((line) => columns(line) > Math.min(width, 110) - 20)).toBe(true);
    },
  );

  it('colours only when asked to, and hides nothing behind colours', () => {
    const plain = terminal(sampleReport());
    expect(plain).not.toContain('\u001b');
    const coloured = terminal(sampleReport(), { color: true });
    expect(coloured).toContain('\u001b[31m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of colours
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  it('writes sources as hyperlinks for terminals that can do it', () => {
    const text = terminal(sampleReport(), { links: true });
    expect(text).toContain(
      '\u001b]8;;https://platform.claude.com/docs/en/api/messages\u001b\\Messages API reference\u001b]8;;\u001b\\',
    );
    expect(terminal(hostileReport(), { links: true })).not.toContain('\u001b]8;;javascript');
  });

  it('gives no line that a CI system would take for a command', () => {
    const report = reportOf(
      [
        sampleResult('a.b', 'fail', {
          statement: `${'word '.repeat(14)} ::add-mask::x`,
          reason: '##vso[task.setvariable variable=x]y ##[error]z ##teamcity[x]',
          findings: [
            {
              message: '::error::x',
              expected: '',
              actual: `${'A'.repeat(62)} ::stop-commands::x`,
              at: null,
              exchange: null,
            },
          ],
        }),
      ],
      [],
    );
    for (const width of [60, 65, 70, 75, 80, 85, 90]) {
      const text = terminal(report, { width });
      expect(text).not.toMatch(/^\s*::/m);
      expect(text).not.toMatch(/##(vso|teamcity)?\[/);
    }
  });

  it('stays short for a run of any size', () => {
    expect(terminal(largeReport()).split('\n').length).toBeLessThan(400);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compareReports } from '../../reporters/compare.js';
import { matrixData, resultOf } from '../../reporters/html/matrix-data.js';
import { compareHtml } from '../../reporters/html-compare.js';
import { matrixHtml } from '../../reporters/html-matrix.js';
import { cleanReport, hostileReport, sampleReport, targetReports } from '../support/sample-report.js';

const entry = (name: string, report = sampleReport()) => ({ name, report, page: null });

describe.each([
  ['two runs', compareHtml(compareReports(cleanReport(), sampleReport()))],
  ['many targets', matrixHtml([entry('one'), entry('two', cleanReport())])],
])('the page of %s', (_name, page) => {
  it('allows nothing but its own script and style, and loads nothing', () => {
    const hashes = [...page.matchAll(/'(sha256-[^']+)'/g)].map((match) => match[1]);
    const texts = [/<script>([\s\S]*?)<\/script>/, /<style>([\s\S]*?)<\/style>/].map((part) => part.exec(page)![1]!);
    expect(hashes).toEqual(texts.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`));
    expect(page).toContain("default-src 'none'");
    expect(/\ssrc=|<iframe|@import/.test(page.replaceAll(/<script[\s\S]*?<\/script>/g, ''))).toBe(false);
  });

  it('lists everything without script', () => {
    const plain = /<noscript>([\s\S]*?)<\/noscript>/.exec(page)![1]!;
    expect(plain).toContain('stream.order.index-consecutive');
    expect(plain).toContain('<table>');
  });
});

describe('hostile text', () => {
  it.each([
    ['two runs', compareHtml(compareReports(sampleReport(), hostileReport()))],
    ['many targets', matrixHtml([entry('</script><script>', hostileReport())])],
  ])('cannot begin or end an element on the page of %s', (_name, page) => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(/<img|<!--/.test(page)).toBe(false);
  });

  it('of 10 MB stays small on both', () => {
    const huge = hostileReport({ longText: 10_000_000 });
    expect(compareHtml(compareReports(sampleReport(), huge)).length).toBeLessThan(3_000_000);
    expect(matrixHtml([entry('huge', huge), entry('sample')]).length).toBeLessThan(3_000_000);
  });
});

describe('the matrix', () => {
  it('has every requirement once, with an empty cell where a report does not have it', () => {
    const reports = targetReports(4, { results: 100, exchanges: 20 });
    const { rows, targets } = matrixData(reports.map((report, index) => entry(`t${index}`, report)));
    expect(targets.map(({ name }) => name)).toEqual(['t0', 't1', 't2', 't3']);
    expect(rows.map(({ id }) => id)).toEqual(reports[0]!.results.map(({ id }) => id));
    for (const [column, report] of reports.entries()) {
      const verdicts = new Map(report.results.map(({ id, verdict }) => [id, verdict]));
      for (const { id, cells } of rows) expect(cells[column]?.verdict).toBe(verdicts.get(id));
    }
  });

  it('keeps the evidence of what did not pass', () => {
    const report = sampleReport();
    const { rows, targets } = matrixData([entry('one', report)]);
    const row = rows.find(({ id }) => id === 'stream.order.index-consecutive')!;
    const result = resultOf(row, row.cells[0]!);
    const original = report.results.find(({ id }) => id === row.id)!;
    expect(result).toMatchObject({ statement: original.statement, findings: original.findings, tries: 1 });
    expect(targets[0]!.exchanges.map(({ id }) => id)).toContain('tool-forced/stream');
  });

  it('keeps exchanges that show what passed, as many as there is room for', () => {
    const shown = (targets: number) => {
      const data = matrixData(targetReports(targets).map((report, index) => entry(`t${index}`, report)));
      const passed = data.rows.flatMap(({ cells }) => cells[0] ?? []).filter(({ verdict }) => verdict === 'pass');
      expect(passed.length).toBeGreaterThan(100);
      return passed.filter(({ exchanges }) => (exchanges?.length ?? 0) > 0).length / passed.length;
    };
    expect(shown(2)).toBe(1);
    expect(shown(30)).toBeGreaterThan(0.3);
    expect(shown(30)).toBeLessThan(1);
  });

  it('of ten targets stays below 4 MB', () => {
    const page = matrixHtml(targetReports(10).map((report, index) => entry(`t${index}`, report)));
    expect(page.length).toBeLessThan(4_000_000);
  });
});

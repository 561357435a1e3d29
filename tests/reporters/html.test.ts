import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import type { PageData } from '../../reporters/html/data.js';
import { framesOf } from '../../reporters/html/page/timeline-model.js';
import { html } from '../../reporters/html.js';
import {
  cleanReport,
  hostileReport,
  largeReport,
  reportOf,
  sampleExchange,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';

const elements = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1]!);

const dataOf = (page: string): PageData => JSON.parse(elements(page, 'script')[0]!);
const sha256 = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** A report with one exchange that one failure points to. */
function reportWith(
  body: string,
  at: Report['results'][number]['findings'][number]['at'],
  contentType: string,
): Report {
  const exchange = sampleExchange(
    'case/stream',
    { model: 'm' },
    {
      status: 200,
      headers: [['content-type', contentType]],
      body,
      chunks: [{ bytes: Buffer.byteLength(body), atMs: 5 }],
    },
  );
  const finding = { message: 'm', expected: 'e', actual: 'a', at, exchange: exchange.id };
  return reportOf([sampleResult('some.case', 'fail', { statement: 's', findings: [finding] })], [exchange]);
}

describe('the file', () => {
  const page = html(sampleReport());

  it('is one HTML document with a language, a character set and a title that says the outcome', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('<meta charset="utf-8">');
    expect(elements(page, 'title')).toEqual([
      'Failed: 5 failures (2 silent, 1 known) · https://gateway.example.com · Messages API conformance',
    ]);
  });

  it('allows nothing but its own script and style, by their hashes', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    const [, script] = elements(page, 'script');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src '${sha256(script!)}'`,
      `style-src '${sha256(elements(page, 'style')[0]!)}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it('loads nothing: no source, no import, no address in its style', () => {
    const [style] = elements(page, 'style');
    expect(style).not.toMatch(/url\(|@import|@font-face/);
    expect(/\ssrc=|<iframe|<object|<embed/.test(page.replaceAll(/<script[\s\S]*?<\/script>/g, ''))).toBe(false);
    expect([...page.matchAll(/<link[^>]*href="([^"]*)"/g)].map((match) => match[1]!.slice(0, 5))).toEqual(['data:']);
  });

  it('needs at most 125 kB beside its data', () => {
    const empty = html({ ...sampleReport(), results: [], exchanges: [], notices: [] });
    expect(Buffer.byteLength(empty)).toBeLessThan(125_000);
  });

  it('needs at most 3 MB for 300 requirements and 200 exchanges', () => {
    const large = html(largeReport());
    expect(dataOf(large).results).toHaveLength(300);
    expect(dataOf(large).exchanges).toHaveLength(200);
    expect(Buffer.byteLength(large)).toBeLessThan(3_000_000);
  });

  it('is the same for the same report', () => {
    expect(html(sampleReport()) === page).toBe(true);
  });
});

describe('without script', () => {
  it('says the outcome and lists every requirement, silent failures first', () => {
    const report = sampleReport();
    const [plain] = elements(html(report), 'noscript');
    expect(plain).toContain('Failed: 5 failures (2 silent, 1 known)');
    const ids = [...plain!.matchAll(/<th scope="row"><bdi>([^<]*)/g)].map((match) => match[1]);
    expect(ids).toHaveLength(report.results.length);
    expect(ids.slice(0, 3)).toEqual(['req.system.array', 'stream.order.index-consecutive', 'resp.usage.ints']);
  });

  it('says that all is well when all is well', () => {
    expect(elements(html(cleanReport()), 'noscript')[0]).toContain('Passed: all 14 judged requirements');
  });
});

describe('text that a target chose', () => {
  const page = html(hostileReport({ longText: 50_000 }));

  it('cannot end or begin an element', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(/<img|<!--/.test(page)).toBe(false);
    expect(elements(page, 'noscript')).toHaveLength(1);
  });

  it('arrives whole as data', () => {
    const report = hostileReport();
    const data = dataOf(html(report));
    expect(data.notices).toEqual(report.notices.map((notice) => notice));
    expect(data.results[0]!.statement).toBe(report.results[0]!.statement);
  });

  it('leaves no character in the source that hides or reorders text', () => {
    expect(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u.exec(page)?.index).toBeUndefined();
  });

  it('does not become a prototype', () => {
    dataOf(page);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('of 10 MB does not make the file larger than a browser opens at once', () => {
    const huge = html(hostileReport({ longText: 10_000_000 }));
    expect(Buffer.byteLength(huge)).toBeLessThan(3_000_000);
    expect(huge.includes('characters more')).toBe(true);
  });
});

describe('what is cut', () => {
  const events = 20_000;
  const frame = (index: number) => `event: content_block_delta\ndata: {"type":"x","n":${index},"text":"größer"}\n\n`;
  const body = Array.from({ length: events }, (_, index) => frame(index + 1)).join('');
  const offset = Buffer.byteLength(Array.from({ length: 12_344 }, (_, index) => frame(index + 1)).join(''));

  it.each([
    ['its number', { event: 12_345 }],
    ['its offset', { offset: offset + 3 }],
  ])('keeps the event that a finding names by %s, with the right number and place', (_, at) => {
    const page = html(reportWith(body, at, 'text/event-stream'));
    expect(page.length).toBeLessThan(1_000_000);
    const frames = framesOf(dataOf(page).exchanges[0]!.response!);
    const kept = frames.find(({ number }) => number === 12_345);
    expect(kept).toMatchObject({ offset, raw: frame(12_345) });
    expect(frames.at(-1)).toMatchObject({ number: events, end: Buffer.byteLength(body) });
    expect(frames[0]).toMatchObject({ number: 1, offset: 0 });
  });

  it('keeps the shape of long JSON and shortens its strings', () => {
    const page = html(
      reportWith(JSON.stringify({ a: 'x'.repeat(900_000), usage: { input_tokens: 5 } }), null, 'application/json'),
    );
    const response = dataOf(page).exchanges[0]!.response!;
    expect(response.shortened).toBe(true);
    expect(JSON.parse(response.pieces[0]!.text).usage).toEqual({ input_tokens: 5 });
    expect(response.bytes).toBe(900_035);
  });

  it('gives back the curl line that the report holds', async () => {
    const { insideQuotes } = await import('../../core/shell.js');
    const report = sampleReport();
    for (const [index, exchange] of dataOf(html(report)).exchanges.entries()) {
      const line = exchange.curl!.join(insideQuotes(exchange.request.body ?? ''));
      expect(line).toBe(report.exchanges[index]!.curl);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { visible } from '../../core/visible.js';
import { pageData } from '../../reporters/html/data.js';
import { headline } from '../../reporters/html/headline.js';
import { matcher, NO_FILTERS, readHash, searchTexts, writeHash } from '../../reporters/html/page/filters.js';
import { jsonLines, locate } from '../../reporters/html/page/json-lines.js';
import { foldRuns, joinedGist, scaleOf, timelineOf } from '../../reporters/html/page/timeline-model.js';
import { arrivals, scanFrames } from '../../reporters/html/scan.js';
import { readStream } from '../../runner/read/sse.js';
import { anyText } from '../support/arbitrary.js';
import { sampleReport } from '../support/sample-report.js';

const data = pageData(sampleReport());
const exchange = (id: string) => data.exchanges.find((candidate) => candidate.id === id)!;
const marksOf = (id: string) =>
  data.results.flatMap(({ id: requirement, findings }) =>
    findings.filter((finding) => finding.exchange === id).map((finding) => ({ finding, requirement })),
  );

describe('frames for showing', () => {
  const lines = fc.constantFrom(
    'event: ping',
    'data: {"type":"ping"}',
    'data:',
    ': note',
    '',
    ' stray',
    'id: 7',
    'data: ü😀',
    'event:',
  );
  const ends = fc.constantFrom('\n', '\r\n', '\r');

  it('are those that judges see: same places, numbers, fields and times', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(lines, ends)), fc.boolean(), fc.nat(12), (parts, bom, split) => {
        const bytes = new TextEncoder().encode((bom ? '\ufeff' : '') + parts.map(([line, end]) => line + end).join(''));
        const chunks = [
          { bytes: Math.min(split, bytes.length), atMs: 1 },
          { bytes: Math.max(0, bytes.length - split), atMs: 2 },
        ];
        const reads = chunks.flatMap((chunk) => [chunk.bytes, chunk.atMs]);
        const shown = scanFrames(bytes, { arrival: arrivals(reads) });
        const judged = readStream(bytes, chunks);
        expect(shown.map(({ raw: _raw, cut: _cut, number: _number, ...frame }) => frame)).toEqual(judged.frames);
        expect(shown.flatMap(({ number }) => number ?? [])).toEqual(judged.events.map(({ number }) => number));
      }),
    );
  });

  it('of bytes that are no UTF-8 can be looked at', () => {
    const [frame] = scanFrames(Uint8Array.from([...Buffer.from('data: '), 0xff, 0xfe, 10, 10]));
    expect(frame).toMatchObject({ data: '\ufffd\ufffd', end: 10 });
  });
});

describe('the timeline', () => {
  it('marks the event that a finding names and gives each block its bar', () => {
    const timeline = timelineOf(exchange('tool-forced/stream').response!, marksOf('tool-forced/stream'));
    expect(timeline.rows.filter(({ marks }) => marks.length > 0).map(({ frame }) => frame.number)).toEqual([1, 9]);
    expect(timeline.lanes).toEqual(['message', 'block 0', 'ping']);
    expect(timeline.bars).toEqual([
      { lane: 'block 0', label: 'text', from: 184, to: 325 },
      { lane: 'block 0', label: 'tool_use get_weather', from: 2_304, to: 2_401 },
    ]);
  });

  it('tells silences that are long beside the whole', () => {
    const { silences } = timelineOf(exchange('tool-forced/stream').response!, []);
    expect(silences).toEqual([
      { from: 325, to: 1_890, compressed: true },
      { from: 1_890, to: 2_304, compressed: false },
    ]);
  });

  it('draws long silences and a long wait shorter, and keeps the order of times', () => {
    const gap = { from: 6_000, to: 20_000, compressed: true };
    const at = scaleOf([{ ...gap, from: 9_000 }], 9_000, 21_000);
    expect(scaleOf([], 10, 100)(50)).toBeCloseTo(0.5);
    const one = scaleOf([gap], 100, 21_000);
    expect(one(0)).toBe(0);
    expect(one(20_000) - one(6_000)).toBeCloseTo(0.15);
    expect(one(21_000)).toBeCloseTo(1);
    expect(one(13_000)).toBeCloseTo((one(6_000) + one(20_000)) / 2);
    const places = [...Array(211).keys()].map((index) => at(index * 100));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('leaves a block open that is never stopped, and marks the end for what is nowhere in the stream', () => {
    const response = exchange('counting/stream').response!;
    const cut = { ...response.pieces[0]!, text: response.pieces[0]!.text.split('event: content_block_stop')[0]! };
    const [mark] = marksOf('counting/stream');
    const timeline = timelineOf({ ...response, pieces: [cut] }, [mark!]);
    expect(timeline.bars).toEqual([{ lane: 'block 0', label: 'text', from: 184, to: null }]);
    expect(timeline.endMarks).toEqual([mark]);
  });

  it('marks the event that brings what a pointer into the message means', () => {
    const marked = (pointer: string) => {
      const finding = { message: 'm', expected: 'e', actual: 'a', at: { pointer }, exchange: 'counting/stream' };
      const { rows, looseMarks } = timelineOf(exchange('counting/stream').response!, [{ finding, requirement: 'r' }]);
      const row = rows.find(({ marks }) => marks.length > 0);
      return row ? [row.frame.number, row.what, row.marks[0]!.pointer] : looseMarks.length;
    };
    expect(marked('/model')).toEqual([1, 'message_start', '/message/model']);
    expect(marked('/content/0/text')).toEqual([2, 'content_block_start', '/content_block/text']);
    expect(marked('/stop_reason')).toEqual([44, 'message_delta', '/delta/stop_reason']);
    expect(marked('/usage/output_tokens')).toEqual([44, 'message_delta', '/usage/output_tokens']);
    expect(marked('/content/3')).toBe(1);
    expect(marked('')).toBe(1);
  });

  it('folds runs of deltas but never a marked event', () => {
    const { rows } = timelineOf(exchange('counting/stream').response!, []);
    const folded = foldRuns(rows).find((group) => group.rows.length > 1);
    expect(folded?.rows).toHaveLength(40);
    expect(joinedGist(folded!.rows)).toMatch(/^"1, 2, 3, 4, 5/);
    rows[20]!.marks = marksOf('counting/stream').slice(0, 1);
    expect(
      foldRuns(rows)
        .filter((group) => group.rows.length > 1)
        .map((group) => group.rows.length),
    ).toEqual([18, 21]);
  });
});

describe('JSON for showing', () => {
  it('keeps every token as it was sent', () => {
    const text = '{"a":1.0,"a":12345678901234567890,"b":[],"c":[{"\\u0064/~":"\\ud83d\\ude00"}]}';
    const lines = jsonLines(text)!;
    expect(lines.map(({ value }) => value)).toEqual([
      '{',
      '1.0',
      '12345678901234567890',
      '[]',
      '[',
      '{',
      '"\\ud83d\\ude00"',
      '}',
      ']',
      '}',
    ]);
    expect(lines[6]!.pointer).toBe('/c/0/d~1~0');
    expect(lines.map(({ comma }) => comma)).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('says the same as the text, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const lines = jsonLines(JSON.stringify(value, null, 1))!;
        const text = lines
          .map(({ key, value: token, comma }) => `${key === null ? '' : `${key}:`}${token}${comma ? ',' : ''}`)
          .join('');
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is refused for what is no JSON, and survives deep nesting', () => {
    expect(jsonLines('{"a":')).toBeNull();
    expect(jsonLines('')).toBeNull();
    expect(jsonLines('['.repeat(3_000) + ']'.repeat(3_000))).toHaveLength(5_999);
  });

  it('finds the value of a pointer, or where it is missing', () => {
    const lines = jsonLines('{"usage":{"input_tokens":"21"},"content":[{"type":"text"}]}')!;
    expect(locate(lines, '/usage/input_tokens')).toEqual({ from: 2, to: 2, missing: null });
    expect(locate(lines, '/content/0')).toEqual({ from: 5, to: 7, missing: null });
    expect(locate(lines, '/usage/output_tokens')).toEqual({ from: 1, to: 3, missing: 'output_tokens' });
    expect(locate(lines, '/content/4/text')).toEqual({ from: 4, to: 8, missing: '4' });
    expect(locate(lines, 'usage')).toBeNull();
  });
});

describe('the address', () => {
  it('keeps anchor and filters', () => {
    const address = {
      anchor: 'exchange/minimal/json#2',
      filters: { query: 'a b&c=ü?', verdicts: ['fail', 'silent'], level: 'MUST', profile: 'core', suite: 'stream' },
    };
    expect(readHash(writeHash(address))).toEqual(address);
  });

  it('is the plain id for one requirement without filters', () => {
    expect(writeHash({ anchor: 'stream.order.index-consecutive', filters: NO_FILTERS })).toBe(
      '#stream.order.index-consecutive',
    );
  });

  it('takes whatever stands there', () => {
    fc.assert(fc.property(anyText, (text) => void writeHash(readHash(text))));
    expect(readHash('#%E0%A4%A').anchor).toBe('%E0%A4%A');
  });
});

describe('the search', () => {
  const texts = searchTexts(data);
  const found = (change: Partial<typeof NO_FILTERS>) => {
    const matches = matcher({ ...NO_FILTERS, ...change });
    return data.results.filter((result, index) => matches(result, texts[index]!)).map(({ id }) => id);
  };

  it('finds by id, by text and by evidence; every word must occur', () => {
    expect(found({ query: 'INDEX-cons' })).toEqual(['stream.order.index-consecutive']);
    expect(found({ query: 'last pings' })).toEqual(['stream.order.message-stop-last']);
    expect(found({ query: 'pineapple' })).toEqual(['req.system.array']);
    expect(found({ query: 'pineapple pings' })).toEqual([]);
  });

  it('filters by verdict, silence, level, profile and suite together', () => {
    expect(found({ verdicts: ['silent'] })).toHaveLength(3);
    expect(found({ verdicts: ['silent'], level: 'SHOULD' })).toEqual(['usage.stream-consistent']);
    expect(found({ profile: 'errors', verdicts: ['fail', 'skipped'] })).toHaveLength(2);
    expect(found({ suite: 'stream', verdicts: ['pass'] })).toEqual(['stream.frame.event-name']);
  });
});

describe('characters that cannot be seen', () => {
  it('are named, others stay', () => {
    expect(visible('a\u202Eb\u001b[0m\u0000')).toBe('aU+202Eb␛[0m␀');
    expect(visible('\ud800')).toBe('U+D800');
    expect(visible('Zürich 北京 😀 👩‍💻 e\u0301\n\t')).toBe('Zürich 北京 😀 👩‍💻 e\u0301\n\t');
  });
});

describe('the headline', () => {
  const told = (change: Partial<Report>) => headline({ ...sampleReport(), ...change }).text;
  const failing = ['req.system.array', 'resp.usage.ints', 'stream.order.index-consecutive'];
  const cause = (requirements: string[]) => ({
    kind: 'usage' as const,
    title: 'No reply reports its usage.',
    requirements,
    exchange: null,
  });

  it('says the outcome, then failures and causes', () => {
    expect(told({})).toBe('Failed: 5 failures (2 silent, 1 known)');
    expect(told({ causes: [cause(failing)] })).toBe('Failed: 5 failures (2 silent, 1 known), 3 of them from 1 cause');
    expect(told({ causes: [cause(failing), cause(['stream.order.message-stop-last'])] })).toBe(
      'Failed: 5 failures (2 silent, 1 known), all from 2 causes',
    );
    expect(told({ causes: [cause(['usage.stream-consistent'])] })).toBe('Failed: 5 failures (2 silent, 1 known)');
  });

  it('says why a run means nothing', () => {
    const results = sampleReport().results.filter(({ verdict }) => verdict === 'pass');
    const baseline = undefined;
    const clean = { ...sampleReport().summary, fail: 0, warn: 0, silent: 0, known: 0, pass: 2, executed: 2 };
    expect(told({ results, baseline, summary: { ...clean, must: { judged: 2, total: 10 } } })).toBe(
      'Incomplete: only 2 of 10 required checks could be judged (20 %, and --min-judged is 75 %)',
    );
    expect(told({ results, baseline, summary: clean })).toBe('Passed: all 2 judged requirements');
  });
});

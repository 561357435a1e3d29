import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../core/exchange.js';
import { firstInvalidUtf8, readStream } from '../../runner/read/sse.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const read = (body: string | Uint8Array, chunks: Chunk[] = []) =>
  readStream(typeof body === 'string' ? bytes(body) : body, chunks);

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';

describe('frames', () => {
  test('are numbered, with offsets that tile the body', () => {
    const { frames, events } = read(`${PING}: a comment\n\n${PING}`);
    expect(frames.map(({ offset, end }) => [offset, end])).toEqual([
      [0, PING.length],
      [PING.length, PING.length + 13],
      [PING.length + 13, 2 * PING.length + 13],
    ]);
    expect(events.map(({ number, name, type }) => ({ number, name, type }))).toEqual([
      { number: 1, name: 'ping', type: 'ping' },
      { number: 2, name: 'ping', type: 'ping' },
    ]);
    expect(frames[1]).toMatchObject({ comments: [' a comment'], data: null, event: null, terminated: true });
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const)('end their lines in %s', (kind, end) => {
    const { frames, lineEnds } = read(PING.replaceAll('\n', end).repeat(2));
    expect(lineEnds).toEqual([kind]);
    expect(frames.map(({ data, terminated }) => ({ data, terminated }))).toEqual(
      Array(2).fill({ data: '{"type":"ping"}', terminated: true }),
    );
  });

  test('may mix line ends, and all are told', () => {
    expect(read('event: a\r\ndata: 1\n\r\nevent: b\rdata: 2\r\r').lineEnds).toEqual(['CRLF', 'LF', 'CR']);
  });

  test('keep what does not belong to the grammar apart', () => {
    const { frames } = read(' data: {}\nevent: ping\nnonsense\nid: 4\nretry: 10\n\n');
    expect(frames[0]).toMatchObject({ strayLines: [' data: {}', 'nonsense'], event: 'ping', data: null });
  });

  test('join several data lines with LF and take one blank after the colon', () => {
    expect(read('data:{\ndata:  "a": 1}\n\n').events[0]).toMatchObject({
      frame: { data: '{\n "a": 1}' },
      data: { a: 1 },
    });
  });

  test('without a closing empty line are kept, and marked', () => {
    const { events } = read(`${PING}event: message_stop\ndata: {"type":"message_stop"}\n`);
    expect(events.map(({ frame }) => frame.terminated)).toEqual([true, false]);
  });

  test('take data that is padded with blanks', () => {
    expect(read('event: ping\ndata: {"type":"ping"}       \n\n').events[0]!.type).toBe('ping');
  });

  test('hold hostile keys as data', () => {
    const event = read('data: {"type":"ping","__proto__":{"polluted":1}}\n\n').events[0]!;
    expect(Object.hasOwn(event.data as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('the body as a whole', () => {
  test('shows a byte order mark, and the first frame is read all the same', () => {
    const { bom, events, frames } = read(`\uFEFF${PING}`);
    expect({ bom, type: events[0]!.type, offset: frames[0]!.offset }).toEqual({ bom: true, type: 'ping', offset: 3 });
  });

  test('shows the offset of the first byte that is not UTF-8', () => {
    const body = Buffer.concat([bytes('data: "é'), Buffer.from([0xe4, 0xbd]), bytes('"\n\n')]);
    expect(read(body).invalidUtf8At).toBe(9);
  });

  test('is valid UTF-8 exactly when the platform says so', () => {
    const valid = (value: Uint8Array): boolean => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(value);
        return true;
      } catch {
        return false;
      }
    };
    const unit = fc.oneof(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xf5, 0xff),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.array(unit, { maxLength: 8 }), (head, tail) => {
        const value = Uint8Array.from([...head, ...tail]);
        const at = firstInvalidUtf8(value);
        expect(at === null).toBe(valid(value));
        if (at !== null) expect(valid(value.subarray(0, at))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('of one line of a million characters, one byte per read, is read in one go', () => {
    const long = `data: ${JSON.stringify('x'.repeat(1_000_000))}\n\n`;
    const chunks = Array.from({ length: long.length }, (_, index) => ({ bytes: 1, atMs: index }));
    const { frames, longestLine } = read(long, chunks);
    expect({ count: frames.length, atMs: frames[0]!.atMs, longestLine }).toEqual({
      count: 1,
      atMs: long.length - 1,
      longestLine: long.length - 2,
    });
  });

  test('of a hundred thousand lines without an end of frame is read in one go', () => {
    const { frames } = read('data: 1\n'.repeat(100_000));
    expect(frames).toHaveLength(1);
  });

  test('of more frames than any reply has is read as far as is useful', () => {
    expect(read('data\n\n'.repeat(300_000)).frames).toHaveLength(200_000);
  });

  test('may nest more deeply than a stack is high', () => {
    const { events } = read(`event: ping\ndata: ${'['.repeat(200_000)}${']'.repeat(200_000)}\n\n`);
    expect(events[0]!.type).toBeNull();
  });

  test('may be empty', () => {
    expect(read('')).toEqual({
      frames: [],
      events: [],
      bom: false,
      lineEnds: [],
      longestLine: 0,
      invalidUtf8At: null,
      message: null,
    });
  });
});

describe('arrival', () => {
  test('of a frame is the read that brought its closing line', () => {
    const { frames } = read(PING.repeat(2), [
      { bytes: PING.length - 1, atMs: 10 },
      { bytes: 2, atMs: 20 },
      { bytes: PING.length - 1, atMs: 30 },
    ]);
    expect(frames.map(({ atMs }) => atMs)).toEqual([20, 30]);
  });

  test('does not depend on where characters are split', () => {
    const body = bytes('event: a\ndata: "北京😀"\n\n');
    const whole = readStream(body, [{ bytes: body.length, atMs: 1 }]);
    const split = readStream(
      body,
      Array.from(body, () => ({ bytes: 1, atMs: 1 })),
    );
    expect(split).toEqual(whole);
    expect(whole.events[0]!.data).toBe('北京😀');
  });
});

describe('beside eventsource-parser', () => {
  /** A body from pieces that make framing interesting; no byte order mark, which the two treat differently on purpose. */
  const piece = fc.constantFrom(
    ...[
      'event: a',
      'event:b',
      'event:',
      'event',
      'data: {"x":1}',
      'data:2',
      'data:',
      'data',
      ': comment',
      ':',
      'id: 7',
    ],
    ...['retry: 5', ' data: 3', 'dat: 4', 'nonsense', '', '', '', 'data: é😀'],
  );
  const end = fc.constantFrom('\n', '\r\n', '\r');

  test('the same events are dispatched, however the body is framed and cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, end), { maxLength: 30 }),
        fc.boolean(),
        fc.array(fc.nat(40), { maxLength: 20 }),
        (lines, closed, cuts) => {
          // After a read that ends in CR that parser waits for the next line end, so every body has one more.
          const body = lines.map(([line, by]) => line + by).join('') + (closed ? '\n\n' : 'data: lost\n');
          const theirs: unknown[] = [];
          const parser = createParser({ onEvent: ({ event, data }) => theirs.push({ name: event ?? null, data }) });
          let at = 0;
          for (const cut of cuts) {
            parser.feed(body.slice(at, at + cut));
            at += cut;
          }
          parser.feed(body.slice(at));
          const ours = read(body)
            .events.filter(({ frame }) => frame.terminated)
            .map(({ name, frame }) => ({ name, data: frame.data }));
          expect(ours).toEqual(theirs);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a frame that a client drops is still numbered here', () => {
    const body = `${PING}data: {"type":"message_stop"}`;
    const theirs: string[] = [];
    createParser({ onEvent: ({ data }) => theirs.push(data) }).feed(body);
    expect(theirs).toHaveLength(1);
    expect(read(body).events.map(({ number, frame }) => [number, frame.terminated])).toEqual([
      [1, true],
      [2, false],
    ]);
  });
});

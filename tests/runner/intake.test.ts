import { describe, expect, it } from 'vitest';
import { type Allowance, BoundedBody, isSpent, RUN_ALLOWANCE } from '../../runner/send/bounded-body.js';
import { streamTooDeepAt, tooDeepAt } from '../../runner/send/nesting.js';

const bytes = (text: string): Buffer => Buffer.from(text);

function intake(maxBytes = 1_000_000, left: Allowance = { ...RUN_ALLOWANCE }) {
  return { intake: new BoundedBody(maxBytes, left), left };
}

describe('a body', () => {
  it('is put together from its pieces', () => {
    const { intake: taken } = intake();
    expect(taken.take(bytes('ab'), 1)).toBeNull();
    expect(taken.take(bytes('c'.repeat(9_000)), 2)).toBeNull();
    expect(Buffer.from(taken.body()).toString()).toBe(`ab${'c'.repeat(9_000)}`);
    expect(taken.chunks).toEqual([
      { bytes: 2, atMs: 1 },
      { bytes: 9_000, atMs: 2 },
    ]);
  });

  it('is kept as far as the bound, to the byte', () => {
    const { intake: taken } = intake(5);
    expect(taken.take(bytes('abc'), 1)).toBeNull();
    expect(taken.take(bytes('de'), 1)).toBeNull();
    expect(taken.take(bytes('f'), 1)).toContain('longer than 5 bytes');
    expect(Buffer.from(taken.body()).toString()).toBe('abcde');
  });

  it('of the most tokens that a fixture asks a long answer for, one an event, is within the bounds', () => {
    const { intake: taken } = intake(4 * 1024 * 1024);
    const delta =
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" hello"},"p":"abcdefghij"}';
    const event = bytes(`event: content_block_delta\ndata: ${delta}\n\n`);
    for (let token = 0; token < 4_096 * 3; token += 1) expect(taken.take(event, token)).toBeNull();
  });

  it('of endless lines or values is stopped long before its bytes are many', () => {
    for (const piece of ['\n', ':\n\n', '[{},', '1,']) {
      const { intake: taken } = intake(4 * 1024 * 1024);
      expect(taken.take(bytes(piece.repeat(300_000)), 1)).toContain('lines or JSON values');
    }
  });
});

describe('all bodies of a run', () => {
  it('share what there is, the end of it included', () => {
    const left = { characters: 10, parts: 100 };
    expect(new BoundedBody(100, left).take(bytes('abcd'), 1)).toBeNull();
    expect(isSpent(left)).toBe(false);
    expect(new BoundedBody(100, left).take(bytes('abcdef'), 1)).toContain('all together');
    expect(isSpent(left)).toBe(true);
  });

  it('are charged for what they take in a report', () => {
    const { intake: taken, left } = intake();
    taken.take(bytes('a"\0'), 1);
    expect(RUN_ALLOWANCE.characters - left.characters).toBe(1 + 2 + 6);
  });
});

describe('network reads', () => {
  it('of a body in very many pieces are joined, without a byte or the last time lost', () => {
    const { intake: taken } = intake();
    for (let read = 1; read <= 100_000; read += 1) taken.take(bytes('x'), read);
    expect(taken.chunks.length).toBeLessThanOrEqual(4_096);
    expect(taken.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)).toBe(100_000);
    expect(taken.chunks.at(-1)?.atMs).toBe(100_000);
    const times = taken.chunks.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    let arrived = 0;
    for (const { bytes: size, atMs } of taken.chunks) {
      arrived += size;
      expect(atMs).toBe(arrived);
    }
  });
});

describe('JSON', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  it('of 500 levels is read, of more it is not', () => {
    expect(tooDeepAt(bytes(nested(500)))).toBeNull();
    expect(tooDeepAt(bytes(nested(501)))).toBe(500);
    expect(tooDeepAt(bytes('{"a":'.repeat(501)))).toBe(500 * 5);
  });

  it('may hold any brackets in its strings, and any number of values side by side', () => {
    expect(tooDeepAt(bytes(JSON.stringify(['['.repeat(9_000), '"[\\"'.repeat(900), {}])))).toBeNull();
    expect(tooDeepAt(bytes(`[${'[[]],'.repeat(2_000)}0]`))).toBeNull();
  });

  it('of a stream is counted event by event, however many of them break off', () => {
    expect(streamTooDeepAt(bytes('data: {"a":[\n\n'.repeat(2_000)))).toBeNull();
    const body = `event: a\ndata: {}\n\nevent: b\ndata: ${nested(501)}\n\n`;
    expect(streamTooDeepAt(bytes(body))).toBe(body.lastIndexOf('data: '));
  });

  it('of the input of a call is counted over its fragments', () => {
    const delta = (partial_json: string) => `data: ${JSON.stringify({ delta: { partial_json } })}\n\n`;
    expect(streamTooDeepAt(bytes(delta('[["[['.repeat(20)).repeat(5)))).toBeNull();
    expect(streamTooDeepAt(bytes(delta('['.repeat(300)) + delta('['.repeat(300))))).not.toBeNull();
    const next = 'data: {"type":"content_block_start"}\n\n';
    expect(streamTooDeepAt(bytes(delta('['.repeat(300)) + next + delta('['.repeat(300))))).toBeNull();
  });
});

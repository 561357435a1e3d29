import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { legalStream, withFiller } from '../support/arbitrary.js';
import { errorBody, events, exchange, frames, MODEL, message, textBlock, toolUse } from '../support/exchange.js';

/** What the official client makes of a body. */
async function official(body: string): Promise<unknown> {
  const client = new Anthropic({
    apiKey: 'a-key-of-the-tests',
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  });
  const stream = client.messages.stream({ model: MODEL, max_tokens: 16, messages: [{ role: 'user', content: 'x' }] });
  const { parsed_output: _addedByTheClient, ...final } = await stream.finalMessage();
  return JSON.parse(JSON.stringify(final));
}

test('legal streams add up to what the official client makes of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      legalStream.chain(({ events: list, message: reply }) =>
        withFiller(list).map((strewn) => ({ body: frames(strewn), reply })),
      ),
      async ({ body, reply }) => {
        const ours = exchange({ raw: body }).message;
        expect(ours).toEqual(reply);
        expect(await official(body)).toEqual(ours);
      },
    ),
    { numRuns: 200 },
  );
});

describe('by the rules of the protocol', () => {
  const accumulated = (list: ReturnType<typeof events>) => exchange({ events: list }).message;

  test('later usage replaces earlier usage, and null replaces nothing', () => {
    const list = events(message({ usage: { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 7 } }));
    list.splice(-1, 0, {
      type: 'message_delta',
      delta: {},
      usage: { input_tokens: 5, cache_read_input_tokens: null, output_tokens: 9 },
    });
    expect(accumulated(list)).toMatchObject({
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 9 },
    });
  });

  test('a signature replaces, it does not grow', () => {
    const list = events(message({ content: [{ type: 'thinking', thinking: 'a', signature: 'one' }] }));
    list.splice(-3, 0, { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'two' } });
    expect(accumulated(list)?.content).toEqual([{ type: 'thinking', thinking: 'a', signature: 'two' }]);
  });

  test('deltas go to the block of their index, also when blocks overlap', () => {
    const [start, ...rest] = events(message({ content: [textBlock('abc'), toolUse()] }));
    const starts = rest.filter(({ type }) => type === 'content_block_start');
    const others = rest.filter(({ type }) => type !== 'content_block_start');
    expect(accumulated([start!, ...starts, ...others])?.content).toMatchObject([
      { text: 'abc' },
      { input: { city: 'Paris' } },
    ]);
  });

  test('input that was cut off stays as the block started', () => {
    const list = events(message({ content: [toolUse({ city: 'Paris' }, { id: 't' })], stop_reason: 'max_tokens' }));
    expect(accumulated(list.filter((_, at) => at !== list.length - 4))?.content).toMatchObject([
      { id: 't', input: {} },
    ]);
  });

  test('hostile keys stay data', () => {
    const list = events(message({ content: [] }));
    const raw = frames(list).replace('"usage":{"output_tokens":4}', '"usage":{"__proto__":{"polluted":1}}');
    const usage = exchange({ raw }).message?.usage as object;
    expect(Object.hasOwn(usage, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(usage)).toBe(Object.prototype);
  });
});

describe('an exchange', () => {
  test('holds no message when the stream failed, when 2xx carries an error, or outside the messages endpoint', () => {
    const failed = [...events(message()).slice(0, 3), { ...errorBody('overloaded_error', 'Overloaded') }];
    expect(exchange({ events: failed }).message).toBeNull();
    expect(exchange({ events: failed }).stream?.message).not.toBeNull();
    expect(exchange({ json: errorBody() }).message).toBeNull();
    expect(exchange({ json: { error: 'no such model' } }).message).toBeNull();
    expect(
      exchange({ json: { data: [] }, request: { method: 'GET', url: 'http://target.test/v1/models' } }).message,
    ).toBe(null);
    expect(exchange({ status: 400, json: errorBody() }).message).toBeNull();
  });

  test('is read as a stream by its label, or by its first bytes where the label is wrong', () => {
    const raw = frames(events(message()));
    expect(exchange({ raw, headers: { 'content-type': 'text/plain' } }).stream?.events).toHaveLength(6);
    expect(exchange({ raw: `\uFEFF data: ${raw}`, headers: { 'content-type': 'text/plain' } }).stream).not.toBeNull();
    expect(exchange({ raw: '', headers: { 'content-type': 'Text/Event-Stream' } }).stream?.events).toEqual([]);
    expect(exchange({ json: message() }).stream).toBeNull();
    expect(exchange({ json: ':)' }).stream).toBeNull();
  });

  test('takes padding after JSON, and survives JSON nested without end', () => {
    const read = (raw: string) => exchange({ raw, headers: { 'content-type': 'application/json' } });
    expect(read(`${JSON.stringify(message())}   \n\n`).message).toMatchObject({ type: 'message' });
    expect(Array.isArray(read(`${'['.repeat(300_000)}${']'.repeat(300_000)}`).json)).toBe(true);
    expect(read('{"a":1} {"b":2}').json).toBeUndefined();
  });

  test('finds headers whatever their case, and none where nothing came back', () => {
    expect(exchange().header('Content-Type')).toBe('application/json');
    const nothing = exchange({ noResponse: true, failure: { kind: 'reset', message: 'gone' } });
    expect([nothing.header('x'), nothing.json, nothing.stream, nothing.message, nothing.bytes.length]).toEqual([
      null,
      undefined,
      null,
      null,
      0,
    ]);
  });
});

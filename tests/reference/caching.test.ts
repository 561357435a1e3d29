import { describe, expect, it } from 'vitest';
import { client, eventsOf, MINIMAL, text, user, WEATHER } from './client.js';

const EPHEMERAL = { type: 'ephemeral' };
const LONG = 'Fixed text of the operator, the same every time. '.repeat(600);
const marked = (value: string, cache_control: object = EPHEMERAL) => ({ ...text(value), cache_control });
const LONG_SYSTEM = { ...MINIMAL, system: [marked(LONG)] };

describe('the prompt cache', () => {
  it('is written first and read after that', async () => {
    const { post } = client();
    const first = (await post(LONG_SYSTEM)).json.usage;
    expect(first.cache_creation_input_tokens).toBeGreaterThan(5000);
    expect(first.cache_read_input_tokens).toBe(0);
    const second = (await post(LONG_SYSTEM)).json.usage;
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
    expect(second.input_tokens).toBe(first.input_tokens);
    expect(first.input_tokens).toBeLessThan(30);
  });

  it('adds up to the plain count and splits by lifetime', async () => {
    const { post } = client();
    const plain = (await post({ ...MINIMAL, system: LONG })).json.usage;
    const long = [marked(LONG, { type: 'ephemeral', ttl: '1h' }), marked(LONG, { type: 'ephemeral', ttl: '5m' })];
    const { usage } = (await post({ ...MINIMAL, system: long })).json;
    const { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: minutes } = usage.cache_creation;
    expect(hour).toBeGreaterThan(5000);
    expect(minutes).toBe(hour);
    expect(usage.cache_creation_input_tokens).toBe(hour + minutes);
    const total = usage.input_tokens + usage.cache_creation_input_tokens;
    expect(total).toBe(plain.input_tokens + hour);
    expect(plain.cache_creation_input_tokens).toBe(0);
  });

  it('is reported in both transports', async () => {
    const { post } = client();
    const events = eventsOf((await post({ ...LONG_SYSTEM, stream: true })).text);
    const { usage } = events[0].message;
    expect(usage.cache_creation_input_tokens).toBeGreaterThan(5000);
    expect(events.at(-2).usage).toMatchObject({
      input_tokens: usage.input_tokens,
      cache_creation_input_tokens: usage.cache_creation_input_tokens,
      cache_read_input_tokens: 0,
    });
  });

  it('reads the part that a longer prompt has in common', async () => {
    const { post } = client();
    const first = (await post(LONG_SYSTEM)).json.usage;
    const longer = { ...LONG_SYSTEM, messages: [user([marked('Another question. '.repeat(500))])] };
    const { usage } = (await post(longer)).json;
    expect(usage.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(usage.cache_creation_input_tokens).toBeGreaterThan(1000);
  });

  it('does not help another prompt, model or a later hour', async () => {
    let now = 0;
    const { post } = client({ now: () => now });
    const read = async (body: object) => (await post(body)).json.usage.cache_read_input_tokens;
    await read(LONG_SYSTEM);
    expect(await read({ ...LONG_SYSTEM, system: [marked(`X${LONG}`)] })).toBe(0);
    expect(await read({ ...LONG_SYSTEM, tools: [WEATHER] })).toBe(0);
    expect(await read({ ...LONG_SYSTEM, model: 'reference-1-small' })).toBe(0);
    now = 299_000;
    expect(await read(LONG_SYSTEM)).toBeGreaterThan(0);
    now += 300_000;
    expect(await read(LONG_SYSTEM)).toBe(0);
  });

  it('does not cache short prompts', async () => {
    const { usage } = (await client().post({ ...MINIMAL, system: [marked('Be brief.')] })).json;
    expect([usage.cache_creation_input_tokens, usage.cache_read_input_tokens]).toEqual([0, 0]);
  });

  it('can be warmed without an answer, and by a mark for the whole request', async () => {
    const { post } = client();
    const warm = await post({ ...LONG_SYSTEM, max_tokens: 0 });
    expect([warm.json.content, warm.json.stop_reason]).toEqual([[], 'max_tokens']);
    expect((await post(LONG_SYSTEM)).json.usage.cache_read_input_tokens).toBe(
      warm.json.usage.cache_creation_input_tokens,
    );
    const whole = { ...MINIMAL, system: LONG, cache_control: EPHEMERAL };
    const first = (await post(whole)).json.usage;
    expect(first.cache_read_input_tokens + first.cache_creation_input_tokens).toBeGreaterThan(5000);
    expect(first.input_tokens).toBeLessThan(10);
  });

  it('accepts up to four marks, anywhere', async () => {
    const { post } = client();
    const body = {
      ...MINIMAL,
      tools: [{ ...WEATHER, cache_control: EPHEMERAL }],
      system: [marked('a'), marked('b')],
      messages: [user([marked('Say ok.')])],
    };
    expect((await post(body)).status).toBe(200);
    const five = await post({ ...body, messages: [user([marked('a'), marked('b')])] });
    expect([five.status, five.json.error.message]).toEqual([
      400,
      expect.stringMatching(/maximum of 4 blocks.*Found 5/),
    ]);
    expect((await post({ ...body, cache_control: EPHEMERAL })).status).toBe(400);
  });

  it.each([
    ['another lifetime', { ...MINIMAL, system: [marked('a', { type: 'ephemeral', ttl: '2h' })] }],
    ['another type', { ...MINIMAL, system: [marked('a', { type: 'persistent' })] }],
    [
      'an hour after five minutes',
      { ...MINIMAL, system: [marked('a'), marked('b', { type: 'ephemeral', ttl: '1h' })] },
    ],
    [
      'a marker on thinking',
      {
        ...MINIMAL,
        messages: [
          user('a'),
          {
            role: 'assistant',
            content: [{ type: 'thinking', thinking: 'x', signature: 'y', cache_control: EPHEMERAL }, text('b')],
          },
          user('c'),
        ],
      },
    ],
  ])('rejects %s', async (_, body) => {
    expect((await client().post(body)).status).toBe(400);
  });

  it('may be switched off: marks then have no effect', async () => {
    const { post } = client({ features: { caching: false } });
    await post(LONG_SYSTEM);
    const { usage } = (await post(LONG_SYSTEM)).json;
    expect([usage.cache_creation_input_tokens, usage.cache_read_input_tokens]).toEqual([0, 0]);
  });
});

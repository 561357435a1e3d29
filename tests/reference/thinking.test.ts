import { describe, expect, it } from 'vitest';
import {
  type Answer,
  accumulate,
  assistant,
  client,
  eventsOf,
  text,
  textOf,
  toolResult,
  user,
  WEATHER,
} from './client.js';

const { post } = client();
const ENABLED = { type: 'enabled', budget_tokens: 1024 };
const QUESTION = { max_tokens: 3000, messages: [user('What is 27*453?')] };
const WEATHER_QUESTION = { max_tokens: 3000, tools: [WEATHER], messages: [user('What is the weather in Paris?')] };
const kinds = (message: Answer) => message.content.map((block: Answer) => block.type);

describe('thinking', () => {
  it.each([ENABLED, { type: 'adaptive' }])('%j puts a signed thought before the text', async (thinking) => {
    const { json } = await post({ ...QUESTION, thinking });
    expect(kinds(json)).toEqual(['thinking', 'text']);
    expect(json.content[0].thinking).not.toBe('');
    expect(json.content[0].signature).toMatch(/^[A-Za-z0-9+/]{40,}=*$/);
    // Field 2, of 59 bytes, holds field 1, of 57 bytes: some gateways read that, and drop thinking without it.
    const bytes = Buffer.from(json.content[0].signature, 'base64');
    expect([...bytes.subarray(0, 4), bytes.length]).toEqual([0x12, 59, 0x0a, 57, 61]);
    expect(textOf(json)).toBe('12231');
  });

  it.each([undefined, { type: 'disabled' }, { type: 'between_tools' }])('%j puts none', async (thinking) => {
    const { json } = await post({ ...QUESTION, thinking });
    expect(kinds(json)).toEqual(['text']);
    expect(textOf(json)).not.toMatch(/<\/?think/);
  });

  it('between tools comes after tool results', async () => {
    const thinking = { type: 'between_tools' };
    const first = await post({ ...WEATHER_QUESTION, thinking });
    expect(kinds(first.json)).toEqual(['tool_use']);
    const messages = [
      ...WEATHER_QUESTION.messages,
      assistant(first.json.content),
      user([toolResult(first.json.content[0].id, '15')]),
    ];
    expect(kinds((await post({ ...WEATHER_QUESTION, thinking, messages })).json)).toEqual(['thinking', 'text']);
  });

  it('counts as output', async () => {
    const { usage } = (await post({ ...QUESTION, thinking: ENABLED })).json;
    const plain = (await post(QUESTION)).json.usage;
    expect(usage.output_tokens_details.thinking_tokens).toBeGreaterThan(10);
    expect(usage.output_tokens).toBe(plain.output_tokens + usage.output_tokens_details.thinking_tokens);
    expect(plain).not.toHaveProperty('output_tokens_details');
  });

  it('is streamed in deltas with one complete signature at the end', async () => {
    const { text: body } = await post({ ...QUESTION, thinking: ENABLED, stream: true });
    const events = eventsOf(body);
    expect(events[1].content_block).toEqual({ type: 'thinking', thinking: '', signature: '' });
    const deltas = events.filter((event) => event.index === 0 && event.delta).map((event) => event.delta.type);
    expect(deltas.length).toBeGreaterThan(5);
    expect(deltas.indexOf('signature_delta')).toBe(deltas.length - 1);
    expect(accumulate(events).content[0].signature).toMatch(/^[A-Za-z0-9+/]{40,}=*$/);
  });

  it('may be omitted from the answer, but not its signature', async () => {
    const { json } = await post({ ...QUESTION, thinking: { ...ENABLED, display: 'omitted' } });
    expect(json.content[0]).toMatchObject({ thinking: '', signature: expect.stringMatching(/.{40}/) });
    expect(json.usage.output_tokens_details.thinking_tokens).toBeGreaterThan(10);
    const { text: body } = await post({ ...QUESTION, thinking: { ...ENABLED, display: 'omitted' }, stream: true });
    expect(body).not.toContain('thinking_delta');
    expect(body.match(/signature_delta/g)).toHaveLength(1);
  });

  it('can be redacted', async () => {
    const messages = [user('What is 6*7? ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING')];
    const { json } = await post({ ...QUESTION, messages, thinking: ENABLED });
    expect(json.content[0]).toEqual({ type: 'redacted_thinking', data: expect.stringMatching(/.{40}/) });
    const streamed = eventsOf((await post({ ...QUESTION, messages, thinking: ENABLED, stream: true })).text);
    expect(streamed[1].content_block.type).toBe('redacted_thinking');
    expect(streamed[2].type === 'ping' ? streamed[3].type : streamed[2].type).toBe('content_block_stop');
  });

  it.each([
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 1023 } }, /budget_tokens/],
    ['no budget', { thinking: { type: 'enabled' } }, /budget_tokens: Field required/],
    [
      'a budget as large as max_tokens',
      { max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 2048 } },
      /max_tokens/,
    ],
    [
      'a forced tool',
      { tools: [WEATHER], tool_choice: { type: 'any' }, thinking: ENABLED },
      /tool_choice forces tool use/,
    ],
    ['an unknown type', { thinking: { type: 'always' } }, /^thinking/],
    ['disabled with display', { thinking: { type: 'disabled', display: 'omitted' } }, /display/],
    ['another temperature', { thinking: ENABLED, temperature: 0.5 }, /^temperature/],
    ['top_k', { thinking: ENABLED, top_k: 5 }, /^top_k/],
    ['a low top_p', { thinking: ENABLED, top_p: 0.5 }, /^top_p/],
    ['a prefill', { thinking: ENABLED, messages: [user('a'), assistant('b')] }, /thinking is enabled/],
    ['thinking null', { thinking: null }, /^thinking/],
  ])('is a 400 with %s', async (_, change, fragment) => {
    const reply = await post({ ...QUESTION, ...change });
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(fragment)]);
  });

  it('that adapts allows a forced tool', async () => {
    const body = { ...WEATHER_QUESTION, tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } };
    expect(kinds((await post(body)).json)).toEqual(['thinking', 'tool_use']);
  });

  it('can be limited to some kinds by the model, and switched off', async () => {
    const model = {
      id: 'm',
      displayName: 'M',
      createdAt: '2026-01-01T00:00:00Z',
      maxInputTokens: 200_000,
      maxTokens: 64_000,
    };
    const adaptive = client({ models: [{ ...model, thinking: ['adaptive'] }] });
    expect((await adaptive.post({ ...QUESTION, model: 'm', thinking: ENABLED })).status).toBe(400);
    expect((await adaptive.post({ ...QUESTION, model: 'm', thinking: { type: 'adaptive' } })).status).toBe(200);
    const off = client({ features: { thinking: false } });
    expect((await off.post({ ...QUESTION, thinking: { type: 'adaptive' } })).status).toBe(400);
    expect((await off.post({ ...QUESTION, thinking: { type: 'disabled' } })).status).toBe(200);
  });
});

describe('thinking sent back', () => {
  const loop = async (change: (content: Answer[]) => Answer[], thinking: object = ENABLED) => {
    const first = await post({ ...WEATHER_QUESTION, thinking });
    expect(kinds(first.json)).toEqual(['thinking', 'tool_use']);
    const content = change(structuredClone(first.json.content));
    const result = user([toolResult(first.json.content[1].id, '15 degrees')]);
    return post({
      ...WEATHER_QUESTION,
      thinking,
      messages: [...WEATHER_QUESTION.messages, assistant(content), result],
    });
  };

  it('unchanged is accepted, also by another endpoint', async () => {
    const reply = await loop((content) => content);
    expect([reply.status, textOf(reply.json)]).toEqual([200, 'The result is: 15 degrees']);
    const first = await client().post({ ...QUESTION, thinking: ENABLED });
    const messages = [...QUESTION.messages, assistant(first.json.content), user('Thanks.')];
    expect((await client().post({ ...QUESTION, thinking: ENABLED, messages })).status).toBe(200);
  });

  it('is accepted with its text omitted', async () => {
    expect((await loop((content) => content, { ...ENABLED, display: 'omitted' })).status).toBe(200);
  });

  it('may be left out', async () => {
    expect((await loop((content) => content.slice(1))).status).toBe(200);
  });

  it('with another text or signature is a 400', async () => {
    const otherText = await loop(([thought, call]) => [{ ...thought, thinking: `${thought.thinking} no` }, call]);
    expect([otherText.status, otherText.json.error.message]).toEqual([400, expect.stringMatching(/signature/)]);
    const flip = (signature: string) => (signature[30] === 'A' ? 'B' : 'A');
    const otherSignature = await loop(([thought, call]) => [
      { ...thought, signature: thought.signature.slice(0, 30) + flip(thought.signature) + thought.signature.slice(31) },
      call,
    ]);
    expect(otherSignature.status).toBe(400);
    const foreign = await loop(([thought, call]) => [{ ...thought, signature: 'c2lnbmF0dXJl' }, call]);
    expect(foreign.status).toBe(400);
    const redacted = await loop(([, call]) => [{ type: 'redacted_thinking', data: 'c2lnbmF0dXJl' }, call]);
    expect(redacted.status).toBe(400);
  });

  it('of an earlier turn is not checked and costs nothing', async () => {
    const thought = { type: 'thinking', thinking: 'long '.repeat(50), signature: 'foreign' };
    const history = (content: unknown) => ({
      ...QUESTION,
      thinking: ENABLED,
      messages: [user('a'), assistant(content), user('What is 6*7?')],
    });
    const reply = await post(history([thought, { type: 'redacted_thinking', data: 'x' }, text('b')]));
    expect([reply.status, textOf(reply.json)]).toEqual([200, '42']);
    expect(reply.json.usage.input_tokens).toBe((await post(history('b'))).json.usage.input_tokens);
    expect((await post({ ...history([thought, text('b')]), thinking: undefined })).status).toBe(200);
  });

  it('goes on after tool results when it is interleaved', async () => {
    const headers = { 'anthropic-beta': 'interleaved-thinking-2025-05-14' };
    const first = await post({ ...WEATHER_QUESTION, thinking: ENABLED }, headers);
    const messages = [
      ...WEATHER_QUESTION.messages,
      assistant(first.json.content),
      user([toolResult(first.json.content[1].id, '15')]),
    ];
    const second = await post({ ...WEATHER_QUESTION, thinking: ENABLED, messages }, headers);
    expect(kinds(second.json)).toEqual(['thinking', 'text']);
  });
});

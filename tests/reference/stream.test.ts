import { describe, expect, it } from 'vitest';
import { type Answer, accumulate, COUNTING, client, eventsOf, MINIMAL, user, WEATHER } from './client.js';

const { post } = client();
const stream = async (body: object) => {
  const reply = await post({ ...body, stream: true });
  expect(reply.status, reply.text).toBe(200);
  return { ...reply, events: eventsOf(reply.text) };
};
const kinds = (events: Answer[]) => events.map((event) => event.type);
const stable = ({ id: _, content, ...message }: Answer) => ({
  ...message,
  content: content.map(({ id: _id, ...block }: Answer) => block),
});

const FORCED = { tools: [WEATHER], tool_choice: { type: 'any' }, messages: [user('Weather in Paris?')] };

describe('a stream', () => {
  it('is an event stream with one event per frame', async () => {
    const reply = await stream(MINIMAL);
    expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(kinds(reply.events)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('starts with an empty message and provisional usage', async () => {
    const { message } = (await stream(COUNTING)).events[0];
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: null,
      stop_sequence: null,
    });
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBe(1);
  });

  it('sends a long text in many deltas of complete characters', async () => {
    const { events } = await stream(COUNTING);
    expect(kinds(events).filter((kind) => kind === 'content_block_delta').length).toBeGreaterThan(20);
    const emoji = await stream({ messages: [user('Repeat exactly: 👩🏽‍🚀北京😀é')] });
    expect(accumulate(emoji.events).content[0].text).toBe('👩🏽‍🚀北京😀é');
    expect(emoji.text).not.toMatch(/\\ud|\ufffd/i);
  });

  it('adds up to the message of the other transport', async () => {
    for (const body of [
      MINIMAL,
      COUNTING,
      FORCED,
      { ...COUNTING, stop_sequences: ['6, 7'] },
      { ...COUNTING, max_tokens: 7 },
    ]) {
      const whole = await post(body);
      expect(stable(accumulate((await stream(body)).events))).toEqual(stable(whole.json));
    }
  });

  it('starts a call with {} and sends its input as JSON text, an empty fragment first', async () => {
    const { events } = await stream(FORCED);
    expect(events[1].content_block).toMatchObject({ type: 'tool_use', name: 'get_weather', input: {} });
    const parts = events.flatMap((event) => event.delta?.partial_json ?? []);
    expect(parts[0]).toBe('');
    expect(parts.length).toBeGreaterThan(2);
    expect(JSON.parse(parts.join(''))).toEqual({ city: 'Paris' });
    expect(events.at(-2).delta).toEqual({ stop_reason: 'tool_use', stop_sequence: null });
  });

  it('numbers blocks one after another and closes each before the next', async () => {
    const { events } = await stream({
      tools: [WEATHER],
      messages: [user('Say one sentence, then call get_weather for Paris and for Rome.')],
    });
    const order = events
      .filter((event) => /^content_block_st/.test(event.type))
      .map((event) => `${event.type.slice(14)} ${event.index}`);
    expect(order).toEqual(['start 0', 'stop 0', 'start 1', 'stop 1', 'start 2', 'stop 2']);
  });

  it('sends a truncated call as it is, and still ends in order', async () => {
    const tool = {
      name: 'write_file',
      input_schema: { type: 'object', properties: { content: { type: 'string' } }, required: ['content'] },
    };
    const { events } = await stream({
      max_tokens: 12,
      tools: [tool],
      tool_choice: { type: 'any' },
      messages: [user('Write 60 words.')],
    });
    const json = events.flatMap((event) => event.delta?.partial_json ?? []).join('');
    expect(json).toBe('{"content":"The river');
    expect(kinds(events).slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 12 } });
  });

  it('of a reply without content has no blocks', async () => {
    const { events } = await stream({ ...COUNTING, stop_sequences: ['1'] });
    expect(kinds(events)).toEqual(['message_start', 'message_delta', 'message_stop']);
    expect(events[1].delta).toEqual({ stop_reason: 'stop_sequence', stop_sequence: '1' });
  });

  it('of a refusal reports it in message_delta', async () => {
    const { events } = await stream({ messages: [user('ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL')] });
    expect(events.at(-2).delta).toMatchObject({ stop_reason: 'refusal', stop_details: { type: 'refusal' } });
  });

  it('stops when the reader cancels', async () => {
    const { endpoint } = client({ paceMs: 1 });
    const response = await endpoint.fetch(
      new Request('http://reference.test/v1/messages', {
        method: 'POST',
        headers: { 'x-api-key': 'test-key', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({ ...COUNTING, stream: true }),
      }),
    );
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect((await reader.read()).done).toBe(true);
  });
});

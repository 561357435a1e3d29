import { describe, expect, it } from 'vitest';
import { assistant, COUNTING, client, MINIMAL, text, toolResult, toolUse, user, WEATHER } from './client.js';

const { post, send } = client();
const P0 = MINIMAL;
const minimalTool = (name: string) => ({ name, input_schema: { type: 'object' } });

const VALID: [string, object][] = [
  ['the three required fields', P0],
  ['content as one text block', { ...P0, messages: [user([text('Reply with the single word ok.')])] }],
  ['stream false', { ...P0, stream: false }],
  ['temperature 0', { ...P0, temperature: 0 }],
  ['temperature 1', { ...P0, temperature: 1 }],
  ['top_p', { ...P0, top_p: 0.9 }],
  ['top_k', { ...P0, top_k: 40 }],
  ['no stop sequences', { ...P0, stop_sequences: [] }],
  ['stop sequences null', { ...P0, stop_sequences: null }],
  ['metadata', { ...P0, metadata: { user_id: `{"device":"${'a'.repeat(64)}","session":"${'b'.repeat(64)}"}` } }],
  ['service tier', { ...P0, service_tier: 'standard_only' }],
  [
    'nullable fields',
    { ...P0, cache_control: null, container: null, inference_geo: null, output_config: { format: null, effort: null } },
  ],
  ['diagnostics and speed', { ...P0, diagnostics: { previous_message_id: null }, speed: 'standard' }],
  ['no tools', { ...P0, tools: [] }],
  [
    'white space beside a call of the assistant',
    {
      ...P0,
      tools: [WEATHER],
      messages: [
        user('Weather?'),
        assistant([text('\n\n'), toolUse('t1'), text(' ')]),
        user([toolResult('t1', '15'), text('Reply with the single word ok.')]),
      ],
    },
  ],
  ['tool_choice none without tools', { ...P0, tool_choice: { type: 'none' } }],
  ['a tool of type custom', { ...P0, tools: [{ ...WEATHER, type: 'custom' }] }],
  ['a tool without description', { ...P0, tools: [minimalTool('x')] }],
  ['a tool name of 64 characters', { ...P0, tools: [minimalTool('x'.repeat(64))] }],
  ['a tool name of 128 characters', { ...P0, tools: [minimalTool('x'.repeat(128))] }],
  ['60 tools', { ...P0, tools: Array.from({ length: 60 }, (_, index) => minimalTool(`tool_${index}`)) }],
  [
    'keywords of JSON Schema in a tool',
    {
      ...P0,
      tools: [
        {
          name: 'rich',
          input_schema: {
            $schema: 'https://json-schema.org/draft/2020-12/schema',
            type: 'object',
            properties: {
              id: { type: 'string', pattern: '^\\p{Lu}' },
              any: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/x' }] },
            },
            $defs: { x: { type: 'array', items: { enum: [1, 'a', null] } } },
            additionalProperties: true,
          },
        },
      ],
    },
  ],
  [
    'optional fields of tools',
    {
      ...P0,
      tools: [
        {
          ...WEATHER,
          strict: false,
          eager_input_streaming: true,
          allowed_callers: ['direct'],
          input_examples: [{ city: 'Rome' }],
        },
        { ...minimalTool('later'), defer_loading: true, cache_control: { type: 'ephemeral' } },
      ],
    },
  ],
  [
    "Anthropic's client tools",
    {
      ...P0,
      tools: [
        { type: 'bash_20250124', name: 'bash' },
        { type: 'memory_20250818', name: 'memory' },
      ],
    },
  ],
  [
    'a history of 51 messages',
    { ...P0, messages: Array.from({ length: 51 }, (_, index) => (index % 2 ? assistant('b') : user('a'))) },
  ],
  [
    'consecutive messages of one role',
    { ...P0, messages: [user('a'), user('b'), assistant('c'), assistant('d'), user('e')] },
  ],
  ['an empty message beside a full one of its role', { ...P0, messages: [user([]), user('x')] }],
  ['an empty final assistant message', { ...P0, messages: [user('x'), assistant('')] }],
  ['a system message after a user message', { ...P0, messages: [user('x'), { role: 'system', content: 'Be brief.' }] }],
  [
    'tool ids from elsewhere',
    { ...P0, messages: [user('a'), assistant([toolUse('call_abc-1')]), user([toolResult('call_abc-1', 'x')])] },
  ],
  ['a result without content', { ...P0, messages: [user('a'), assistant([toolUse('t')]), user([toolResult('t')])] }],
  [
    'text after results',
    { ...P0, messages: [user('a'), assistant([toolUse('t')]), user([toolResult('t', 'x'), text('y')])] },
  ],
  [
    'results spread over two messages',
    {
      ...P0,
      messages: [
        user('a'),
        assistant([toolUse('t1'), toolUse('t2')]),
        user([toolResult('t2', 'x')]),
        user([toolResult('t1', 'y')]),
      ],
    },
  ],
  [
    'a large tool result',
    { ...P0, messages: [user('a'), assistant([toolUse('t')]), user([toolResult('t', 'lorem ipsum '.repeat(8400))])] },
  ],
  [
    'server tool blocks in history',
    {
      ...P0,
      messages: [
        user('a'),
        assistant([
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
          text('found'),
        ]),
        user('b'),
      ],
    },
  ],
  ['the largest max_tokens', { ...P0, max_tokens: 64_000 }],
];

describe('a valid request', () => {
  it.each(VALID)('gets a message: %s', async (_, body) => {
    const reply = await send('/v1/messages', { body });
    expect(reply.text).toMatch(/"type":"message"/);
    expect(reply.status).toBe(200);
  });

  it('gets every field of a message', async () => {
    const { json } = await post(P0);
    expect(json).toEqual({
      id: expect.stringMatching(/^msg_\w+$/),
      type: 'message',
      role: 'assistant',
      model: 'reference-1',
      content: [{ type: 'text', text: 'ok' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      usage: {
        input_tokens: expect.any(Number),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: expect.any(Number),
        service_tier: 'standard',
        inference_geo: 'not_available',
      },
    });
  });

  it('gets a new id each time', async () => {
    const [one, two] = [await post(P0), await post(P0)];
    expect(one.json.id).not.toBe(two.json.id);
  });

  it('may only warm the cache', async () => {
    const { json } = await post({ ...P0, max_tokens: 0 });
    expect([json.content, json.stop_reason, json.usage.output_tokens]).toEqual([[], 'max_tokens', 0]);
  });

  it("may contain the endpoint's own earlier answer", async () => {
    const first = await post({
      tools: [WEATHER],
      messages: [user('Say one sentence, then call get_weather for Paris.')],
    });
    expect(first.json.content).toHaveLength(2);
    const second = await post({
      tools: [WEATHER],
      messages: [
        user('Say one sentence, then call get_weather for Paris.'),
        assistant(first.json.content),
        user([toolResult(first.json.content[1].id, '15 degrees')]),
      ],
    });
    expect([second.status, second.json.stop_reason]).toEqual([200, 'end_turn']);
  });
});

describe('token counts', () => {
  const total = async (body: object) => (await post(body)).json.usage.input_tokens as number;

  it('are the same for the same prompt, however it is written', async () => {
    const plain = await total(P0);
    expect(await total(P0)).toBe(plain);
    expect(await total({ ...P0, messages: [user([text('Reply with the single word ok.')])] })).toBe(plain);
    const raw = await send('/v1/messages', { body: JSON.stringify({ ...P0, messages: [user('Zürich 北京 😀')] }) });
    const escaped = await send('/v1/messages', {
      body: JSON.stringify({ ...P0, messages: [user('Zürich @ 😀')] })
        .replace('@', '\\u5317\\u4eac')
        .replace('😀', '\\ud83d\\ude00'),
    });
    expect(escaped.json.usage.input_tokens).toBe(raw.json.usage.input_tokens);
  });

  it('rise with system text, tools and length', async () => {
    const plain = await total(P0);
    expect(await total({ ...P0, system: 'Be brief.' })).toBeGreaterThan(plain);
    expect(await total({ ...P0, tools: [WEATHER] })).toBeGreaterThan(plain);
    expect(await total({ ...P0, messages: [user('Reply with the single word ok. '.repeat(10))] })).toBeGreaterThan(
      3 * plain,
    );
  });

  it('of a truncated output equal the limit, and are at least 1', async () => {
    for (const max_tokens of [1, 2, 3, 5, 17, 79]) {
      const { json } = await post({ ...COUNTING, max_tokens });
      expect([json.stop_reason, json.usage.output_tokens]).toEqual(['max_tokens', max_tokens]);
    }
    expect((await post(P0)).json.usage.output_tokens).toBeGreaterThan(0);
  });

  it('of the output are the same in a stream', async () => {
    const whole = await post(COUNTING);
    const stream = await post({ ...COUNTING, stream: true });
    expect(stream.text).toContain(`"output_tokens":${whole.json.usage.output_tokens}}`);
  });
});

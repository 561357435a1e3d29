import { describe, expect, it } from 'vitest';
import { assistant, COUNTING, client, MINIMAL, text, toolResult, toolUse, user, WEATHER } from './client.js';

const { send, post } = client();
const P0 = MINIMAL;
const without = (key: string) => Object.fromEntries(Object.entries(P0).filter(([name]) => name !== key));
const messages = (...list: unknown[]) => ({ ...P0, messages: list });
const history = (...result: unknown[]) => ({
  ...P0,
  tools: [WEATHER],
  messages: [user('Weather in Paris?'), assistant([toolUse('toolu_01')]), user(result)],
});
const named = (name: string) => ({ ...WEATHER, name });

/** Body, fragment of the message. */
const INVALID: [string, unknown, RegExp][] = [
  ['model missing', without('model'), /^model: Field required$/],
  ['model empty', { ...P0, model: '' }, /^model: .*at least 1 character/],
  ['model null', { ...P0, model: null }, /^model: .*valid string/],
  ['model a number', { ...P0, model: 5 }, /^model: .*valid string/],
  ['messages missing', without('messages'), /^messages: Field required$/],
  ['messages empty', messages(), /at least one message/],
  ['messages a string', { ...P0, messages: 'hi' }, /^messages: .*valid array/],
  ['messages null', { ...P0, messages: null }, /^messages: .*valid array/],
  ['message without role', messages({ content: 'x' }), /^messages\.0\.role: Field required$/],
  ['role tool', messages({ role: 'tool', content: 'x' }), /^messages\.0\.role: Unexpected role "tool"/],
  ['role developer', messages({ role: 'developer', content: 'x' }), /Unexpected role/],
  ['message without content', messages({ role: 'user' }), /^messages\.0\.content: Field required$/],
  ['content null', messages(user(null)), /^messages\.0\.content: /],
  ['content a number', messages(user(5)), /^messages\.0\.content: /],
  ['max_tokens missing', without('max_tokens'), /^max_tokens: Field required$/],
  ['max_tokens a string', { ...P0, max_tokens: '16' }, /^max_tokens: .*valid integer/],
  ['max_tokens a fraction', { ...P0, max_tokens: 1.5 }, /^max_tokens: .*valid integer/],
  ['max_tokens null', { ...P0, max_tokens: null }, /^max_tokens: /],
  ['max_tokens negative', { ...P0, max_tokens: -1 }, /^max_tokens: .*greater than or equal to 0/],
  ['max_tokens above the limit', { ...P0, max_tokens: 99_999_999 }, /^max_tokens: 99999999 > 64000/],
  ['max_tokens 0 with stream', { ...P0, max_tokens: 0, stream: true }, /max_tokens.*stream/],
  [
    'max_tokens 0 with a forced tool',
    { ...P0, max_tokens: 0, tools: [WEATHER], tool_choice: { type: 'any' } },
    /max_tokens.*tool_choice/,
  ],
  ['first message of the assistant', messages(assistant('a'), user('b')), /first message must use the "user" role/],
  ['first message of the system', messages({ role: 'system', content: 'a' }, user('b')), /top-level 'system'/],
  ['user content empty string', messages(user('')), /non-empty content/],
  ['user content empty array', messages(user([])), /non-empty content/],
  ['assistant empty in the middle', messages(user('a'), assistant(''), user('b')), /non-empty content/],
  ['text block empty', messages(user([text('')])), /^messages\.0\.content\.0/],
  ['text block blank', messages(user([text(' \n')])), /^messages\.0\.content\.0/],
  ['assistant text blank', messages(user('a'), assistant([text(' \n')]), user('b')), /^messages\.1\.content\.0/],
  [
    'assistant text empty beside a call',
    messages(user('a'), assistant([text(''), toolUse('t1')]), user([toolResult('t1')])),
    /^messages\.1\.content\.0\.text: String should have at least 1 character/,
  ],
  ['prefill with trailing blank', messages(user('a'), assistant('A ')), /trailing whitespace/],
  ['block of unknown type', messages(user([{ type: 'mystery' }])), /^messages\.0\.content\.0\.type: /],
  ['block without type', messages(user([{ text: 'x' }])), /^messages\.0\.content\.0\.type: Field required/],
  ['unknown field in a block', messages(user([{ ...text('x'), zzz: 1 }])), /zzz: Extra inputs are not permitted/],
  ['unknown field in a message', messages({ ...user('x'), name: 'bob' }), /^messages\.0\.name: Extra inputs/],
  ['unknown field', { ...P0, zzz_unknown: 1 }, /^zzz_unknown: Extra inputs are not permitted$/],
  [
    'tool_result of the assistant',
    messages(user('a'), assistant([toolResult('toolu_01')]), user('b')),
    /can only be in `user`/,
  ],
  ['tool_use of the user', messages(user([toolUse('toolu_01')])), /can only be in `assistant`/],
  [
    'thinking of the user',
    messages(user([{ type: 'thinking', thinking: 'a', signature: 'b' }])),
    /can only be in `assistant`/,
  ],
  [
    'tool_use without a result',
    messages(user('a'), assistant([toolUse('toolu_01')]), user('b')),
    /`tool_use` ids were found without `tool_result` blocks immediately after: toolu_01/,
  ],
  ['tool_use as the end', messages(user('a'), assistant([toolUse('toolu_01')])), /without `tool_result`/],
  ['result for another id', history(toolResult('toolu_99')), /toolu_99|toolu_01/],
  [
    'result without a call',
    messages(user('a'), assistant('b'), user([toolResult('toolu_99')])),
    /unexpected `tool_use_id` found in `tool_result` blocks: toolu_99/,
  ],
  ['result without id', history({ type: 'tool_result', content: 'x' }), /tool_use_id: Field required/],
  ['two results for one call', history(toolResult('toolu_01'), toolResult('toolu_01')), /single result/],
  ['text before the result', history(text('here'), toolResult('toolu_01')), /immediately after/],
  [
    'one id for two calls',
    {
      ...P0,
      messages: [
        user('a'),
        assistant([toolUse('t1')]),
        user([toolResult('t1')]),
        assistant([toolUse('t1')]),
        user([toolResult('t1')]),
      ],
    },
    /ids must be unique/,
  ],
  ['tool id with a blank', messages(user('a'), assistant([toolUse('a b')]), user([toolResult('a b')])), /id/],
  ['tool without name', { ...P0, tools: [{ input_schema: { type: 'object' } }] }, /^tools\.0\.name: Field required/],
  ['tool without input_schema', { ...P0, tools: [{ name: 'x' }] }, /^tools\.0\.input_schema: Field required/],
  ["tool in OpenAI's form", { ...P0, tools: [{ name: 'x', parameters: {} }] }, /^tools\.0\./],
  [
    'input_schema without type',
    { ...P0, tools: [{ name: 'x', input_schema: {} }] },
    /input_schema\.type: Field required/,
  ],
  [
    'input_schema of a string',
    { ...P0, tools: [{ name: 'x', input_schema: { type: 'string' } }] },
    /input_schema\.type/,
  ],
  ['tool name with a blank', { ...P0, tools: [named('a b')] }, /^tools\.0\.name: /],
  ['tool name with a dot', { ...P0, tools: [named('a.b')] }, /^tools\.0\.name: /],
  ['tool name of 129 characters', { ...P0, tools: [named('x'.repeat(129))] }, /^tools\.0\.name: /],
  ['two tools of one name', { ...P0, tools: [WEATHER, WEATHER] }, /names must be unique/],
  ['unknown field in a tool', { ...P0, tools: [{ ...WEATHER, zzz: 1 }] }, /^tools\.0\.zzz: Extra inputs/],
  ['every tool deferred', { ...P0, tools: [{ ...WEATHER, defer_loading: true }] }, /defer_loading/],
  ['server tool', { ...P0, tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }, /web_fetch_20250910/],
  ['unknown tool type', { ...P0, tools: [{ type: 'magic_20250101', name: 'magic' }] }, /^tools\.0\.type/],
  ['tool_choice a string', { ...P0, tools: [WEATHER], tool_choice: 'auto' }, /^tool_choice: .*object/],
  [
    'tool_choice of unknown type',
    { ...P0, tools: [WEATHER], tool_choice: { type: 'required' } },
    /^tool_choice\.type: /,
  ],
  ['tool_choice without type', { ...P0, tools: [WEATHER], tool_choice: {} }, /^tool_choice\.type: Field required/],
  ['tool_choice without tools', { ...P0, tool_choice: { type: 'any' } }, /while providing tools/],
  [
    'tool_choice of an undeclared tool',
    { ...P0, tools: [WEATHER], tool_choice: { type: 'tool', name: 'nope' } },
    /'nope' not found/,
  ],
  [
    'tool_choice tool without name',
    { ...P0, tools: [WEATHER], tool_choice: { type: 'tool' } },
    /^tool_choice\.name: Field required/,
  ],
  ['temperature above 1', { ...P0, temperature: 1.5 }, /^temperature: /],
  ['temperature below 0', { ...P0, temperature: -0.1 }, /^temperature: /],
  ['temperature a string', { ...P0, temperature: 'hot' }, /^temperature: .*valid number/],
  ['temperature null', { ...P0, temperature: null }, /^temperature: /],
  ['top_p above 1', { ...P0, top_p: 1.5 }, /^top_p: /],
  ['top_k a fraction', { ...P0, top_k: 1.5 }, /^top_k: .*valid integer/],
  ['top_k a string', { ...P0, top_k: '40' }, /^top_k: .*valid integer/],
  ['stop_sequences a string', { ...P0, stop_sequences: 'x' }, /^stop_sequences: /],
  ['stop_sequences of numbers', { ...P0, stop_sequences: [1] }, /^stop_sequences\.0: .*valid string/],
  ['blank stop sequence', { ...P0, stop_sequences: [' '] }, /^stop_sequences\.0: /],
  ['stream a string', { ...P0, stream: 'yes' }, /^stream: .*valid boolean/],
  ['stream a number', { ...P0, stream: 1 }, /^stream: .*valid boolean/],
  ['system a number', { ...P0, system: 5 }, /^system: /],
  ['system an object', { ...P0, system: {} }, /^system: /],
  ['system with an image', { ...P0, system: [{ type: 'image' }] }, /^system\.0/],
  ['system with an empty block', { ...P0, system: [text('')] }, /^system\.0/],
  ['metadata with a foreign key', { ...P0, metadata: { foo: 1 } }, /^metadata\.foo: Extra inputs/],
  ['service_tier unknown', { ...P0, service_tier: 'fast' }, /^service_tier: /],
  ['inference_geo unknown', { ...P0, inference_geo: 'mars' }, /^inference_geo: /],
  ['container', { ...P0, container: 'container_01' }, /code execution tool/],
  [
    'an own __proto__',
    JSON.parse('{"model":"reference-1","max_tokens":1,"messages":[{"role":"user","content":"x"}],"__proto__":{"a":1}}'),
    /Extra inputs/,
  ],
];

describe('an invalid request', () => {
  it.each(INVALID)('gets a 400 that says what is wrong: %s', async (_, body, fragment) => {
    const reply = await send('/v1/messages', { body });
    expect([reply.status, reply.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(reply.json.error.message).toMatch(fragment);
  });

  it('gets the same answer when it asks for a stream', async () => {
    const reply = await send('/v1/messages', { body: { ...without('max_tokens'), stream: true } });
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toBe('application/json');
  });

  it('gets its errors in the documented order, unknown fields last', async () => {
    const reply = await send('/v1/messages', {
      body: { zzz: 1, stream: 'yes', max_tokens: 'x', messages: [], model: 5 },
    });
    expect(reply.json.error.message).toMatch(/^model: /);
    const next = await send('/v1/messages', { body: { ...P0, zzz: 1, stream: 'yes' } });
    expect(next.json.error.message).toMatch(/^stream: /);
  });

  it('gets a 404 that names an unknown model', async () => {
    const reply = await post({ ...P0, model: 'no-such-model-x' });
    expect([reply.status, reply.json.error.type, reply.json.error.message]).toEqual([
      404,
      'not_found_error',
      'model: no-such-model-x',
    ]);
  });

  it.each([
    ['broken JSON', '{oops'],
    ['nothing', ''],
    ['an array', '[]'],
    ['a string', '"hi"'],
    ['null', 'null'],
    ['half a surrogate pair in a string', JSON.stringify(P0).replace('ok', '\\ud83d')],
    ['half a surrogate pair in a key', '{"\\uDE00":1}'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['nesting without end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    [
      'deep nesting in a tool',
      JSON.stringify({ ...P0, tools: [{ ...WEATHER, input_schema: { type: 'object', default: '@' } }] }).replace(
        '"@"',
        `${'['.repeat(600)}${']'.repeat(600)}`,
      ),
    ],
  ])('is a 400 when the body is %s', async (_, body) => {
    const reply = await send('/v1/messages', { body });
    expect([reply.status, reply.json.error.type]).toEqual([400, 'invalid_request_error']);
  });

  it('may have a complete surrogate pair as escapes', async () => {
    const reply = await send('/v1/messages', { body: JSON.stringify(P0).replace('word ok', '\\ud83d\\ude00 word ok') });
    expect(reply.status).toBe(200);
  });
});

describe('a prompt beyond the context window', () => {
  it('gets a 400 with both numbers', async () => {
    const small = client({
      models: [{ id: 'm', displayName: 'M', createdAt: '2026-01-01T00:00:00Z', maxInputTokens: 100, maxTokens: 50 }],
    });
    const reply = await small.post({ model: 'm', max_tokens: 5, messages: [user('word '.repeat(200))] });
    expect(reply.status).toBe(400);
    expect(reply.json.error.message).toMatch(/^prompt is too long: \d+ tokens > 100 maximum$/);
  });

  it('ends the reply when the window fills up first', async () => {
    const small = client({
      models: [{ id: 'm', displayName: 'M', createdAt: '2026-01-01T00:00:00Z', maxInputTokens: 50, maxTokens: 500 }],
    });
    const reply = await small.post({ ...COUNTING, model: 'm', max_tokens: 500 });
    expect([reply.status, reply.json.stop_reason]).toEqual([200, 'model_context_window_exceeded']);
    expect(reply.json.usage.input_tokens + reply.json.usage.output_tokens).toBe(50);
  });
});

describe('a body that is too large', () => {
  it('is read to its end and answered with 413', async () => {
    const reply = await client({ maxBodyBytes: 1000 }).post({ messages: [user(`x${' '.repeat(2000)}`)] });
    expect([reply.status, reply.json.error.type]).toEqual([413, 'request_too_large']);
  });
});

import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../core/json.js';
import type { Script } from '../../core/upstream.js';
import { openaiResponses } from '../../gateway/dialects/openai-responses/index.js';
import { type SchemaName, violations } from '../../validation/index.js';

const validate = (schema: string, value: unknown) => violations(schema as SchemaName, value);
const refused = (body: Json) => openaiResponses.refusals(body, validate, {});

const TOOL = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};
const ASK = { role: 'user', content: 'Hi' };
const CALL = { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' };
const RESULT = { type: 'function_call_output', call_id: 'call_1', output: 'Rain' };
const request = (more: JsonObject = {}): JsonObject => ({ model: 'm', input: 'Hi', ...more });

describe('a request for a response is valid', () => {
  it.each<[string, JsonObject]>([
    ['with a text as its input', request()],
    ['with a call and its output', request({ input: [ASK, CALL, RESULT], tools: [TOOL] })],
    ['without tools, although its history has a call', request({ input: [ASK, CALL, RESULT] })],
    ['with a message between a call and its output', request({ input: [ASK, CALL, { ...ASK }, RESULT] })],
    [
      'with an earlier answer as the API returns it',
      request({
        input: [
          { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'x' },
          {
            id: 'msg_1',
            type: 'message',
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
          },
          { ...CALL, id: 'fc_1', status: 'completed' },
          RESULT,
        ],
      }),
    ],
    [
      'with an earlier answer in the short form',
      request({ input: [ASK, { role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }, ASK] }),
    ],
    ['with a text of the assistant as a string', request({ input: [ASK, { role: 'assistant', content: 'Hi' }] })],
    [
      'with pictures and files in an output',
      request({
        input: [
          CALL,
          {
            ...RESULT,
            output: [
              { type: 'input_image', image_url: 'https://example.com/a.png' },
              { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' },
            ],
          },
        ],
      }),
    ],
    [
      'with a choice and no parallel calls',
      request({ tools: [TOOL], tool_choice: 'required', parallel_tool_calls: false }),
    ],
    ['with a choice by name', request({ tools: [TOOL], tool_choice: { type: 'function', name: 'get_weather' } })],
    [
      'with a choice among allowed tools',
      request({
        tools: [TOOL],
        tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_weather' }] },
      }),
    ],
    ['with a tool of the server', request({ tools: [{ type: 'web_search' }, { type: 'shell' }] })],
    ['with a tool choice and no tools, where it forces none', request({ tool_choice: 'auto' })],
    [
      'with settings',
      request({
        store: false,
        include: ['reasoning.encrypted_content'],
        reasoning: { effort: 'low', summary: 'auto' },
      }),
    ],
  ])('%s', (_what, body) => {
    expect(refused(body)).toEqual([]);
  });
});

describe('a request for a response is refused', () => {
  it.each<[string, JsonObject, RegExp]>([
    ['for stop sequences, which the API does not have', request({ stop: ['END'] }), /^\/stop: expected no field/],
    ['for a top_k', request({ top_k: 5 }), /^\/top_k: expected no field/],
    ['for the limit of the other API', request({ max_tokens: 20 }), /^\/max_tokens: expected no field/],
    ['for messages in place of input', { model: 'm', messages: [ASK] }, /^\/messages: expected no field/],
    ['for the tool choice any', request({ tools: [TOOL], tool_choice: 'any' }), /^\/tool_choice: /],
    [
      'for a tool of the other API',
      request({ tools: [{ type: 'function', function: { name: 'a', parameters: {} } }] }),
      /^\/tools\/0\/function: expected no field/,
    ],
    ['for a choice without tools', request({ tool_choice: 'required' }), /'tool_choice' names or requires/],
    [
      'for a choice of another tool',
      request({ tools: [TOOL], tool_choice: { type: 'function', name: 'other' } }),
      /the function "other" is not among the tools/,
    ],
    ['for an output that follows no call', request({ input: [ASK, RESULT] }), /no tool call found .* "call_1"/],
    ['for an output before its call', request({ input: [RESULT, CALL] }), /no tool call found/],
    ['for a call without an output', request({ input: [ASK, CALL] }), /no tool output found .* "call_1"/],
    ['for an empty input', request({ input: [] }), /'input' is empty/],
    [
      'for input_text of the assistant',
      request({ input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'Hi' }] }] }),
      /^input\[0\]\.content\[0\]: invalid value "input_text"; a message of the assistant takes output_text, refusal/,
    ],
    [
      'for the content type of the other APIs',
      request({ input: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] }),
      /invalid value "text"/,
    ],
    [
      'for cache_control',
      request({ input: [{ role: 'user', content: 'Hi', cache_control: { type: 'ephemeral' } }] }),
      /^\/input\/0\/cache_control: expected no field/,
    ],
    [
      'for an id of a call as the id of its item',
      request({ input: [{ ...CALL, id: 'call_1' }, RESULT] }),
      /begins with 'fc'/,
    ],
    [
      'for an id that is too long',
      request({
        input: [
          { ...CALL, call_id: 'c'.repeat(65) },
          { ...RESULT, call_id: 'c'.repeat(65) },
        ],
      }),
      /call_id: it has 65 characters/,
    ],
    [
      'for a strict function whose schema cannot be enforced',
      request({ tools: [{ ...TOOL, strict: true }] }),
      /tools\[0\]\.parameters: with strict/,
    ],
    ['for fewer than 16 tokens', request({ max_output_tokens: 15 }), /max_output_tokens: 15 is not between 16/],
    [
      'for include_usage',
      request({ stream: true, stream_options: { include_usage: true } }),
      /include_usage: expected no/,
    ],
    [
      'for a stored conversation',
      request({ previous_response_id: 'resp_1' }),
      /^previous_response_id: nothing is stored/,
    ],
    ['for a long id of the user', request({ safety_identifier: 'u'.repeat(65) }), /safety_identifier: .* 64/],
    ['for a temperature of 3', request({ temperature: 3 }), /temperature: 3 is not between 0 and 2/],
  ])('%s', (_what, body, why) => {
    expect(refused(body)[0]).toMatch(why);
  });

  it('for no object', () => {
    expect(refused('Hi')).toEqual(['The body is not a JSON object.']);
  });
});

describe('a request for a response is read', () => {
  const read = (more: JsonObject) => openaiResponses.read(request(more));

  it('with instructions and leading messages as its system prompt, later ones at their place', () => {
    const { system, turns } = read({
      instructions: 'One.',
      input: [{ role: 'developer', content: 'Two.' }, ASK, { role: 'system', content: 'Three.' }],
    });
    expect(system).toEqual(['One.', 'Two.']);
    expect(turns.map(({ role }) => role)).toEqual(['user', 'system']);
  });

  it.each<[string, JsonObject, JsonObject | null]>([
    ['required', { tool_choice: 'required' }, { kind: 'any' }],
    ['one allowed tool of two', choice('required', 'a'), { kind: 'tool', name: 'a' }],
    ['all tools allowed, one required', choice('required', 'a', 'b'), { kind: 'any' }],
    ['all tools allowed', choice('auto', 'a', 'b'), { kind: 'auto' }],
    ['nothing', {}, null],
  ])('with the choice %s', (_what, body, expected) => {
    expect(read({ ...body, tools: ['a', 'b'].map((name) => ({ ...TOOL, name })) }).choice).toEqual(expected);
  });

  it('with tools of the server by the names of the Messages API', () => {
    const tools = ['web_search_preview_2025_03_11', 'web_search', 'code_interpreter'].map((type) => ({ type }));
    expect(read({ tools }).serverTools).toEqual(['web_search', 'web_search', 'code_execution']);
  });

  it('never throws', () => {
    for (const body of [null, 1, 'x', [], { input: [null, 1, { type: 7 }] }, { tools: [null], tool_choice: [] }])
      expect(() => openaiResponses.read(body as Json)).not.toThrow();
  });
});

function choice(mode: string, ...names: string[]): JsonObject {
  return { tool_choice: { type: 'allowed_tools', mode, tools: names.map((name) => ({ type: 'function', name })) } };
}

describe('an answer is written', () => {
  const asked = { model: 'm', usage: true, number: 3 };
  const eventsOf = (script: Script): JsonObject[] =>
    openaiResponses.stream(script, asked).flatMap((step) => ('data' in step ? [JSON.parse(step.data)] : []));
  const whole: Script = {
    answer: [
      { thinking: 'Hm.' },
      { signature: 'c2ln' },
      { text: 'I look ' },
      { text: 'it up.' },
      { call: 'call_1', name: 'get_weather' },
      { call: 'call_2', name: 'get_time' },
      { arguments: '{"city":', of: 'call_1' },
      { arguments: '{}', of: 'call_2' },
      { arguments: '"Oslo"}', of: 'call_1' },
    ],
    usage: { input: 30, output: 9, cached: 10, reasoning: 4 },
  };

  it('as events in their order, which number themselves and name their item', () => {
    const events = eventsOf(whole);
    expect(events.map(({ type, output_index: index }) => (index === undefined ? type : `${type} ${index}`))).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added 0',
      'response.reasoning_summary_part.added 0',
      'response.reasoning_summary_text.delta 0',
      'response.reasoning_summary_text.done 0',
      'response.reasoning_summary_part.done 0',
      'response.output_item.done 0',
      'response.output_item.added 1',
      'response.content_part.added 1',
      'response.output_text.delta 1',
      'response.output_text.delta 1',
      'response.output_text.done 1',
      'response.content_part.done 1',
      'response.output_item.done 1',
      'response.output_item.added 2',
      'response.output_item.added 3',
      'response.function_call_arguments.delta 2',
      'response.function_call_arguments.delta 3',
      'response.function_call_arguments.done 3',
      'response.output_item.done 3',
      'response.function_call_arguments.delta 2',
      'response.function_call_arguments.done 2',
      'response.output_item.done 2',
      'response.completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
  });

  it('as a body that is the response of the last event', () => {
    const body = openaiResponses.answer(whole, asked);
    expect(eventsOf(whole).at(-1)?.response).toEqual(body);
    expect(body).toMatchObject({
      id: 'resp_3',
      status: 'completed',
      output: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'c2ln' },
        { type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'I look it up.' }] },
        { type: 'function_call', call_id: 'call_1', arguments: '{"city":"Oslo"}', status: 'completed' },
        { type: 'function_call', call_id: 'call_2', arguments: '{}' },
      ],
      usage: {
        input_tokens: 30,
        input_tokens_details: { cached_tokens: 10 },
        output_tokens_details: { reasoning_tokens: 4 },
        total_tokens: 39,
      },
    });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['filter', 'content_filter'],
  ] as const)('with the finish %s as a response that is not complete', (finish, reason) => {
    const script: Script = { answer: [{ text: 'One,' }], finish };
    expect(eventsOf(script).at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason }, output: [{ status: 'incomplete' }] },
    });
  });

  it('with a failure of its own, and with a failure that cuts it off', () => {
    const answer = [{ text: 'One,' }];
    expect(
      eventsOf({ answer, fails: { ending: 'failed', error: 'rate-limit', message: 'Slow down.' } }).at(-1),
    ).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' }, usage: null },
    });
    expect(eventsOf({ answer, fails: { ending: 'reset' } }).at(-1)?.type).toBe('response.output_text.delta');
    expect(openaiResponses.streamError('server', 'Oops.', 7)).toEqual({
      event: 'error',
      data: '{"type":"error","code":"server_error","message":"Oops.","param":null,"sequence_number":7}',
    });
  });

  it('in the layouts that the API leaves open', () => {
    const answer = [{ text: 'One, ' }, { text: 'two.' }];
    const parts = eventsOf({ answer, layout: { parts: 'each' } }).at(-1)?.response as JsonObject;
    expect(parts.output).toMatchObject([{ content: [{ text: 'One, ' }, { text: 'two.' }] }]);
    const types = eventsOf({ answer, layout: { deltas: false } }).map(({ type }) => type);
    expect(types).toContain('response.output_text.done');
    expect(types).not.toContain('response.output_text.delta');
    const steps = openaiResponses.stream({ answer, layout: { eventNames: false, done: true } }, asked);
    expect(steps.map((step) => ('event' in step ? step.event : ''))).toEqual(steps.map(() => null));
    expect(steps.at(-1)).toEqual({ event: null, data: '[DONE]' });
  });
});

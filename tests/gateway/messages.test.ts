/** The upstream that speaks the Messages API: what it refuses, and that both of its transports say the same. */

import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../core/json.js';
import { loadCases } from '../../gateway/cases.js';
import { dialectOf } from '../../gateway/dialects/index.js';
import { readStream } from '../../runner/read/sse.js';
import { type SchemaName, violations } from '../../validation/index.js';

const dialect = dialectOf('messages');
const validate = (schema: string, value: unknown) => violations(schema as SchemaName, value);
const VERSION = { 'anthropic-version': '2023-06-01' };
const REQUEST: JsonObject = { model: 'm', max_tokens: 64, messages: [{ role: 'user', content: 'Hello.' }] };
const tool = { name: 'look', input_schema: { type: 'object' } };
const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] };

const refusals = (body: Json | undefined, headers: Record<string, string> = VERSION): string =>
  dialect.refusals(body, validate, headers).join(' ');

describe('the upstream refuses, as the Messages API does,', () => {
  it.each<[string, JsonObject, RegExp]>([
    ['an unknown field', { x_new: 1 }, /x_new: Extra inputs are not permitted/],
    ['a field of another API', { max_completion_tokens: 5 }, /max_completion_tokens: Extra inputs/],
    ['no max_tokens', { max_tokens: undefined }, /max_tokens: Field required/],
    ['a tool choice that is a string', { tools: [tool], tool_choice: 'any' }, /tool_choice/],
    ['a field of a beta without its header', { context_management: { edits: [] } }, /context_management: Extra inputs/],
    [
      'a result that follows no call',
      {
        tools: [tool],
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_9', content: 'x' }] }],
      },
      /unexpected `tool_use_id` found in `tool_result` blocks: toolu_9/,
    ],
    [
      'a call without its result',
      { tools: [tool], messages: [{ role: 'user', content: 'Hi.' }, call, { role: 'user', content: 'Go on.' }] },
      /toolu_1/,
    ],
    [
      'thinking with more budget than tokens',
      { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 1000 },
      /`max_tokens` must be greater than `thinking.budget_tokens`/,
    ],
    [
      'thinking without its signature',
      {
        messages: [
          { role: 'user', content: 'Hi.' },
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.' }] },
          { role: 'user', content: 'Go on.' },
        ],
      },
      /signature/,
    ],
    [
      'five marks for the cache',
      {
        messages: [
          {
            role: 'user',
            content: Array.from({ length: 5 }, () => ({
              type: 'text',
              text: 'x',
              cache_control: { type: 'ephemeral' },
            })),
          },
        ],
      },
      /A maximum of 4 blocks with cache_control/,
    ],
  ])('%s', (_what, change, message) => {
    expect(refusals(REQUEST)).toBe('');
    expect(refusals({ ...REQUEST, ...change })).toMatch(message);
  });

  it('a version that does not exist, and a request without one', () => {
    expect(refusals(REQUEST, { 'anthropic-version': '2030-01-01' })).toMatch(/is not a valid version/);
    expect(refusals(REQUEST, {})).toMatch(/anthropic-version: header is required/);
  });

  it('a body that is no object', () => {
    expect(refusals(undefined)).toMatch(/not a JSON object/);
  });

  it('but not what a beta of the future may bring', () => {
    const headers = { ...VERSION, 'anthropic-beta': 'suite-future-fields-2031-05-01' };
    expect(refusals({ ...REQUEST, x_new: 1 }, headers)).toBe('');
    expect(refusals({ ...REQUEST, max_tokens: 'many' }, headers)).toMatch(/max_tokens/);
  });
});

describe('what the upstream plays', () => {
  const scripts = [...loadCases('messages').values()].flatMap(({ id, turns }) =>
    turns.flatMap(({ upstream }, index) =>
      upstream === undefined || upstream.script.fails !== undefined
        ? []
        : [[`${id} ${index + 1}`, upstream.script] as const],
    ),
  );
  const asked = { model: 'm', usage: true, number: 1 };
  const streamed = (script: (typeof scripts)[number][1]): string =>
    dialect
      .stream(script, asked)
      .map((step) => ('data' in step ? `event: ${step.event}\ndata: ${step.data}\n\n` : ''))
      .join('');

  it.each(scripts)('%s is a message by the schemas, and the same one over both transports', (_name, script) => {
    const message = dialect.answer(script, asked);
    const { message: built, events } = readStream(Buffer.from(streamed(script)), []);
    // A call that is truncated has no input that both could have.
    if (script.finish !== 'length') expect(built).toEqual(message);
    expect(violations('message', message)).toEqual([]);
    for (const { type, data } of events)
      if (type !== null && type !== 'x_progress')
        expect(violations(`event.${type}` as SchemaName, data), JSON.stringify(data)).toEqual([]);
  });
});

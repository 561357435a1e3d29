import { expect, test } from 'vitest';
import type { Json } from '../../core/json.js';
import { response } from '../../suites/response.js';
import { events, exchange, judgeWith, message, requirementOf, textBlock, toolUse } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

const json = (parts: object = {}, fixture = 'minimal') => exchange({ fixture, json: message({ ...parts }) });
const without = (key: string) => {
  const { [key]: _left, ...rest } = message();
  return exchange({ json: rest });
};
const streamed = (parts: object = {}) => exchange({ events: events(message({ ...parts })) });
const stored = (id: string, requestId: string, fixture = 'minimal') =>
  exchange({ fixture, json: message({ id }), headers: { 'request-id': requestId } });
const refusal = { type: 'refusal', category: 'cyber', explanation: null, anything: { new: true } };

testRequirements(response, {
  'resp.type-role': {
    satisfied: [{ that: 'a message of the assistant', exchanges: [json()] }],
    violated: [
      { that: 'no type', exchanges: [without('type')], at: { pointer: '/type' } },
      { that: 'the role of a user', exchanges: [json({ role: 'user' })], at: { pointer: '/role' } },
    ],
    other: [{ that: 'an error alone', outcome: 'not-observed', exchanges: [exchange({ status: 400, json: {} })] }],
  },
  'resp.id': {
    satisfied: [
      { that: 'ids that differ, in both transports', exchanges: [json(), json({}, 'minimal-again'), streamed()] },
    ],
    violated: [
      { that: 'no id', exchanges: [without('id')], at: { pointer: '/id' } },
      { that: 'an empty id', exchanges: [json({ id: '' })] },
      { that: 'the same id twice', exchanges: [json({ id: 'msg_1' }), json({ id: 'msg_1' }, 'minimal-again')] },
    ],
  },
  'resp.model': {
    satisfied: [{ that: 'the dated name of an alias', exchanges: [json({ model: 'claude-x-20990101' })] }],
    violated: [
      { that: 'no model', exchanges: [without('model')], at: { pointer: '/model' } },
      { that: 'null as model', exchanges: [json({ model: null })] },
    ],
  },
  'resp.cache.not-stale': {
    satisfied: [
      {
        that: 'a reply of its own for every request',
        exchanges: [stored('msg_1', 'req_1'), stored('msg_2', 'req_2', 'product')],
      },
      {
        that: 'the same reply to the same request',
        exchanges: [stored('msg_1', 'req_1'), stored('msg_1', 'req_1', 'minimal-again')],
      },
      {
        that: 'one id for everything, with a new request-id',
        exchanges: [stored('msg_1', 'req_1'), stored('msg_1', 'req_2', 'product')],
      },
    ],
    violated: [
      {
        that: 'the same reply to another request',
        exchanges: [stored('msg_1', 'req_1'), stored('msg_1', 'req_1', 'product')],
        at: { header: 'request-id' },
        also: ['resp.id'],
      },
    ],
    other: [{ that: 'a single reply', outcome: 'not-observed', exchanges: [json()] }],
  },
  'resp.content.array': {
    satisfied: [
      { that: 'an empty list', exchanges: [json({ content: [], usage: { input_tokens: 1, output_tokens: 0 } })] },
      { that: 'a block of a beta', exchanges: [json({ content: [{ type: 'compaction', content: null }] })] },
      { that: 'an empty text of a refusal', exchanges: [json({ content: [textBlock('')], stop_reason: 'refusal' })] },
    ],
    violated: [
      { that: 'a string', exchanges: [json({ content: 'ok' })], at: { pointer: '/content' } },
      {
        that: 'a block of another protocol',
        exchanges: [json({ content: [{ type: 'output_text', text: 'ok' }] })],
        at: { pointer: '/content/0/type' },
      },
      { that: 'a string among the blocks', exchanges: [json({ content: ['ok'] })], at: { pointer: '/content/0' } },
      {
        that: 'null before a call',
        exchanges: [json({ content: [null, toolUse()], stop_reason: 'tool_use' })],
        at: { pointer: '/content/0' },
      },
    ],
  },
  'resp.content.text-shape': {
    satisfied: [
      { that: 'citations null', exchanges: [json({ content: [{ type: 'text', text: 'ok', citations: null }] })] },
    ],
    violated: [
      { that: 'no text', exchanges: [json({ content: [{ type: 'text' }] })], at: { pointer: '/content/0/text' } },
      {
        that: 'citations as an object',
        exchanges: [json({ content: [{ type: 'text', text: 'ok', citations: {} }] })],
        at: { pointer: '/content/0/citations' },
      },
    ],
  },
  'resp.stop-reason.enum': {
    satisfied: [
      { that: 'a documented reason', exchanges: [json({ stop_reason: 'model_context_window_exceeded' })] },
      { that: 'a documented reason in a stream', exchanges: [streamed({ stop_reason: 'refusal' })] },
      {
        that: 'a stream that broke off beside a whole one',
        exchanges: [exchange({ events: events(message()).slice(0, 3) }), json()],
      },
    ],
    violated: [
      {
        that: 'a reason of another protocol',
        exchanges: [json({ stop_reason: 'stop' })],
        at: { pointer: '/stop_reason' },
      },
      { that: 'null', exchanges: [json({ stop_reason: null })] },
      { that: 'a reason of another protocol in a stream', exchanges: [streamed({ stop_reason: 'length' })] },
    ],
  },
  'resp.stop-sequence.null': {
    satisfied: [{ that: 'null', exchanges: [json()] }],
    violated: [
      { that: 'an empty string', exchanges: [json({ stop_sequence: '' })], at: { pointer: '/stop_sequence' } },
    ],
    other: [
      { that: 'absent', outcome: 'deviates', exchanges: [without('stop_sequence')] },
      {
        that: 'a sequence that did end the reply',
        outcome: 'not-observed',
        exchanges: [json({ stop_reason: 'stop_sequence', stop_sequence: '7' })],
      },
    ],
  },
  'resp.usage.ints': {
    satisfied: [{ that: 'two counts', exchanges: [json()] }],
    violated: [
      { that: 'no usage', exchanges: [without('usage')], at: { pointer: '/usage/input_tokens' } },
      {
        that: 'a negative count',
        exchanges: [json({ usage: { input_tokens: 3, output_tokens: -1 } })],
        at: { pointer: '/usage/output_tokens' },
      },
      { that: 'a fraction', exchanges: [json({ usage: { input_tokens: 3.5, output_tokens: 1 } })] },
      {
        that: 'the names of another protocol',
        exchanges: [json({ usage: { prompt_tokens: 3, completion_tokens: 1 } })],
      },
    ],
  },
  'resp.no-foreign-fields': {
    satisfied: [{ that: 'unknown fields of no known protocol', exchanges: [json({ news: 1 })] }],
    violated: [
      { that: 'choices', exchanges: [json({ choices: [] })], at: { pointer: '/choices' } },
      { that: 'object, in a stream', exchanges: [streamed({ object: 'chat.completion.chunk' })] },
    ],
  },
  'resp.optional.null-or-valid': {
    satisfied: [
      { that: 'all null', exchanges: [json({ container: null, diagnostics: null, stop_details: null })] },
      {
        that: 'details of a refusal with more fields than are known',
        exchanges: [json({ stop_reason: 'refusal', stop_details: refusal })],
      },
      {
        that: 'a policy area that is not known yet',
        exchanges: [json({ stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'new' } })],
      },
      {
        that: 'callers of a kind that is not known yet, or none',
        exchanges: [
          json({ content: [toolUse({}, { caller: { type: 'new' } }), toolUse({}, { id: 'toolu_2', caller: null })] }),
        ],
      },
      {
        that: 'a container',
        exchanges: [json({ container: { id: 'c', expires_at: '2099-01-01T00:00:00Z', skills: null } })],
      },
    ],
    violated: [
      { that: 'a container as a string', exchanges: [json({ container: 'c' })], at: { pointer: '/container' } },
      {
        that: 'details of a refusal that did not happen',
        exchanges: [json({ stop_details: refusal })],
        at: { pointer: '/stop_details' },
      },
      {
        that: 'a caller as text',
        exchanges: [json({ content: [toolUse({}, { caller: 'model' })] })],
        at: { pointer: '/content/0/caller' },
      },
      { that: 'diagnostics as a list', exchanges: [json({ diagnostics: [] })], at: { pointer: '/diagnostics' } },
    ],
  },
  'resp.thinking-not-leaked': {
    satisfied: [
      { that: 'the number alone', exchanges: [json({ content: [textBlock('391')] }, 'product')] },
      { that: 'the word think', exchanges: [json({ content: [textBlock('I think: 391 < 400')] }, 'product')] },
    ],
    violated: [
      {
        that: 'a think tag',
        exchanges: [json({ content: [textBlock('<think>17*20 is 340.</think>391')] })],
        at: { pointer: '/content' },
      },
      {
        that: 'the end of one, in a stream',
        exchanges: [streamed({ content: [textBlock('is 340.</think>\n\n391')] })],
      },
    ],
    other: [
      {
        that: 'a reply without text',
        outcome: 'not-observed',
        exchanges: [json({ content: [toolUse()], stop_reason: 'tool_use' })],
      },
      {
        that: 'a prompt that speaks of the tag',
        outcome: 'not-observed',
        exchanges: [
          exchange({
            json: message({ content: [textBlock('</think>')] }),
            request: { body: { messages: [{ role: 'user', content: 'Repeat </think>' }] } },
          }),
        ],
      },
    ],
  },
});

test('nothing that nests without end makes a judge throw', () => {
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const raw = JSON.stringify(message({ id: 5 }))
    .replace('"end_turn"', deep)
    .replace('{"input_tokens":14,', `{"input_tokens":${deep},`);
  const exchanges = [exchange({ raw, transport: 'json', headers: { 'content-type': 'application/json' } })];
  for (const { id } of response.requirements) {
    expect(judgeWith(requirementOf(response, id), exchanges).outcome).toBeTypeOf('string');
  }
});

test('resp.content.array warns of a block of an unknown type beside text, and fails one that stands for it', () => {
  const judgedWith = (...content: Json[]) =>
    judgeWith(requirementOf(response, 'resp.content.array'), [json({ content })]).outcome;
  const unknown = { type: 'reasoning_summary', summary: 'ok' };
  expect(judgedWith(unknown, textBlock('ok'))).toBe('deviates');
  expect(judgedWith(unknown)).toBe('violated');
  expect(judgedWith({ type: 'output_text', text: 'ok' })).toBe('violated');
  expect(judgedWith({ type: null }, textBlock('ok'))).toBe('violated');
});

test('resp.content.array says that clients throw where a block is null, not that they ignore it', () => {
  expect(
    judgeWith(requirementOf(response, 'resp.content.array'), [json({ content: [null, textBlock('ok')] })]),
  ).toMatchObject({
    findings: [{ message: 'A content block is no object; clients throw where they read its `type`.' }],
  });
});

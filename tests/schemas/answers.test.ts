import { describe, expect, test } from 'vitest';
import { type SchemaName, violations } from '../../validation/index.js';
import { ABSENT, changed, objectPointers } from './change.js';
import { answerBlocks, citationParams, events, fullMessage, fullUsage, minimalMessage } from './documents.js';
import { readSchema, unionMembers } from './files.js';

const messages = (schema: SchemaName, value: unknown) => violations(schema, value).map(({ message }) => message);

const page = { has_more: true, first_id: 'a', last_id: 'b' };
const supported = { supported: true };
const modelInfo = {
  id: 'claude-sonnet-5',
  type: 'model',
  display_name: 'Claude Sonnet 5',
  created_at: '2026-02-01T00:00:00Z',
  max_input_tokens: 200_000,
  max_tokens: null,
  lifecycle: 'active',
  line: 'sonnet',
  deprecated_at: null,
  retires_at: '2027-02-01T00:00:00+02:00',
  capabilities: {
    batch: supported,
    citations: supported,
    code_execution: supported,
    image_input: supported,
    pdf_input: supported,
    structured_outputs: supported,
    context_management: {
      ...supported,
      clear_thinking_20251015: supported,
      clear_tool_uses_20250919: null,
      compact_20260112: null,
    },
    effort: { ...supported, low: supported, medium: supported, high: supported, max: supported, xhigh: null },
    server_tools: { ...supported, code_execution: supported, web_search: supported },
    thinking: {
      ...supported,
      types: { adaptive: supported, between_tools: supported, disabled: supported, enabled: supported },
    },
  },
};
const batch = {
  id: 'msgbatch_01',
  type: 'message_batch',
  processing_status: 'in_progress',
  request_counts: { processing: 1, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
  created_at: '2026-11-23T10:00:00Z',
  expires_at: '2026-11-24T10:00:00Z',
  ended_at: null,
  cancel_initiated_at: null,
  archived_at: null,
  results_url: null,
};
const file = {
  id: 'file_01',
  type: 'file',
  filename: 'a.txt',
  mime_type: 'text/plain',
  size_bytes: 0,
  created_at: '2026-11-23T10:00:00Z',
  downloadable: false,
  expires_at: null,
};
const error = {
  type: 'error',
  error: { type: 'not_found_error', message: 'model: nope', details: { error_code: 'thread_not_found' } },
  request_id: 'req_01',
};

/** A call that running code makes arrives complete, in a block or in the first event. */
const programmatic = {
  type: 'tool_use',
  id: 'toolu_01',
  name: 'roll',
  input: { sides: 6 },
  caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_01' },
};
const prefilled = {
  type: 'message_start',
  message: { ...minimalMessage, content: [programmatic], stop_reason: 'tool_use' },
};

const LEGAL: [SchemaName, unknown][] = [
  ['message', minimalMessage],
  ['message', fullMessage],
  ['message', { ...minimalMessage, content: [], container: null, diagnostics: null, stop_details: null }],
  ['message', { ...minimalMessage, diagnostics: { cache_miss_reason: null }, context_management: null }],
  ['usage', fullUsage],
  ...Object.values(answerBlocks).flatMap((blocks) =>
    blocks.map((block): [SchemaName, unknown] => ['contentBlock', block]),
  ),
  ...Object.values(citationParams).flatMap((citation): [SchemaName, unknown][] => [
    ['citation', citation],
    ['citation', { ...citation, file_id: 'file_01' }],
  ]),
  ...Object.entries(events).flatMap(([name, forms]) => [
    ...forms.map((form): [SchemaName, unknown] => [`event.${name}` as SchemaName, form]),
    ...forms.map((form): [SchemaName, unknown] => ['event', form]),
  ]),
  ['error', error],
  ['error', { type: 'error', error: { type: 'api_error', message: 'x' }, request_id: null }],
  ['countTokens', { input_tokens: 0 }],
  ['countTokens', { input_tokens: 5, context_management: { original_input_tokens: 9 } }],
  ['modelInfo', modelInfo],
  ['modelInfo', { id: 'GPT-OSS-120b', type: 'model', display_name: '', created_at: '2025-08-05T00:00:00Z' }],
  ['modelsPage', { ...page, data: [modelInfo] }],
  ['modelsPage', { data: [], has_more: false, first_id: null, last_id: null }],
  ['batch', batch],
  ['batch', { ...batch, processing_status: 'ended', ended_at: '2026-11-23T11:00:00Z', results_url: 'https://x/r' }],
  ['batchPage', { ...page, data: [batch] }],
  ['batchResult', { custom_id: 'a', result: { type: 'succeeded', message: fullMessage } }],
  ['batchResult', { custom_id: 'a', result: { type: 'errored', error } }],
  ['batchResult', { custom_id: 'a', result: { type: 'canceled' } }],
  ['batchResult', { custom_id: 'a', result: { type: 'expired' } }],
  ['batchDeleted', { id: 'msgbatch_01', type: 'message_batch_deleted' }],
  ['file', file],
  ['filePage', { data: [file], next_page: null }],
  ['filePage', { data: [file] }],
  ['event.content_block_start', { type: 'content_block_start', index: 0, content_block: programmatic }],
  ['event.message_start', prefilled],
  ['fileDeleted', { id: 'file_01', type: 'file_deleted' }],
  ['fileDeleted', { id: 'file_01' }],
];

describe('legal answers', () => {
  test.each(LEGAL.map(([schema, value]) => [schema, JSON.stringify(value).slice(0, 60), value] as const))(
    '%s %s',
    (schema, _, value) => {
      expect(messages(schema, value)).toEqual([]);
    },
  );

  test('unknown fields are taken at every depth', () => {
    const startedInput = /^\/content_block\/input$/;
    for (const [schema, value] of LEGAL) {
      for (const pointer of objectPointers(value, startedInput)) {
        expect(messages(schema, changed(value, `${pointer}/surprise`, { any: 'thing' }))).toEqual([]);
      }
    }
  });

  test('unknown block, delta, event and citation types are taken', () => {
    const unknown = { type: 'hologram', anything: [1] };
    expect(messages('contentBlock', unknown)).toEqual([]);
    expect(messages('message', { ...minimalMessage, content: [unknown] })).toEqual([]);
    expect(messages('event', unknown)).toEqual([]);
    expect(
      messages('event.content_block_start', { type: 'content_block_start', index: 0, content_block: unknown }),
    ).toEqual([]);
    expect(messages('event.content_block_delta', { type: 'content_block_delta', index: 0, delta: unknown })).toEqual(
      [],
    );
    expect(messages('contentBlock', { type: 'text', text: 'x', citations: [unknown] })).toEqual([]);
  });

  test('a field that the SDK types as nullable may be null or absent', () => {
    for (const name of Object.keys(fullUsage).filter((field) => !['input_tokens', 'output_tokens'].includes(field))) {
      expect(messages('usage', { ...fullUsage, [name]: null })).toEqual([]);
      expect(messages('usage', changed(fullUsage, `/${name}`, ABSENT))).toEqual([]);
    }
    for (const name of ['container', 'diagnostics', 'stop_details', 'context_management', 'input_transformations']) {
      expect(messages('message', { ...fullMessage, [name]: null })).toEqual([]);
      expect(messages('message', changed(fullMessage, `/${name}`, ABSENT))).toEqual([]);
    }
    expect(messages('contentBlock', { type: 'text', text: '', citations: null })).toEqual([]);
  });

  test('the examples cover every member of every union', () => {
    expect(Object.keys(answerBlocks).sort()).toEqual(unionMembers(readSchema('content-block.schema.json')));
    expect(Object.keys(citationParams).sort()).toEqual(unionMembers(readSchema('citation.schema.json')));
    const event = readSchema('stream-event.schema.json');
    expect(Object.keys(events).sort()).toEqual(unionMembers(event));
    expect([...new Set(events.content_block_delta.map(({ delta }) => delta.type))].sort()).toEqual(
      unionMembers(event.$defs.delta),
    );
  });
});

const block = (type: keyof typeof answerBlocks, index = 0) => answerBlocks[type][index]!;
const start = (content_block: object) => ({ type: 'content_block_start', index: 0, content_block });
const delta = (change: object) => ({ type: 'content_block_delta', index: 0, delta: change });
const [messageStart] = events.message_start;
const [messageDelta] = events.message_delta;
const MISSING = 'expected this required field, got nothing';

describe('illegal answers, each wrong in one place', () => {
  const ILLEGAL: [SchemaName, unknown, string, unknown, string][] = [
    ...['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'].map(
      (name): [SchemaName, unknown, string, unknown, string] => [
        'message',
        minimalMessage,
        `/${name}`,
        ABSENT,
        MISSING,
      ],
    ),
    ['message', minimalMessage, '/id', '', 'expected at least 1 character, got the string ""'],
    ['message', minimalMessage, '/type', 'completion', 'expected "message", got the string "completion"'],
    ['message', minimalMessage, '/role', 'user', 'expected "assistant", got the string "user"'],
    ['message', minimalMessage, '/model', null, 'expected a string, got null'],
    ['message', minimalMessage, '/content', 'Hello', 'expected an array, got the string "Hello"'],
    ['message', minimalMessage, '/content', null, 'expected an array, got null'],
    ['message', minimalMessage, '/content/0/type', ABSENT, MISSING],
    ['message', minimalMessage, '/content/0/text', null, 'expected a string, got null'],
    ['message', minimalMessage, '/content/0/citations', {}, 'expected an array or null, got the object {}'],
    ['message', minimalMessage, '/stop_sequence', ['x'], 'expected a string or null, got the array ["x"]'],
    ['message', minimalMessage, '/stop_details', { type: 'safety' }, 'expected "refusal", got the string "safety"'],
    ['message', minimalMessage, '/container', { id: 'c' }, MISSING],
    ['message', minimalMessage, '/usage/input_tokens', ABSENT, MISSING],
    ['message', minimalMessage, '/usage/input_tokens', '10', 'expected an integer, got the string "10"'],
    ['message', minimalMessage, '/usage/output_tokens', -1, 'expected a number >= 0, got the number -1'],
    ['message', minimalMessage, '/usage/output_tokens', 1.5, 'expected an integer, got the number 1.5'],
    [
      'message',
      minimalMessage,
      '/usage/cache_read_input_tokens',
      'a',
      'expected an integer or null, got the string "a"',
    ],
    ['message', minimalMessage, '/usage/cache_creation', 3, 'expected an object or null, got the number 3'],
    [
      'message',
      minimalMessage,
      '/usage/service_tier',
      'gold',
      'expected one of "standard", "priority", "batch", null, got the string "gold"',
    ],
    [
      'contentBlock',
      block('tool_use'),
      '/input',
      '{"city":"Paris"}',
      'expected an object, got the string "{\\"city\\":\\"Paris\\"}"',
    ],
    ['contentBlock', block('tool_use'), '/input', [], 'expected an object, got an empty array'],
    ['contentBlock', block('tool_use'), '/input', null, 'expected an object, got null'],
    ['contentBlock', block('tool_use'), '/id', ABSENT, MISSING],
    ['contentBlock', block('tool_use'), '/name', '', 'expected at least 1 character, got the string ""'],
    ['contentBlock', block('tool_use'), '/caller', 'direct', 'expected an object, got the string "direct"'],
    ['contentBlock', block('thinking'), '/signature', ABSENT, MISSING],
    ['contentBlock', block('thinking'), '/thinking', ABSENT, MISSING],
    ['contentBlock', block('redacted_thinking'), '/data', ABSENT, MISSING],
    ['contentBlock', block('web_search_tool_result'), '/content/0/url', ABSENT, MISSING],
    [
      'contentBlock',
      block('web_search_tool_result'),
      '/content',
      'none',
      'expected an array or an object, got the string "none"',
    ],
    [
      'contentBlock',
      block('code_execution_tool_result'),
      '/content/return_code',
      '0',
      'expected an integer, got the string "0"',
    ],
    ['contentBlock', block('tool_search_tool_result'), '/content/tool_references/0/tool_name', ABSENT, MISSING],
    ['contentBlock', block('text'), '/citations/0/start_char_index', ABSENT, MISSING],
    [
      'event.message_start',
      messageStart,
      '/message/content',
      [block('text')],
      'expected an empty array, got the array [{"type":"text",',
    ],
    [
      'event.message_start',
      messageStart,
      '/message/stop_reason',
      'end_turn',
      'expected null, got the string "end_turn"',
    ],
    ['event.message_start', messageStart, '/message/stop_sequence', '', 'expected null, got the string ""'],
    ['event.message_start', prefilled, '/message/stop_reason', 'end_turn', 'expected one of "tool_use", null, got'],
    ['event.message_start', prefilled, '/message/content/0/input', null, 'expected an object, got null'],
    ['event.message_start', messageStart, '/message/usage', ABSENT, MISSING],
    ['event.message_start', messageStart, '/message/model', ABSENT, MISSING],
    ['event.content_block_start', start(block('container_upload')), '/index', ABSENT, MISSING],
    [
      'event.content_block_start',
      start(block('container_upload')),
      '/index',
      '0',
      'expected an integer, got the string "0"',
    ],
    ['event.content_block_start', start({ type: 'text', text: '' }), '/content_block/text', ABSENT, MISSING],
    [
      'event.content_block_start',
      start({ type: 'thinking', thinking: '', signature: '' }),
      '/content_block/signature',
      ABSENT,
      MISSING,
    ],
    [
      'event.content_block_start',
      start({ ...block('tool_use', 1), input: {} }),
      '/content_block/input',
      { a: 1 },
      'expected an empty object, got the object {"a":1}',
    ],
    [
      'event.content_block_delta',
      delta({ type: 'text_delta', text: '' }),
      '/delta/text',
      null,
      'expected a string, got null',
    ],
    [
      'event.content_block_delta',
      delta({ type: 'input_json_delta', partial_json: '' }),
      '/delta/partial_json',
      { a: 1 },
      'expected a string, got the object {"a":1}',
    ],
    [
      'event.content_block_delta',
      delta(events.content_block_delta[2]!.delta),
      '/delta/citation',
      [],
      'expected an object, got an empty array',
    ],
    [
      'event.content_block_delta',
      delta({ type: 'text_delta', text: '' }),
      '/index',
      -1,
      'expected a number >= 0, got the number -1',
    ],
    ['event.message_delta', messageDelta, '/usage', ABSENT, MISSING],
    ['event.message_delta', messageDelta, '/usage/output_tokens', null, 'expected an integer, got null'],
    ['event.message_delta', messageDelta, '/delta', ABSENT, MISSING],
    ['event.message_delta', messageDelta, '/delta/stop_reason', ABSENT, MISSING],
    ['event.message_delta', messageDelta, '/delta/stop_sequence', ABSENT, MISSING],
    ['event.message_stop', { type: 'message_stop' }, '/type', 'done', 'expected "message_stop", got the string "done"'],
    ['event.ping', { type: 'ping' }, '/type', ABSENT, MISSING],
    ['event.error', events.error[0], '/error', 'Overloaded', 'expected an object, got the string "Overloaded"'],
    ['event', messageDelta, '/usage', ABSENT, MISSING],
    ['event', messageDelta, '/type', 5, 'expected a string, got the number 5'],
    ['error', error, '/type', ABSENT, MISSING],
    ['error', error, '/error/message', '', 'expected at least 1 character, got the string ""'],
    ['error', error, '/error/message', ABSENT, MISSING],
    ['error', error, '/error/details', 'x', 'expected an object or null, got the string "x"'],
    ['error', error, '/request_id', 5, 'expected a string or null, got the number 5'],
    ['countTokens', { input_tokens: 1 }, '/input_tokens', ABSENT, MISSING],
    ['modelsPage', { ...page, data: [] }, '/data', ABSENT, MISSING],
    ['modelsPage', { ...page, data: [] }, '/has_more', 'no', 'expected true or false, got the string "no"'],
    ['modelsPage', { ...page, data: [] }, '/last_id', ABSENT, MISSING],
    ['modelsPage', { ...page, data: [modelInfo] }, '/data/0/type', 'llm', 'expected "model", got the string "llm"'],
    ['modelInfo', modelInfo, '/created_at', 1754352000, 'expected a string, got the number 1754352000'],
    [
      'modelInfo',
      modelInfo,
      '/created_at',
      'yesterday',
      'expected an RFC 3339 date and time, got the string "yesterday"',
    ],
    ['modelInfo', modelInfo, '/capabilities/effort/supported', ABSENT, MISSING],
    ...Object.keys(batch).map((name): [SchemaName, unknown, string, unknown, string] => [
      'batch',
      batch,
      `/${name}`,
      ABSENT,
      MISSING,
    ]),
    ['batch', batch, '/request_counts/expired', ABSENT, MISSING],
    [
      'batch',
      batch,
      '/processing_status',
      'done',
      'expected one of "in_progress", "canceling", "ended", got the string "done"',
    ],
    [
      'batchResult',
      { custom_id: 'a', result: { type: 'expired' } },
      '/result/type',
      'lost',
      'expected one of "succeeded", "errored", "canceled", "expired", got the string "lost"',
    ],
    [
      'batchResult',
      { custom_id: 'a', result: { type: 'succeeded', message: minimalMessage } },
      '/result/message/usage',
      ABSENT,
      MISSING,
    ],
    ['batchDeleted', { id: 'a', type: 'message_batch_deleted' }, '/type', ABSENT, MISSING],
    ['file', file, '/size_bytes', ABSENT, MISSING],
    ['file', file, '/expires_at', 5, 'expected a string or null, got the number 5'],
    [
      'fileDeleted',
      { id: 'a', type: 'file_deleted' },
      '/type',
      'deleted',
      'expected "file_deleted", got the string "deleted"',
    ],
  ];
  test.each(ILLEGAL.map(([schema, document, ...rest]) => [schema, ...rest, document] as const))(
    '%s %s = %j',
    (schema, pointer, value, words, document) => {
      expect(messages(schema, document)).toEqual([]);
      const found = violations(schema, changed(document, pointer, value));
      expect(found).toHaveLength(1);
      expect(found[0]!.pointer.startsWith(pointer)).toBe(true);
      expect(found[0]!.message.startsWith(`${found[0]!.pointer}: ${words}`)).toBe(true);
    },
  );

  test.each(['stop', 'length', 'tool_calls', null])('stop_reason %j', (stop_reason) => {
    const found = violations('message', { ...minimalMessage, stop_reason });
    expect(found).toMatchObject([{ pointer: '/stop_reason', keyword: 'enum' }]);
    expect(found[0]!.message).toContain('expected one of "end_turn", "max_tokens", "stop_sequence", "tool_use", ');
  });

  test("another API's bodies", () => {
    expect(messages('error', { error: { message: 'x', type: 'invalid_request_error', param: null } })).toEqual([
      `/type: ${MISSING}`,
    ]);
    expect(violations('error', { ...error, error: { type: 'server_error', message: 'x' } })).toMatchObject([
      { pointer: '/error/type', keyword: 'enum' },
    ]);
    expect(messages('error', { detail: [{ loc: ['body'], msg: 'field required' }] })).toEqual([
      `/type: ${MISSING}`,
      `/error: ${MISSING}`,
    ]);
    const list = { object: 'list', data: [{ id: 'a', object: 'model', created: 1, owned_by: 'x' }] };
    expect(
      violations('modelsPage', list)
        .map(({ pointer }) => pointer)
        .sort(),
    ).toEqual(['/data/0/created_at', '/data/0/display_name', '/data/0/type', '/first_id', '/has_more', '/last_id']);
  });
});

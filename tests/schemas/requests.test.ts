import { describe, expect, test } from 'vitest';
import type { Json } from '../../core/json.js';
import { readPointer } from '../../core/pointer.js';
import { type SchemaName, violations } from '../../validation/index.js';
import { ABSENT, changed, objectPointers } from './change.js';
import {
  betaBlockParams,
  betaRequest,
  betaTools,
  blockParams,
  citationParams,
  fullRequest,
  minimalRequest,
  tools,
} from './documents.js';
import { readSchema, unionMembers } from './files.js';

const messages = (schema: SchemaName, value: unknown) => violations(schema, value).map(({ message }) => message);
const say = (role: string, ...content: unknown[]) => ({ ...minimalRequest, messages: [{ role, content }] });
const allBlocks = Object.values(blockParams).flat();
const sampling = { ...fullRequest, temperature: 0.5, top_p: 0.9, top_k: 3 };

/** Places where the protocol takes any object. */
const FREE_FORM = /\/(input|input_schema|schema|trigger)$|\/input_examples\/\d+$|\/fallbacks\/\d+$/;

/** `configs` of the MCP toolset: its keys are names of tools. */
const SETTINGS_BY_NAME = `/tools/${tools.length + betaTools.length - 1}/configs`;

describe('legal requests', () => {
  test.each(Object.entries(blockParams))('block %s', (_, blocks) => {
    for (const block of blocks) expect(messages('request', say('user', block))).toEqual([]);
  });

  test.each(Object.entries(betaBlockParams))('beta block %s', (_, blocks) => {
    for (const block of blocks) {
      expect(messages('requestBeta', say('assistant', block))).toEqual([]);
      expect(messages('request', say('assistant', block))).not.toEqual([]);
    }
  });

  test.each(tools.map((tool) => [tool.type ?? 'without type', tool] as const))('tool %s', (_, tool) => {
    for (const schema of ['request', 'request@2026-10-21', 'requestBeta'] as const) {
      expect(messages(schema, { ...minimalRequest, tools: [tool] })).toEqual([]);
    }
    expect(messages('countTokensRequest', { model: 'm', messages: minimalRequest.messages, tools: [tool] })).toEqual(
      [],
    );
  });

  test.each(betaTools.map((tool) => [tool.type, tool] as const))('beta tool %s', (type, tool) => {
    expect(messages('requestBeta', { ...minimalRequest, tools: [tool] })).toEqual([]);
    expect(violations('request', { ...minimalRequest, tools: [tool] })).toMatchObject([
      { pointer: '/tools/0/type', keyword: 'enum', actual: `the string "${type}"` },
    ]);
  });

  test.each([
    ['request', minimalRequest],
    ['request', fullRequest],
    ['request', sampling],
    ['request@2026-10-21', minimalRequest],
    ['request@2026-10-21', fullRequest],
    ['requestBeta', sampling],
    ['requestBeta', betaRequest],
    ['requestBeta@2026-10-21', betaRequest],
    ['batchCreateEnvelope', { requests: [{ custom_id: 'a', params: { anything: 1 } }] }],
    ['batchCreateRequest', { requests: [{ custom_id: 'a', params: { ...sampling, stream: false, speed: ABSENT } }] }],
    ['batchParams', { ...minimalRequest, stream: false }],
  ] as const)('%s', (schema, value) => {
    const document = JSON.parse(JSON.stringify(value, (_, member) => (member === ABSENT ? undefined : member)));
    expect(messages(schema, document)).toEqual([]);
  });

  test.each([
    'metadata',
    'inference_geo',
    'stop_sequences',
    'cache_control',
    'container',
    'diagnostics',
    'speed',
    'output_config/format',
    'output_config/effort',
    'thinking/display',
    'metadata/user_id',
    'tools/0/type',
    'tools/1/cache_control',
  ])('null stands for absence in %s', (path) => {
    expect(messages('request', changed(fullRequest, `/${path}`, null))).toEqual([]);
  });

  test('effort, tool choice and thinking take each documented form', () => {
    for (const tool_choice of [
      { type: 'auto' },
      { type: 'any', disable_parallel_tool_use: false },
      { type: 'tool', name: 'a', disable_parallel_tool_use: true },
      { type: 'none' },
    ]) {
      expect(messages('request', { ...minimalRequest, tool_choice })).toEqual([]);
    }
    for (const thinking of [
      { type: 'disabled' },
      { type: 'between_tools' },
      { type: 'adaptive', display: 'summarized' },
      { type: 'enabled', budget_tokens: 2048 },
    ]) {
      expect(messages('request', { ...minimalRequest, thinking })).toEqual([]);
    }
    for (const effort of ['low', 'medium', 'high', 'xhigh', 'max']) {
      expect(messages('request', { ...minimalRequest, output_config: { effort } })).toEqual([]);
    }
  });

  test.each(['request', 'requestBeta'] as const)(
    'blank text stands beside a call of the assistant only: %s',
    (schema) => {
      const blank = { type: 'text', text: '\n' };
      const call = { type: 'tool_use', id: 't1', name: 'look', input: {} };
      const found = (role: string, content: unknown) =>
        violations(schema, { model: 'm', max_tokens: 1, messages: [{ role, content }] }).map(({ pointer }) => pointer);
      expect(found('assistant', [blank, call])).toEqual([]);
      expect(found('assistant', [call, { type: 'text', text: '' }])).toEqual(['/messages/0/content/1/text']);
      expect(found('assistant', [blank])).toEqual(['/messages/0/content/0/text']);
      expect(found('user', [blank, { type: 'text', text: 'x' }])).toEqual(['/messages/0/content/0/text']);
    },
  );

  test('the examples cover every member of every union', () => {
    const blocks = readSchema('content-block-param.schema.json');
    expect(Object.keys(blockParams).sort()).toEqual(unionMembers(blocks));
    expect(Object.keys(citationParams).sort()).toEqual(unionMembers(blocks.$defs.citation));
    const named = (list: { type?: string | null }[]) => list.flatMap(({ type }) => type ?? []).sort();
    expect(named(tools)).toEqual(unionMembers(readSchema('tool-definition.schema.json')));
    const beta = readSchema('request-beta.schema.json').$defs;
    expect([...new Set([...Object.keys(blockParams), ...Object.keys(betaBlockParams)])].sort()).toEqual(
      unionMembers(beta.content_block),
    );
    expect(named([...tools, ...betaTools])).toEqual(unionMembers(beta.tool));
  });
});

describe('unknown fields', () => {
  const everything = { ...fullRequest, messages: [...fullRequest.messages, { role: 'assistant', content: allBlocks }] };
  const countTokens = { model: 'm', messages: everything.messages, tools };
  const batch = { requests: [{ custom_id: 'a', params: minimalRequest }] };
  test.each([
    ['request', everything],
    ['requestBeta', betaRequest],
    ['request@2026-10-21', fullRequest],
    ['requestBeta@2026-10-21', fullRequest],
    ['countTokensRequest', countTokens],
    ['countTokensRequestBeta', countTokens],
    ['batchCreateRequest', batch],
    ['batchCreateRequest@2026-10-21', batch],
  ] as const)('%s rejects them at every depth', (schema, document) => {
    const pointers = objectPointers(document, FREE_FORM).filter((pointer) => pointer !== SETTINGS_BY_NAME);
    expect(pointers.length).toBeGreaterThan(3);
    // One copy for all: making one for each place takes longer than judging it.
    const copy: Json = JSON.parse(JSON.stringify(document));
    for (const pointer of pointers) {
      const place = readPointer(copy, pointer) as { surprise?: number };
      place.surprise = 1;
      expect(messages(schema, copy)).toEqual([`${pointer}/surprise: expected no field of this name, got the number 1`]);
      delete place.surprise;
    }
  });

  test('free-form objects take them', () => {
    for (const pointer of ['/tools/1/input_schema/surprise', '/tools/1/input_examples/0/surprise']) {
      expect(messages('request', changed(fullRequest, pointer, 1))).toEqual([]);
    }
  });

  test('fields of a beta are unknown without it', () => {
    const betaFields = Object.keys(betaRequest).filter((name) => !(name in fullRequest));
    for (const name of betaFields) {
      const value = betaRequest[name as keyof typeof betaRequest];
      expect(violations('request', { ...minimalRequest, [name]: value })).toMatchObject([
        { pointer: `/${name}`, keyword: 'additionalProperties' },
      ]);
      expect(messages('requestBeta', { ...minimalRequest, [name]: value })).toEqual([]);
    }
  });

  test.each([
    'max_tokens',
    'stream',
    'stop_sequences',
    'metadata',
    'container',
    'service_tier',
    'diagnostics',
    'inference_geo',
    'temperature',
    'top_p',
    'top_k',
  ])('counting tokens does not take %s', (name) => {
    const { max_tokens: _, ...request } = minimalRequest;
    expect(violations('countTokensRequest', { ...request, [name]: 1 })).toMatchObject([
      { pointer: `/${name}`, keyword: 'additionalProperties' },
    ]);
  });
});

describe('illegal requests, each wrong in one place', () => {
  const ENDING = 'got nothing';
  test.each([
    ['/model', ABSENT, `/model: expected this required field, ${ENDING}`],
    ['/messages', ABSENT, `/messages: expected this required field, ${ENDING}`],
    ['/max_tokens', ABSENT, `/max_tokens: expected this required field, ${ENDING}`],
    ['/model', '', '/model: expected at least 1 character, got the string ""'],
    ['/model', 'x'.repeat(257), `/model: expected at most 256 characters, got the string "${'x'.repeat(80)}…"`],
    ['/messages', [], '/messages: expected at least 1 item, got an empty array'],
    ['/messages', 'hi', '/messages: expected an array, got the string "hi"'],
    ['/max_tokens', '16', '/max_tokens: expected an integer, got the string "16"'],
    ['/max_tokens', 1.5, '/max_tokens: expected an integer, got the number 1.5'],
    ['/max_tokens', -1, '/max_tokens: expected a number >= 0, got the number -1'],
    [
      '/messages/0/role',
      'tool',
      '/messages/0/role: expected one of "user", "assistant", "system", got the string "tool"',
    ],
    ['/messages/0/content', null, '/messages/0/content: expected a string or an array, got null'],
    [
      '/messages/0/content',
      { type: 'text' },
      '/messages/0/content: expected a string or an array, got the object {"type":"text"}',
    ],
    ['/messages/0/content', [{ text: 'x' }], `/messages/0/content/0/type: expected this required field, ${ENDING}`],
    ['/messages/0/content', ['x'], '/messages/0/content/0: expected an object, got the string "x"'],
    [
      '/messages/0/content',
      [{ type: 'text', text: ' \n' }],
      '/messages/0/content/0/text: expected a text that is not blank, got the string " \\n"',
    ],
    [
      '/messages/0/content',
      [{ type: 'text', text: 5 }],
      '/messages/0/content/0/text: expected a string, got the number 5',
    ],
    ['/temperature', null, '/temperature: expected a number, got null'],
    ['/temperature', 1.1, '/temperature: expected a number <= 1, got the number 1.1'],
    ['/top_p', -0.1, '/top_p: expected a number >= 0, got the number -0.1'],
    ['/top_k', 0.5, '/top_k: expected an integer, got the number 0.5'],
    ['/stream', null, '/stream: expected true or false, got null'],
    ['/stream', 'true', '/stream: expected true or false, got the string "true"'],
    ['/system', null, '/system: expected a string or an array, got null'],
    ['/system', [{ type: 'image', text: 'x' }], '/system/0/type: expected "text", got the string "image"'],
    ['/stop_sequences', ['a', ' '], '/stop_sequences/1: expected a text that is not blank, got the string " "'],
    ['/tools', null, '/tools: expected an array, got null'],
    [
      '/tools',
      [{ type: 'function' }],
      /^\/tools\/0\/type: expected one of "custom", null, "bash_20250124", .*, got the string "function"$/,
    ],
    ['/tools', [{ name: 'a' }], `/tools/0/input_schema: expected this required field, ${ENDING}`],
    [
      '/tools',
      [{ name: 'a b', input_schema: { type: 'object' } }],
      '/tools/0/name: expected a text that matches ^[a-zA-Z0-9_-]{1,128}$, got the string "a b"',
    ],
    [
      '/tools',
      [{ name: 'a', input_schema: { type: 'string' } }],
      '/tools/0/input_schema/type: expected "object", got the string "string"',
    ],
    ['/tools', [{ type: 'bash_20250124', name: 'shell' }], '/tools/0/name: expected "bash", got the string "shell"'],
    ['/tool_choice', 'auto', '/tool_choice: expected an object, got the string "auto"'],
    [
      '/tool_choice',
      { type: 'required' },
      '/tool_choice/type: expected one of "auto", "any", "tool", "none", got the string "required"',
    ],
    ['/tool_choice', { type: 'tool' }, `/tool_choice/name: expected this required field, ${ENDING}`],
    ['/thinking', null, '/thinking: expected an object, got null'],
    ['/thinking', { type: 'enabled' }, `/thinking/budget_tokens: expected this required field, ${ENDING}`],
    [
      '/thinking',
      { type: 'enabled', budget_tokens: 1023 },
      '/thinking/budget_tokens: expected a number >= 1024, got the number 1023',
    ],
    ['/thinking', { type: 'disabled', display: null }, '/thinking/display: expected no field of this name, got null'],
    [
      '/output_config',
      { effort: 'huge' },
      '/output_config/effort: expected one of "low", "medium", "high", "xhigh", "max", null, got the string "huge"',
    ],
    [
      '/output_config',
      { format: { type: 'json_object', schema: {} } },
      '/output_config/format/type: expected "json_schema", got the string "json_object"',
    ],
    [
      '/cache_control',
      { type: 'ephemeral', ttl: '2h' },
      '/cache_control/ttl: expected one of "5m", "1h", got the string "2h"',
    ],
    ['/metadata', { user_id: 'x'.repeat(257) }, /^\/metadata\/user_id: expected at most 256 characters/],
    ['/service_tier', 'fast', '/service_tier: expected one of "auto", "standard_only", got the string "fast"'],
    ['/container', 5, '/container: expected a string, an object or null, got the number 5'],
  ] as const)('%s = %j', (pointer, value, message) => {
    const found = messages('request', changed(minimalRequest, pointer, value));
    expect(found).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
  });

  test.each([
    ['tool_use/0/input', '{}', 'expected an object, got the string "{}"'],
    ['tool_use/0/input', [], 'expected an object, got an empty array'],
    ['tool_use/0/id', 'a b', 'expected a text that matches ^[a-zA-Z0-9_-]+$, got the string "a b"'],
    ['tool_use/0/caller/type', 'me', null],
    ['tool_result/0/tool_use_id', ABSENT, `expected this required field, ${ENDING}`],
    ['tool_result/0/content', 5, 'expected a string or an array, got the number 5'],
    ['tool_result/0/is_error', 'no', 'expected true or false, got the string "no"'],
    ['tool_result/2/content/0/type', 'thinking', null],
    ['image/0/source/media_type', 'image/svg+xml', null],
    ['image/0/source/data', '', 'expected at least 1 character, got the string ""'],
    ['image/1/source/url', ABSENT, `expected this required field, ${ENDING}`],
    ['document/0/source/media_type', 'text/html', 'expected "application/pdf", got the string "text/html"'],
    ['document/0/title', '', 'expected at least 1 character, got the string ""'],
    ['search_result/0/citations', null, 'expected an object, got null'],
    ['thinking/0/signature', ABSENT, `expected this required field, ${ENDING}`],
    [
      'server_tool_use/0/id',
      'toolu_1',
      'expected a text that matches ^srvtoolu_[a-zA-Z0-9_]+$, got the string "toolu_1"',
    ],
    ['server_tool_use/0/name', 'advisor', null],
    ['web_search_tool_result/1/content/error_code', 'invalid_input', null],
    ['text/0/citations/0/document_index', -1, 'expected a number >= 0, got the number -1'],
    ['text/0/cache_control/type', 'persistent', 'expected "ephemeral", got the string "persistent"'],
  ] as const)('block %s = %j', (path, value, message) => {
    const document = { ...minimalRequest, blocks: blockParams };
    const [type, number, ...rest] = path.split('/');
    const block = changed(document, `/blocks/${path}`, value).blocks[type as 'text'][Number(number)];
    expect(violations('request', say('user', block)).map(({ pointer, message: text }) => [pointer, text])).toEqual([
      [
        `/messages/0/content/0/${rest.join('/')}`,
        message === null
          ? expect.stringContaining(': expected one of ')
          : `/messages/0/content/0/${rest.join('/')}: ${message}`,
      ],
    ]);
  });

  test('a batch', () => {
    const batch = (changes: object) => ({ requests: [{ custom_id: 'a', params: { ...minimalRequest, ...changes } }] });
    for (const schema of ['batchCreateRequest', 'batchCreateEnvelope'] as const) {
      expect(messages(schema, { requests: [] })).toEqual(['/requests: expected at least 1 item, got an empty array']);
      expect(messages(schema, changed(batch({}), '/requests/0/custom_id', 'a b'))).toEqual([
        '/requests/0/custom_id: expected a text that matches ^[a-zA-Z0-9_-]{1,64}$, got the string "a b"',
      ]);
    }
    expect(messages('batchCreateRequest', batch({ stream: true }))).toEqual([
      '/requests/0/params/stream: expected false, got true',
    ]);
    expect(messages('batchCreateRequest', batch({ max_tokens: 0 }))).toEqual([
      '/requests/0/params/max_tokens: expected a number >= 1, got the number 0',
    ]);
    expect(messages('batchCreateRequest', batch({ speed: 'fast' }))).toEqual([
      '/requests/0/params/speed: expected no field of this name, got the string "fast"',
    ]);
  });
});

describe('version 2026-10-21', () => {
  const { max_tokens: _, ...countable } = minimalRequest;
  const cited = { type: 'text', text: 'x', citations: [citationParams.char_location] };
  const found = { ...blockParams.search_result[0], content: [cited] };

  test.each(['temperature', 'top_p', 'top_k'])('rejects %s even at its default', (name) => {
    for (const schema of ['request@2026-10-21', 'requestBeta@2026-10-21', 'batchParams@2026-10-21'] as const) {
      expect(messages(schema, { ...minimalRequest, [name]: 1 })).toEqual([
        `/${name}: expected no field of this name, got the number 1`,
      ]);
    }
  });

  test.each([
    [
      'a document in an assistant message',
      say('assistant', blockParams.document[0]),
      '/messages/0/content/0/type: expected another value, got the string "document"',
    ],
    [
      'citations on user text',
      say('user', cited),
      /^\/messages\/0\/content\/0\/citations: expected an empty array, got the array \[/,
    ],
    [
      'citations inside a search result',
      say('user', found),
      /^\/messages\/0\/content\/0\/content\/0\/citations: expected an empty array/,
    ],
  ])('rejects %s', (_, request, message) => {
    for (const schema of ['request', 'requestBeta'] as const) {
      expect(messages(schema, request)).toEqual([]);
      expect(messages(`${schema}@2026-10-21`, request)).toEqual([
        typeof message === 'string' ? message : expect.stringMatching(message),
      ]);
    }
    for (const schema of ['countTokensRequest', 'countTokensRequestBeta'] as const) {
      expect(messages(schema, { ...countable, messages: request.messages })).toEqual([]);
      expect(violations(`${schema}@2026-10-21`, { ...countable, messages: request.messages })).toHaveLength(1);
    }
    const batch = { requests: [{ custom_id: 'a', params: request }] };
    expect(messages('batchCreateRequest', batch)).toEqual([]);
    expect(violations('batchCreateRequest@2026-10-21', batch)).toHaveLength(1);
  });

  test.each([
    ['documents of the user', say('user', blockParams.document[0])],
    ['citations of the assistant', say('assistant', cited)],
    [
      'empty citations of the user',
      say('user', { type: 'text', text: 'x', citations: [] }, { type: 'text', text: 'x', citations: null }),
    ],
    [
      'a document inside a tool result',
      say('user', { ...blockParams.tool_result[0], content: [blockParams.document[0]] }),
    ],
  ])('takes %s', (_, request) => {
    expect(messages('request@2026-10-21', request)).toEqual([]);
  });
});

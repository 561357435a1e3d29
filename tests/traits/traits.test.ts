import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { packageFile } from '../../runner/package-files.js';
import { KINDS } from './kinds.js';
import { readRequests } from './read.js';
import type { ClientRequest } from './request.js';
import { traitsOf, traitsOfAll } from './traits.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file(text: string, name = 'a.json'): string {
  const folder = mkdtempSync(join(tmpdir(), 'traits-'));
  folders.push(folder);
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const request = (body: JsonObject | null, parts: Partial<ClientRequest> = {}): ClientRequest => ({
  at: 'x',
  method: 'POST',
  target: '/v1/messages',
  headers: [],
  body,
  bytes: JSON.stringify(body).length,
  ...parts,
});
const user = (content: JsonObject['content']) => ({ role: 'user', content });
const has = (body: JsonObject, parts?: Partial<ClientRequest>) => [...traitsOf(request(body, parts))];

describe('a trait', () => {
  it('is of a documented kind', () => {
    const page = readFileSync(packageFile('docs/traits.md'), 'utf8');
    for (const [kind, meaning] of Object.entries(KINDS)) expect(page).toContain(`| ${kind} | ${meaning} |`);
  });

  it.each<[string, JsonObject, string[]]>([
    [
      'a member by its place, and a closed value',
      { thinking: { type: 'adaptive' }, max_tokens: 32_000 },
      ['field thinking.type', 'value thinking.type=adaptive', 'value max_tokens=32000'],
    ],
    [
      'a mark on a block, with its time to live',
      { messages: [user([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }])] },
      [
        'field messages[user].content[text].cache_control',
        'value messages[user].content[text].cache_control.ttl=1h',
        'form messages[user].content blocks',
      ],
    ],
    [
      'the order of messages and blocks',
      {
        messages: [
          user([{ type: 'tool_result', tool_use_id: 't', is_error: false }, { type: 'document' }]),
          { role: 'system', content: 'x' },
        ],
      },
      [
        'blocks user tool_result > document',
        'order user document > system text',
        'order system text > end',
        'value messages[user].content[tool_result].is_error=false',
      ],
    ],
    [
      'calls of the history',
      {
        tools: [{ name: 'a', input_schema: { type: 'object' } }],
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'tool_use', id: 'toolu_1', name: 'a', input: {} },
              { type: 'tool_use', id: 'call_2', name: 'b', input: { x: 1 } },
            ],
          },
        ],
      },
      ['call parallel', 'call empty input', 'call undeclared tool', 'call foreign id'],
    ],
    [
      'keywords of schemas, not names of their properties',
      {
        tools: [
          {
            name: 'a',
            description: 'x'.repeat(4_000),
            input_schema: {
              type: 'object',
              properties: { maximum: { type: 'string', const: 'b' } },
              additionalProperties: { type: 'array', maxItems: 2 },
            },
          },
        ],
      },
      [
        'schema const string',
        'schema additionalProperties schema',
        'schema maxItems',
        'size description >= 1000',
        'size description >= 4000',
      ],
    ],
    [
      'what stands together',
      { thinking: { type: 'disabled' }, output_config: { effort: 'high' }, tools: [{ type: 'web_search_20250305' }] },
      ['together thinking disabled, effort high', 'together effort high, server tool', 'form tools blocks'],
    ],
    [
      'what texts hold',
      { system: '\na\tb', messages: [user([{ type: 'tool_result', content: '<a>"é"' }])] },
      [
        'text system a line break first',
        'text system tabs',
        'text tool_result angle brackets',
        'text tool_result characters beyond ASCII',
      ],
    ],
  ])('is %s', (_what, body, expected) => {
    expect(has(body)).toEqual(expect.arrayContaining(expected));
    expect(has(body).filter((trait) => trait.startsWith('schema maximum'))).toEqual([]);
  });

  it('is a header by its name; keys and open values are not in it', () => {
    const headers: [string, string][] = [
      ['X-Api-Key', 'secret'],
      ['Authorization', 'Bearer secret'],
      ['Accept-Encoding', 'gzip, zstd;q=0.5'],
      ['anthropic-beta', 'a-1, b-2'],
      ['User-Agent', 'claude-cli/2.1.197 (external)'],
      ['X-Claude-Code-Session-Id', '1'],
      ['Host', 'localhost'],
    ];
    const traits = has({}, { headers });
    expect(traits).toEqual(
      expect.arrayContaining([
        'credential both',
        'encoding gzip',
        'encoding zstd',
        'beta a-1',
        'beta b-2',
        'header user-agent=claude-cli',
        'header x-claude-code-session-id',
      ]),
    );
    expect(traits.join()).not.toMatch(/secret|2\.1\.197|host/);
  });

  it('holds none of the texts of a request', () => {
    const body = {
      model: 'm',
      system: 'Alpha',
      tools: [
        { name: 'Bravo', description: 'Charlie', input_schema: { properties: { delta: { description: 'Echo' } } } },
      ],
      metadata: { user_id: 'Foxtrot' },
      messages: [
        user('Golf'),
        { role: 'assistant', content: [{ type: 'tool_use', name: 'Hotel', input: { india: 1 } }] },
      ],
    };
    expect(has(body).join()).not.toMatch(/alpha|bravo|charlie|delta|echo|foxtrot|golf|hotel|india/i);
  });

  it('of a series is four counts, or the same body without stream', () => {
    const count = request({ model: 'm' }, { target: '/v1/messages/count_tokens' });
    expect([...traitsOfAll([count, count, count]).keys()].filter((trait) => trait.startsWith('series'))).toEqual([]);
    expect([...traitsOfAll([count, count, count, count]).keys()]).toContain('series POST /v1/messages/count_tokens');
    const streamed = request({ model: 'm', stream: true, max_tokens: 64_000 });
    expect([...traitsOfAll([streamed, request({ model: 'm', max_tokens: 32_000 })]).keys()]).toContain(
      'series again without stream',
    );
    expect([...traitsOfAll([streamed, request({ model: 'n' })]).keys()]).not.toContain('series again without stream');
  });
});

describe('recorded requests are read from', () => {
  const body = { model: 'm' };
  const expected = { method: 'POST', target: '/v1/messages?beta=true', body, bytes: 13 };

  it('a capture, with its header lines as pairs', () => {
    const text = JSON.stringify({ method: 'POST', url: '/v1/messages?beta=true', headers: [['A', 'b']], body });
    expect(readRequests([file(text)])).toMatchObject([{ ...expected, headers: [['A', 'b']] }]);
  });
  it('HAR, whose body is text', () => {
    const entry = {
      request: {
        method: 'POST',
        url: 'http://h/v1/messages?beta=true',
        headers: [{ name: 'A', value: 'b' }],
        postData: { text: JSON.stringify(body) },
      },
    };
    expect(readRequests([file(JSON.stringify({ log: { entries: [entry] } }), 'a.har')])).toMatchObject([
      { ...expected, headers: [['A', 'b']] },
    ]);
  });
  it('lines of JSON with a request each, and reports', () => {
    const line = {
      request: { method: 'POST', url: 'http://h/v1/messages?beta=true', headers: { a: 'b' }, body: '{"model":"m"}' },
    };
    expect(readRequests([file(`${JSON.stringify(line)}\n${JSON.stringify(line)}\n`, 'a.ndjson')])).toMatchObject([
      expected,
      expected,
    ]);
    expect(readRequests([file(JSON.stringify({ exchanges: [line] }))])).toMatchObject([expected]);
  });
  it('a folder, in the order of the names', () => {
    const first = file(JSON.stringify({ method: 'HEAD', url: '/', headers: [], body: null }));
    writeFileSync(join(first, '../b.json'), JSON.stringify({ method: 'GET', url: '/', headers: [], body: null }));
    writeFileSync(join(first, '../README.md'), 'x');
    expect(readRequests([join(first, '..')]).map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });
  it.each([
    ['text', 'hello\n', /a\.json:1: neither one JSON document nor lines of JSON/],
    ['JSON of something else', '{"name":"x"}', /a\.json: no recorded request; expected HAR 1\.2/],
  ])('nothing but that: %s is an error that names the file', (_what, text, expected) => {
    expect(() => readRequests([file(text)])).toThrow(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { beyondCore } from '../../suites/beyond-core.js';
import { events, exchange, judgeOf, message } from '../support/exchange.js';

const judge = judgeOf(beyondCore);
const holding = (...content: object[]) =>
  exchange({ fixture: 'minimal', json: message({ content: content as never }) });

const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } };
const cited = {
  type: 'web_search_result_location',
  cited_text: 'x',
  encrypted_index: 'e',
  title: 'X',
  url: 'https://example.com',
};
const found = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: [
    { type: 'web_search_result', url: 'https://example.com', title: 'X', encrypted_content: 'e', page_age: null },
  ],
};

describe('resp.content.other-blocks', () => {
  const id = 'resp.content.other-blocks';

  it.each([
    ['a search and what it found', [search, found]],
    [
      'a search that failed',
      [search, { ...found, content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } }],
    ],
    ['a block with a field of tomorrow', [{ ...search, weight: 1 }, found]],
    [
      'an MCP call and its result',
      [
        { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'f', server_name: 's', input: {} },
        {
          type: 'mcp_tool_result',
          tool_use_id: 'mcptoolu_1',
          is_error: false,
          content: [{ type: 'text', text: 'ok' }],
        },
      ],
    ],
    ['an upload to a container', [{ type: 'container_upload', file_id: 'file_1' }]],
    ['thinking that is redacted', [{ type: 'redacted_thinking', data: 'RW5j' }]],
    ['a citation of what it found', [search, found, { type: 'text', text: 'x', citations: [cited] }]],
  ])('is satisfied by %s', (_what, content) => {
    expect(judge(id, [holding(...content)]).outcome).toBe('satisfied');
  });

  it.each([
    ['a search with its input as text', [{ ...search, input: '{}' }], '/content/0/input'],
    ['a result without the id of its call', [search, { ...found, tool_use_id: undefined }], '/content/1/tool_use_id'],
    ['redacted thinking without data', [{ type: 'redacted_thinking', data: null }], '/content/0/data'],
    [
      'a citation without an address',
      [search, found, { type: 'text', text: 'x', citations: [{ ...cited, url: undefined }] }],
      '/content/2/citations/0/url',
    ],
    ['an upload without a file', [{ type: 'container_upload' }], '/content/0/file_id'],
  ])('is violated by %s, at its place', (_what, content, pointer) => {
    const judgement = judge(id, [holding(...content)]);
    expect(judgement).toMatchObject({ outcome: 'violated', findings: [{ at: { pointer } }] });
  });

  it('is violated by a result of a call that nobody made', () => {
    const pointer = '/content/1/tool_use_id';
    const other = { ...found, tool_use_id: 'srvtoolu_2' };
    expect(judge(id, [holding(search, other)])).toMatchObject({ outcome: 'violated', findings: [{ at: { pointer } }] });
  });

  it.each([
    ['a call of an earlier message', { messages: [{ role: 'assistant', content: [search] }] }],
    ['a call of a thread, which the server has', { thread: { type: 'continue' }, messages: [] }],
  ])('is satisfied by a result of %s', (_what, body) => {
    const later = exchange({
      fixture: 'minimal',
      json: message({ content: [found] as never }),
      request: { body: { ...body } as never },
    });
    expect(judge(id, [later]).outcome).toBe('satisfied');
  });

  it('reads what a stream adds up to', () => {
    const streamed = exchange({
      fixture: 'minimal',
      transport: 'stream',
      events: events(message({ content: [{ ...search, id: 7 }] as never })),
    });
    expect(judge(id, [streamed]).outcome).toBe('violated');
  });

  it('says nothing of replies without such blocks, and of blocks that nobody knows', () => {
    expect(judge(id, [holding({ type: 'text', text: 'ok' }, { type: 'hologram' })]).outcome).toBe('not-observed');
  });
});

describe('usage.optional.null-or-valid', () => {
  const id = 'usage.optional.null-or-valid';
  const counting = (usage: object) =>
    exchange({
      fixture: 'minimal',
      json: message({ usage: { input_tokens: 1, output_tokens: 1, ...usage } as never }),
    });

  it.each([
    [
      'null throughout',
      { cache_creation: null, server_tool_use: null, service_tier: null, output_tokens_details: null },
    ],
    [
      'the documented forms',
      {
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
        service_tier: 'standard',
        inference_geo: 'not_available',
      },
    ],
    ['a tier of tomorrow', { service_tier: 'nightly' }],
    ['a count of tomorrow', { joules: 12 }],
  ])('is satisfied by %s', (_what, usage) => {
    expect(judge(id, [counting(usage)]).outcome).toBe('satisfied');
  });

  it.each([
    ['a tier that is a number', { service_tier: 1 }, '/usage/service_tier'],
    ['searches as a number', { server_tool_use: 3 }, '/usage/server_tool_use'],
    [
      'a negative split of the cache',
      { cache_creation: { ephemeral_5m_input_tokens: -1, ephemeral_1h_input_tokens: 0 } },
      '/usage/cache_creation/ephemeral_5m_input_tokens',
    ],
  ])('is violated by %s', (_what, usage, pointer) => {
    expect(judge(id, [counting(usage)])).toMatchObject({ outcome: 'violated', findings: [{ at: { pointer } }] });
  });

  it('says nothing of the four totals, which have requirements of their own', () => {
    expect(judge(id, [counting({ cache_read_input_tokens: 'many' })]).outcome).toBe('not-observed');
  });
});

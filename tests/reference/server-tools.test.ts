import { describe, expect, it } from 'vitest';
import { violations } from '../../validation/index.js';
import { accumulate, client, eventsOf, MINIMAL, user } from './client.js';

const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 1 };
const forced = {
  ...MINIMAL,
  max_tokens: 300,
  tools: [search],
  tool_choice: { type: 'tool', name: 'web_search' },
  messages: [user('What is new?')],
};

describe('the server tool web_search', () => {
  it('runs when it is forced: a call, its result and text, and it is counted', async () => {
    const { json } = await client().post(forced);
    expect(violations('message', json)).toEqual([]);
    const [call, result, text] = json.content;
    expect([call.type, result.type, text.type]).toEqual(['server_tool_use', 'web_search_tool_result', 'text']);
    expect(result.tool_use_id).toBe(call.id);
    expect(call.input).toEqual({ query: 'What is new?' });
    expect(json).toMatchObject({ stop_reason: 'end_turn', usage: { server_tool_use: { web_search_requests: 1 } } });
  });

  it('streams the input of the call in pieces, and its result at once', async () => {
    const { text } = await client().post({ ...forced, stream: true });
    const message = accumulate(eventsOf(text));
    expect(message.content).toMatchObject([
      { type: 'server_tool_use', input: { query: 'What is new?' } },
      { type: 'web_search_tool_result', content: [{ type: 'web_search_result' }, { type: 'web_search_result' }] },
      { type: 'text' },
    ]);
    expect(violations('message', message)).toEqual([]);
  });

  it('is asked for the titles that it found, which only the history holds', async () => {
    const asked = { ...forced, stream: false };
    const { json: first } = await client().post(asked);
    const titles = async (...content: object[]) => {
      const messages = [
        ...forced.messages,
        { role: 'assistant', content },
        user('List the titles that this search found.'),
      ];
      const { json } = await client().post({ ...MINIMAL, max_tokens: 300, messages });
      return json.content[0].text as string;
    };
    const found = first.content[1].content.map(({ title }: { title: string }) => title);
    expect(await titles(...first.content)).toBe(found.join('\n'));
    expect(await titles({ type: 'text', text: 'Two pages.' })).toBe('I have not searched for anything.');
  });

  it('runs when the ask is for the web, and only then; a client tool beside it stays one', async () => {
    const time = { name: 'get_time', input_schema: { type: 'object', properties: {} } };
    const types = async (ask: string) => {
      const { json } = await client().post({
        ...MINIMAL,
        max_tokens: 300,
        tools: [search, time],
        messages: [user(ask)],
      });
      return json.content.map(({ type }: { type: string }) => type);
    };
    expect(await types('Search the web for news.')).toContain('server_tool_use');
    expect(await types('Call get_time.')).toEqual(['tool_use']);
    expect(await types('Say hello.')).toEqual(['text']);
  });

  it('is accepted in the history as it came', async () => {
    const api = client();
    const { json } = await api.post(forced);
    const messages = [...forced.messages, { role: 'assistant', content: json.content }, user('say ok')];
    const again = await api.post({ ...MINIMAL, tools: [search], messages });
    expect(again.status).toBe(200);
  });

  it('is rejected by name where the endpoint has none', async () => {
    const { status, json } = await client({ serverTools: false }).post(forced);
    expect(status).toBe(400);
    expect(json.error.message).toMatch(/web_search_20250305.*no server tool but the search for tools/);
  });
});

describe('the address itself', () => {
  it('says what it is, without a credential', async () => {
    const { status, json } = await client().send('/', { method: 'GET', headers: { 'x-api-key': null } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      server: expect.stringContaining('reference endpoint'),
      models: ['reference-1', 'reference-1-small'],
    });
    expect(json.paths).toContain('POST /v1/messages');
  });
  it('answers HEAD without a body', async () => {
    const { status, text } = await client().send('/', { method: 'HEAD', headers: { 'x-api-key': null } });
    expect([status, text]).toEqual([200, '']);
  });
});

import { describe, expect, it } from 'vitest';
import { square } from './assets.js';
import { type Answer, client, MINIMAL, text, user, WEATHER } from './client.js';

const PROMPT = { model: 'reference-1', messages: MINIMAL.messages };

describe('count_tokens', () => {
  const { send, post } = client();
  const count = async (body: object, headers = {}) => send('/v1/messages/count_tokens', { body, headers });

  it('equals the usage of a message with the same prompt', async () => {
    for (const more of [{}, { system: 'Be brief.' }, { tools: [WEATHER] }, { messages: [user('x '.repeat(500))] }]) {
      const counted = await count({ ...PROMPT, ...more });
      const sent = await post({ ...MINIMAL, ...more });
      expect(counted.json).toEqual({ input_tokens: sent.json.usage.input_tokens });
    }
  });

  it('counts pictures', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: square.png([255, 0, 0]) } };
    const seen = await count({ ...PROMPT, messages: [user([image, text('x')])] });
    const plain = await count({ ...PROMPT, messages: [user([text('x')])] });
    expect(seen.json.input_tokens).toBeGreaterThan(plain.json.input_tokens);
  });

  it.each([
    ['nothing', {}, 400],
    ['no messages', { model: 'reference-1' }, 400],
    ['max_tokens', { ...PROMPT, max_tokens: 5 }, 400],
    ['a bad conversation', { ...PROMPT, messages: [{ role: 'assistant', content: 'x' }] }, 400],
    ['an unknown model', { ...PROMPT, model: 'nope' }, 404],
  ])('rejects %s', async (_, body, status) => {
    expect((await count(body)).status).toBe(status);
  });

  it('rejects sampling parameters in both versions, and accepts beta fields', async () => {
    expect((await count({ ...PROMPT, temperature: 1 })).status).toBe(400);
    expect((await count(PROMPT, { 'anthropic-version': '2026-10-21' })).status).toBe(200);
    for (const version of ['2023-06-01', '2026-10-21']) {
      const edited = await count(
        { ...PROMPT, context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } },
        { 'anthropic-beta': 'context-management-2025-06-27', 'anthropic-version': version },
      );
      expect(edited.json.context_management).toEqual({ original_input_tokens: edited.json.input_tokens });
    }
    expect((await send('/v1/messages/count_tokens?beta=true', { body: PROMPT })).status).toBe(200);
  });

  it('is a 404 when it is switched off', async () => {
    const none = client({ features: { 'count-tokens': false } });
    const reply = await none.send('/v1/messages/count_tokens', { body: PROMPT });
    expect([reply.status, reply.json.error.type]).toEqual([404, 'not_found_error']);
  });
});

describe('models', () => {
  const { send } = client({ models: ['a/b c', 'second', 'third'] });
  const get = (path: string, headers = {}) => send(path, { method: 'GET', headers });

  it('are listed', async () => {
    const { json } = await get('/v1/models');
    expect(json).toMatchObject({ has_more: false, first_id: 'a/b c', last_id: 'third' });
    expect(json.data).toHaveLength(3);
    expect(json.data[0]).toMatchObject({
      type: 'model',
      id: 'a/b c',
      display_name: 'a/b c',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      max_tokens: 64_000,
      capabilities: { image_input: { supported: true }, thinking: { supported: true } },
    });
  });

  it('come in pages, forwards and backwards', async () => {
    const ids: string[] = [];
    let query = '?limit=1';
    for (;;) {
      const { json } = await get(`/v1/models${query}`);
      ids.push(json.data[0].id);
      if (!json.has_more) break;
      query = `?limit=1&after_id=${encodeURIComponent(json.last_id)}`;
    }
    expect(ids).toEqual(['a/b c', 'second', 'third']);
    const back = await get('/v1/models?limit=1&before_id=third');
    expect(back.json).toMatchObject({ data: [{ id: 'second' }], has_more: true });
  });

  it('are found by their decoded id', async () => {
    const { status, json } = await get(`/v1/models/${encodeURIComponent('a/b c')}`);
    expect([status, json.id]).toEqual([200, 'a/b c']);
    const unknown = await get('/v1/models/nope');
    expect([unknown.status, unknown.json.error.type]).toEqual([404, 'not_found_error']);
  });

  it('are found by an alias, and answered with their id', async () => {
    const model = { displayName: 'M', createdAt: '2026-01-01T00:00:00Z', maxInputTokens: 1000, maxTokens: 500 };
    const own = client({ models: [{ ...model, id: 'm-20260101', aliases: ['m'] }] });
    expect((await own.send('/v1/models/m', { method: 'GET' })).json.id).toBe('m-20260101');
    expect((await own.post({ ...MINIMAL, model: 'm' })).json.model).toBe('m-20260101');
  });

  it.each([
    ['limit=1000', 200],
    ['limit=0', 400],
    ['limit=1001', 400],
    ['limit=x', 400],
    ['after_id=nope', 400],
    ['lifecycle[]=retired', 200],
  ])('answer ?%s with %i', async (query, status) => {
    expect((await get(`/v1/models?${query}`)).status).toBe(status);
  });

  it('need a credential, and may be switched off', async () => {
    expect((await get('/v1/models', { 'x-api-key': 'wrong' })).status).toBe(401);
    const none = client({ features: { models: false } });
    expect((await none.send('/v1/models', { method: 'GET' })).status).toBe(404);
  });
});

describe('message batches', () => {
  const requests = [
    { custom_id: 'good', params: MINIMAL },
    { custom_id: 'bad', params: { model: 'reference-1', max_tokens: 5 } },
  ];
  function batches() {
    let now = Date.UTC(2026, 9, 21);
    const api = client({ now: () => now });
    const at = (path = '', method = 'GET', body?: unknown) => api.send(`/v1/messages/batches${path}`, { method, body });
    return {
      at,
      create: async (body: object = { requests }): Promise<Answer> => (await at('', 'POST', body)).json,
      wait: (ms: number) => {
        now += ms;
      },
      async end(id: string): Promise<Answer> {
        await at(`/${id}`);
        now += 1000;
        return (await at(`/${id}`)).json;
      },
    };
  }

  it('begin in progress with all requests processing', async () => {
    const { create, at } = batches();
    const batch = await create();
    expect(batch).toEqual({
      id: expect.stringMatching(/^msgbatch_\w+$/),
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      created_at: '2026-10-21T00:00:00.000Z',
      expires_at: '2026-10-22T00:00:00.000Z',
      ended_at: null,
      cancel_initiated_at: null,
      archived_at: null,
      results_url: null,
    });
    expect((await at(`/${batch.id}`)).json).toEqual(batch);
    expect((await at(`/${batch.id}/results`)).status).toBe(404);
    expect((await at(`/${batch.id}`, 'DELETE')).status).toBe(400);
  });

  it('are seen in progress once before they end', async () => {
    const { create, at, wait } = batches();
    const { id } = await create();
    wait(60);
    expect((await at(`/${id}`)).json.processing_status).toBe('in_progress');
    expect((await at(`/${id}`)).json.processing_status).toBe('ended');
    const other = await create();
    wait(1000);
    expect((await at(`/${other.id}`)).json.processing_status).toBe('ended');
  });

  it('end with one result line per request', async () => {
    const { create, end, at } = batches();
    const ended = await end((await create()).id);
    expect(ended).toMatchObject({
      processing_status: 'ended',
      request_counts: { processing: 0, succeeded: 1, errored: 1, canceled: 0, expired: 0 },
      results_url: `http://reference.test/v1/messages/batches/${ended.id}/results`,
    });
    const results = await at(`/${ended.id}/results`);
    expect(results.headers.get('content-type')).toBe('application/x-jsonl');
    const lines = results.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      custom_id: 'good',
      result: { type: 'succeeded', message: { type: 'message', usage: { service_tier: 'batch' } } },
    });
    expect(lines[1]).toMatchObject({
      custom_id: 'bad',
      result: {
        type: 'errored',
        error: { type: 'error', error: { type: 'invalid_request_error', message: 'messages: Field required' } },
      },
    });
  });

  it.each([
    ['stream', { ...MINIMAL, stream: true }],
    ['max_tokens 0', { ...MINIMAL, max_tokens: 0 }],
    ['speed', { ...MINIMAL, speed: 'fast' }],
  ])('answer requests with %s with an error', async (_, params) => {
    const { create, end } = batches();
    const ended = await end((await create({ requests: [{ custom_id: 'a', params }] })).id);
    expect(ended.request_counts.errored).toBe(1);
  });

  it('are canceled', async () => {
    const { create, at } = batches();
    const { id } = await create();
    const canceling = (await at(`/${id}/cancel`, 'POST')).json;
    expect(canceling).toMatchObject({
      processing_status: 'canceling',
      cancel_initiated_at: '2026-10-21T00:00:00.000Z',
    });
    expect((await at(`/${id}`)).json).toMatchObject({ processing_status: 'ended', request_counts: { canceled: 2 } });
    const lines = (await at(`/${id}/results`)).text.trimEnd().split('\n');
    expect(JSON.parse(lines[0]!)).toEqual({ custom_id: 'good', result: { type: 'canceled' } });
    expect((await at(`/${id}/cancel`, 'POST')).json.processing_status).toBe('ended');
  });

  it('are listed newest first and deleted at the end', async () => {
    const { create, end, at } = batches();
    const [first, second] = [await create(), await create()];
    expect((await at('?limit=5')).json).toMatchObject({
      data: [{ id: second.id }, { id: first.id }],
      has_more: false,
      first_id: second.id,
      last_id: first.id,
    });
    await end(first.id);
    expect((await at(`/${first.id}`, 'DELETE')).json).toEqual({ id: first.id, type: 'message_batch_deleted' });
    expect((await at(`/${first.id}`)).status).toBe(404);
    expect((await at('?limit=5')).json.data).toHaveLength(1);
  });

  it.each([
    ['without requests', {}],
    ['with an empty list', { requests: [] }],
    ['with an id twice', { requests: [requests[0], requests[0]] }],
    ['with an ill-formed id', { requests: [{ custom_id: 'a b', params: MINIMAL }] }],
    ['without params', { requests: [{ custom_id: 'a' }] }],
    ['with unknown fields', { requests, zzz: 1 }],
  ])('are rejected %s', async (_, body) => {
    const reply = await batches().at('', 'POST', body);
    expect([reply.status, reply.json.error.type]).toEqual([400, 'invalid_request_error']);
  });

  it('keep the version that they were created with', async () => {
    const api = client({ batchDelayMs: 0 });
    const params = { ...MINIMAL, temperature: 1 };
    const newer = { 'anthropic-version': '2026-10-21' };
    const { json } = await api.send('/v1/messages/batches', {
      body: { requests: [{ custom_id: 'a', params }] },
      headers: newer,
    });
    expect((await api.send(`/v1/messages/batches/${json.id}`, { method: 'GET' })).json.request_counts.errored).toBe(1);
  });

  it('with an unknown id are a 404', async () => {
    const { at } = batches();
    for (const [path, method] of [
      ['/x', 'GET'],
      ['/x/results', 'GET'],
      ['/x/cancel', 'POST'],
      ['/x', 'DELETE'],
    ] as const) {
      expect((await at(path, method)).status).toBe(404);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../reference/bounded-map.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { messagesEndpoint } from '../../reference/msw.js';
import { resolveSettings } from '../../reference/options.js';
import { emptyState, type State } from '../../reference/state.js';
import { KEY, MINIMAL, send, text, user } from './client.js';

/** An endpoint whose memory can be looked at. */
function observed(options: Parameters<typeof createEndpoint>[0] = {}) {
  const state: State = emptyState(resolveSettings(options).limits);
  const endpoint = createEndpoint(options, state);
  return { state, endpoint, post: (path: string, body: unknown) => send(endpoint, path, { body }) };
}

async function upload(endpoint: ReturnType<typeof createEndpoint>, content: string, more: Record<string, string> = {}) {
  const form = new FormData();
  form.set('file', new File([content], 'a.txt', { type: 'text/plain' }));
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  const headers = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' };
  const response = await endpoint.fetch(new Request('http://x/v1/files', { method: 'POST', headers, body: form }));
  return { status: response.status, json: await response.json() };
}

const get = async (endpoint: ReturnType<typeof createEndpoint>, path: string) =>
  send(endpoint, path, { method: 'GET', body: undefined });

describe('a bounded map', () => {
  it('drops the oldest entries beyond its number and beyond its total', () => {
    const map = new BoundedMap<string>({ entries: 3, total: 10, sizeOf: ({ length }) => length });
    for (const [index, value] of ['a', 'bb', 'ccc', 'dddd'].entries()) map.set(String(index), value);
    expect([...map.keys()]).toEqual(['1', '2', '3']);
    map.set('4', 'e'.repeat(6));
    expect([[...map.keys()], map.total]).toEqual([['3', '4'], 10]);
  });

  it('counts an entry once when it is set again, and makes it the newest', () => {
    const map = new BoundedMap<string>({ entries: 2, total: 10, sizeOf: ({ length }) => length });
    map.set('a', 'xx').set('b', 'x').set('a', 'xxx').set('c', 'x');
    expect([[...map.keys()], map.total]).toEqual([['a', 'c'], 4]);
    map.clear();
    expect([map.size, map.total]).toEqual([0, 0]);
  });
});

describe('what an endpoint keeps', () => {
  it('of uploads is bounded by number and bytes, oldest out', async () => {
    const { endpoint, state } = observed({ limits: { files: 3, fileBytes: 2_000 } });
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await upload(endpoint, `${index}`)).json.id);
    expect([...state.files.keys()]).toEqual(ids.slice(2));
    expect((await get(endpoint, `/v1/files/${ids[0]}`)).status).toBe(404);
    expect((await get(endpoint, `/v1/files/${ids[4]}`)).status).toBe(200);
    for (let index = 0; index < 3; index += 1) await upload(endpoint, 'x'.repeat(900));
    expect(state.files.total).toBeLessThanOrEqual(2_000);
    expect(state.files.size).toBe(2);
    const large = await upload(endpoint, 'x'.repeat(3_000));
    expect([large.status, large.json.error.type]).toEqual([413, 'request_too_large']);
  });

  it('of expired uploads is their name', async () => {
    let now = 0;
    const { endpoint, state } = observed({ now: () => now });
    const { json } = await upload(endpoint, 'x'.repeat(900), { expires_in_seconds: '3600' });
    now = 3_600_001;
    await upload(endpoint, 'y');
    expect(state.files.total).toBe(1);
    expect((await get(endpoint, `/v1/files/${json.id}`)).json.error.details).toEqual({ error_code: 'file_expired' });
  });

  it('of batches is bounded by number and bytes, oldest out', async () => {
    const { post, state, endpoint } = observed({ limits: { batches: 2, batchBytes: 2_000 } });
    const create = (length: number) =>
      post('/v1/messages/batches', {
        requests: [{ custom_id: 'a', params: { ...MINIMAL, messages: [user('x'.repeat(length))] } }],
      });
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push((await create(10)).json.id);
    expect([...state.batches.keys()]).toEqual(ids.slice(1));
    expect((await get(endpoint, `/v1/messages/batches/${ids[0]}`)).status).toBe(404);
    await create(1_500);
    await create(1_500);
    expect([state.batches.size, state.batches.total <= 2_000]).toEqual([1, true]);
    expect((await create(3_000)).status).toBe(413);
  });

  it('of the results of a batch is bounded: the rest ends as errored', async () => {
    const { post, endpoint, state } = observed({ batchDelayMs: 0, limits: { batchResultBytes: 20_000 } });
    const params = { ...MINIMAL, max_tokens: 5_000, messages: [user('Write 400 words.')] };
    const requests = Array.from({ length: 30 }, (_, index) => ({ custom_id: `r${index}`, params }));
    const { id } = (await post('/v1/messages/batches', { requests })).json;
    await get(endpoint, `/v1/messages/batches/${id}`);
    const ended = (await get(endpoint, `/v1/messages/batches/${id}`)).json;
    expect(ended.request_counts).toMatchObject({ processing: 0, canceled: 0, expired: 0 });
    expect(ended.request_counts.succeeded).toBeGreaterThan(0);
    expect(ended.request_counts.succeeded + ended.request_counts.errored).toBe(30);
    const results = await get(endpoint, `/v1/messages/batches/${id}/results`);
    expect(results.text.length).toBeLessThanOrEqual(20_000);
    const lines = results.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(30);
    expect(lines.at(-1).result.error.error.message).toContain('at most 20000 bytes of batch results');
    expect(state.results.total).toBe(results.text.length);
  });

  it('of the results of all batches is bounded, oldest out', async () => {
    const { post, endpoint, state } = observed({ batchDelayMs: 0, limits: { batchResultBytes: 1_200 } });
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const requests = [{ custom_id: 'a', params: MINIMAL }];
      ids.push((await post('/v1/messages/batches', { requests })).json.id);
      for (let time = 0; time < 2; time += 1) await get(endpoint, `/v1/messages/batches/${ids[index]}`);
    }
    expect(state.results.total).toBeLessThanOrEqual(1_200);
    const first = await get(endpoint, `/v1/messages/batches/${ids[0]}/results`);
    expect([first.status, first.json.error.message]).toEqual([404, expect.stringContaining('no longer available')]);
    expect((await get(endpoint, `/v1/messages/batches/${ids[2]}/results`)).status).toBe(200);
  });

  it('of the prompt cache is bounded, and expired entries are deleted', async () => {
    let now = 0;
    const { post, state } = observed({ now: () => now, limits: { cacheEntries: 2 } });
    const prompt = (topic: string, ttl: '5m' | '1h') => ({
      ...MINIMAL,
      system: [{ ...text(`${topic} `.repeat(1_500)), cache_control: { type: 'ephemeral', ttl } }],
    });
    const read = async (topic: string, ttl: '5m' | '1h' = '5m') =>
      (await post('/v1/messages', prompt(topic, ttl))).json.usage.cache_read_input_tokens;
    expect([await read('one'), await read('two'), await read('three')]).toEqual([0, 0, 0]);
    expect(state.cache.size).toBe(2);
    expect(await read('three')).toBeGreaterThan(1_000);
    expect(await read('one'), 'the oldest is out').toBe(0);
    await read('four', '1h');
    now = 300_001;
    await post('/v1/messages', MINIMAL);
    expect([...state.cache.values()]).toEqual([3_600_000]);
  });

  it('of what alterations remember is bounded', () => {
    const { notes } = emptyState(resolveSettings().limits);
    for (let index = 0; index < 20_000; index += 1) notes.set(String(index), index);
    expect([notes.size, notes.has('19999')]).toEqual([10_000, true]);
  });
});

describe('limits', () => {
  it.each<[Record<string, number>, RegExp]>([
    [{ files: -1 }, /limits\.files: expected a number of at least 0, got -1/],
    [{ fileByte: 1 }, /limits\.fileByte: unknown; expected one of files, fileBytes/],
    [{ recordings: Number.NaN }, /limits\.recordings/],
  ])('are checked: %o', (limits, message) => {
    expect(() => createEndpoint({ limits })).toThrow(message);
    expect(() => messagesEndpoint({ limits })).toThrow(message);
  });
});

import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messagesEndpoint } from '../../reference/msw.js';
import { assistant, MINIMAL, TIME, toolResult, toolUse, user } from './client.js';

const BASE = 'https://api.reference.test';
const SECRET = 'sk-very-secret-0123456789';
const endpoint = messagesEndpoint({ baseUrl: BASE });
const server = setupServer(...endpoint.handlers);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => endpoint.reset());
afterAll(() => server.close());

interface Sending {
  path?: string;
  method?: string;
  headers?: Record<string, string | null>;
}
async function send(body: unknown, { path = '/v1/messages', method = 'POST', headers = {} }: Sending = {}) {
  const all = {
    'x-api-key': SECRET,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
    ...headers,
  };
  const response = await fetch(`${BASE}${path}`, {
    method,
    headers: Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

describe('a request of a client', () => {
  it('is recorded in the order of arrival, until a reset', async () => {
    await send(MINIMAL);
    await send({ ...MINIMAL, max_tokens: 7 });
    expect(endpoint.requests).toHaveLength(2);
    expect(endpoint.requests[1]).toEqual({
      method: 'POST',
      path: '/v1/messages',
      headers: expect.objectContaining({ 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }),
      body: { ...MINIMAL, max_tokens: 7 },
      violations: [],
    });
    endpoint.reset();
    expect(endpoint.requests).toEqual([]);
  });

  it('is recorded without its credentials, wherever they are', async () => {
    await send({ ...MINIMAL, metadata: { user_id: `me, with ${SECRET}` } });
    await send(MINIMAL, { headers: { 'x-api-key': null, authorization: `Bearer ${SECRET}`, 'x-note': SECRET } });
    await send(MINIMAL, { path: `/v1/messages?api_key=another-secret&beta=true&from=${SECRET}` });
    await send(`{"key": "${SECRET}"`);
    const kept = JSON.stringify([endpoint.requests, endpoint.violations]);
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain('another-secret');
    expect(endpoint.requests[2]?.path).toMatch(/^\/v1\/messages\?api_key=\*+&beta=true&from=\*+$/);
    expect(endpoint.requests.map(({ headers }) => headers['x-api-key'] ?? headers.authorization)).toEqual(
      [25, 32, 25, 25].map((length) => '*'.repeat(length)),
    );
  });

  it('is recorded as text if it is not JSON, and as its size if it is an upload', async () => {
    await send('{"model": ');
    const form = new FormData();
    form.set('file', new Blob(['hello'], { type: 'text/plain' }), 'hello.txt');
    const headers = { 'x-api-key': SECRET, 'anthropic-version': '2023-06-01' };
    const uploaded = await fetch(`${BASE}/v1/files`, { method: 'POST', headers, body: form });
    await send(undefined, { method: 'GET', path: '/v1/models' });
    expect(uploaded.status).toBe(200);
    expect(endpoint.requests.map(({ body }) => body)).toEqual([
      '{"model": ',
      expect.stringMatching(/^\(\d+ bytes of multipart\/form-data\)$/),
      null,
    ]);
  });
});

describe('a request without an answer', () => {
  it('is recorded though the client gave up', async () => {
    const client = new AbortController();
    const response = (): Promise<Response> => {
      client.abort();
      return new Promise(() => {});
    };
    const silent = messagesEndpoint({ baseUrl: `${BASE}/silent`, alterations: { response } });
    server.use(...silent.handlers);
    const body = JSON.stringify({ ...MINIMAL, max_tokens: 0.5 });
    const sent = fetch(`${BASE}/silent/v1/messages`, { method: 'POST', body, signal: client.signal });
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    expect(silent.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/messages']);
    expect(silent.violations).toContainEqual(expect.stringContaining('/max_tokens'));
    server.resetHandlers();
  });

  it('is recorded though the answer failed', async () => {
    const broken = messagesEndpoint({
      baseUrl: `${BASE}/broken`,
      alterations: {
        response: () => {
          throw new Error('on purpose');
        },
      },
    });
    server.use(...broken.handlers);
    const response = await fetch(`${BASE}/broken/v1/messages`, { method: 'POST', body: JSON.stringify(MINIMAL) });
    expect(response.status).toBe(500);
    expect(broken.requests).toHaveLength(1);
    server.resetHandlers();
  });
});

describe('a request whose body is still on its way', () => {
  it('meets the endpoint as it was when the request arrived', async () => {
    let finish = (): void => {};
    const body = new ReadableStream({
      start(controller) {
        const bytes = new TextEncoder().encode(JSON.stringify(MINIMAL));
        controller.enqueue(bytes.slice(0, 10));
        finish = () => {
          controller.enqueue(bytes.slice(10));
          controller.close();
        };
      },
    });
    const arrived = new Promise((resolve) => server.events.on('request:start', resolve));
    const headers = { 'x-api-key': SECRET, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
    const sent = fetch(`${BASE}/v1/messages`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    await arrived;
    await new Promise((resolve) => setImmediate(resolve));
    endpoint.useFaults('usage-missing');
    finish();
    expect(await (await sent).json()).toHaveProperty('usage');
    const { body: next } = await send(MINIMAL);
    expect(next).not.toHaveProperty('usage');
    server.events.removeAllListeners();
  });
});

describe('recordings', () => {
  it('are bounded by number and bytes, drop the oldest, and keep their numbers', async () => {
    const bounded = messagesEndpoint({ baseUrl: `${BASE}/bounded`, limits: { recordings: 3, recordingBytes: 2_000 } });
    server.use(...bounded.handlers);
    for (let index = 0; index < 5; index += 1)
      await send({ ...MINIMAL, max_tokens: -index }, { path: '/bounded/v1/messages' });
    expect(bounded.requests.map(({ body }) => (body as typeof MINIMAL).max_tokens)).toEqual([-2, -3, -4]);
    expect(bounded.violations.map((line) => line.slice(0, 9))).toEqual(['request 3', 'request 4', 'request 5']);
    await send({ ...MINIMAL, messages: [user('x'.repeat(1_900))] }, { path: '/bounded/v1/messages' });
    expect(bounded.requests).toHaveLength(1);
    bounded.reset();
    expect(bounded.requests).toEqual([]);
    server.resetHandlers();
  });
});

describe('an invalid request', () => {
  it('gets the answer of the real API, and is reported in readable lines', async () => {
    const { model, messages } = MINIMAL;
    const answer = await send({ model, messages, temprature: 1, stop_sequences: 'END' });
    expect(answer).toEqual({
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
        request_id: expect.stringMatching(/^req_/),
      },
    });
    expect(endpoint.violations).toEqual([
      'request 1, POST /v1/messages: /max_tokens: expected this required field, got nothing',
      'request 1, POST /v1/messages: /stop_sequences: expected an array or null, got the string "END"',
      'request 1, POST /v1/messages: /temprature: expected no field of this name, got the number 1',
    ]);
  });

  it('is reported for rules beyond the schema: a call without its result', async () => {
    const messages = [user('What time is it?'), assistant([toolUse('toolu_1', 'get_time')]), user('Well?')];
    expect((await send({ ...MINIMAL, tools: [TIME], messages })).status).toBe(400);
    expect(endpoint.violations).toEqual([expect.stringMatching(/toolu_1/)]);
  });

  it('is reported whatever faults the endpoint has', async () => {
    endpoint.useFaults('missing-results-taken', 'keys-unchecked', 'version-unread');
    const messages = [user('What time is it?'), assistant([toolUse('toolu_1', 'get_time')]), user('Well?')];
    const answer = await send(
      { ...MINIMAL, tools: [TIME], messages },
      { headers: { 'x-api-key': null, 'anthropic-version': null } },
    );
    expect(answer.status).toBe(200);
    expect(endpoint.violations).toEqual([
      expect.stringContaining('No API key was sent'),
      expect.stringContaining('anthropic-version: header is required'),
      expect.stringContaining('toolu_1'),
    ]);
  });

  it('is reported in batches, token counts and unknown paths', async () => {
    await send(
      { requests: [{ custom_id: 'a', params: { ...MINIMAL, max_tokens: 1.5 } }] },
      { path: '/v1/messages/batches' },
    );
    await send({ requests: [] }, { path: '/v1/messages/batches' });
    await send({ messages: MINIMAL.messages }, { path: '/v1/messages/count_tokens' });
    await send(MINIMAL, { path: '/v1/v1/messages' });
    await send(undefined, { path: '/v1/messages', method: 'GET' });
    expect(endpoint.violations).toEqual([
      'request 1, POST /v1/messages/batches: in /requests/0/params, /max_tokens: expected an integer, got the number 1.5',
      expect.stringMatching(/^request 2, .*\/requests: expected at least 1 item/),
      'request 3, POST /v1/messages/count_tokens: /model: expected this required field, got nothing',
      'request 4, POST /v1/v1/messages: the path does not exist',
      'request 5, GET /v1/messages: the path does not exist',
    ]);
  });

  it('is not reported in a valid conversation with a tool', async () => {
    const call = toolUse('toolu_1', 'get_time');
    const messages = [user('What time is it?'), assistant([call]), user([toolResult('toolu_1', 'noon')])];
    await send({ ...MINIMAL, tools: [TIME], messages });
    await send({ model: MINIMAL.model, tools: [TIME], messages }, { path: '/v1/messages/count_tokens' });
    await send({ requests: [{ custom_id: 'a', params: MINIMAL }] }, { path: '/v1/messages/batches?beta=true' });
    await send(undefined, { path: '/v1/models/reference-1', method: 'GET' });
    await fetch(`${BASE}/api/hello`, { method: 'HEAD' });
    expect(endpoint.requests).toHaveLength(5);
    expect(endpoint.violations).toEqual([]);
  });
});

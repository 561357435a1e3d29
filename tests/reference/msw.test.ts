import https from 'node:https';
import Anthropic from '@anthropic-ai/sdk';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { messagesEndpoint } from '../../reference/msw.js';
import { COUNTING, eventsOf, KEY, MINIMAL, user } from './client.js';

const BASE = 'https://api.reference.test';
const quick = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 5)));
const endpoint = messagesEndpoint({ baseUrl: BASE, sleep: quick });
const server = setupServer(...endpoint.handlers);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  vi.useRealTimers();
  server.resetHandlers();
  endpoint.reset();
});
afterAll(() => server.close());

const HEADERS = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
const post = (body: unknown, { path = '/v1/messages', headers = {}, signal }: Sending = {}): Promise<Response> =>
  fetch(`${BASE}${path}`, {
    method: 'POST',
    headers: { ...HEADERS, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal,
  });
interface Sending {
  path?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}
const stream = (sending?: Sending): Promise<Response> => post({ ...COUNTING, stream: true }, sending);

describe('the endpoint in msw', () => {
  it('answers the official client, as JSON and as a stream', async () => {
    const official = new Anthropic({ apiKey: KEY, baseURL: BASE });
    const whole = await official.messages.create(MINIMAL as never);
    const streamed = await official.messages.stream(MINIMAL as never).finalMessage();
    expect([whole.content, streamed.content]).toEqual([[{ type: 'text', text: 'ok' }], [{ type: 'text', text: 'ok' }]]);
    expect(endpoint.violations).toEqual([]);
  });

  it('has all other paths, and their state', async () => {
    const counted = await post(
      { model: MINIMAL.model, messages: MINIMAL.messages },
      { path: '/v1/messages/count_tokens' },
    );
    expect(await counted.json()).toEqual({ input_tokens: expect.any(Number) });
    const created = await post({ requests: [{ custom_id: 'a', params: MINIMAL }] }, { path: '/v1/messages/batches' });
    const { id } = (await created.json()) as { id: string };
    endpoint.useFaults('usage-missing');
    const found = await fetch(`${BASE}/v1/messages/batches/${id}`, { headers: HEADERS });
    expect(await found.json()).toMatchObject({ id });
    endpoint.reset();
    expect((await fetch(`${BASE}/v1/messages/batches/${id}`, { headers: HEADERS })).status).toBe(404);
  });

  it('applies its options: key, models, dialect', async () => {
    const strict = messagesEndpoint({
      baseUrl: 'https://strict.test/anthropic/',
      apiKey: 'the-right-key',
      models: ['small-1'],
      dialect: { consecutiveRoles: 'strict' },
    });
    server.use(...strict.handlers);
    const ask = (body: object, key: string) =>
      fetch('https://strict.test/anthropic/v1/messages', {
        method: 'POST',
        headers: { ...HEADERS, 'x-api-key': key },
        body: JSON.stringify({ ...MINIMAL, ...body }),
      });
    const statuses = [
      await ask({ model: 'small-1' }, 'the-right-key'),
      await ask({ model: 'small-1' }, 'another-key'),
      await ask({}, 'the-right-key'),
      await ask({ model: 'small-1', messages: [user('a'), user('b')] }, 'the-right-key'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 401, 404, 400]);
    expect(strict.requests.map(({ path }) => path)).toEqual(Array(4).fill('/v1/messages'));
    expect(strict.violations).toHaveLength(3);
  });

  it('reports the results URL of a batch below the path of its base URL', async () => {
    const gateway = messagesEndpoint({ baseUrl: 'https://gateway.test/anthropic', batchDelayMs: 0 });
    server.use(...gateway.handlers);
    const official = new Anthropic({ apiKey: KEY, baseURL: 'https://gateway.test/anthropic' });
    const { id } = await official.messages.batches.create({
      requests: [{ custom_id: 'a', params: MINIMAL as never }],
    });
    await official.messages.batches.retrieve(id);
    const results = [];
    for await (const result of await official.messages.batches.results(id)) results.push(result.custom_id);
    expect(results).toEqual(['a']);
  });

  it.each(['nonsense', 'ftp://api.example.com'])('does not take %s as its base URL', (baseUrl) => {
    expect(() => messagesEndpoint({ baseUrl })).toThrow(TypeError);
  });

  it('explains what to do about a base URL that ends in /v1', () => {
    expect(() => messagesEndpoint({ baseUrl: 'https://api.example.com/v1' })).toThrow(/without "\/v1".*doubledPath/);
    const doubled = messagesEndpoint({ baseUrl: 'https://doubled.test', dialect: { doubledPath: true } });
    server.use(...doubled.handlers);
    const ask = fetch('https://doubled.test/v1/v1/messages', {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(MINIMAL),
    });
    return expect(ask.then(({ status }) => status)).resolves.toBe(200);
  });
});

describe('streams in msw', () => {
  it('arrive event by event, before the rest is written', async () => {
    const gates: (() => void)[] = [];
    const held = messagesEndpoint({
      baseUrl: 'https://held.test',
      sleep: () => new Promise((open) => gates.push(open)),
    });
    server.use(...held.handlers);
    const body = JSON.stringify({ ...COUNTING, stream: true });
    const response = await fetch('https://held.test/v1/messages', { method: 'POST', headers: HEADERS, body });
    const chunks: string[] = [];
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      chunks.push(chunk);
      await vi.waitUntil(() => gates.length === chunks.length || chunk.includes('event: message_stop'), {
        interval: 1,
      });
      gates.at(-1)?.();
    }
    expect(chunks.length).toBe(eventsOf(chunks.join('')).length);
  });

  it('arrive event by event through node:https too', async () => {
    const chunks = await new Promise<string[]>((resolve, reject) => {
      const got: string[] = [];
      const sent = https.request(`${BASE}/v1/messages`, { method: 'POST', headers: HEADERS }, (answer) => {
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => got.push(chunk));
        answer.on('end', () => resolve(got));
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ ...COUNTING, stream: true }));
    });
    expect(chunks.length).toBe(eventsOf(chunks.join('')).length);
  });

  it('end when the client disconnects', async () => {
    let left = 0;
    const watched = messagesEndpoint({
      baseUrl: 'https://watched.test',
      alterations: {
        async *bytes(frames) {
          let whole = false;
          try {
            yield* frames;
            whole = true;
          } finally {
            if (!whole) left += 1;
          }
        },
      },
    });
    server.use(...watched.handlers);
    const ask = (signal?: AbortSignal) =>
      fetch('https://watched.test/v1/messages', {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ ...COUNTING, stream: true }),
        signal,
      });
    for await (const _ of (await ask()).body!) break;
    await vi.waitUntil(() => left === 1);

    const hangup = new AbortController();
    const reader = (await ask(hangup.signal)).body!.getReader();
    await reader.read();
    hangup.abort();
    await expect(reader.read().then(() => reader.read())).rejects.toThrow(/abort/i);
    await vi.waitUntil(() => left === 2);
  });

  it('let a client disconnect in the middle of a silence', async () => {
    const silent = messagesEndpoint({ baseUrl: 'https://silent.test', sleep: () => new Promise(() => {}) });
    server.use(...silent.handlers);
    const body = JSON.stringify({ ...COUNTING, stream: true });
    const reader = (
      await fetch('https://silent.test/v1/messages', { method: 'POST', headers: HEADERS, body })
    ).body!.getReader();
    await reader.read();
    const next = reader.read();
    await reader.cancel();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('show listeners of msw what the client has read', async () => {
    const seen = new Promise<string>((resolve) => {
      server.events.on('response:mocked', ({ response }) => void response.text().then(resolve));
    });
    const text = await (await stream()).text();
    server.events.removeAllListeners();
    expect(await seen).toBe(text);
  });

  it('continue with fake timers, and silences last as long as those', async () => {
    vi.useFakeTimers();
    const timed = messagesEndpoint({ baseUrl: 'https://timed.test' });
    server.use(...timed.handlers);
    const ask = async () => {
      const body = JSON.stringify({ ...COUNTING, stream: true });
      return (await fetch('https://timed.test/v1/messages', { method: 'POST', headers: HEADERS, body })).text();
    };
    expect(await ask()).toContain('message_stop');
    timed.useFaults('silent-stream');
    const text = ask();
    await vi.waitUntil(() => vi.getTimerCount() > 0);
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    expect(await text).toContain('message_stop');
  });
});

describe('faults in msw', () => {
  it('are set by id, replaced, and removed', async () => {
    endpoint.useFaults('message-stop-missing', 'event-names-missing');
    const both = await (await stream()).text();
    endpoint.useFaults('message-stop-missing');
    const one = await (await stream()).text();
    endpoint.useFaults();
    const none = await (await stream()).text();
    expect([both, one, none].map((text) => [text.includes('event:'), text.includes('message_stop')])).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
  });

  it('of the options come back with a reset', async () => {
    const faulty = messagesEndpoint({ baseUrl: 'https://faulty.test', faults: ['reply-empty'] });
    server.use(...faulty.handlers);
    const ask = async () => {
      const init = { method: 'POST', headers: HEADERS, body: JSON.stringify(MINIMAL) };
      return (await (await fetch('https://faulty.test/v1/messages', init)).text()).length;
    };
    expect(await ask()).toBe(0);
    faulty.useFaults();
    expect(await ask()).toBeGreaterThan(0);
    faulty.reset();
    expect(await ask()).toBe(0);
  });

  it('that affect one request of many count from useFaults', async () => {
    await post(MINIMAL);
    endpoint.useFaults('rate-limit-without-wait');
    const statuses: number[] = [];
    for (let sent = 0; sent < 5; sent += 1) statuses.push((await post(MINIMAL)).status);
    expect(statuses).toEqual([200, 429, 200, 200, 200]);
  });

  it('truncate a body like a reset connection', async () => {
    endpoint.useFaults('stream-reset');
    await expect((await stream()).text()).rejects.toThrow(new TypeError('terminated'));
  });

  it('of compression reach the client without an unhandled rejection', async () => {
    endpoint.useFaults('compression-mislabelled');
    await expect((await stream()).text()).rejects.toThrow(new TypeError('terminated'));
    endpoint.useFaults();
    endpoint.useVariants('compressed-with-gzip');
    expect(await (await stream({ headers: { 'accept-encoding': 'gzip' } })).text()).toContain('message_stop');
  });

  it('with an unknown id throw an error with the nearest id, and change nothing', async () => {
    expect(() => messagesEndpoint({ faults: ['stream-rest'] })).toThrow(/no fault "stream-rest".*"stream-reset"/);
    expect(() => endpoint.useFaults('message-stop-mising')).toThrow(/"message-stop-missing"/);
    expect(() => endpoint.useVariants('no-ping')).toThrow(/no variant "no-ping".*"no-pings"/);
    expect(await (await stream()).text()).toContain('message_stop');
  });

  it('that need a socket throw an error with the reason', () => {
    expect(() => endpoint.useFaults('stream-unchunked')).toThrow(
      new TypeError('faults: "stream-unchunked" needs a socket, and msw has none: chunks exist only on a connection'),
    );
    expect(() => endpoint.useVariants('trailers')).toThrow(/needs a socket/);
  });

  it('and variants act together', async () => {
    endpoint.useFaults('message-stop-missing');
    endpoint.useVariants('pings-between-all-events', 'no-vision');
    const text = await (await stream()).text();
    expect(text.match(/event: ping/g)?.length).toBeGreaterThan(10);
    expect(text).not.toContain('message_stop');
  });
});

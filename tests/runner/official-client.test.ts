import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientDrive, driveClient } from '../../runner/run/official-client.js';
import { type Network, openNetwork } from '../../runner/send/network.js';
import { events, frames, message, toolUse } from '../support/exchange.js';
import { failure, httpServer, json, type TestServer } from '../support/http-server.js';
import { type RawServer, rawServer } from '../support/raw-server.js';

const BODY = { model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'Hello' }] };
const KEY = 'sk-test-0123456789abcdef';
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  delete process.env.ANTHROPIC_CUSTOM_HEADERS;
});

async function server(answer: Parameters<typeof httpServer>[0]): Promise<TestServer> {
  const started = await httpServer(answer);
  open.push(started);
  return started;
}

function drive(baseUrl: string, parts: Partial<ClientDrive> = {}) {
  const network: Network = openNetwork(1);
  open.unshift(network);
  return driveClient({
    body: BODY,
    stream: false,
    baseUrl,
    apiKey: KEY,
    timeoutMs: 60_000,
    fetch: (url, { method, headers, body }) =>
      network.send(
        {
          method: method ?? 'POST',
          url,
          headers: Object.fromEntries(headers),
          body: body ?? null,
          stream: parts.stream ?? false,
        },
        { timeoutMs: parts.timeoutMs ?? 60_000, maxBytes: 1_000_000, lingerMs: 500 },
      ),
    ...parts,
  });
}

describe('the official client', () => {
  it('hands over a JSON reply with the id of its request, after one request of its own making', async () => {
    const reply = message();
    const { url, received } = await server((_, response) => json(response, 200, reply, { 'request-id': 'req_7' }));
    expect(await drive(url)).toEqual({
      name: 'sdk-typescript',
      version: expect.stringMatching(/^1\./),
      message: reply,
      requestId: 'req_7',
    });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ method: 'POST', url: '/v1/messages' });
    expect(received[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'user-agent': expect.stringContaining('Anthropic/JS'),
    });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(BODY);
  });

  it('adds a stream up', async () => {
    const reply = message({ content: [toolUse({ city: 'Köln "am" Rhein' })], stop_reason: 'tool_use' });
    const { url, received } = await server((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_8' });
      response.end(frames(events(reply)));
    });
    const outcome = await drive(url, { stream: true, body: { ...BODY, stream: true } });
    expect(outcome).toMatchObject({ message: reply, requestId: 'req_8' });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({ ...BODY, stream: true });
  });

  it.each([
    [400, failure('invalid_request_error', 'max_tokens: Field required'), 'BadRequestError', 'invalid_request_error'],
    [401, failure('authentication_error', 'no'), 'AuthenticationError', 'authentication_error'],
    [422, { detail: [] }, 'UnprocessableEntityError', null],
    [529, failure('overloaded_error', 'later'), 'OverloadedError', 'overloaded_error'],
  ])('tells what it threw for a %i, without trying again', async (status, body, name, type) => {
    const { url, received } = await server((_, response) => json(response, status, body, { 'request-id': 'req_9' }));
    const { error, message: none } = await drive(url);
    expect(none).toBeUndefined();
    expect(error).toMatchObject({ class: name, status, type, requestId: 'req_9' });
    expect(received).toHaveLength(1);
  });

  it('hands over what is not labelled as JSON as the text that its callers get', async () => {
    const { url } = await server((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('{}'));
    expect((await drive(url)).message).toBe('{}');
  });

  it('keeps the key out of its words, even where the target repeats it', async () => {
    const { url } = await server((request, response) =>
      json(response, 400, failure('invalid_request_error', `bad key ${request.headers.authorization}`)),
    );
    const { error } = await drive(url);
    expect(error?.message).toContain('bad key');
    expect(JSON.stringify(error)).not.toContain(KEY);
  });

  it('sends no credential without a key, and nothing that the environment holds for another endpoint', async () => {
    process.env.ANTHROPIC_CUSTOM_HEADERS = 'x-secret: hidden';
    const { url, received } = await server((_, response) => json(response, 200, message()));
    await drive(url, { apiKey: null });
    expect(received[0]?.headers).not.toHaveProperty('authorization');
    expect(received[0]?.headers).not.toHaveProperty('x-api-key');
    expect(received[0]?.headers).not.toHaveProperty('x-secret');
    expect(process.env.ANTHROPIC_CUSTOM_HEADERS).toBe('x-secret: hidden');
  });

  it('sees a body that was decoded already', async () => {
    const { gzipSync } = await import('node:zlib');
    const reply = message();
    const bytes = gzipSync(JSON.stringify(reply));
    const { url } = await server((_, response) =>
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          'content-length': bytes.length,
        })
        .end(bytes),
    );
    expect((await drive(url)).message).toEqual(reply);
  });

  it('does not wait for a connection that stays open behind message_stop', async () => {
    const reply = message();
    const { url } = await server((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frames(events(reply)));
    });
    expect((await drive(url, { stream: true })).message).toMatchObject({ id: reply.id });
  });
});

describe('what a target does wrong is an outcome', () => {
  const started = async (answer: Parameters<typeof rawServer>[0]): Promise<RawServer> => {
    const raw = await rawServer(answer);
    open.push(raw);
    return raw;
  };
  const half = frames(events(message())).slice(0, 300);

  it.each([
    [
      'a stream that is cut off',
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n' +
        `${half.length.toString(16)}\r\n${half}\r\n`,
    ],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a status that does not exist', 'HTTP/1.1 799 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['an empty 200', 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 0\r\n\r\n'],
    ['an empty 204', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('%s', async (_what, bytes) => {
    const { url } = await started((socket) => socket.end(bytes));
    const { error, message: none } = await drive(url, { stream: true });
    expect(none).toBeUndefined();
    expect(error?.class).toMatch(/Error$/);
    expect(error?.message).not.toBe('');
  });

  it('any event out of place', async () => {
    const list = frames(events(message({ content: [toolUse()], stop_reason: 'tool_use' }))).split('\n\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...list), { maxLength: 12 }), fc.jsonValue(), async (frame, value) => {
        const body = `${frame.join('\n\n')}\n\nevent: content_block_delta\ndata: ${JSON.stringify(value)}\n\n`;
        const response = {
          status: 200,
          headers: [],
          chunks: [],
          headersMs: 0,
          endMs: 0,
          body,
          bodyEncoding: 'utf8',
        } as const;
        const outcome = await driveClient({
          body: BODY,
          stream: true,
          baseUrl: 'http://target.test',
          apiKey: null,
          timeoutMs: 1_000,
          fetch: async () => ({ response, failure: null }),
        });
        expect(outcome.error === undefined).toBe(outcome.message !== undefined);
      }),
      { numRuns: 100 },
    );
  });

  it('nobody there', async () => {
    const { url, close } = await httpServer(() => {});
    await close();
    expect((await drive(url)).error).toMatchObject({ class: 'APIConnectionError', status: null });
  });
});

import { messagesEndpoint } from 'messages-conformance/msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { converse } from './client.js';

const endpoint = messagesEndpoint();
const server = setupServer(...endpoint.handlers);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => endpoint.reset());
afterAll(() => server.close());

const ask = (more: object = {}) =>
  converse(
    { model: 'reference-1', max_tokens: 300, messages: [{ role: 'user', content: 'Count from 1 to 9.' }], ...more },
    { apiKey: 'any-key-will-do' },
  );
const tool = (properties: object) => ({
  tools: [{ name: 'get_time', input_schema: { type: 'object', properties, required: Object.keys(properties) } }],
  tool_choice: { type: 'tool', name: 'get_time' },
  messages: [{ role: 'user', content: 'What time is it in Paris?' }],
});
const COUNTED = '1, 2, 3, 4, 5, 6, 7, 8, 9';

describe('the client', () => {
  it('reads a reply, and sends a valid request', async () => {
    expect(await ask()).toMatchObject({ text: COUNTED, stopReason: 'end_turn', outputTokens: expect.any(Number) });
    expect(endpoint.requests).toHaveLength(1);
    expect(endpoint.violations).toEqual([]);
  });

  it('reads a call', async () => {
    const { calls, stopReason } = await ask(tool({ city: { type: 'string' } }));
    expect(calls).toMatchObject([{ name: 'get_time', input: { city: 'Paris' } }]);
    expect(stopReason).toBe('tool_use');
  });

  it('reports why a request was rejected', async () => {
    await expect(ask({ max_tokens: -1 })).rejects.toMatchObject({ type: 'invalid_request_error' });
    expect(endpoint.violations).toEqual([
      'request 1, POST /v1/messages: /max_tokens: expected a number >= 0, got the number -1',
    ]);
  });
});

describe('a client has to handle', () => {
  it.each(['pings-between-all-events', 'one-byte-a-write', 'lines-end-in-crlf', 'unknown-events-everywhere'])(
    '%s',
    async (variant) => {
      endpoint.useVariants(variant);
      expect(await ask()).toMatchObject({ text: COUNTED, stopReason: 'end_turn' });
    },
  );

  it('limits-the-first-request', async () => {
    endpoint.useVariants('limits-the-first-request');
    expect(await ask()).toMatchObject({ text: COUNTED });
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe('an incomplete reply is an error', () => {
  it.each([
    ['message-stop-missing', 'incomplete'],
    ['done-for-message-stop', 'incomplete'],
    ['content-after-error', 'overloaded_error'],
    ['stream-error-unnamed', 'overloaded_error'],
  ])('%s', async (fault, type) => {
    endpoint.useFaults(fault);
    await expect(ask()).rejects.toMatchObject({ type });
    expect(endpoint.requests).toHaveLength(1);
  });

  it('tool-last-fragment-lost', async () => {
    endpoint.useFaults('tool-last-fragment-lost');
    await expect(ask(tool({ city: { type: 'string' } }))).rejects.toMatchObject({ type: 'incomplete' });
  });
});

describe('an error is recognised in any form', () => {
  it('error-as-200', async () => {
    endpoint.useFaults('error-as-200');
    await expect(ask({ max_tokens: -1 })).rejects.toMatchObject({ type: 'invalid_request_error' });
  });

  it('error-page', async () => {
    endpoint.useFaults('error-page');
    await expect(ask({ max_tokens: -1 })).rejects.toThrow(/^400 <html>/);
  });

  it('error-as-529', async () => {
    endpoint.useFaults('error-as-529');
    await expect(ask({ max_tokens: -1 })).rejects.toMatchObject({ type: 'overloaded_error' });
    expect(endpoint.requests).toHaveLength(3);
  });
});

describe('a client need not fail on', () => {
  it('message-delta-without-usage', async () => {
    endpoint.useFaults('message-delta-without-usage');
    expect(await ask()).toMatchObject({ text: COUNTED, outputTokens: expect.any(Number) });
  });

  it('tool-without-arguments-null', async () => {
    endpoint.useFaults('tool-without-arguments-null');
    const { calls } = await ask(tool({}));
    expect(calls.map(({ input }) => input)).toEqual([{}]);
  });
});

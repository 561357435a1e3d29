import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EndpointOptions, FAULTS, messagesEndpoint, VARIANTS } from '../../reference/msw.js';
import { startEndpoint } from '../../reference/serve.js';
import { variantOptions } from '../../reference/variants/index.js';
import { COUNTING, KEY, MINIMAL, TIME, user } from './client.js';

const BASE = 'https://api.reference.test';
const quick = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => (milliseconds > 1_000 ? setTimeout(resolve, 5) : setImmediate(resolve)));
const endpoint = messagesEndpoint({ baseUrl: BASE, sleep: quick });
const server = setupServer(...endpoint.handlers);
/** Taken before msw takes its place: what leaves for a socket costs twice as much on its way through msw. */
const plainFetch = globalThis.fetch;
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterAll(() => server.close());

const REQUESTS: readonly [path: string, body: object | null][] = [
  ['/v1/messages', { ...MINIMAL, messages: [user('Reply with the single word Größe.')] }],
  ['/v1/messages', { ...COUNTING, max_tokens: 12, stream: true }],
  ['/v1/messages', { ...COUNTING, tools: [TIME], tool_choice: { type: 'any' }, stream: true }],
  ['/v1/messages', { ...MINIMAL, max_tokens: undefined, stream: true }],
  ['/v1/models', null],
  ['/v1/nothing', null],
];

/** Everything that a client sees of the answers, without what differs from call to call. */
async function seen(base: string, send: typeof fetch): Promise<string[]> {
  const all: string[] = [];
  for (const [path, body] of REQUESTS) {
    const headers = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'accept-encoding': 'gzip' };
    const init = body
      ? { method: 'POST', body: JSON.stringify(body), headers: { ...headers, ...JSON_TYPE } }
      : { headers };
    const response = await send(`${base}${path}`, { ...init, redirect: 'manual' });
    const text = await response.text().catch((error: Error) => `${error.name}: ${error.message}`);
    const type = response.headers.get('content-type');
    all.push(`${path}: ${response.status} ${type} ${unvarying(text)}`);
  }
  return all;
}
const JSON_TYPE = { 'content-type': 'application/json' };

const unvarying = (text: string): string =>
  text
    .replace(/\\u([\da-f]{4})/g, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\b(req|msg|toolu|msgbatch)_\w+/g, '$1')
    .replace(/\b[\da-f]{8}-[\da-f-]{27}\b/g, 'uuid')
    .replace(/"partial_json":"[^"]*"/g, '')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');

function difference(actual: string, expected: string): string {
  const at = [...actual].findIndex((sign, index) => sign !== expected[index]);
  const from = Math.max(0, at - 40);
  return `${actual.slice(from, at + 80)} instead of ${expected.slice(from, at + 80)}`;
}

async function differences(options: EndpointOptions): Promise<string[]> {
  const onSocket = await startEndpoint({ ...options, sleep: quick });
  try {
    const [expected, actual] = await Promise.all([seen(onSocket.url, plainFetch), seen(BASE, fetch)]);
    return actual.flatMap((answer, index) =>
      answer === expected[index] ? [] : [difference(answer, expected[index]!)],
    );
  } finally {
    await onSocket.close();
  }
}

/** Two compress an id that differs from call to call. With the third, Node's `fetch` sometimes hangs on a socket. */
const SET_APART = ['compressed-unlabelled', 'error-message-compressed', 'compression-mislabelled'];
const faults = FAULTS.filter(({ id, socket }) => !socket && !SET_APART.includes(id));

it.each(faults.map(({ id }) => id))('the fault %s has the same effect in msw as on a socket', async (id) => {
  endpoint.reset();
  endpoint.useFaults(id);
  expect(await differences({ faults: [id] })).toEqual([]);
});

const variants = VARIANTS.filter(({ socket, connection }) => !socket && !connection);

it('every variant has the same effect in msw as on a socket', async () => {
  const found: Record<string, string[]> = {};
  for (const variant of variants) {
    endpoint.reset();
    endpoint.useVariants(variant.id);
    const unlike = await differences(variantOptions(variant));
    if (unlike.length > 0) found[variant.id] = unlike;
  }
  expect(found).toEqual({});
});

/** What `serve` writes directly, and what it writes by way of web standard objects where an alteration needs them. */

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { type RunningEndpoint, startEndpoint } from '../../reference/serve.js';
import { COUNTING, KEY, MINIMAL } from './client.js';

const running: RunningEndpoint[] = [];
beforeAll(async () => {
  running.push(await startEndpoint({ apiKey: KEY }));
  running.push(await startEndpoint({ apiKey: KEY, alterations: { response: (response) => response } }));
});
afterAll(() => Promise.all(running.map(({ close }) => close())));

interface Asked {
  method?: string;
  path: string;
  headers?: Record<string, string | string[]>;
  body?: string;
}

/** The reply with everything that differs between any two requests made equal. */
function ask({ url }: RunningEndpoint, { method = 'GET', path, headers = {}, body }: Asked): Promise<unknown> {
  const { hostname, port } = new URL(url);
  const given = { host: 'localhost', 'x-api-key': KEY, 'anthropic-version': '2023-06-01', ...headers };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: given }, async (reply) => {
      let text = '';
      for await (const piece of reply.setEncoding('utf8')) text += piece;
      const { date: _, ...rest } = reply.headers;
      const plain = JSON.stringify({ status: reply.statusCode, headers: rest, text })
        .replace(/(msg|req|msgbatch)_\w+/g, '$1_…')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'now')
        .replaceAll(url.slice('http://'.length), 'here');
      const { headers: sent, ...known } = JSON.parse(plain);
      resolve({ ...known, headers: Object.fromEntries(Object.entries(sent).sort()) });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const post = (body: unknown, more: Partial<Asked> = {}): Asked => ({
  method: 'POST',
  path: '/v1/messages',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});

describe('the two ways to answer', () => {
  it.each<[string, Asked]>([
    ['a message', post(MINIMAL)],
    ['a stream', post({ ...COUNTING, stream: true })],
    ['a query', post(MINIMAL, { path: '/v1/messages?beta=true' })],
    ['a chunked body', post(MINIMAL, { headers: { 'transfer-encoding': 'chunked' } })],
    ['no body', post('')],
    ['a body that is no text', post('\\ud800{')],
    ['a wrong key', post(MINIMAL, { headers: { 'x-api-key': 'wrong' } })],
    ['a header twice', post(MINIMAL, { headers: { 'anthropic-beta': ['one-2025-01-01', 'two-2025-01-01'] } })],
    ['a key twice', post(MINIMAL, { headers: { 'x-api-key': [KEY, KEY] } })],
    [
      'a bearer token twice',
      post(MINIMAL, { headers: { 'x-api-key': [], authorization: [`Bearer ${KEY}`, 'Bearer x'] } }),
    ],
    [
      'a type twice',
      post('', { path: '/v1/files', headers: { 'content-type': ['text/plain', 'multipart/form-data; boundary=b'] } }),
    ],
    ['a page', { path: '/v1/models?limit=1' }],
    ['HEAD', { method: 'HEAD', path: '/v1/models' }],
    ['OPTIONS', { method: 'OPTIONS', path: '/v1/messages', headers: { origin: 'http://a' } }],
    ['an escaped id', { path: '/v1/models/reference%2D1' }],
    ['an id with an escaped slash', { path: '/v1/models/a%2Fb' }],
    ['a broken escape', { path: '/v1/models/%zz' }],
    ['an unknown path', { path: '/v1/nothing' }],
    ['dots in a path', { path: '/v1/x/../models' }],
    ['an empty segment', { path: '//v1/models' }],
    ['the root', { path: '/' }],
    ['a probe', { path: '/api/hello' }],
    ['another method', { method: 'PUT', path: '/v1/messages', body: 'x' }],
    ['a host that is none', { path: '/v1/models', headers: { host: 'a b' } }],
  ])('agree on %s', async (_, asked) => {
    const [direct, overWeb] = await Promise.all(running.map((endpoint) => ask(endpoint, asked)));
    expect(direct).toEqual(overWeb);
  });

  it('differ where an alteration wants a Request or a Response', () => {
    expect(createEndpoint().answer).not.toBeNull();
    expect(createEndpoint({ faults: ['unknown-headers-refused'] }).answer).toBeNull();
    expect(createEndpoint({ alterations: { json: (body) => body } }).answer).not.toBeNull();
  });
});

/** Addresses that a target names: what is asked for, with what, and what is kept of the answer. */

import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../runner/index.js';
import { isWithin } from '../../runner/send/address.js';
import { askForeign, networkOf } from '../../runner/send/foreign.js';
import { httpServer, json, type TestServer } from '../support/http-server.js';

const KEY = 'key-of-the-target-9876';
const METADATA = '{"AccessKeyId":"AKIA-of-the-machine","SecretAccessKey":"metadata-secret"}';
const servers: TestServer[] = [];
const serve = async (...args: Parameters<typeof httpServer>): Promise<TestServer> => {
  const server = await httpServer(...args);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const batch = (over: object) => ({
  id: 'msgbatch_1',
  type: 'message_batch',
  processing_status: 'in_progress',
  request_counts: { processing: 1, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
  created_at: '2026-11-01T12:00:00Z',
  expires_at: '2026-11-02T12:00:00Z',
  ended_at: null,
  cancel_initiated_at: null,
  archived_at: null,
  results_url: null,
  ...over,
});

/** A target whose batches are done at once, with their results where the test says. */
const target = (resultsUrl: () => string, id = 'msgbatch_1') =>
  serve(({ method, url }, response) =>
    method === 'GET' && /batches\/[^/?]+$/.test(url)
      ? json(
          response,
          200,
          batch({ id, processing_status: 'ended', ended_at: '2026-11-01T12:00:01Z', results_url: resultsUrl() }),
        )
      : json(response, 200, batch({ id })),
  );

const runBatches = (url: string, followResults = false) =>
  run({
    url,
    model: 'm',
    apiKey: KEY,
    only: ['batch.results-url', 'batch.results.jsonl'],
    followResults,
    timeoutSeconds: 60,
  });

describe('a results_url on another origin', () => {
  it('is not asked for, and judged by its text', async () => {
    const metadata = await serve((_request, response) => response.end(METADATA));
    const { url } = await target(() => `${metadata.url}/latest/meta-data/iam/`);
    const { report } = await runBatches(url);
    expect(metadata.received).toEqual([]);
    expect(JSON.stringify(report)).not.toContain('AKIA');
    const result = report.results.find(({ id }) => id === 'batch.results-url');
    expect(result?.verdict).toBe('inconclusive');
    expect(result?.reason).toContain('--follow-results');
  });

  it('is asked for with --follow-results, without a credential, and nothing but status, type and length is kept', async () => {
    const metadata = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/secret', 'x-more': 'AKIA-header' }).end(METADATA),
    );
    const { url } = await target(() => `${metadata.url}/latest/meta-data/iam/`);
    const { report } = await runBatches(url, true);
    expect(metadata.received.map(({ method, url: path }) => [method, path])).toEqual([
      ['GET', '/latest/meta-data/iam/'],
    ]);
    expect(JSON.stringify(metadata.received)).not.toContain(KEY);
    expect(JSON.stringify(report)).not.toMatch(/AKIA|metadata-secret/);
    const kept = report.exchanges.find(({ failure }) => failure?.kind === 'foreign');
    expect(kept?.response).toMatchObject({ status: 200, headers: [['content-type', 'text/secret']], body: '' });
    expect(kept?.failure?.message).toContain(`${METADATA.length} bytes`);
  });

  it('gets no second request from a redirect', async () => {
    const inner = await serve((_request, response) => response.end(METADATA));
    const outer = await serve((_request, response) => response.writeHead(302, { location: inner.url }).end());
    const { url } = await target(() => outer.url);
    await runBatches(url, true);
    expect([outer.received.length, inner.received.length]).toEqual([1, 0]);
  });
});

describe('an address below the base URL', () => {
  it('gets the key; one beside it on the same origin does not', async () => {
    const { url, received } = await target(() => `${url}/tenant-b/results`);
    await runBatches(`${url}/tenant-a`);
    expect(received.length).toBeGreaterThan(3);
    expect(received.filter(({ url: path }) => !path.startsWith('/tenant-a/'))).toEqual([]);
  });

  it('is not left by the id .. of a batch', async () => {
    const { url, received } = await target(() => '/x', '..');
    await runBatches(`${url}/tenant-a`);
    expect(received.filter(({ url: path }) => !path.startsWith('/tenant-a/v1/messages/batches'))).toEqual([]);
    expect(received.map(({ method }) => method)).not.toContain('DELETE');
  });

  it('is not left by a redirect on the same origin', async () => {
    const { url, received } = await serve((request, response) =>
      request.url.startsWith('/tenant-a/')
        ? response.writeHead(307, { location: '/tenant-b/v1/messages' }).end()
        : json(response, 200, {}),
    );
    const { report } = await run({
      url: `${url}/tenant-a`,
      model: 'm',
      apiKey: KEY,
      only: ['http.post.messages', 'sdk.*'],
    });
    expect(received.filter(({ url: path }) => path.startsWith('/tenant-b'))).toEqual([]);
    expect(report.exchanges[0]?.failure?.kind).toBe('redirect');
  });

  it.each([
    ['https://h.example/base/v1/x', true],
    ['https://h.example/base/../other', false],
    ['https://h.example/base/%2e%2e/other', false],
    ['https://h.example/base/..%2fother', false],
    ['https://h.example/base/..%5Cother', false],
    ['https://h.example/based/x', false],
    ['https://h.example:444/base/x', false],
    ['http://h.example/base/x', false],
    ['https://h.example@evil.example/base/x', false],
    ['https://u@h.example/base/x', false],
    ['https://h.example.evil.example/base/x', false],
    ['no address', false],
  ])('%s: %s', (url, within) => {
    expect(isWithin(url, 'https://h.example/base')).toBe(within);
  });
});

describe('the networks that no target leads into', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.1.2.3', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['::ffff:7f00:1', 'loopback'],
    ['::7f00:1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['64:ff9b::a9fe:a9fe', 'private'],
    ['172.32.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['no address', 'private'],
  ])('%s is %s', (address, kind) => {
    expect(networkOf(address)).toBe(kind);
  });

  const bounds = { timeoutMs: 60_000, maxBytes: 1_000, lingerMs: 60_000 };
  const asked = (url: string, base: string, addresses: Record<string, string[]>) =>
    askForeign(new URL(url), base, bounds, undefined, async (host) => addresses[host] ?? [host]);

  it.each([
    ['a name that leads to the metadata of a cloud', ['169.254.169.254']],
    ['a name with one public and one private address', ['93.184.216.34', '10.0.0.1']],
    ['a name that leads to this machine', ['127.0.0.1']],
  ])('%s is not asked by a run against a public target', async (_name, addresses) => {
    const server = await serve((_request, response) => response.end());
    const { port } = new URL(server.url);
    const { response, failure } = await asked(`http://rebind.example:${port}/`, 'https://api.example.com', {
      'rebind.example': addresses,
      'api.example.com': ['93.184.216.34'],
    });
    expect(response).toBeNull();
    expect(failure?.kind).toBe('foreign');
    expect(server.received).toEqual([]);
  });

  it('a target on this machine does not lead to the metadata of its cloud', async () => {
    const { failure } = await asked('http://169.254.169.254/', 'http://127.0.0.1:1', {});
    expect(failure?.message).toContain('its address is link-local');
  });

  it('the address that was checked is the one that is asked, whatever the name leads to later', async () => {
    const server = await serve((_request, response) => response.end('ok'));
    const { port } = new URL(server.url);
    const { response } = await asked(`http://name.invalid:${port}/r`, server.url, { 'name.invalid': ['127.0.0.1'] });
    expect(response?.status).toBe(200);
    expect(server.received[0]?.headers.host).toBe(`name.invalid:${port}`);
  });
});

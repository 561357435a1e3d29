/** How connections are used: again while that is safe, afresh where a target closes them unannounced, through a proxy where one is named. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Bounds, type Network, openNetwork } from '../../runner/send/network.js';
import { type RawServer, rawServer } from '../support/raw-server.js';

const BOUNDS: Bounds = { timeoutMs: 60_000, maxBytes: 200_000, lingerMs: 60_000 };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const server = await rawServer(answer);
  closing.push(() => server.close());
  return server;
}

function network(most?: number): Network {
  const opened = openNetwork(most);
  closing.push(() => opened.close());
  return opened;
}

const post = (url: string, body = '{}') => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json' },
  body,
  stream: false,
});

const answer = (status: number, body: string) =>
  `HTTP/1.1 ${status} Any\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

describe('a connection', () => {
  it('is used again after an accepted request', async () => {
    const server = await serve((socket) => socket.write(answer(200, '{}')));
    const open = network();
    await open.send(post(server.url), BOUNDS);
    await open.send(post(server.url), BOUNDS);
    expect(server.received).toHaveLength(1);
  });

  it('is not used again after a rejected request, whose body the server may have left unread', async () => {
    const server = await serve((socket) => socket.write(answer(400, '{}')));
    const open = network();
    await open.send(post(server.url), BOUNDS);
    await open.send(post(server.url), BOUNDS);
    expect(server.received).toHaveLength(2);
  });

  it('is not used again after a request that said close, even where the answer says keep-alive', async () => {
    const kept = answer(200, '{}').replace('\r\n\r\n', '\r\nconnection: keep-alive\r\n\r\n');
    const server = await serve((socket) => socket.write(kept));
    const open = network();
    const last = { ...post(server.url), headers: { connection: 'close' } };
    await open.send(last, BOUNDS);
    await open.send(last, BOUNDS);
    expect(server.received).toHaveLength(2);
  });

  it('that was used before and is reset before a byte came is no answer: the request is sent once more', async () => {
    const seen = new Map<Socket, number>();
    const server = await serve((socket) => {
      const count = (seen.get(socket) ?? 0) + 1;
      seen.set(socket, count);
      if (count > 1) socket.resetAndDestroy();
      else socket.write(answer(200, '{"n":1}'));
    });
    const open = network();
    await open.send(post(server.url), BOUNDS);
    expect(await open.send(post(server.url), BOUNDS)).toMatchObject({ response: { status: 200 }, failure: null });
  });

  it('that was used before is not for a DELETE, which would not find what it has deleted', async () => {
    const server = await serve((socket) => socket.write(answer(200, '{"n":1}')));
    const open = network();
    await open.send(post(server.url), BOUNDS);
    const deleted = await open.send({ ...post(server.url), method: 'DELETE', body: null }, BOUNDS);
    expect(deleted.response?.status).toBe(200);
    await open.send(post(server.url), BOUNDS);
    expect(server.received).toHaveLength(2);
  });

  it('that is fresh and reset is a failure of its own', async () => {
    const server = await serve((socket) => socket.resetAndDestroy());
    const { response, failure } = await network().send(post(server.url), BOUNDS);
    expect(response).toBeNull();
    expect(failure).toMatchObject({ kind: 'reset' });
    expect(server.received).toHaveLength(1);
  });

  it('of a network of one is kept after a rejected request, and nothing is sent twice', async () => {
    let requests = 0;
    const server = await serve((socket) => {
      requests += 1;
      if (requests > 1) socket.resetAndDestroy();
      else socket.write(answer(400, '{}'));
    });
    const one = network().single();
    closing.push(() => one.close());
    expect(await one.send(post(server.url), BOUNDS)).toMatchObject({ response: { status: 400 } });
    expect(await one.send(post(server.url), BOUNDS)).toMatchObject({ response: null, failure: { kind: 'reset' } });
    expect(server.received).toHaveLength(1);
  });
});

describe('a proxy', () => {
  async function proxy(): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    });
    server.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
    closing.push(() => new Promise((done) => server.close(done)));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  it('that HTTP_PROXY names carries requests to other hosts', async () => {
    const { url, asked } = await proxy();
    vi.stubEnv('HTTP_PROXY', url);
    vi.stubEnv('http_proxy', url);
    const { response } = await network().send(post('http://target.test/v1/messages'), BOUNDS);
    expect(response).toMatchObject({ status: 200 });
    expect(asked).toEqual(['POST http://target.test/v1/messages']);
  });

  it('that HTTPS_PROXY names is asked for a tunnel', async () => {
    const { url, asked } = await proxy();
    vi.stubEnv('HTTPS_PROXY', url);
    vi.stubEnv('https_proxy', url);
    const { response } = await network().send(post('https://target.test/v1/messages'), BOUNDS);
    expect(response?.status ?? null).not.toBe(200);
    expect(asked).toEqual(['CONNECT target.test:443']);
  });

  it.each(['NO_PROXY', 'no_proxy'])('is left out for hosts of %s', async (name) => {
    const { url, asked } = await proxy();
    vi.stubEnv('http_proxy', url);
    vi.stubEnv(name, 'target.test');
    const { failure } = await network().send(post('http://target.test/v1/messages'), BOUNDS);
    expect(failure).toMatchObject({ kind: 'unreachable' });
    expect(asked).toEqual([]);
  });

  it('is never asked for the machine itself', async () => {
    const { url, asked } = await proxy();
    vi.stubEnv('HTTP_PROXY', url);
    vi.stubEnv('http_proxy', url);
    const server = await serve((socket) => socket.write(answer(200, '{}')));
    expect(await network().send(post(server.url), BOUNDS)).toMatchObject({ response: { status: 200 } });
    expect(asked).toEqual([]);
  });
});

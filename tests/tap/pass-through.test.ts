/** What passes through the tap, byte by byte: raw sockets on both sides, so that no HTTP library repairs anything. */

import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type PassThrough, startPassThrough } from '../../tap/pass-through.js';
import type { RawExchange } from '../../tap/raw-exchange.js';
import { type RawServer, rawServer } from '../support/raw-server.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Tapped {
  server: RawServer;
  tap: PassThrough;
  exchanges: RawExchange[];
  /** Resolves when so many exchanges are over. */
  over(count: number): Promise<RawExchange[]>;
}

async function tapped(answer: (socket: Socket, request: string) => void, path = ''): Promise<Tapped> {
  const server = await rawServer(answer);
  open.push(server);
  const exchanges: RawExchange[] = [];
  const waiting: (() => void)[] = [];
  const tap = await startPassThrough({
    upstream: server.url + path,
    host: '127.0.0.1',
    port: 0,
    onExchange: (exchange) => {
      exchanges.push(exchange);
      for (const check of waiting) check();
    },
  });
  open.push(tap);
  const over = (count: number): Promise<RawExchange[]> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (exchanges.length >= count) resolve(exchanges);
      };
      waiting.push(check);
      check();
    });
  return { server, tap, exchanges, over };
}

/** A client that writes bytes and keeps what comes back, read by read. */
class RawClient {
  readonly reads: string[] = [];
  readonly socket: Socket;
  private readonly closed: Promise<void>;
  private readonly watchers: (() => void)[] = [];

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('error', () => {});
    this.socket.on('data', (data) => {
      this.reads.push(data.toString('latin1'));
      for (const watcher of this.watchers) watcher();
    });
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
    open.push({ close: async () => void this.socket.destroy() });
  }

  get text(): string {
    return this.reads.join('');
  }

  /** Resolves when the text so far fits. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (pattern.test(this.text)) resolve();
      };
      this.watchers.push(check);
      check();
    });
  }

  untilClosed(): Promise<void> {
    return this.closed;
  }
}

const POST = (body: string, extra = ''): string =>
  `POST /v1/messages?beta=true HTTP/1.1\r\nhost: tap.test\r\nX-Api-Key: k-1234567\r\nx-B: 1\r\nX-b: 2\r\n${extra}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const CHUNKED =
  'HTTP/1.1 200 Fine\r\nContent-TYPE: text/event-stream\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

it('passes head and body of both sides on as they were written, but for the host', async () => {
  const { server, tap, over } = await tapped((socket) =>
    socket.write('HTTP/1.1 200 Very Fine\r\nX-One: 1\r\nx-one: two\r\nContent-Length: 7\r\n\r\n{"a":1}'),
  );
  const client = new RawClient(tap.url);
  client.socket.write(POST('{"model":"m"}'));
  await client.until(/\{"a":1\}/);
  expect(client.text).toBe('HTTP/1.1 200 Very Fine\r\nX-One: 1\r\nx-one: two\r\nContent-Length: 7\r\n\r\n{"a":1}');
  const host = new URL(server.url).host;
  expect(server.received[0]).toContain(`host: ${host}\r\nX-Api-Key: k-1234567\r\nx-B: 1\r\nX-b: 2\r\n`);
  expect(server.received[0]).toMatch(/^POST \/v1\/messages\?beta=true HTTP\/1\.1\r\n/);
  const [exchange] = await over(1);
  expect(exchange).toMatchObject({ number: 1, ending: 'complete', request: { method: 'POST' } });
  expect(Buffer.from(exchange!.request.body.bytes).toString()).toBe('{"model":"m"}');
  expect(Buffer.from(exchange!.response!.body.bytes).toString()).toBe('{"a":1}');
});

it('puts the path of the base URL before the path of the request', async () => {
  const { server, tap } = await tapped(
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
    '/anthropic/',
  );
  const client = new RawClient(tap.url);
  client.socket.write(POST('{}'));
  await client.until(/200 OK/);
  expect(server.received[0]).toMatch(/^POST \/anthropic\/v1\/messages\?beta=true /);
});

it('writes every piece on when it arrives, and trailers after the last one', async () => {
  let server: Socket | undefined;
  const { tap, over } = await tapped((socket) => {
    server = socket;
    socket.write(CHUNKED);
  });
  const client = new RawClient(tap.url);
  client.socket.write(POST('{}', 'te: trailers\r\n'));
  // The head is there before the first byte of the body is.
  await client.until(/\r\n\r\n$/);
  for (const piece of ['event: ping\n', 'data: {"type":"ping"}\n\n']) {
    server!.write(chunk(piece));
    await client.until(new RegExp(`${piece.trim().replace(/[{}]/g, '.')}\\n+\\r\\n$`));
  }
  server!.write('0\r\nx-check: 42\r\n\r\n');
  const [exchange] = await over(1);
  await client.until(/x-check/);
  expect(client.text).toBe(
    `${CHUNKED}${chunk('event: ping\n')}${chunk('data: {"type":"ping"}\n\n')}0\r\nx-check: 42\r\n\r\n`,
  );
  expect(exchange!.response!.trailers).toEqual([['x-check', '42']]);
  expect(exchange!.response!.chunks.map(({ bytes }) => bytes)).toEqual([12, 23]);
});

it('keeps a body that ends with its connection as it is', async () => {
  const { tap } = await tapped((socket) => socket.end('HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nto the end'));
  const client = new RawClient(tap.url);
  client.socket.write(POST('{}'));
  await client.untilClosed();
  expect(client.text).toBe('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nto the end');
});

describe('connections', () => {
  it('serves the requests of one client connection over one server connection, and no other client over it', async () => {
    const { server, tap, over } = await tapped((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
    );
    const [one, other] = [new RawClient(tap.url), new RawClient(tap.url)];
    one.socket.write(POST('{"n":1}'));
    await one.until(/\{\}$/);
    one.socket.write(POST('{"n":2}'));
    await over(2);
    other.socket.write(POST('{"n":3}'));
    await over(3);
    expect(server.received.map((text) => text.match(/"n":\d/g))).toEqual([['"n":1', '"n":2'], ['"n":3']]);
  });

  it('closes the connection of the client when the server closes its own between two requests', async () => {
    let socketOfServer: Socket | undefined;
    const { tap, over } = await tapped((socket) => {
      socketOfServer = socket;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
    });
    const client = new RawClient(tap.url);
    client.socket.write(POST('{}'));
    await over(1);
    socketOfServer!.end();
    await client.untilClosed();
    expect(client.text).toMatch(/\{\}$/);
  });

  it('breaks the response off where the server does', async () => {
    const { tap, over } = await tapped((socket) => {
      socket.write(`${CHUNKED}${chunk('data: 1\n\n')}`, () => socket.destroy());
    });
    const client = new RawClient(tap.url);
    client.socket.write(POST('{}'));
    await client.untilClosed();
    expect(client.text).not.toMatch(/\r\n0\r\n/);
    const [exchange] = await over(1);
    expect(exchange).toMatchObject({ ending: 'server-aborted' });
  });

  it('ends the request at the server when the client goes', async () => {
    let gone: Promise<void> | undefined;
    const { tap, over } = await tapped((socket) => {
      gone = new Promise((resolve) => socket.on('close', () => resolve()));
      socket.write(`${CHUNKED}${chunk('data: 1\n\n')}`);
    });
    const client = new RawClient(tap.url);
    client.socket.write(POST('{}'));
    await client.until(/data: 1/);
    client.socket.destroy();
    const [exchange] = await over(1);
    await gone;
    expect(exchange).toMatchObject({ ending: 'client-aborted', response: { status: 200 } });
  });

  it('resets the client where the server resets before it answers', async () => {
    const { tap, over } = await tapped((socket) => socket.resetAndDestroy());
    const client = new RawClient(tap.url);
    client.socket.write(POST('{}'));
    await client.untilClosed();
    expect(client.text).toBe('');
    expect(await over(1)).toMatchObject([{ ending: 'server-aborted', response: null }]);
  });

  it('says with 502 that there is no server', async () => {
    const { server, tap, over } = await tapped(() => {});
    await server.close();
    const client = new RawClient(tap.url);
    client.socket.write(POST('{}'));
    await client.until(/refused/);
    expect(client.text).toMatch(/^HTTP\/1\.1 502 [\s\S]*"api_error"[\s\S]*cannot be reached/);
    expect(await over(1)).toMatchObject([{ ending: 'unreachable', response: null }]);
  });

  it('asks the server whether to continue', async () => {
    const { server, tap } = await tapped((socket, text) => {
      if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    });
    const client = new RawClient(tap.url);
    client.socket.write('POST /v1/messages HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n');
    await client.until(/100 Continue\r\n\r\n$/);
    client.socket.write('{}');
    await client.until(/200 OK/);
    expect(server.received[0]).toContain('expect: 100-continue');
  });
});

it('does not offer the server another protocol that the client would take', async () => {
  const { server, tap } = await tapped((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
  const client = new RawClient(tap.url);
  client.socket.write(
    POST('{}', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
  );
  await client.until(/200 OK/);
  expect(server.received[0]).not.toMatch(/upgrade|http2-settings/i);
});

it('keeps four megabytes of a response and counts the rest', async () => {
  const size = 6 * 1024 * 1024;
  const { tap, over } = await tapped((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(size, 'x'));
  });
  const client = new RawClient(tap.url);
  client.socket.write(POST('{}'));
  const [exchange] = await over(1);
  expect(exchange!.response!.body).toMatchObject({ length: size });
  expect(exchange!.response!.body.bytes).toHaveLength(4 * 1024 * 1024);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bounds, type Network, openNetwork, type Received } from '../../runner/send/network.js';
import { type RawServer, rawServer } from '../support/raw-server.js';

/** Times that a busy machine does not reach; tests about time have their own. */
const BOUNDS: Bounds = { timeoutMs: 60_000, maxBytes: 200_000, lingerMs: 60_000 };
const open: { server: RawServer; network: Network }[] = [];

afterEach(async () => {
  for (const { server, network } of open.splice(0)) {
    await network.close();
    await server.close();
  }
});

interface Ask {
  bounds?: Partial<Bounds>;
  stream?: boolean;
  headers?: Record<string, string | string[]>;
  abortAfter?: 'first-delta';
}

async function ask(
  answer: (socket: Socket, request: string) => void,
  options: Ask = {},
): Promise<Received & { server: RawServer }> {
  const server = await rawServer(answer);
  const network = openNetwork(1);
  open.push({ server, network });
  const outgoing = {
    method: 'POST',
    url: `${server.url}/v1/messages`,
    headers: { 'content-type': 'application/json', 'x-api-key': 'secret-key-value', ...options.headers },
    body: '{}',
    stream: options.stream ?? false,
    abortAfter: options.abortAfter,
  };
  return { ...(await network.send(outgoing, { ...BOUNDS, ...options.bounds })), server };
}

const ok = (body: string | Buffer, headers = '') =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
/** A zstd frame (RFC 8878, 3.1.1) of blocks: of kind 0 as they are, of kind 1 one byte repeated `size` times. */
function zstdOf(blocks: readonly { kind: 0 | 1 | number; bytes: Buffer; size: number }[]): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  const framed = blocks.map(({ kind, bytes, size }, index) => {
    const start = Buffer.alloc(3);
    start.writeUIntLE((size << 3) | (kind << 1) | (index === blocks.length - 1 ? 1 : 0), 0, 3);
    return Buffer.concat([start, bytes]);
  });
  return Buffer.concat([head, ...framed]);
}
const zstd = (bytes: Buffer) => zstdOf([{ kind: 0, bytes, size: bytes.length }]);
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const STREAM_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

describe('a request', () => {
  it('can carry two header lines of one name', async () => {
    const { server } = await ask((socket) => socket.end(ok('{}')), { headers: { 'x-beta': ['one', 'two'] } });
    expect(server.received[0]).toContain('x-beta: one\r\nx-beta: two\r\n');
  });
});

describe('a stream that is to be left after its first delta', () => {
  const START = 'event: message_start\ndata: {"type":"message_start"}\n\n';
  const DELTA = 'event: content_block_delta\ndata: {"type":"content_block_delta"}\n\n';

  it('is read so far and no further', async () => {
    const { response, failure } = await ask(
      (socket) => {
        socket.write(STREAM_HEAD + chunk(START));
        setImmediate(() => socket.write(chunk(DELTA.slice(0, 30))));
        setTimeout(() => socket.write(chunk(DELTA.slice(30))), 20);
      },
      { stream: true, abortAfter: 'first-delta' },
    );
    expect(failure?.kind).toBe('abandoned');
    expect(response?.body).toBe(START + DELTA);
  });

  it('is left quietly where all of it had come', async () => {
    const { response, failure } = await ask((socket) => socket.end(`${STREAM_HEAD}${chunk(START + DELTA)}0\r\n\r\n`), {
      stream: true,
      abortAfter: 'first-delta',
    });
    // What the suite ends on purpose must not come up as an error that nobody handles.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(failure?.kind).toBe('abandoned');
    expect(response?.body).toBe(START + DELTA);
  });

  it('is read to its end where no delta comes', async () => {
    const { failure } = await ask((socket) => socket.end(`${STREAM_HEAD}${chunk(START)}0\r\n\r\n`), {
      stream: true,
      abortAfter: 'first-delta',
    });
    expect(failure).toBeNull();
  });
});

describe('an orderly answer', () => {
  it('is kept byte by byte with every header line', async () => {
    const { response, failure } = await ask((socket) => socket.end(ok('{"a":"é"}', 'X-Twice: 1\r\nx-twice: 2\r\n')));
    expect(failure).toBeNull();
    expect(response).toMatchObject({ status: 200, body: '{"a":"é"}', bodyEncoding: 'utf8' });
    expect(response?.headers.filter(([name]) => name === 'x-twice')).toEqual([
      ['x-twice', '1'],
      ['x-twice', '2'],
    ]);
  });

  it('keeps bytes that are not UTF-8 as base64', async () => {
    const { response } = await ask((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n');
      socket.end(Buffer.from([0x61, 0xff, 0x62]));
    });
    expect(response).toMatchObject({
      bodyEncoding: 'base64',
      body: Buffer.from([0x61, 0xff, 0x62]).toString('base64'),
    });
  });

  it('keeps a byte order mark', async () => {
    const { response } = await ask((socket) => socket.end(ok('\ufeffevent: ping\n\n')));
    expect(response?.body.startsWith('\ufeff')).toBe(true);
  });

  it('records one chunk for each network read', async () => {
    const { response } = await ask((socket) => {
      socket.write(STREAM_HEAD);
      socket.write(chunk('event: ping\n'));
      setTimeout(() => socket.end(`${chunk('data: {}\n\n')}0\r\n\r\n`), 40);
    });
    expect(response?.chunks.map(({ bytes }) => bytes)).toEqual([12, 10]);
  });

  it('undoes gzip', async () => {
    const body = gzipSync('{"ok":true}');
    const { response, failure } = await ask((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.end(body);
    });
    expect({ body: response?.body, failure }).toEqual({ body: '{"ok":true}', failure: null });
  });

  it('undoes zstd, which Node 20 does not', async () => {
    const body = zstd(Buffer.from('{"ok":true}'));
    const { response, failure } = await ask((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.end(body);
    });
    expect({ body: response?.body, failure }).toEqual({ body: '{"ok":true}', failure: null });
  });

  it('is read after early hints', async () => {
    const { response } = await ask((socket) => socket.end(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${ok('{}')}`));
    expect(response).toMatchObject({ status: 200, body: '{}' });
  });

  it('is read from HTTP/1.0, where the end of the connection is the end of the body', async () => {
    const { response, failure } = await ask((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n{"old":1}'));
    expect({ body: response?.body, failure }).toEqual({ body: '{"old":1}', failure: null });
  });
});

describe('an answer that breaks off', () => {
  it.each([
    ['before the header block', (socket: Socket) => socket.destroy(), 'reset'],
    ['inside the header block', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-'), 'reset'],
    ['with bytes that are not HTTP', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'protocol'],
    [
      'with two content lengths that differ',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}'),
      'protocol',
    ],
    [
      'by switching protocols',
      (socket: Socket) =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
      'protocol',
    ],
  ])('%s', async (_case, answer, kind) => {
    const { response, failure } = await ask(answer);
    expect(response).toBeNull();
    expect(failure).toMatchObject({ kind });
    expect(failure?.message).toMatch(/\S/);
  });

  it('inside the body keeps what had come', async () => {
    const { response, failure } = await ask((socket) => {
      socket.write(`${STREAM_HEAD}${chunk('event: ping\ndata: {"type":"ping"}\n\n')}`);
      setTimeout(() => socket.destroy(), 30);
    });
    expect(failure?.kind).toBe('reset');
    expect(response?.body).toContain('event: ping');
  });

  it('against its content-encoding is said to be wrongly encoded', async () => {
    const { failure } = await ask((socket) => socket.end(ok('{"plain":1}', 'content-encoding: gzip\r\n')));
    expect(failure).toMatchObject({ kind: 'encoding' });
    expect(failure?.message).toContain('gzip');
  });
});

describe('an answer without end', () => {
  it('that never begins ends at the time limit', async () => {
    const { response, failure } = await ask(() => {}, { bounds: { timeoutMs: 100 } });
    expect(response).toBeNull();
    expect(failure).toEqual({ kind: 'timeout-headers', message: 'no answer within 0.1 s', limitMs: 100 });
  });

  it('of one byte at a time ends at the time limit with what had come', async () => {
    const { response, failure } = await ask(
      (socket) => {
        socket.write(STREAM_HEAD);
        const timer = setInterval(() => socket.write(chunk('x')), 20);
        socket.on('close', () => clearInterval(timer));
      },
      // Long enough for the head on a busy machine.
      { bounds: { timeoutMs: 2_000 } },
    );
    expect(failure).toEqual({ kind: 'timeout-body', message: 'no end of the body within 2 s', limitMs: 2_000 });
    expect(response?.body).toMatch(/^x+$/);
  });

  it('of one endless line ends at the size limit', async () => {
    const { response, failure } = await ask((socket) => {
      socket.write(`${STREAM_HEAD}${chunk('data: ')}`);
      const flood = () => {
        while (!socket.destroyed && socket.write(chunk('y'.repeat(16_384))));
      };
      socket.on('drain', flood);
      flood();
    });
    expect(failure?.kind).toBe('too-large');
    expect(response?.body.length).toBe(BOUNDS.maxBytes);
  });

  it('of zeros under gzip ends at the size limit of the unpacked body', async () => {
    const bomb = gzipSync(Buffer.alloc(8_000_000));
    const { failure } = await ask((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.end(bomb);
    });
    expect(failure?.kind).toBe('too-large');
  });

  it('of zeros under zstd ends at the size limit of the unpacked body', async () => {
    const bomb = zstdOf([...Array(64)].map(() => ({ kind: 1, bytes: Buffer.from([0]), size: 100_000 })));
    const { failure } = await ask((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.end(bomb);
    });
    expect(failure?.kind).toBe('too-large');
  });

  it('that is no zstd, though it says so, is a failure of its encoding', async () => {
    const { failure } = await ask((socket) => socket.end(ok('{"plain":1}', 'content-encoding: zstd\r\n')));
    expect(failure?.kind).toBe('encoding');
    expect(failure?.message).toContain('zstd');
  });

  it('after message_stop ends soon and is said to have stayed open', async () => {
    const { response, failure } = await ask(
      (socket) => {
        socket.write(`${STREAM_HEAD}${chunk('event: message_stop\ndata: {"type":"message_')}`);
        setTimeout(() => socket.write(chunk('stop"}\n\n')), 20);
      },
      { stream: true, bounds: { lingerMs: 150 } },
    );
    expect(failure).toEqual({
      kind: 'timeout-body',
      message: 'the connection was still open 150 ms after message_stop',
    });
    expect(response?.body).toContain('message_stop');
  });

  const delta = (reason: string) =>
    chunk(`event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":${reason}}}\n\n`);

  it('after the stop reason ends without message_stop, whatever keeps the connection alive', async () => {
    let pings: NodeJS.Timeout | undefined;
    const { failure } = await ask(
      (socket) => {
        const whole = delta('"end_turn"');
        socket.write(`${STREAM_HEAD}${whole}`);
        pings = setInterval(() => socket.write(chunk('event: ping\ndata: {"type": "ping"}\n\n')), 20);
      },
      { stream: true, bounds: { stopMs: 150 } },
    );
    clearInterval(pings);
    expect(failure).toEqual({ kind: 'timeout-body', message: 'no message_stop within 0.15 s after the stop reason' });
  });

  it('goes on where the stop reason is null, or a word of the model', async () => {
    const { failure } = await ask(
      (socket) => {
        const words = chunk('data: {"text":"{\\"stop_reason\\":\\"end_turn\\"}"}\n\n');
        socket.write(`${STREAM_HEAD}${delta('null')}${words}`);
        const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
        setTimeout(() => socket.end(chunk(stop) + chunk('')), 200);
      },
      { stream: true, bounds: { stopMs: 50 } },
    );
    expect(failure).toBeNull();
  });

  it('in the middle of a stream ends where others have stopped there', async () => {
    const { failure } = await ask((socket) => socket.write(`${STREAM_HEAD}${delta('null')}`), {
      stream: true,
      bounds: { silenceMs: 150 },
    });
    expect(failure).toMatchObject({ kind: 'timeout-body', message: 'no byte for 0.15 s in the middle of the stream' });
    expect(failure?.limitMs).toBeGreaterThanOrEqual(150);
  });

  it('before a stream ends where others have not begun; a stream that begins has its whole time', async () => {
    const mute = await ask(() => {}, { stream: true, bounds: { headMs: 60 } });
    const message = 'no answer within 0.06 s, and to no earlier request for a stream within 60 s';
    expect(mute.failure).toEqual({ kind: 'timeout-headers', message, limitMs: 60 });
    const begun = await ask(
      (socket) => {
        socket.write(STREAM_HEAD);
        setTimeout(() => socket.end(chunk('')), 900);
      },
      { stream: true, bounds: { headMs: 700 } },
    );
    expect(begun.failure).toBeNull();
  });

  it('in the header block ends at its size limit', async () => {
    const { failure } = await ask((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.write(`x-long: ${'z'.repeat(200_000)}\r\n`);
    });
    expect(failure?.kind).toBe('protocol');
  });
});

describe('a redirect', () => {
  it('to another origin is not followed, so that the key stays', async () => {
    const other = await rawServer((socket) => socket.end(ok('{}')));
    const network = openNetwork(1);
    open.push({ server: other, network });
    const { failure, response } = await ask((socket) =>
      socket.end(`HTTP/1.1 307 Temporary Redirect\r\nlocation: ${other.url}/v1/messages\r\ncontent-length: 0\r\n\r\n`),
    );
    expect(failure?.kind).toBe('redirect');
    expect(failure?.message).toContain(other.url);
    expect(response?.status).toBe(307);
    expect(other.received).toEqual([]);
  });

  it('within the origin is followed', async () => {
    let calls = 0;
    const { response } = await ask((socket) => {
      calls += 1;
      if (calls === 1)
        socket.write('HTTP/1.1 308 Permanent Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n');
      else socket.end(ok('{"moved":1}'));
    });
    expect(response?.body).toBe('{"moved":1}');
  });

  it('in a circle is given up', async () => {
    const { failure } = await ask((socket) =>
      socket.write('HTTP/1.1 307 Temporary Redirect\r\nlocation: /v1/messages\r\ncontent-length: 0\r\n\r\n'),
    );
    expect(failure?.message).toContain('more than 3 times');
  });
});

describe('no connection', () => {
  it.each([
    ['a closed port', 'http://127.0.0.1:1/v1/messages', /refused/],
    ['a name that does not exist', 'http://name.invalid/v1/messages', /resolved/],
  ])('to %s is unreachable, with the cause in one line', async (_case, url, cause) => {
    const network = openNetwork(1);
    const { failure } = await network.send({ method: 'POST', url, headers: {}, body: '{}', stream: false }, BOUNDS);
    await network.close();
    expect(failure?.kind).toBe('unreachable');
    expect(failure?.message).toMatch(cause);
    expect(failure?.message).not.toContain('\n');
  });

  it('over TLS with a port that speaks plain HTTP is unreachable', async () => {
    const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const network = openNetwork(1);
    const { port } = server.address() as { port: number };
    const url = `https://127.0.0.1:${port}/v1/messages`;
    const { failure } = await network.send({ method: 'POST', url, headers: {}, body: '{}', stream: false }, BOUNDS);
    await network.close();
    server.close();
    expect(failure?.kind).toBe('unreachable');
    expect(failure?.message).toMatch(/TLS/);
  });
});

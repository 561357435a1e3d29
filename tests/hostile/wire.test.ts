/** Whole runs against targets that break HTTP, break off, or lead elsewhere; and against odd ones that do not. */

import { describe, expect, it } from 'vitest';
import { rawServer } from '../support/raw-server.js';
import { type Bridge, bridge } from './bridge.js';
import {
  type Answer,
  chunk,
  JSON_HEAD,
  LAST_CHUNK,
  STREAM_END,
  STREAM_HEAD,
  STREAM_START,
  wantsStream,
  whole,
} from './target.js';
import { failuresOf, judgeAgainst, judgeAt, KEY, resultsWith, runAgainst, TWO } from './whole-run.js';

const MESSAGE = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 7, output_tokens: 2 },
});
const STREAM = STREAM_START + STREAM_END;

/** Answers a request rightly, in the words of HTTP that are given. */
const inWords =
  (answer: (body: string, type: string) => string): Answer =>
  (socket, request) =>
    wantsStream(request)
      ? socket.end(answer(STREAM, 'text/event-stream'))
      : socket.end(answer(MESSAGE, 'application/json'));

/** Cut at a byte, the connection torn down. */
const brokenOff =
  (json: string, stream: string): Answer =>
  (socket, request) => {
    socket.write(wantsStream(request) ? stream : json);
    // What was written is on its way before the connection is.
    setTimeout(() => socket.resetAndDestroy(), 30);
  };

const BREAKS: readonly (readonly [name: string, answer: Answer, kind: string])[] = [
  ['before the status line', (socket) => socket.resetAndDestroy(), 'reset'],
  ['in the status line', brokenOff('HTTP/1.1 2', 'HTTP/1.1 2'), 'reset'],
  ['in the headers', brokenOff(JSON_HEAD.slice(0, 40), STREAM_HEAD.slice(0, 40)), 'reset'],
  ['after the headers', brokenOff(JSON_HEAD, STREAM_HEAD), 'reset'],
  [
    'in the body',
    brokenOff(JSON_HEAD + chunk(MESSAGE.slice(0, 90)), STREAM_HEAD + chunk(STREAM.slice(0, 90))),
    'reset',
  ],
  [
    'in the middle of a character',
    (socket) => {
      socket.write(JSON_HEAD);
      socket.write(Buffer.concat([Buffer.from('9\r\n"Grüß'), Buffer.from([0xf0, 0x9f]), Buffer.from('\r\n')]));
      setTimeout(() => socket.resetAndDestroy(), 30);
    },
    'reset',
  ],
  ['before the last chunk', brokenOff(JSON_HEAD + chunk(MESSAGE), STREAM_HEAD + chunk(STREAM)), 'reset'],
];

describe.concurrent('a connection that is reset', () => {
  it.each(BREAKS)('%s is told as that', async (_stage, answer, kind) => {
    const run = await judgeAgainst(answer, TWO);
    expect(failuresOf(run)).toEqual([kind]);
    expect(resultsWith(run, 'error')).toEqual([]);
    expect(resultsWith(run, 'fail').join()).not.toContain('UTF-8');
  });

  it('each time ends the run after its first request was sent twice', async () => {
    const run = await runAgainst((socket) => socket.resetAndDestroy(), ['--profile', 'core']);
    expect(run.report.diagnosis).toMatchObject({
      kind: 'down',
      line: expect.stringContaining('breaks the connection'),
    });
    expect(run.report.summary.requests).toBe(2);
  });
});

const NOT_HTTP: readonly (readonly [name: string, answer: Answer, kind: string])[] = [
  ['another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'protocol'],
  ['HTTP of a version that there is not', inWords((body) => `HTTP/9.9 200 OK\r\n\r\n${body}`), 'protocol'],
  ['a status that is no number', inWords((body) => `HTTP/1.1 OK\r\n\r\n${body}`), 'protocol'],
  [
    'two lengths that contradict one another',
    inWords((body) => `HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    'protocol',
  ],
  [
    'a length beside a transfer coding',
    inWords(
      (body) => `HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n${chunk(body)}${LAST_CHUNK}`,
    ),
    'protocol',
  ],
  ['a negative length', inWords((body) => `HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n${body}`), 'protocol'],
  ['a chunk of no size', inWords((body) => `${JSON_HEAD}zz\r\n${body}\r\n`), 'protocol'],
  [
    'headers of 200 kB',
    inWords((body) => `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(200_000)}\r\n\r\n${body}`),
    'protocol',
  ],
  [
    'headers without end',
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}`),
    'protocol',
  ],
  ['NULs in a header', inWords((body) => `HTTP/1.1 200 OK\r\nx-nul: a\0b\r\n\r\n${body}`), 'protocol'],
  [
    'an upgrade that nobody asked for',
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
    'protocol',
  ],
  [
    'a coding that nobody offered',
    inWords((body) => `HTTP/1.1 200 OK\r\ncontent-encoding: rot13\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    'encoding',
  ],
  [
    'plain text labelled as gzip',
    inWords((body) => `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    'encoding',
  ],
];

describe.concurrent('an answer that is not HTTP', () => {
  it.each(NOT_HTTP)('%s ends the exchange, not the run', async (_name, answer, kind) => {
    const run = await judgeAgainst(answer, TWO);
    expect(failuresOf(run)).toEqual([kind]);
    expect(run.report.summary.requests).toBeLessThanOrEqual(2);
    expect(run.report.run.interrupted).toBeNull();
    expect(resultsWith(run, 'error')).toEqual([]);
  });
});

describe.concurrent('a redirect', () => {
  const to = (location: string) => whole('', `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${location}\r\n`);

  it('to another origin is not followed by anybody, and the key stays', async () => {
    const other = await rawServer((socket) => socket.end(whole(MESSAGE)));
    const ids = ['sdk.*', 'models.list.*', 'count.basic', 'batch.*', 'stream.order.*'];
    const run = await runAgainst(
      (socket, request) => {
        const [, path] = /^\S+ (\S+)/.exec(request) ?? [];
        socket.write(to(`${other.url}${path ?? '/'}`));
      },
      ids.flatMap((id) => ['--only', id]),
    );
    await other.close();
    expect(other.received).toEqual([]);
    expect(run.received.join()).toContain(KEY);
    expect(failuresOf(run)).toContain('redirect');
    expect(run.report.diagnosis?.kind).toBe('redirect');
    expect(run.code).toBe(3);
  });

  it.each([
    ['in a circle', '/v1/messages'],
    ['to something that is no address', 'http://[oh'],
    ['to a script', 'javascript:alert(1)'],
    ['to another scheme', 'file:///etc/passwd'],
    ['to a name with the key in it', `https://${encodeURIComponent(KEY)}.example/`],
  ])('%s is given up', async (_name, location) => {
    const run = await judgeAgainst((socket) => socket.write(to(location)), TWO);
    expect(failuresOf(run)).toEqual(['redirect']);
  });
});

const LEGAL: readonly (readonly [name: string, bridge: Bridge])[] = [
  [
    'HTTP/1.0, whose bodies end with the connection',
    ({ socket, status, headers, body }) => {
      socket.write(`HTTP/1.0 ${status}\r\n${headers}\r\n`);
      socket.end(body);
    },
  ],
  [
    'early hints, twice, before each answer',
    ({ socket, status, headers, body }) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'.repeat(2));
      socket.write(`HTTP/1.1 ${status}\r\n${headers}content-length: ${body.length}\r\n\r\n`);
      socket.end(body);
    },
  ],
  [
    'chunks of a single byte, with extensions and trailers',
    ({ socket, status, headers, body }) => {
      socket.write(`HTTP/1.1 ${status}\r\n${headers}transfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n`);
      for (const byte of body)
        socket.write(Buffer.concat([Buffer.from('1;a=b\r\n'), Buffer.of(byte), Buffer.from('\r\n')]));
      socket.end('0\r\nx-end: 1\r\n\r\n');
    },
  ],
  [
    'headers of 50 kB',
    ({ socket, status, headers, body }) => {
      const many = `x-many: ${'x'.repeat(990)}\r\n`.repeat(50);
      socket.write(`HTTP/1.1 ${status}\r\n${many}${headers}content-length: ${body.length}\r\n\r\n`);
      socket.end(body);
    },
  ],
  [
    'unknown fields of hostile names, 400 levels deep, in every object',
    ({ socket, status, headers, body }) => {
      const text = widened(body.toString());
      socket.write(`HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(text)}\r\n\r\n`);
      socket.end(text);
    },
  ],
];

/** Every object of the protocol gets fields that nobody knows: legal, whatever they are called. */
const widened = (body: string): string =>
  body.replaceAll(
    /\{"type":/g,
    `{"__proto__":{"type":"error"},"constructor":{"prototype":1},"toString":1,"hasOwnProperty":null,"deep":${'['.repeat(400)}${']'.repeat(400)},"type":`,
  );

describe.concurrent('an odd answer that HTTP and the protocol allow', () => {
  it.each(LEGAL)('%s passes like any other', async (_name, write) => {
    const target = await bridge(write, KEY);
    try {
      // The bridge holds each stream back until it has all of it.
      const run = await judgeAt(target.url, { quick: true, skip: ['stream.frame.incremental'] });
      expect(resultsWith(run, 'fail', 'error')).toEqual([]);
      expect(run.report.summary.pass).toBeGreaterThan(50);
      expect(failuresOf(run)).toEqual([null]);
      expect(run.code).toBe(0);
    } finally {
      await target.close();
    }
  });
});

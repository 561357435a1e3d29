/** Whole runs against targets that answer with the half of something: a pass needs a complete answer. */

import { describe, expect, it } from 'vitest';
import { reply } from '../support/http-server.js';
import {
  type Answer,
  chunk,
  JSON_HEAD,
  LAST_CHUNK,
  STREAM_END,
  STREAM_HEAD,
  STREAM_START,
  textDelta,
  wantsStream,
  whole,
} from './target.js';
import { failuresOf, judgeAgainst, resultsWith } from './whole-run.js';

const BODY = JSON.stringify(reply('Hi there'));
const STREAM = STREAM_START + textDelta('Hi there') + STREAM_END;
const half = (text: string): string => text.slice(0, text.length / 2);

const HALVES: readonly (readonly [name: string, answer: Answer, kinds: (string | null)[]])[] = [
  [
    'shorter than its length, the connection closed',
    (socket, request) => {
      const [type, text] = wantsStream(request) ? ['text/event-stream', STREAM] : ['application/json', BODY];
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${text.length}\r\n\r\n${half(text)}`);
    },
    ['protocol'],
  ],
  [
    'without the last chunk, the connection closed',
    (socket, request) =>
      socket.end(wantsStream(request) ? STREAM_HEAD + chunk(half(STREAM)) : JSON_HEAD + chunk(half(BODY))),
    ['reset', 'protocol'],
  ],
  [
    'that never goes on',
    (socket, request) => {
      socket.write(wantsStream(request) ? STREAM_HEAD + chunk(half(STREAM)) : JSON_HEAD + chunk(half(BODY)));
    },
    ['timeout-body'],
  ],
  [
    'of which a gzip stream is cut',
    (socket) =>
      socket.end(
        Buffer.concat([
          Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n'),
          GZIP,
        ]),
      ),
    ['encoding'],
  ],
];
const GZIP = Buffer.from('1f8b0800000000000003ab562a4a2d2ecd2951b25250', 'hex');

describe.concurrent('half a body', { timeout: 120_000 }, () => {
  it.each(HALVES)('%s passes nothing that is about the body', async (_name, answer, kinds) => {
    const run = await judgeAgainst(answer, { profiles: ['core'], timeoutSeconds: 1 });
    for (const kind of failuresOf(run))
      expect([...kinds, 'not-set-up', 'timeout-headers', 'timeout-body']).toContain(kind);
    expect(resultsWith(run, 'pass', 'error')).toEqual([]);
  });

  it('that HTTP calls whole fails, and is told as what it is', async () => {
    const run = await judgeAgainst(
      (socket, request) =>
        socket.write(
          (wantsStream(request) ? STREAM_HEAD + chunk(half(STREAM)) : JSON_HEAD + chunk(half(BODY))) + LAST_CHUNK,
        ),
      { profiles: ['core'], timeoutSeconds: 1 },
    );
    const failed = resultsWith(run, 'fail').join();
    for (const id of ['http.post.messages', 'stream.order.message-stop-last']) expect(failed).toContain(id);
  });

  it('that never ends is given up after a dozen of its kind', async () => {
    const run = await judgeAgainst((socket) => void socket.write(JSON_HEAD + chunk(half(BODY))), {
      timeoutSeconds: 0.5,
    });
    expect(run.report.run.interrupted).toMatch(/^from request 1 on, no (answer came to its end|request got an answer)/);
    expect(run.report.summary.requests).toBeLessThan(30);
  });
});

describe.concurrent('600 brackets', { timeout: 120_000 }, () => {
  it.each([
    ['arrays', `${'['.repeat(600)}${']'.repeat(600)}`],
    ['objects', `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`],
    ['open ones', '['.repeat(600)],
  ])('in a reply end no run: %s', async (_name, value) => {
    const run = await judgeAgainst((socket) => socket.write(whole(BODY.replace('}', `},"extra":${value}`))), {
      profiles: ['core'],
    });
    expect(resultsWith(run, 'error')).toEqual([]);
    expect(failuresOf(run)).toContain('too-large');
  });
});

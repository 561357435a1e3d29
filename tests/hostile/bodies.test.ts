/** Whole runs against targets that send too much, too deep, too slowly or in too many pieces. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type Answer,
  chunk,
  event,
  flood,
  JSON_HEAD,
  LAST_CHUNK,
  STREAM_END,
  STREAM_HEAD,
  STREAM_START,
  textDelta,
  wantsStream,
  whole,
} from './target.js';
import { failuresOf, resultsWith, runAgainst, TWO_REQUESTS } from './whole-run.js';

/** A legal beginning of a stream, then the same again and again, without end. */
const endlessStream =
  (piece: string): Answer =>
  (socket) => {
    socket.write(STREAM_HEAD + chunk(STREAM_START));
    flood(socket, piece);
  };

const endlessBody =
  (piece: string | Buffer): Answer =>
  (socket) => {
    socket.write(JSON_HEAD);
    flood(socket, piece);
  };

/** A message with one more field, whose value is given. */
const messageWith = (field: string): Buffer =>
  whole(
    `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":2},"extra":${field}}`,
  );

const BOMB = gzipSync(Buffer.alloc(200_000_000, '{"a":'));
const BROKEN_BYTES = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0xff), Buffer.from('\r\n')]);

/** What is beyond the bounds of the suite is unread: nothing in it counts against the target. */
const UNREAD: readonly (readonly [name: string, answer: Answer])[] = [
  ['an endless stream', endlessStream(chunk(textDelta('hello ')).repeat(200))],
  ['a stream with one endless line', endlessStream(chunk('y'.repeat(65_536)))],
  ['a stream of endless comments', endlessStream(chunk(':\n\n'.repeat(10_000)))],
  ['a stream of endless empty lines', endlessStream(chunk('\n'.repeat(65_536)))],
  ['a stream of endless stray lines', endlessStream(chunk('a\n'.repeat(30_000)))],
  ['a line of a gibibyte', endlessBody(chunk('y'.repeat(65_536)))],
  ['a body of zeros', endlessBody(chunk('\0'.repeat(65_536)))],
  ['a body of bytes that are not UTF-8', endlessBody(BROKEN_BYTES)],
  ['a body of empty objects', endlessBody(chunk('[{},{},{},'.repeat(6_000)))],
  ['a body of keys', endlessBody(chunk(`{${Array.from({ length: 6_000 }, (_, key) => `"k${key}":1`)},`))],
  [
    'a body that grows under gzip',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n');
      socket.write(`content-length: ${BOMB.length}\r\n\r\n`);
      socket.write(BOMB);
    },
  ],
  ['JSON of 100,000 levels', (socket) => socket.write(messageWith('['.repeat(100_000) + ']'.repeat(100_000)))],
  ['JSON of 100,000 objects in objects', (socket) => socket.write(messageWith('{"a":'.repeat(100_000)))],
];

describe.concurrent('an answer beyond the bounds of the suite', () => {
  it.each(UNREAD)('%s is cut, and counts against nobody', async (_name, answer) => {
    const run = await runAgainst((socket, request, call) =>
      // The negatives of a quick run are refused as they should be.
      /"max_tokens"/.test(request)
        ? answer(socket, request, call)
        : socket.write(
            whole('{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens"}}', REFUSED),
          ),
    );
    expect(failuresOf(run)).toContain('too-large');
    // A JSON body where a stream was asked for is wrong whatever is in it.
    const allowed = /^(stream\.http\.status-type|http\.accept\.json-on-stream|http\.response\.content-type-json)/;
    expect(resultsWith(run, 'fail', 'error').filter((result) => !allowed.test(result))).toEqual([]);
  });
});

const REFUSED = 'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nrequest-id: req_1\r\n';

describe.concurrent('an answer within the bounds', () => {
  it('of a stream of tiny events is judged, and told in few words', async () => {
    const run = await runAgainst(endlessStream(chunk('data:1\n\n'.repeat(10_000))));
    expect(resultsWith(run, 'fail').join()).toContain('stream.frame.event-name');
    expect(run.code).toBe(1);
  });

  it.each(['<', '\u200b', '&', '"'])(
    'of a page that is nothing but %j makes no page of a report too long',
    async (character) => {
      const body = `<html>${character.repeat(100_000)}`;
      await runAgainst(
        (socket) => socket.write(whole(body, 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n')),
        ['--profile', 'core,tools,errors'],
      );
    },
  );

  it('of a stream of deltas that say nothing is judged', async () => {
    const run = await runAgainst(endlessStream(chunk('data:{"type":"content_block_delta"}\n\n'.repeat(1_000))));
    expect(run.code).toBe(1);
  });

  it('of bytes that come one by one, without end, ends with the time of the exchange', async () => {
    const run = await runAgainst(endlessStream(chunk('y').repeat(5_000)), [...TWO_REQUESTS, '--timeout', '4']);
    // On a busy machine the head may take that long too.
    expect(failuresOf(run).filter((kind) => !/^(timeout-(headers|body)|too-large)$/.test(String(kind)))).toEqual([]);
  });

  it('of a tool input of 100,000 levels is cut before the event that makes it too deep', async () => {
    const input = `{"city":${'['.repeat(100_000)}`;
    const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} };
    const fragments = input.match(/.{1,400}/g) ?? [];
    const run = await runAgainst((socket, request) => {
      if (!wantsStream(request)) return socket.end(messageWith('null'));
      socket.write(STREAM_HEAD + chunk(STREAM_START));
      socket.write(chunk(event({ type: 'content_block_stop', index: 0 })));
      socket.write(chunk(event({ type: 'content_block_start', index: 1, content_block: call })));
      for (const partial_json of fragments)
        socket.write(
          chunk(event({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json } })),
        );
      return socket.write(chunk(STREAM_END.replace('"index":0', '"index":1')) + LAST_CHUNK);
    });
    expect(failuresOf(run)).toContain('too-large');
    expect(resultsWith(run, 'error')).toEqual([]);
  });
});

describe.concurrent('an answer that takes its time', () => {
  it('of which not even the head comes ends with the time of the exchange', async () => {
    const run = await runAgainst(() => {}, ['--quick', '--timeout', '0.5']);
    expect(failuresOf(run)).toEqual(['timeout-headers']);
    expect(run.code).toBe(3);
  });

  it('of which a byte of the head comes now and then ends with the time of the exchange', async () => {
    const run = await runAgainst(slowly('HTTP/1.1 200 OK\r\nx-slow: '), ['--quick', '--timeout', '0.5']);
    expect(failuresOf(run)).toEqual(['timeout-headers']);
    expect(run.code).toBe(3);
  });

  it('of which a byte of the body comes now and then ends with the time of the exchange', async () => {
    const run = await runAgainst(slowly(JSON_HEAD, chunk('a')), [...TWO_REQUESTS, '--timeout', '4']);
    expect(failuresOf(run)).toEqual(['timeout-body']);
    expect(run.report.results.filter(({ verdict }) => verdict === 'pass')).toEqual([]);
  });
});

/** Sends the beginning, then one piece each time, four times a second. */
const slowly =
  (beginning: string, piece = 'z'): Answer =>
  (socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(piece), 250);
    socket.on('close', () => clearInterval(timer));
  };

/** Whole runs against targets that send too much, too deep, too slowly or in too many pieces. */

import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
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
import {
  failuresOf,
  type Hostile,
  judgeAgainst,
  resultsWith,
  runAgainst,
  runAgainstAll,
  TWO,
  type WholeRun,
} from './whole-run.js';

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

const LEVELS = messageWith('['.repeat(100_000) + ']'.repeat(100_000));
const OBJECTS = messageWith('{"a":'.repeat(100_000));
const BOMB = gzipSync(Buffer.alloc(200_000_000, '{"a":'));
const BROKEN_BYTES = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0xff), Buffer.from('\r\n')]);

type Named = readonly [name: string, answer: Answer];

/** What is beyond the bounds of the suite is unread: nothing in it counts against the target. The last of each kind may take all that is left. */
const UNREAD: readonly (readonly [kind: string, answers: readonly Named[]])[] = [
  [
    'streams without end',
    [
      ['events', endlessStream(chunk(textDelta('hello ')).repeat(200))],
      ['comments', endlessStream(chunk(':\n\n'.repeat(10_000)))],
      ['empty lines', endlessStream(chunk('\n'.repeat(65_536)))],
      ['stray lines', endlessStream(chunk('a\n'.repeat(30_000)))],
    ],
  ],
  [
    'text without end',
    [
      ['a stream of one line', endlessStream(chunk('y'.repeat(65_536)))],
      ['a line of a gibibyte', endlessBody(chunk('y'.repeat(65_536)))],
      ['bytes that are not UTF-8', endlessBody(BROKEN_BYTES)],
      ['zeros', endlessBody(chunk('\0'.repeat(65_536)))],
    ],
  ],
  [
    'JSON bodies',
    [
      ['of empty objects', endlessBody(chunk('[{},{},{},'.repeat(6_000)))],
      ['of keys', endlessBody(chunk(`{${Array.from({ length: 6_000 }, (_, key) => `"k${key}":1`)},`))],
      [
        'that grows under gzip',
        (socket) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n');
          socket.write(`content-length: ${BOMB.length}\r\n\r\n`);
          socket.write(BOMB);
        },
      ],
      ['of 100,000 levels', (socket) => socket.write(LEVELS)],
      ['of 100,000 objects in objects', (socket) => socket.write(OBJECTS)],
    ],
  ],
];

/** Answers in each of these ways in turn; `given` says which had theirs. */
function inTurn(answers: readonly Named[], given: Set<string> = new Set()): Answer {
  let next = 0;
  return (socket, request, call) => {
    const [name, answer] = answers[next % answers.length]!;
    next += 1;
    given.add(name);
    answer(socket, request, call);
  };
}

const REFUSED = 'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nrequest-id: req_1\r\n';

/** The negatives of a quick run are refused as they should be. */
const refusing =
  (answer: Answer): Answer =>
  (socket, request, call) =>
    /"max_tokens"/.test(request)
      ? answer(socket, request, call)
      : socket.write(
          whole('{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens"}}', REFUSED),
        );

/** A tool call whose input has too many levels, in a stream. */
const deepInput: Answer = (socket, request) => {
  const input = `{"city":${'['.repeat(100_000)}`;
  const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} };
  if (!wantsStream(request)) return socket.end(messageWith('null'));
  const fragments = (input.match(/.{1,400}/g) ?? []).map((partial_json) =>
    chunk(event({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json } })),
  );
  const begun =
    chunk(STREAM_START) +
    chunk(event({ type: 'content_block_stop', index: 0 })) +
    chunk(event({ type: 'content_block_start', index: 1, content_block: call }));
  const end = chunk(STREAM_END.replace('"index":0', '"index":1')) + LAST_CHUNK;
  return socket.write(STREAM_HEAD + begun + fragments.join('') + end);
};

const page =
  (character: string): Answer =>
  (socket) =>
    socket.write(whole(`<html>${character.repeat(100_000)}`, 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n'));
const CHARACTERS = ['<', '\u200b', '&', '"'];

/** Sends the beginning, then one piece each time, four times a second. */
const slowly =
  (beginning: string, piece = 'z'): Answer =>
  (socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(piece), 250);
    socket.on('close', () => clearInterval(timer));
  };

const BYTE_BY_BYTE = 'of bytes that come one by one, without end, ends with the time of the exchange';
const NO_HEAD = 'of which not even the head comes ends with the time of the exchange';
const SLOW_HEAD = 'of which a byte of the head comes now and then ends with the time of the exchange';

/** Side by side: most of their time is spent on waiting. */
const SMALL: readonly Hostile[] = [
  ...CHARACTERS.map((character): Hostile => [character, page(character), { profile: ['core', 'tools', 'errors'] }]),
  [BYTE_BY_BYTE, endlessStream(chunk('y').repeat(5_000)), { ...TWO, timeout: 1 }],
  [NO_HEAD, () => {}, { profile: ['core'], timeout: 0.5 }],
  [SLOW_HEAD, slowly('HTTP/1.1 200 OK\r\nx-slow: '), { profile: ['core'], timeout: 0.5 }],
];

let small: (name: string) => WholeRun;
beforeAll(async () => {
  small = await runAgainstAll(SMALL, ['--parallel', '8']);
});

describe('answers beyond the bounds of the suite', () => {
  it.each(UNREAD)('%s are cut, and count against nobody', async (_kind, answers) => {
    const given = new Set<string>();
    const run = await runAgainst(refusing(inTurn(answers, given)));
    expect([...given]).toEqual(answers.map(([name]) => name));
    const cut = run.report.exchanges.filter(({ failure }) => failure?.kind === 'too-large');
    expect(cut.length).toBeGreaterThanOrEqual(answers.length);
    // A JSON body where a stream was asked for is wrong whatever is in it.
    const allowed = /^(stream\.http\.status-type|http\.accept\.json-on-stream|http\.response\.content-type-json)/;
    expect(resultsWith(run, 'fail', 'error').filter((result) => !allowed.test(result))).toEqual([]);
  });
});

describe('an answer within the bounds', () => {
  it('of a stream of tiny events, or of deltas that say nothing, is judged, and told in few words', async () => {
    const run = await runAgainst(
      inTurn([
        ['tiny events', endlessStream(chunk('data:1\n\n'.repeat(10_000)))],
        ['empty deltas', endlessStream(chunk('data:{"type":"content_block_delta"}\n\n'.repeat(1_000)))],
      ]),
    );
    const failed = resultsWith(run, 'fail').join();
    for (const id of ['stream.frame.event-name', 'stream.delta.matches-block']) expect(failed).toContain(id);
    expect(run.code).toBe(1);
  });

  it.each(CHARACTERS)('of a page that is nothing but %j makes no page of a report too long', (character) => {
    expect(small(character).report.exchanges[0]?.response?.body).toContain(character.repeat(1_000));
  });

  it(BYTE_BY_BYTE, () => {
    // On a busy machine the head may take that long too.
    const kinds = failuresOf(small(BYTE_BY_BYTE)).filter(
      (kind) => !/^(timeout-(headers|body)|too-large)$/.test(String(kind)),
    );
    expect(kinds).toEqual([]);
  });

  it('of a tool input of 100,000 levels is cut before the event that makes it too deep', async () => {
    const run = await judgeAgainst(deepInput, { quick: true });
    expect(failuresOf(run)).toContain('too-large');
    expect(resultsWith(run, 'error')).toEqual([]);
  });
});

describe('an answer that takes its time', () => {
  it.each([NO_HEAD, SLOW_HEAD])('%s', (name) => {
    const run = small(name);
    expect(failuresOf(run)).toEqual(['timeout-headers']);
    expect(run.code).toBe(3);
  });

  it('of which a byte of the body comes now and then ends with the time of the exchange', async () => {
    // By itself: the head has to be read in time.
    const run = await judgeAgainst(slowly(JSON_HEAD, chunk('a')), { ...TWO, timeoutSeconds: 4 });
    expect(failuresOf(run)).toEqual(['timeout-body']);
    expect(run.report.results.filter(({ verdict }) => verdict === 'pass')).toEqual([]);
  });
});

import type { JsonObject } from '../../core/json.js';
import { streamFraming } from '../../suites/stream-framing.js';
import { errorBody, events, exchange, frames, message, textBlock, toolUse } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

const LIST = events(message());
const BODY = frames(LIST);
/** A stream whose body is written by hand; the control in the other transport beside it. */
const raw = (body: string | Uint8Array, more: object = {}) => exchange({ raw: body, ...more });
const each = (frame: (event: JsonObject) => string) => raw(LIST.map(frame).join(''));
const named = (event: JsonObject, data = JSON.stringify(event)) => `event: ${String(event.type)}\ndata: ${data}\n\n`;
const only = (type: string, frame: (event: JsonObject) => string) =>
  each((event) => (event.type === type ? frame(event) : named(event)));
const extra = (frame: string) =>
  raw(
    `${BODY.slice(0, BODY.indexOf('event: content_block_start'))}${frame}${BODY.slice(BODY.indexOf('event: content_block_start'))}`,
  );

const LONG = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');
const long = (piece: number, more: object = {}) =>
  exchange({
    fixture: 'counting',
    events: events(message({ content: [textBlock(LONG)], usage: { input_tokens: 25, output_tokens: 119 } }), piece),
    ...more,
  });
/** Three short replies that come after so long. */
const shortAfter = (atMs: number) =>
  [0, 1, 2].map(() => exchange({ json: message(), chunks: [{ bytes: 9_000, atMs }] }));
const atOnce = (atMs: number) => long(3, { chunks: [{ bytes: 100_000, atMs }] });
const lines = (end: string) => raw(BODY.replaceAll('\n', end));
const delta = (text: string) =>
  only('content_block_delta', (event) =>
    named(event, JSON.stringify({ ...event, delta: { type: 'text_delta', text } })),
  );
const noStream = exchange({ json: message() });

testRequirements(streamFraming, {
  'stream.http.status-type': {
    satisfied: [
      {
        that: 'a charset beside the type',
        exchanges: [raw(BODY, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })],
      },
    ],
    violated: [
      {
        that: 'plain text',
        exchanges: [raw(BODY, { headers: { 'content-type': 'text/plain' } })],
        at: { header: 'content-type' },
      },
      { that: 'JSON instead of a stream', exchanges: [exchange({ transport: 'stream', json: message() })] },
      { that: 'status 201', exchanges: [raw(BODY, { status: 201 })] },
      { that: 'a refusal', exchanges: [exchange({ transport: 'stream', status: 404, json: errorBody() })] },
    ],
    other: [
      {
        that: 'asked to wait',
        outcome: 'inconclusive',
        exchanges: [exchange({ transport: 'stream', status: 529, json: {} })],
      },
      { that: 'no stream asked for', outcome: 'not-observed', exchanges: [noStream] },
    ],
  },
  'stream.http.chunked': {
    satisfied: [
      { that: 'chunked', exchanges: [raw(BODY)] },
      {
        that: 'with a length',
        exchanges: [raw(BODY, { headers: { 'transfer-encoding': '', 'content-length': String(BODY.length) } })],
      },
    ],
    violated: [
      {
        that: 'neither',
        exchanges: [raw(BODY, { headers: { 'transfer-encoding': '' } })],
        at: { header: 'transfer-encoding' },
      },
    ],
  },
  'stream.frame.event-name': {
    satisfied: [
      { that: 'names', exchanges: [raw(BODY)] },
      { that: 'comments and a bare [DONE]', exchanges: [raw(`: hello\n\n${BODY}: bye\n\ndata: [DONE]\n\n`)] },
    ],
    violated: [
      {
        that: 'no name anywhere',
        exchanges: [each((event) => `data: ${JSON.stringify(event)}\n\n`)],
        at: { event: 1, offset: 0 },
      },
      {
        that: 'one frame without',
        exchanges: [only('message_stop', (event) => `data: ${JSON.stringify(event)}\n\n`)],
        at: { event: 6 },
      },
      {
        that: 'a blank before the name',
        exchanges: [only('message_stop', (event) => ` ${named(event)}`)],
        at: { event: 6 },
      },
    ],
  },
  'stream.frame.name-equals-type': {
    satisfied: [
      { that: 'equal', exchanges: [raw(BODY)] },
      {
        that: 'unknown events as they like',
        exchanges: [extra('event: news\ndata: {"type":"other"}\n\nevent: news\ndata: {}\n\n')],
      },
    ],
    violated: [
      {
        that: 'another name',
        exchanges: [only('message_stop', (event) => `event: chunk\ndata: ${JSON.stringify(event)}\n\n`)],
        at: { event: 6 },
      },
      {
        that: 'no type',
        exchanges: [
          only(
            'content_block_delta',
            ({ type, ...rest }) => `event: ${String(type)}\ndata: ${JSON.stringify(rest)}\n\n`,
          ),
        ],
        at: { event: 3 },
      },
    ],
  },
  'stream.frame.json': {
    satisfied: [
      {
        that: 'objects, padded, over several lines',
        exchanges: [only('message_stop', () => 'event: message_stop\ndata: {"type":\ndata: "message_stop"}   \n\n')],
      },
      { that: 'an unknown event with nothing', exchanges: [extra('event: news\n\n')] },
    ],
    violated: [
      {
        that: 'broken JSON',
        exchanges: [only('content_block_delta', (event) => named(event, JSON.stringify(event).slice(1)))],
        at: { event: 3 },
      },
      { that: 'a list', exchanges: [only('content_block_delta', (event) => named(event, '[]'))], at: { event: 3 } },
      { that: 'no data', exchanges: [extra('event: content_block_delta\n\n')] },
      {
        that: 'a blank before the data',
        exchanges: [only('content_block_delta', (event) => named(event).replace('\ndata', '\n data'))],
      },
    ],
    other: [
      {
        that: 'half a frame at the end of a cut body',
        outcome: 'satisfied',
        exchanges: [raw(BODY.slice(0, -20), { failure: { kind: 'reset', message: 'gone' } })],
      },
      {
        that: 'text under an unknown name, see stream.unknown-event.object',
        outcome: 'satisfied',
        exchanges: [extra('event: news\ndata: hello\n\n')],
      },
    ],
  },
  'stream.unknown-event.object': {
    satisfied: [
      { that: 'an object', exchanges: [extra('event: news\ndata: {"type":"news"}\n\n')] },
      { that: 'an object over two lines', exchanges: [extra('event: news\ndata: {"type":\ndata: "news"}\n\n')] },
    ],
    violated: [
      { that: 'text', exchanges: [extra('event: news\ndata: hello\n\n')], at: { event: 2 } },
      { that: 'a list', exchanges: [extra('event: news\ndata: [1]\n\n')], at: { event: 2 } },
    ],
    other: [
      { that: 'no such event', outcome: 'not-observed', exchanges: [raw(BODY)] },
      { that: 'a ping without data', outcome: 'not-observed', exchanges: [extra('event: ping\n\n')] },
      {
        that: '[DONE], which another requirement judges',
        outcome: 'not-observed',
        exchanges: [extra('data: [DONE]\n\n')],
      },
    ],
  },
  'stream.frame.blank-line': {
    satisfied: [
      { that: 'all closed', exchanges: [raw(BODY)] },
      { that: 'a comment at the end', exchanges: [raw(`${BODY}: bye`)] },
      {
        that: 'a body that was cut off',
        exchanges: [raw(BODY.slice(0, -20), { failure: { kind: 'reset', message: 'gone' } })],
      },
    ],
    violated: [
      { that: 'none after the last frame', exchanges: [raw(BODY.slice(0, -1))], at: { event: 6 } },
      { that: 'not even the end of the line', exchanges: [raw(BODY.slice(0, -2))], at: { event: 6 } },
      {
        that: 'none between two pings',
        exchanges: [extra('event: ping\ndata: {"type":"ping"}\nevent: ping\ndata: {"type":"ping"}\n\n')],
        at: { event: 2 },
        also: ['stream.ping.shape'],
      },
    ],
  },
  'stream.frame.no-done': {
    satisfied: [
      { that: 'nothing', exchanges: [raw(BODY)] },
      { that: 'without a name', exchanges: [raw(`${BODY}data: [DONE]\n\n`)] },
    ],
    violated: [{ that: 'under a name', exchanges: [raw(`${BODY}event: done\ndata: [DONE]\n\n`)], at: { event: 7 } }],
  },
  'stream.frame.utf8-no-bom': {
    satisfied: [
      {
        that: 'characters divided between reads',
        exchanges: [exchange({ events: events(message({ content: [textBlock('北京😀 👩‍👩‍👧')] }), 1), chunks: 1 })],
      },
      {
        that: 'escaped pairs',
        exchanges: [
          only('content_block_delta', (event) =>
            named(
              event,
              JSON.stringify({ ...event, delta: { type: 'text_delta', text: 'X' } }).replace('X', '\\ud83d\\ude00'),
            ),
          ),
        ],
      },
      { that: 'a replacement character that a model wrote', exchanges: [delta('\uFFFD')] },
      {
        that: 'a replacement character that was asked for',
        exchanges: [
          exchange({
            events: events(message({ content: [textBlock('\uFFFD')] })),
            request: { body: { messages: ['\uFFFD'] } },
          }),
        ],
      },
    ],
    violated: [
      { that: 'a byte order mark', exchanges: [raw(`\uFEFF${BODY}`)], at: { offset: 0 } },
      {
        that: 'bytes of another encoding',
        exchanges: [
          raw(Buffer.concat([Buffer.from(BODY), Buffer.from(': '), Buffer.from([0xe9]), Buffer.from('\n\n')])),
        ],
        at: { offset: BODY.length + 2 },
      },
      {
        that: 'half a character',
        exchanges: [
          only('content_block_delta', (event) =>
            named(
              event,
              JSON.stringify({ ...event, delta: { type: 'text_delta', text: 'X' } }).replace('X', '\\ud83d'),
            ),
          ),
        ],
        at: { event: 3 },
      },
      {
        that: 'two halves of a character, each replaced',
        exchanges: [exchange({ events: events(message({ content: [textBlock('\uFFFD\uFFFD')] }), 1) })],
        at: { event: 3 },
      },
    ],
  },
  'stream.frame.lf': {
    satisfied: [
      { that: 'LF', exchanges: [raw(BODY)] },
      { that: 'CRLF', exchanges: [lines('\r\n')] },
    ],
    violated: [{ that: 'CR', exchanges: [lines('\r')] }],
  },
  'stream.frame.incremental': {
    satisfied: [
      { that: 'in many reads', exchanges: [long(3, { chunks: 100 })] },
      {
        that: 'in two reads of one moment',
        exchanges: [
          long(3, {
            chunks: [
              { bytes: 900, atMs: 700 },
              { bytes: 100_000, atMs: 700 },
            ],
          }),
        ],
      },
    ],
    violated: [
      { that: 'in one read after a second', exchanges: [atOnce(1000)], at: { event: 3 } },
      { that: 'long after short replies', exchanges: [...shortAfter(80), atOnce(1000)], at: { event: 3 } },
    ],
    other: [
      { that: 'in one read at once', outcome: 'not-observed', exchanges: [atOnce(12)] },
      {
        that: 'in one read as soon as short replies',
        outcome: 'not-observed',
        exchanges: [...shortAfter(400), atOnce(1000)],
      },
      {
        that: 'in one read once and in pieces once',
        outcome: 'satisfied',
        exchanges: [atOnce(1000), long(3, { chunks: 100 })],
      },
      {
        that: 'a short reply',
        outcome: 'not-observed',
        exchanges: [raw(BODY, { chunks: [{ bytes: 100_000, atMs: 1000 }] })],
      },
    ],
  },
  'stream.frame.granularity': {
    satisfied: [{ that: 'in pieces', exchanges: [long(80, { chunks: 100 })] }],
    violated: [{ that: 'in one piece', exchanges: [long(1000, { chunks: 100 })], at: { event: 3 } }],
    other: [
      { that: 'a short reply in one piece', outcome: 'not-observed', exchanges: [raw(BODY)] },
      {
        that: 'a call',
        outcome: 'not-observed',
        exchanges: [
          exchange({ events: events(message({ content: [toolUse({ city: LONG })], stop_reason: 'tool_use' })) }),
        ],
      },
    ],
  },
  'stream.frame.close': {
    satisfied: [
      { that: 'at once', exchanges: [raw(BODY)] },
      { that: 'late in one of three streams', exchanges: [raw(BODY), raw(BODY, { endMs: 2500 }), raw(BODY)] },
    ],
    violated: [
      { that: 'late', exchanges: [raw(BODY, { endMs: 2500 })], at: { event: 6 } },
      {
        that: 'late in one of two streams',
        exchanges: [raw(BODY), raw(BODY, { endMs: 2500 })],
        at: { event: 6 },
        also: ['resp.id'],
      },
      {
        that: 'never',
        exchanges: [raw(BODY, { endMs: 5025, failure: { kind: 'timeout-body', message: 'still open' } })],
        at: { event: 6 },
      },
    ],
    other: [
      {
        that: 'no message_stop',
        outcome: 'not-observed',
        exchanges: [exchange({ events: LIST.slice(0, -1), endMs: 9000 })],
      },
    ],
  },
  'stream.ping.shape': {
    satisfied: [{ that: 'the type', exchanges: [extra('event: ping\ndata: {"type": "ping"}\n\n')] }],
    violated: [
      { that: 'an empty object', exchanges: [extra('event: ping\ndata: {}\n\n')] },
      { that: 'no data', exchanges: [extra('event: ping\n\n')] },
      { that: 'text', exchanges: [extra('event: ping\ndata: pong\n\n')] },
    ],
    other: [{ that: 'no ping', outcome: 'not-observed', exchanges: [raw(BODY)] }],
  },
  'stream.ping.silence': {
    satisfied: [
      {
        that: 'pings in between',
        exchanges: [
          raw(`${': a\n\n'.repeat(2)}${BODY}`, {
            chunks: [
              { bytes: 5, atMs: 200_000 },
              { bytes: 5, atMs: 400_000 },
              { bytes: 100_000, atMs: 600_000 },
            ],
          }),
        ],
      },
    ],
    violated: [
      {
        that: 'nothing for five minutes',
        exchanges: [
          raw(BODY, {
            chunks: [
              { bytes: BODY.length - 40, atMs: 20 },
              { bytes: 40, atMs: 301_000 },
            ],
          }),
        ],
      },
      {
        that: 'nothing before the first event',
        exchanges: [raw(BODY, { chunks: [{ bytes: BODY.length, atMs: 301_000 }] })],
        at: { offset: 0 },
      },
    ],
    other: [{ that: 'a short stream', outcome: 'not-observed', exchanges: [raw(BODY)] }],
  },
});

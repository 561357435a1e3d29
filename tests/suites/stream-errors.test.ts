import { streamErrors } from '../../suites/stream-errors.js';
import { type ExchangeParts, errorBody, events, exchange, frames, message } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

const LIST = events(message());
const invalid = (parts: object) => exchange({ fixture: 'messages-missing', transport: 'stream', ...parts });
const control = exchange({ events: LIST });
const failing = (frame: string) => exchange({ raw: frames(LIST.slice(0, 3)) + frame });
const OVERLOADED = JSON.stringify(errorBody('overloaded_error', 'Overloaded'));

const left = exchange({
  fixture: 'hang-up',
  events: LIST.slice(0, 3),
  failure: { kind: 'abandoned', message: 'cut after the first delta' },
});
const after = (parts: ExchangeParts) => exchange({ fixture: 'hang-up', transport: 'stream', turn: 2, ...parts });

testRequirements(streamErrors, {
  'stream.error.pre-stream': {
    satisfied: [{ that: 'a JSON error', exchanges: [control, invalid({ status: 400, json: errorBody() })] }],
    violated: [
      {
        that: 'a JSON error under 200',
        exchanges: [control, invalid({ json: errorBody() })],
      },
      { that: 'an error event under 200', exchanges: [control, invalid({ events: [errorBody()] })] },
      {
        that: 'an error event of a type of its own under 200',
        exchanges: [control, invalid({ events: [errorBody('upstream_error', 'Upstream returned 400')] })],
      },
      { that: 'an error event under 400', exchanges: [control, invalid({ status: 400, events: [errorBody()] })] },
      {
        that: 'HTML',
        exchanges: [control, invalid({ status: 400, raw: '<h1>Bad</h1>', headers: { 'content-type': 'text/html' } })],
      },
    ],
    other: [
      {
        that: 'a gateway that is out of order for a moment',
        outcome: 'not-observed',
        exchanges: [control, invalid({ status: 502, raw: '<h1>Bad</h1>', headers: { 'content-type': 'text/html' } })],
      },
      { that: 'accepted', outcome: 'not-observed', exchanges: [control, invalid({ events: LIST })] },
      {
        that: 'overloaded after 200',
        outcome: 'not-observed',
        exchanges: [control, invalid({ events: [errorBody('overloaded_error', 'busy')] })],
      },
    ],
  },
  'stream.error.event': {
    satisfied: [
      { that: 'an error event', exchanges: [failing(`event: error\ndata: ${OVERLOADED}\n\n`)] },
      {
        that: 'a request id beside it',
        exchanges: [failing(`event: error\ndata: ${OVERLOADED.slice(0, -1)},"request_id":"req_1"}\n\n`)],
      },
      {
        that: 'a stream in which no frame has a name',
        exchanges: [exchange({ raw: `data: ${JSON.stringify(LIST[0])}\n\ndata: ${OVERLOADED}\n\n` })],
      },
    ],
    violated: [
      {
        that: 'a frame without a name',
        exchanges: [failing(`data: ${OVERLOADED}\n\n`)],
        at: { event: 4 },
        also: ['stream.frame.event-name'],
      },
      {
        that: 'an error under another name',
        exchanges: [failing('event: message\ndata: {"error":{"code":500}}\n\n')],
        at: { event: 4 },
        also: ['stream.order.message-stop-last'],
      },
      {
        that: 'a message alone',
        exchanges: [failing('event: error\ndata: {"type":"error","error":"Overloaded"}\n\n')],
        at: { event: 4, pointer: '/error' },
      },
      {
        that: 'text',
        exchanges: [failing('event: error\ndata: Overloaded\n\n')],
        at: { event: 4 },
        also: ['stream.frame.json'],
      },
    ],
    other: [{ that: 'no error', outcome: 'not-observed', exchanges: [control] }],
  },
  'stream.disconnect': {
    satisfied: [{ that: 'the next request is answered', exchanges: [control, left, after({ events: LIST })] }],
    violated: [
      {
        that: 'the next request fails',
        exchanges: [control, left, after({ status: 500, json: errorBody('api_error', 'busy') })],
      },
      {
        that: 'the next request is never answered',
        exchanges: [
          control,
          left,
          after({ noResponse: true, failure: { kind: 'timeout-headers', message: 'no answer within 60 s' } }),
        ],
      },
    ],
    other: [
      { that: 'asked to wait', outcome: 'inconclusive', exchanges: [control, left, after({ status: 529, json: {} })] },
      {
        that: 'no stream to leave',
        outcome: 'inconclusive',
        exchanges: [control, exchange({ fixture: 'hang-up', transport: 'stream', status: 400, json: errorBody() })],
      },
      {
        that: 'a target that serves nothing',
        outcome: 'inconclusive',
        exchanges: [left, after({ status: 500, json: {} })],
      },
    ],
  },
});

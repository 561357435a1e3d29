import type { JsonObject } from '../../core/json.js';
import { stopReasons } from '../../suites/stop-reasons.js';
import { errorBody, events, exchange, message, textBlock, toolUse } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

const replyTo = (fixture: string, text: string, parts: JsonObject = {}) =>
  exchange({ fixture, json: message({ content: text === '' ? [] : [textBlock(text)], ...parts }) });
const streamed = (fixture: string, text: string, parts: JsonObject = {}) =>
  exchange({ fixture, events: events(message({ content: [textBlock(text)], ...parts })) });
const fired = (sequence: string | null): JsonObject => ({ stop_reason: 'stop_sequence', stop_sequence: sequence });
const used = (output_tokens: number): JsonObject => ({ usage: { input_tokens: 9, output_tokens } });
const max = (output: number): JsonObject => ({ stop_reason: 'max_tokens', ...used(output) });

const TO_SIX = '1, 2, 3, 4, 5, 6, ';
const TO_FORTY = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');
const five = (text: string, parts: JsonObject) => replyTo('counting-five-tokens', text, parts);
const paused = (turn: number, parts: object) => exchange({ fixture: 'server-tool-pause', turn, ...parts });
const DECLINED: JsonObject = {
  content: [],
  stop_reason: 'refusal',
  stop_details: { type: 'refusal', category: 'cyber', explanation: null },
};
const declined = (parts: JsonObject = {}) =>
  exchange({ fixture: 'refusal-string', json: message({ ...DECLINED, ...parts }) });
const declinedInStream = (parts: JsonObject = {}) =>
  exchange({ fixture: 'refusal-string', events: events(message({ ...DECLINED, ...parts })) });

testRequirements(stopReasons, {
  'stop.end-turn': {
    satisfied: [
      { that: 'end_turn', exchanges: [replyTo('product', '391')] },
      {
        that: 'a first try that max_tokens cut',
        exchanges: [replyTo('product', '', max(512)), replyTo('product', '391')],
      },
    ],
    violated: [
      {
        that: 'max_tokens far from the limit',
        exchanges: [replyTo('product', '391', max(4))],
      },
      {
        that: 'a stop sequence that nobody sent',
        exchanges: [replyTo('product', '391', { stop_reason: 'stop_sequence' })],
      },
      {
        that: 'the reason of another protocol',
        exchanges: [replyTo('product', '391', { stop_reason: 'stop' })],
        also: ['resp.stop-reason.enum'],
      },
      {
        that: 'a call announced and not made',
        exchanges: [replyTo('product', '391', { stop_reason: 'tool_use' })],
        at: { pointer: '/stop_reason' },
      },
      { that: 'the same in a stream', exchanges: [streamed('minimal', 'ok', { stop_reason: 'tool_use' })] },
    ],
    other: [
      { that: 'every reply cut', outcome: 'inconclusive', exchanges: [replyTo('product', '', max(512))] },
      {
        that: 'a reply one token below its limit, which a server may count otherwise',
        outcome: 'inconclusive',
        exchanges: [replyTo('product', '391', { stop_reason: 'length', ...used(511) })],
      },
      {
        that: 'a reply two tokens below its limit',
        outcome: 'violated',
        exchanges: [replyTo('product', '391', { stop_reason: 'length', ...used(510) })],
      },
      {
        that: 'a reply whose tokens are not counted',
        outcome: 'inconclusive',
        exchanges: [replyTo('product', '391', { stop_reason: 'length', usage: {} })],
      },
      {
        that: 'a full context window',
        outcome: 'inconclusive',
        exchanges: [replyTo('product', '17*23', { stop_reason: 'model_context_window_exceeded', ...used(9) })],
      },
      {
        that: 'an announced call that the order of events loses, which is another fault',
        outcome: 'satisfied',
        exchanges: [
          replyTo('product', '391'),
          exchange({
            fixture: 'minimal',
            events: events(message({ content: [textBlock('ok')], stop_reason: 'tool_use' })).toSpliced(1, 1),
          }),
        ],
      },
      {
        that: 'a reasoning model that was cut and does not count its thoughts',
        outcome: 'inconclusive',
        exchanges: [replyTo('product', '', max(0)), replyTo('product', '17*23 is 17*20 plus', max(9))],
      },
      {
        that: 'a refusal alone',
        outcome: 'inconclusive',
        exchanges: [replyTo('product', '', { stop_reason: 'refusal' })],
      },
      {
        that: 'a call that was made',
        outcome: 'satisfied',
        exchanges: [
          replyTo('product', '391'),
          exchange({ json: message({ content: [toolUse()], stop_reason: 'tool_use' }) }),
        ],
      },
    ],
  },
  'stop.max-tokens': {
    satisfied: [
      { that: 'max_tokens', exchanges: [five('1, 2', max(5))] },
      { that: 'max_tokens before the first word', exchanges: [replyTo('counting-one-token', '', max(1))] },
    ],
    violated: [
      {
        that: 'end_turn in the middle of the count',
        exchanges: [five('1, 2', used(5))],
        at: { pointer: '/stop_reason' },
      },
      { that: 'end_turn with everything spent on nothing visible', exchanges: [five('', used(5))] },
    ],
    other: [
      {
        that: 'the whole count: max_tokens was ignored, which is another fault',
        outcome: 'inconclusive',
        exchanges: [five(TO_FORTY, used(119))],
      },
      { that: 'a parrot', outcome: 'inconclusive', exchanges: [five('Hello, how can I help?', used(8))] },
      {
        that: 'a refusal in the middle of the count',
        outcome: 'satisfied',
        exchanges: [five('1, 2', { stop_reason: 'refusal', ...used(5) })],
      },
      { that: 'nothing at all after fewer tokens', outcome: 'inconclusive', exchanges: [five('', used(0))] },
      {
        that: 'max_tokens with nothing written and nothing counted',
        outcome: 'deviates',
        exchanges: [
          exchange({ fixture: 'counting-five-tokens', json: message({ content: [], ...max(0) }) }),
          exchange({ fixture: 'counting-one-token', json: message({ content: [], ...max(0) }) }),
        ],
      },
      {
        that: 'the same of one token, and text of five',
        outcome: 'satisfied',
        exchanges: [
          five('1, 2', max(5)),
          exchange({ fixture: 'counting-one-token', json: message({ content: [], ...max(0) }) }),
        ],
      },
      {
        that: 'a model that ends there once of two times with room for all of the count',
        outcome: 'violated',
        exchanges: [
          replyTo('counting', '1, 2', used(3)),
          replyTo('counting', TO_FORTY, used(119)),
          five('1, 2', used(5)),
        ],
      },
      {
        that: 'a model that ends there with room for all of the count',
        outcome: 'inconclusive',
        exchanges: [replyTo('counting', '1, 2', used(3)), five('1, 2', used(3))],
      },
      {
        that: 'a model that goes on with room for all of the count',
        outcome: 'violated',
        exchanges: [replyTo('counting', TO_FORTY, used(119)), five('1, 2', used(5))],
      },
      {
        that: 'asked to wait',
        outcome: 'inconclusive',
        exchanges: [exchange({ fixture: 'counting-one-token', status: 429, json: {} })],
      },
    ],
  },
  'stop.max-tokens.valid-content': {
    satisfied: [
      { that: 'a piece of the text', exchanges: [five('1, 2', max(5))] },
      { that: 'nothing', exchanges: [five('', max(5))] },
      { that: 'a call whose input is not there yet', exchanges: [five('', { ...max(5), content: [toolUse({})] })] },
    ],
    violated: [
      {
        that: 'null as content',
        exchanges: [five('', { ...max(5), content: null })],
        at: { pointer: '/content' },
        also: ['resp.content.array'],
      },
      {
        that: 'a text block without text',
        exchanges: [five('', { ...max(5), content: [{ type: 'text', text: null }] })],
        at: { pointer: '/content/0/text' },
        also: ['resp.content.text-shape'],
      },
      {
        that: 'a call whose input is a piece of JSON',
        exchanges: [five('', { ...max(5), content: [{ ...toolUse(), input: '{"ci' }] })],
        at: { pointer: '/content/0/input' },
      },
      ...['id', 'name'].map((key) => ({
        that: `a call without ${key}`,
        exchanges: [five('', { ...max(5), content: [{ ...toolUse(), [key]: null }] })],
        at: { pointer: `/content/0/${key}` },
      })),
      {
        that: 'a block of an unknown type without a type',
        exchanges: [five('', { ...max(5), content: [{ type: null }] })],
        at: { pointer: '/content/0/type' },
        also: ['resp.content.array'],
      },
    ],
    other: [{ that: 'no reply that was cut', outcome: 'not-observed', exchanges: [replyTo('minimal', 'ok')] }],
  },
  'stop.sequence.reason': {
    satisfied: [
      {
        that: 'stop_sequence, both ways',
        exchanges: [replyTo('counting-stop', TO_SIX, fired('7')), streamed('counting-stop', TO_SIX, fired('7'))],
      },
    ],
    violated: [
      {
        that: 'counted on through it',
        exchanges: [replyTo('counting-stop', TO_FORTY)],
        at: { pointer: '/content' },
      },
      {
        that: 'ended there, named in stop_sequence, and says end_turn',
        exchanges: [replyTo('counting-stop', TO_SIX, { stop_sequence: '7' })],
        at: { pointer: '/stop_reason' },
      },
      {
        that: 'the same in a stream',
        exchanges: [streamed('counting-stop', TO_SIX, { stop_sequence: '7' })],
        at: { pointer: '/stop_reason' },
      },
      {
        that: 'ended there and says end_turn',
        exchanges: [replyTo('counting-stop', TO_SIX), replyTo('counting', TO_FORTY)],
      },
      {
        that: 'the same without the comma, in a stream',
        exchanges: [streamed('counting-stop', '1, 2, 3, 4, 5, 6'), replyTo('counting', TO_FORTY)],
      },
    ],
    other: [
      {
        that: 'a model that counts no further by itself',
        outcome: 'inconclusive',
        exchanges: [replyTo('counting-stop-two', '1, 2, 3'), replyTo('counting', '1, 2, 3')],
      },
      {
        that: 'stop_sequences rejected',
        outcome: 'rejected',
        exchanges: [
          replyTo('counting', '1, 2, 3'),
          exchange({
            fixture: 'counting-stop',
            status: 400,
            json: errorBody('invalid_request_error', 'stop_sequences: unknown field'),
          }),
        ],
      },
      {
        that: 'everything rejected',
        outcome: 'inconclusive',
        exchanges: [exchange({ fixture: 'counting-stop', status: 401, json: errorBody() })],
      },
      {
        that: 'a model that does not count',
        outcome: 'inconclusive',
        exchanges: [replyTo('counting-stop', 'I am a parrot, 7 times.')],
      },
      {
        that: 'cut by max_tokens right before it',
        outcome: 'inconclusive',
        exchanges: [replyTo('counting-stop', TO_SIX, { stop_reason: 'max_tokens' })],
      },
      {
        that: 'no connection',
        outcome: 'unreachable',
        exchanges: [
          exchange({
            fixture: 'counting-stop',
            noResponse: true,
            failure: { kind: 'unreachable', message: 'rejected' },
          }),
        ],
      },
    ],
  },
  'stop.sequence.value': {
    satisfied: [{ that: 'the sequence', exchanges: [replyTo('counting-stop', TO_SIX, fired('7'))] }],
    violated: [
      { that: 'null', exchanges: [replyTo('counting-stop', TO_SIX, fired(null))], at: { pointer: '/stop_sequence' } },
      { that: 'the sequence with a blank', exchanges: [replyTo('counting-stop', TO_SIX, fired(' 7'))] },
    ],
    other: [{ that: 'none fired', outcome: 'not-observed', exchanges: [replyTo('counting-stop', TO_FORTY)] }],
  },
  'stop.sequence.excluded': {
    satisfied: [{ that: 'text up to it', exchanges: [replyTo('counting-stop', TO_SIX, fired('7'))] }],
    violated: [
      {
        that: 'text with it',
        exchanges: [replyTo('counting-stop', `${TO_SIX}7`, fired('7'))],
        at: { pointer: '/content' },
      },
      {
        that: 'text with more than it, in a stream',
        exchanges: [streamed('counting-stop', `${TO_SIX}7, 8`, fired('7'))],
      },
    ],
    other: [{ that: 'none fired', outcome: 'not-observed', exchanges: [replyTo('minimal', 'ok')] }],
  },
  'stop.sequence.multichar': {
    satisfied: [
      { that: 'text up to it', exchanges: [streamed('counting-stop-long', '1, 2, 3, 4, 5, ', fired('6, 7'))] },
    ],
    violated: [
      {
        that: 'its first character came through',
        exchanges: [streamed('counting-stop-long', TO_SIX.slice(0, -2), fired('6, 7'))],
      },
      { that: 'its first characters came through', exchanges: [streamed('counting-stop-long', TO_SIX, fired('6, 7'))] },
      { that: 'counted on through it', exchanges: [streamed('counting-stop-long', TO_FORTY, used(119))] },
      {
        that: 'ended inside it and says end_turn',
        exchanges: [streamed('counting-stop-long', TO_SIX), replyTo('counting', TO_FORTY)],
      },
    ],
    other: [
      {
        that: 'a model that does not count',
        outcome: 'inconclusive',
        exchanges: [streamed('counting-stop-long', 'No.')],
      },
    ],
  },
  'stop.sequence.which': {
    satisfied: [
      { that: 'the one that came first', exchanges: [replyTo('counting-stop-two', '1, 2, 3,', fired(' 4'))] },
    ],
    violated: [
      {
        that: 'the one that the request names first',
        exchanges: [replyTo('counting-stop-two', '1, 2, 3,', fired(' 9'))],
      },
    ],
    other: [
      {
        that: 'none is named',
        outcome: 'inconclusive',
        exchanges: [replyTo('counting-stop-two', '1, 2, 3, ', fired(null))],
      },
      {
        that: 'not counted',
        outcome: 'inconclusive',
        exchanges: [replyTo('counting-stop-two', 'All 39: ', fired('9'))],
      },
    ],
  },
  'stop.refusal.http-200': {
    satisfied: [{ that: 'a reply', exchanges: [replyTo('minimal', '', { stop_reason: 'refusal' })] }],
    violated: [
      { that: 'an error by type', exchanges: [exchange({ status: 400, json: errorBody('refusal', 'no') })] },
      { that: 'an error by code', exchanges: [exchange({ status: 400, json: { error: { code: 'content_filter' } } })] },
    ],
    other: [{ that: 'nothing rejected', outcome: 'not-observed', exchanges: [replyTo('minimal', 'ok')] }],
  },
  'stop.refusal.streamed': {
    satisfied: [
      { that: 'a refusal in both transports', exchanges: [declined(), declinedInStream()] },
      {
        that: 'neither with details',
        exchanges: [declined({ stop_details: null }), declinedInStream({ stop_details: null })],
      },
    ],
    violated: [
      {
        that: 'the end of a turn in the stream',
        exchanges: [declined(), declinedInStream({ stop_reason: 'end_turn', stop_details: null })],
        at: { pointer: '/stop_reason' },
      },
      {
        that: 'the end of a turn without streaming',
        exchanges: [declined({ stop_reason: 'end_turn', stop_details: null }), declinedInStream()],
        at: { pointer: '/stop_reason' },
      },
    ],
    other: [
      {
        that: 'no details without streaming',
        outcome: 'deviates',
        exchanges: [declined({ stop_details: null }), declinedInStream()],
      },
      {
        that: 'a stream that thought until its limit',
        outcome: 'inconclusive',
        exchanges: [declined(), declinedInStream({ stop_reason: 'max_tokens', stop_details: null })],
      },
      {
        that: 'a stream that thought and says nothing',
        outcome: 'inconclusive',
        exchanges: [
          declined(),
          declinedInStream({
            content: [{ type: 'thinking', thinking: 'x', signature: 's' }],
            stop_reason: 'end_turn',
            stop_details: null,
          }),
        ],
      },
      {
        that: 'no details in the stream',
        outcome: 'deviates',
        exchanges: [declined(), declinedInStream({ stop_details: null })],
      },
      {
        that: 'a string that the model answers',
        outcome: 'not-observed',
        exchanges: [
          declined({ content: [textBlock('ok')], stop_reason: 'end_turn', stop_details: null }),
          declinedInStream({ content: [textBlock('ok')], stop_reason: 'end_turn', stop_details: null }),
        ],
      },
      {
        that: 'a string that only the model behind the stream answers',
        outcome: 'inconclusive',
        exchanges: [
          declined(),
          declinedInStream({ content: [textBlock('ok')], stop_reason: 'end_turn', stop_details: null }),
        ],
      },
      {
        that: 'a stream that is rejected',
        outcome: 'inconclusive',
        exchanges: [
          declined(),
          exchange({ fixture: 'refusal-string', transport: 'stream', status: 400, json: errorBody() }),
        ],
      },
      { that: 'nothing sent', outcome: 'not-observed', exchanges: [replyTo('minimal', 'ok')] },
    ],
  },
  'stop.pause-turn.resume': {
    satisfied: [
      {
        that: 'continued',
        exchanges: [paused(1, { json: message({ stop_reason: 'pause_turn' }) }), paused(2, { json: message() })],
      },
    ],
    violated: [
      {
        that: 'rejected',
        exchanges: [
          paused(1, { json: message({ stop_reason: 'pause_turn' }) }),
          paused(2, { status: 400, json: errorBody() }),
        ],
      },
    ],
    other: [
      { that: 'no pause', outcome: 'not-observed', exchanges: [paused(1, { json: message() })] },
      { that: 'no server tools', outcome: 'rejected', exchanges: [paused(1, { status: 400, json: errorBody() })] },
    ],
  },
});

import type { Json, JsonObject } from '../../core/json.js';
import { streamTools } from '../../suites/stream-tools.js';
import { events, exchange, message, toolUse } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

const CALL = { content: [toolUse()], stop_reason: 'tool_use' };
/** message_start 1, block 0: start 2, deltas from 3 on. */
const LIST = events(message(CALL), 8);
const LAST = LIST.length - 3;
const of = (list: readonly JsonObject[], fixture = 'tool-forced', more: object = {}) =>
  exchange({ fixture, events: list, ...more });
const start = (change: JsonObject) =>
  of(LIST.with(1, { ...LIST[1], content_block: { ...(LIST[1]!.content_block as JsonObject), ...change } }));
const searched = (input: Json = {}) => {
  const list = events(message({ content: [toolUse()] }), 8);
  const content_block = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input };
  return list.with(1, { ...list[1], content_block });
};
/** The call with these fragments as its input. */
const fragments = (...parts: unknown[]) =>
  LIST.filter(({ type }) => type !== 'content_block_delta').toSpliced(
    2,
    0,
    ...parts.map((partial_json) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json } as JsonObject,
    })),
  );
const named = (name: string, list: JsonObject[]): JsonObject[] =>
  list.map((event) =>
    event.type === 'content_block_start'
      ? { ...event, content_block: { ...(event.content_block as JsonObject), name } }
      : event,
  );
const noArguments = (...parts: unknown[]) => of(named('get_time', fragments(...parts)), 'call-without-arguments');
const GOOD = { that: 'a legal call', exchanges: [of(LIST)] };
const TEXT = exchange({ events: events(message()) });
const eager = { request: { body: { tools: [{ name: 'get_weather', eager_input_streaming: true }] } } };
const two = (second: JsonObject = toolUse({ city: 'Rome' })) =>
  events(message({ content: [toolUse({ city: 'Paris' }, { id: 'toolu_a' }), second], stop_reason: 'tool_use' }));
const PARIS = {
  city: 'Paris',
  people: 3,
  children: 0,
  price: 12.5,
  outside: true,
  smoking: false,
  dishes: ['Soup', 'Crème brûlée'],
  details: { code: '0042', note: 'Window seat, second floor, close to the door' },
};
const ROME = { ...PARIS, city: 'Rome' };
const STORY = { path: 'story.txt', content: 'A lighthouse stood where the land ended. '.repeat(6) };
const story = (piece: number) =>
  of(
    events(
      message({
        content: [toolUse(STORY, { name: 'write_file' })],
        stop_reason: 'tool_use',
        usage: { input_tokens: 9, output_tokens: 90 },
      }),
      piece,
    ),
    'call-long',
  );
const truncated = (stop_reason: string, keep = 4) => {
  const list = events(
    message({ content: [toolUse(STORY)], stop_reason, usage: { input_tokens: 9, output_tokens: 12 } }),
    8,
  );
  return [...list.slice(0, keep), ...list.slice(-3)];
};

testRequirements(streamTools, {
  'stream.tool.start': {
    satisfied: [
      GOOD,
      {
        that: 'a blank after the colon',
        exchanges: [exchange({ raw: bodyOf(LIST).replace('"input":{}', '"input": {}') })],
      },
      { that: 'a search whose deltas carry the input', exchanges: [of(searched())] },
      {
        that: 'a search that comes whole',
        exchanges: [of(searched({ q: 'x' }).filter(({ type }) => type !== 'content_block_delta'))],
      },
      {
        that: 'an escaped name',
        exchanges: [exchange({ raw: bodyOf(LIST).replace('"input":{}', '"\\u0069\\u006Eput":{}') })],
      },
    ],
    violated: [
      { that: 'no id', exchanges: [start({ id: undefined })], at: { event: 2, pointer: '/content_block/id' } },
      { that: 'an empty name', exchanges: [start({ name: '' })], at: { event: 2, pointer: '/content_block/name' } },
      { that: 'no input', exchanges: [start({ input: undefined })], at: { event: 2, pointer: '/content_block/input' } },
      { that: 'the whole input', exchanges: [start({ input: { city: 'Paris' } })] },
      { that: 'a search without input', exchanges: [of(searched(null))], at: { pointer: '/content_block/input' } },
      { that: 'a search with its input at both places', exchanges: [of(searched({ q: 'x' }))] },
      {
        that: 'an empty input of another spelling',
        exchanges: [exchange({ raw: bodyOf(LIST).replace('"input":{}', '"input":{ }') })],
      },
    ],
    other: [{ that: 'no call', outcome: 'not-observed', exchanges: [TEXT] }],
  },
  'stream.tool.delta-type': {
    satisfied: [GOOD],
    violated: [
      {
        that: 'an object',
        exchanges: [of(fragments({ city: 'Paris' }))],
        at: { event: 3, pointer: '/delta/partial_json' },
      },
    ],
  },
  'stream.tool.concat-json': {
    satisfied: [GOOD, { that: 'nothing', exchanges: [of(fragments(''))] }],
    violated: [
      { that: 'a cut text', exchanges: [of(fragments('{"city":', '"Par'))], at: { event: 4 } },
      { that: 'something after it', exchanges: [of(fragments('{"city":"Paris"}', '{"city":"Rome"}'))] },
      { that: 'JSON inside a string', exchanges: [of(fragments(JSON.stringify('{"city":"Paris"}')))] },
    ],
    other: [
      { that: 'cut by max_tokens', outcome: 'not-observed', exchanges: [of(truncated('max_tokens'), 'call-cut')] },
      {
        that: 'a tool that streams eagerly',
        outcome: 'not-observed',
        exchanges: [of(fragments('{"city":'), 'tool-forced', eager)],
      },
      { that: 'broken off', outcome: 'not-observed', exchanges: [of(LIST.slice(0, LAST - 1))] },
    ],
  },
  'stream.tool.no-args': {
    satisfied: [
      { that: 'one empty fragment', exchanges: [noArguments('')] },
      { that: 'no fragment', exchanges: [noArguments()] },
      { that: 'an empty object', exchanges: [noArguments('', '{', '}')] },
    ],
    violated: [
      { that: 'null', exchanges: [noArguments('null')], also: ['stream.tool.concat-json'] },
      {
        that: 'an empty string as input at the start',
        exchanges: [
          of(
            named('get_time', fragments()).map((event) =>
              event.type === 'content_block_start'
                ? { ...event, content_block: { ...(event.content_block as JsonObject), input: '' } }
                : event,
            ),
            'call-without-arguments',
          ),
        ],
        also: ['stream.tool.start'],
      },
    ],
    other: [
      { that: 'made-up arguments', outcome: 'inconclusive', exchanges: [noArguments('{"zone":"UTC"}')] },
      {
        that: 'no call',
        outcome: 'inconclusive',
        exchanges: [exchange({ fixture: 'call-without-arguments', events: events(message()) })],
      },
    ],
  },
  'stream.tool.fragmented': {
    satisfied: [{ that: 'in pieces', exchanges: [story(40)] }],
    violated: [{ that: 'in one piece', exchanges: [story(5000)] }],
    other: [
      { that: 'a short input in one piece', outcome: 'not-observed', exchanges: [of(events(message(CALL), 5000))] },
    ],
  },
  'stream.tool.parallel-blocks': {
    satisfied: [{ that: 'two blocks', exchanges: [of(two(), 'calls-streamed')] }],
    violated: [
      { that: 'one id', exchanges: [of(two(toolUse({ city: 'Rome' }, { id: 'toolu_a' })), 'calls-streamed')] },
      {
        that: 'one index',
        exchanges: [
          of(
            two().map((event) => (event.index === 1 ? { ...event, index: 0 } : event)),
            'calls-streamed',
          ),
        ],
        also: ['stream.order.index-consecutive'],
      },
    ],
    other: [{ that: 'one call', outcome: 'not-observed', exchanges: [of(LIST)] }],
  },
  'stream.tool.stop-reason': {
    satisfied: [
      GOOD,
      {
        that: 'max_tokens right behind the call',
        exchanges: [
          of(events(message({ ...CALL, stop_reason: 'max_tokens', usage: { input_tokens: 9, output_tokens: 200 } }))),
        ],
      },
    ],
    violated: [
      {
        that: 'end_turn',
        exchanges: [of(events(message({ ...CALL, stop_reason: 'end_turn' })))],
        at: { pointer: '/delta/stop_reason' },
      },
    ],
    other: [{ that: 'no call', outcome: 'not-observed', exchanges: [TEXT] }],
  },
  'stream.tool.truncated': {
    satisfied: [
      { that: 'max_tokens', exchanges: [of(truncated('max_tokens'), 'call-cut')] },
      {
        that: 'max_tokens without the stop of the block',
        exchanges: [
          of(
            truncated('max_tokens').filter(({ type }) => type !== 'content_block_stop'),
            'call-cut',
          ),
        ],
      },
    ],
    violated: [
      { that: 'tool_use', exchanges: [of(truncated('tool_use'), 'call-cut')] },
      {
        that: 'no end',
        exchanges: [of(truncated('max_tokens').slice(0, -1), 'call-cut')],
        also: ['stream.order.message-stop-last'],
      },
    ],
    other: [
      {
        that: 'all of it went into hidden thinking',
        outcome: 'inconclusive',
        exchanges: [
          exchange({ fixture: 'call-cut', events: events(message({ content: [], stop_reason: 'max_tokens' })) }),
        ],
      },
    ],
  },
  'stream.tool.input-equal': {
    satisfied: [
      { that: 'the same inputs', exchanges: [typed('json', PARIS, ROME), typed('stream', PARIS, ROME)] },
      { that: 'one call less', exchanges: [typed('json', PARIS, ROME), typed('stream', PARIS)] },
      {
        that: 'the right values in a later try',
        exchanges: [typed('json', PARIS, ROME), typed('stream', PARIS, {}), typed('stream', PARIS, ROME)],
      },
      {
        that: 'more than was dictated',
        exchanges: [typed('json', PARIS), typed('stream', { ...PARIS, wish: 'a candle' })],
      },
    ],
    violated: [
      {
        that: 'the second input lost',
        exchanges: [typed('json', PARIS, ROME), typed('stream', PARIS, {}), typed('stream', PARIS, {})],
        at: { pointer: '/content/1/input/people' },
      },
      {
        that: 'a number as a string',
        exchanges: [
          typed('json', PARIS, ROME),
          typed('stream', { ...PARIS, people: '3' }, ROME),
          typed('stream', { ...PARIS, people: '3' }, { ...ROME, people: '3' }),
        ],
        at: { pointer: '/content/0/input/people' },
      },
      {
        that: 'a list without its members',
        exchanges: [
          typed('json', PARIS),
          typed('stream', { ...PARIS, dishes: [] }),
          typed('stream', { ...PARIS, dishes: [] }),
        ],
        at: { pointer: '/content/0/input/dishes' },
      },
      {
        that: 'a number as a string where nothing is streamed',
        exchanges: [
          typed('json', { ...PARIS, people: '3' }),
          typed('json', { ...PARIS, people: '3' }),
          typed('stream', PARIS),
        ],
        at: { pointer: '/content/0/input/people' },
      },
      {
        that: 'a truncated text',
        exchanges: [
          typed('json', PARIS),
          typed('stream', { ...PARIS, details: { code: '0042', note: 'Window' } }),
          typed('stream', { ...PARIS, details: { code: '0042', note: 'Window' } }),
        ],
        at: { pointer: '/content/0/input/details/note' },
      },
    ],
    other: [
      {
        that: 'another value each time',
        outcome: 'inconclusive',
        exchanges: [
          typed('json', PARIS),
          typed('stream', { ...PARIS, people: 2 }),
          typed('stream', { ...PARIS, price: 12 }),
        ],
      },
      {
        that: 'replies without streaming that were truncated',
        outcome: 'inconclusive',
        exchanges: [truncatedCall({ people: 3 }), truncatedCall({ people: 3 }), typed('stream', PARIS)],
      },
      {
        that: 'one stream only',
        outcome: 'inconclusive',
        exchanges: [typed('json', PARIS), typed('stream', { ...PARIS, people: '3' })],
      },
      {
        that: 'an input that is a string, which tu.shape judges',
        outcome: 'inconclusive',
        exchanges: [inputAsString(), inputAsString(), typed('stream', PARIS)],
      },
      {
        that: 'a model that never writes the values',
        outcome: 'inconclusive',
        exchanges: [typed('json', { city: 'Paris' }), typed('stream', {}), typed('stream', {})],
      },
      {
        that: 'no call',
        outcome: 'inconclusive',
        exchanges: [exchange({ fixture: 'call-typed', json: message() })],
      },
    ],
  },
});

/** The same as JSON without streaming whose `input` is the JSON as text. */
function inputAsString() {
  const block = { ...toolUse(PARIS, { name: 'book_table' }), input: JSON.stringify(PARIS) };
  return exchange({ fixture: 'call-typed', json: message({ content: [block], stop_reason: 'tool_use' }) });
}

/** A reply with two calls that have these inputs, with or without streaming. */
function typed(transport: 'json' | 'stream', ...inputs: JsonObject[]) {
  const content = inputs.map((input) => toolUse(input, { name: 'book_table' }));
  const reply = message({ content, stop_reason: 'tool_use' });
  return exchange({
    fixture: 'call-typed',
    ...(transport === 'json' ? { json: reply } : { events: events(reply) }),
  });
}

/** A reply without streaming that ended in the middle of its call. */
function truncatedCall(input: JsonObject) {
  const content = [toolUse(input, { name: 'book_table' })];
  return exchange({ fixture: 'call-typed', json: message({ content, stop_reason: 'max_tokens' }) });
}

function bodyOf(list: readonly JsonObject[]): string {
  return exchange({ events: list }).response!.body;
}

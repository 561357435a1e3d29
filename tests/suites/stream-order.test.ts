import type { JsonObject } from '../../core/json.js';
import { streamOrder } from '../../suites/stream-order.js';
import { type ExchangeParts, errorBody, events, exchange, message, textBlock, toolUse } from '../support/exchange.js';
import { type Cases, testRequirements } from '../support/requirements.js';

/** message_start 1, block 0 (text) 2 to 5, block 1 (tool) 6 to 9, message_delta 10, message_stop 11. */
const LIST = events(message({ content: [textBlock('so it'), toolUse({})], stop_reason: 'tool_use' })).toSpliced(7, 0, {
  type: 'content_block_delta',
  index: 1,
  delta: { type: 'input_json_delta', partial_json: '{}' },
});
const of = (list: readonly JsonObject[], more: object = {}) => exchange({ events: list, ...more });
const without = (...numbers: number[]) => of(LIST.filter((_, at) => !numbers.includes(at + 1)));
const inserted = (number: number, ...added: JsonObject[]) => of(LIST.toSpliced(number - 1, 0, ...added));
const started = (change: JsonObject) => {
  const [first, ...rest] = LIST;
  return of([{ ...first, message: { ...(first!.message as JsonObject), ...change } }, ...rest]);
};
const reindexed = (index: (before: number) => number) =>
  of(LIST.map((event) => (typeof event.index === 'number' ? { ...event, index: index(event.index) } : event)));
const stop = (index: number): JsonObject => ({ type: 'content_block_stop', index });
const GOOD = { that: 'a legal stream', exchanges: [of(LIST)] };
const FILLED = {
  that: 'pings and unknown events anywhere',
  exchanges: [of(LIST.flatMap((event) => [{ type: 'ping' }, { type: 'news' }, event]))],
};

/** Of a rule of the grammar, whose own tests say more. */
const rule = (
  that: string,
  broken: ReturnType<typeof of>,
  event: number | undefined,
  more: Partial<Cases> = {},
): Cases => ({
  satisfied: [GOOD, FILLED],
  violated: [{ that, exchanges: [broken], at: event === undefined ? {} : { event } }],
  ...more,
});

const json = (fixture: string, text: string, parts: JsonObject = {}) =>
  exchange({ fixture, json: message({ content: [textBlock(text)], ...parts }) });
const streamed = (fixture: string, text: string, parts: JsonObject = {}) =>
  exchange({ fixture, events: events(message({ content: [textBlock(text)], ...parts })) });
/** A text whose deltas each hold all of it so far. */
const snapshots = (fixture: string, texts: readonly string[]) => {
  const list = events(message({ content: [textBlock('x')] }), 1);
  const at = list.findIndex(({ type }) => type === 'content_block_delta');
  const deltas = texts.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }));
  return exchange({ fixture, events: list.toSpliced(at, 1, ...deltas) });
};
const EMPTY = events(message({ content: [], stop_reason: 'stop_sequence', stop_sequence: '1' }));
const empty = (list: readonly JsonObject[]) => of(list, { fixture: 'counting-stop-at-once' });
const control = streamed('counting', '1, 2, 3');
const reset: ExchangeParts = { failure: { kind: 'reset', message: 'the connection ended early' } };
const slow: ExchangeParts = { failure: { kind: 'timeout-body', message: 'no end within 60 s' } };

testRequirements(streamOrder, {
  'stream.order.message-start-first': rule('no message_start', without(1), 1, {
    other: [
      { that: 'an empty body', outcome: 'violated', exchanges: [exchange({ raw: '' })] },
      {
        that: 'given up before the first event',
        outcome: 'not-observed',
        exchanges: [exchange({ raw: '', endMs: 60, ...slow })],
      },
      {
        that: 'an error instead of a message',
        outcome: 'satisfied',
        exchanges: [of([errorBody('overloaded_error', 'busy')])],
      },
    ],
  }),
  'stream.order.one-message-start': rule('a second one', inserted(2, LIST[0]!), 2),
  'stream.start.content-empty': {
    satisfied: [GOOD],
    violated: [
      {
        that: 'a block',
        exchanges: [started({ content: [textBlock('')] })],
        at: { event: 1, pointer: '/message/content' },
      },
      { that: 'null', exchanges: [started({ content: null })] },
    ],
  },
  'stream.start.stop-null': {
    satisfied: [GOOD],
    violated: [
      {
        that: 'a stop reason',
        exchanges: [started({ stop_reason: 'end_turn' })],
        at: { event: 1, pointer: '/message/stop_reason' },
      },
    ],
    other: [{ that: 'no stop_sequence', outcome: 'deviates', exchanges: [started({ stop_sequence: undefined })] }],
  },
  'stream.start.usage': {
    satisfied: [
      GOOD,
      { that: 'zero input tokens', exchanges: [started({ usage: { input_tokens: 0, output_tokens: 0 } })] },
    ],
    violated: [
      {
        that: 'no usage',
        exchanges: [started({ usage: undefined })],
        at: { event: 1, pointer: '/message/usage/input_tokens' },
      },
      { that: 'no output_tokens', exchanges: [started({ usage: { input_tokens: 3 } })] },
      {
        that: 'a negative count',
        exchanges: [started({ usage: { input_tokens: -3, output_tokens: 1 } })],
        also: ['usage.input.positive'],
      },
    ],
  },
  'stream.start.message-shape': {
    satisfied: [GOOD],
    violated: [
      { that: 'no id', exchanges: [started({ id: undefined })], at: { event: 1, pointer: '/message/id' } },
      { that: 'another role', exchanges: [started({ role: 'user' })] },
      { that: 'no message', exchanges: [of([{ type: 'message_start' }, ...LIST.slice(1)])] },
    ],
  },
  'stream.order.block-start-before-delta': rule('deltas and a stop without a start', without(6), 6),
  'stream.order.index-consecutive': {
    satisfied: [GOOD, FILLED],
    violated: [
      { that: 'from one on', exchanges: [reindexed((index) => index + 1)], at: { event: 2 } },
      { that: 'always zero', exchanges: [reindexed(() => 0)], at: { event: 6 } },
      { that: 'with a gap', exchanges: [reindexed((index) => index * 2)], at: { event: 6 } },
    ],
  },
  'stream.order.no-overlap': {
    satisfied: [GOOD],
    violated: [
      {
        that: 'all stops at the end',
        exchanges: [of([...LIST.slice(0, 4), ...LIST.slice(5, 8), stop(0), stop(1), ...LIST.slice(9)])],
        at: { event: 5 },
      },
    ],
    other: [{ that: 'one block', outcome: 'not-observed', exchanges: [streamed('minimal', 'ok')] }],
  },
  'stream.order.block-stop': {
    satisfied: [
      GOOD,
      {
        that: 'none for a call that max_tokens cut',
        exchanges: [
          of(
            events(
              message({
                content: [toolUse({ city: 'P' })],
                stop_reason: 'max_tokens',
                usage: { input_tokens: 9, output_tokens: 16 },
              }),
            ).filter(({ type }) => type !== 'content_block_stop'),
          ),
        ],
      },
      { that: 'none before an error', exchanges: [of([...LIST.slice(0, 8), errorBody()])] },
    ],
    violated: [{ that: 'no stop', exchanges: [without(5)], at: { event: 5 } }],
    other: [{ that: 'broken off within the first block', outcome: 'not-observed', exchanges: [of(LIST.slice(0, 3))] }],
  },
  'stream.order.stop-once': rule('two stops of a call', inserted(10, stop(1)), 10),
  'stream.order.message-delta-after-blocks': rule(
    'before the last stop',
    of([...LIST.slice(0, 8), LIST[9]!, LIST[8]!, LIST[10]!]),
    10,
  ),
  'stream.order.message-delta-present': {
    satisfied: [GOOD, FILLED],
    violated: [
      { that: 'none', exchanges: [without(10)], at: { event: 10 } },
      {
        that: 'null as stop reason',
        exchanges: [of(LIST.with(9, { ...LIST[9], delta: { stop_reason: null, stop_sequence: null } }))],
        at: { event: 10 },
        also: ['resp.stop-reason.enum'],
      },
    ],
    other: [{ that: 'broken off before it', outcome: 'not-observed', exchanges: [of(LIST.slice(0, 5))] }],
  },
  'stream.order.message-stop-last': {
    satisfied: [GOOD, FILLED],
    violated: [
      { that: 'no message_stop', exchanges: [without(11)] },
      { that: 'broken off in a block', exchanges: [of(LIST.slice(0, 7), reset)] },
      { that: 'the end twice', exchanges: [of([...LIST, ...LIST.slice(9)])], at: { event: 12 } },
      { that: 'silence until time was up', exchanges: [of(LIST.slice(0, 5), { endMs: 60_000, ...slow })] },
    ],
    other: [
      { that: 'still sending when time was up', outcome: 'not-observed', exchanges: [of(LIST.slice(0, 5), slow)] },
      { that: 'an error event', outcome: 'not-observed', exchanges: [of([...LIST.slice(0, 5), errorBody()])] },
    ],
  },
  'stream.order.nothing-after-error': {
    satisfied: [{ that: 'the end', exchanges: [of([...LIST.slice(0, 4), errorBody(), { type: 'ping' }])] }],
    violated: [{ that: 'the rest of the stream', exchanges: [inserted(5, errorBody())], at: { event: 6 } }],
    other: [{ that: 'no error', outcome: 'not-observed', exchanges: [of(LIST)] }],
  },
  'stream.order.empty-reply': {
    satisfied: [
      { that: 'the three events', exchanges: [control, empty(EMPTY)] },
      { that: 'with an empty text block', exchanges: [control, streamed('counting-stop-at-once', '')] },
    ],
    violated: [
      {
        that: 'no message_delta',
        exchanges: [control, empty([EMPTY[0]!, EMPTY[2]!])],
        also: ['stream.order.message-delta-present'],
      },
      {
        that: 'an empty body',
        exchanges: [control, exchange({ fixture: 'counting-stop-at-once', raw: '' })],
        also: ['stream.order.message-start-first'],
      },
    ],
    other: [
      {
        that: 'a preface before the stop sequence',
        outcome: 'inconclusive',
        exchanges: [control, streamed('counting-stop-at-once', 'Sure: ')],
      },
      {
        that: 'streams with content lack it as well',
        outcome: 'inconclusive',
        exchanges: [of(events(message()).slice(0, -1), { fixture: 'counting' }), empty(EMPTY.slice(0, -1))],
      },
    ],
  },
  'stream.equivalence': {
    satisfied: [
      { that: 'the same text', exchanges: [json('product', '391'), streamed('product-streamed', '391')] },
      {
        that: 'the same text once the model does as it is asked',
        exchanges: [json('product', '391'), streamed('product-streamed', '1'), streamed('product-streamed', '391')],
      },
      {
        that: 'the same count without the line feed behind it',
        exchanges: [json('counting', '1, 2, 3, 4\n'), streamed('counting', '1, 2, 3, 4')],
      },
      {
        that: 'counts of different length',
        exchanges: [
          json('counting', '1, 2, 3, 4, 5, 6'),
          streamed('counting', '1, 2, 3, 4, 5', { usage: { input_tokens: 14, output_tokens: 3 } }),
        ],
      },
    ],
    violated: [
      { that: 'the first piece is lost', exchanges: [json('product', '391'), streamed('product-streamed', '1')] },
      { that: 'all of it is lost', exchanges: [json('product', '391'), streamed('product-streamed', '')] },
      {
        that: 'the beginning of the count is lost',
        exchanges: [json('counting', '1, 2, 3, 4, 5'), streamed('counting', ', 3, 4, 5, 6')],
      },
      {
        that: 'the rest of the count is lost, though its tokens are counted',
        exchanges: [json('counting', '1, 2, 3, 4, 5, 6'), streamed('counting', '1, 2, 3')],
      },
      {
        that: 'every delta repeats the text so far',
        exchanges: [json('counting', '1, 2, 3, 4, 5'), snapshots('counting', ['1', '1, 2', '1, 2, 3', '1, 2, 3, 4'])],
      },
      {
        that: 'another stop reason',
        exchanges: [json('product', '391'), streamed('product-streamed', '391', { stop_reason: 'refusal' })],
      },
    ],
    other: [
      {
        that: 'another answer',
        outcome: 'inconclusive',
        exchanges: [json('product', '17 times 23 is 391.'), streamed('product-streamed', '391')],
      },
      {
        that: 'a wrong answer',
        outcome: 'inconclusive',
        exchanges: [json('product', '391'), streamed('product-streamed', '401')],
      },
      {
        that: 'cut before the first word',
        outcome: 'inconclusive',
        exchanges: [
          json('product', '391'),
          streamed('product-streamed', '', {
            stop_reason: 'max_tokens',
            usage: { input_tokens: 9, output_tokens: 512 },
          }),
        ],
      },
    ],
  },
});

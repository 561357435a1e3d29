import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { grammar } from '../../suites/stream/grammar.js';
import { errorBody, events, exchange, message, textBlock, toolUse } from '../support/exchange.js';

/** Rule and event number of every violation. */
const told = (list: readonly JsonObject[]) =>
  grammar(exchange({ events: list }).stream!).violations.map(({ rule, event }) => [rule, event]);

/** message_start, text block 0 in events 2 to 5, tool block 1 in events 6 to 9, message_delta 10, message_stop 11. */
const LEGAL = events(
  message({ content: [textBlock('ok, so'), toolUse({}, { id: 'toolu_1' })], stop_reason: 'tool_use' }),
).toSpliced(7, 0, { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{}' } });

const without = (...numbers: number[]) => LEGAL.filter((_, at) => !numbers.includes(at + 1));
const inserted = (number: number, ...added: JsonObject[]) => LEGAL.toSpliced(number - 1, 0, ...added);
const changed = (number: number, change: (event: JsonObject) => JsonObject) =>
  LEGAL.map((event, at) => (at + 1 === number ? change(event) : event));
const cut = (after: number) => LEGAL.slice(0, after);
const reindexed = (index: (index: number) => unknown) =>
  LEGAL.map((event) =>
    typeof event.index === 'number' ? ({ ...event, index: index(event.index) } as JsonObject) : event,
  );
const textDelta = (index: number): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'text_delta', text: '\n' },
});
const stop = (index: number): JsonObject => ({ type: 'content_block_stop', index });

test('the stream that the cases below change is legal, and the numbers are as they say', () => {
  expect(told(LEGAL)).toEqual([]);
  expect(LEGAL.map(({ type, index }) => `${String(type)}${index === undefined ? '' : ` ${String(index)}`}`)).toEqual([
    'message_start',
    ...['content_block_start 0', 'content_block_delta 0', 'content_block_delta 0', 'content_block_stop 0'],
    ...['content_block_start 1', 'content_block_delta 1', 'content_block_delta 1', 'content_block_stop 1'],
    'message_delta',
    'message_stop',
  ]);
});

describe('legal', () => {
  const maxTokens = (event: JsonObject): JsonObject => ({
    ...event,
    delta: { stop_reason: 'max_tokens', stop_sequence: null },
  });
  test.each<[string, readonly JsonObject[]]>([
    ['a ping before message_start', inserted(1, { type: 'ping' })],
    ['a ping after message_stop', [...LEGAL, { type: 'ping' }]],
    ['events of unknown name anywhere', inserted(4, { type: 'news', index: 99 })],
    ['several message_delta', inserted(10, { type: 'message_delta', delta: {}, usage: { output_tokens: 1 } })],
    ['a block without deltas', without(3, 4)],
    ['no block at all', without(2, 3, 4, 5, 6, 7, 8, 9)],
    ['an error event instead of anything', [errorBody()]],
    ['an error event in the middle of a block', [...cut(3), errorBody()]],
    ['a second error event', [...cut(3), errorBody(), errorBody()]],
    [
      'unknown block types with unknown deltas',
      [
        LEGAL[0]!,
        { type: 'content_block_start', index: 0, content_block: { type: 'block_of_next_year' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'delta_of_next_year' } },
        stop(0),
        ...LEGAL.slice(9),
      ],
    ],
    [
      'no stop of a tool call that max_tokens cuts off',
      without(9).map((event) => (event.type === 'message_delta' ? maxTokens(event) : event)),
    ],
  ])('%s', (_, list) => expect(told(list)).toEqual([]));
});

describe('each malformed stream gives the violation of its fault, at its event, and no other', () => {
  test.each<[string, readonly JsonObject[], [string, number | null][]]>([
    ['no events', [], [['message-start-first', null]]],
    ['pings alone', [{ type: 'ping' }], [['message-start-first', null]]],
    ['no message_start', without(1), [['message-start-first', 1]]],
    [
      'message_start after the first block began',
      [LEGAL[1]!, LEGAL[0]!, ...LEGAL.slice(2)],
      [['message-start-first', 1]],
    ],
    ['two message_start', inserted(2, LEGAL[0]!), [['one-message-start', 2]]],
    ['message_start again inside a block', inserted(4, LEGAL[0]!), [['one-message-start', 4]]],
    ['a second message after a call that was cut off', [...cut(8), ...LEGAL], [['one-message-start', 9]]],
    ['a second message after message_stop', [...LEGAL, ...LEGAL], [['one-message-start', 12]]],
    ['a delta for a block that was never started', without(6), [['block-start-before-delta', 6]]],
    ['a stop for a block that was never started', inserted(10, stop(4)), [['block-start-before-delta', 10]]],
    [
      // anyllm_proxy 0.17.0: a thinking block takes the index of the text, and the text goes on with an index of its own.
      'a text for a block that was never started, after another one took its index',
      [
        ...LEGAL.slice(0, 2),
        { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'So.' } },
        stop(0),
        textDelta(1),
        stop(1),
        ...LEGAL.slice(9),
      ],
      [
        ['index-consecutive', 3],
        ['block-start-before-delta', 6],
      ],
    ],
    ['a first index of 1', reindexed((index) => index + 1), [['index-consecutive', 2]]],
    ['a gap between indices', reindexed((index) => 2 * index), [['index-consecutive', 6]]],
    ['always index 0', reindexed(() => 0), [['index-consecutive', 6]]],
    ['no index', reindexed(() => undefined), [['index-consecutive', 2]]],
    ['an index in a string', reindexed(String), [['index-consecutive', 2]]],
    ['a fractional index', reindexed((index) => index + 0.5), [['index-consecutive', 2]]],
    [
      'an index that is wrong at the start alone',
      changed(6, (event) => ({ ...event, index: 5 })),
      [['index-consecutive', 6]],
    ],
    ['a start before every delta', inserted(4, LEGAL[1]!), [['index-consecutive', 4]]],
    [
      'overlapping blocks, all stops at the end',
      [...without(5, 9, 10, 11), stop(0), stop(1), ...LEGAL.slice(9)],
      [['no-overlap', 5]],
    ],
    ['no stop of a block', without(5), [['block-stop', 5]]],
    ['no stop of the last block', without(9), [['block-stop', 9]]],
    ['a stop with a wrong index', changed(9, (event) => ({ ...event, index: 3 })), [['block-start-before-delta', 9]]],
    ['two stops of one block', inserted(10, stop(1)), [['stop-once', 10]]],
    ['deltas after the stop of their block', inserted(6, textDelta(0), textDelta(0)), [['block-stop', 6]]],
    ['no message_delta', without(10), [['message-delta-present', 10]]],
    [
      'message_delta without a stop_reason',
      changed(10, (event) => ({ ...event, delta: {} })),
      [['message-delta-present', 10]],
    ],
    [
      'message_delta with null as stop_reason',
      changed(10, (event) => ({ ...event, delta: { stop_reason: null } })),
      [['message-delta-present', 10]],
    ],
    [
      'message_delta before the last stop',
      [...cut(8), LEGAL[9]!, LEGAL[8]!, LEGAL[10]!],
      [['message-delta-after-blocks', 10]],
    ],
    [
      'a block after message_delta',
      [...without(11), ...LEGAL.slice(5, 9).map((event) => ({ ...event, index: 2 })), LEGAL[10]!],
      [['message-delta-after-blocks', 11]],
    ],
    ['no message_stop', without(11), [['message-stop-last', null]]],
    ['an end in the middle of a block', cut(8), [['message-stop-last', null]]],
    ['ending twice', [...LEGAL, ...LEGAL.slice(9)], [['message-stop-last', 12]]],
    ['a block after message_stop', [...LEGAL, ...LEGAL.slice(1, 5)], [['message-stop-last', 12]]],
    ['an error after message_stop', [...LEGAL, errorBody()], [['message-stop-last', 12]]],
    ['content after an error event', inserted(4, errorBody()), [['nothing-after-error', 5]]],
    ['a text_delta for a tool call', inserted(8, textDelta(1)), [['matches-block', 8]]],
    ['a delta without a type', changed(3, (event) => ({ ...event, delta: { text: 'ok' } })), [['matches-block', 3]]],
    [
      'an invented delta for a text block',
      changed(3, (event) => ({ ...event, delta: { type: 'reasoning_delta' } })),
      [['matches-block', 3]],
    ],
  ])('%s', (_, list, expected) => expect(told(list)).toEqual(expected));

  test('two faults give two violations, in the order of the events', () => {
    expect(told([...without(5, 11)])).toEqual([
      ['block-stop', 5],
      ['message-stop-last', null],
    ]);
  });
});

describe('a violation', () => {
  test('says where the stream stood, what was expected there and what was sent', () => {
    const stream = exchange({ events: inserted(4, { type: 'content_block_stop', index: 7 }) }).stream!;
    const first = grammar(stream).violations[0];
    expect(first).toEqual({
      rule: 'block-start-before-delta',
      event: 4,
      offset: stream.events[3]!.frame.offset,
      state: 'inside block 0 (text)',
      expected: 'content_block_delta or content_block_stop of block 0 (text)',
      actual: 'content_block_stop (index 7)',
      message: '`content_block_stop` for block 7, which was never started.',
    });
  });

  test('at the end of the body has its offset and no event', () => {
    const stream = exchange({ events: cut(8) }).stream!;
    expect(grammar(stream).violations[0]).toMatchObject({
      event: null,
      offset: stream.frames.at(-1)!.end,
      state: 'inside block 1 (tool_use)',
      actual: 'the end of the body',
    });
  });
});

describe('faults of framing say nothing about the order', () => {
  const body = (change: (event: JsonObject) => string) =>
    grammar(exchange({ raw: LEGAL.map((event) => `${change(event)}\n\n`).join('') }).stream!).violations;

  test.each<[string, (event: JsonObject) => string]>([
    ['no frame has a name', (event) => `data: ${JSON.stringify(event)}`],
    ['no data has a type', ({ type, ...rest }) => `event: ${String(type)}\ndata: ${JSON.stringify(rest)}`],
    ['every name is another', (event) => `event: chunk\ndata: ${JSON.stringify(event)}`],
    [
      'every type is another',
      (event) => `event: ${String(event.type)}\ndata: ${JSON.stringify({ ...event, type: 'chunk' })}`,
    ],
    ['no data is JSON', (event) => `event: ${String(event.type)}\ndata: {${JSON.stringify(event)}`],
  ])('%s', (_, change) => expect(body(change)).toEqual([]));
});

test('a hundred thousand blocks with a fault each are read in one go, and the list of faults stays short', () => {
  const list = Array.from(
    { length: 100_000 },
    (_, index): JsonObject => ({ type: 'content_block_start', index: index % 7 }),
  );
  expect(grammar(exchange({ events: list }).stream!).violations).toHaveLength(100);
});

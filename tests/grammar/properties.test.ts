import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { grammar } from '../../suites/stream/grammar.js';
import { legalStream, withFiller } from '../support/arbitrary.js';
import { exchange } from '../support/exchange.js';

const violations = (list: readonly JsonObject[]) => grammar(exchange({ events: list }).stream!).violations;
const isFiller = ({ type }: JsonObject): boolean => type === 'ping' || type === 'news_of_next_year';

const strewn = legalStream.chain(({ events }) => withFiller(events));

test('every legal stream is accepted, whatever filler stands in it', () => {
  fc.assert(
    fc.property(strewn, (list) => {
      expect(violations(list)).toEqual([]);
    }),
  );
});

/** A legal stream and the place of one of its events. */
const place = strewn.chain((list) => fc.record({ list: fc.constant(list), at: fc.nat(list.length - 1) }));

/** Leaving these out, or sending them twice, gives another legal stream. */
const HARMLESS = {
  removed: ['content_block_delta', 'ping', 'news_of_next_year'],
  doubled: ['content_block_delta', 'message_delta', 'ping', 'news_of_next_year'],
};

test('an event left out is told at the event that follows it', () => {
  fc.assert(
    fc.property(place, ({ list, at }) => {
      const found = violations(list.toSpliced(at, 1));
      const next = list.findIndex((event, index) => index > at && !isFiller(event));
      const expected = HARMLESS.removed.includes(String(list[at]!.type)) ? [] : [next === -1 ? null : next];
      expect(found.map(({ event }) => event)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('an event sent twice is told at its repetition', () => {
  fc.assert(
    fc.property(place, ({ list, at }) => {
      const found = violations(list.toSpliced(at, 0, list[at]!));
      const expected = HARMLESS.doubled.includes(String(list[at]!.type)) ? [] : [at + 2];
      expect(found.map(({ event }) => event)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('an index that belongs to no block is told at its event', () => {
  fc.assert(
    fc.property(place, fc.integer({ min: 10, max: 99 }), ({ list, at }, index) => {
      fc.pre(typeof list[at]!.index === 'number');
      const found = violations(list.with(at, { ...list[at], index }));
      expect(found.map(({ event }) => event)).toEqual([at + 1]);
    }),
    { numRuns: 500 },
  );
});

test('a stream that breaks off anywhere is told once, at its end', () => {
  fc.assert(
    fc.property(place, ({ list, at }) => {
      const rest = list.slice(0, at);
      fc.pre(!rest.some(({ type }) => type === 'message_stop'));
      expect(violations(rest).map(({ event }) => event)).toEqual([null]);
    }),
  );
});

test('whatever comes in whatever order, nothing throws and every violation points into the stream', () => {
  const event = fc.oneof(
    fc.record({
      type: fc.constantFrom<JsonObject['type']>(
        ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
        ...['message_delta', 'message_stop', 'error', 'ping', null, 7],
      ),
      index: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constant(null), fc.constant('1'), fc.constant(undefined)),
      content_block: fc.oneof(fc.constant({ type: 'text' }), fc.constant({ type: 'tool_use' }), fc.constant(null)),
      delta: fc.oneof(
        fc.constant({ type: 'text_delta', text: 'x' }),
        fc.constant({ stop_reason: 'end_turn' }),
        fc.constant([]),
      ),
    }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (list) => {
      for (const { event: number, message, expected, actual } of violations(list as JsonObject[])) {
        if (number !== null) expect(list[number - 1]).toBeDefined();
        expect([message, expected, actual].every((line) => line !== '' && !line.includes('undefined'))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { caching } from '../../suites/caching.js';
import { type Circumstances, errorBody, events, exchange, judgeOf, message } from '../support/exchange.js';

const judge = judgeOf(caching, { claims: { profiles: ['core', 'caching'] } });
/** A server without a cache ignores `cache_control`. */
const UNCLAIMED: Circumstances = { claims: { profiles: ['core'] } };
const outcome = (...given: Parameters<typeof judge>) => judge(...given).outcome;

const rejected = (fixture: string, status = 400, parts = {}) =>
  exchange({ fixture, status, json: errorBody(), ...parts });
const says = (fixture: string, parts: JsonObject = {}) => exchange({ fixture, json: message(parts) });
const counts = (input: number, created: unknown, read: unknown, more: JsonObject = {}): JsonObject => ({
  input_tokens: input,
  cache_creation_input_tokens: created as never,
  cache_read_input_tokens: read as never,
  output_tokens: 4,
  ...more,
});
const streams = (fixture: string, usage: JsonObject, turn = 1) =>
  exchange({ fixture, turn, events: events(message({ usage })) });
const accepted = [exchange(), exchange({ fixture: 'cheap' })];

describe('cache.accepted.everywhere', () => {
  it.each([
    ['accepted', [says('cache-four-plain')], 'satisfied'],
    ['rejected', [rejected('cache-four-plain')], 'rejected'],
    ['a server error', [rejected('cache-four-plain', 500)], 'violated'],
    ['an order to wait', [rejected('cache-four-plain', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.accepted.everywhere', [...accepted, ...exchanges])).toBe(expected);
  });
});

describe('cache.ttl', () => {
  const good = says('cache-four');
  it.each([
    ['both times accepted', [good], 'satisfied'],
    ['an hour accepted by itself', [rejected('cache-four'), says('cache-hour')], 'satisfied'],
    ['an hour rejected by itself', [rejected('cache-four'), rejected('cache-hour')], 'rejected'],
    [
      'both times accepted, others rejected',
      [good, rejected('cache-control-ttl'), rejected('cache-control-type')],
      'satisfied',
    ],
    ['two hours accepted', [good, says('cache-control-ttl'), rejected('cache-control-type')], 'violated'],
    ['another type accepted', [good, rejected('cache-control-ttl'), says('cache-control-type')], 'violated'],
    ['another type makes it fail', [good, rejected('cache-control-type', 500)], 'violated'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.ttl', [...accepted, ...exchanges])).toBe(expected);
  });
});

describe('cache.four-breakpoints', () => {
  it.each([
    ['four accepted, five rejected', [says('cache-four'), rejected('cache-five')], 'satisfied'],
    ['five accepted', [says('cache-four'), says('cache-five')], 'violated'],
    ['five make it fail', [says('cache-four'), rejected('cache-five', 500)], 'violated'],
    ['four make it fail', [rejected('cache-four', 500), rejected('cache-four-plain', 500)], 'inconclusive'],
    ['all rejected', [rejected('cache-four'), rejected('cache-four-plain'), rejected('cache-five')], 'inconclusive'],
    ['an order to wait', [says('cache-four'), rejected('cache-five', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.four-breakpoints', [...accepted, ...exchanges])).toBe(expected);
  });

  it('is declined where caching is not claimed and marks are rejected', () => {
    const none = [...accepted, rejected('cache-four'), rejected('cache-four-plain'), rejected('cache-five')];
    expect(outcome('cache.four-breakpoints', none, { claims: { profiles: ['core'] } })).toBe('rejected');
  });
});

describe('cache.write-then-read', () => {
  const long = (first: JsonObject, second: JsonObject) => [
    streams('cache-long', first),
    streams('cache-long', second, 2),
  ];
  const none = { input_tokens: 6000, output_tokens: 4 };
  it.each([
    ['written, then read', long(counts(12, 6000, 0), counts(12, 0, 6000)), 'satisfied'],
    ['read at once, after an earlier run', long(counts(12, 0, 6000), counts(12, 0, 6000)), 'satisfied'],
    ['written twice', long(counts(12, 6000, 0), counts(12, 6000, 0)), 'violated'],
    ['zeros both times', long(counts(6012, 0, 0), counts(6012, 0, 0)), 'violated'],
    ['no counts at all', long(none, none), 'violated'],
    ['no token counted, cached or not', long(counts(0, 0, 0), counts(0, 0, 0)), 'inconclusive'],
    ['no token counted the second time', long(counts(12, 6000, 0), counts(0, 0, 0)), 'inconclusive'],
    ['read, and the write is not told', long(counts(6012, 0, 0), counts(12, 0, 6000)), 'violated'],
    ['the mark is rejected', [rejected('cache-long'), rejected('cache-long', 400, { turn: 2 })], 'rejected'],
    [
      'a server error the second time',
      [streams('cache-long', counts(12, 6000, 0)), rejected('cache-long', 500, { turn: 2 })],
      'violated',
    ],
    ['an order to wait', [rejected('cache-long', 429)], 'inconclusive'],
    ['no second request', [streams('cache-long', counts(12, 6000, 0))], 'not-observed'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.write-then-read', [...accepted, ...exchanges])).toBe(expected);
  });

  it.each([
    ['zeros both times', long(counts(6012, 0, 0), counts(6012, 0, 0)), 'not-observed'],
    ['no counts at all', long(none, none), 'not-observed'],
    ['written twice', long(counts(12, 6000, 0), counts(12, 6000, 0)), 'violated'],
    ['written, then read', long(counts(12, 6000, 0), counts(12, 0, 6000)), 'satisfied'],
  ] as const)('%s, where the contract does not claim caching', (_what, exchanges, expected) => {
    expect(judge('cache.write-then-read', [...accepted, ...exchanges], UNCLAIMED).outcome).toBe(expected);
  });

  it('fails in silence: the answer looks like any other', () => {
    const judgement = judge('cache.write-then-read', [...accepted, ...long(counts(6012, 0, 0), counts(6012, 0, 0))]);
    expect(judgement).toMatchObject({
      silent: true,
      findings: [{ exchange: 'cache-long/stream' }, { exchange: 'cache-long/stream.2' }],
    });
  });
});

describe('cache.usage.fields', () => {
  it.each([
    ['both, in the reply', [says('cache-top-level', { usage: counts(12, 0, 0) })], 'satisfied'],
    ['both, from message_start on', [streams('cache-four', counts(12, 3, 0))], 'satisfied'],
    ['null', [says('cache-top-level', { usage: counts(12, null, 0) })], 'violated'],
    ['below zero', [says('cache-top-level', { usage: counts(12, 0, -5) })], 'violated'],
    ['a string', [streams('cache-four', counts(12, '3', 0))], 'violated'],
    ['neither', [streams('cache-four', { input_tokens: 12, output_tokens: 4 })], 'violated'],
    ['neither, of a prompt without marks', [says('minimal')], 'not-observed'],
    ['a refusal', [rejected('cache-four')], 'not-observed'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.usage.fields', exchanges)).toBe(expected);
  });

  it.each([
    ['null', { usage: counts(12, null, null) }, [], 'not-observed'],
    ['neither', { usage: { input_tokens: 12, output_tokens: 4 } }, [], 'not-observed'],
    ['a string', { usage: counts(12, '3', null) }, [], 'violated'],
    [
      'null, and elsewhere a count',
      { usage: counts(12, null, 0) },
      [says('cheap', { usage: counts(1, 9, 0) })],
      'violated',
    ],
  ] as const)('%s, where the contract does not claim caching', (_what, parts, others, expected) => {
    const exchanges = [says('cache-top-level', parts), ...others];
    expect(judge('cache.usage.fields', exchanges, UNCLAIMED).outcome).toBe(expected);
  });

  it('sees counts that come with message_delta alone', () => {
    const list = events(message({ usage: counts(12, 3, 0) }));
    const start = (list[0]!.message as JsonObject).usage as JsonObject;
    delete start.cache_creation_input_tokens;
    Object.assign(list.at(-2)!.usage as JsonObject, { cache_creation_input_tokens: 3 });
    expect(judge('cache.usage.fields', [exchange({ fixture: 'cache-four', events: list })])).toMatchObject({
      outcome: 'violated',
      findings: [{ at: { event: 1, pointer: '/message/usage/cache_creation_input_tokens' } }],
    });
  });
});

describe('cache.usage.sum', () => {
  const split = (created: number, minutes: unknown, hour: unknown) =>
    says('cache-long', {
      usage: counts(12, created, 0, {
        cache_creation: { ephemeral_5m_input_tokens: minutes as never, ephemeral_1h_input_tokens: hour as never },
      }),
    });
  it.each([
    ['it adds up', split(6000, 5000, 1000), 'satisfied'],
    ['it is zero', split(0, 0, 0), 'satisfied'],
    ['it does not add up', split(6000, 5000, 0), 'violated'],
    ['the parts are strings', split(6000, '5000', '1000'), 'violated'],
    ['there are no parts', says('cache-long', { usage: counts(12, 6000, 0) }), 'not-observed'],
    [
      'the parts are null',
      says('cache-long', { usage: counts(12, 6000, 0, { cache_creation: null }) }),
      'not-observed',
    ],
  ] as const)('%s', (_what, own, expected) => {
    expect(outcome('cache.usage.sum', [own])).toBe(expected);
  });
});

describe('cache.usage.input-excludes', () => {
  it.each([
    ['few tokens beside the cached ones', counts(12, 0, 6000), 'satisfied'],
    ['a rest of a block besides', counts(140, 0, 5888), 'satisfied'],
    ['all tokens beside the cached ones', counts(6012, 0, 6000), 'violated'],
    ['all tokens beside the written ones', counts(6012, 6000, 0), 'violated'],
    ['nothing cached', counts(6012, 0, 0), 'not-observed'],
  ] as const)('%s', (_what, usage, expected) => {
    expect(outcome('cache.usage.input-excludes', [streams('cache-long', usage)])).toBe(expected);
  });

  it('a prompt of the server itself is no cached one', () => {
    const own = (count: number) => [
      streams('cache-long', counts(count, 0, 6000)),
      streams('minimal', counts(1510, 0, 0)),
    ];
    expect(outcome('cache.usage.input-excludes', own(1512))).toBe('satisfied');
    expect(outcome('cache.usage.input-excludes', own(7512))).toBe('violated');
  });
});

describe('cache.top-level', () => {
  it.each([
    ['accepted in the pre-warming request', [says('cache-prewarm')], 'satisfied'],
    ['accepted by itself', [rejected('cache-prewarm'), says('cache-top-level')], 'satisfied'],
    ['rejected by itself', [rejected('cache-prewarm'), rejected('cache-top-level')], 'rejected'],
    ['a server error by itself', [rejected('cache-prewarm'), rejected('cache-top-level', 500)], 'violated'],
    ['not tried by itself', [rejected('cache-prewarm')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.top-level', [...accepted, ...exchanges])).toBe(expected);
  });
});

const warm = (parts: JsonObject = {}, fixture = 'cache-prewarm') =>
  says(fixture, { content: [], stop_reason: 'max_tokens', usage: counts(3, 6000, 0), ...parts });

describe('cache.prewarm', () => {
  it.each([
    ['written, no content', [warm()], 'satisfied'],
    ['already there', [warm({ usage: counts(3, 0, 6000) })], 'satisfied'],
    ['with a mark on a block alone', [rejected('cache-prewarm'), warm({}, 'cache-prewarm-marked')], 'satisfied'],
    ['nothing written', [warm({ usage: counts(6003, 0, 0) })], 'violated'],
    ['no token counted, cached or not', [warm({ usage: counts(0, 0, 0) })], 'inconclusive'],
    [
      'no token counted, and text',
      [warm({ usage: counts(0, 0, 0), content: [{ type: 'text', text: 'ok' }] })],
      'violated',
    ],
    ['text', [warm({ content: [{ type: 'text', text: 'ok' }] })], 'violated'],
    ['rejected', [rejected('cache-prewarm'), rejected('cache-prewarm-marked')], 'rejected'],
    ['a server error', [rejected('cache-prewarm', 500), rejected('cache-prewarm-marked', 500)], 'violated'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('cache.prewarm', [...accepted, ...exchanges])).toBe(expected);
  });
});

describe('req.max-tokens.zero', () => {
  it.each([
    ['no content', [warm({ usage: { input_tokens: 6003, output_tokens: 0 } })], 'satisfied'],
    ['a refusal', [rejected('cache-prewarm'), rejected('cache-prewarm-marked')], 'satisfied'],
    ['text', [warm({ content: [{ type: 'text', text: 'ok' }] })], 'violated'],
    ['content null', [warm({ content: null })], 'violated'],
    ['another stop reason', [warm({ stop_reason: 'end_turn' })], 'violated'],
    ['no usage', [warm({ usage: undefined })], 'violated'],
    ['a prompt that a classifier declines', [warm({ stop_reason: 'refusal' })], 'inconclusive'],
    ['a server error', [rejected('cache-prewarm', 500)], 'violated'],
    ['an order to wait', [rejected('cache-prewarm', 529)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('req.max-tokens.zero', [...accepted, ...exchanges])).toBe(expected);
  });
});

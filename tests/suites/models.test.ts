import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { models } from '../../suites/models.js';
import {
  type Circumstances,
  type ExchangeParts,
  errorBody,
  exchange,
  judgeOf,
  MODEL,
  message,
} from '../support/exchange.js';
import { rejection } from '../support/rejections.js';

const CLAIMED: Circumstances = { claims: { profiles: ['core', 'models'] } };
const UNCLAIMED: Circumstances = { claims: { profiles: ['core'] } };
const judge = judgeOf(models, CLAIMED);

const model = (id: string, parts: JsonObject = {}): JsonObject => ({
  type: 'model',
  id,
  display_name: id.toUpperCase(),
  created_at: '2026-10-21T00:00:00Z',
  ...parts,
});
const page = (ids: readonly string[], parts: JsonObject = {}): JsonObject => ({
  data: ids.map((id) => model(id)),
  has_more: false,
  first_id: ids[0] ?? null,
  last_id: ids.at(-1) ?? null,
  ...parts,
});
const list = (json: unknown = page(['a', 'b', 'c'])) => exchange({ fixture: 'models-list', json });
const absent = (fixture: string, parts: ExchangeParts = {}) =>
  exchange({ fixture, status: 404, json: errorBody('not_found_error', 'no such path'), ...parts });
const OPENAI = { object: 'list', data: [{ id: 'a', object: 'model', created: 1, owned_by: 'x' }] };
const turn = (fixture: string, number: number, json: unknown, parts: ExchangeParts = {}) =>
  exchange({ fixture, turn: number, json, ...parts });

describe('models.list.shape', () => {
  it.each([
    ['a page', page(['a', 'b']), 'satisfied'],
    ['an empty page', page([]), 'satisfied'],
    ['a page with more in it', page(['a'], { object: 'list' }), 'satisfied'],
    ['the list of another protocol', OPENAI, 'violated'],
    ['has_more missing', page(['a'], { has_more: undefined }), 'violated'],
    ['has_more as a word', page(['a'], { has_more: 'no' }), 'violated'],
    ['the wrong last_id', page(['a', 'b'], { last_id: 'a' }), 'violated'],
    ['first_id null beside a model', page(['a'], { first_id: null }), 'violated'],
    ['a list without page', [model('a')], 'violated'],
    ['a wrong item, which is not the matter here', page(['a'], { data: [{ id: 'a' }] }), 'satisfied'],
  ] as const)('%s', (_what, json, outcome) => {
    expect(judge('models.list.shape', [list(json)]).outcome).toBe(outcome);
  });

  it.each([
    ['no such path', absent('models-list'), 'rejected'],
    ['no such method', rejection('models-list', 405), 'rejected'],
    ['a credential that is good for messages', rejection('models-list', 401), 'violated'],
    ['a crash', rejection('models-list', 500), 'violated'],
    ['a web page', exchange({ fixture: 'models-list', transport: 'json', raw: '<!doctype html>' }), 'violated'],
    ['a rate limit', rejection('models-list', 429), 'inconclusive'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('models.list.shape', [answer, exchange({ fixture: 'cheap' })]).outcome).toBe(outcome);
  });

  it('is not judged by a credential that opens nothing else either', () => {
    expect(judge('models.list.shape', [rejection('models-list', 401)]).outcome).toBe('inconclusive');
  });

  it('is declined where a valid key may not ask for it', () => {
    const cheap = exchange({ fixture: 'cheap' });
    const forbidden = (type: string) => exchange({ fixture: 'models-list', status: 403, json: errorBody(type, 'no') });
    expect(judge('models.list.shape', [cheap, forbidden('permission_error')]).outcome).toBe('rejected');
    expect(judge('models.list.shape', [cheap, forbidden('api_error')]).outcome).toBe('violated');
    expect(judge('models.list.shape', [forbidden('permission_error')]).outcome).toBe('inconclusive');
  });
});

describe('models.item.shape', () => {
  const with_ = (parts: JsonObject) => list(page(['a', 'b'], { data: [model('a'), model('b', parts)] }));
  it.each([
    ['four fields', list(), 'satisfied'],
    ['fields that nobody knows', with_({ owned_by: 'x' }), 'satisfied'],
    ['no type', with_({ type: undefined }), 'violated'],
    ['another type', with_({ type: 'llm' }), 'violated'],
    ['no display_name', with_({ display_name: undefined }), 'violated'],
    ['seconds as created_at', with_({ created_at: 1_700_000_000 }), 'violated'],
    ['a date that is no time', with_({ created_at: '21.10.2026' }), 'violated'],
    ['an item that is a string', list(page(['a'], { data: ['a'] })), 'violated'],
    ['capabilities in another form', with_({ capabilities: ['vision'] }), 'deviates'],
    ['no models', list(page([])), 'not-observed'],
    ['no list', absent('models-list'), 'rejected'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('models.item.shape', [answer]).outcome).toBe(outcome);
  });

  it('names the place', () => {
    expect(judge('models.item.shape', [with_({ display_name: 5 })])).toMatchObject({
      findings: [{ at: { pointer: '/data/1/display_name' } }],
    });
  });
});

const first = (retrieved: Exchange | null, used: Exchange | null = null, listed: unknown = page(['a', 'b'])) => [
  list(),
  turn('models-first', 1, listed),
  ...(retrieved === null ? [] : [retrieved]),
  ...(used === null ? [] : [used]),
];
const retrieved = (json: unknown, parts: ExchangeParts = {}) => turn('models-first', 2, json, parts);

describe('models.retrieve', () => {
  it.each([
    ['the same model', first(retrieved(model('a'))), 'satisfied'],
    ['the same model with more to say', first(retrieved(model('a', { max_tokens: 5 }))), 'satisfied'],
    ['another model', first(retrieved(model('b'))), 'violated'],
    ['a limit as text', first(retrieved(model('a', { max_tokens: '64k' }))), 'deviates'],
    [
      'another limit than in the list',
      first(retrieved(model('a', { max_tokens: 5 })), null, page(['a'], { data: [model('a', { max_tokens: 7 })] })),
      'deviates',
    ],
    [
      'a limit that the list leaves open',
      first(retrieved(model('a', { max_tokens: null })), null, page(['a'], { data: [model('a', { max_tokens: 7 })] })),
      'satisfied',
    ],
    ['another name', first(retrieved(model('a', { display_name: 'x' }))), 'violated'],
    ['no object', first(retrieved([])), 'violated'],
    ['a listed model that is not found', first(absent('models-first', { turn: 2 })), 'rejected'],
    ['a crash', first(rejection('models-first', 500, { turn: 2 })), 'violated'],
    ['no models', first(null, null, page([])), 'not-observed'],
    ['an item without id', first(null, null, page(['a'], { data: [{}] })), 'inconclusive'],
    [
      'an item that plays the judge',
      first(null, null, page(['a'], { data: [{ outcome: 'satisfied' }] })),
      'inconclusive',
    ],
    ['no list', [absent('models-list'), absent('models-first')], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('models.retrieve', exchanges).outcome).toBe(outcome);
  });
});

describe('models.retrieve.unknown', () => {
  it.each([
    ['404', [list(), absent('models-unknown')], CLAIMED, 'satisfied'],
    ['400', [list(), rejection('models-unknown')], CLAIMED, 'violated'],
    ['a model', [list(), exchange({ fixture: 'models-unknown', json: model('x') })], CLAIMED, 'violated'],
    ['no list', [absent('models-list'), absent('models-unknown')], CLAIMED, 'inconclusive'],
    ['no list, and none claimed', [absent('models-list'), absent('models-unknown')], UNCLAIMED, 'rejected'],
  ] as const)('%s', (_what, exchanges, circumstances, outcome) => {
    expect(judge('models.retrieve.unknown', exchanges, circumstances).outcome).toBe(outcome);
  });
});

const one = (id: string, more: boolean, parts: JsonObject = {}) => page([id], { has_more: more, ...parts });
const walk = (...pages: unknown[]) => pages.map((json, index) => turn('models-walk', index + 1, json));
const shortWalk = (...pages: unknown[]) => pages.map((json, index) => turn('models-walk-short', index + 1, json));
const notSetUp = (number: number) =>
  exchange({
    fixture: 'models-walk',
    turn: number,
    noResponse: true,
    failure: { kind: 'not-set-up', message: 'turn 1 did not answer with /last_id' },
  });

describe('models.paging', () => {
  it.each([
    ['the rest on the second page', [list(), ...walk(one('a', true), page(['b', 'c']))], 'satisfied'],
    [
      'more pages than are turned',
      [list(page(['a', 'b', 'c', 'd'])), ...walk(one('a', true), page(['b', 'c'], { has_more: true }))],
      'satisfied',
    ],
    [
      'a large limit that is rejected',
      [
        list(),
        ...walk(one('a', true)),
        rejection('models-walk', 400, { turn: 2 }),
        ...shortWalk(one('a', true), one('b', true)),
      ],
      'satisfied',
    ],
    [
      'a small page behind the first that is rejected too',
      [
        list(),
        ...walk(one('a', true)),
        rejection('models-walk', 400, { turn: 2 }),
        ...shortWalk(one('a', true)),
        rejection('models-walk-short', 400, { turn: 2 }),
      ],
      'violated',
    ],
    ['one model, and an empty page behind it', [list(page(['a'])), ...walk(one('a', false), page([]))], 'satisfied'],
    ['no models', [list(page([])), ...walk(page([]))], 'satisfied'],
    ['after_id ignored', [list(), ...walk(one('a', true), page(['a', 'b', 'c']))], 'violated'],
    ['after_id ignored behind the end', [list(page(['a'])), ...walk(one('a', false), one('a', false))], 'satisfied'],
    ['a model left out', [list(), ...walk(one('a', true), page(['c']))], 'violated'],
    ['an early end', [list(), ...walk(one('a', false), page([]))], 'violated'],
    ['another order', [list(), ...walk(one('c', true), page(['b', 'a']))], 'violated'],
    ['no id to go on with', [list(), ...walk(one('a', true, { last_id: null })), notSetUp(2)], 'violated'],
    [
      'the next page rejected',
      [list(), ...walk(one('a', true)), rejection('models-walk', 400, { turn: 2 })],
      'violated',
    ],
    ['the limit ignored on a single page', [list(), ...walk(page(['a', 'b', 'c']))], 'deviates'],
    ['the limit ignored, and more to come', [list(), ...walk(page(['a', 'b'], { has_more: true }))], 'violated'],
    ['items without id', [list(), ...walk(page(['a'], { data: [{}] }))], 'inconclusive'],
    ['no list', [absent('models-list'), absent('models-walk')], 'rejected'],
    [
      'a rate limit on the way',
      [list(), ...walk(one('a', true)), rejection('models-walk', 429, { turn: 2 })],
      'inconclusive',
    ],
    [
      'a list at once that is longer than its page',
      [list(page(['a', 'b'], { has_more: true })), ...walk(one('a', true), page(['b', 'c']))],
      'satisfied',
    ],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('models.paging', exchanges).outcome).toBe(outcome);
  });

  it('is silent about a loop, and names the page', () => {
    expect(judge('models.paging', [list(), ...walk(one('a', true), one('a', true))])).toMatchObject({
      silent: true,
      findings: [{ exchange: 'models-walk/json.2', actual: '"a"' }],
    });
  });
});

describe('models.limit.range', () => {
  const large = turn('models-walk', 2, page(['a']));
  const limitOfAgents = (status: number) => rejection('models-limit-agents', status);
  const rest = (status: number) => rejection('models-walk', status, { turn: 2 });
  it.each([
    ['zero rejected', [list(), large, rejection('models-limit-zero')], CLAIMED, 'satisfied'],
    [
      'zero accepted',
      [list(), large, exchange({ fixture: 'models-limit-zero', json: page([]) })],
      CLAIMED,
      'satisfied',
    ],
    ['zero crashes', [list(), large, rejection('models-limit-zero', 500)], CLAIMED, 'violated'],
    ['1000 rejected', [list(), rest(400), limitOfAgents(400), rejection('models-limit-zero')], CLAIMED, 'deviates'],
    ['1000 crashes', [list(), rest(500), limitOfAgents(500), rejection('models-limit-zero')], CLAIMED, 'violated'],
    [
      '1000 takes too long',
      [list(), turn('models-walk', 2, page(['a']), { endMs: 4_000 }), rejection('models-limit-zero')],
      CLAIMED,
      'deviates',
    ],
    [
      '1000 accepted, though not behind a model',
      [
        list(),
        rest(400),
        exchange({ fixture: 'models-limit-agents', json: page(['a']) }),
        rejection('models-limit-zero'),
      ],
      CLAIMED,
      'satisfied',
    ],
    ['no list', [absent('models-list'), absent('models-limit-agents')], CLAIMED, 'inconclusive'],
    ['no list, and none claimed', [absent('models-list'), absent('models-limit-agents')], UNCLAIMED, 'rejected'],
  ] as const)('%s', (_what, exchanges, circumstances, outcome) => {
    expect(judge('models.limit.range', exchanges, circumstances).outcome).toBe(outcome);
  });
});

describe('models.consistent', () => {
  const reply = turn('models-first', 3, message(), { request: { url: 'http://target.test/v1/messages' } });
  const fails = (status: number) => rejection('models-first', status, { turn: 3 });
  it.each([
    ['a reply', first(retrieved(model('a')), reply), 'satisfied'],
    ['a refusal', [...first(retrieved(model('a')), fails(404)), exchange()], 'violated'],
    ['a crash', [...first(retrieved(model('a')), fails(500)), exchange()], 'violated'],
    [
      'the model of the run, which answers elsewhere',
      [...first(retrieved(model(MODEL)), fails(500), page([MODEL])), exchange()],
      'satisfied',
    ],
    [
      'a target that serves no model',
      [...first(retrieved(model('a')), fails(404)), rejection('minimal')],
      'inconclusive',
    ],
    ['no models, though one answers', [...first(null, null, page([])), exchange()], 'violated'],
    ['no models, and none answers', [...first(null, null, page([])), rejection('minimal')], 'not-observed'],
    ['no list', [absent('models-list'), absent('models-first'), exchange()], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('models.consistent', exchanges).outcome).toBe(outcome);
  });
});

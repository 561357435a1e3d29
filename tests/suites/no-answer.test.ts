/** Why a request shows nothing: each reason, what it is about, and where it ends. */

import { describe, expect, it } from 'vitest';
import type { Exchange, Failure } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { noAnswer, noReply } from '../../suites/judging/no-answer.js';
import { errorBody, exchange } from '../support/exchange.js';

const SHORT = { model: 'm', max_tokens: 16, messages: [] };
const LONG = { model: 'm', max_tokens: 17, messages: [] };

const lost = (failure: Failure, body: object = SHORT): Exchange =>
  exchange({ noResponse: true, failure, request: { body } });
const late = (body: object, limitMs = 120_000): Exchange =>
  lost({ kind: 'timeout-headers', message: 'no answer', limitMs }, body);
const slow = (headersMs: number): Exchange => {
  const other = exchange({ fixture: 'cheap', endMs: headersMs + 1 });
  return { ...other, response: { ...other.response!, headersMs } };
};
const FIXTURES = loadFixtures();
const fixture = (id: string): Fixture => FIXTURES.get(id)!;
const judged = (exchanges: Exchange[], all: Exchange[] = exchanges) => noAnswer(exchanges, { all, fixture });

describe('no answer', () => {
  it.each([
    [{ kind: 'unreachable', message: 'connect ECONNREFUSED' }, 'unreachable', 'connect ECONNREFUSED'],
    [{ kind: 'foreign', message: 'another protocol' }, 'inconclusive', 'another protocol'],
    [{ kind: 'not-set-up', message: 'no file' }, 'inconclusive', 'no file'],
  ] as const)('says why: %o', (failure, outcome, reason) => {
    expect(judged([exchange(), lost(failure)])).toMatchObject({ outcome, reason });
  });

  it('of nothing sent is said as such, and an answer is no reason', () => {
    expect(judged([])).toMatchObject({ outcome: 'not-observed', reason: 'None of its requests was sent' });
    expect(judged([exchange()])).toBe(null);
  });

  it('names the first body that was not read', () => {
    const unread = (fixture: string, message: string): Exchange =>
      exchange({ fixture, raw: 'x'.repeat(9), transport: 'json', failure: { kind: 'too-large', message } });
    expect(judged([exchange(), unread('cheap', 'beyond 4 MiB'), unread('product', 'beyond 5 MiB')])).toMatchObject({
      outcome: 'inconclusive',
      reason: 'cheap/json: beyond 4 MiB. The rest was not read',
    });
  });

  it('of a request to wait is no verdict, and no reply to one that was rejected neither', () => {
    const waiting = exchange({ status: 429, json: errorBody('rate_limit_error', 'wait') });
    expect(judged([waiting])).toMatchObject({ reason: expect.stringContaining('was told to try again later') });
    const rejected = exchange({ status: 400, json: errorBody() });
    expect(noReply([rejected], { all: [rejected], fixture })).toMatchObject({
      reason: expect.stringContaining('Not tested: minimal/json failed'),
    });
    expect(noReply([rejected, exchange()], { all: [rejected], fixture })).toBe(null);
  });
});

describe('a request for more tokens than the model writes', () => {
  const asks = (max_tokens: number, fixture = 'cheap', rest = {}): Exchange =>
    exchange({ fixture, request: { body: { model: 'm', max_tokens, messages: [] } }, ...rest });
  const rejected = (max_tokens: number, text: string, fixture?: string): Exchange =>
    asks(max_tokens, fixture, { status: 400, json: errorBody('invalid_request_error', text) });
  const LIMIT = 'max_tokens: 1024 > 512, which is the maximum allowed number of output tokens for m';

  it('shows nothing', () => {
    expect(judged([rejected(1024, LIMIT)], [asks(512)])).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('does not write as many tokens as cheap/json asks for'),
    });
  });

  it.each([
    ['nothing else was accepted', rejected(1024, LIMIT), []],
    ['as many tokens were accepted elsewhere', rejected(1024, LIMIT), [asks(1024)]],
    ['the reason is another', rejected(1024, 'tools: Input should be a valid list'), [asks(512)]],
    ['the field is only named', rejected(1024, 'max_tokens: Field required'), [asks(512)]],
    ['the reason is the budget', rejected(1024, 'max_tokens must be above thinking.budget_tokens'), [asks(512)]],
    ['the request is invalid', rejected(1024, LIMIT, 'max-tokens-huge'), [asks(512)]],
    ['a requirement of its own judges the limit', rejected(32_000, LIMIT), [asks(512)]],
  ])('is judged where %s', (_what, asked, others) => {
    expect(judged([asked], [asked, ...others])).toBe(null);
  });
});

describe('a request that the suite gave up', () => {
  it('may still have been answered where it asks for more than 16 tokens', () => {
    expect(judged([late(LONG)])).toMatchObject({ reason: expect.stringContaining('--timeout 600') });
    expect(judged([late(SHORT)])).toBe(null);
    expect(judged([late({ messages: [] })])).toBe(null);
  });

  it('is judged after the ten minutes that official clients wait', () => {
    expect(judged([late(LONG, 599_999)])).not.toBe(null);
    expect(judged([late(LONG, 600_000)])).toBe(null);
  });

  it('may still have been answered by a target that took more than a quarter of the limit elsewhere', () => {
    const short = late(SHORT);
    expect(judged([short], [short, slow(30_001)])).not.toBe(null);
    expect(judged([short], [short, slow(30_000)])).toBe(null);
    expect(judged([short], [short, late(SHORT)])).toBe(null);
    expect(judged([short], [short, exchange({ request: { body: LONG } })])).toBe(null);
    expect(judged([short], [short, late(LONG)])).not.toBe(null);
  });
});

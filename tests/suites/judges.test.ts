import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Judge, Requirement } from '../../core/requirement.js';
import { accepted, type RejectionOptions, rejected } from '../../suites/judging/judges.js';
import { deviates, finding, violated } from '../../suites/judging/outcomes.js';
import { hasNoParameters, worst } from '../../suites/judging/tool-views.js';
import { absenceDeviates, gaveUp } from '../../suites/judging/views.js';
import { errorBody, events, exchange, judgeWith, message, textBlock } from '../support/exchange.js';

const requirement = (judge: Judge, ...fixtures: string[]): Requirement => ({
  id: 'x.y',
  level: 'MUST',
  profile: 'core',
  statement: 'The server does something.',
  source: ['S1'],
  fixtures,
  judge,
});
const busy = (fixture: string): Exchange => exchange({ fixture, status: 429, json: errorBody('rate_limit_error') });
const refused = (fixture: string): Exchange => exchange({ fixture, status: 400, json: errorBody() });

describe('accepted()', () => {
  const judge = (...exchanges: Exchange[]) =>
    judgeWith(requirement(accepted(), 'minimal', 'product', 'cheap'), exchanges).outcome;
  test('does not count a request that has to wait while another is accepted', () => {
    expect(judge(exchange(), busy('product'))).toBe('satisfied');
    expect(judge(busy('product'))).toBe('inconclusive');
  });
  test('is a rejection only where the server rejects all that fail', () => {
    const cheap = exchange({ fixture: 'cheap' });
    expect(judge(cheap, exchange(), refused('product'))).toBe('rejected');
    const crash = exchange({ fixture: 'stream-false', status: 500, json: errorBody('api_error') });
    const both = requirement(accepted(), 'product', 'stream-false', 'cheap', 'minimal');
    expect(judgeWith(both, [cheap, exchange(), refused('product'), crash]).outcome).toBe('violated');
  });
});

describe('accepted(), with empty replies', () => {
  const reply = (output_tokens: number, ...content: object[]) =>
    message({ content: content as never, usage: { input_tokens: 14, output_tokens } });
  const empty = (output_tokens: number, attempt = 1) => exchange({ attempt, json: reply(output_tokens) });
  const blank = exchange({ json: reply(0, textBlock(' \n')) });
  const streamed = exchange({ fixture: 'product', events: events(reply(0)) });
  const other = exchange({ fixture: 'cheap' });
  const prewarm = exchange({ json: message({ content: [], stop_reason: 'max_tokens' }) });
  test.each([
    ['no token was written', [other, empty(0)], 'inconclusive'],
    ['a text of white space', [other, blank], 'inconclusive'],
    ['a stream of it', [other, exchange(), streamed], 'inconclusive'],
    ['a token was written, and no reply of the run has content', [empty(2)], 'inconclusive'],
    ['a token was written, while other replies of the run have content', [other, empty(2)], 'satisfied'],
    ['another try has content', [other, empty(0), exchange({ attempt: 2 })], 'satisfied'],
    ['it ended for another reason', [other, prewarm], 'satisfied'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judgeWith(requirement(accepted(), 'minimal', 'product'), exchanges).outcome).toBe(outcome);
  });
  test('say which request shows nothing', () => {
    expect(judgeWith(requirement(accepted(), 'minimal'), [other, empty(0)])).toMatchObject({
      reason: 'The reply to minimal/json is empty, without output tokens, so nothing shows that it was processed',
    });
  });
});

describe('rejected()', () => {
  const judge = (...exchanges: Exchange[]) =>
    judgeWith(requirement(rejected(), 'model-missing', 'model-empty', 'cheap'), [
      exchange({ fixture: 'cheap' }),
      ...exchanges,
    ]).outcome;
  test('does not count an invalid request that has to wait', () => {
    expect(judge(refused('model-missing'), busy('model-empty'))).toBe('satisfied');
    expect(judge(busy('model-empty'))).toBe('inconclusive');
    expect(judge(refused('model-missing'), exchange({ fixture: 'model-empty' }))).toBe('violated');
  });
});

describe('an error under 200 in place of a rejection', () => {
  const inStream = exchange({
    fixture: 'model-missing',
    transport: 'stream',
    events: [errorBody('upstream_error', 'Upstream returned 400')],
  });
  const judge = (options: RejectionOptions, shown: Exchange) =>
    judgeWith(requirement(rejected(options), 'model-missing', 'cheap'), [exchange({ fixture: 'cheap' }), shown]);
  test('is not called accepted, and names the error', () => {
    expect(judge({ silent: true }, inStream)).toMatchObject({
      outcome: 'violated',
      silent: false,
      findings: [
        {
          message: 'HTTP 200 with an error event for an invalid request: `model` is missing.',
          actual: 'HTTP 200, a stream of 1 event, an error event upstream_error "Upstream returned 400"',
        },
      ],
    });
  });
  test('is no reply that could show what was honoured', () => {
    const acceptedInstead = () => null;
    expect(judge({ acceptedInstead }, inStream).outcome).toBe('violated');
    expect(judge({ acceptedInstead }, exchange({ fixture: 'model-missing' })).outcome).toBe('satisfied');
  });
  test('is left to the requirements on errors where accepting is allowed', () => {
    expect(judge({ optional: 'Allowed' }, inStream).outcome).toBe('not-observed');
  });
});

describe('absenceDeviates()', () => {
  const found = finding(exchange(), 'x', 'y', 'z');
  const outcome = (...findings: (typeof found)[]) =>
    judgeWith(requirement(absenceDeviates(() => violated(findings))), []).outcome;
  test('only where every finding is about a missing field', () => {
    const absent = { ...found, absent: true as const };
    expect(outcome(absent, absent)).toBe('deviates');
    expect(outcome(absent, found)).toBe('violated');
  });
});

describe('hasNoParameters()', () => {
  test.each(['properties', 'required', 'anyOf', 'oneOf', 'allOf', '$ref'])('is false with %s', (key) => {
    expect(hasNoParameters({ type: 'object', [key]: ['x'] })).toBe(false);
  });
  test('is true for an object without any of these, and false without a schema', () => {
    expect(hasNoParameters({ type: 'object' })).toBe(true);
    expect(hasNoParameters(null)).toBe(false);
  });
});

describe('worst()', () => {
  const found = finding(exchange(), 'x', 'y', 'z');
  test('is silent where one of the worst is, and has the findings of all of them', () => {
    expect(worst(violated(found), violated(found, true), deviates(found))).toMatchObject({
      outcome: 'violated',
      findings: [found, found],
      silent: true,
    });
    expect(worst({ outcome: 'satisfied' }, deviates(found))).toMatchObject({ outcome: 'deviates' });
  });
});

describe('gaveUp()', () => {
  const gaveUpAfter = (silenceMs: number, maxTokens: number): boolean =>
    gaveUp(
      exchange({
        request: { body: { model: 'm', max_tokens: maxTokens, messages: [] } },
        transport: 'stream',
        raw: ': open\n\n',
        chunks: [{ bytes: 8, atMs: 1_000 }],
        endMs: 1_000 + silenceMs,
        failure: { kind: 'timeout-body', message: 'the time is over' },
      }),
    );
  test('a target that was silent for ten seconds has stopped; one that may think has five minutes', () => {
    expect([gaveUpAfter(9_999, 16), gaveUpAfter(10_000, 16)]).toEqual([true, false]);
    expect([gaveUpAfter(299_999, 17), gaveUpAfter(300_000, 17)]).toEqual([true, false]);
  });
});

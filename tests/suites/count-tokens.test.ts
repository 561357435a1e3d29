import { describe, expect, it } from 'vitest';
import { countTokens } from '../../suites/count-tokens.js';
import { type Circumstances, type ExchangeParts, errorBody, exchange, judgeOf, message } from '../support/exchange.js';
import { rejection, rejects } from '../support/rejections.js';

const CLAIMED: Circumstances = { claims: { profiles: ['core', 'tools', 'count-tokens', 'vision'] } };
const judge = judgeOf(countTokens, CLAIMED);

const counted = (fixture: string, input_tokens: unknown = 14) => exchange({ fixture, json: { input_tokens } });
const accepted = exchange({ json: message({ usage: { input_tokens: 14, output_tokens: 1 } }) });
const absent = (fixture: string, parts: ExchangeParts = {}) =>
  exchange({ fixture, status: 404, json: errorBody('not_found_error', 'no such path'), ...parts });
const lost = (fixture: string) =>
  exchange({ fixture, noResponse: true, failure: { kind: 'reset', message: 'socket hang up' } });

rejects(countTokens, ['count.required'], CLAIMED);

describe('count.basic', () => {
  it.each([
    ['a count', counted('count-short'), 'satisfied'],
    [
      'a count with more beside it',
      exchange({ fixture: 'count-short', json: { input_tokens: 9, new: 1 } }),
      'satisfied',
    ],
    ['a count of zero', counted('count-short', 0), 'violated'],
    ['a count as a string', counted('count-short', '14'), 'violated'],
    ['a fraction', counted('count-short', 1.5), 'violated'],
    ['nothing', exchange({ fixture: 'count-short', json: {} }), 'violated'],
    ['a page', exchange({ fixture: 'count-short', transport: 'json', raw: '<html>' }), 'violated'],
    ['another key needed', rejection('count-short', 403), 'violated'],
    ['a crash', rejection('count-short', 500), 'violated'],
    ['a cut connection', lost('count-short'), 'violated'],
    ['no such path', absent('count-short'), 'rejected'],
    ['not implemented', rejection('count-short', 501), 'rejected'],
    ['a rate limit', rejection('count-short', 429), 'inconclusive'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('count.basic', [accepted, answer]).outcome).toBe(outcome);
  });

  it('is silent about a prompt that counts as nothing', () => {
    expect(judge('count.basic', [accepted, counted('count-short', 0)])).toMatchObject({
      silent: true,
      findings: [{ at: { pointer: '/input_tokens' }, actual: '0' }],
    });
  });

  it('proves nothing while messages are rejected as well', () => {
    expect(judge('count.basic', [rejection('minimal'), rejection('count-short')]).outcome).toBe('inconclusive');
  });
});

describe('count.messages-undisturbed', () => {
  const next = (parts: ExchangeParts = {}) => exchange({ fixture: 'count-and-message', turn: 2, ...parts });
  it.each([
    ['a message after a count', [accepted, counted('count-and-message'), next()], 'satisfied'],
    ['a message after a failed count', [accepted, absent('count-and-message'), next()], 'satisfied'],
    [
      'a failure after a failed count',
      [accepted, absent('count-and-message'), next({ status: 500, json: errorBody('api_error', 'no') })],
      'violated',
    ],
    [
      'a target that rejects every message',
      [rejection('minimal'), absent('count-and-message'), next({ status: 400, json: errorBody() })],
      'inconclusive',
    ],
    ['no second turn', [accepted, counted('count-and-message')], 'not-observed'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('count.messages-undisturbed', exchanges).outcome).toBe(outcome);
  });
});

describe('count.absent-clean', () => {
  const page = (fixture: string) => exchange({ fixture, transport: 'json', raw: '<!doctype html>' });
  const clean = [accepted, absent('count-short'), absent('count-beta')];
  it.each([
    ['an honest 404', clean, 'satisfied'],
    ['an endpoint that is there', [accepted, counted('count-short'), counted('count-beta')], 'not-observed'],
    ['one that is there without the query alone', [accepted, counted('count-short'), absent('count-beta')], 'violated'],
    ['a web page in its place', [accepted, page('count-short'), page('count-beta')], 'violated'],
    ['501', [accepted, absent('count-short'), rejection('count-beta', 501)], 'violated'],
    ['400', [accepted, absent('count-short'), rejection('count-beta', 400)], 'violated'],
    ['500', [accepted, absent('count-short'), rejection('count-beta', 500)], 'violated'],
    [
      'the envelope of others',
      [accepted, absent('count-short'), absent('count-beta', { json: { error: { message: 'Invalid URL' } } })],
      'violated',
    ],
    [
      'another type',
      [accepted, absent('count-short'), absent('count-beta', { json: errorBody('invalid_request_error') })],
      'violated',
    ],
    ['a slow 404', [accepted, absent('count-short'), absent('count-beta', { endMs: 9_000 })], 'violated'],
    ['a rate limit', [accepted, absent('count-short'), rejection('count-beta', 429)], 'inconclusive'],
    ['a target that serves nothing', [absent('minimal'), absent('count-short'), absent('count-beta')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('count.absent-clean', exchanges).outcome).toBe(outcome);
  });
});

describe('count.system-tools', () => {
  const three = (short: unknown, system: unknown, tool: unknown) => [
    accepted,
    counted('count-short', short),
    counted('count-system', system),
    counted('count-tool', tool),
  ];
  it.each([
    ['both count', three(14, 40, 90), 'satisfied'],
    ['the system prompt does not', three(14, 14, 90), 'violated'],
    ['the tool does not', three(14, 40, 14), 'violated'],
    ['everything counts the same', three(1, 1, 1), 'violated'],
    ['a count is missing', three(14, 40, undefined), 'violated'],
    ['there is nothing to compare with', three('14', 40, 90), 'inconclusive'],
    ['a tool is rejected', [...three(14, 40, 90).slice(0, 3), rejection('count-tool')], 'rejected'],
    [
      'nothing is counted',
      [accepted, ...['count-short', 'count-system', 'count-tool'].map((id) => absent(id))],
      'rejected',
    ],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('count.system-tools', exchanges).outcome).toBe(outcome);
  });

  it('leaves out tools where they are rejected and not claimed', () => {
    const withoutTools = [...three(14, 40, 90).slice(0, 3), rejection('count-tool')];
    const claims = { claims: { profiles: ['core', 'count-tokens'] } } as const;
    expect(judge('count.system-tools', withoutTools, claims).outcome).toBe('satisfied');
  });

  it('names the one that does not count', () => {
    expect(judge('count.system-tools', three(14, 40, 14))).toMatchObject({
      silent: true,
      findings: [{ exchange: 'count-tool/json', expected: 'more than 14, the count of count-short/json' }],
    });
  });
});

describe('count.thinking-and-choice', () => {
  const whole = rejection('count-agent');
  const others = ['count-choice', 'count-adaptive', 'count-effort'].map((fixture) => counted(fixture));
  const inMessages = ['choice-auto', 'thinking', 'adaptive-short', 'effort-low'].map((fixture) =>
    exchange({ fixture }),
  );
  it.each([
    ['all of it counts', [counted('count-agent', 90)], 'satisfied'],
    ['each counts by itself', [...inMessages, whole, ...others, counted('count-thinking')], 'satisfied'],
    ['one is rejected', [...inMessages, whole, ...others, rejection('count-thinking')], 'rejected'],
    ['one crashes', [...inMessages, whole, ...others, rejection('count-thinking', 500)], 'violated'],
    [
      'one is rejected, like the same message',
      [rejection('thinking'), ...inMessages.slice(2), whole, ...others, rejection('count-thinking')],
      'satisfied',
    ],
    [
      'all are rejected, like the same messages',
      [rejection('thinking'), whole, rejection('count-thinking')],
      'not-observed',
    ],
    ['a limit of rates', [rejection('count-agent', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    const short = [accepted, counted('count-short'), counted('count-tool')];
    expect(judge('count.thinking-and-choice', [...short, ...exchanges]).outcome).toBe(outcome);
  });
});

describe('count.matches-usage', () => {
  const billed = (input_tokens: number, more = {}) =>
    exchange({ json: message({ usage: { input_tokens, output_tokens: 1, ...more } }) });
  it.each([
    ['the same', billed(14), 14, 'satisfied'],
    ['ten tokens beside', billed(14), 24, 'satisfied'],
    ['eleven beside', billed(14), 25, 'violated'],
    ['five per cent beside', billed(1000), 1050, 'satisfied'],
    ['more than five per cent beside', billed(1000), 1051, 'violated'],
    ['what was read from the cache belongs to it', billed(4, { cache_read_input_tokens: 996 }), 1000, 'satisfied'],
    ['no number', billed(14), null, 'violated'],
    ['no usage', exchange({ json: message({ usage: null }) }), 14, 'not-observed'],
    ['no message', rejection('minimal'), 14, 'inconclusive'],
  ] as const)('%s', (_what, reply, count, outcome) => {
    expect(judge('count.matches-usage', [reply, counted('count-short', count)]).outcome).toBe(outcome);
  });

  const long = (input_tokens: number) =>
    exchange({ fixture: 'count-and-message', turn: 2, json: message({ usage: { input_tokens, output_tokens: 1 } }) });
  it.each([
    ['the same', counted('count-and-message', 250), 'satisfied'],
    ['an estimate', counted('count-and-message', 190), 'satisfied'],
    ['half', counted('count-and-message', 125), 'violated'],
    ['the double', counted('count-and-message', 500), 'violated'],
    ['none', absent('count-and-message'), 'satisfied'],
  ] as const)('counts a long prompt: %s', (_what, count, outcome) => {
    const exchanges = [billed(14), counted('count-short', 14), count, long(250)];
    expect(judge('count.matches-usage', exchanges).outcome).toBe(outcome);
  });

  it('is rejected where nothing is counted', () => {
    expect(judge('count.matches-usage', [accepted, absent('count-short')]).outcome).toBe('rejected');
  });
});

describe('count.required', () => {
  it('is silent about a count of nothing', () => {
    const judgement = judge('count.required', [accepted, counted('count-short'), counted('count-messages-missing', 0)]);
    expect(judgement).toMatchObject({ outcome: 'violated', silent: true });
  });

  it('is rejected where nothing is counted and nothing is claimed', () => {
    const nowhere = [accepted, absent('count-short'), absent('count-messages-missing')];
    expect(judge('count.required', nowhere, { claims: { profiles: ['core'] } }).outcome).toBe('rejected');
    expect(judge('count.required', nowhere).outcome).toBe('inconclusive');
  });
});

describe('count.image', () => {
  const blind: Circumstances = { claims: { profiles: ['core', 'count-tokens'] } };
  it.each([
    ['a picture counts', counted('count-image', 80), CLAIMED, 'satisfied'],
    ['a picture does not count', counted('count-image', 14), CLAIMED, 'violated'],
    ['pictures are claimed and rejected', rejection('count-image'), CLAIMED, 'rejected'],
    ['pictures are not claimed and rejected', rejection('count-image'), blind, 'not-observed'],
    ['pictures are not claimed and lost', counted('count-image', 14), blind, 'violated'],
  ] as const)('%s', (_what, answer, circumstances, outcome) => {
    expect(judge('count.image', [accepted, counted('count-short'), answer], circumstances).outcome).toBe(outcome);
  });

  it('is rejected where nothing is counted', () => {
    expect(judge('count.image', [accepted, absent('count-short'), absent('count-image')], blind).outcome).toBe(
      'rejected',
    );
  });
});

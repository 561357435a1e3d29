import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { errors } from '../../suites/errors.js';
import { errorBody, exchange, fixtures, judgeOf, message } from '../support/exchange.js';

const judge = judgeOf(errors);
const outcome = (id: string, ...exchanges: Exchange[]) => judge(id, exchanges).outcome;
const cheap = exchange({ fixture: 'cheap' });
const error = (parts: Parameters<typeof exchange>[0] = {}) =>
  exchange({ fixture: 'max-tokens-missing', status: 400, json: errorBody(), ...parts });
const html = (status: number, parts: Parameters<typeof exchange>[0] = {}) =>
  error({ status, transport: 'json', raw: '<html>oops</html>', headers: { 'content-type': 'text/html' }, ...parts });
const invalid = { type: 'invalid_request_error', message: 'max_tokens: Field required' };

/** Which of the requirements on the form of errors an answer breaks. */
const FORM = ['err.envelope.type', 'err.envelope.error', 'err.envelope.type-enum', 'err.content-type'];
const violatedBy = (...exchanges: Exchange[]) => FORM.filter((id) => outcome(id, cheap, ...exchanges) === 'violated');

describe('the form of errors: one fault, one requirement', () => {
  test.each([
    ['the documented envelope', errorBody(), []],
    ['further members', { ...errorBody(), request_id: 'req_test', extra: 1 }, []],
    [
      'an envelope without type, as other protocols have it',
      { error: { ...invalid, param: null, code: null } },
      ['err.envelope.type'],
    ],
    ['a list of details, as frameworks send it', { detail: [{ loc: ['body', 'max_tokens'] }] }, ['err.envelope.type']],
    [
      'an envelope of a vendor',
      { code: 'InvalidParameter', message: 'Request body format invalid' },
      ['err.envelope.type'],
    ],
    ['a JSON list', [errorBody()], ['err.envelope.type']],
    ['an error that is a string', { type: 'error', error: 'Unauthorized' }, ['err.envelope.error']],
    ['an error without message', { type: 'error', error: { type: 'invalid_request_error' } }, ['err.envelope.error']],
    ['an error with an empty message', { type: 'error', error: { ...invalid, message: ' ' } }, ['err.envelope.error']],
    ['an error without type', { type: 'error', error: { message: 'no' } }, ['err.envelope.error']],
    [
      'a type that does not exist',
      { type: 'error', error: { ...invalid, type: 'invalid_params' } },
      ['err.envelope.type-enum'],
    ],
    [
      'a type of another status',
      { type: 'error', error: { ...invalid, type: 'api_error' } },
      ['err.envelope.type-enum'],
    ],
  ] as const)('%s', (_name, json, expected) => {
    expect(violatedBy(error({ json }))).toEqual(expected);
  });
  test('a page of HTML, or JSON under another label', () => {
    expect(violatedBy(html(404))).toEqual(['err.content-type']);
    expect(violatedBy(error({ headers: { 'content-type': 'text/plain' } }))).toEqual(['err.content-type']);
  });
  test('a message that is bytes instead of text', () => {
    const bytes = gzipSync('{"error":"no"}').toString('latin1');
    expect(violatedBy(error({ json: errorBody('invalid_request_error', bytes) }))).toEqual(['err.envelope.error']);
  });
  test('an `error` that is a string is said once', () => {
    const judgement = judge('err.envelope.error', [error({ json: { error: 'Not found' } })]);
    expect(judgement).toMatchObject({
      outcome: 'violated',
      findings: [
        { message: expect.stringMatching(/^`error` of an error body is not an object/), actual: '"Not found"' },
      ],
    });
    expect(judgement).toHaveProperty('findings.length', 1);
  });
  describe('on a path that the server does not have', () => {
    const nowhere = (parts: Parameters<typeof exchange>[0]) =>
      error({ fixture: 'path-unknown', status: 404, ...parts });
    const detail = nowhere({ json: { detail: 'Not Found' } });
    const plain = nowhere({ headers: { 'content-type': 'text/plain' } });
    test.each([
      ['err.content-type', plain],
      ['err.content-type', html(404, { fixture: 'path-unknown' })],
      ['err.envelope.type', detail],
      ['err.envelope.error', nowhere({ json: { error: 'Not Found' } })],
      ['err.envelope.type-enum', nowhere({ json: errorBody('NotFound') })],
    ])('%s only warns', (id, exchangeThere) => {
      expect(outcome(id, cheap, exchangeThere)).toBe('deviates');
    });
    test('what messages answer counts, and comes first', () => {
      const judgement = judge('err.envelope.type', [detail, error({ json: { detail: [] } })]);
      expect(judgement).toMatchObject({
        outcome: 'violated',
        findings: [{ exchange: 'max-tokens-missing/json' }, { exchange: 'path-unknown/json' }],
      });
    });
    test('an endpoint that answered before is there: its 404 is about an id', () => {
      const list = exchange({ fixture: 'models-list', json: { data: [] } });
      const unknown = error({ fixture: 'models-unknown', status: 404, json: { detail: 'Not Found' } });
      expect(outcome('err.envelope.type', list, unknown)).toBe('violated');
      expect(outcome('err.envelope.type', unknown)).toBe('deviates');
    });
  });
  test('says nothing of what HTTP libraries and proxies send, of replies truncated, and of runs without errors', () => {
    const incomplete = html(502, { failure: { kind: 'reset', message: 'socket hang up' } });
    expect(violatedBy(html(411), html(413), html(417), incomplete)).toEqual([]);
    expect(judge('err.content-type', [exchange()])).toMatchObject({ outcome: 'not-observed' });
  });
});

describe('err.envelope.type-enum', () => {
  test.each([
    [400, 'invalid_request_error', true],
    [401, 'authentication_error', true],
    [402, 'billing_error', true],
    [403, 'permission_error', true],
    [404, 'not_found_error', true],
    [405, 'invalid_request_error', true],
    [409, 'conflict_error', true],
    [415, 'invalid_request_error', true],
    [422, 'invalid_request_error', true],
    [429, 'rate_limit_error', true],
    [500, 'api_error', true],
    [500, 'overloaded_error', true],
    [502, 'api_error', true],
    [503, 'overloaded_error', true],
    [504, 'timeout_error', true],
    [529, 'overloaded_error', true],
    [401, 'invalid_request_error', false],
    [404, 'invalid_request_error', false],
    [422, 'validation_error', false],
    [429, 'overloaded_error', false],
    [500, 'invalid_request_error', false],
    [529, 'api_error', false],
    [400, '__proto__', false],
  ] as const)('%d with %s: %s', (status, type, fits) => {
    const judgement = outcome('err.envelope.type-enum', error({ status, json: errorBody(type) }));
    expect(judgement).toBe(fits ? 'satisfied' : 'violated');
  });
});

describe('err.details.shape', () => {
  const withDetails = (details: unknown) =>
    error({ json: { type: 'error', error: { ...invalid, details } as JsonObject, request_id: 'req_1' } });
  test.each([
    ['an object with a code', { error_code: 'thread_not_found' }, 'satisfied'],
    ['an object with a code and more', { error_code: 'x', unsupported: ['thread'] }, 'satisfied'],
    ['a text', 'thread_not_found', 'violated'],
    ['a list', ['thread_not_found'], 'violated'],
    ['an object without a code', { code: 'thread_not_found' }, 'violated'],
    ['a code that is a number', { error_code: 4 }, 'violated'],
    ['null, which is the same as none', null, 'not-observed'],
  ] as const)('%s', (_what, details, expected) => {
    expect(outcome('err.details.shape', cheap, withDetails(details))).toBe(expected);
  });
  test('none', () => {
    expect(outcome('err.details.shape', cheap, error())).toBe('not-observed');
  });
});

describe('err.envelope.request-id', () => {
  const id = 'err.envelope.request-id';
  const withId = (request_id: string | null, header = 'req_1') =>
    error({ json: { ...errorBody(), request_id }, headers: { 'request-id': header } });
  test('is satisfied by the id of the header, and by null', () => {
    expect(outcome(id, withId('req_1'))).toBe('satisfied');
    expect(outcome(id, withId(null))).toBe('satisfied');
  });
  test('is violated by another id and by none', () => {
    expect(outcome(id, withId('req_2'))).toBe('violated');
    expect(outcome(id, withId(''))).toBe('violated');
    expect(outcome(id, error({ headers: { 'request-id': '' } }))).toBe('violated');
  });
  test('is satisfied by an id in the header only, as older answers of the official API have it', () => {
    expect(outcome(id, error())).toBe('satisfied');
  });
});

describe('err.client-fault-not-5xx', () => {
  const id = 'err.client-fault-not-5xx';
  test('is satisfied by rejections and by acceptance, broken by any server error', () => {
    expect(outcome(id, cheap, error(), exchange({ fixture: 'messages-empty' }))).toBe('satisfied');
    for (const status of [500, 501, 502, 504]) expect(outcome(id, cheap, error({ status }))).toBe('violated');
    const crash = exchange({ fixture: 'speed-unknown', status: 500, json: errorBody('api_error') });
    expect(judge(id, [cheap, error(), crash])).toMatchObject({ findings: [{ at: { pointer: '/speed' } }] });
  });
  test('says nothing of what was sent once more', () => {
    const moment = { ...error({ status: 502 }), replaced: 'it was answered with HTTP 502' };
    expect(outcome(id, cheap, moment, error())).toBe('satisfied');
    expect(outcome(id, cheap, moment, error({ status: 502 }))).toBe('violated');
  });
  test('takes an overload for what it is', () => {
    expect(outcome(id, cheap, error(), error({ fixture: 'messages-empty', status: 529 }))).toBe('satisfied');
    expect(outcome(id, cheap, error({ status: 503 }))).toBe('satisfied');
  });
  test('proves nothing while the control request fails as well', () => {
    expect(outcome(id, exchange({ fixture: 'cheap', status: 500, json: {} }), error({ status: 500 }))).toBe(
      'inconclusive',
    );
    expect(outcome(id, cheap)).toBe('not-observed');
  });
});

describe('err.validation-status', () => {
  const id = 'err.validation-status';
  const answered = (fixture: string, status: number) => error({ fixture, status });
  test.each([
    ['max-tokens-missing', 400, 'satisfied'],
    ['max-tokens-missing', 422, 'violated'],
    ['max-tokens-missing', 404, 'violated'],
    ['body-not-json', 415, 'violated'],
    ['version-missing', 400, 'satisfied'],
    ['model-unknown', 404, 'satisfied'],
    ['model-unknown', 400, 'satisfied'],
    ['model-unknown', 422, 'violated'],
    ['context-overflow', 413, 'satisfied'],
    // For another reason than the request: that it is no refusal at all is said where the request is judged.
    ['max-tokens-missing', 401, 'not-observed'],
    ['max-tokens-missing', 500, 'not-observed'],
    // Other statuses are documented for these.
    ['path-unknown', 404, 'not-observed'],
    ['credential-none', 401, 'not-observed'],
  ] as const)('%s with %d: %s', (fixture, status, expected) => {
    expect(outcome(id, cheap, answered(fixture, status))).toBe(expected);
  });
  test('is violated by an error, or nothing at all, under status 200', () => {
    expect(judge(id, [cheap, error({ status: 200 })])).toMatchObject({ outcome: 'violated', silent: true });
    const empty = error({ status: 200, transport: 'json', raw: '', headers: { 'content-type': 'application/json' } });
    expect(outcome(id, cheap, empty)).toBe('violated');
    const event = exchange({ fixture: 'max-tokens-missing', events: [errorBody()] });
    expect(judge(id, [cheap, event])).toMatchObject({ outcome: 'violated', silent: false });
    expect(outcome(id, cheap, error({ status: 200, json: message() }))).toBe('not-observed');
  });

  const three = ['max-tokens-missing', 'content-missing', 'role-tool'];
  const limited = (fixture: string) => error({ fixture, status: 429, json: errorBody('rate_limit_error', 'slow') });
  test('is violated when all invalid requests, and no valid ones, are told to try again', () => {
    expect(judge(id, [cheap, ...three.map(limited)])).toMatchObject({ outcome: 'violated' });
  });
  test('is violated when so many invalid requests, and no valid ones, are told to try again that it is no chance', () => {
    const many = [...three, 'tools-object', 'thinking-boolean', 'metadata-string', 'container-number', 'speed-unknown'];
    expect(outcome(id, cheap, ...many.map(limited), answered('model-missing', 400))).toBe('violated');
    expect(outcome(id, cheap, ...many.map(limited), answered('speed-unknown', 400))).toBe('satisfied');
    const valid = ['cheap', 'minimal', 'counting', 'product'].map(limited);
    expect(outcome(id, cheap, ...many.map(limited), ...valid, answered('model-missing', 400))).toBe('satisfied');
  });
  test('leaves ordinary rate limits alone', () => {
    expect(outcome(id, cheap, ...three.slice(1).map(limited))).toBe('inconclusive');
    expect(outcome(id, cheap, limited('cheap'), ...three.map(limited))).toBe('inconclusive');
    expect(outcome(id, cheap, ...three.map(limited), answered('model-missing', 400))).toBe('satisfied');
    expect(outcome(id, cheap, ...three.map(limited), answered('role-tool', 400))).toBe('satisfied');
  });
});

describe('err.message-names-field', () => {
  const id = 'err.message-names-field';
  const says = (text: string, fixture = 'max-tokens-missing') =>
    error({ fixture, json: errorBody('invalid_request_error', text) });
  test('is satisfied by any wording that names the field', () => {
    expect(outcome(id, cheap, says('Field "MAX_TOKENS" missing'))).toBe('satisfied');
  });
  test('is violated by one that does not, and by an error encoded in the message', () => {
    expect(outcome(id, cheap, says('Bad request'))).toBe('violated');
    expect(outcome(id, cheap, says('{"error":{"message":"max_tokens: Field required"}}'))).toBe('violated');
    expect(outcome(id, cheap, says('400 {"type":"error","error":{"message":"max_tokens: Field required"}}'))).toBe(
      'violated',
    );
    expect(outcome(id, cheap, says('upstream said {\\"error\\": \\"max_tokens\\"}'))).toBe('violated');
  });
  test('expects nothing where nothing is to be named, or the error has no message to read', () => {
    expect(outcome(id, cheap, says('Not found', 'path-unknown'))).toBe('not-observed');
    expect(outcome(id, cheap, error({ json: { detail: 'x' } }))).toBe('not-observed');
  });
  test('every negative of layer schema says what should be named', () => {
    const silent = [...fixtures().values()].filter(
      ({ violates }) => violates?.layer === 'schema' && violates.names.length === 0,
    );
    expect(silent.map((fixture) => fixture.id)).toEqual([]);
  });
});

describe('err.rate-limit', () => {
  const id = 'err.rate-limit';
  const limited = (parts: Parameters<typeof exchange>[0] = {}) =>
    exchange({ status: 429, json: errorBody('rate_limit_error', 'slow'), ...parts });
  test('is satisfied with a time to wait, broken without, never provoked', () => {
    expect(outcome(id, limited({ headers: { 'retry-after': '3' } }))).toBe('satisfied');
    expect(outcome(id, limited())).toBe('violated');
    expect(judge(id, [exchange()])).toMatchObject({
      outcome: 'not-observed',
      reason: expect.stringContaining('does not provoke one'),
    });
  });
  test('expects none of a spending cap', () => {
    const details = { error_code: 'enforced_spend_limit_reached' };
    const capped = { type: 'error', error: { type: 'rate_limit_error', message: 'no more', details } };
    expect(outcome(id, limited({ json: capped }))).toBe('satisfied');
  });
});

describe('err.overload', () => {
  const id = 'err.overload';
  test.each([
    [529, 'satisfied'],
    [503, 'satisfied'],
    [500, 'satisfied'],
    [429, 'violated'],
    [400, 'violated'],
  ] as const)('overloaded_error with status %d: %s', (status, expected) => {
    expect(outcome(id, exchange({ status, json: errorBody('overloaded_error', 'busy') }))).toBe(expected);
  });
  test('is not to be seen otherwise', () => {
    expect(outcome(id, exchange({ status: 503, json: errorBody('api_error', 'no') }))).toBe('not-observed');
  });
});

describe('err.too-large', () => {
  const id = 'err.too-large';
  const answered = (status: number) => error({ fixture: 'body-too-large', status });
  test('is satisfied by 413, broken by anything else that is no message', () => {
    expect(outcome(id, cheap, answered(413))).toBe('satisfied');
    expect(outcome(id, cheap, answered(400))).toBe('violated');
    expect(outcome(id, cheap, answered(500))).toBe('violated');
    const incomplete = exchange({
      fixture: 'body-too-large',
      noResponse: true,
      failure: { kind: 'reset', message: 'socket hang up' },
    });
    expect(outcome(id, cheap, incomplete)).toBe('violated');
  });
  test('says nothing where so much is accepted, or the target asks to wait', () => {
    expect(outcome(id, cheap, exchange({ fixture: 'body-too-large' }))).toBe('not-observed');
    expect(outcome(id, cheap, answered(429))).toBe('inconclusive');
    expect(outcome(id, error({ fixture: 'cheap' }), answered(413))).toBe('inconclusive');
  });
});

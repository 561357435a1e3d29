import { describe, expect, test } from 'vitest';
import { authentication } from '../../suites/authentication.js';
import { errorBody, events, exchange, judgeOf, message } from '../support/exchange.js';
import { rejection, rejects, serves } from '../support/rejections.js';

const judge = judgeOf(authentication);
const cheap = exchange({ fixture: 'cheap' });

rejects(authentication, ['ver.missing', 'ver.2026-10-21.sampling']);
serves(authentication, 'ver.2023-06-01', 'version-2023-06-01');
serves(authentication, 'ver.2026-10-21', 'version-2026-10-21');

describe.each([
  ['auth.x-api-key', 'credential-x-api-key'],
  ['auth.bearer', 'credential-bearer'],
  ['auth.both-headers', 'credential-both'],
])('%s', (id, fixture) => {
  const unauthorized = { status: 401, json: errorBody('authentication_error', 'API key is invalid.') };
  test('is satisfied by a message, broken by 401', () => {
    expect(judge(id, [cheap, exchange({ fixture })]).outcome).toBe('satisfied');
    expect(judge(id, [cheap, exchange({ fixture, ...unauthorized })]).outcome).toBe('violated');
  });
  test('is violated also where the contract names the other header alone', () => {
    const claims = { dialect: { credentials: ['x-api-key' as const] } };
    expect(judge(id, [cheap, exchange({ fixture, ...unauthorized })], { claims }).outcome).toBe('violated');
  });
  test('is inconclusive when the header of the configuration does not work either', () => {
    const both = [exchange({ fixture: 'cheap', ...unauthorized }), exchange({ fixture, ...unauthorized })];
    expect(judge(id, both).outcome).toBe('inconclusive');
  });
  test('has nothing to say without a key', () => {
    expect(judge(id, [cheap, exchange({ fixture, request: { headers: {} } })]).outcome).toBe('not-observed');
  });
  test('has nothing to say without a request', () => {
    expect(judge(id, [cheap])).toMatchObject({ outcome: 'not-observed', reason: 'None of its requests was sent' });
  });
});

describe('a header that the configuration uses and the server rejects', () => {
  const sent = (more: Record<string, string>) => ({ request: { headers: more } });
  const byKey = { 'x-api-key': '$KEY', 'anthropic-version': '2023-06-01' };
  const byToken = { authorization: 'Bearer $KEY', 'anthropic-version': '2026-10-21' };
  const locked = (fixture: string) =>
    exchange({ fixture, status: 401, json: errorBody('authentication_error', 'no'), ...sent(byKey) });
  const old = (fixture: string) => exchange({ fixture, status: 400, json: errorBody(), ...sent(byKey) });
  const newer = exchange({ fixture: 'version-2026-10-21', ...sent({ ...byKey, 'anthropic-version': '2026-10-21' }) });

  test('is told by a request that is accepted with the other credential', () => {
    const opened = exchange({ fixture: 'client-replay', ...sent(byToken) });
    expect(judge('auth.x-api-key', [locked('cheap'), locked('credential-x-api-key'), opened]).outcome).toBe('violated');
    expect(judge('ver.2023-06-01', [locked('cheap'), locked('version-2023-06-01'), opened]).outcome).toBe(
      'inconclusive',
    );
  });
  test('is told by HTTP 403 as by 401, also after a request to wait', () => {
    const opened = exchange({ fixture: 'client-replay', ...sent(byToken) });
    const forbidden = exchange({
      fixture: 'credential-x-api-key',
      status: 403,
      json: errorBody('permission_error', 'no'),
      ...sent(byKey),
    });
    const waiting = exchange({ fixture: 'credential-x-api-key', status: 429, json: errorBody(), ...sent(byKey) });
    expect(judge('auth.x-api-key', [locked('cheap'), forbidden, opened])).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: forbidden.id, actual: expect.stringContaining('403') }],
    });
    expect(judge('auth.x-api-key', [locked('cheap'), waiting, opened]).outcome).toBe('inconclusive');
    const missing = exchange({ fixture: 'credential-x-api-key', status: 404, json: errorBody(), ...sent(byKey) });
    expect(judge('auth.x-api-key', [locked('cheap'), missing, opened]).outcome).toBe('inconclusive');
  });
  test('is not told by a request with the same headers, nor by one without a message', () => {
    const same = exchange({ fixture: 'minimal', ...sent(byKey) });
    const noMessage = exchange({ fixture: 'models-list', json: { data: [] }, ...sent(byToken) });
    for (const other of [same, noMessage]) {
      expect(judge('auth.x-api-key', [locked('cheap'), locked('credential-x-api-key'), other]).outcome).toBe(
        'inconclusive',
      );
    }
    const otherBoth = exchange({ fixture: 'minimal', ...sent(byToken) });
    expect(judge('ver.2023-06-01', [old('cheap'), old('version-2023-06-01'), otherBoth]).outcome).toBe('inconclusive');
    expect(judge('ver.2023-06-01', [old('cheap'), old('version-2023-06-01'), same]).outcome).toBe('inconclusive');
  });
  test('is told by a request that is accepted under the other version', () => {
    expect(judge('ver.2023-06-01', [old('cheap'), old('version-2023-06-01'), newer]).outcome).toBe('violated');
    expect(judge('auth.x-api-key', [old('cheap'), old('credential-x-api-key'), newer]).outcome).toBe('inconclusive');
  });
});

describe('auth.bearer, by the official client', () => {
  const byClient = (headers: Record<string, string>, parts: Parameters<typeof exchange>[0] = {}) =>
    exchange({ fixture: 'client-replay', request: { headers }, ...parts });
  const own = exchange({ fixture: 'credential-bearer', status: 401, json: errorBody('authentication_error', 'no') });
  test('is satisfied by its first request, which sends only a bearer token', () => {
    expect(judge('auth.bearer', [cheap, byClient({ authorization: '$TOKEN' }), own]).outcome).toBe('satisfied');
  });
  test.each([
    ['both credentials', { authorization: '$TOKEN', 'x-api-key': '$KEY' }, {}],
    ['no credential', {}, {}],
    ['a later turn', { authorization: '$TOKEN' }, { turn: 2 }],
    ['a rejection', { authorization: '$TOKEN' }, { status: 401, json: errorBody('authentication_error', 'no') }],
  ] as const)('is not satisfied by %s', (_name, headers, parts) => {
    expect(judge('auth.bearer', [cheap, byClient(headers, parts), own]).outcome).toBe('violated');
  });
});

describe.each([
  ['auth.missing', { fixture: 'credential-none' }],
  ['auth.invalid', { fixture: 'credential-invalid', transport: 'stream' }],
] as const)('%s', (id, negative) => {
  const answered = (status: number) =>
    exchange({ ...negative, status, json: status === 200 ? message() : errorBody('authentication_error', 'no') });
  test.each([
    [401, 'satisfied'],
    [200, 'violated'],
    [403, 'violated'],
    [400, 'violated'],
    [500, 'violated'],
    [429, 'inconclusive'],
  ] as const)('status %d: %s', (status, outcome) => {
    expect(judge(id, [cheap, answered(status)]).outcome).toBe(outcome);
  });
  test('is violated by an error inside of a stream', () => {
    const inside = exchange({ ...negative, events: [errorBody('authentication_error', 'no')] });
    expect(judge(id, [cheap, inside]).outcome).toBe('violated');
  });
  test('proves nothing through an official client whose valid requests are rejected as well', () => {
    const client = { name: 'sdk-typescript', version: '1.12.0' } as const;
    const asked = [cheap, { ...answered(400), client }];
    const valid = exchange({ fixture: 'client-replay', client });
    const rejected = exchange({ fixture: 'client-replay', status: 400, json: errorBody(), client });
    expect(judge(id, [...asked, valid]).outcome).toBe('violated');
    expect(judge(id, [...asked, rejected]).outcome).toBe('inconclusive');
  });
  test('does not apply to a target that does not authenticate, by its contract or without a key', () => {
    const open = { claims: { dialect: { authentication: false } } };
    expect(judge(id, [cheap, answered(200)], open).outcome).toBe('not-observed');
    const keyless = exchange({ fixture: 'cheap', request: { headers: {} } });
    expect(judge(id, [keyless, answered(200)]).outcome).toBe('not-observed');
  });
  test('does not apply where the user sends a credential of another kind with every request', () => {
    const gateway = (own: Record<string, string>) =>
      exchange({ ...negative, request: { headers: { ...own, authorization: '[redacted]' } } });
    const own: Record<string, string> = id === 'auth.missing' ? {} : { 'x-api-key': 'sk-invalid' };
    expect(judge(id, [cheap, gateway(own)]).outcome).toBe('not-observed');
  });
  test('is inconclusive while a valid credential is rejected as well', () => {
    expect(judge(id, [rejection('cheap', 401), answered(401)]).outcome).toBe('inconclusive');
  });
  test('is judged by the answers that did not ask to wait', () => {
    expect(judge(id, [cheap, answered(429), answered(401)]).outcome).toBe('satisfied');
    expect(judge(id, [cheap, answered(429), answered(200)]).outcome).toBe('violated');
  });
  test('is judged where only one of the valid requests was sent without a key', () => {
    const keyless = exchange({ fixture: 'cheap', request: { headers: {} } });
    expect(judge(id, [keyless, cheap, answered(200)]).outcome).toBe('not-observed');
  });
});

describe('beta.header.tolerated', () => {
  const id = 'beta.header.tolerated';
  test.each([
    [200, 'satisfied'],
    [400, 'satisfied'],
    [500, 'violated'],
    [401, 'violated'],
    [529, 'inconclusive'],
  ] as const)('status %d: %s', (status, outcome) => {
    const list = status === 200 ? exchange({ fixture: 'beta-header-list' }) : rejection('beta-header-list', status);
    expect(judge(id, [cheap, exchange({ fixture: 'beta-header' }), list]).outcome).toBe(outcome);
  });
  test('is inconclusive while the request without the header is rejected as well', () => {
    const rejected = [rejection('cheap', 500), rejection('beta-header', 500)];
    expect(judge(id, rejected)).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('control request'),
    });
  });
  test('is violated by two header lines alone', () => {
    const twice = rejection('beta-header-twice', 500);
    expect(judge(id, [cheap, exchange({ fixture: 'beta-header-list' }), twice]).outcome).toBe('violated');
  });
});

describe('hdr.request-id.present', () => {
  const id = 'hdr.request-id.present';
  const withId = (value: string, parts: Parameters<typeof exchange>[0] = {}) =>
    exchange({ ...parts, headers: { 'request-id': value } });
  const stream = { events: events(message()) };
  const error = { fixture: 'max-tokens-missing', status: 400, json: errorBody() };
  test('is satisfied by ids of their own', () => {
    expect(judge(id, [withId('req_1'), withId('req_2', stream), withId('req_3', error)]).outcome).toBe('satisfied');
  });
  test('is violated once for each kind of answer that lacks it', () => {
    const judgement = judge(id, [withId(''), withId('req_2', stream), withId(' ', error), withId('', error)]);
    expect(judgement).toMatchObject({ outcome: 'violated', findings: [{}, {}] });
  });
  test('is violated by one id for all', () => {
    expect(judge(id, [withId('req_1'), withId('req_1', stream)])).toMatchObject({
      outcome: 'violated',
      findings: [{ at: { header: 'request-id' } }],
    });
  });
  test('reports an id that three share once', () => {
    const judgement = judge(id, [withId('req_1'), withId('req_1', stream), withId('req_1', error)]);
    expect(judgement).toMatchObject({ outcome: 'violated', findings: [{ exchange: expect.any(String) }] });
  });
  test('says nothing where no response can show it', () => {
    expect(judge(id, [withId('', { ...error, status: 413 })])).toMatchObject({ outcome: 'not-observed' });
  });
  test('expects nothing of 413, which is given in front of the target, nor of no answer', () => {
    const edge = withId('', { ...error, status: 413 });
    const lost = exchange({ noResponse: true, failure: { kind: 'reset', message: 'socket hang up' } });
    expect(judge(id, [withId('req_1'), edge, lost]).outcome).toBe('satisfied');
  });
});

describe('hdr.ratelimit.shape', () => {
  const id = 'hdr.ratelimit.shape';
  const withHeader = (name: string, value: string) => [exchange({ headers: { [name]: value } })];
  test.each([
    ['anthropic-ratelimit-requests-limit', '50', 'satisfied'],
    ['anthropic-ratelimit-tokens-reset', '2026-11-23T12:00:00Z', 'satisfied'],
    ['anthropic-ratelimit-input-tokens-reset', '2026-11-23T12:00:00.25+01:00', 'satisfied'],
    ['anthropic-ratelimit-unified-status', 'allowed', 'not-observed'],
    ['anthropic-ratelimit-requests-limit', '50.5', 'violated'],
    ['anthropic-ratelimit-requests-remaining', 'many', 'violated'],
    ['anthropic-ratelimit-tokens-reset', '60', 'violated'],
    ['anthropic-ratelimit-tokens-reset', 'Mon, 23 Nov 2026 12:00:00 GMT', 'violated'],
    ['anthropic-ratelimit-tokens-reset', '2026-13-23T12:00:00Z', 'violated'],
  ] as const)('%s: %s is %s', (name, value, outcome) => {
    expect(judge(id, withHeader(name, value)).outcome).toBe(outcome);
  });
});

describe('hdr.retry-after.shape', () => {
  const id = 'hdr.retry-after.shape';
  test.each([
    ['retry-after', '30', 'satisfied'],
    ['retry-after', '0', 'satisfied'],
    ['retry-after', '1.5', 'satisfied'],
    ['retry-after', ' 30 ', 'satisfied'],
    ['retry-after', ' Mon, 23 Nov 2026 12:00:00 GMT', 'satisfied'],
    ['retry-after', 'Mon, 23 Nov 2026 12:00:00 GMT', 'satisfied'],
    ['retry-after-ms', '1500', 'satisfied'],
    ['retry-after', '-1', 'violated'],
    ['retry-after', 'soon', 'violated'],
    ['retry-after', '', 'violated'],
    ['retry-after-ms', 'Mon, 23 Nov 2026 12:00:00 GMT', 'violated'],
  ] as const)('%s: %s is %s', (name, value, outcome) => {
    const limited = rejection('minimal', 429, { headers: { [name]: value } });
    expect(judge(id, [limited]).outcome).toBe(outcome);
  });
  test('says nothing when no answer has one', () => {
    expect(judge(id, [exchange()]).outcome).toBe('not-observed');
  });
});

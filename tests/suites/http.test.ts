import { describe, expect, test } from 'vitest';
import { http } from '../../suites/http.js';
import { errorBody, events, exchange, judgeOf, message, textBlock } from '../support/exchange.js';
import { rejection, rejects, serves } from '../support/rejections.js';

const judge = judgeOf(http);
const cheap = exchange({ fixture: 'cheap' });
const says = (fixture: string, words: string, parts: Parameters<typeof exchange>[0] = {}) =>
  exchange({ fixture, json: message({ content: [textBlock(words)] }), ...parts });

rejects(http, ['http.body.not-json', 'http.body.lone-surrogate', 'http.body.not-object']);
serves(http, 'http.post.messages', 'minimal');
serves(http, 'http.request.unknown-headers', 'client-headers');
serves(http, 'http.query.beta-true', 'query-beta');

describe('http.response.content-type-json', () => {
  const labelled = (type: string) => exchange({ headers: { 'content-type': type } });
  test.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.x+json'])('takes %s', (type) => {
    expect(judge('http.response.content-type-json', [labelled(type)]).outcome).toBe('satisfied');
  });
  test.each(['text/plain', 'text/json', 'text/html', ''])('does not take %j', (type) => {
    expect(judge('http.response.content-type-json', [labelled(type)]).outcome).toBe('violated');
  });
  test('leaves streams and errors alone', () => {
    const others = [exchange({ events: events(message()) }), rejection('cheap', 400)];
    expect(judge('http.response.content-type-json', others).outcome).not.toBe('violated');
  });
});

describe('http.response.single-object', () => {
  test('is satisfied by one object, broken by a list, by lines of JSON and by nothing', () => {
    expect(judge('http.response.single-object', [exchange()]).outcome).toBe('satisfied');
    for (const raw of ['[{}]', '{}\n{}', '']) {
      const bad = exchange({ transport: 'json', raw, headers: { 'content-type': 'application/json' } });
      expect(judge('http.response.single-object', [bad]).outcome).toBe('violated');
    }
  });
});

describe('http.accept.json-on-stream', () => {
  const id = 'http.accept.json-on-stream';
  const unstreamed = (parts: Parameters<typeof exchange>[0]) => [
    exchange(),
    exchange({ transport: 'stream', ...parts }),
  ];
  test('is satisfied by a stream', () => {
    expect(judge(id, [exchange({ events: events(message()) })]).outcome).toBe('satisfied');
  });
  test('is violated by a refusal while the same request without stream is accepted', () => {
    const rejected = { status: 406, json: errorBody('invalid_request_error', 'not acceptable') };
    expect(judge(id, unstreamed(rejected)).outcome).toBe('violated');
    expect(judge(id, [exchange({ transport: 'stream', ...rejected }), rejection('minimal', 406)]).outcome).toBe(
      'inconclusive',
    );
  });
  test('blames accept for a JSON reply only when another accept brings a stream', () => {
    expect(judge(id, unstreamed({})).outcome).toBe('inconclusive');
    const other = exchange({ fixture: 'accept-event-stream', events: events(message()) });
    expect(judge(id, [...unstreamed({}), other]).outcome).toBe('violated');
  });
});

describe('http.utf8.roundtrip', () => {
  const id = 'http.utf8.roundtrip';
  const phrase = 'Zürich 北京 😀';
  const pair = (raw: string, escaped: string, tokens = 14) => [
    cheap,
    says('echo-raw', raw),
    exchange({
      fixture: 'echo-escaped-whole',
      json: message({ content: [textBlock(escaped)], usage: { input_tokens: tokens, output_tokens: 9 } }),
    }),
  ];
  test('is satisfied when both come back, composed or decomposed', () => {
    expect(judge(id, pair(phrase, phrase.normalize('NFD'))).outcome).toBe('satisfied');
  });
  test('is violated by mojibake, lost characters and escapes that nobody undid', () => {
    for (const damaged of ['ZÃ¼rich å\u008c\u0097 ðŸ˜€', 'Z?rich ?? ?', 'Z\uFFFDrich', 'Z\\u00fcrich \\u5317']) {
      expect(judge(id, pair(phrase, damaged))).toMatchObject({ outcome: 'violated', silent: true });
      expect(judge(id, pair(damaged, damaged)).outcome).toBe('violated');
    }
  });
  test('is violated by a stream that lacks the beginning of what the model repeats', () => {
    const streamed = (text: string) =>
      exchange({ fixture: 'echo-escaped', events: events(message({ content: [textBlock(text)] })) });
    const whole = 'Zürich 北京 😀 Ünïcödé 👩‍👩‍👧 東京 🇨🇭';
    expect(judge(id, [cheap, says('echo-raw', phrase), streamed(whole)]).outcome).toBe('satisfied');
    expect(judge(id, [cheap, says('echo-raw', phrase), streamed(whole.slice(0, 8))]).outcome).toBe('satisfied');
    const beheaded = streamed(whole.slice(4));
    expect(judge(id, [cheap, says('echo-raw', phrase), beheaded])).toMatchObject({ outcome: 'violated', silent: true });
    expect(judge(id, [cheap, says('echo-raw', 'ok'), beheaded]).outcome).toBe('inconclusive');
  });
  test('is violated by streams without any character beyond ASCII, where the same request is whole without streaming', () => {
    const streamed = (text: string) =>
      exchange({ fixture: 'echo-escaped', events: events(message({ content: [textBlock(text)] })) });
    const bare = [streamed('Z rich  '), streamed('Z rich  ')];
    expect(judge(id, [...pair(phrase, phrase), ...bare])).toMatchObject({ outcome: 'violated', silent: true });
    expect(judge(id, [...pair(phrase, phrase), ...bare.slice(0, 1)]).outcome).toBe('satisfied');
    expect(judge(id, [...pair(phrase, phrase), ...bare, streamed(phrase)]).outcome).toBe('satisfied');
    expect(judge(id, [...pair(phrase, 'ok'), ...bare]).outcome).toBe('satisfied');
  });
  test('is violated when the two spellings count differently, even if the model repeats nothing', () => {
    expect(judge(id, pair('ok', 'ok', 40)).outcome).toBe('violated');
  });
  test('counts prove nothing where the text comes back, or where one prompt counts differently each time', () => {
    const again = (fixture: string, input_tokens: number) =>
      exchange({ fixture, json: message({ usage: { input_tokens, output_tokens: 1 } }) });
    expect(judge(id, pair(phrase, phrase, 40)).outcome).toBe('satisfied');
    expect(judge(id, [...pair('ok', 'ok', 40), again('minimal', 9), again('minimal-again', 12)]).outcome).toBe(
      'inconclusive',
    );
  });
  test('is not broken by a weak model that knows no emoji', () => {
    expect(judge(id, pair('Zürich 北京 \uFFFD', 'Zürich 北京 \uFFFD')).outcome).toBe('inconclusive');
  });
  test('is violated by a reply that is not UTF-8', () => {
    const latin1 = Buffer.from(JSON.stringify(message({ content: [textBlock('Zürich')] })), 'latin1');
    const bad = exchange({
      fixture: 'echo-raw',
      transport: 'json',
      raw: latin1,
      headers: { 'content-type': 'application/json' },
    });
    expect(judge(id, [cheap, bad, says('echo-escaped', 'ok')]).outcome).toBe('violated');
  });
  test('is inconclusive with a parrot, and rejected when the request is', () => {
    expect(judge(id, pair('Hello!', 'Hello!')).outcome).toBe('inconclusive');
    expect(judge(id, [cheap, rejection('echo-raw'), says('echo-escaped', phrase)]).outcome).toBe('rejected');
  });
  test('forgives one damaged try out of several', () => {
    expect(judge(id, [...pair(phrase, phrase), says('echo-raw', 'Z?rich', { attempt: 2 })]).outcome).toBe('satisfied');
  });
});

describe('http.path.unknown', () => {
  const id = 'http.path.unknown';
  test.each([
    [404, 'satisfied'],
    [400, 'violated'],
    [200, 'violated'],
    [500, 'violated'],
    [429, 'inconclusive'],
  ] as const)('status %d: %s', (status, outcome) => {
    expect(judge(id, [cheap, rejection('path-unknown', status)]).outcome).toBe(outcome);
  });
  test('is inconclusive while the path that exists is rejected as well', () => {
    expect(judge(id, [rejection('cheap', 404), rejection('path-unknown', 404)]).outcome).toBe('inconclusive');
  });
});

describe('http.base-url.doubled-v1', () => {
  const id = 'http.base-url.doubled-v1';
  const documented = { claims: { dialect: { doubledPath: true } } };
  const accepted = [cheap, exchange({ fixture: 'path-doubled' })];
  const missing = [cheap, rejection('path-doubled', 404)];
  test('counts only where the contract documents such a base URL', () => {
    expect(judge(id, accepted).outcome).toBe('not-observed');
    expect(judge(id, missing).outcome).toBe('not-observed');
    expect(judge(id, accepted, documented).outcome).toBe('satisfied');
    expect(judge(id, missing, documented).outcome).toBe('deviates');
  });
});

describe('http.stateless', () => {
  const id = 'http.stateless';
  const two = (answer: string) => [says('stateless', 'Noted.'), says('stateless', answer, { turn: 2 })];
  test('is satisfied by an answer without the code, broken in silence by one with it', () => {
    expect(judge(id, two('NONE')).outcome).toBe('satisfied');
    expect(judge(id, two('You gave me 7q4.'))).toMatchObject({ outcome: 'violated', silent: true });
  });
  test('is inconclusive where nothing was said', () => {
    expect(judge(id, two('')).outcome).toBe('inconclusive');
  });
  test('is inconclusive when either request was not answered', () => {
    expect(judge(id, [rejection('stateless', 500)]).outcome).toBe('inconclusive');
    expect(judge(id, [says('stateless', 'ok'), rejection('stateless', 500, { turn: 2 })]).outcome).toBe('inconclusive');
  });
});

describe('http.connection.after-refusal', () => {
  const id = 'http.connection.after-refusal';
  const first = rejection('connection-after-unknown-path', 404);
  const next = (parts: Parameters<typeof exchange>[0] = {}) =>
    exchange({ fixture: 'connection-after-unknown-path', turn: 2, ...parts });
  test('is satisfied where the next request is answered, or the connection closed', () => {
    expect(judge(id, [cheap, first, next()]).outcome).toBe('satisfied');
    const closed = next({ noResponse: true, failure: { kind: 'reset', message: 'ECONNRESET' } });
    expect(judge(id, [cheap, first, closed]).outcome).toBe('satisfied');
  });
  test('is violated where the next request gets an answer of its own to the body before', () => {
    const judgement = judge(id, [cheap, first, next({ status: 400, raw: 'Bad request syntax', transport: 'json' })]);
    expect(judgement).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'connection-after-unknown-path/json.2' }],
    });
  });
  test('shows nothing where nothing was rejected, the control was rejected too, or the target asks to wait', () => {
    const wrong = next({ status: 400, raw: 'Bad request syntax', transport: 'json' });
    const accepted = exchange({ fixture: 'connection-after-unknown-path' });
    expect(judge(id, [cheap, accepted, next()]).outcome).toBe('not-observed');
    expect(judge(id, [rejection('cheap', 400), first, wrong]).outcome).toBe('inconclusive');
    expect(judge(id, [cheap, first, next({ status: 529, json: errorBody('overloaded_error') })]).outcome).toBe(
      'inconclusive',
    );
  });
  test('does not blame the connection for a stream that the target rejects on every connection', () => {
    const fixture = 'connection-after-invalid-key';
    const streams = [
      exchange({ fixture, transport: 'stream', status: 401, json: errorBody('authentication_error') }),
      exchange({ fixture, transport: 'stream', turn: 2, status: 406, json: errorBody('invalid_request_error') }),
    ];
    const minimal = exchange({ transport: 'stream', status: 406, json: errorBody('invalid_request_error') });
    expect(judge(id, [cheap, ...streams]).outcome).toBe('violated');
    expect(judge(id, [cheap, minimal, ...streams]).outcome).toBe('inconclusive');
    const wrong = next({ status: 400, raw: 'Bad request syntax', transport: 'json' });
    expect(judge(id, [cheap, minimal, ...streams, first, wrong])).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'connection-after-unknown-path/json.2' }],
    });
  });
});

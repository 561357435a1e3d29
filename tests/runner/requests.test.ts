import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture, Turn } from '../../core/fixture.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { curl } from '../../runner/report/curl.js';
import { inProcessNetwork } from '../../runner/send/in-process.js';
import { buildRequest, credentialHeaders, INVALID_KEY, NotSetUp, type Target } from '../../runner/send/requests.js';

const target: Target = {
  baseUrl: 'https://api.example.com',
  apiKey: 'sk-secret-1234',
  apiKeyVariable: 'MY_KEY',
  model: 'm-1',
  headers: { 'x-team': 'platform' },
  credential: 'x-api-key',
  apiVersion: '2023-06-01',
};
const minimal = loadFixtures().get('minimal')!;
const build = (fixture: Partial<Fixture>, turn: Turn, earlier: Exchange[] = []) =>
  buildRequest(target, { ...minimal, ...fixture }, turn, 'json', earlier);
const answered = (message: object | null, json: object | undefined = message ?? undefined) =>
  ({ message, json }) as unknown as Exchange;

describe('a request', () => {
  it('goes to the base URL with the version, the key and the headers of the run', () => {
    const { outgoing } = build({}, minimal.turns[0]!);
    expect(outgoing).toMatchObject({ method: 'POST', url: 'https://api.example.com/v1/messages' });
    expect(outgoing.headers).toMatchObject({
      'x-api-key': 'sk-secret-1234',
      'anthropic-version': '2023-06-01',
      'x-team': 'platform',
    });
    expect(JSON.parse(String(outgoing.body))).toMatchObject({ model: 'm-1', max_tokens: 16 });
  });

  it('is shown with the name of the variable in place of the key', () => {
    const { sent } = build({ credential: 'both' }, minimal.turns[0]!);
    expect(sent.headers).toMatchObject({ 'x-api-key': '$MY_KEY', authorization: 'Bearer $MY_KEY' });
    expect(JSON.stringify(sent)).not.toContain('sk-secret');
  });

  it('to another origin carries neither key nor headers of the run, which may be secrets', () => {
    const { outgoing } = build({ path: 'https://elsewhere.example.net/results' }, { method: 'GET' });
    expect(Object.keys(outgoing.headers)).not.toContain('x-api-key');
    expect(Object.keys(outgoing.headers)).not.toContain('x-team');
  });

  it('can carry header lines of one name, which are shown as one', () => {
    const { outgoing, sent } = build({ headers: { 'anthropic-beta': ['one', 'two'] } }, minimal.turns[0]!);
    expect(outgoing.headers['anthropic-beta']).toEqual(['one', 'two']);
    expect(sent.headers['anthropic-beta']).toBe('one, two');
  });

  it('is marked as a stream in its body', () => {
    const { body } = buildRequest(target, minimal, minimal.turns[0]!, 'stream', []);
    expect(body).toMatchObject({ stream: true });
  });

  it('can leave the version out', () => {
    expect(build({ apiVersion: null }, minimal.turns[0]!).outgoing.headers).not.toHaveProperty('anthropic-version');
  });

  it('holds long strings only when it is built', () => {
    const { body } = build({}, { body: { text: { $repeat: 'ab', times: 3 } } });
    expect(body).toEqual({ text: 'ababab' });
  });
});

describe('a form', () => {
  const turn: Turn = {
    path: '/v1/files',
    multipart: { purpose: 'tests', file: { filename: 'a.txt', type: 'text/plain', text: 'Grüße' } },
  };
  const { outgoing, sent } = build({}, turn);

  it('is sent as multipart/form-data, under a boundary that its content type names', async () => {
    let received: Request | undefined;
    const network = inProcessNetwork((request) => {
      received = request.clone();
      return new Response('{}');
    });
    await network.send(outgoing, { timeoutMs: 10_000, lingerMs: 100, maxBytes: 1_000 });
    const fields = await received!.formData();
    expect(fields.get('purpose')).toBe('tests');
    const file = fields.get('file') as File;
    expect([file.name, file.type.split(';')[0], await file.text()]).toEqual(['a.txt', 'text/plain', 'Grüße']);
  });

  it('is shown by its fields, which stay the same from run to run', () => {
    expect(sent.headers['content-type']).toBe('multipart/form-data');
    expect(sent.body).toBe('purpose=tests\nfile=@a.txt;type=text/plain');
  });

  it('is a curl line with its fields, and without a content type that lacks the boundary', () => {
    const line = curl(sent);
    expect(line).toContain("-F 'purpose=tests' -F 'file=@a.txt;type=text/plain'");
    expect(line).not.toContain('content-type');
  });
});

describe('a request built from an earlier answer', () => {
  const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };

  it('holds the assistant content unchanged, and a result for each call', () => {
    const turn: Turn = { body: { messages: [{ $answer: 1 }, { $results: 1, content: '15 degrees' }] } };
    expect(build({}, turn, [answered({ content: [call] })]).body).toEqual({
      messages: [
        { role: 'assistant', content: [call] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '15 degrees' }] },
      ],
    });
  });

  it('holds a value of the message of a stream', () => {
    const turn: Turn = { body: { messages: [{ type: 'thinking', signature: '{{1/content/0/signature}}' }] } };
    const message = { content: [{ type: 'thinking', signature: 'c2lnbmVk' }] };
    const streamed = { message, json: undefined } as unknown as Exchange;
    expect(build({}, turn, [streamed]).body).toEqual({
      messages: [{ type: 'thinking', signature: 'c2lnbmVk' }],
    });
  });

  it('holds values of the answer in its path', () => {
    const turn: Turn = { method: 'GET', path: '/v1/files/{{1/id}}' };
    expect(build({}, turn, [answered(null, { id: 'file_9' })]).outgoing.url).toBe(
      'https://api.example.com/v1/files/file_9',
    );
  });

  it('holds them escaped in a part of its path and in its query', () => {
    const turn: Turn = { method: 'GET', path: '/v1/models/{{1/id}}', query: 'after_id={{1/id}}' };
    expect(build({}, turn, [answered(null, { id: 'a/b:c&d' })]).outgoing.url).toBe(
      'https://api.example.com/v1/models/a%2Fb%3Ac%26d?after_id=a%2Fb%3Ac%26d',
    );
  });

  it.each([
    ['https://elsewhere.example.net/x?sig=1', 'https://elsewhere.example.net/x?sig=1', false],
    ['/v1/x', 'https://api.example.com/v1/x', true],
    ['https://api.example.com@evil.example/x', 'https://api.example.com@evil.example/x', false],
    ['https://user:pass@api.example.com/x', 'https://user:pass@api.example.com/x', false],
    ['http://api.example.com/x', 'http://api.example.com/x', false],
  ])('goes to the address that the answer gives, %s, with the key for the own origin alone', (given, url, own) => {
    const turn: Turn = { method: 'GET', path: '{{1/results_url}}' };
    const { outgoing } = build({}, turn, [answered(null, { results_url: given })]);
    expect(outgoing.url).toBe(url);
    expect('x-api-key' in outgoing.headers).toBe(own);
  });

  it('is not set up where the answer gives half a surrogate pair, which has no bytes', () => {
    const turn: Turn = { method: 'GET', path: '/v1/messages/batches/{{1/id}}' };
    expect(() => build({}, turn, [answered(null, { id: 'batch_\ud800' })])).toThrow('is no part of an address');
  });

  it.each([':99999/x', '.evil.example/x', '@evil.example/x', 'javascript:alert(1)', 'file:///etc/passwd', ''])(
    'is not set up where the answer gives no address: %j',
    (given) => {
      const turn: Turn = { method: 'GET', path: '{{1/results_url}}' };
      expect(() => build({}, turn, [answered(null, { results_url: given })])).toThrow(NotSetUp);
    },
  );

  it.each(['..', '.'])('is not set up where the id is %j, which would lead out of the path', (id) => {
    const turn: Turn = { method: 'DELETE', path: '/v1/messages/batches/{{1/id}}' };
    expect(() => build({}, turn, [answered(null, { id })])).toThrow('is no part of an address');
  });

  it.each([
    ['an answer that is no message', { $answer: 1 }, answered(null)],
    ['results for an answer without calls', { $results: 1 }, answered({ content: [] })],
  ])('is not set up for %s', (_case, part, earlier) => {
    expect(() => build({}, { body: { messages: [part] } }, [earlier])).toThrow(NotSetUp);
  });
});

describe('the credential', () => {
  it.each([
    ['default', { 'x-api-key': 'k' }],
    ['x-api-key', { 'x-api-key': 'k' }],
    ['bearer', { authorization: 'Bearer k' }],
    ['both', { 'x-api-key': 'k', authorization: 'Bearer k' }],
    ['none', {}],
    ['invalid', { 'x-api-key': INVALID_KEY }],
  ] as const)('%s', (credential, headers) => {
    expect(credentialHeaders(credential, { credential: 'x-api-key' }, 'k')).toEqual(headers);
  });

  it('is left out when there is none', () => {
    expect(credentialHeaders('default', { credential: 'bearer' }, null)).toEqual({});
  });
});

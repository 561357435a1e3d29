import { describe, expect, it } from 'vitest';
import { client, KEY, MINIMAL } from './client.js';

const { post, send } = client();

describe('credentials', () => {
  it.each([
    ['x-api-key', { 'x-api-key': KEY }],
    ['bearer', { 'x-api-key': null, authorization: `Bearer ${KEY}` }],
    ['both', { authorization: `Bearer ${KEY}` }],
    ['x-api-key beside a foreign token', { authorization: 'Bearer other' }],
  ])('are accepted as %s', async (_, headers) => {
    expect((await post(MINIMAL, headers)).status).toBe(200);
  });

  it.each([
    ['missing', { 'x-api-key': null }],
    ['wrong', { 'x-api-key': 'invalid' }],
    ['wrong as a token', { 'x-api-key': null, authorization: 'Bearer invalid' }],
    ['wrong in x-api-key beside the right token', { 'x-api-key': 'invalid', authorization: `Bearer ${KEY}` }],
    ['in another scheme', { 'x-api-key': null, authorization: `Basic ${KEY}` }],
  ])('are rejected when %s', async (_, headers) => {
    for (const body of [MINIMAL, { ...MINIMAL, stream: true }, {}]) {
      const reply = await post(body, headers);
      expect([reply.status, reply.json.error.type]).toEqual([401, 'authentication_error']);
    }
  });

  it('may be any when no key is configured', async () => {
    const open = client({ apiKey: undefined });
    expect((await open.post(MINIMAL, { 'x-api-key': 'whatever' })).status).toBe(200);
    expect((await open.post(MINIMAL, { 'x-api-key': null })).status).toBe(401);
    const none = client({ dialect: { authentication: false } });
    expect((await none.post(MINIMAL, { 'x-api-key': null })).status).toBe(200);
  });
});

describe('the version header', () => {
  it.each(['2023-06-01', '2026-10-21'])('may be %s', async (version) => {
    expect((await post(MINIMAL, { 'anthropic-version': version })).status).toBe(200);
  });

  it.each([null, '2020-01-01', 'latest'])('may not be %s', async (version) => {
    const reply = await post(MINIMAL, { 'anthropic-version': version });
    expect([reply.status, reply.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(reply.json.error.message).toMatch(/^anthropic-version: /);
  });

  it.each([{ temperature: 1 }, { top_p: 1 }, { top_k: 5 }])('decides about %j', async (sampling) => {
    expect((await post({ ...MINIMAL, ...sampling })).status).toBe(200);
    const newer = await post({ ...MINIMAL, ...sampling }, { 'anthropic-version': '2026-10-21' });
    expect([newer.status, newer.json.error.message]).toEqual([
      400,
      `${Object.keys(sampling)[0]}: Extra inputs are not permitted`,
    ]);
  });
});

describe('headers', () => {
  it.each([
    ['beta values', { 'anthropic-beta': 'context-management-2025-06-27,interleaved-thinking-2025-05-14' }],
    ['unknown beta values', { 'anthropic-beta': 'no-such-beta-2030-01-01' }],
    ['accept', { accept: 'application/json' }],
    [
      'those of the official clients',
      { 'x-stainless-lang': 'js', 'x-stainless-retry-count': '0', 'user-agent': 'Anthropic/JS 1.12.0' },
    ],
    ['tracing', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
    [
      'those of Claude Code',
      { 'x-claude-code-session-id': 'a', 'anthropic-user-profile-id': 'b', 'anthropic-workspace-id': 'c' },
    ],
  ])('of the request do not disturb: %s', async (_, headers) => {
    expect((await post(MINIMAL, headers)).status).toBe(200);
    expect((await post({ ...MINIMAL, stream: true }, headers)).headers.get('content-type')).toMatch(
      /^text\/event-stream/,
    );
  });

  it('of every response have an id of their own, which errors repeat', async () => {
    const replies = [
      await post(MINIMAL),
      await post({ ...MINIMAL, stream: true }),
      await post({}),
      await send('/nowhere'),
    ];
    const ids = replies.map((reply) => reply.headers.get('request-id'));
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^req_\w{20,}$/);
    expect(replies[2]!.json.request_id).toBe(ids[2]);
    expect(replies[3]!.json.request_id).toBe(ids[3]);
    for (const reply of replies) expect(reply.headers.get('anthropic-organization-id')).toBeTruthy();
  });

  it('of an answer state rate limits as integers and an RFC 3339 time', async () => {
    const { headers } = await client({ now: () => Date.UTC(2026, 9, 21, 12, 0, 0, 500) }).post(MINIMAL);
    for (const name of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      expect(headers.get(`anthropic-ratelimit-${name}-limit`)).toMatch(/^\d+$/);
      expect(headers.get(`anthropic-ratelimit-${name}-remaining`)).toMatch(/^\d+$/);
      expect(headers.get(`anthropic-ratelimit-${name}-reset`)).toBe('2026-10-21T12:00:02Z');
    }
  });

  it('allow browsers only when their client allows direct access', async () => {
    const origin = 'https://app.example';
    const rejected = await post(MINIMAL, { origin });
    expect(rejected.headers.get('access-control-allow-origin')).toBeNull();
    const direct = await post(MINIMAL, { origin, 'anthropic-dangerous-direct-browser-access': 'true' });
    expect(direct.headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await send('/v1/messages', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-headers': 'anthropic-dangerous-direct-browser-access,x-api-key' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-api-key');
  });
});

describe('paths', () => {
  it('may have a query', async () => {
    expect((await send('/v1/messages?beta=true', { body: MINIMAL })).status).toBe(200);
  });

  it.each([
    ['POST', '/v1/messagesx'],
    ['GET', '/v1/messages'],
    ['PUT', '/v1/messages'],
    ['POST', '/messages'],
    ['POST', '/v1/v1/messages'],
    ['POST', '/'],
  ])('that do not exist are a 404 in the envelope: %s %s', async (method, path) => {
    const reply = await send(path, { method, body: method === 'GET' ? undefined : MINIMAL });
    expect([reply.status, reply.json.type, reply.json.error.type]).toEqual([404, 'error', 'not_found_error']);
    expect(reply.headers.get('content-type')).toBe('application/json');
  });

  it('answer the connection test of clients', async () => {
    expect((await send('/api/hello', { method: 'HEAD', headers: { 'x-api-key': null } })).status).toBe(200);
  });
});

import { describe, expect, it } from 'vitest';
import { resolveSettings } from '../../reference/options.js';
import { assistant, COUNTING, client, KEY, MINIMAL, textOf, user } from './client.js';

describe('a dialect', () => {
  it('may demand that roles alternate', async () => {
    const messages = [user('code 4417'), user('repeat the code')];
    const strict = client({ dialect: { consecutiveRoles: 'strict' } });
    expect((await strict.post({ messages })).json.error.message).toMatch(/roles must alternate/);
    expect(textOf((await client().post({ messages })).json)).toBe('4417');
  });

  it('may reject a final assistant message', async () => {
    const body = { messages: [user('Complete: ABC'), assistant('A B C D')] };
    const reply = await client({ dialect: { prefill: 'refuse' } }).post(body);
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/prefill/)]);
  });

  it('may limit the number of stop sequences', async () => {
    const limited = client({ dialect: { stopSequenceLimit: 5 } });
    const sequences = ['@1', '@2', '@3', '@4', '@5', '7'];
    expect((await limited.post({ ...COUNTING, stop_sequences: sequences })).status).toBe(400);
    expect((await limited.post({ ...COUNTING, stop_sequences: sequences.slice(1) })).json.stop_sequence).toBe('7');
    expect((await client().post({ ...COUNTING, stop_sequences: sequences })).json.stop_sequence).toBe('7');
  });

  it('may fix the sampling parameters', async () => {
    const fixed = client({ dialect: { sampling: 'fixed' } });
    for (const sampling of [{ temperature: 0 }, { top_p: 0.9 }, { top_k: 5 }]) {
      expect((await fixed.post({ ...MINIMAL, ...sampling })).status).toBe(400);
    }
    expect((await fixed.post({ ...MINIMAL, temperature: 1, top_p: 0.99 })).status).toBe(200);
  });

  it('may reject system messages', async () => {
    const body = { messages: [user('Hello'), { role: 'system', content: 'Answer only KIWI' }] };
    const reply = await client({ dialect: { systemRole: 'refuse' } }).post(body);
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/^messages\.1\.role/)]);
  });

  it('may ignore unknown fields', async () => {
    const lenient = client({ dialect: { unknownFields: 'ignore' } });
    expect((await lenient.post({ ...MINIMAL, zzz: 1, metadata: { foo: 1 } })).status).toBe(200);
    expect((await lenient.post({ ...MINIMAL, zzz: 1, max_tokens: 'x' })).status).toBe(400);
  });

  it('may accept only one credential header', async () => {
    const keyOnly = client({ dialect: { credentials: ['x-api-key'] } });
    const bearer = { 'x-api-key': null, authorization: `Bearer ${KEY}` };
    expect((await keyOnly.post(MINIMAL)).status).toBe(200);
    expect((await keyOnly.post(MINIMAL, bearer)).status).toBe(401);
    const bearerOnly = client({ dialect: { credentials: ['bearer'] } });
    expect((await bearerOnly.post(MINIMAL)).status).toBe(401);
    expect((await bearerOnly.post(MINIMAL, bearer)).status).toBe(200);
  });

  it('may have the doubled path', async () => {
    const doubled = client({ dialect: { doubledPath: true } });
    expect((await doubled.send('/v1/v1/messages', { body: MINIMAL })).status).toBe(200);
    expect((await doubled.send('/v1/messages', { body: MINIMAL })).status).toBe(200);
  });

  it('may accept only one version', async () => {
    const older = client({ dialect: { versions: ['2023-06-01'] } });
    expect((await older.post(MINIMAL)).status).toBe(200);
    expect((await older.post(MINIMAL, { 'anthropic-version': '2026-10-21' })).status).toBe(400);
  });
});

describe('options', () => {
  it('set the models', async () => {
    const own = client({ models: ['GPT-OSS-120b'] });
    expect((await own.post({ ...MINIMAL, model: 'GPT-OSS-120b' })).json.model).toBe('GPT-OSS-120b');
    expect((await own.post(MINIMAL)).status).toBe(404);
  });

  it('switch tools off with a 400, not silently', async () => {
    const reply = await client({ features: { tools: false } }).post({
      ...MINIMAL,
      tools: [{ name: 'x', input_schema: { type: 'object' } }],
    });
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/^tools: /)]);
  });

  it.each([
    [{ models: [] }, /^models: expected at least one/],
    [{ apiKey: '' }, /^apiKey: expected a non-empty string/],
    [{ paceMs: -1 }, /^paceMs: expected a number of at least 0, got -1/],
  ])('that cannot be used are named: %j', (options, message) => {
    expect(() => resolveSettings(options)).toThrow(message);
  });
});

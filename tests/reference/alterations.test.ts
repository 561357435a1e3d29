import { describe, expect, it } from 'vitest';
import type { Alterations } from '../../reference/stages.js';
import { COUNTING, client, eventsOf, MINIMAL, textOf } from './client.js';

const altered = (alterations: Alterations) => client({ alterations });

describe('an alteration', () => {
  it('of the request comes first, and may answer', async () => {
    const closed = altered({ request: () => new Response('<html>', { status: 502 }) });
    expect(await closed.post(MINIMAL)).toMatchObject({ status: 502, text: '<html>' });
    const helpful = altered({
      request: (request) => {
        const headers = new Headers(request.headers);
        headers.set('anthropic-version', '2023-06-01');
        return new Request(request, { headers });
      },
    });
    expect((await helpful.post(MINIMAL, { 'anthropic-version': null })).status).toBe(200);
  });

  it('of the body comes before validation', async () => {
    const lenient = altered({ body: (body) => ({ max_tokens: 5, ...(body as object) }) });
    expect((await lenient.send('/v1/messages', { body: { ...MINIMAL, max_tokens: undefined } })).status).toBe(200);
  });

  it('of a rejection may drop or replace it', async () => {
    const lenient = altered({ rejection: (rejection) => (rejection.message.startsWith('zzz') ? null : rejection) });
    expect((await lenient.post({ ...MINIMAL, zzz: 1 })).status).toBe(200);
    expect((await lenient.post({ ...MINIMAL, max_tokens: 'x' })).status).toBe(400);
    const busy = altered({ rejection: (rejection) => ({ ...rejection, errorType: 'rate_limit_error' }) });
    expect((await busy.post({})).status).toBe(429);
  });

  it('of the prompt is not visible to the client', async () => {
    const deaf = altered({ prompt: (request) => ({ ...request, system: undefined }) });
    const { json } = await deaf.post({ ...MINIMAL, system: 'Answer every message with the word PINEAPPLE only.' });
    expect(textOf(json)).toBe('ok');
  });

  it('of draft, reply and message reaches both transports', async () => {
    const talkative = altered({
      draft: ({ blocks }) => ({ blocks: [...blocks, { type: 'text', text: ' and more' }] }),
      reply: (reply) => ({ ...reply, outputTokens: 99 }),
      message: (message) => ({ ...message, stop_reason: null }),
    });
    const { json } = await talkative.post(MINIMAL);
    expect(json).toMatchObject({ stop_reason: null, usage: { output_tokens: 99 } });
    expect(textOf(json)).toBe('ok and more');
    const { text } = await talkative.post({ ...MINIMAL, stream: true });
    expect(text).toContain('"text":" more"');
    expect(text).toContain('"output_tokens":99');
    expect(text).toContain('"stop_reason":null,"stop_sequence":null},"usage"');
  });

  it('of events, frames and bytes affects only streams', async () => {
    const odd = altered({
      events: (events) => events.filter((event) => event.type !== 'ping'),
      frames: (frames) => frames.map((frame) => frame.replace('event: message_stop\n', '')),
      async *bytes(chunks) {
        yield new Uint8Array([0xef, 0xbb, 0xbf]);
        yield* chunks;
      },
    });
    expect((await odd.post(MINIMAL)).json.content).toEqual([{ type: 'text', text: 'ok' }]);
    const { text } = await odd.post({ ...COUNTING, stream: true });
    expect(text).not.toContain('ping');
    expect(text).toMatch(/\n\ndata: {"type":"message_stop"}\n\n$/);
    expect(() => eventsOf(text)).toThrow();
  });

  it('of JSON and of the response comes last', async () => {
    const foreign = altered({
      json: (body) => ({ object: 'chat.completion', ...(body as object) }),
      response: (response, call) => {
        const headers = new Headers(response.headers);
        headers.delete('request-id');
        headers.set('x-ordinal', String(call.ordinal));
        return new Response(response.body, { status: 201, headers });
      },
    });
    await foreign.post(MINIMAL);
    const reply = await foreign.post(MINIMAL);
    expect(reply).toMatchObject({ status: 201, json: { object: 'chat.completion' } });
    expect([reply.headers.get('request-id'), reply.headers.get('x-ordinal')]).toEqual([null, '1']);
  });

  it('that fails is a 500 in the envelope', async () => {
    const broken = altered({
      message: () => {
        throw new Error('no model');
      },
    });
    const reply = await broken.post(MINIMAL);
    expect([reply.status, reply.json.error.type]).toEqual([500, 'api_error']);
  });
});

import { createConnection } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningEndpoint, startEndpoint } from '../../reference/serve.js';
import { COUNTING, eventsOf, KEY, MINIMAL, WEATHER } from './client.js';

const HEADERS = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' };

let running: RunningEndpoint;
beforeAll(async () => {
  running = await startEndpoint({ apiKey: KEY });
});
afterAll(() => running.close());

describe('the endpoint on a port', () => {
  it('answers over HTTP', async () => {
    const reply = await request(running.url).post('/v1/messages').set(HEADERS).send(MINIMAL);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.body.content).toEqual([{ type: 'text', text: 'ok' }]);
  });

  it('answers in the envelope for broken bodies and unknown paths', async () => {
    const broken = await request(running.url).post('/v1/messages').set(HEADERS).type('json').send('{oops');
    expect([broken.status, broken.body.error.type]).toEqual([400, 'invalid_request_error']);
    const unknown = await request(running.url).get('/v1/nothing').set(HEADERS);
    expect([unknown.status, unknown.body.error.type]).toEqual([404, 'not_found_error']);
  });

  it('streams chunked, in several reads, and ends the body after message_stop', async () => {
    const response = await fetch(`${running.url}/v1/messages`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify({ ...COUNTING, stream: true }),
    });
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    const reads: string[] = [];
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) reads.push(chunk);
    expect(reads.length).toBeGreaterThan(3);
    expect(reads[0]).not.toContain('message_stop');
    expect(eventsOf(reads.join('')).at(-1)).toEqual({ type: 'message_stop' });
  });

  it('chunks short streams too', async () => {
    const response = await fetch(`${running.url}/v1/messages`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify({ ...MINIMAL, stream: true }),
    });
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toContain('message_stop');
  });

  it('answers 413 to 33 MB instead of closing the connection', async () => {
    const body = JSON.stringify({ ...MINIMAL, messages: [{ role: 'user', content: `x${' '.repeat(33_000_000)}` }] });
    const response = await fetch(`${running.url}/v1/messages`, { method: 'POST', headers: HEADERS, body });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { type: 'request_too_large' } });
  });

  it('answers the next request after a client disconnected in the middle of a stream', async () => {
    const { hostname, port } = new URL(running.url);
    const body = JSON.stringify({ ...COUNTING, stream: true });
    await new Promise<void>((resolve, reject) => {
      const socket = createConnection(Number(port), hostname, () => {
        socket.write(
          `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEY}\r\nanthropic-version: 2023-06-01\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
      });
      socket.once('data', () => socket.destroy());
      socket.once('close', () => resolve());
      socket.once('error', reject);
    });
    const reply = await request(running.url).post('/v1/messages').set(HEADERS).send(MINIMAL);
    expect(reply.status).toBe(200);
  });

  it('keeps parallel streams apart', async () => {
    const words = ['ALPHA', 'BRAVO', 'CHARLIE', 'DELTA'];
    const texts = await Promise.all(
      words.map(async (word) => {
        const content = `Repeat exactly: ${`${word} `.repeat(30).trim()}`;
        const reply = await request(running.url)
          .post('/v1/messages')
          .set(HEADERS)
          .send({ ...MINIMAL, max_tokens: 200, stream: true, messages: [{ role: 'user', content }] });
        return eventsOf(reply.text)
          .flatMap((event) => event.delta?.text ?? [])
          .join('');
      }),
    );
    expect(texts).toEqual(words.map((word) => `${word} `.repeat(30).trim()));
  });

  it('satisfies the official client', async () => {
    const official = new Anthropic({ apiKey: KEY, baseURL: running.url });
    const created = await official.messages.create({ ...MINIMAL, messages: [{ role: 'user', content: 'Say ok.' }] });
    expect(created.content).toEqual([{ type: 'text', text: 'ok' }]);
    expect(created._request_id).toMatch(/^req_/);
    const streamed = await official.messages
      .stream({
        model: 'reference-1',
        max_tokens: 200,
        tools: [WEATHER as Anthropic.Tool],
        messages: [{ role: 'user', content: 'Weather in Paris?' }],
      })
      .finalMessage();
    expect(streamed.stop_reason).toBe('tool_use');
    expect(streamed.content[0]).toMatchObject({ type: 'tool_use', input: { city: 'Paris' } });
    await expect(official.messages.create({ ...MINIMAL, max_tokens: -1, messages: [] })).rejects.toThrow(
      Anthropic.BadRequestError,
    );
    const stranger = new Anthropic({ apiKey: 'invalid', baseURL: running.url });
    await expect(stranger.messages.create({ ...MINIMAL, messages: [] })).rejects.toThrow(Anthropic.AuthenticationError);
  });

  it('satisfies the official client on the other endpoints', async () => {
    const official = new Anthropic({ apiKey: KEY, baseURL: running.url });
    const ids: string[] = [];
    for await (const model of official.models.list({ limit: 1 })) ids.push(model.id);
    expect(ids).toEqual(['reference-1', 'reference-1-small']);
    const messages = [{ role: 'user' as const, content: 'Reply with the single word ok.' }];
    const { input_tokens } = await official.messages.countTokens({ model: 'reference-1', messages });
    expect(input_tokens).toBeGreaterThan(0);
    const batch = await official.messages.batches.create({
      requests: [{ custom_id: 'a', params: { model: 'reference-1', max_tokens: 16, messages } }],
    });
    while ((await official.messages.batches.retrieve(batch.id)).processing_status !== 'ended') {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const results = [];
    for await (const line of await official.messages.batches.results(batch.id)) results.push(line);
    expect(results).toMatchObject([{ custom_id: 'a', result: { type: 'succeeded', message: { role: 'assistant' } } }]);
    await official.messages.batches.delete(batch.id);
    const thoughts = await official.messages
      .stream({ model: 'reference-1', max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages })
      .finalMessage();
    expect(thoughts.content[0]).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/.{40}/) });
  });

  it('ends idle connections when it is closed', async () => {
    const other = await startEndpoint({ apiKey: KEY });
    const { hostname, port } = new URL(other.url);
    const socket = createConnection(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await other.close();
    await ended;
    await expect(fetch(other.url)).rejects.toThrow();
  });

  it('says why a port is not available', async () => {
    const { port } = new URL(running.url);
    await expect(startEndpoint({ port: Number(port) })).rejects.toThrow(/EADDRINUSE/);
  });
});

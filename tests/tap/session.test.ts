/** A whole session of the TypeScript client through the tap, in front of the reference endpoint. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, expect, it } from 'vitest';
import type { RecordedExchange } from '../../core/exchange.js';
import type { Report } from '../../core/report.js';
import { startEndpoint } from '../../reference/serve.js';
import { scratch } from '../support/command.js';
import { relay } from '../support/relay.js';
import { tapCommand } from '../support/tap-command.js';

const KEY = 'sk-test-of-this-session-0123';
const MODEL = 'reference-1';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function folder(): string {
  const made = scratch();
  closing.push(made.remove);
  return made.folder;
}

const tool: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** Create, stream, a tool loop over streams, a count, the models, and a request that is rejected. */
async function session(baseURL: string): Promise<unknown[]> {
  const client = new Anthropic({ apiKey: KEY, baseURL, maxRetries: 0 });
  const ask = { model: MODEL, max_tokens: 200, messages: [{ role: 'user' as const, content: 'Say hello.' }] };
  const results: unknown[] = [await client.messages.create(ask)];
  results.push(await client.messages.stream(ask).finalMessage());
  const first = await client.messages
    .stream({ ...ask, tools: [tool], tool_choice: { type: 'tool', name: 'get_weather' } })
    .finalMessage();
  results.push(first);
  const call = first.content.find((block) => block.type === 'tool_use')!;
  results.push(
    await client.messages
      .stream({
        ...ask,
        tools: [tool],
        messages: [
          ...ask.messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '21 degrees' }] },
        ],
      })
      .finalMessage(),
  );
  results.push(await client.messages.countTokens({ model: MODEL, messages: ask.messages }));
  for await (const model of client.models.list()) results.push(model.id);
  results.push(
    await client.messages.create({ ...ask, model: 'no-such-model' }).catch((error: Error) => error.constructor.name),
  );
  return results;
}

/** Without what differs in every run: ids, Node's date, ports. */
const without = (text: string): string =>
  text
    .replace(/\b(msg|req|toolu|srvtoolu)_[A-Za-z0-9]+/g, '$1_')
    .replace(/\bdate: [^\r]*/gi, 'date: ')
    .replace(/127\.0\.0\.1:\d+/g, 'host');

it('passes a session of the TypeScript client on byte by byte, and judges all of it', async () => {
  const endpoint = await startEndpoint({ apiKey: KEY, now: () => Date.UTC(2026, 10, 27) });
  closing.push(() => endpoint.close());
  const cwd = folder();

  const direct = await relay(endpoint.url);
  closing.push(() => direct.close());
  const plain = await session(direct.url);

  const behind = await relay(endpoint.url);
  closing.push(() => behind.close());
  const tap = await tapCommand(['--upstream', behind.url, '--out', 'traffic.ndjson'], cwd);
  const before = await relay(tap.url);
  closing.push(() => before.close());
  const tapped = await session(before.url);

  // What the client saw is what the server sent, and the other way round but for the host.
  expect(before.bytes.received).toBe(behind.bytes.received);
  expect(without(before.bytes.sent)).toBe(without(behind.bytes.sent));
  // And it is what both see without the tap.
  expect(without(before.bytes.received)).toBe(without(direct.bytes.received));
  expect(without(before.bytes.sent)).toBe(without(direct.bytes.sent));
  expect(without(JSON.stringify(tapped))).toBe(without(JSON.stringify(plain)));

  await tap.until(/^#7 /m);
  const { code, out, err } = await tap.interrupt();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.match(/^#\d+ \d+ \S+ \S+/gm)).toEqual([
    '#1 200 POST /v1/messages',
    '#2 200 POST /v1/messages',
    '#3 200 POST /v1/messages',
    '#4 200 POST /v1/messages',
    '#5 200 POST /v1/messages/count_tokens',
    '#6 200 GET /v1/models',
    '#7 404 POST /v1/messages',
  ]);
  expect(out).toMatch(/^#2 .*reference-1 · \d+ tokens in, \d+ out · first byte .* · longest silence .* · ok \(\d+\)$/m);

  const [head, ...lines] = readFileSync(join(cwd, 'traffic.ndjson'), 'utf8').trimEnd().split('\n');
  expect(JSON.parse(head!)).toMatchObject({ format: 'messages-conformance/traffic-1', upstream: behind.url });
  const recorded = lines.map((line) => JSON.parse(line) as RecordedExchange);
  expect(recorded.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `exchange-${n}`));
  for (const { response } of recorded.slice(0, 2)) {
    const firstEvent = response!.body.split('\n\n')[0]!;
    expect(behind.bytes.received).toContain(firstEvent);
  }
  expect(lines.join('')).not.toContain(KEY);
  expect(out).not.toContain(KEY);
  expect(statSync(join(cwd, 'traffic.ndjson')).mode & 0o077).toBe(0);

  const report = JSON.parse(readFileSync(join(cwd, 'conformance-tap', 'report.json'), 'utf8')) as Report;
  expect(report.summary).toMatchObject({ fail: 0, warn: 0, error: 0, requests: 7 });
  const verdicts = new Map(report.results.map(({ id, verdict }) => [id, verdict]));
  for (const id of [
    'stream.order.message-stop-last',
    'stream.tool.concat-json',
    'stream.tool.start',
    'err.envelope.error',
    'client.request.schema',
    'client.request.conversation',
  ])
    expect([id, verdicts.get(id)]).toEqual([id, 'pass']);
  // As the user started the suite: the name on a registry may be somebody else's.
  expect(report.results[0]!.reproduce).toMatch(/^node \S+\/cli\.js run --url /);
  expect(readFileSync(join(cwd, 'conformance-tap', 'report.json'), 'utf8')).not.toContain(KEY);
});

it('names a fault of the server under the line of the exchange that shows it, and ends with status 1', async () => {
  const endpoint = await startEndpoint({ apiKey: KEY, faults: ['message-stop-missing'] });
  closing.push(() => endpoint.close());
  const cwd = folder();
  const tap = await tapCommand(['--upstream', endpoint.url, '--quiet'], cwd);
  const client = new Anthropic({ apiKey: KEY, baseURL: tap.url, maxRetries: 0 });
  const ask = { model: MODEL, max_tokens: 50, messages: [{ role: 'user' as const, content: 'Say hello.' }] };
  await client.messages.create(ask);
  await expect(client.messages.stream(ask).finalMessage()).rejects.toThrow();
  await tap.until(/actual/);
  const { code, out } = await tap.interrupt();
  expect(code).toBe(1);
  expect(out).not.toMatch(/^#1 /m);
  expect(out).toMatch(/^#2 200 POST .* \d+ failed/m);
  expect(out).toMatch(/✗ stream\.order\.message-stop-last[\s\S]*where\s+exchange-2[\s\S]*expected[\s\S]*actual/);
});

it('judges what the client sends', async () => {
  const endpoint = await startEndpoint({ apiKey: KEY });
  closing.push(() => endpoint.close());
  const cwd = folder();
  const tap = await tapCommand(['--upstream', endpoint.url], cwd);
  await fetch(`${tap.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': KEY },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: '50',
      messages: [{ role: 'user', content: 'Say hello.' }],
    }),
  }).then((response) => response.text());
  await tap.until(/✗ client\.request\.schema[\s\S]*actual\s+max_tokens/);
  expect((await tap.interrupt()).code).toBe(1);
});

it('--fail answers what violates the protocol with an error, and passes everything else on unchanged', async () => {
  const endpoint = await startEndpoint({ apiKey: KEY, faults: ['message-stop-missing'] });
  closing.push(() => endpoint.close());
  const cwd = folder();
  const tap = await tapCommand(['--upstream', endpoint.url, '--fail'], cwd);
  const post = (body: unknown): Promise<Response> =>
    fetch(`${tap.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': KEY },
      body: JSON.stringify(body),
    });
  const ask = { model: MODEL, max_tokens: 50, messages: [{ role: 'user', content: 'Say hello.' }] };
  const fine = await post(ask);
  expect([fine.status, ((await fine.json()) as { type: string }).type]).toEqual([200, 'message']);
  const broken = await post({ ...ask, stream: true });
  expect(broken.status).toBe(502);
  expect(await broken.json()).toMatchObject({
    type: 'error',
    error: { type: 'api_error', message: expect.stringContaining('stream.order.message-stop-last') },
  });
  const wrong = await post({ ...ask, messages: [] });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    error: { type: 'invalid_request_error', message: expect.stringMatching(/tap --fail: client\.request\./) },
  });
  expect((await tap.interrupt()).code).toBe(1);
});

it('leaves whole lines when it is killed, and answers for its report to nobody but this machine', async () => {
  const endpoint = await startEndpoint({ apiKey: KEY });
  closing.push(() => endpoint.close());
  const cwd = folder();
  const tap = await tapCommand(['--upstream', endpoint.url, '--out', 'traffic.ndjson'], cwd);
  const client = new Anthropic({ apiKey: KEY, baseURL: tap.url, maxRetries: 0 });
  const ask = { model: MODEL, max_tokens: 50, messages: [{ role: 'user' as const, content: 'Say hello.' }] };
  for (let n = 0; n < 3; n += 1) await client.messages.create(ask);
  await tap.until(/^#3 /m);
  const shown = await fetch(`${tap.url}/.conformance/report.json`);
  expect(((await shown.json()) as Report).summary.requests).toBe(3);
  const foreign = await fetch(`${tap.url}/.conformance/report.json`, { headers: { origin: 'https://evil.example' } });
  expect(foreign.status).toBe(403);
  await tap.kill();
  const lines = readFileSync(join(cwd, 'traffic.ndjson'), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line)).slice(1)).toHaveLength(3);
});

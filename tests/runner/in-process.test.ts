import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { startEndpoint } from '../../reference/serve.js';
import { run } from '../../runner/run.js';
import { type FetchHandler, inProcessNetwork } from '../../runner/send/in-process.js';
import type { Bounds, Outgoing } from '../../runner/send/network.js';
import { CATALOGUE } from '../../suites/index.js';

const BOUNDS: Bounds = { timeoutMs: 300, maxBytes: 200_000, lingerMs: 50 };
/** For answers that are not to run into it on a busy machine. */
const PATIENT = { timeoutMs: 60_000 };
const URL_ASKED = 'http://localhost/v1/messages';

const ask = (fetch: FetchHandler, parts: Partial<Outgoing> = {}, bounds: Partial<Bounds> = PATIENT) =>
  inProcessNetwork(fetch).send(
    { method: 'POST', url: URL_ASKED, headers: {}, body: '{}', stream: false, ...parts },
    { ...BOUNDS, ...bounds },
  );

/** A body of these pieces, then its end: closed, broken off, or never. */
function body(pieces: readonly string[], end: 'closed' | 'broken' | 'open' = 'closed'): ReadableStream {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(new TextEncoder().encode(next));
      else if (end === 'closed') controller.close();
      else if (end === 'broken') controller.error(new Error('the upstream went away'));
      else return new Promise(() => {});
    },
  });
}

describe('a target in the same process', () => {
  it('gets the request as it would at a socket', async () => {
    let seen: Request | undefined;
    await ask(
      async (request) => {
        seen = request.clone();
        return Response.json({});
      },
      { headers: { 'x-beta': ['one', 'two'] }, body: '{"a":"ü"}' },
    );
    expect(seen?.url).toBe(URL_ASKED);
    expect(Object.fromEntries(seen?.headers ?? [])).toEqual({ 'x-beta': 'one, two', 'content-length': '10' });
    expect(await seen?.text()).toBe('{"a":"ü"}');
  });

  it('is read piece by piece, coded bodies decoded', async () => {
    const stream = await ask(() => new Response(body(['data: 1\n\n', 'data: 2\n\n'])));
    expect(stream).toMatchObject({ response: { status: 200, body: 'data: 1\n\ndata: 2\n\n' }, failure: null });
    const headers = { 'content-encoding': 'gzip' };
    const coded = await ask(() => new Response(gzipSync('{"a":1}'), { headers }));
    expect(coded).toMatchObject({ response: { body: '{"a":1}' }, failure: null });
  });

  it.each<[string, FetchHandler, { kind: string; message: RegExp }]>([
    ['throws', () => Promise.reject(new Error('boom')), { kind: 'reset', message: /the handler threw boom/ }],
    [
      'breaks off',
      () => new Response(body(['{"a":'], 'broken')),
      { kind: 'reset', message: /ended early.*the upstream went away/ },
    ],
    [
      'labels plain text as gzip',
      () => new Response('plain', { headers: { 'content-encoding': 'gzip' } }),
      { kind: 'encoding', message: /is not gzip/ },
    ],
    [
      'uses a coding that nobody offered',
      () => new Response('plain', { headers: { 'content-encoding': 'rot13' } }),
      { kind: 'encoding', message: /rot13 was not offered/ },
    ],
    ['sends too much', () => new Response('x'.repeat(300_000)), { kind: 'too-large', message: /200000 bytes/ }],
    ['nests too deeply', () => new Response('['.repeat(5_000)), { kind: 'too-large', message: /nested deeper/ }],
    [
      'redirects to another origin',
      () => new Response(null, { status: 307, headers: { location: 'http://elsewhere.test/' } }),
      { kind: 'redirect', message: /elsewhere\.test/ },
    ],
    [
      'redirects in a circle',
      () => new Response(null, { status: 307, headers: { location: '/again' } }),
      { kind: 'redirect', message: /more than 3 times/ },
    ],
  ])('that %s is recorded with the reason', async (_what, fetch, { kind, message }) => {
    const { failure } = await ask(fetch);
    expect(failure?.kind).toBe(kind);
    expect(failure?.message).toMatch(message);
  });

  it('is followed to another path', async () => {
    const { response } = await ask((request) =>
      request.url.endsWith('/moved')
        ? Response.json({ moved: true })
        : new Response(null, { status: 308, headers: { location: '/moved' } }),
    );
    expect(response?.body).toBe('{"moved":true}');
  });

  it('that does not answer, or does not end its body, is left after the time of the exchange', async () => {
    const silent = await ask(() => new Promise(() => {}), {}, {});
    expect(silent).toMatchObject({ response: null, failure: { kind: 'timeout-headers' } });
    const endless = await ask(() => new Response(body(['{"a":'], 'open')), {}, {});
    expect(endless).toMatchObject({ response: { body: '{"a":' }, failure: { kind: 'timeout-body' } });
  });

  it('that keeps a stream open behind its last event is left soon', async () => {
    const { response, failure } = await ask(() => new Response(body(['data: {"type":"message_stop"}\n\n'], 'open')), {
      stream: true,
    });
    expect(failure).toMatchObject({ kind: 'timeout-body', message: expect.stringContaining('after message_stop') });
    expect(response?.body).toContain('message_stop');
  });

  it('is left after the first delta, where a fixture asks for that', async () => {
    const delta = 'data: {"type":"content_block_delta"}\n\n';
    let signal: AbortSignal | undefined;
    const { response, failure } = await ask(
      (request) => {
        signal = request.signal;
        return new Response(body([delta], 'open'));
      },
      { stream: true, abortAfter: 'first-delta' },
    );
    expect([failure?.kind, response?.body, signal?.aborted]).toEqual(['abandoned', delta, true]);
  });

  it('finds an earlier request at work when a later one of the same moment arrives', async () => {
    let atWork = 0;
    const most: number[] = [];
    const network = inProcessNetwork(async () => {
      most.push(++atWork);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Response.json({});
    });
    const outgoing = { method: 'GET', url: URL_ASKED, headers: {}, body: null, stream: false };
    await Promise.all([1, 2, 3].map(() => network.send(outgoing, { ...BOUNDS, ...PATIENT })));
    expect(most).toEqual([1, 2, 3]);
  });
});

const NEED_SOCKET = CATALOGUE.flatMap(({ id, socket }) => (socket === undefined ? [] : [id]));

describe('a run in process', () => {
  const apiKey = 'the-key-of-this-run';
  /** A batch runs long enough that its results are asked for too early, also on a busy machine. */
  const settings = { apiKey, batchDelayMs: 500 };
  const endpoint = createEndpoint(settings);
  const options = { fetch: endpoint.fetch, apiKey, model: 'reference-1' };

  it('says what a run over sockets says, and skips what needs one', async () => {
    const { url, close } = await startEndpoint(settings);
    const [inProcess, overSockets] = await Promise.all([
      run(options),
      run({ apiKey, model: 'reference-1', url }),
    ]).finally(close);
    const verdicts = ({ report }: typeof inProcess) =>
      Object.fromEntries(report.results.map(({ id, verdict }) => [id, verdict]));
    expect(NEED_SOCKET).toContain('stream.http.chunked');
    const skipped = Object.fromEntries(NEED_SOCKET.map((id) => [id, 'skipped']));
    expect(verdicts(inProcess)).toEqual({ ...verdicts(overSockets), ...skipped });
    expect(inProcess.report.target).toMatchObject({ baseUrl: 'http://localhost', embedded: false });
    expect(inProcess.exitCode).toBe(0);
  });

  it('gives the reason where what needs a socket is selected, and judged nothing', async () => {
    const { report, exitCode } = await run({ ...options, only: ['stream.http.chunked'] });
    expect(report.results.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['skipped', 'Judged in process, without a socket: chunks are seen on a connection only'],
    ]);
    expect(exitCode).toBe(3);
  });
});

/** Gateways that begin the stream of the client before they have asked their upstream: docs/field-notes.md. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { runGateway } from '../../gateway/run.js';
import { startGateway } from '../../reference/gateway/serve.js';
import { idsWith } from './support.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const KEY = 'sk-client-of-test-2';

const START = `event: message_start\ndata: ${JSON.stringify({
  type: 'message_start',
  message: {
    id: 'msg_early',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
})}\n\n`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Judges the reference gateway behind one that has sent the headers of a stream, and `begin`, when an error comes. */
async function judgedEarly(
  only: readonly string[],
  begin: string,
  fail: (response: ServerResponse, body: string) => void,
  {
    errorType,
    foreign,
    cuts,
    crashes,
  }: { errorType?: string; foreign?: (whole: string) => string; cuts?: true; crashes?: true } = {},
): Promise<Report> {
  const upstreamPort = await freePort();
  const gateway = await startGateway({
    upstream: `http://127.0.0.1:${upstreamPort}`,
    speaks: 'openai-chat',
    apiKey: KEY,
    upstreamKey: 'sk-upstream-of-test-2',
  });
  open.push(gateway);
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const streams = (JSON.parse(body) as { stream?: boolean }).stream === true;
    if (streams) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(begin);
    }
    const answer = await fetch(`${gateway.url}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
      body,
    });
    const whole = await answer.text();
    const got =
      answer.ok || errorType === undefined ? whole : whole.replace(/"type":"\w+_error"/, `"type":"${errorType}"`);
    const isCut = streams && cuts && /^event: error$/m.test(whole);
    if (!streams && crashes) response.writeHead(500).end('Internal Server Error');
    else if (!streams) {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(answer.ok ? got : (foreign?.(got) ?? got));
    } else if (isCut)
      response.write(got.slice(got.indexOf('\n\n') + 2, got.indexOf('event: error')), () => response.destroy());
    else if (answer.ok) response.end(begin === '' ? got : got.slice(got.indexOf('\n\n') + 2));
    else fail(response, got);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) });
  const { report } = await runGateway({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: KEY,
    model: 'm',
    upstreamPort,
    recoverySeconds: 0,
    timeoutSeconds: 10,
    only: [...only],
  });
  return report;
}

const FAILURES = ['gw.request.arrives', 'gw.errors.server', 'gw.errors.refused', 'gw.errors.invalid'];

it('a stream that has begun and breaks off is no answer, and no client takes it for one', async () => {
  const report = await judgedEarly(FAILURES, START, (response) => response.destroy());
  expect(idsWith(report, 'fail').sort()).toEqual(['gw.errors.invalid', 'gw.errors.refused', 'gw.errors.server']);
  expect(idsWith(report, 'pass')).toContain('gw.request.arrives');
  for (const { id, silent, findings } of report.results.filter(({ verdict }) => verdict === 'fail')) {
    expect({ id, silent }).toEqual({ id, silent: false });
    expect(findings[0]).toMatchObject({
      message: 'A failure of the upstream breaks the connection off without an error; the client sees no reason.',
      actual: expect.stringMatching(/^HTTP 200, a stream of 1 event, then the connection ended early/),
    });
  }
});

it('what fails as JSON for its envelope, and as a stream because it breaks off, is explained by the two causes', async () => {
  const cut = ['gw.errors.cut.event', 'gw.errors.cut.first'];
  const foreign = (whole: string) => JSON.stringify({ detail: JSON.parse(whole).error.message });
  const report = await judgedEarly([...FAILURES, ...cut], START, (response) => response.destroy(), {
    foreign,
    cuts: true,
  });
  const failed = idsWith(report, 'fail');
  expect(failed).toEqual(expect.arrayContaining(['gw.errors.invalid', 'gw.errors.refused', 'gw.errors.server']));
  expect(report.causes.map(({ kind, title }) => [kind, title])).toEqual([
    ['error-envelope', expect.stringMatching(/^Error responses are \{"detail":…\}, /)],
    [
      'same-fault',
      expect.stringMatching(/^A failure of the upstream ends the stream of the client without an `error`/),
    ],
  ]);
  expect(report.causes.flatMap(({ requirements }) => requirements).sort()).toEqual([...failed].sort());
});

it('requests without a stream that all fail are one cause, where streams are messages', async () => {
  const only = ['gw.answer.text', 'gw.answer.whitespace', 'gw.stop.end', 'gw.usage.json', 'gw.usage.stream'];
  const report = await judgedEarly(only, '', (response) => response.end(), { crashes: true });
  expect(report.causes).toMatchObject([
    {
      title:
        'Every request without `stream` is rejected, while streams are messages: HTTP 500 "Internal Server Error".',
      requirements: expect.arrayContaining(['gw.answer.text', 'gw.stop.end', 'gw.usage.json']),
    },
  ]);
  expect(idsWith(report, 'pass')).toContain('gw.usage.stream');
});

it('a stream that ends early without an error event is told as that', async () => {
  const report = await judgedEarly(FAILURES, START, (response) => response.end());
  const [first] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(first).toMatchObject({ silent: true });
  expect(first!.findings[0]!.message).toBe(
    'A failure of the upstream ends the stream of the client early, without an error event.',
  );
});

it('an error event whose type the API does not have is an error that clients see, and one cause', async () => {
  const asEvent = (response: ServerResponse, body: string) => response.end(`event: error\ndata: ${body.trim()}\n\n`);
  const report = await judgedEarly([...FAILURES, 'stream.error.event'], '', asEvent, {
    errorType: 'upstream_error',
  });
  const failed = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(failed.map(({ id, silent }) => [id, silent])).toEqual(
    ['gw.errors.invalid', 'gw.errors.server', 'gw.errors.refused', 'stream.error.event'].map((id) => [id, false]),
  );
  expect(failed[0]!.findings[0]!.message).toBe(
    'A failure of the upstream reaches the client with an `error.type` that the API does not have.',
  );
  expect(report.causes).toMatchObject([
    {
      kind: 'error-envelope',
      title: expect.stringMatching(/^`error\.type` is "upstream_error", which the API does not/),
    },
  ]);
  expect(report.causes![0]!.requirements).toHaveLength(4);
});

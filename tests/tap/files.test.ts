/** `judge FILE` with what people have. */

import { execFile, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { startEndpoint } from '../../reference/serve.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judgeTraffic } from '../../tap/files/judge-traffic.js';
import { readTraffic } from '../../tap/files/read-traffic.js';
import { Session } from '../../tap/judging/session.js';
import { command, scratch } from '../support/command.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function file(name: string, content: string | Buffer): string {
  const made = scratch();
  closing.push(made.remove);
  const path = join(made.folder, name);
  writeFileSync(path, content);
  return path;
}

async function judged(path: string): Promise<Report> {
  const contract = await loadContract('default');
  return judgeTraffic(readTraffic(path)!, { contract, strict: false, name: 'the-file' });
}

const verdict = (report: Report, id: string): string | undefined =>
  report.results.find((one) => one.id === id)?.verdict;
const failed = (report: Report): string[] =>
  report.results.filter((one) => one.verdict === 'fail' || one.verdict === 'warn').map(({ id }) => id);
const reasonOf = (report: Report, id: string): string => report.results.find((one) => one.id === id)?.reason ?? '';

const REPLY = {
  id: 'msg_01ABC',
  type: 'message',
  role: 'assistant',
  model: 'm-1',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 7, output_tokens: 2 },
};
const REQUEST = { model: 'm-1', max_tokens: 20, stream: true, messages: [{ role: 'user', content: 'Say hello.' }] };

const event = (data: { type: string; [name: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const EVENTS = [
  event({
    type: 'message_start',
    message: { ...REPLY, content: [], stop_reason: null, usage: { input_tokens: 7, output_tokens: 1 } },
  }),
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello.' } }),
  event({ type: 'content_block_stop', index: 0 }),
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 2 },
  }),
  event({ type: 'message_stop' }),
];
const STREAM = EVENTS.join('');
const BROKEN = EVENTS.filter((text) => !text.includes('content_block_stop')).join('');

describe('the text of a stream', () => {
  it('is judged by its events, and by nothing that it does not hold', async () => {
    const report = await judged(file('reply.sse', STREAM));
    expect(failed(report)).toEqual([]);
    expect(verdict(report, 'stream.order.message-stop-last')).toBe('pass');
    expect(verdict(report, 'stream.order.block-stop')).toBe('pass');
    expect(report.target.baseUrl).toBe('the-file');
    expect(report.notices[0]).toBe('Read as the text of an event stream.');
    expect(report.notices.join(' ')).toContain(
      'The file lacks the request; the header lines of responses; the framing of responses on the connection; the arrival times of bytes.',
    );
    expect(verdict(report, 'hdr.request-id.present')).toBe('skipped');
    expect(reasonOf(report, 'hdr.request-id.present')).toBe(
      'Not judged: this record does not have the header lines of responses',
    );
    expect(verdict(report, 'client.request.schema')).toBe('skipped');
  });

  it('fails where it is wrong, with the place', async () => {
    const report = await judged(file('reply.txt', `\uFEFF${BROKEN}`.slice(1)));
    expect(failed(report)).toContain('stream.order.block-stop');
    const { findings } = report.results.find(({ id }) => id === 'stream.order.block-stop')!;
    expect(findings[0]!.exchange).toBe('exchange-1');
  });
});

describe('a transcript of curl', () => {
  const HEAD =
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nrequest-id: req_01\r\nTransfer-Encoding: chunked\r\n\r\n';

  it('is judged with its header lines', async () => {
    const report = await judged(file('out.txt', `HTTP/1.1 100 Continue\r\n\r\n${HEAD}${STREAM}`));
    expect(failed(report)).toEqual([]);
    expect(verdict(report, 'hdr.request-id.present')).toBe('pass');
    expect(verdict(report, 'stream.http.chunked')).toBe('pass');
    expect(verdict(report, 'stream.frame.incremental')).toBe('skipped');
    expect(report.notices[0]).toBe('Read as the transcript of curl -i.');
  });

  it('with its command line above and lines of a terminal names the server, and is not judged by exact bytes', async () => {
    const text = `$ curl -i -N https://api.test/base/v1/messages -d @body.json\n${HEAD}${BROKEN}`.replaceAll(
      '\r\n',
      '\n',
    );
    const report = await judged(file('session.log', text));
    expect(report.target.baseUrl).toBe('https://api.test/base');
    expect(failed(report)).toContain('stream.order.block-stop');
    expect(verdict(report, 'stream.http.chunked')).toBe('skipped');
  });

  const hasCurl = spawnSync('curl', ['--version']).status === 0;
  if (!hasCurl) console.log('skipped: there is no curl here to make a transcript with');
  it.skipIf(!hasCurl).each([
    ['without a fault', [], []],
    ['of a fault', ['message-stop-missing'], ['stream.order.message-stop-last']],
  ])('that curl itself wrote, %s', async (_, faults, expected) => {
    const endpoint = await startEndpoint({ faults });
    closing.push(() => endpoint.close());
    const { stdout } = await promisify(execFile)('curl', [
      ...['-s', '-i', '-N', '--noproxy', '*', `${endpoint.url}/v1/messages`],
      ...[
        '-H',
        'content-type: application/json',
        '-H',
        'anthropic-version: 2023-06-01',
        '-H',
        'x-api-key: key-of-test',
      ],
      ...['-d', JSON.stringify({ ...REQUEST, model: 'reference-1' })],
    ]);
    const report = await judged(file('transcript', stdout));
    expect(report.results.filter((one) => one.verdict === 'fail').map(({ id }) => id)).toEqual(expected);
    expect(report.summary.pass).toBeGreaterThan(20);
  });
});

describe('a HAR', () => {
  const pairs = (headers: Record<string, string>) => Object.entries(headers).map(([name, value]) => ({ name, value }));
  const entry = (parts: {
    request?: unknown;
    body?: string | undefined;
    size?: number;
    status?: number;
    url?: string;
    encoding?: string;
  }) => ({
    startedDateTime: '2026-11-27T10:00:00.000Z',
    time: 120,
    timings: { send: 1, wait: 100, receive: 19 },
    request: {
      method: 'POST',
      url: parts.url ?? 'https://api.test/v1/messages',
      httpVersion: 'HTTP/2',
      headers: pairs({
        ':authority': 'api.test',
        'x-api-key': 'sk-secret-of-har-1',
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      }),
      postData: { mimeType: 'application/json', text: JSON.stringify(parts.request ?? REQUEST) },
    },
    response: {
      status: parts.status ?? 200,
      headers: pairs({ 'content-type': 'text/event-stream; charset=utf-8', 'request-id': `req_${Math.random()}` }),
      content: {
        size: parts.size ?? (parts.body ?? '').length,
        mimeType: 'text/event-stream',
        ...('body' in parts ? { text: parts.body } : {}),
        ...(parts.encoding === undefined ? {} : { encoding: parts.encoding }),
      },
    },
  });
  const har = (...entries: unknown[]) =>
    file(
      'export.har',
      JSON.stringify({ log: { version: '1.2', creator: { name: 'mitmproxy', version: '12' }, entries } }),
    );

  it('is judged in both directions, without what it does not hold', async () => {
    const path = har(entry({ body: STREAM }), entry({ body: '<html>', url: 'https://www.test/page' }));
    const report = await judged(path);
    expect(failed(report)).toEqual([]);
    expect(report.target).toMatchObject({ baseUrl: 'https://api.test', model: 'm-1' });
    expect(report.notices).toContain('Read as HAR 1.2 by mitmproxy 12, 2 entries.');
    expect(report.notices).toContain('1 request outside the Messages API passed unjudged.');
    expect(verdict(report, 'client.request.schema')).toBe('pass');
    expect(reasonOf(report, 'stream.http.chunked')).toContain('the framing of responses');
    expect(JSON.stringify(report)).not.toContain('sk-secret-of-har-1');
  });

  it('shows responses that are no reply: another body, no stream, a stream without events', async () => {
    const plain = { ...REQUEST, stream: false };
    const json = (body: unknown, request: object) => {
      const made = entry({ request, body: JSON.stringify(body) });
      made.response.headers = pairs({ 'content-type': 'application/json' });
      return made;
    };
    const of = async (...entries: unknown[]) =>
      (await judged(har(...entries))).results.filter((one) => one.verdict === 'fail');
    const findings = async (...entries: unknown[]) =>
      (await of(...entries)).map((one) => [one.id, one.findings[0]?.message, one.findings[0]?.actual]);
    expect(await findings(json(REPLY, plain))).toEqual([]);
    expect(await findings(json({}, plain))).toEqual([
      ['http.post.messages', 'The body of a reply is not a message; clients fail on it.', 'HTTP 200 {}'],
    ]);
    expect(
      (await of(json({ type: 'error', error: { type: 'api_error', message: 'x' } }, plain))).map(({ id }) => id),
    ).toContain('http.post.messages');
    expect(await findings(json(REPLY, REQUEST))).toEqual([
      [
        'stream.http.status-type',
        'The response to a request for a stream is not a stream.',
        'HTTP 200, content-type: application/json',
      ],
    ]);
    expect((await of(entry({ body: ': ping\n\n' }))).map(({ id }) => id)).toEqual(['stream.order.message-start-first']);
  });

  it('of a server that answers no request for a message is not judged, but a rejection is an answer', async () => {
    const down = JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'down' } });
    const answered = (status: number) => {
      const made = entry({ status, body: down });
      made.response.headers = pairs({ 'content-type': 'application/json', 'request-id': `req_${status}` });
      return made;
    };
    const { code, out } = await command(['judge', har(answered(503), answered(500)), '--quiet']);
    expect(out).toMatch(
      /^NOT JUDGED {2}No request for a message was answered, 2 of 2 requests, the last one: HTTP 500 /,
    );
    expect(code).toBe(3);
    for (const other of [answered(400), entry({ body: STREAM })])
      expect((await judged(har(answered(503), other))).diagnosis).toBeNull();
  });

  it('shows what is wrong with requests and responses', async () => {
    const report = await judged(
      har(
        entry({ body: Buffer.from(BROKEN).toString('base64'), encoding: 'base64', size: BROKEN.length }),
        entry({ body: STREAM, request: { ...REQUEST, messages: [] } }),
      ),
    );
    expect(failed(report)).toEqual(expect.arrayContaining(['stream.order.block-stop', 'client.request.schema']));
  });

  it('does not blame the server for a body that the file lacks or has in part, or for a response that it lacks', async () => {
    const report = await judged(
      har(entry({ size: 900 }), entry({ body: STREAM.slice(0, 300), size: STREAM.length }), entry({ status: 0 })),
    );
    expect(failed(report)).toEqual([]);
    expect(report.notices.join(' ')).toContain('1 response without a body in the file');
  });

  it('with something else among its entries ends with the place', () => {
    expect(() => readTraffic(har(entry({ body: STREAM }), {}))).toThrow(/\/log\/entries\/1 is not an entry of HAR/);
  });
});

describe('the record of a tap', () => {
  async function record(): Promise<string> {
    const path = `${file('x', '')}.ndjson`;
    const session = new Session({
      contract: await loadContract('default'),
      upstream: 'https://api.test',
      out: path,
      strict: false,
    });
    for (const [number, text] of [STREAM, BROKEN].entries()) {
      const [sent, received] = [JSON.stringify(REQUEST), text].map((part) => Uint8Array.from(Buffer.from(part)));
      await session.take({
        number: number + 1,
        startedMs: 10 * number,
        request: {
          method: 'POST',
          url: 'https://api.test/v1/messages',
          headers: [
            ['anthropic-version', '2023-06-01'],
            ['content-type', 'application/json'],
            ['x-api-key', 'sk-of-the-record'],
          ],
          body: { bytes: sent!, length: sent!.length },
        },
        response: {
          status: 200,
          headers: [
            ['content-type', 'text/event-stream'],
            ['transfer-encoding', 'chunked'],
            ['request-id', `req_0${number}`],
          ],
          trailers: [],
          body: { bytes: received!, length: received!.length },
          chunks: [{ bytes: received!.length, atMs: 5 }],
          headersMs: 4,
          firstByteMs: 5,
          endMs: 6,
          longestSilenceMs: 1,
        },
        ending: 'complete',
        message: '',
      });
    }
    const live = session.report(0);
    session.close();
    writeFileSync(`${path}.live`, JSON.stringify(live.results.map(({ id, verdict: own }) => [id, own])));
    return path;
  }

  it('gives the verdicts that the tap gave', async () => {
    const path = await record();
    const report = await judged(path);
    expect(report.results.map(({ id, verdict: own }) => [id, own])).toEqual(
      JSON.parse(readFileSync(`${path}.live`, 'utf8')),
    );
    expect(failed(report)).toContain('stream.order.block-stop');
    expect(report.notices.some((line) => line.startsWith('The file lacks'))).toBe(false);
  });

  it('whose writer crashed in the middle of a line is judged without it, and says so', async () => {
    const path = await record();
    appendFileSync(path, '{"id":"exchange-3","requ');
    expect((await judged(path)).notices).toContain('The last line is incomplete; its exchange is not judged.');
  });

  it('with a damaged line ends with its number', async () => {
    const path = await record();
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], '{"id":3}', ...lines.slice(1)].join('\n'));
    await expect(judged(path)).rejects.toThrow(/line 2 is not an exchange/);
  });
});

describe('the command', () => {
  it('prints the format and the verdicts, and ends with status 1 on a failure', async () => {
    const { code, out } = await command(['judge', file('reply.sse', EVENTS.slice(0, -1).join(''))]);
    expect(code).toBe(1);
    expect(out).toMatch(/note\s+Read as the text of an event stream\./);
    expect(out).toMatch(/✗ stream\.order\.message-stop-last/);
    // Without the address of the server there is nothing to run again.
    expect(out).not.toMatch(/reproduce|^ +or *$/m);
    expect((await command(['judge', file('reply.sse', STREAM)])).code).toBe(0);
  });

  it.each([
    ['nothing', '', /the file is empty/],
    ['prose', 'Hello there', /none of the formats that judge reads/],
    ['a page', '<html>', /XML or HTML/],
    ['other JSON', '{"a":1}', /not .*report/],
    [
      'a later record',
      '{"format":"messages-conformance/traffic-9"}\n',
      /traffic-9; this version reads messages-conformance\/traffic-1/,
    ],
    ['a head alone', 'HTTP/1.1 200 OK\r\n', /no empty line/],
  ])('ends with status 2 for %s', async (_, content, message) => {
    const { code, err } = await command(['judge', file('given', content)]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

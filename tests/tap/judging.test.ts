/** What the tap keeps and says of an exchange: decoded, masked, judged, bounded. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedExchange } from '../../core/exchange.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { KeptExchanges } from '../../tap/judging/kept.js';
import { Lines } from '../../tap/judging/line.js';
import { Session } from '../../tap/judging/session.js';
import type { RawExchange } from '../../tap/raw-exchange.js';
import { command, scratch } from '../support/command.js';

const folders: { remove: () => void }[] = [];
afterEach(() => {
  for (const made of folders.splice(0)) made.remove();
});
const folder = (): string => {
  const made = scratch();
  folders.push(made);
  return made.folder;
};

const UPSTREAM = 'https://api.test';
const KEY = 'sk-live-8f3a2b1c9d';
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
const REQUEST = { model: 'm-1', max_tokens: 20, messages: [{ role: 'user', content: 'Say hello.' }] };

const bytes = (data: string | Buffer): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(data as string));

interface Parts {
  number?: number;
  request?: unknown;
  body?: string | Buffer;
  headers?: [string, string][];
  ending?: RawExchange['ending'];
  url?: string;
  type?: string;
}

function raw({
  number = 1,
  request = REQUEST,
  body = JSON.stringify(REPLY),
  headers = [],
  ending = 'complete',
  url,
  type = 'application/json',
}: Parts): RawExchange {
  const sent = bytes(JSON.stringify(request));
  const received = bytes(body);
  return {
    number,
    startedMs: 1,
    request: {
      method: 'POST',
      url: url ?? `${UPSTREAM}/v1/messages`,
      headers: [
        ['X-Api-Key', KEY],
        ['anthropic-version', '2023-06-01'],
        ['content-type', 'application/json'],
      ],
      body: { bytes: sent, length: sent.length },
    },
    response: {
      status: 200,
      headers: [['Content-Type', type], ['request-id', `req_${number}`], ...headers],
      trailers: [],
      body: { bytes: received, length: received.length },
      chunks: [{ bytes: received.length, atMs: 5 }],
      headersMs: 4,
      firstByteMs: 5,
      endMs: 6,
      longestSilenceMs: 1,
    },
    ending,
    message: '',
  };
}

async function session(out: string | null = null): Promise<Session> {
  return new Session({ contract: await loadContract('default'), upstream: UPSTREAM, out, strict: false });
}

const recorded = (file: string): RecordedExchange[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as RecordedExchange);

// The zstd frame of JSON.stringify(REPLY), made by the zstd command with a raw block: magic, single segment, size, block header, bytes.
function zstdFrame(text: string): Buffer {
  const content = Buffer.from(text);
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, (content.length - 256) & 255, (content.length - 256) >> 8]);
  const block = (content.length << 3) | 1;
  return Buffer.concat([head, Buffer.from([block & 255, (block >> 8) & 255, block >> 16]), content]);
}

describe('an exchange', () => {
  const LONG = JSON.stringify({ ...REPLY, content: [{ type: 'text', text: 'Hello. '.repeat(80) }] });
  it.each([
    ['identity', Buffer.from(LONG)],
    ['gzip', gzipSync(LONG)],
    ['deflate', deflateSync(LONG)],
    ['br', brotliCompressSync(LONG)],
    ['zstd', zstdFrame(LONG)],
  ])('is judged after its content-encoding %s is undone', async (encoding, body) => {
    const file = join(folder(), 'record.ndjson');
    const one = await session(file);
    const verdict = await one.take(raw({ body, headers: [['content-encoding', encoding]] }));
    one.close();
    expect(verdict).toMatchObject({ isJudged: true, model: 'm-1', inputTokens: 7, outputTokens: 2, faults: [] });
    expect(verdict.passed).toBeGreaterThan(5);
    expect(recorded(file)[0]!.response!.body).toBe(LONG);
  });

  it('with a body that is not what content-encoding says is not judged by what is missing', async () => {
    const one = await session();
    const { faults } = await one.take(raw({ body: 'no gzip at all', headers: [['content-encoding', 'gzip']] }));
    expect(faults.map(({ id }) => id)).not.toContain('resp.content.array');
  });

  it('that decodes to gigabytes is kept to four megabytes', async () => {
    const file = join(folder(), 'record.ndjson');
    const one = await session(file);
    await one.take(raw({ body: gzipSync(Buffer.alloc(40_000_000, ' ')), headers: [['content-encoding', 'gzip']] }));
    one.close();
    expect(recorded(file)[0]).toMatchObject({ failure: { kind: 'too-large' } });
    expect(recorded(file)[0]!.response!.body.length).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('is recorded without the credential, wherever the server sends it back, and without the id of the user', async () => {
    const file = join(folder(), 'record.ndjson');
    const one = await session(file);
    const echo = { ...REPLY, content: [{ type: 'text', text: `Your key is ${KEY}.` }] };
    const request = { ...REQUEST, metadata: { user_id: 'user_1234-account_5678' } };
    await one.take(
      raw({ request, body: JSON.stringify(echo), url: `${UPSTREAM}/v1/messages?api_key=in-the-query-99` }),
    );
    const report = JSON.stringify(one.report(0));
    one.close();
    const written = readFileSync(file, 'utf8');
    for (const text of [written, report]) {
      for (const secret of [KEY, 'in-the-query-99', 'account_5678']) expect(text).not.toContain(secret);
      expect(text).toContain('$ANTHROPIC_API_KEY');
      expect(text).toContain('Say hello.');
    }
  });

  it('that the client left after its last event is judged, and one that it left earlier is not', async () => {
    const one = await session();
    const early = await one.take(raw({ body: '{"id":"msg_01', ending: 'client-aborted' }));
    expect(early.faults).toEqual([]);
    const events = `event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message: { ...REPLY, content: [], stop_reason: null } })}\n\n`;
    const stream = { request: { ...REQUEST, stream: true }, body: events, type: 'text/event-stream; charset=utf-8' };
    const halfStream = await one.take(raw({ ...stream, number: 3, ending: 'client-aborted' }));
    expect(halfStream.faults).toEqual([]);
    const cutStream = await one.take(raw({ ...stream, number: 4, ending: 'server-aborted' }));
    expect(cutStream.faults.map(({ id }) => id)).toContain('stream.order.message-stop-last');
    const broken = await one.take(raw({ number: 2, body: '{"id":"msg_01', ending: 'server-aborted' }));
    expect(broken.faults.length).toBeGreaterThan(0);
  });

  it('of another API passes unjudged', async () => {
    const one = await session();
    const verdict = await one.take(raw({ url: `${UPSTREAM}/api/event_logging/batch`, body: '{}' }));
    expect(verdict).toMatchObject({ isJudged: false, faults: [] });
    expect(one.report(0).notices).toContain('1 request outside the Messages API passed unjudged.');
  });

  it('shows one line, and a fault in full only twice', async () => {
    const one = await session();
    const lines = new Lines({ color: false });
    const text: string[] = [];
    for (let number = 1; number <= 3; number += 1) {
      const exchange = raw({ number, body: JSON.stringify({ ...REPLY, role: 'bot', id: `msg_0${number}` }) });
      text.push(lines.text(exchange, await one.take(exchange)));
    }
    expect(text[0]).toMatch(
      /^#1 200 POST \/v1\/messages · m-1 · 7 tokens in, 2 out · first byte 5 ms · longest silence 1 ms · 1 failed\n/,
    );
    expect(text[0]).toMatch(/✗ resp\.type-role[\s\S]*expected/);
    expect(text[2]).toMatch(/✗ resp\.type-role.* as in #1/);
    expect(text[2]).not.toContain('expected');
  });
});

describe('a long recording', () => {
  it('drops the oldest exchanges without a finding first, and still counts what they showed', async () => {
    const one = await session();
    await one.take(raw({ body: JSON.stringify({ ...REPLY, role: 'bot' }) }));
    const template = one.report(0).exchanges[0]!;
    const kept = new KeptExchanges(20_000);
    const requirement = { id: 'resp.id' } as never;
    const judged = (outcome: string, findings: unknown[]) => [{ requirement, outcome, findings } as never];
    kept.add({ ...template, id: 'bad' } as never, judged('violated', [{}]));
    for (let n = 0; n < 40; n += 1) kept.add({ ...template, id: `fine-${n}` } as never, judged('satisfied', []));
    expect(kept.exchanges[0]!.id).toBe('bad');
    expect(kept.exchanges.at(-1)!.id).toBe('fine-39');
    expect(kept.dropped).toBe(41 - kept.exchanges.length);
    expect(kept.past.get('resp.id')!.satisfied).toBe(kept.dropped);
  });

  it('does not overwrite a record', async () => {
    const cwd = folder();
    const file = join(cwd, 'record.ndjson');
    (await session(file)).close();
    const { code, err } = await command(['tap', '--upstream', 'http://127.0.0.1:9', '--port', '0', '--out', file], {
      cwd,
    });
    expect(code).toBe(2);
    expect(err).toMatch(/--out .*record\.ndjson: cannot be created: EEXIST/);
    expect(existsSync(file)).toBe(true);
  });
});

it.each([
  [[], /tap needs the server that it stands in front of/],
  [['--upstream', 'nonsense'], /not an address/],
  [['--upstream', 'http://127.0.0.1:9', '--port', '70000'], /--port 70000: expected a number from 0 to 65535/],
])('tap %j ends with status 2 and the right word', async (args, message) => {
  const { code, err } = await command(['tap', ...args], { cwd: folder() });
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

/** What a real client decides, by what its lane showed. */

import { describe, expect, it } from 'vitest';
import type { Exchange, RecordedExchange } from '../../core/exchange.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { OBSERVED } from '../../runner/plan/observed.js';
import { readExchange } from '../../runner/read/read.js';
import type { Result } from '../../tap/lanes/compare.js';
import type { Probe } from '../../tap/lanes/probes.js';
import type { LaneReport } from '../../tap/lanes/run-lane.js';
import { judgeByClient } from '../../tap/lanes/verdicts.js';

const exchange = (status = 200, parts: Partial<RecordedExchange> = {}, body = '{}'): Exchange =>
  readExchange({
    id: `x/${status}`,
    fixture: OBSERVED.id,
    transport: 'json',
    turn: 1,
    attempt: 1,
    apiVersion: '2026-10-21',
    request: {
      method: 'POST',
      url: 'http://t/v1/messages',
      headers: { authorization: 'Bearer $KEY' },
      body: '{"model":"m"}',
    },
    response: {
      status,
      headers: [['content-type', body.startsWith('event') ? 'text/event-stream' : 'application/json']],
      body,
      bodyEncoding: 'utf8',
      chunks: [],
      headersMs: 1,
      endMs: 1,
    },
    failure: null,
    ...parts,
  });

const lane = (probes: Partial<Record<Probe, Result>>, exchanges: Exchange[] = [exchange()]): LaneReport => ({
  client: 'python',
  title: 'Python',
  package: 'anthropic',
  version: '2.14.0',
  probes: Object.entries(probes).map(([probe, result]) => ({
    probe: probe as Probe,
    result: result!,
    violated: [],
    exchanges,
  })),
});

const SAME: Result = { kind: 'same' };
const UNSEEN: Result = { kind: 'not observed', reason: 'max_tokens truncated a tool call' };
const THROWS: Result = { kind: 'throws', class: 'TypeError', message: 'no usage' };
const DIFFERS: Result = { kind: 'differs', field: 'stop', expected: '"tool_use"', actual: 'null' };
const { dialect } = await loadContract('anthropic');
const judge = (report: LaneReport, acceptsMessages = true, own = dialect, writesBrokenText = false) =>
  judgeByClient(report, ['create', 'stream'], { contract: { dialect: own }, acceptsMessages, writesBrokenText });
const LEFT = { kind: 'abandoned', message: 'the client closed the connection' } as const;
const BYTES = {
  status: 200,
  headers: [],
  body: 'gf8=',
  bodyEncoding: 'base64',
  chunks: [],
  headersMs: 1,
  endMs: 1,
} as const;
const UNREADABLE: Result = { kind: 'throws', class: 'UnicodeDecodeError', message: 'invalid start byte' };

describe('a requirement that a real client decides', () => {
  it('is satisfied by the client itself, whatever the other probes do not show', () => {
    expect(judge(lane({ create: SAME }))).toEqual({
      outcome: 'satisfied',
      note: 'Decided by the client itself: Python 2.14.0',
    });
    expect(judge(lane({ create: SAME, stream: UNSEEN })).outcome).toBe('satisfied');
  });

  it('is violated by one probe that is wrong, silently where the client does not throw', () => {
    expect(judge(lane({ create: SAME, stream: THROWS }))).toEqual({
      outcome: 'violated',
      silent: false,
      findings: [
        {
          message: 'The Python client throws an error.',
          expected: 'the message of the response',
          actual: 'TypeError: no usage',
          at: null,
          exchange: 'x/200',
        },
      ],
    });
    expect(judge(lane({ stream: DIFFERS }))).toMatchObject({
      outcome: 'violated',
      silent: true,
      findings: [{ message: 'The Python client silently gets another stop reason than the response has.' }],
    });
    expect(judge(lane({ stream: { kind: 'falls back' } })).outcome).toBe('violated');
  });

  it('is violated by a client that leaves because it cannot read the response, and not by one whose time is over', () => {
    const left = [exchange(200, { failure: LEFT })];
    expect(judge(lane({ create: SAME, stream: UNREADABLE }, left)).outcome).toBe('violated');
    const late: Result = { kind: 'throws', class: 'APITimeoutError', message: 'Request timed out.' };
    expect(judge(lane({ stream: late }, left))).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('its response is incomplete'),
    });
  });

  it('stays open where the model itself writes the bytes that the client cannot read', () => {
    const broken = lane({ stream: UNREADABLE }, [exchange(200, { failure: LEFT, response: BYTES })]);
    expect(judge(broken).outcome).toBe('violated');
    expect(judge(broken, true, dialect, true)).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('the model itself writes broken characters'),
    });
  });

  it.each<[string, LaneReport]>([
    ['shows nothing', lane({ create: UNSEEN })],
    ['has no result within its time', lane({ create: { kind: 'times out' } })],
    [
      'gets a response that the network broke off',
      lane({ create: THROWS }, [exchange(200, { failure: { kind: 'reset', message: 'reset' } })]),
    ],
    [
      'is told of an error in the stream',
      lane({ stream: THROWS }, [exchange(200, {}, 'event: error\ndata: {"type":"error","error":{}}\n\n')]),
    ],
    ['is asked to wait', lane({ create: THROWS }, [exchange(429)])],
    ['meets a server that fails', lane({ create: THROWS }, [exchange(500)])],
    [
      'is rejected for its tools',
      lane({ create: THROWS }, [
        exchange(400, {
          request: {
            method: 'POST',
            url: 'http://t/v1/messages',
            headers: { authorization: 'x' },
            body: '{"tools":[]}',
          },
        }),
      ]),
    ],
  ])('stays open where the client %s', (_what, report) => {
    expect(judge(report).outcome).toBe('inconclusive');
  });

  it('is violated where only the client is rejected, with what the target documents', () => {
    const rejected = lane({ create: THROWS }, [exchange(401)]);
    expect(judge(rejected)).toMatchObject({
      outcome: 'violated',
      findings: [{ message: 'The server rejects the plainest request of the Python client.', actual: 'HTTP 401' }],
    });
    expect(judge(rejected, false).outcome).toBe('inconclusive');
    expect(judge(rejected, true, { ...dialect, credentials: ['x-api-key'] })).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('the contract documents no bearer token'),
    });
    expect(judge(rejected, true, { ...dialect, versions: ['2023-06-01'] })).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('does not document version 2026-10-21'),
    });
  });
});

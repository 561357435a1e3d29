import { describe, expect, it } from 'vitest';
import type { RecordedExchange } from '../../core/exchange.js';
import { OBSERVED } from '../../runner/plan/observed.js';
import { readExchange } from '../../runner/read/read.js';
import { compare } from '../../tap/lanes/compare.js';
import type { ClientMessage, Outcome, Probe } from '../../tap/lanes/probes.js';

const REPLY = {
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [
    { type: 'text', text: 'I ask.' },
    { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { city: 'Paris', days: 2 } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 5 },
};
const RETURNED: ClientMessage = {
  text: 'I ask.',
  tools: [{ name: 'get_weather', input: { days: 2, city: 'Paris' } }],
  stop: 'tool_use',
  inputTokens: 10,
  outputTokens: 5,
};

function exchange(status: number, body: unknown, stream?: boolean) {
  const text = JSON.stringify(body);
  return readExchange({
    id: 'x',
    fixture: OBSERVED.id,
    transport: 'json',
    turn: 1,
    attempt: 1,
    apiVersion: '2023-06-01',
    request: { method: 'POST', url: 'http://t/v1/messages', headers: {}, body: JSON.stringify({ model: 'm', stream }) },
    response: {
      status,
      headers: [['content-type', 'application/json']],
      body: text,
      bodyEncoding: 'utf8',
      chunks: [],
      headersMs: 1,
      endMs: 1,
    },
    failure: null,
  } satisfies RecordedExchange);
}

const LANE = { stopReasons: {} };
const result = (
  probe: Probe,
  outcome: Omit<Outcome, 'probe'> | null,
  exchanges = [exchange(200, REPLY)],
  lane = LANE,
) => compare({ probe, outcome: outcome && { probe, ...outcome }, exchanges }, lane);
const ERROR = { type: 'error', error: { type: 'not_found_error', message: 'no such model' } };

it('shows nothing where a redirect led the client past the tap, whatever the client made of it', () => {
  const redirected = [exchange(308, {})];
  for (const outcome of [{ error: { class: 'TypeError', message: 'no', status: null } }, { message: RETURNED }])
    expect(result('create', outcome, redirected)).toMatchObject({
      kind: 'not observed',
      reason: expect.stringContaining('redirects the client past the tap'),
    });
  expect(result('create', { message: RETURNED }, [exchange(308, {}), exchange(200, REPLY)])).toEqual({ kind: 'same' });
});

describe('a reply', () => {
  it('is the same when every field is, whatever the order of the members of an input', () => {
    expect(result('create', { message: RETURNED })).toEqual({ kind: 'same' });
  });

  it.each<[string, Partial<ClientMessage>, string, string]>([
    ['text', { text: '' }, '"I ask."', '""'],
    ['number of tool calls', { tools: [] }, '1', '0'],
    ['name of a tool call', { tools: [{ name: 'other', input: {} }] }, '"get_weather"', '"other"'],
    ['input of a tool call', { tools: [{ name: 'get_weather', input: {} }] }, '{"city":"Paris","days":2}', '{}'],
    ['stop', { stop: null }, '"tool_use"', 'null'],
    ['inputTokens', { inputTokens: 7 }, '10', '7'],
    ['outputTokens', { outputTokens: 0 }, '5', '0'],
  ])('differs by its %s', (field, change, expected, actual) => {
    expect(result('create', { message: { ...RETURNED, ...change } })).toEqual({
      kind: 'differs',
      field,
      expected,
      actual,
    });
  });

  it('has a stop reason in the words of the client', () => {
    const lane = { stopReasons: { tool_use: 'tool-calls' } };
    expect(result('create', { message: { ...RETURNED, stop: 'tool-calls' } }, undefined, lane)).toEqual({
      kind: 'same',
    });
  });

  it('that a client makes of bytes that yield none is one that it invented', () => {
    expect(result('create', { message: RETURNED }, [exchange(200, [])])).toMatchObject({
      kind: 'differs',
      field: 'message',
    });
  });
});

it('tells an error of the client, no result, and a request again without stream', () => {
  const error = { class: 'TypeError', message: 'x is undefined', status: null };
  expect(result('create', { error })).toEqual({ kind: 'throws', class: 'TypeError', message: 'x is undefined' });
  expect(result('create', null)).toEqual({ kind: 'times out' });
  const again = [exchange(200, REPLY, true), exchange(200, REPLY, false)];
  expect(result('stream', { message: RETURNED }, again)).toEqual({ kind: 'falls back' });
});

describe('a rejected request', () => {
  it('is the same when the client throws with the status of the server, or hides it', () => {
    const error = { class: 'NotFoundError', message: 'no such model', status: 404 };
    expect(result('rejected', { error }, [exchange(404, ERROR)])).toEqual({ kind: 'same' });
    expect(result('rejected', { error: { ...error, status: null } }, [exchange(404, ERROR)])).toEqual({ kind: 'same' });
  });

  it('differs when the client reports another status, or no error', () => {
    const error = { class: 'APIError', message: '', status: 500 };
    expect(result('rejected', { error }, [exchange(404, ERROR)])).toMatchObject({ kind: 'differs', field: 'status' });
    expect(result('rejected', { message: RETURNED }, [exchange(404, ERROR)])).toMatchObject({ field: 'error' });
  });

  it('shows nothing where the server accepts it, and other probes show nothing where it rejects them', () => {
    expect(result('rejected', { message: RETURNED })).toMatchObject({ kind: 'not observed' });
    const error = { class: 'NotFoundError', message: '', status: 404 };
    expect(result('create', { error }, [exchange(404, ERROR)])).toEqual({
      kind: 'not observed',
      reason: 'the server answered 404: no such model',
    });
  });
});

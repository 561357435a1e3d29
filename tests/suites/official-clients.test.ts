import { describe, expect, it } from 'vitest';
import type { ClientOutcome, Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { driveClient } from '../../runner/run/official-client.js';
import { encode } from '../../runner/send/network.js';
import { officialClients } from '../../suites/official-clients.js';
import {
  type ExchangeParts,
  errorBody,
  events,
  exchange,
  frames,
  judgeOf,
  message,
  textBlock,
  toolUse,
} from '../support/exchange.js';

const judge = judgeOf(officialClients);
const outcome = (parts: Partial<ClientOutcome>): ClientOutcome => ({ name: 'sdk-typescript', version: '1', ...parts });
const threw = (name: string, type: string | null = null) =>
  outcome({ error: { class: name, message: 'no', status: 400, type, requestId: null } });

const calling = () => message({ content: [textBlock('Well.'), toolUse()], stop_reason: 'tool_use' });
const accepted = (fixture: string, parts: ExchangeParts = {}) => exchange({ fixture, ...parts });
const rejection = (fixture: string, status = 400, parts: ExchangeParts = {}) =>
  exchange({ fixture, status, json: errorBody(), ...parts });

/** An exchange with what the client itself made of its bytes. */
async function through(parts: ExchangeParts): Promise<Exchange> {
  const plain = exchange(parts);
  const response = plain.response!;
  const client = await driveClient({
    body: { messages: [], model: 'm', max_tokens: 16 },
    stream: plain.transport === 'stream',
    baseUrl: 'http://target.test',
    apiKey: 'a-key-of-the-tests',
    timeoutMs: 1_000,
    fetch: async () => ({ response: { ...response, ...encode(plain.bytes) }, failure: plain.failure }),
  });
  return exchange({ ...parts, client });
}

describe('sdk.ts.create', () => {
  const call = (parts: ExchangeParts = {}) => through({ fixture: 'client-replay', ...parts });

  it.each([
    ['a reply of its own', {}, 'satisfied'],
    ['a reply without a request id', { headers: { 'request-id': '' } }, 'satisfied'],
    ['a reply that is labelled as text', { headers: { 'content-type': 'text/plain' } }, 'violated'],
    ['a 401, though plain HTTP is accepted', { status: 401, json: errorBody('authentication_error') }, 'violated'],
    ['an empty 200', { raw: '', transport: 'json', headers: { 'content-type': 'application/json' } }, 'violated'],
  ] as const)('%s', async (_what, parts, expected) => {
    expect(judge('sdk.ts.create', [accepted('minimal'), await call(parts)]).outcome).toBe(expected);
  });

  it('says nothing where plain HTTP is not accepted either', async () => {
    const client = await call({ status: 401, json: errorBody('authentication_error') });
    expect(judge('sdk.ts.create', [rejection('minimal', 401), client]).outcome).toBe('inconclusive');
  });

  it('notices an id that is not that of the header', () => {
    const client = outcome({ message: message(), requestId: 'req_other' });
    expect(judge('sdk.ts.create', [accepted('minimal'), accepted('client-replay', { client })]).outcome).toBe(
      'violated',
    );
  });
});

describe('stream.sdk.ts', () => {
  const minimal = accepted('minimal', { events: events(message()) });
  const call = (list: JsonObject[], parts: ExchangeParts = {}) =>
    through({ fixture: 'client-stream', raw: frames(list), ...parts });
  const alter = (reply: JsonObject, type: string, change: (event: JsonObject) => JsonObject[]) =>
    events(reply).flatMap((event) => (event.type === type ? change(event) : [event]));

  it.each([
    ['words', () => events(message())],
    ['words and a call', () => events(calling())],
    ['a call without arguments', () => events(message({ content: [toolUse({})], stop_reason: 'tool_use' }))],
    [
      'thoughts',
      () => events(message({ content: [{ type: 'thinking', thinking: 'hm', signature: 's' }, textBlock('x')] })),
    ],
    ['nothing', () => events(message({ content: [] }))],
    [
      'more counts at the end',
      () =>
        alter(message(), 'message_delta', (event) => [
          { ...event, usage: { output_tokens: 9, input_tokens: 30, cache_read_input_tokens: null } },
        ]),
    ],
    [
      'a call cut by max_tokens',
      () =>
        alter(message({ content: [toolUse()], stop_reason: 'max_tokens' }), 'content_block_stop', () => []).filter(
          (_event, at, all) => at !== all.length - 3,
        ),
    ],
  ] as const)('a stream of %s', async (_what, list) => {
    expect(judge('stream.sdk.ts', [minimal, await call(list())])).toEqual({ outcome: 'satisfied' });
  });

  it.each([
    ['without message_stop', () => events(message()).slice(0, -1)],
    ['without event names', () => frames(events(message())).replaceAll(/^event: .*\n/gm, '')],
    [
      'with indices that begin at 1',
      () => events(message()).map((event) => ('index' in event ? { ...event, index: 1 } : event)),
    ],
    ['with message_delta without usage', () => alter(message(), 'message_delta', ({ usage: _, ...event }) => [event])],
  ] as const)('a stream %s', async (_what, make) => {
    const made = make();
    const client = await (typeof made === 'string' ? through({ fixture: 'client-stream', raw: made }) : call(made));
    expect(judge('stream.sdk.ts', [minimal, client]).outcome).toBe('violated');
  });

  it('names the place where client and bytes differ', () => {
    const reply = message();
    const client = outcome({
      message: { ...reply, content: [textBlock('o')], usage: { ...(reply.usage as JsonObject) } },
    });
    const judgement = judge('stream.sdk.ts', [minimal, accepted('client-stream', { events: events(reply), client })]);
    expect(judgement).toMatchObject({ outcome: 'violated', findings: [{ at: { pointer: '/content/0' } }] });
  });

  it('holds no error event against the target', async () => {
    const list = [...events(message()).slice(0, 2), errorBody('overloaded_error', 'later')];
    expect(judge('stream.sdk.ts', [minimal, await call(list)]).outcome).toBe('inconclusive');
  });

  it('leaves a stream that the suite cut, while the target may have gone on, to a run with more time', async () => {
    const failure = { kind: 'timeout-body', message: 'no end of the body within 5 s', limitMs: 5_000 } as const;
    const cut = await call(events(message()).slice(0, 2), { failure, endMs: 5_000, client: threw('AnthropicError') });
    expect(judge('stream.sdk.ts', [minimal, cut])).toMatchObject({
      outcome: 'inconclusive',
      reason: 'Not tested: client-stream/stream is incomplete (no end of the body within 5 s)',
    });
  });

  it('leaves a client that is not accepted at all to sdk.ts.create', () => {
    const client = threw('AuthenticationError');
    const asked = [minimal, rejection('client-stream', 401, { transport: 'stream', client })];
    expect(judge('stream.sdk.ts', asked).outcome).toBe('violated');
    expect(judge('stream.sdk.ts', [...asked, rejection('client-replay', 401, { client })]).outcome).toBe(
      'inconclusive',
    );
  });
});

describe('err.sdk-class', () => {
  const control = accepted('cheap');
  const badRequest = (parts: ExchangeParts = {}) => through({ fixture: 'messages-missing', status: 400, ...parts });
  const badKey = (status: number) =>
    through({ fixture: 'credential-none', status, json: errorBody('authentication_error', 'no') });

  it.each([
    ['both as documented', { json: errorBody() }, 401, 'satisfied'],
    ['a 400 in an envelope of another make', { json: { detail: 'no' } }, 401, 'violated'],
    ['a 400 of another type', { json: errorBody('api_error') }, 401, 'violated'],
    ['a 422, which is judged elsewhere', { status: 422, json: errorBody() }, 401, 'satisfied'],
    ['a key that nobody looks at', { json: errorBody() }, 200, 'satisfied'],
    ['neither 400 nor 401', { status: 422, json: errorBody() }, 403, 'not-observed'],
  ])('%s', async (_what, parts, status, expected) => {
    const exchanges = [control, await badRequest(parts), await badKey(status)];
    expect(judge('err.sdk-class', exchanges).outcome).toBe(expected);
  });

  it('proves nothing while everything is rejected', async () => {
    const exchanges = [rejection('cheap', 400), await badRequest({ json: errorBody() })];
    expect(judge('err.sdk-class', exchanges).outcome).toBe('inconclusive');
  });
});

describe('sdk.ts.content-block-events', () => {
  const call = (list: JsonObject[]) => through({ fixture: 'client-stream', raw: frames(list) });
  const two = () => events(message({ content: [textBlock('Well.'), toolUse()], stop_reason: 'tool_use' }));
  const stops = (list: JsonObject[]) => list.filter(({ type }) => type === 'content_block_stop');

  it.each([
    ['words and a call', two, 'satisfied'],
    ['nothing', () => events(message({ content: [] })), 'satisfied'],
    [
      'two blocks that overlap',
      () =>
        two().flatMap((event) => {
          if (event.type === 'message_delta') return [...stops(two()), event];
          return event.type === 'content_block_stop' ? [] : [event];
        }),
      'violated',
    ],
    [
      'a block without its stop',
      () => two().filter((event) => event !== undefined && event.type !== 'content_block_stop'),
      'violated',
    ],
    ['a stream that breaks off', () => two().slice(0, -1), 'not-observed'],
  ] as const)('a stream of %s', async (_what, list, expected) => {
    const minimal = accepted('minimal', { events: events(message()) });
    expect(judge('sdk.ts.content-block-events', [minimal, await call(list())]).outcome).toBe(expected);
  });
});

describe('sdk.replay-server-tools', () => {
  const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'tool_search_tool_regex', input: { pattern: 'w' } };
  const own = message({ content: [search, toolUse()], stop_reason: 'tool_use' });
  const sent = {
    request: {
      body: {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: own.content ?? [] },
        ],
      },
    },
  };
  const first = accepted('tool-search-loop', { json: own });
  it.each([
    ['accepted', [first, accepted('tool-search-loop', { turn: 2, ...sent })], 'satisfied'],
    ['rejected', [first, rejection('tool-search-loop', 400, { turn: 2, ...sent })], 'violated'],
    ['failing', [first, rejection('tool-search-loop', 500, { turn: 2, ...sent })], 'violated'],
    ['put off', [first, rejection('tool-search-loop', 429, { turn: 2, ...sent })], 'inconclusive'],
    ['not there', [rejection('tool-search-loop')], 'not-observed'],
  ] as const)('a server tool that is sent back is %s', (_what, exchanges, expected) => {
    expect(judge('sdk.replay-server-tools', [...exchanges]).outcome).toBe(expected);
  });
});

describe('sdk.replay-history', () => {
  const first = (parts: ExchangeParts = {}) => accepted('tool-loop', { json: calling(), ...parts });

  it.each([
    ['accepted', [first(), accepted('tool-loop', { turn: 2 })], 'satisfied'],
    ['rejected', [first(), rejection('tool-loop', 400, { turn: 2 })], 'violated'],
    ['failing', [first(), rejection('tool-loop', 500, { turn: 2 })], 'violated'],
    [
      'accepted once, rejected for text',
      [
        first(),
        accepted('tool-loop', { turn: 2 }),
        accepted('client-replay'),
        rejection('client-replay', 400, { turn: 2 }),
      ],
      'violated',
    ],
    [
      'empty, so that a refusal is right',
      [first({ json: message({ content: [] }) }), rejection('tool-loop', 400, { turn: 2 })],
      'not-observed',
    ],
    [
      'half a call, so that a refusal is right',
      [
        first({ json: message({ content: [toolUse()], stop_reason: 'max_tokens' }) }),
        rejection('tool-loop', 400, { turn: 2 }),
      ],
      'not-observed',
    ],
    [
      'thoughts alone, so that a refusal is right',
      [
        first({
          json: message({ content: [{ type: 'thinking', thinking: 'hm', signature: 's' }], stop_reason: 'max_tokens' }),
        }),
        rejection('tool-loop', 400, { turn: 2 }),
      ],
      'not-observed',
    ],
    ['put off', [first(), rejection('tool-loop', 429, { turn: 2 })], 'inconclusive'],
    [
      'not there',
      [
        rejection('tool-loop'),
        accepted('tool-loop', { turn: 2, noResponse: true, failure: { kind: 'not-set-up', message: 'no' } }),
      ],
      'inconclusive',
    ],
  ] as const)('content sent back is %s', (_what, exchanges, expected) => {
    expect(judge('sdk.replay-history', [...exchanges]).outcome).toBe(expected);
  });
});

describe('sdk.go.accumulate', () => {
  const forced = (list: readonly JsonObject[] | string, parts: ExchangeParts = {}) =>
    judge('sdk.go.accumulate', [
      accepted('tool-forced', typeof list === 'string' ? { raw: list, ...parts } : { events: list, ...parts }),
    ]);
  const started = (input: unknown) =>
    events(calling()).map((event) =>
      event.type === 'content_block_start' && (event.content_block as JsonObject).type === 'tool_use'
        ? { ...event, content_block: { ...(event.content_block as JsonObject), input } as JsonObject }
        : event,
    );

  it.each([
    ['as documented', () => events(calling())],
    ['without arguments', () => events(message({ content: [toolUse({})], stop_reason: 'tool_use' }))],
    [
      'with blocks that overlap',
      () => {
        const list = events(calling());
        const stop = list.findIndex(({ type }) => type === 'content_block_stop');
        return [...list.slice(0, stop), ...list.slice(stop + 1, -2), list[stop]!, ...list.slice(-2)];
      },
    ],
    ['without input in its start', () => started(undefined)],
    ['with pings and events that nobody knows', () => [{ type: 'ping' }, ...events(calling()), { type: 'news' }]],
    [
      'that max_tokens cut in mid-call',
      () =>
        events({ ...calling(), stop_reason: 'max_tokens' }).filter(
          ({ delta }) => (delta as JsonObject | undefined)?.partial_json !== '}',
        ),
    ],
  ] as const)('a stream %s', (_what, list) => {
    expect(forced(list())).toEqual({ outcome: 'satisfied' });
  });

  it.each([
    [
      'with an index twice',
      () => events(calling()).map((event) => ('index' in event ? { ...event, index: 0 } : event)),
      /is not the next one/,
    ],
    [
      'with indices from 1',
      () => events(calling()).map((event) => ('index' in event ? { ...event, index: Number(event.index) + 1 } : event)),
      /is not the next one/,
    ],
    [
      'with a delta before its block',
      () => {
        const list = events(calling());
        return [list[0]!, list[2]!, ...list.slice(1)];
      },
      /has not started/,
    ],
    ['with the whole input in the start and in deltas', () => started({ city: 'Paris' }), /are not JSON/],
    ['with { } for {}', () => frames(events(calling())).replace('"input":{}', '"input":{ }'), /are not JSON/],
    [
      'whose last fragment is lost',
      () => events(calling()).filter(({ delta }) => (delta as JsonObject | undefined)?.partial_json !== '}'),
      /are not JSON/,
    ],
    [
      'with fragments that are objects',
      () =>
        events(calling()).map((event) =>
          (event.delta as JsonObject | undefined)?.type === 'input_json_delta'
            ? { ...event, delta: { type: 'input_json_delta', partial_json: { city: 'Paris' } } }
            : event,
        ),
      /silently replaces the `input`/,
    ],
    [
      'without names',
      () => frames(events(calling())).replaceAll(/^event: .*\n/gm, ''),
      /silently drops an event without a name/,
    ],
  ] as const)('a stream %s', (_what, list, words) => {
    const judgement = forced(list());
    expect(judgement).toMatchObject({ outcome: 'violated', findings: [{ message: expect.stringMatching(words) }] });
  });

  it('looks at streams with calls alone', () => {
    expect(forced(events(message())).outcome).toBe('not-observed');
    expect(forced([...events(calling()).slice(0, -2), errorBody('api_error')]).outcome).toBe('not-observed');
    expect(forced([...events(calling()).slice(0, -2), errorBody('overloaded_error')]).outcome).toBe('inconclusive');
    expect(judge('sdk.go.accumulate', [accepted('tool-forced', { json: calling() })]).outcome).toBe('not-observed');
  });
});

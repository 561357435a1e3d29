import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { JsonObject } from '../../core/json.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import type { Conversation } from '../../runner/plan/plan.js';
import { type FireOptions, fire } from '../../runner/run/fire.js';
import type { Target } from '../../runner/send/requests.js';
import { failure, httpServer, json, type Received, reply, type TestServer } from '../support/http-server.js';

const minimal = loadFixtures().get('minimal')!;
const servers: TestServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const conversation = (changes: Partial<Fixture> & { fallbackFor?: string[] } = {}): Conversation => {
  const { fallbackFor = null, ...fixture } = changes;
  return { fixture: { ...minimal, transports: ['json'], ...fixture }, transport: 'json', fallbackFor, sharedBy: [] };
};

async function against(
  answer: (request: Received, response: ServerResponse, call: number) => void,
  planned: Conversation[],
  options: Partial<FireOptions> & { target?: Partial<Target> } = {},
) {
  const server = await httpServer(answer);
  servers.push(server);
  const { target, ...rest } = options;
  const fired = await fire(
    planned,
    {
      baseUrl: server.url,
      apiKey: 'sk-secret-1234',
      apiKeyVariable: 'MY_KEY',
      model: 'm',
      headers: {},
      credential: 'x-api-key',
      apiVersion: '2023-06-01',
      ...target,
    },
    { concurrency: 4, timeoutMs: 60_000, maxRequests: null, maxTokensTotal: null, unsound: () => null, ...rest },
  );
  return { ...fired, server };
}

const ids = (fired: { exchanges: readonly { id: string }[] }) => fired.exchanges.map(({ id }) => id);

describe('a target that asks to wait', () => {
  it('is asked again after the time that it names, and both answers are kept', async () => {
    const fired = await against(
      (_request, response, call) => {
        if (call === 1) json(response, 429, failure('rate_limit_error', 'slow down'), { 'retry-after': '0.01' });
        else json(response, 200, reply('ok'));
      },
      [conversation()],
    );
    expect(fired.exchanges.map(({ id, response }) => [id, response?.status])).toEqual([
      ['minimal/json', 429],
      ['minimal/json#2', 200],
    ]);
  });

  it('is not asked for ever', async () => {
    const fired = await against(
      (_request, response) => json(response, 529, failure('overloaded_error', 'busy'), { 'retry-after': '0.01' }),
      [conversation()],
    );
    expect(fired.exchanges).toHaveLength(4);
  });

  it('is not waited for beyond patience', async () => {
    const fired = await against(
      (_request, response) => json(response, 429, failure('rate_limit_error', 'slow'), { 'retry-after': '60' }),
      [conversation()],
      { patienceMs: 50 },
    );
    expect(ids(fired)).toEqual(['minimal/json']);
  });
});

describe('a target that fails once', () => {
  const control = conversation({ id: 'control', control: null });
  const failsAt = (fails: (call: number) => boolean) => (_request: Received, response: ServerResponse, call: number) =>
    fails(call) ? json(response, 502, 'Bad Gateway') : json(response, 200, reply('ok'));
  const outcomes = ({ exchanges }: { exchanges: readonly Exchange[] }) =>
    exchanges.map(({ id, response, replaced }) => [id, response?.status, replaced]);
  const OF_THE_MOMENT = 'it was answered with HTTP 502';

  it('is asked once more for what it failed at, valid or not', async () => {
    const valid = conversation({ id: 'valid', control: 'control' });
    const fired = await against(
      failsAt((call) => call === 2),
      [control, valid],
      { concurrency: 1 },
    );
    expect(outcomes(fired)).toEqual([
      ['control/json', 200, undefined],
      ['valid/json', 502, OF_THE_MOMENT],
      ['valid/json#2', 200, undefined],
    ]);
  });

  it('is not asked again for what starts at the same moment as others', async () => {
    const together = conversation({ id: 'together', control: 'control', startGroup: 'both' });
    const fired = await against(
      failsAt((call) => call === 2),
      [control, together],
      { concurrency: 1 },
    );
    expect(outcomes(fired)).toEqual([
      ['control/json', 200, undefined],
      ['together/json', 502, undefined],
    ]);
  });

  it('is asked once more three times, where that never helps', async () => {
    const all = Array.from({ length: 6 }, (_one, index) => conversation({ id: `valid-${index}`, control: 'control' }));
    const fired = await against(
      failsAt((call) => call > 1),
      [control, ...all],
      { concurrency: 1 },
    );
    expect(fired.exchanges).toHaveLength(1 + 6 + 3);
  });
});

describe('a model that does not cooperate', () => {
  const steered = conversation({ attempts: 3, turns: [{ body: minimal.turns[0]!.body, cooperation: { text: 'ok' } }] });

  it('is asked again, and every try is kept', async () => {
    const fired = await against(
      (_request, response, call) => json(response, 200, reply(call === 2 ? 'OK' : 'no')),
      [steered],
    );
    expect(ids(fired)).toEqual(['minimal/json', 'minimal/json#2']);
  });

  it('is asked three times at most', async () => {
    const fired = await against((_request, response) => json(response, 200, reply('never')), [steered]);
    expect(ids(fired)).toEqual(['minimal/json', 'minimal/json#2', 'minimal/json#3']);
  });

  it('is asked again until a block of the wanted type comes', async () => {
    const thinking = conversation({
      attempts: 3,
      turns: [{ body: minimal.turns[0]!.body, cooperation: { block: 'thinking' } }],
    });
    const thought = { ...reply('ok'), content: [{ type: 'thinking', thinking: 'Hm.', signature: 'c2ln' }] };
    const fired = await against(
      (_request, response, call) => json(response, 200, call === 2 ? thought : reply('thinking')),
      [thinking],
    );
    expect(ids(fired)).toEqual(['minimal/json', 'minimal/json#2']);
  });

  it('is asked again where its answer lacks what the next turn is built from, and only the last such turn counts', async () => {
    const [{ body }] = minimal.turns as [{ body: JsonObject }];
    const loop = conversation({
      attempts: 2,
      turns: [{ body, cooperation: { toolUses: 1 } }, { body: { ...body, messages: [{ $results: 1 }] } }],
    });
    const fired = await against((_request, response) => json(response, 200, reply('no call')), [loop]);
    expect(ids(fired)).toEqual(['minimal/json', 'minimal/json.2', 'minimal/json#2', 'minimal/json.2#2']);
    expect(fired.exchanges.map(({ replaced }) => replaced !== undefined)).toEqual([false, true, false, false]);
  });

  it('is not asked again after an error', async () => {
    const fired = await against((_request, response) => json(response, 500, failure('api_error', 'x')), [steered]);
    expect(fired.exchanges).toHaveLength(1);
  });
});

describe('parts of a combined request', () => {
  const planned = [
    conversation(),
    conversation({ id: 'combined', splitInto: ['part'] }),
    conversation({ id: 'part', fallbackFor: ['combined'] }),
  ];

  it('are sent when it is refused', async () => {
    const fired = await against(
      (_request, response, call) =>
        call === 2 ? json(response, 400, failure('invalid_request_error', 'x')) : json(response, 200, reply('ok')),
      planned,
    );
    expect(ids(fired)).toContain('part/json');
  });

  it('are not sent when it is served', async () => {
    const fired = await against((_request, response) => json(response, 200, reply('ok')), planned);
    expect(ids(fired)).toEqual(['minimal/json', 'combined/json']);
  });

  it('are sent when an error comes under the status of a success', async () => {
    const fired = await against(
      (_request, response, call) => json(response, 200, call === 2 ? failure('api_error', 'x') : reply('ok')),
      planned,
    );
    expect(ids(fired)).toEqual(['minimal/json', 'combined/json', 'part/json']);
  });

  it('are split further when they fall short themselves', async () => {
    const fired = await against(
      (_request, response, call) =>
        call === 2 || call === 3
          ? json(response, 400, failure('invalid_request_error', 'x'))
          : json(response, 200, reply('ok')),
      [
        planned[0]!,
        conversation({ id: 'crumb', fallbackFor: ['grain'] }),
        conversation({ id: 'grain', fallbackFor: ['part'] }),
        ...planned.slice(1),
      ],
    );
    expect(ids(fired)).toEqual(['minimal/json', 'combined/json', 'part/json', 'grain/json']);
  });

  it('are sent when a turn that is to show something does not, whatever the others do', async () => {
    const { body } = minimal.turns[0]!;
    const loop = (asks: string) =>
      conversation({ id: 'combined', turns: [{ body }, { body, cooperation: { text: asks } }, { body }], attempts: 1 });
    const answered = async (combined: Conversation) =>
      ids(
        await against(
          (_request, response, call) =>
            call === 4 ? json(response, 404, failure('not_found_error', 'x')) : json(response, 200, reply('ok')),
          [planned[0]!, combined, planned[2]!],
        ),
      );
    expect(await answered(loop('never'))).toContain('part/json');
    expect(await answered(loop('ok'))).not.toContain('part/json');
  });
});

describe('conversations that begin together', () => {
  it('are all sent before one of them is answered, whatever the concurrency, behind all others', async () => {
    const waiting: ServerResponse[] = [];
    const group = ['a', 'b', 'c'].map((id) => conversation({ id, startGroup: 'crowd' }));
    const fired = await against(
      (_request, response, call) => {
        if (call <= 2) return json(response, 200, reply('ok'));
        waiting.push(response);
        if (waiting.length === 3) for (const each of waiting) json(each, 200, reply('ok'));
      },
      [...group, conversation(), conversation({ id: 'other' })],
      { concurrency: 1 },
    );
    expect(ids(fired).slice(0, 2)).toEqual(['minimal/json', 'other/json']);
    expect(ids(fired).slice(2).sort()).toEqual(['a/json', 'b/json', 'c/json']);
    expect(fired.exchanges.every(({ failure }) => failure === null)).toBe(true);
  });

  it('find out by themselves that nobody is there', async () => {
    const group = ['a', 'b'].map((id) => conversation({ id, startGroup: 'crowd' }));
    const fired = await against(() => {}, group, { target: { baseUrl: 'http://127.0.0.1:1' } });
    expect(fired.exchanges.map(({ failure }) => failure?.kind)).toEqual(['unreachable', 'unreachable']);
  });
});

describe('a target that takes its time for the first request', () => {
  const walk = conversation({
    id: 'walk',
    method: 'GET',
    path: '/v1/models',
    turns: [{}, {}, {}, {}, {}],
    attempts: 1,
  });

  it('gets what generates nothing beside it, the longest chain first', async () => {
    let answerFirst = (): void => {};
    const fired = await against(
      ({ url }, response, call) => {
        if (call === 1) answerFirst = () => json(response, 200, reply('ok'));
        else {
          if (url.endsWith('/models/one')) answerFirst();
          json(response, 200, reply('ok'));
        }
      },
      [
        conversation(),
        conversation({ id: 'other' }),
        conversation({ id: 'look', method: 'GET', path: '/v1/models/one', turns: [{}] }),
        walk,
      ],
    );
    const urls = fired.server.received.map(({ url }) => url);
    expect(urls.slice(0, 2)).toEqual(['/v1/messages', '/v1/models']);
    expect(urls.indexOf('/v1/models/one')).toBeLessThan(urls.lastIndexOf('/v1/messages'));
    expect(ids(fired).sort()).toEqual([
      'look/json',
      'minimal/json',
      'other/json',
      'walk/json',
      'walk/json.2',
      'walk/json.3',
      'walk/json.4',
      'walk/json.5',
    ]);
  });

  it('is judged by the first request alone where that one is rejected', async () => {
    let rejectFirst = (): void => {};
    let walked = 0;
    const diagnosis = { unusable: { kind: 'refused', headline: 'no', detail: 'no', remedy: 'no' } } as never;
    const fired = await against(
      ({ url }, response, call) => {
        if (call === 1) rejectFirst = () => json(response, 401, failure('authentication_error', 'no'));
        else {
          if (url.endsWith('/models') && walked++ === 0) rejectFirst();
          json(response, 200, reply('ok'));
        }
      },
      [conversation(), walk],
      { diagnose: async () => diagnosis },
    );
    expect(fired.diagnosis).toEqual(diagnosis);
    expect(fired.stopped).toBeNull();
    expect(ids(fired)).toEqual(['minimal/json']);
  });

  it('gets groups and large prompts beside the others, where it works on several at a time', async () => {
    let answerHeld = (): void => {};
    let arrived = 0;
    const small = Array.from({ length: 9 }, (_, index) => conversation({ id: `small-${index}` }));
    const group = ['a', 'b'].map((id) => conversation({ id, startGroup: 'crowd', headers: { 'x-group': '1' } }));
    const fired = await against(
      ({ headers }, response, call) => {
        if (call === 1) return void setTimeout(() => json(response, 200, reply('ok')), 1_100);
        // Chains go first.
        if (call === 2) {
          answerHeld = () => json(response, 200, reply('ok'));
          return;
        }
        if (headers['x-group'] !== undefined) arrived += 1;
        if (arrived === group.length) {
          answerHeld();
          arrived = 0;
        }
        json(response, 200, reply('ok'));
      },
      [conversation(), conversation({ id: 'held', turns: [minimal.turns[0]!, minimal.turns[0]!] }), ...small, ...group],
      { concurrency: 4 },
    );
    expect(fired.exchanges).toHaveLength(1 + 2 + small.length + group.length);
    expect(fired.exchanges.every(({ failure: failed }) => failed === null)).toBe(true);
  });
});

describe('a bound', () => {
  const many = [1, 2, 3, 4, 5].map((number) => conversation({ id: `f${number}` }));

  it('on requests ends the run, and says so', async () => {
    const fired = await against((_request, response) => json(response, 200, reply('ok')), many, {
      maxRequests: 2,
      concurrency: 1,
    });
    expect(fired.server.received).toHaveLength(2);
    expect(fired.stopped).toBe('--max-requests 2 was reached');
  });

  it('on tokens counts the worst case before anything is sent', async () => {
    const fired = await against((_request, response) => json(response, 200, reply('ok')), many, { maxTokensTotal: 60 });
    expect(fired.server.received).toHaveLength(1);
    expect(fired.stopped).toBe('--max-tokens-total 60 would have been exceeded');
  });

  it('set by the user interrupting ends the run', async () => {
    const abort = new AbortController();
    const fired = await against((_request, response) => json(response, 200, reply('ok')), many, {
      signal: abort.signal,
      concurrency: 1,
      onExchange: () => abort.abort(),
    });
    expect(fired.stopped).toBe('the run was interrupted');
    expect(fired.server.received).toHaveLength(1);
  });
});

describe('a key that the target echoes', () => {
  it('is masked in headers and bodies, whatever their encoding', async () => {
    const fired = await against(
      (request, response) => {
        response.writeHead(400, { 'content-type': 'application/json', 'x-echo': String(request.headers['x-api-key']) });
        response.end(Buffer.concat([Buffer.from([0xff]), Buffer.from(`{"key":"${request.headers['x-api-key']}"}`)]));
      },
      [conversation()],
    );
    const text = JSON.stringify(fired.exchanges[0]!.response);
    expect(text).not.toContain('sk-secret-1234');
    expect(Buffer.from(fired.exchanges[0]!.response!.body, 'base64').toString('latin1')).toContain(
      '{"key":"**************"}',
    );
  });
});

describe('a header of the run that is a secret by its name', () => {
  it('is sent and not shown', async () => {
    const fired = await against((_request, response) => json(response, 200, reply('ok')), [conversation()], {
      target: { headers: { 'x-gateway-token': 'gateway-secret-77' } },
    });
    expect(fired.server.received[0]!.headers['x-gateway-token']).toBe('gateway-secret-77');
    expect(JSON.stringify(fired.exchanges)).not.toContain('gateway-secret-77');
  });
});

describe('a target that is not there', () => {
  it('is tried once', async () => {
    const fired = await against(() => {}, [conversation(), conversation({ id: 'second' })], {
      target: { baseUrl: 'http://127.0.0.1:1' },
    });
    expect(fired.stopped).toContain('refused');
    expect(fired.exchanges).toHaveLength(1);
  });
});

describe('a target that answers nothing', () => {
  it('is given up after a few requests, and that is said', async () => {
    const many = Array.from({ length: 30 }, (_, index) => conversation({ id: `f${index}` }));
    const fired = await against((_request, response) => response.destroy(), many, { concurrency: 2 });
    expect(fired.server.received.length).toBeLessThan(16);
    expect(fired.stopped).toMatch(/^from request 1 on, no request got an answer/);
  });
});

describe('an unsound request', () => {
  it('does not leave', async () => {
    const fired = await against((_request, response) => json(response, 200, reply('ok')), [conversation()], {
      unsound: () => 'it is wrong',
    });
    expect(fired.server.received).toEqual([]);
    expect(fired.exchanges[0]!.failure).toEqual({ kind: 'unsound', message: 'it is wrong' });
  });
});

describe('turns', () => {
  it('that need an answer which did not come are not set up', async () => {
    const turns = [{ body: minimal.turns[0]!.body }, { body: { messages: [{ $results: 1 }] } }];
    const fired = await against(
      (_request, response) => json(response, 200, reply('no call here')),
      [conversation({ turns })],
    );
    expect(fired.exchanges.at(-1)).toMatchObject({ id: 'minimal/json.2', failure: { kind: 'not-set-up' } });
    expect(fired.server.received).toHaveLength(1);
  });

  it('that poll stop when the value is there, and keep the last answer', async () => {
    const turns = [
      {
        method: 'GET',
        path: '/v1/thing',
        until: { pointer: '/state', equals: 'ended', everyMs: 5, timeoutMs: 60_000 },
      },
    ];
    const fired = await against(
      (_request, response, call) => json(response, 200, { state: call < 3 ? 'running' : 'ended' }),
      [conversation({ turns })],
    );
    expect(fired.server.received).toHaveLength(3);
    expect(fired.exchanges.map(({ json: body }) => body)).toEqual([{ state: 'ended' }]);
  });

  it('that poll give up when the time has passed, and keep the last answer', async () => {
    const turns = [
      { method: 'GET', path: '/v1/thing', until: { pointer: '/state', equals: 'ended', everyMs: 2, timeoutMs: 400 } },
    ];
    const fired = await against(
      (_request, response) => json(response, 200, { state: 'running' }, { 'retry-after': '9' }),
      [conversation({ turns })],
    );
    // the pause that the target asks for is kept, as far as the time allows: a handful of requests, not hundreds
    expect(fired.server.received.length).toBeLessThan(5);
    expect(fired.exchanges.map(({ json: body }) => body)).toEqual([{ state: 'running' }]);
  });

  it('that poll give up when a store answers, which sends one request-id again and again', async () => {
    const poll = {
      method: 'GET',
      path: '/v1/thing',
      until: { pointer: '/state', equals: 'ended', everyMs: 2, timeoutMs: 400 },
    };
    const turns = [{ method: 'GET', path: '/v1/other' }, poll];
    const sent = async (idOf: (path: string) => string) =>
      (
        await against(
          (request, response) =>
            json(response, 200, { state: 'running' }, { 'request-id': idOf(request.url ?? ''), 'retry-after': '0' }),
          [conversation({ turns })],
        )
      ).server.received.length;
    expect(await sent((path) => `req_of_${path.slice(4)}`)).toBe(1 + 3);
    // One id for everything shows no store.
    expect(await sent(() => 'req_1')).toBeGreaterThan(1 + 3);
  });

  it('that poll stay within the bound on requests', async () => {
    const turns = [
      {
        method: 'GET',
        path: '/v1/thing',
        until: { pointer: '/state', equals: 'ended', everyMs: 1, timeoutMs: 60_000 },
      },
    ];
    const fired = await against(
      (_request, response) => json(response, 200, { state: 'running' }),
      [conversation({ turns })],
      { maxRequests: 3 },
    );
    expect(fired.server.received).toHaveLength(3);
    expect(fired.stopped).toBe('--max-requests 3 was reached');
  });

  it('that hang up after the first delta are read no further, and the next one follows', async () => {
    let closed: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const turns = [
      { body: minimal.turns[0]!.body, abortAfter: 'first-delta' as const },
      { body: { ...minimal.turns[0]!.body, stream: false } },
    ];
    const planned = { ...conversation({ turns }), transport: 'stream' as const };
    const fired = await against(
      (_request, response, call) => {
        if (call > 1) return json(response, 200, reply('ok'));
        response.on('close', () => closed());
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: content_block_delta\ndata: {"type":"content_block_delta"}\n\n');
      },
      [planned],
    );
    await gone;
    expect(fired.exchanges.map(({ failure, stream, message }) => [failure?.kind, stream, message?.id])).toEqual([
      ['abandoned', null, undefined],
      [undefined, null, 'msg_1'],
    ]);
  });
});

describe('streams that stop in the middle', () => {
  const streamed = (id: string, changes: Parameters<typeof conversation>[0] = {}): Conversation => ({
    ...conversation({ id, ...changes }),
    transport: 'stream',
  });
  const parts = [streamed('whole'), streamed('part', { fallbackFor: ['whole'] })];
  const stalls = (_request: Received, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const start = { type: 'message_start', message: { ...reply(''), content: [], stop_reason: null } };
    response.write(`event: message_start\ndata: ${JSON.stringify(start)}\n\n`);
  };

  it('are not tried in parts where they do not even begin', async () => {
    const fired = await against(() => {}, parts, { timeoutMs: 60, concurrency: 1 });
    expect(ids(fired)).toEqual(['whole/stream']);
    expect(fired.exchanges[0]?.failure).toMatchObject({ kind: 'timeout-headers', limitMs: 60 });
  });

  it('are not tried in parts where no stream comes to its end', async () => {
    const fired = await against(stalls, parts, { timeoutMs: 60 });
    expect(ids(fired)).toEqual(['whole/stream']);
    expect(fired.exchanges[0]?.failure).toMatchObject({ kind: 'timeout-body', limitMs: 60 });
  });
});

describe('streams that are over and left open', () => {
  const event = (type: string, data: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const openAfter =
    (last: string) =>
    (_request: Received, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const block = { index: 0, content_block: { type: 'text', text: '' } };
      const delta = { stop_reason: 'end_turn', stop_sequence: null };
      response.write(
        event('message_start', { message: { ...reply(''), content: [], stop_reason: null } }) +
          event('content_block_start', block) +
          event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'ok' } }) +
          event('content_block_stop', { index: 0 }) +
          event('message_delta', { delta, usage: { output_tokens: 1 } }) +
          last,
      );
    };
  const leftOpen = openAfter(event('message_stop', {}));
  const streamed = (id: string, changes: Parameters<typeof conversation>[0] = {}): Conversation => ({
    ...conversation({ id, ...changes }),
    transport: 'stream',
  });
  const [turn] = minimal.turns;

  it('are replies: the conversation goes on, and its parts are not sent', async () => {
    const fired = await against(
      leftOpen,
      [streamed('whole', { turns: [turn!, turn!] }), streamed('part', { fallbackFor: ['whole'] })],
      { lingerMs: 20 },
    );
    expect(ids(fired)).toEqual(['whole/stream', 'whole/stream.2']);
  });

  it('are waited for half as long when five were', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const fired = await against(
      leftOpen,
      names.map((name) => streamed(name)),
      { lingerMs: 40, concurrency: 1 },
    );
    expect(fired.exchanges.map(({ failure }) => failure?.message)).toEqual([
      ...Array(5).fill('the connection was still open 40 ms after message_stop'),
      'the connection was still open 20 ms after message_stop',
    ]);
  });

  it('are replies without message_stop, too, and then are waited for less', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const fired = await against(
      openAfter(''),
      [...names.map((name) => streamed(name)), streamed('part', { fallbackFor: ['a'] })],
      { lingerMs: 40, concurrency: 1, timeoutMs: 200 },
    );
    expect(ids(fired)).toEqual(names.map((name) => `${name}/stream`));
    expect(fired.exchanges.map(({ failure }) => failure?.message)).toEqual([
      ...Array(5).fill('no message_stop within 0.1 s after the stop reason'),
      'no message_stop within 0.02 s after the stop reason',
    ]);
  });
});

/** Faults that fail many requirements, each told once. */

import { describe, expect, it } from 'vitest';
import type { Exchange, Failure } from '../../core/exchange.js';
import type { Cause } from '../../core/report.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { causesOf } from '../../runner/judge/causes/causes.js';
import type { Judged } from '../../runner/judge/judge.js';
import { run } from '../../runner/run.js';
import { CATALOGUE } from '../../suites/index.js';
import { finding } from '../../suites/judging/outcomes.js';
import { errorBody, events, exchange, fixtures, message } from '../support/exchange.js';
import { judged } from '../support/judged.js';

async function causes(fault: string, only: readonly string[]): Promise<{ causes: readonly Cause[]; left: string[] }> {
  const report = await judged({ faults: [fault] }, { contract: 'anthropic', only });
  const explained = new Set(report.causes.flatMap(({ requirements }) => requirements));
  const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  return { causes: report.causes, left: wrong.map(({ id }) => id).filter((id) => !explained.has(id)) };
}

const STREAMS = [
  'stream.order.*',
  'stream.tool.*',
  'stream.sdk.ts',
  'agent.text-and-tool',
  'agent.tool-loop.*',
  'tu.*',
];
const STOPS = ['stop.*', 'tu.stop-reason', 'resp.stop-reason.enum', 'req.max-tokens.zero', 'so.truncation'];

it.each([
  ['stop-reason-null', STOPS, 'stop-reason', /^No reply has a documented `stop_reason`: null in \d+ of \d+ replies/],
  ['end-turn-when-cut', STOPS, 'stop-reason', /^Truncated replies report `stop_reason` "end_turn", not "max_tokens"/],
  [
    'index-missing',
    STREAMS,
    'stream-grammar',
    /^\d+ of \d+ streams violate one rule\. `index` of a block is not an integer/,
  ],
  [
    'block-restarted',
    STREAMS,
    'stream-grammar',
    /^\d+ of \d+ streams violate one rule\. `index` of a new block is 0, not 1/,
  ],
  [
    'first-delta-swallowed',
    ['http.utf8.roundtrip', 'stream.equivalence', 'stream.text.equal', 'so.format.stream'],
    'stream-content',
    /^Streams differ from replies without streaming\. The beginning of the text is missing in the stream/,
  ],
  [
    'history-dropped',
    [
      'msg.multi-turn',
      'msg.same-role.consecutive',
      'agent.compaction.replay',
      'think.redacted.replay',
      'arrives.picture.earlier',
    ],
    'field-lost',
    /^The server silently ignores earlier messages: no request/,
  ],
  [
    'system-ignored',
    ['req.system.string', 'arrives.system.blocks', 'req.combined.effect'],
    'field-lost',
    /ignores the system prompt:/,
  ],
  [
    'compressed-unlabelled',
    ['http.post.messages', 'http.response.single-object', 'stream.sdk.ts', 'err.envelope.type', 'models.list.shape'],
    'same-fault',
    /^Bodies are not text, in (\d+) of \1 answers: \d+ bytes that are not text \(1F 8B .*gzip without a content-encoding header\.$/,
  ],
  ['results-ignored', ['tr.*', 'arrives.result.*'], 'field-lost', /ignores `tool_result` blocks:/],
  ['result-arrays-as-text', ['tr.*', 'arrives.result.*'], 'field-lost', /ignores blocks inside `tool_result`:/],
  ['tools-never-called', ['tc.*', 'arrives.tool.*'], 'field-lost', /ignores `tools`:/],
  ['forced-choice-ignored', ['tc.*'], 'field-lost', /ignores `tool_choice`:/],
  ['usage-negative', ['resp.usage.*', 'usage.*', 'stream.start.usage'], 'usage', /a count of usage is negative/],
  [
    'usage-missing',
    ['resp.usage.*', 'cache.usage.*', 'cache.prewarm', 'req.max-tokens.zero'],
    'usage',
    /^No reply without `stream` reports its tokens: usage is missing in (\d+) of \1 replies\.$/,
  ],
  ['count-other-key', ['count.*'], 'profile-absent', /count-tokens is not there/],
] as const)('%s is one cause', async (fault, only, kind, title) => {
  const found = await causes(fault, only);
  expect(found.causes).toEqual([expect.objectContaining({ kind, title: expect.stringMatching(title) })]);
  expect(found.causes[0]!.requirements.length).toBeGreaterThan(1);
  expect(found.left).toEqual([]);
});

it('a few wrong stop reasons are failures by themselves', async () => {
  const found = await causes('stop-sequence-as-end-turn', STOPS);
  expect(found.causes).toEqual([]);
});

it('a cache that knows path and body only is one cause, with the requests without a key that it answers', async () => {
  const endpoint = createEndpoint({ apiKey: 'k' });
  const stored = new Map<string, Response>();
  const { report } = await run({
    apiKey: 'k',
    model: 'reference-1',
    only: ['resp.id', 'auth.missing', 'ver.missing', 'http.post.*'],
    fetch: async (request: Request) => {
      const key = `${request.method} ${new URL(request.url).pathname} ${await request.clone().text()}`;
      const hit = stored.get(key);
      const response = hit ?? (await endpoint.fetch(request));
      if (response.ok) stored.set(key, response.clone());
      const headers = { 'content-type': response.headers.get('content-type') ?? '', 'x-cache': hit ? 'HIT' : 'MISS' };
      return new Response(response.body, { status: response.status, headers });
    },
  });
  const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);
  expect(wrong).toEqual(expect.arrayContaining(['auth.missing', 'resp.id', 'ver.missing']));
  expect(report.causes).toMatchObject([
    {
      kind: 'stored-replies',
      title: expect.stringMatching(/^Equal requests get one stored reply: \d+ of \d+ responses say `x-cache: HIT`\.$/),
    },
  ]);
  expect([...report.causes[0]!.requirements].sort()).toEqual(['auth.missing', 'resp.id', 'ver.missing']);
});

it('valid requests that crash a server are another cause than invalid ones, which crash it as well', async () => {
  const endpoint = createEndpoint({ apiKey: 'k' });
  const { report } = await run({
    apiKey: 'k',
    model: 'reference-1',
    only: ['msg.content', 'req.messages', 'req.temperature.type', 'http.body', 'tr.string', 'tr.loop'],
    fetch: async (request: Request) => {
      const isArray = (await request.clone().text()).includes('"content":[');
      const response = await endpoint.fetch(request);
      return response.ok && !isArray ? response : new Response('Internal Server Error', { status: 500 });
    },
  });
  expect(report.causes.map(({ kind, title }) => [kind, title])).toEqual(
    expect.arrayContaining([
      ['rejection-status', expect.stringMatching(/^Rejections have the status 500, whatever is wrong/)],
      ['same-fault', expect.stringMatching(/^\d+ requirements fail on the same answer: HTTP 500 "Internal Server/)],
    ]),
  );
  const rejections = report.causes.find(({ kind }) => kind === 'rejection-status');
  expect(rejections!.requirements).not.toContain('msg.content.multi-text');
});

it('the form of errors is that of the endpoint that creates messages, not that of paths that a server does not have', async () => {
  const endpoint = createEndpoint({ apiKey: 'k' });
  const { report } = await run({
    apiKey: 'k',
    model: 'reference-1',
    only: ['err.envelope.type', 'req.model.*', 'count.*', 'models.*', 'files.*', 'batch.*'],
    fetch: async (request: Request) => {
      if (!new URL(request.url).pathname.endsWith('/messages')) return new Response(null, { status: 404 });
      const response = await endpoint.fetch(request);
      if (response.ok) return response;
      const { error } = (await response.json()) as { error: object };
      return Response.json({ error: { ...error, code: null } }, { status: response.status });
    },
  });
  const cause = report.causes.find(({ kind }) => kind === 'error-envelope');
  expect(cause?.title).toMatch(/^Error responses are \{"error":\{…\}\}, not .*: (\d+) of \1 error responses\.$/);
  expect(report.exchanges.find(({ id }) => id === cause?.exchange)?.request.url).toMatch(/\/messages$/);
});

const failed = (id: string, ...on: Exchange[]): Judged => ({
  requirement: CATALOGUE.find((requirement) => requirement.id === id)!,
  level: 'MUST',
  outcome: 'violated',
  verdict: 'fail',
  silent: false,
  reason: 'It ends early.',
  tries: 1,
  findings: on.map((one) => finding(one, 'It ends early.', 'more', 'less')),
  exchanges: on.map((one) => one.id),
});

it('a rule that more streams violate than findings are kept is the cause of what fails on the others, too', () => {
  const streams = Array.from({ length: 21 }, (_, index) =>
    exchange({ fixture: `s${index}`, events: events(message()).slice(0, -1) }),
  );
  const last = streams.at(-1)!;
  const other = exchange({ fixture: 'other', events: events(message()) });
  const all = [
    {
      ...failed('stream.order.message-stop-last', ...streams.slice(0, 20)),
      cited: new Set(streams.map(({ id }) => id)),
    },
    failed('stream.sdk.ts', last),
    failed('stream.tool.truncated', last),
    // A stream on which the rule is kept fails for a reason of its own.
    failed('stream.frame.json', other),
  ];
  const causes = causesOf(all, [...streams, other], () => fixtures().get('minimal')!);
  expect(causes).toMatchObject([
    {
      kind: 'stream-grammar',
      requirements: ['stream.order.message-stop-last', 'stream.sdk.ts', 'stream.tool.truncated'],
    },
  ]);
});

it('what message_start lacks is no cause of an order of events that is wrong', () => {
  const streams = ['a', 'b', 'c'].map((fixture) => exchange({ fixture, events: events(message()) }));
  const all = ['start.usage', 'start.message-shape', 'start.stop-null', 'order.index-consecutive', 'sdk.ts'].map((id) =>
    failed(`stream.${id}`, ...streams),
  );
  const [found, ...others] = causesOf(all, streams, () => fixtures().get('minimal')!);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ title: expect.stringMatching(/^`message_start` is wrong in 3 of 3 streams\. /) });
  expect(found!.requirements).not.toContain('stream.order.index-consecutive');
});

it('streams that stop in the middle are one cause of what fails on them', () => {
  const failure: Failure = { kind: 'timeout-body', message: 'no byte for 10 s in the middle of the stream' };
  const stopped = (fixture: string): Exchange =>
    exchange({
      fixture,
      events: events(message()).slice(0, 4),
      endMs: 10_020,
      failure: { ...failure, limitMs: 10_020 },
    });
  const exchanges = [
    stopped('minimal'),
    stopped('counting'),
    exchange({ fixture: 'cheap', events: events(message()) }),
  ];
  const [first, second, whole] = exchanges as [Exchange, Exchange, Exchange];
  const all = [
    failed('stream.order.message-stop-last', first, second),
    failed('stream.order.block-stop', second),
    failed('stream.text.delta-type', second, whole),
  ];
  expect(causesOf(all, exchanges, () => fixtures().get('minimal')!)).toEqual([
    {
      kind: 'same-fault',
      title:
        'Streams stop in the middle and have no end, 2 of 3 streams: no byte for 10 s in the middle of the stream.',
      requirements: ['stream.order.message-stop-last', 'stream.order.block-stop'],
      exchange: 'minimal/stream',
    },
  ]);
});

it('an error that comes again while a target is waited for is one error', () => {
  const foreign = ['a', 'b', 'c'].map((fixture) => exchange({ fixture, status: 400, json: { detail: 'no' } }));
  const again = [1, 2, 3, 4, 5, 6].map((attempt) => ({
    ...exchange({ fixture: 'd', attempt, status: 500, json: errorBody('api_error', 'reset') }),
    replaced: 'asks whether the gateway serves again',
  }));
  const causes = causesOf(
    [failed('err.envelope.type', ...foreign)],
    [...foreign, ...again],
    () => fixtures().get('minimal')!,
  );
  expect(causes).toMatchObject([{ kind: 'error-envelope', title: expect.stringMatching(/3 of 3 error responses\.$/) }]);
});

describe('an answer that every third request gets, as from one of several servers', () => {
  const page = () => new Response('<html>Welcome</html>', { headers: { 'content-type': 'text/html' } });
  const empty = () => new Response('', { headers: { 'content-type': 'application/json' } });
  const failure = (status: number, type: string, message: string) => () =>
    Response.json({ type: 'error', error: { type, message } }, { status });
  it.each([
    [
      'a web page',
      page,
      /^\d+ of \d+ requests get one answer that is not of the API: HTTP 200 "<html>Welcome<\/html>"\.$/,
    ],
    ['no body', empty, /^\d+ of \d+ requests get one answer that is not of the API: HTTP 200 without a body\.$/],
    [
      'a server error',
      failure(500, 'api_error', 'x'),
      /^\d+ requirements fail on the same answer: HTTP 500 api_error "x"\.$/,
    ],
    [
      'a refused key',
      failure(401, 'authentication_error', 'x'),
      /^\d+ requirements fail on the same answer: HTTP 401 authentication_error "x"\.$/,
    ],
  ])('%s is one cause, and no part of the protocol is absent for it', async (_, answer, title) => {
    const endpoint = createEndpoint({ apiKey: 'k' });
    let seen = 0;
    const { report } = await run({
      apiKey: 'k',
      model: 'reference-1',
      fetch: async (request: Request) => {
        seen += 1;
        return seen % 3 === 0 ? answer() : endpoint.fetch(request);
      },
    });
    const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    const [first] = report.causes;
    expect(first?.title).toMatch(title);
    expect(first!.requirements.length).toBeGreaterThan(wrong.length * 0.8);
    expect(report.causes.map(({ kind }) => kind)).not.toContain('profile-absent');
  });
});

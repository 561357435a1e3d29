import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { agent } from '../../suites/agent.js';
import {
  type Circumstances,
  type ExchangeParts,
  errorBody,
  events,
  exchange,
  judgeOf,
  message,
  textBlock,
  toolUse,
} from '../support/exchange.js';
import { rejection } from '../support/rejections.js';

const CLAIMED: Circumstances = { claims: { profiles: ['core', 'tools', 'agent'] } };
const judge = judgeOf(agent, CLAIMED);

const streamed = (fixture: string, content: JsonObject[] = [textBlock('ok')], parts: ExchangeParts = {}) =>
  exchange({
    fixture,
    events: events(
      message({ content, stop_reason: content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn' }),
    ),
    ...parts,
  });
const rejected = (fixture: string, status: number, text: string, parts: ExchangeParts = {}) =>
  exchange({ fixture, transport: 'stream', status, json: errorBody('invalid_request_error', text), ...parts });
const accepted = streamed('minimal');
const LOWER = 'max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens';

describe('agent.request.shape', () => {
  it.each([
    ['accepted with all the rest that agents send', [accepted, streamed('agent-session')], 'satisfied'],
    [
      'accepted without the rest',
      [accepted, rejected('agent-session', 400, 'no'), streamed('agent-request')],
      'satisfied',
    ],
    [
      'rejected like the rest',
      [accepted, rejected('agent-session', 400, 'no'), rejected('agent-request', 400, 'metadata: unknown field')],
      'rejected',
    ],
    [
      'accepted with fewer tokens',
      [accepted, rejected('agent-request', 400, LOWER), streamed('agent-request-short')],
      'satisfied',
    ],
    ['fields rejected by name', [accepted, rejected('agent-request', 400, 'metadata: unknown field')], 'rejected'],
    [
      'fields rejected behind the tokens',
      [
        accepted,
        rejected('agent-request', 400, LOWER),
        rejected('agent-request-short', 400, 'metadata: unknown field'),
      ],
      'rejected',
    ],
    ['its query not found', [accepted, rejected('agent-request', 404, 'no route')], 'rejected'],
    ['a crash', [accepted, rejected('agent-request', 500, 'oops')], 'violated'],
    [
      'a crash, though fewer tokens are accepted',
      [accepted, rejected('agent-request', 500, 'x'), streamed('agent-request-short')],
      'violated',
    ],
    ['credentials in two headers rejected', [accepted, rejected('agent-request', 401, 'two keys')], 'violated'],
    ['a rate limit', [accepted, rejected('agent-request', 429, 'slow')], 'inconclusive'],
    ['a target that serves nothing', [rejection('minimal'), rejected('agent-request', 400, 'no')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.request.shape', exchanges).outcome).toBe(outcome);
  });
});

describe('agent.context-management', () => {
  const cheap = exchange({ fixture: 'cheap' });
  const no = (status: number, text: string) =>
    exchange({ fixture: 'agent-context-edit', status, json: errorBody('invalid_request_error', text) });
  it.each([
    ['accepted', exchange({ fixture: 'agent-context-edit' }), 'satisfied'],
    ['the field rejected by name', no(400, 'context_management: Extra inputs are not permitted'), 'satisfied'],
    [
      'the header rejected by name',
      no(400, 'Unexpected value context-management-2025-06-27 in anthropic-beta'),
      'satisfied',
    ],
    ['rejected without a name', no(400, 'Bad request'), 'violated'],
    ['a crash', no(500, 'context_management'), 'violated'],
    [
      'rejected by name in another envelope',
      exchange({ fixture: 'agent-context-edit', status: 422, json: { detail: 'context_management' } }),
      'satisfied',
    ],
    ['a rate limit', no(429, 'slow'), 'inconclusive'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('agent.context-management', [cheap, answer]).outcome).toBe(outcome);
  });
});

describe('agent.context-management.thinking', () => {
  const adaptive = exchange({ fixture: 'adaptive-short' });
  const edited = (applied_edits: JsonObject[]) =>
    exchange({ fixture: 'agent-thinking-edit', json: message({ context_management: { applied_edits } }) });
  const no = (status: number, text: string) =>
    exchange({ fixture: 'agent-thinking-edit', status, json: errorBody('invalid_request_error', text) });
  it.each([
    ['accepted', [adaptive, edited([])], 'satisfied'],
    [
      'applied, with what it cleared',
      [adaptive, edited([{ type: 'clear_thinking_20251015', cleared_thinking_turns: 1, cleared_input_tokens: 12 }])],
      'satisfied',
    ],
    ['applied, without what it cleared', [adaptive, edited([{ type: 'clear_thinking_20251015' }])], 'violated'],
    ['the field rejected by name', [adaptive, no(400, 'context_management: Extra inputs')], 'satisfied'],
    ['rejected without a name', [adaptive, no(400, 'Bad request')], 'violated'],
    ['a crash', [adaptive, no(500, 'oops')], 'violated'],
    [
      'a crash, as of every context edit',
      [adaptive, no(500, 'oops'), exchange({ fixture: 'agent-context-edit', status: 500, json: errorBody() })],
      'not-observed',
    ],
    [
      'a crash, as of every beta header',
      [adaptive, no(500, 'oops'), exchange({ fixture: 'beta-header', status: 500, json: errorBody() })],
      'inconclusive',
    ],
    [
      'no thinking',
      [exchange({ fixture: 'adaptive-short', status: 400, json: errorBody() }), no(400, 'x')],
      'not-observed',
    ],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.context-management.thinking', exchanges).outcome).toBe(outcome);
  });
});

const round = (turn: number, id: string, parts: ExchangeParts = {}) =>
  streamed('agent-tool-loop', [toolUse({ n: turn }, { name: 'step', id })], { turn, ...parts });
const notSetUp = (turn: number) =>
  exchange({
    fixture: 'agent-tool-loop',
    transport: 'stream',
    turn,
    noResponse: true,
    failure: { kind: 'not-set-up', message: 'the answer of turn 1 holds no tool call' },
  });

describe('agent.tool-loop.stream', () => {
  const late = events(message({ content: [toolUse({ n: 2 }, { id: 'b' })], stop_reason: 'tool_use' })).map((event) =>
    'index' in event ? { ...event, index: 1 } : event,
  );
  it.each([
    ['three rounds', [round(1, 'a'), round(2, 'b'), round(3, 'c')], 'satisfied'],
    ['ids that begin anew', [round(1, 'call_0'), round(2, 'call_0'), round(3, 'call_0')], 'violated'],
    ['an id that comes back', [round(1, 'a'), round(2, 'b'), round(3, 'a')], 'violated'],
    ['indices that go on', [round(1, 'a'), round(2, 'b', { events: late }), round(3, 'c')], 'violated'],
    ['its own content rejected', [round(1, 'a'), rejected('agent-tool-loop', 400, 'x', { turn: 2 })], 'violated'],
    [
      'a crash in the third round',
      [round(1, 'a'), round(2, 'b'), rejected('agent-tool-loop', 500, 'x', { turn: 3 })],
      'violated',
    ],
    ['words instead of a call', [streamed('agent-tool-loop', [textBlock('Done.')]), notSetUp(2)], 'inconclusive'],
    ['a rate limit on the way', [round(1, 'a'), rejected('agent-tool-loop', 429, 'x', { turn: 2 })], 'inconclusive'],
    ['tools rejected', [streamed('tool-forced'), rejected('agent-tool-loop', 400, 'x')], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.tool-loop.stream', exchanges).outcome).toBe(outcome);
  });

  it('is silent about a repeated id, and names it', () => {
    expect(judge('agent.tool-loop.stream', [round(1, 'a'), round(2, 'a'), round(3, 'b')])).toMatchObject({
      silent: true,
      findings: [{ exchange: 'agent-tool-loop/stream.2', actual: '"a"' }],
    });
  });
});

describe('agent.text-and-tool', () => {
  const both = [textBlock('I will look.'), toolUse()];
  const indexed = (indices: readonly number[]) => {
    const list = events(message({ content: both, stop_reason: 'tool_use' }));
    return list.map((event) => ('index' in event ? { ...event, index: indices[Number(event.index)]! } : event));
  };
  const own = (list: JsonObject[]) => streamed('agent-text-and-tool', [], { events: list });
  it.each([
    ['0 and 1', [own(indexed([0, 1]))], 'satisfied'],
    ['0 and 0', [own(indexed([0, 0]))], 'violated'],
    ['1 and 2', [own(indexed([1, 2]))], 'violated'],
    ['another stream that shows it', [streamed('agent-text-and-tool'), streamed('minimal', both)], 'satisfied'],
    [
      'a thought before them',
      [streamed('minimal', [{ type: 'thinking', thinking: 'x', signature: 'y' }, ...both])],
      'satisfied',
    ],
    ['a call alone', [streamed('agent-text-and-tool', [toolUse()])], 'inconclusive'],
    ['words alone', [streamed('agent-text-and-tool')], 'inconclusive'],
    ['a refusal', [streamed('tool-forced'), rejected('agent-text-and-tool', 400, 'no tools')], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.text-and-tool', exchanges).outcome).toBe(outcome);
  });
});

describe('agent.text-and-tool, where no stream has text', () => {
  const costs = (content: JsonObject[], output_tokens: number) =>
    message({ content, stop_reason: 'tool_use', usage: { input_tokens: 60, output_tokens } });
  const call = (output_tokens: number) =>
    exchange({ fixture: 'agent-text-and-tool', events: events(costs([toolUse()], output_tokens)) });
  const whole = (content: JsonObject[], output_tokens = 40) =>
    exchange({ fixture: 'agent-text-and-tool-whole', json: costs(content, output_tokens) });
  const both = whole([textBlock('I will look.'), toolUse()]);
  it.each([
    ['calls that cost as much as text and call', [call(40), call(38), both], 'violated'],
    ['calls that cost less', [call(22), call(22), both], 'inconclusive'],
    ['one such call', [call(40), both], 'inconclusive'],
    ['no text without streaming either', [call(40), call(40), whole([toolUse()])], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.text-and-tool', exchanges).outcome).toBe(outcome);
  });
});

describe('agent.max-tokens.large', () => {
  const TOO_MANY = 'max_tokens: 64000 > 32768, which is the maximum';
  it.each([
    ['accepted', [accepted, streamed('agent-max-tokens')], 'satisfied'],
    [
      'a lower maximum, below which is accepted',
      [accepted, rejected('agent-max-tokens', 400, TOO_MANY), streamed('agent-request')],
      'satisfied',
    ],
    ['a lower maximum', [accepted, rejected('agent-max-tokens', 400, TOO_MANY)], 'not-observed'],
    [
      'a window that is too small',
      [accepted, rejected('agent-max-tokens', 400, 'exceeds context length of 8192')],
      'not-observed',
    ],
    ['rejected for another reason', [accepted, rejected('agent-max-tokens', 400, 'stream: not allowed')], 'rejected'],
    ['a crash', [accepted, rejected('agent-max-tokens', 500, TOO_MANY)], 'violated'],
    [
      'a cut connection',
      [
        accepted,
        exchange({
          fixture: 'agent-max-tokens',
          transport: 'stream',
          noResponse: true,
          failure: { kind: 'reset', message: 'x' },
        }),
      ],
      'violated',
    ],
    ['a target that serves nothing', [rejection('minimal'), rejected('agent-max-tokens', 400, 'no')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.max-tokens.large', exchanges).outcome).toBe(outcome);
  });
});

const WORDS = ['amber', 'birch', 'coral', 'denim'];
const says = (word: string, words = `${word} ${word}`.toUpperCase()) =>
  streamed(`agent-parallel-${word}`, [textBlock(words)]);
const put = (word: string, status: number, parts: ExchangeParts = {}) =>
  exchange({
    fixture: `agent-parallel-${word}`,
    transport: 'stream',
    status,
    json: errorBody(status === 429 ? 'rate_limit_error' : 'overloaded_error', 'busy'),
    ...parts,
  });
const others = ['birch', 'coral', 'denim'].map((word) => says(word));

describe('agent.parallel-requests', () => {
  it.each([
    ['all streams', [accepted, ...WORDS.map((word) => says(word))], 'satisfied'],
    ['a model that says something else', [accepted, says('amber', 'Sure!'), ...others], 'satisfied'],
    ['a rate limit', [accepted, put('amber', 429), ...others], 'satisfied'],
    ['an overload', [accepted, put('amber', 529), ...others], 'satisfied'],
    ['rate limits for all', [accepted, ...WORDS.map((word) => put(word, 429))], 'satisfied'],
    [
      'a rate limit, then a stream',
      [accepted, put('amber', 429), { ...says('amber'), attempt: 2 }, ...others],
      'satisfied',
    ],
    [
      'a rate limit in another envelope',
      [accepted, put('amber', 429, { json: { error: 'busy' } }), ...others],
      'violated',
    ],
    [
      'a rate limit in another envelope, then a stream',
      [accepted, put('amber', 429, { json: {} }), { ...says('amber'), attempt: 2 }, ...others],
      'violated',
    ],
    ['503', [accepted, put('amber', 503), ...others], 'violated'],
    ['a crash', [accepted, put('amber', 500), ...others], 'violated'],
    [
      'a cut connection',
      [accepted, put('amber', 200, { noResponse: true, failure: { kind: 'reset', message: 'x' } }), ...others],
      'violated',
    ],
    [
      'a stream that breaks off',
      [accepted, streamed('agent-parallel-amber', [], { events: events(message()).slice(0, 3) }), ...others],
      'violated',
    ],
    ['a target that serves nothing', [rejection('minimal'), ...WORDS.map((word) => put(word, 400))], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.parallel-requests', exchanges as readonly Exchange[]).outcome).toBe(outcome);
  });

  it('leaves streams that never come to their end to the requirements on streams', () => {
    const truncated = ['minimal', ...WORDS.map((word) => `agent-parallel-${word}`)].map((fixture) =>
      streamed(fixture, [], { events: events(message()).slice(0, 3) }),
    );
    expect(judge('agent.parallel-requests', truncated).outcome).toBe('inconclusive');
  });
});

describe('agent.parallel.own-text', () => {
  it.each([
    ['own words', [accepted, ...WORDS.map((word) => says(word))], 'satisfied'],
    ['a crash beside own words', [accepted, put('amber', 500), ...others], 'satisfied'],
    ['words of another stream', [accepted, says('amber', 'AMBER BIRCH AMBER'), ...others], 'violated'],
    [
      'a model that writes none of the words',
      [accepted, says('amber', 'Sure!'), says('birch', 'Yes.')],
      'inconclusive',
    ],
    ['one stream only', [accepted, says('amber'), put('birch', 429)], 'inconclusive'],
    ['nothing sent', [accepted], 'not-observed'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.parallel.own-text', exchanges as readonly Exchange[]).outcome).toBe(outcome);
  });

  it('is silent, and names whose words they are', () => {
    expect(judge('agent.parallel.own-text', [accepted, says('amber', 'AMBER BIRCH'), ...others])).toMatchObject({
      silent: true,
      findings: [{ message: expect.stringContaining('agent-parallel-birch/stream') }],
    });
  });
});

describe('agent.hello-probe', () => {
  const hello = (parts: ExchangeParts) => exchange({ fixture: 'agent-hello', transport: 'json', raw: '', ...parts });
  it.each([
    ['200', hello({}), 'satisfied'],
    ['404', hello({ status: 404 }), 'satisfied'],
    ['401', hello({ status: 401 }), 'satisfied'],
    ['503', hello({ status: 503 }), 'satisfied'],
    ['a late answer', hello({ endMs: 20_000 }), 'deviates'],
    [
      'none in time',
      hello({ noResponse: true, failure: { kind: 'timeout-headers', message: 'no answer' } }),
      'violated',
    ],
    ['a cut connection', hello({ noResponse: true, failure: { kind: 'reset', message: 'x' } }), 'violated'],
    ['no connection', hello({ noResponse: true, failure: { kind: 'unreachable', message: 'x' } }), 'unreachable'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('agent.hello-probe', [answer]).outcome).toBe(outcome);
  });
});

describe('agent.tool-result.large', () => {
  const used = (fixture: string, input_tokens: number) =>
    exchange({ fixture, json: message({ usage: { input_tokens, output_tokens: 4 } }) });
  const short = used('result-string', 400);
  const no = (status: number, text: string) =>
    exchange({ fixture: 'agent-result-large', status, json: errorBody('invalid_request_error', text) });
  it.each([
    ['accepted', [short, used('agent-result-large', 25_000)], 'satisfied'],
    [
      'accepted by a target that counts nothing',
      [used('result-string', 0), used('agent-result-large', 0)],
      'satisfied',
    ],
    ['cut down', [short, used('agent-result-large', 900)], 'violated'],
    ['too long for the window', [short, no(400, 'prompt is too long: 26000 tokens > 8192 maximum')], 'not-observed'],
    ['a limit on bodies', [short, no(413, 'too large')], 'rejected'],
    ['another refusal', [short, no(400, 'content: must be a string')], 'rejected'],
    ['a crash', [short, no(500, 'x')], 'violated'],
    ['not tried', [short], 'not-observed'],
    ['results rejected', [rejection('result-string'), no(400, 'x')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.tool-result.large', exchanges).outcome).toBe(outcome);
  });
});

describe('agent.first-byte', () => {
  const at = (atMs: number, parts: ExchangeParts = {}) => {
    const raw = 'event: ping\ndata: {"type":"ping"}\n\n';
    return exchange({ raw, chunks: [{ bytes: raw.length, atMs }], ...parts });
  };
  const silent = (endMs: number) =>
    exchange({ raw: '', endMs, failure: { kind: 'timeout-body', message: 'no end of the body' } });
  it.each([
    ['at once', at(20), 'satisfied'],
    ['after a minute', at(61_000), 'violated'],
    ['never, in two minutes', silent(120_000), 'violated'],
    ['never, in half a minute', silent(30_000), 'satisfied'],
    ['no stream', exchange(), 'not-observed'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('agent.first-byte', [answer]).outcome).toBe(outcome);
  });

  it.each([
    ['behind another request of the run', 90_000, 'satisfied'],
    ['long after the other request has ended', 20_000, 'violated'],
  ] as const)('after 100 s, %s', (_what, endMs, outcome) => {
    const other = exchange({ fixture: 'product', endMs, startedMs: 0 });
    expect(judge('agent.first-byte', [other, at(100_000, { startedMs: 10 })]).outcome).toBe(outcome);
  });
});

describe('agent.max-tokens.not-lowered', () => {
  const id = 'agent.max-tokens.not-lowered';
  const counted = (last: number, stop_reason: string, output_tokens: number, input_tokens = 200) => {
    const words = Array.from({ length: last }, (_, index) => index + 1).join(', ');
    const usage = { input_tokens, output_tokens };
    return exchange({
      fixture: 'agent-again',
      turn: 2,
      transport: 'json',
      json: message({ content: [textBlock(words)], stop_reason, usage }),
    });
  };
  it.each([
    ['is whole', counted(250, 'end_turn', 750), 'satisfied'],
    ['ends by itself', counted(60, 'end_turn', 180), 'satisfied'],
    ['ends after 256 tokens', counted(85, 'max_tokens', 256), 'violated'],
    ['ends after 512 tokens', counted(171, 'max_tokens', 512), 'violated'],
    ['is whole, with a wrong stop reason', counted(250, 'max_tokens', 750), 'satisfied'],
    ['fills a small window', counted(85, 'max_tokens', 256, 1_800), 'satisfied'],
    ['has no tokens', counted(85, 'max_tokens', 0), 'satisfied'],
    ['is none', counted(0, 'end_turn', 20), 'not-observed'],
    ['is asked with more tokens than the model can write', rejected('agent-again', 400, LOWER), 'satisfied'],
  ] as const)('a count that %s', (_what, own, outcome) => {
    expect(judge(id, [accepted, own])).toMatchObject({ outcome });
  });

  it.each([
    ['ends where a window of this size may be full', 900, 'satisfied'],
    ['ends though another exchange has more tokens', 4_000, 'violated'],
  ] as const)('a count that %s', (_what, input_tokens, outcome) => {
    const other = exchange({ json: message({ usage: { input_tokens, output_tokens: 5 } }) });
    expect(judge(id, [other, counted(171, 'max_tokens', 512, 512)])).toMatchObject({ outcome });
  });
});

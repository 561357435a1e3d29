import { describe, expect, it, test } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Judgement } from '../../core/requirement.js';
import { agentRequests } from '../../suites/agent-requests.js';
import { COUNTS, type Combined, PARTS } from '../../suites/judging/agent-requests.js';
import {
  type ExchangeParts,
  errorBody,
  events,
  exchange,
  fixtures,
  judgeWith,
  message,
  requirementOf,
} from '../support/exchange.js';
import { rejection, sharesRequest } from '../support/rejections.js';

const CLAIMED = { claims: { profiles: ['core', 'tools', 'agent'] as never } };
const judge = (id: string, ...exchanges: Exchange[]): Judgement =>
  judgeWith(requirementOf(agentRequests, id), exchanges, CLAIMED);

const isStreamed = (fixture: string): boolean => !fixtures().get(fixture)!.transports.includes('json');
const good = (fixture: string, parts: ExchangeParts = {}): Exchange =>
  exchange({ fixture, ...(isStreamed(fixture) && { events: events(message()) }), ...parts });
const bad = (fixture: string, status = 400): Exchange =>
  rejection(fixture, status, isStreamed(fixture) ? { transport: 'stream' } : {});

test.each(Object.keys(PARTS) as Combined[])('%s is split into the parts that its fixture names', (whole) => {
  expect(fixtures().get(whole)!.splitInto).toEqual(PARTS[whole]);
});

const TRAITS: readonly [id: string, part: string][] = [
  ['agent.encodings', 'agent-encodings'],
  ['agent.text.layout', 'agent-text-layout'],
  ['agent.system.long', 'agent-system-long'],
  ['agent.body.large', 'agent-body-large'],
  ['agent.description.long', 'agent-description-long'],
  ['agent.system-message.after-user', 'agent-system-after-user'],
  ['agent.system-message.after-result', 'agent-system-after-result'],
  ['agent.system-message.in-history', 'agent-system-in-history'],
  ['agent.effort.adaptive', 'agent-effort-adaptive'],
  ['agent.effort.disabled', 'agent-effort-disabled'],
  ['agent.thinking.disabled', 'agent-thinking-disabled'],
  ['agent.temperature', 'agent-temperature'],
  ['agent.clear-thinking', 'agent-clear-thinking'],
  ['agent.cache.hour', 'agent-cache-hour'],
  ['agent.cache.assistant', 'agent-cache-assistant'],
  ['agent.result.no-error', 'agent-result-no-error'],
  ['agent.call.undeclared', 'agent-call-undeclared'],
  ['agent.call.empty-input', 'agent-call-empty'],
  ['agent.call.after-text', 'agent-call-after-text'],
  ['agent.tool.eager', 'tool-eager'],
  ['agent.result.document-beside', 'agent-document-beside'],
  ['agent.stream.again', 'agent-without-stream'],
];

describe.each(TRAITS)('%s', (id, part) => {
  const requirement = requirementOf(agentRequests, id);
  const wholes = requirement.fixtures.filter((fixture) => fixture !== part);
  const { control } = fixtures().get(part)!;
  const refused = wholes.map((fixture) => bad(fixture));

  it('is satisfied while a request that carries it is accepted', () => {
    for (const whole of wholes) expect(judge(id, good(whole)).outcome).toBe('satisfied');
  });
  it('is judged by its own request where the others are rejected', () => {
    expect(judge(id, good(control!), ...refused, good(part)).outcome).toBe('satisfied');
    expect(judge(id, good(control!), ...refused, bad(part))).toMatchObject({
      outcome: 'rejected',
      findings: [{ message: expect.stringContaining('a valid request:') }],
    });
    expect(judge(id, good(control!), ...refused, bad(part, 500)).outcome).toBe('violated');
  });
  it('is not judged by others, nor without its control', () => {
    expect(judge(id, ...refused).outcome).toBe('inconclusive');
    expect(judge(id, bad(control!), ...refused, bad(part)).outcome).toBe('inconclusive');
  });
});

sharesRequest(agentRequests, 'agent.effort', { whole: ['agent-late'], part: 'agent-effort-max' }, CLAIMED);

describe('agent.thinking.replay', () => {
  const turn = (n: number, parts: ExchangeParts = {}) => good('agent-replay-short', { turn: n, ...parts });
  it.each([
    ['sent back with all the rest', [good('agent-replay')], 'satisfied'],
    ['sent back with nothing else', [bad('agent-replay'), turn(1), turn(2)], 'satisfied'],
    [
      'rejected when it comes back',
      [good('adaptive-short'), bad('agent-replay'), turn(1), rejection('agent-replay-short', 400, { turn: 2 })],
      'rejected',
    ],
    [
      'adaptive thinking rejected at all',
      [bad('adaptive-short'), bad('agent-replay'), bad('agent-replay-short')],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.thinking.replay', ...exchanges).outcome).toBe(outcome);
  });
});

describe.each([
  ['agent.betas.listed', 'agent-betas', 'beta-value-effort', 'cheap'],
  ['agent.schema.keywords', 'agent-schemas', 'schema-keyword-const', 'cheap-tool'],
] as const)('%s', (id, list, one, control) => {
  const others = PARTS[list].filter((part) => part !== one).map((part) => good(part));
  it('is satisfied while a request with the whole list is accepted', () => {
    expect(judge(id, good('agent-first')).outcome).toBe('satisfied');
    expect(judge(id, bad('agent-first'), good(control), good(list)).outcome).toBe('satisfied');
  });
  it('blames the one that is rejected by its name', () => {
    const { title } = fixtures().get(one)!;
    expect(judge(id, bad('agent-first'), good(control), bad(list), ...others, bad(one))).toMatchObject({
      outcome: 'rejected',
      findings: [{ exchange: `${one}/json`, message: expect.stringContaining(title.slice(1)) }],
    });
  });
  it('blames the list where each of it is accepted', () => {
    expect(judge(id, bad('agent-first'), good(control), bad(list), ...others, good(one))).toMatchObject({
      outcome: 'rejected',
      findings: [{ exchange: `${list}/json` }],
    });
  });
});

describe.each([
  ['agent.session.first', 'agent-first'],
  ['agent.session.late', 'agent-late'],
  ['agent.session.sub', 'agent-sub'],
  ['agent.session.replay', 'agent-replay'],
  ['agent.title', 'agent-title'],
  ['agent.web-search', 'agent-search'],
] as const)('%s', (id, whole) => {
  const part = PARTS[whole].at(-1)!;
  const control = good('minimal');
  it('is satisfied by a reply', () => {
    expect(judge(id, control, good(whole)).outcome).toBe('satisfied');
  });
  it('is violated only where each part is accepted', () => {
    expect(judge(id, control, bad(whole), good(part)).outcome).toBe('rejected');
    expect(judge(id, control, bad(whole, 500), good(part)).outcome).toBe('violated');
    expect(judge(id, control, bad(whole), bad(part))).toMatchObject({
      outcome: 'not-observed',
      reason: expect.stringContaining(part),
    });
  });
  it('shows nothing about a target that rejects everything, or asks to wait', () => {
    expect(judge(id, bad('minimal'), bad(whole)).outcome).toBe('inconclusive');
    expect(judge(id, control, bad(whole, 429)).outcome).toBe('inconclusive');
  });
});

describe.each([
  ['agent.effort.adaptive', 'agent-effort-adaptive', 'adaptive-short', 'minimal'],
  ['agent.clear-thinking', 'agent-clear-thinking', 'adaptive-short', 'minimal'],
  ['agent.thinking.replay', 'agent-replay-short', 'adaptive-short', 'minimal'],
  ['agent.effort.disabled', 'agent-effort-disabled', 'agent-thinking-disabled', 'cheap-tool'],
  ['agent.temperature', 'agent-temperature', 'agent-thinking-disabled', 'cheap-tool'],
] as const)('%s', (id, part, control, beneath) => {
  it('is not observed where the thinking beside it is rejected, which is allowed', () => {
    expect(judge(id, good(beneath), bad(control), bad(part))).toMatchObject({
      outcome: 'not-observed',
      reason: expect.stringMatching(/does not accept (adaptive|disabled) thinking/),
    });
  });
  it('is inconclusive where that is a failure of the server, or everything is rejected', () => {
    expect(judge(id, good(beneath), bad(control, 500), bad(part)).outcome).toBe('inconclusive');
    expect(judge(id, bad(beneath), bad(control), bad(part)).outcome).toBe('inconclusive');
  });
});

describe('a server that fails at the header anthropic-beta', () => {
  const header = (status: number) => ['beta-header-list', 'beta-header-twice'].map((id) => bad(id, status));
  const values = (status: number) => ['agent-betas', ...PARTS['agent-betas']].map((id) => bad(id, status));
  const counts = COUNTS.map((id) => bad(id, 500));

  it('is blamed by beta.header.tolerated, and by no requirement that sends the header too', () => {
    const reason = expect.stringContaining('beta.header.tolerated');
    const blamed = { outcome: 'inconclusive', reason };
    expect(judge('agent.betas.listed', good('cheap'), ...header(500), ...values(500))).toMatchObject(blamed);
    expect(
      judge('agent.clear-thinking', good('adaptive-short'), ...header(500), bad('agent-clear-thinking', 500)),
    ).toMatchObject(blamed);
    expect(judge('agent.counts.at-once', good('minimal'), ...header(500), ...counts)).toMatchObject(blamed);
  });
  it('is blamed for each value that it rejects as a client error, which beta.header.tolerated permits', () => {
    expect(judge('agent.betas.listed', good('cheap'), ...header(400), ...values(400)).outcome).toBe('rejected');
  });
  it('is blamed for the rest where the header is accepted elsewhere', () => {
    expect(judge('agent.counts.at-once', good('minimal'), good('beta-header-list'), ...counts).outcome).toBe(
      'violated',
    );
  });
});

describe('agent.session.again', () => {
  const broken = exchange({
    fixture: 'agent-again',
    events: events(message()).slice(0, 3),
    failure: { kind: 'abandoned', message: 'broken off' },
  });
  const again = (parts: ExchangeParts = {}) => exchange({ fixture: 'agent-again', turn: 2, ...parts });
  it.each([
    ['the second request is accepted', [broken, again()], 'satisfied'],
    ['the second request is rejected', [broken, rejection('agent-again', 409, { turn: 2 })], 'rejected'],
    ['the second request gets a server error', [broken, rejection('agent-again', 500, { turn: 2 })], 'violated'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.session.again', good('minimal'), ...exchanges).outcome).toBe(outcome);
  });
});

describe('limits of a model', () => {
  const says = (fixture: string, text: string, status = 400) =>
    rejection(fixture, status, { json: { type: 'error', error: { type: 'invalid_request_error', message: text } } });
  const of = (id: string, part: string, text: string, status?: number) =>
    judge(id, good('cheap'), good('system-array'), bad('agent-first'), bad('agent-again'), says(part, text, status))
      .outcome;
  it('are no fault: the context window, and the largest max_tokens', () => {
    expect(of('agent.body.large', 'agent-body-large', 'prompt is too long: 9000 tokens > 8192')).toBe('inconclusive');
    expect(of('agent.stream.again', 'agent-without-stream', 'max_tokens: 32000 > 8192')).toBe('not-observed');
  });
  it('are others than a limit on bytes or characters', () => {
    expect(of('agent.body.large', 'agent-body-large', 'request entity too large', 413)).toBe('rejected');
    expect(of('agent.system.long', 'agent-system-long', 'system: at most 20000 characters')).toBe('rejected');
  });
});

describe('agent.counts.at-once', () => {
  const counts = ['agent-count-word', 'agent-count-text', 'agent-count-tools', 'agent-count-history'];
  const counted = (fixture: string) => exchange({ fixture, json: { input_tokens: 7 } });
  const all = (answer: (fixture: string) => Exchange) => [good('minimal'), ...counts.map(answer)];
  const withoutTools = () => all((fixture) => (fixture === 'agent-count-tools' ? bad(fixture) : counted(fixture)));
  it.each([
    ['all are counted', all(counted), 'satisfied'],
    ['one is rejected', [...all(counted).slice(0, -1), bad('agent-count-history')], 'violated'],
    [
      'one has no count',
      [...all(counted).slice(0, -1), exchange({ fixture: 'agent-count-history', json: {} })],
      'violated',
    ],
    ['all fail', all((fixture) => bad(fixture, 500)), 'violated'],
    ['there is no such endpoint', all((fixture) => bad(fixture, 404)), 'not-observed'],
    ['all are rejected', all((fixture) => bad(fixture)), 'violated'],
    ['any count is rejected', [...all((fixture) => bad(fixture)), bad('count-short')], 'not-observed'],
    ['only the plain one is counted', [...all((fixture) => bad(fixture)), counted('count-short')], 'violated'],
    ['a rate limit', all((fixture) => bad(fixture, 429)), 'inconclusive'],
    [
      'a value of anthropic-beta is rejected by name',
      all((fixture) =>
        exchange({
          fixture,
          status: 400,
          json: errorBody('invalid_request_error', 'Unexpected value(s) `token-counting-2024-11-01`'),
        }),
      ),
      'not-observed',
    ],
    ['tools are rejected everywhere', [...withoutTools(), bad('cheap-tool')], 'not-observed'],
    ['tools are rejected in counts only', [...withoutTools(), good('cheap-tool')], 'violated'],
    ['nothing is accepted', [bad('minimal'), ...counts.map((fixture) => bad(fixture))], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('agent.counts.at-once', ...exchanges).outcome).toBe(outcome);
  });
});

describe('agent.head', () => {
  const none = { noResponse: true, failure: { kind: 'timeout-headers', message: 'no response' } } as const;
  it('is satisfied by any status, and violated by none', () => {
    expect(judge('agent.head', exchange({ fixture: 'agent-head', status: 404 })).outcome).toBe('satisfied');
    expect(judge('agent.head', good('minimal'), exchange({ fixture: 'agent-head', ...none })).outcome).toBe('violated');
  });
});

import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { requestRequired } from '../../suites/request-required.js';
import { events, exchange, judgeOf, message, textBlock } from '../support/exchange.js';
import { rejection, rejects } from '../support/rejections.js';

const judge = judgeOf(requestRequired);

rejects(requestRequired, [
  'req.model.required',
  'req.messages.required',
  'req.messages.empty',
  'req.messages.role-required',
  'req.messages.content-required',
  'req.max-tokens.required',
  'req.max-tokens.type',
  'req.max-tokens.over-limit',
]);

describe('req.messages.role-unknown', () => {
  const id = 'req.messages.role-unknown';
  const counted = (fixture: string, input_tokens: number) =>
    exchange({ fixture, json: message({ usage: { input_tokens, output_tokens: 1 } }) });
  const cheap = counted('cheap', 14);
  test.each([
    ['rejects it', [rejection('role-tool')], 'satisfied'],
    ['reads it as another role', [counted('role-tool', 14)], 'deviates'],
    ['drops its message', [counted('role-tool', 6)], 'violated'],
    ['drops one of two', [counted('role-tool', 14), counted('role-developer', 6)], 'violated'],
    ['fails on it', [rejection('role-tool', 500)], 'violated'],
    ['rejects its control, too', [rejection('role-tool'), rejection('cheap')], 'inconclusive'],
  ] as const)('a server that %s', (_what, exchanges, outcome) => {
    const plain = exchanges.some(({ fixture }) => fixture === 'cheap') ? [] : [cheap];
    expect(judge(id, [...plain, ...exchanges]).outcome).toBe(outcome);
  });
});

describe('req.model.unknown', () => {
  const id = 'req.model.unknown';
  const cheap = exchange({ fixture: 'cheap' });
  test.each([
    [404, 'satisfied'],
    [400, 'satisfied'],
    [403, 'satisfied'],
    [500, 'violated'],
    [408, 'violated'],
    [429, 'inconclusive'],
  ] as const)('status %d: %s', (status, outcome) => {
    expect(judge(id, [cheap, rejection('model-unknown', status)]).outcome).toBe(outcome);
  });
  test('is violated in silence when another model answers', () => {
    expect(judge(id, [cheap, exchange({ fixture: 'model-unknown' })])).toMatchObject({
      outcome: 'violated',
      silent: true,
    });
  });
  test('is inconclusive while the configured model is rejected as well', () => {
    expect(judge(id, [rejection('cheap', 404), rejection('model-unknown', 404)]).outcome).toBe('inconclusive');
  });
});

describe('req.max-tokens.enforced', () => {
  const id = 'req.max-tokens.enforced';
  const counted = (output_tokens: number, parts: JsonObject = {}) =>
    exchange({
      fixture: 'counting-five-tokens',
      json: message({ usage: { input_tokens: 30, output_tokens }, ...parts }),
    });
  const toForty = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');
  test('is satisfied up to the limit, also by a reply without text', () => {
    expect(judge(id, [counted(5)]).outcome).toBe('satisfied');
    expect(judge(id, [counted(5, { content: [], stop_reason: 'max_tokens' })]).outcome).toBe('satisfied');
    expect(judge(id, [counted(5, { content: [textBlock('Hello! How can I help you today?')] })]).outcome).toBe(
      'satisfied',
    );
  });
  test('is violated above it, in any answer of the run', () => {
    expect(judge(id, [counted(6)]).outcome).toBe('violated');
    const streamed = message({ usage: { input_tokens: 14, output_tokens: 17 } });
    expect(judge(id, [counted(5), exchange({ events: events(streamed) })])).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'minimal/stream', at: { pointer: '/usage/output_tokens' } }],
    });
  });
  test('is violated when all forty numbers come, whatever the usage says', () => {
    expect(judge(id, [counted(5, { content: [textBlock(toForty)] })]).outcome).toBe('violated');
  });
  test('does not add up the rounds of server tools', () => {
    const rounds = counted(50, {
      content: [{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }],
    });
    expect(judge(id, [rounds]).outcome).toBe('not-observed');
  });
  test('says nothing without a message', () => {
    expect(judge(id, [rejection('counting-five-tokens', 529)]).outcome).toBe('inconclusive');
    expect(judge(id, [rejection('counting-five-tokens', 400)]).outcome).toBe('not-observed');
  });
});

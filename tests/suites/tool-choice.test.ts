import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { toolChoice } from '../../suites/tool-choice.js';
import { errorBody, events, exchange, fixtures, judgeOf, message, textBlock, toolUse } from '../support/exchange.js';

const judge = judgeOf(toolChoice);
const rejected = (fixture: string, status = 400) => exchange({ fixture, status, json: errorBody() });
const says = (fixture: string, words = 'ok') => exchange({ fixture, json: message({ content: [textBlock(words)] }) });
const callsWith = (fixture: string, calls: JsonObject[], parts = {}) =>
  exchange({ fixture, json: message({ content: calls, stop_reason: 'tool_use', ...parts }) });
const callsTool = (fixture: string) => callsWith(fixture, [toolUse()]);
const callsStreamed = (fixture: string, content: JsonObject[] = [toolUse()]) =>
  exchange({ fixture, events: events(message({ content, stop_reason: 'tool_use' })) });
const truncated = (fixture: string) =>
  exchange({ fixture, json: message({ content: [textBlock('Well')], stop_reason: 'max_tokens' }) });
/** Name of the tool that `tool-variants` forces. */
const long = String(get(fixtures().get('tool-variants')?.turns, 0, 'body', 'tool_choice', 'name'));

describe('tc.auto', () => {
  it.each([
    ['both are answered in words', [says('choice-auto'), says('cheap-tool')], 'satisfied'],
    ['one try of three is in words', [callsTool('choice-auto'), says('choice-auto'), says('cheap-tool')], 'satisfied'],
    ['auto alone forces a call', [callsTool('choice-auto'), says('cheap-tool')], 'violated'],
    ['no choice alone forces a call', [says('choice-auto'), callsTool('cheap-tool')], 'violated'],
    ['the model calls tools whatever it is asked', [callsTool('choice-auto'), callsTool('cheap-tool')], 'inconclusive'],
    [
      'a reasoning model has no room to speak',
      [
        says('choice-auto'),
        exchange({ fixture: 'cheap-tool', json: message({ content: [], stop_reason: 'max_tokens' }) }),
      ],
      'inconclusive',
    ],
    [
      'every stream calls a tool, and every other reply is in words',
      [says('choice-auto'), says('cheap-tool'), callsStreamed('cheap-tool-streamed'), callsStreamed('agent-again')],
      'violated',
    ],
    [
      'every reply calls a tool and has words beside it',
      [
        ...['choice-auto', 'cheap-tool'].map((fixture) => callsWith(fixture, [textBlock('ok'), toolUse()])),
        ...['cheap-tool-streamed', 'agent-again'].map((fixture) =>
          callsStreamed(fixture, [textBlock('ok'), toolUse()]),
        ),
      ],
      'satisfied',
    ],
    ['auto is rejected', [rejected('choice-auto'), says('cheap-tool')], 'rejected'],
    [
      'tools are rejected, which tool.custom.accepted judges',
      [rejected('choice-auto'), rejected('cheap-tool')],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tc.auto', exchanges).outcome).toBe(expected);
  });
});

describe('tc.any', () => {
  const control = callsTool('tool-forced');
  it.each([
    ['a call', callsTool('choice-any'), { outcome: 'satisfied' }],
    ['words', says('choice-any'), { outcome: 'violated', silent: true }],
    ['nothing in time', truncated('choice-any'), { outcome: 'inconclusive' }],
    [
      'a refusal of the model',
      exchange({ fixture: 'choice-any', json: message({ content: [], stop_reason: 'refusal' }) }),
      { outcome: 'inconclusive' },
    ],
    ['a refusal of the server', rejected('choice-any'), { outcome: 'rejected' }],
    ['an order to wait', rejected('choice-any', 429), { outcome: 'inconclusive' }],
  ])('%s', (_what, own, expected) => {
    expect(judge('tc.any', [control, own])).toMatchObject(expected);
  });
});

describe('tc.tool', () => {
  const unlikely = callsWith('tool-variants', [toolUse({}, { name: long })]);
  it.each([
    ['both call what is forced', [callsTool('tool-forced'), unlikely], 'satisfied'],
    ['the likely tool comes instead', [callsTool('tool-forced'), callsTool('tool-variants')], 'violated'],
    ['tools are accepted and never used', [says('tool-forced'), says('tool-variants')], 'violated'],
    [
      'the streamed call is lost',
      [callsTool('tool-forced'), exchange({ fixture: 'tool-forced', events: events(message()) }), unlikely],
      'violated',
    ],
    [
      'the stream calls as well',
      [
        exchange({
          fixture: 'tool-forced',
          events: events(message({ content: [toolUse()], stop_reason: 'tool_use' })),
        }),
        unlikely,
      ],
      'satisfied',
    ],
    [
      'the variants are rejected, the part is not',
      [
        callsTool('tool-forced'),
        rejected('tool-variants'),
        callsWith('choice-unlikely', [toolUse({ room: 'x' }, { name: 'list_alarms' })]),
      ],
      'satisfied',
    ],
    [
      'the part calls the likely tool',
      [callsTool('tool-forced'), rejected('tool-variants'), callsTool('choice-unlikely')],
      'violated',
    ],
    [
      'forcing is rejected',
      [exchange({ fixture: 'minimal' }), rejected('tool-forced'), rejected('tool-variants')],
      'rejected',
    ],
    [
      'everything is rejected',
      [rejected('minimal'), rejected('tool-forced'), rejected('tool-variants')],
      'inconclusive',
    ],
    ['no reply gets so far', [truncated('tool-forced')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tc.tool', exchanges).outcome).toBe(expected);
  });
});

describe('tc.none', () => {
  const control = says('cheap-tool');
  it.each([
    ['words', [control, says('choice-none'), callsTool('tool-forced')], 'satisfied'],
    ['a call all the same', [control, callsTool('choice-none'), callsTool('tool-forced')], 'violated'],
    ['words, of a target that never calls', [control, says('choice-none'), says('tool-forced')], 'inconclusive'],
    [
      'a model that thinks until it is cut',
      [
        control,
        exchange({ fixture: 'choice-none', json: message({ content: [], stop_reason: 'max_tokens' }) }),
        callsTool('tool-forced'),
      ],
      'inconclusive',
    ],
    ['a refusal', [control, rejected('choice-none'), callsTool('tool-forced')], 'rejected'],
    ['a refusal, like every tool_choice', [rejected('cheap-tool'), rejected('choice-none')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tc.none', exchanges).outcome).toBe(expected);
  });
});

describe('tc.forced.no-text-before', () => {
  it.each([
    ['a call alone', 'choice-any', [toolUse()], 'satisfied'],
    ['a call, then words', 'choice-any', [toolUse(), textBlock('There.')], 'satisfied'],
    ['blank text before the call', 'choice-any', [textBlock('\n'), toolUse()], 'satisfied'],
    ['words before the call', 'choice-any', [textBlock('First'), toolUse()], 'violated'],
    ['words before a call that was free', 'cheap-tool', [textBlock('First'), toolUse()], 'not-observed'],
    ['no call', 'choice-any', [textBlock('First')], 'not-observed'],
  ] as const)('%s', (_what, fixture, content, expected) => {
    expect(judge('tc.forced.no-text-before', [callsWith(fixture, [...content])]).outcome).toBe(expected);
  });
});

describe('what must be rejected', () => {
  it.each([
    ['tc.unknown-name', 'choice-undeclared', 'cheap-tool', 'violated'],
    ['tc.type-invalid', 'choice-required', 'cheap-tool', 'violated'],
    ['tc.type-invalid', 'choice-string', 'cheap-tool', 'violated'],
    ['tc.type-invalid', 'choice-typeless', 'cheap-tool', 'violated'],
    ['tc.without-tools', 'choice-without-tools', 'minimal', 'not-observed'],
  ])('%s: %s', (id, fixture, control, accepted) => {
    expect(judge(id, [says(control), rejected(fixture)])).toEqual({ outcome: 'satisfied' });
    expect(judge(id, [says(control), says(fixture)]).outcome).toBe(accepted);
    expect(judge(id, [says(control), rejected(fixture, 500)]).outcome).toBe('violated');
    expect(judge(id, [rejected(control), rejected(fixture)]).outcome).toBe('inconclusive');
  });
});

describe.each([
  ['tc.disable-parallel.any', 'choice-any-single'],
  ['tc.disable-parallel.auto', 'choice-auto-single'],
])('%s', (id, fixture) => {
  const two = (id: string) => callsWith(id, [toolUse(), toolUse({ city: 'Rome' })]);
  it.each([
    ['one call where the control has two', [two('choice-any'), callsTool(fixture)], 'satisfied'],
    ['two calls', [two('choice-any'), two(fixture)], 'violated'],
    ['two calls, whatever the control has', [callsTool('choice-any'), two(fixture)], 'violated'],
    ['one call of a model that never makes two', [callsTool('choice-any'), callsTool(fixture)], 'inconclusive'],
    ['no call, which tc.any judges', [two('choice-any'), says(fixture)], 'inconclusive'],
    ['a refusal', [two('choice-any'), rejected(fixture)], 'rejected'],
    ['a refusal of a forced choice altogether', [rejected('choice-any'), rejected(fixture)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge(id, exchanges).outcome).toBe(expected);
  });
});

describe('tc.disable-parallel.any of a stream', () => {
  const id = 'tc.disable-parallel.any';
  const two = [toolUse(), toolUse({ city: 'Rome' })];
  const accepted = [callsWith('choice-any', two), callsTool('choice-any-single')];
  const streams = (uses: JsonObject[]) =>
    exchange({
      fixture: 'choice-any-single-streamed',
      events: events(message({ content: uses, stop_reason: 'tool_use' })),
    });
  it.each([
    ['one call', streams([toolUse()]), 'satisfied'],
    ['two calls', streams(two), 'violated'],
    ['a rejection, which other requirements judge', rejected('choice-any-single-streamed'), 'satisfied'],
  ] as const)('%s', (_what, streamed, expected) => {
    expect(judge(id, [...accepted, streamed]).outcome).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { member } from '../../core/json.js';
import type { Judgement } from '../../core/requirement.js';
import { toolChoice } from '../../suites/tool-choice.js';
import {
  errorBody,
  events,
  exchange,
  fixtures,
  judgeWith,
  message,
  requirementOf,
  textBlock,
  toolUse,
} from '../support/exchange.js';

const judge = (id: string, exchanges: readonly Exchange[]): Judgement =>
  judgeWith(requirementOf(toolChoice, id), exchanges);
const refused = (fixture: string, status = 400) => exchange({ fixture, status, json: errorBody() });
const says = (fixture: string, words = 'ok') => exchange({ fixture, json: message({ content: [textBlock(words)] }) });
const callsWith = (fixture: string, calls: JsonObject[], parts = {}) =>
  exchange({ fixture, json: message({ content: calls, stop_reason: 'tool_use', ...parts }) });
const callsTool = (fixture: string) => callsWith(fixture, [toolUse()]);
const cut = (fixture: string) =>
  exchange({ fixture, json: message({ content: [textBlock('Well')], stop_reason: 'max_tokens' }) });
/** Name of the tool that `tool-variants` forces. */
const long = String(member(fixtures().get('tool-variants')?.turns, 0, 'body', 'tool_choice', 'name'));

describe('tc.auto', () => {
  it.each([
    ['both are answered in words', [says('choice-auto'), says('cheap-tool')], 'kept'],
    ['one try of three is in words', [callsTool('choice-auto'), says('choice-auto'), says('cheap-tool')], 'kept'],
    ['auto alone forces a call', [callsTool('choice-auto'), says('cheap-tool')], 'broken'],
    ['no choice alone forces a call', [says('choice-auto'), callsTool('cheap-tool')], 'broken'],
    ['the model calls tools whatever it is asked', [callsTool('choice-auto'), callsTool('cheap-tool')], 'inconclusive'],
    [
      'a reasoning model has no room to speak',
      [
        says('choice-auto'),
        exchange({ fixture: 'cheap-tool', json: message({ content: [], stop_reason: 'max_tokens' }) }),
      ],
      'inconclusive',
    ],
    ['auto is refused', [refused('choice-auto'), says('cheap-tool')], 'refused'],
    [
      'tools are refused, which tool.custom.accepted judges',
      [refused('choice-auto'), refused('cheap-tool')],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tc.auto', exchanges).outcome).toBe(expected);
  });
});

describe('tc.any', () => {
  const twin = callsTool('tool-forced');
  it.each([
    ['a call', callsTool('choice-any'), { outcome: 'kept' }],
    ['words', says('choice-any'), { outcome: 'broken', silent: true }],
    ['nothing in time', cut('choice-any'), { outcome: 'inconclusive' }],
    [
      'a refusal of the model',
      exchange({ fixture: 'choice-any', json: message({ content: [], stop_reason: 'refusal' }) }),
      { outcome: 'inconclusive' },
    ],
    ['a refusal of the server', refused('choice-any'), { outcome: 'refused' }],
    ['an order to wait', refused('choice-any', 429), { outcome: 'inconclusive' }],
  ])('%s', (_what, own, expected) => {
    expect(judge('tc.any', [twin, own])).toMatchObject(expected);
  });
});

describe('tc.tool', () => {
  const unlikely = callsWith('tool-variants', [toolUse({}, { name: long })]);
  it.each([
    ['both call what is forced', [callsTool('tool-forced'), unlikely], 'kept'],
    ['the likely tool comes instead', [callsTool('tool-forced'), callsTool('tool-variants')], 'broken'],
    ['tools are accepted and never used', [says('tool-forced'), says('tool-variants')], 'broken'],
    [
      'the streamed call is lost',
      [callsTool('tool-forced'), exchange({ fixture: 'tool-forced', events: events(message()) }), unlikely],
      'broken',
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
      'kept',
    ],
    [
      'the variants are refused, the part is not',
      [
        callsTool('tool-forced'),
        refused('tool-variants'),
        callsWith('choice-unlikely', [toolUse({ room: 'x' }, { name: 'list_alarms' })]),
      ],
      'kept',
    ],
    [
      'the part calls the likely tool',
      [callsTool('tool-forced'), refused('tool-variants'), callsTool('choice-unlikely')],
      'broken',
    ],
    [
      'forcing is refused',
      [exchange({ fixture: 'minimal' }), refused('tool-forced'), refused('tool-variants')],
      'refused',
    ],
    ['everything is refused', [refused('minimal'), refused('tool-forced'), refused('tool-variants')], 'inconclusive'],
    ['no reply gets so far', [cut('tool-forced')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tc.tool', exchanges).outcome).toBe(expected);
  });
});

describe('tc.none', () => {
  const twin = says('cheap-tool');
  it.each([
    ['words', [twin, says('choice-none'), callsTool('tool-forced')], 'kept'],
    ['a call all the same', [twin, callsTool('choice-none'), callsTool('tool-forced')], 'broken'],
    ['words, of a target that never calls', [twin, says('choice-none'), says('tool-forced')], 'inconclusive'],
    [
      'a model that thinks until it is cut',
      [
        twin,
        exchange({ fixture: 'choice-none', json: message({ content: [], stop_reason: 'max_tokens' }) }),
        callsTool('tool-forced'),
      ],
      'inconclusive',
    ],
    ['a refusal', [twin, refused('choice-none'), callsTool('tool-forced')], 'refused'],
    ['a refusal, like every tool_choice', [refused('cheap-tool'), refused('choice-none')], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tc.none', exchanges).outcome).toBe(expected);
  });
});

describe('tc.forced.no-text-before', () => {
  it.each([
    ['a call alone', 'choice-any', [toolUse()], 'kept'],
    ['a call, then words', 'choice-any', [toolUse(), textBlock('There.')], 'kept'],
    ['blank text before the call', 'choice-any', [textBlock('\n'), toolUse()], 'kept'],
    ['words before the call', 'choice-any', [textBlock('First'), toolUse()], 'broken'],
    ['words before a call that was free', 'cheap-tool', [textBlock('First'), toolUse()], 'unobserved'],
    ['no call', 'choice-any', [textBlock('First')], 'unobserved'],
  ] as const)('%s', (_what, fixture, content, expected) => {
    expect(judge('tc.forced.no-text-before', [callsWith(fixture, [...content])]).outcome).toBe(expected);
  });
});

describe('what must be refused', () => {
  it.each([
    ['tc.unknown-name', 'choice-undeclared', 'cheap-tool', 'broken'],
    ['tc.type-invalid', 'choice-required', 'cheap-tool', 'broken'],
    ['tc.type-invalid', 'choice-string', 'cheap-tool', 'broken'],
    ['tc.type-invalid', 'choice-typeless', 'cheap-tool', 'broken'],
    ['tc.without-tools', 'choice-without-tools', 'minimal', 'unobserved'],
  ])('%s: %s', (id, fixture, twin, accepted) => {
    expect(judge(id, [says(twin), refused(fixture)])).toEqual({ outcome: 'kept' });
    expect(judge(id, [says(twin), says(fixture)]).outcome).toBe(accepted);
    expect(judge(id, [says(twin), refused(fixture, 500)]).outcome).toBe('broken');
    expect(judge(id, [refused(twin), refused(fixture)]).outcome).toBe('inconclusive');
  });
});

describe.each([
  ['tc.disable-parallel.any', 'choice-any-single'],
  ['tc.disable-parallel.auto', 'choice-auto-single'],
])('%s', (id, fixture) => {
  const two = (id: string) => callsWith(id, [toolUse(), toolUse({ city: 'Rome' })]);
  it.each([
    ['one call where the control has two', [two('choice-any'), callsTool(fixture)], 'kept'],
    ['two calls', [two('choice-any'), two(fixture)], 'broken'],
    ['two calls, whatever the control has', [callsTool('choice-any'), two(fixture)], 'broken'],
    ['one call of a model that never makes two', [callsTool('choice-any'), callsTool(fixture)], 'inconclusive'],
    ['no call, which tc.any judges', [two('choice-any'), says(fixture)], 'inconclusive'],
    ['a refusal', [two('choice-any'), refused(fixture)], 'refused'],
    ['a refusal of a forced choice altogether', [refused('choice-any'), refused(fixture)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge(id, exchanges).outcome).toBe(expected);
  });
});

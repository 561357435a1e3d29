import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Judgement } from '../../core/requirement.js';
import { thinking } from '../../suites/thinking.js';
import {
  type Circumstances,
  errorBody,
  events,
  exchange,
  judgeWith,
  message,
  requirementOf,
  textBlock,
  toolUse,
} from '../support/exchange.js';

const judge = (id: string, exchanges: readonly Exchange[], circumstances: Circumstances = CLAIMED): Judgement =>
  judgeWith(requirementOf(thinking, id), exchanges, circumstances);
const outcome = (id: string, exchanges: readonly Exchange[], circumstances?: Circumstances) =>
  judge(id, exchanges, circumstances).outcome;
const CLAIMED: Circumstances = { claims: { profiles: ['core', 'tools', 'thinking', 'agent'] } };
const NO_TOOLS: Circumstances = { claims: { profiles: ['core', 'thinking'] } };
const UNCLAIMED: Circumstances = { claims: { profiles: ['core'] } };

const thought = (parts: JsonObject = {}): JsonObject => ({
  type: 'thinking',
  thinking: 'Twenty-seven times four hundred is 10800, and 27 times 53 is 1431.',
  signature: 'c2lnbmVk',
  ...parts,
});
const hidden: JsonObject = { type: 'redacted_thinking', data: 'b3BhcXVl' };
const answer = textBlock('12231');

const refused = (fixture: string, status = 400, parts = {}) =>
  exchange({ fixture, status, json: errorBody(), ...parts });
const says = (fixture: string, content: JsonObject[] = [thought(), answer], parts: JsonObject = {}) =>
  exchange({ fixture, json: message({ content, usage: { input_tokens: 30, output_tokens: 60 }, ...parts }) });
const streams = (fixture: string, content: JsonObject[], turn = 1, parts: JsonObject = {}) =>
  exchange({ fixture, turn, events: events(message({ content, ...parts })) });
const lost = (fixture: string) =>
  exchange({ fixture, noResponse: true, failure: { kind: 'unreachable', message: 'refused' } });
const served = exchange();

describe('think.accepted', () => {
  it.each([
    ['a thinking block, then text', [says('thinking')], 'kept'],
    ['thinking that is hidden, then text', [says('thinking', [hidden, answer])], 'kept'],
    ['blank text before the thinking', [says('thinking', [textBlock('\n'), thought(), answer])], 'kept'],
    ['thinking in the second of two tries', [says('thinking', [answer]), says('thinking')], 'kept'],
    ['a budget refused, adaptive thinking served', [refused('thinking'), says('thinking-adaptive')], 'kept'],
    ['a budget ignored, adaptive thinking served', [says('thinking', [answer]), says('thinking-adaptive')], 'kept'],
    ['a history refused, thinking served without', [refused('thinking'), says('thinking-alone')], 'kept'],
    ['a budget that is ignored', [says('thinking', [answer])], 'broken'],
    ['thinking behind the text', [says('thinking', [answer, thought()])], 'broken'],
    ['reasoning in the text', [says('thinking', [textBlock('<think>27*453…</think>12231')])], 'broken'],
    [
      'reasoning in the text under a budget alone',
      [says('thinking', [textBlock('<think>27*453…</think>12231')]), says('thinking-adaptive')],
      'broken',
    ],
    [
      'adaptive thinking that the model does without',
      [refused('thinking'), says('thinking-adaptive', [answer])],
      'inconclusive',
    ],
    ['a reply that was cut before it began', [says('thinking', [], { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['both refused', [refused('thinking'), refused('thinking-alone'), refused('thinking-adaptive')], 'refused'],
    ['a server error', [refused('thinking', 500), refused('thinking-alone', 500)], 'broken'],
    ['an order to wait', [refused('thinking', 429)], 'inconclusive'],
    ['no connection', [lost('thinking')], 'unreachable'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.accepted', [served, ...exchanges])).toBe(expected);
  });

  it('fails in silence when thinking is counted and never shown', () => {
    const counted = says('thinking-adaptive', [answer], {
      usage: { input_tokens: 30, output_tokens: 60, output_tokens_details: { thinking_tokens: 57 } },
    });
    expect(judge('think.accepted', [served, refused('thinking'), counted])).toMatchObject({
      outcome: 'broken',
      silent: true,
      findings: [{ message: expect.stringContaining('57 tokens of thinking') }],
    });
  });

  it('knows nothing while the plain question is refused as well', () => {
    expect(outcome('think.accepted', [refused('minimal'), refused('thinking')])).toBe('inconclusive');
  });
});

describe('think.block-shape', () => {
  it.each([
    ['two strings', [says('thinking')], 'kept'],
    ['two strings of a stream', [streams('thinking-loop', [thought(), toolUse()])], 'kept'],
    ['an empty signature', [says('thinking', [thought({ signature: '' }), answer])], 'kept'],
    ['no signature', [says('thinking', [{ type: 'thinking', thinking: 'Hm.' }, answer])], 'broken'],
    ['thinking that is a list', [says('thinking', [thought({ thinking: [] }), answer])], 'broken'],
    ['thinking under another name', [says('thinking', [{ type: 'thinking', text: 'Hm.', signature: 'x' }])], 'broken'],
    ['no thinking', [says('thinking', [answer])], 'unobserved'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.block-shape', exchanges)).toBe(expected);
  });

  it('names the place', () => {
    expect(judge('think.block-shape', [says('thinking', [thought({ signature: null }), answer])])).toMatchObject({
      findings: [{ at: { pointer: '/content/0/signature' }, actual: 'null' }],
    });
  });
});

describe('think.disabled', () => {
  it.each([
    ['text alone', [says('thinking-disabled', [answer])], 'kept'],
    ['a reply cut at once', [says('thinking-disabled', [], { stop_reason: 'max_tokens' })], 'kept'],
    ['thinking all the same', [says('thinking-disabled')], 'broken'],
    ['hidden thinking all the same', [says('thinking-disabled', [hidden, answer])], 'broken'],
    ['a refusal of a model that thinks', [refused('thinking-disabled'), says('thinking')], 'kept'],
    ['a refusal where thinking is refused too', [refused('thinking-disabled'), refused('thinking')], 'refused'],
    ['a server error', [refused('thinking-disabled', 500), says('thinking')], 'broken'],
    ['an order to wait', [refused('thinking-disabled', 529)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.disabled', [served, ...exchanges])).toBe(expected);
  });
});

describe('think.unsupported', () => {
  it.each([
    ['served with thinking', [says('adaptive-short')], 'kept'],
    ['ignored', [says('adaptive-short', [textBlock('ok')])], 'kept'],
    ['refused', [refused('adaptive-short')], 'kept'],
    ['a server error', [refused('adaptive-short', 500)], 'broken'],
    ['a reply that is no message', [exchange({ fixture: 'adaptive-short', json: [] })], 'broken'],
    [
      'a lost connection',
      [exchange({ fixture: 'adaptive-short', noResponse: true, failure: { kind: 'reset', message: 'x' } })],
      'broken',
    ],
    ['an order to wait', [refused('adaptive-short', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.unsupported', [served, ...exchanges])).toBe(expected);
  });

  it('knows nothing of a server that fails without thinking too', () => {
    expect(outcome('think.unsupported', [refused('minimal', 500), refused('adaptive-short', 500)])).toBe(
      'inconclusive',
    );
  });
});

describe.each([
  ['think.budget.minimum', 'thinking-budget-low'],
  ['think.budget.below-max', 'thinking-budget-high'],
  ['think.forced-tool', 'thinking-forced-tool'],
])('%s', (id, fixture) => {
  it.each([
    ['a refusal', [says('thinking'), refused(fixture)], 'kept'],
    ['acceptance', [says('thinking'), says(fixture)], 'broken'],
    ['a server error', [says('thinking'), refused(fixture, 500)], 'broken'],
    ['an order to wait', [says('thinking'), refused(fixture, 429)], 'inconclusive'],
    [
      'every kind of thinking refused',
      [refused('thinking'), refused('thinking-alone'), refused(fixture)],
      'inconclusive',
    ],
    [
      'a twin that is refused for its history',
      [refused('thinking'), says('thinking-alone'), refused(fixture)],
      'inconclusive',
    ],
    [
      'a model of adaptive thinking alone',
      [refused('thinking'), says('thinking-adaptive'), refused(fixture)],
      'unobserved',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome(id, [served, ...exchanges])).toBe(expected);
  });

  it('has nothing to say where thinking is not claimed and refused honestly', () => {
    const none = [
      served,
      refused('thinking'),
      refused('thinking-alone'),
      refused('thinking-adaptive'),
      refused(fixture),
    ];
    expect(outcome(id, none, UNCLAIMED)).toBe('refused');
  });
});

/** A loop whose first reply holds these blocks and whose later turns are answered with these statuses. */
const loop = (content: JsonObject[] = [thought(), toolUse()], statuses = [200, 200], fixture = 'thinking-loop') => [
  streams(fixture, content, 1, { stop_reason: 'tool_use' }),
  ...statuses.map((status, index) =>
    status === 200
      ? streams(fixture, [textBlock('It is 15 degrees.')], index + 2)
      : refused(fixture, status, { turn: index + 2, transport: 'stream' }),
  ),
];

describe('think.replay', () => {
  it.each([
    ['the loop goes on', loop(), 'kept'],
    ['the loop goes on behind hidden thinking', loop([hidden, toolUse()]), 'kept'],
    [
      'the loop goes on under adaptive thinking',
      [refused('thinking-loop'), ...loop(undefined, undefined, 'thinking-loop-adaptive')],
      'kept',
    ],
    ['its own block is refused', loop(undefined, [400, 400]), 'broken'],
    ['its own block makes it fail', loop(undefined, [500, 200]), 'broken'],
    ['a later turn is refused, which is not judged here', loop(undefined, [200, 400]), 'kept'],
    ['an order to wait', loop(undefined, [429]), 'inconclusive'],
    ['the model does not think', loop([toolUse()]), 'inconclusive'],
    ['the model does not call', loop([thought(), answer]), 'inconclusive'],
    [
      'the block has no signature',
      loop([{ type: 'thinking', thinking: 'Hm.', signature: undefined }, toolUse()]),
      'inconclusive',
    ],
    ['thinking is refused', [refused('thinking-loop'), refused('thinking-loop-adaptive')], 'refused'],
    [
      'the first reply breaks off',
      [exchange({ fixture: 'thinking-loop', events: events(message()).slice(0, 2) })],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.replay', [served, ...exchanges])).toBe(expected);
  });

  it.each(['think.replay', 'think.replay.tampered'])(
    '%s knows nothing where tools are refused and not claimed',
    (id) => {
      expect(
        judge(id, [served, says('thinking'), refused('thinking-loop'), refused('thinking-forged')], NO_TOOLS),
      ).toEqual({
        outcome: 'unobserved',
        reason: expect.stringMatching(/^it needs tools as well, which the contract does not claim: HTTP 400/),
      });
    },
  );
});

describe('think.replay.order', () => {
  it.each([
    ['thinking, then the call', loop(), 'kept'],
    ['more thinking between two calls', loop([thought(), toolUse(), thought(), toolUse()]), 'kept'],
    ['the call, then thinking', loop([toolUse(), thought()]), 'broken'],
    ['no thinking', loop([toolUse()]), 'unobserved'],
    ['no call', loop([thought(), answer]), 'unobserved'],
    ['thinking that nobody asked for', [says('tool-forced', [toolUse(), thought()])], 'unobserved'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.replay.order', exchanges)).toBe(expected);
  });
});

describe('think.replay.tampered', () => {
  it.each([
    ['a refusal', [...loop(), refused('thinking-forged')], 'kept'],
    ['acceptance', [...loop(), says('thinking-forged', [answer])], 'broken'],
    ['a server error', [...loop(), refused('thinking-forged', 500)], 'broken'],
    ['a refusal, as of the honest block', [...loop(undefined, [400, 400]), refused('thinking-forged')], 'inconclusive'],
    ['a refusal, while the model never thinks', [...loop([toolUse()]), refused('thinking-forged')], 'inconclusive'],
    [
      'acceptance where nothing is signed',
      [...loop([thought({ signature: '' }), toolUse()]), says('thinking-forged', [answer])],
      'unobserved',
    ],
    ['thinking refused altogether', [refused('thinking-loop'), refused('thinking-forged')], 'refused'],
    ['an order to wait', [...loop(), refused('thinking-forged', 429)], 'inconclusive'],
    ['no connection', [lost('thinking-loop')], 'unreachable'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.replay.tampered', [served, ...exchanges])).toBe(expected);
  });

  it('is tried under adaptive thinking where the model takes nothing else', () => {
    const adaptive = [
      refused('thinking-loop'),
      ...loop(undefined, undefined, 'thinking-loop-adaptive'),
      refused('thinking-forged'),
    ];
    expect(outcome('think.replay.tampered', [served, ...adaptive, refused('thinking-forged-adaptive')])).toBe('kept');
    expect(outcome('think.replay.tampered', [served, ...adaptive, says('thinking-forged-adaptive')])).toBe('broken');
  });
});

describe('think.display.omitted', () => {
  const empty = thought({ thinking: '' });
  it.each([
    ['an empty block with its signature', [streams('thinking-omitted', [empty, answer])], 'kept'],
    [
      'the same under adaptive thinking',
      [refused('thinking-omitted'), streams('thinking-omitted-adaptive', [empty])],
      'kept',
    ],
    ['thinking that is shown', [streams('thinking-omitted', [thought(), answer])], 'broken'],
    ['no signature', [streams('thinking-omitted', [thought({ thinking: '', signature: '' }), answer])], 'broken'],
    ['no thinking block', [streams('thinking-omitted', [answer])], 'inconclusive'],
    ['display refused', [refused('thinking-omitted'), refused('thinking-omitted-adaptive')], 'refused'],
    ['a server error', [refused('thinking-omitted', 500)], 'broken'],
    [
      'a stream that breaks off',
      [exchange({ fixture: 'thinking-omitted', events: events(message()).slice(0, 2) })],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.display.omitted', [served, ...exchanges])).toBe(expected);
  });
});

describe('think.foreign-history', () => {
  it.each([
    ['both histories served', [says('thinking'), ...loop()], 'kept'],
    [
      'both histories served under adaptive thinking',
      [refused('thinking'), says('thinking-adaptive'), ...loop()],
      'kept',
    ],
    ['a plain history served, the loop not reached', [says('thinking'), ...loop([toolUse()])], 'kept'],
    ['a plain history served, the replay refused', [says('thinking'), ...loop(undefined, [400, 400])], 'kept'],
    ['a plain history refused', [refused('thinking'), says('thinking-alone')], 'refused'],
    ['a plain history makes it fail', [refused('thinking', 500), says('thinking-alone')], 'broken'],
    ['earlier thinking refused', [says('thinking'), ...loop(undefined, [200, 400])], 'refused'],
    ['earlier thinking makes it fail', [says('thinking'), ...loop(undefined, [200, 500])], 'broken'],
    [
      'no thinking at all',
      [refused('thinking'), refused('thinking-alone'), refused('thinking-adaptive')],
      'unobserved',
    ],
    ['an order to wait', [refused('thinking', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.foreign-history', [served, ...exchanges])).toBe(expected);
  });

  it('knows nothing while the plain question is refused as well', () => {
    expect(outcome('think.foreign-history', [refused('minimal'), refused('thinking')])).toBe('inconclusive');
  });
});

describe('think.usage', () => {
  const long = thought({ thinking: 'I multiply the tens first and the units after that. '.repeat(10) });
  const counted = (output: number, content = [long, answer]) =>
    says('thinking', content, { usage: { input_tokens: 30, output_tokens: output } });
  it.each([
    ['all of it', counted(130), 'kept'],
    ['more than is shown, as for summaries', counted(900), 'kept'],
    ['the text alone', counted(4), 'broken'],
    ['nothing', counted(0), 'broken'],
    ['thinking too short to tell', counted(4, [thought({ thinking: 'Easy.' }), answer]), 'unobserved'],
    ['no thinking', counted(4, [answer]), 'unobserved'],
    ['no count', says('thinking', [long], { usage: {} }), 'unobserved'],
  ] as const)('%s', (_what, own, expected) => {
    expect(outcome('think.usage', [own])).toBe(expected);
  });
});

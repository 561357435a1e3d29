import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { thinking } from '../../suites/thinking.js';
import {
  type Circumstances,
  errorBody,
  events,
  exchange,
  judgeOf,
  message,
  textBlock,
  toolUse,
} from '../support/exchange.js';

const CLAIMED: Circumstances = { claims: { profiles: ['core', 'tools', 'thinking', 'agent'] } };
const judge = judgeOf(thinking, CLAIMED);
const outcome = (id: string, exchanges: readonly Exchange[], circumstances?: Circumstances) =>
  judge(id, exchanges, circumstances).outcome;
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

const rejected = (fixture: string, status = 400, parts = {}) =>
  exchange({ fixture, status, json: errorBody(), ...parts });
const says = (fixture: string, content: JsonObject[] = [thought(), answer], parts: JsonObject = {}) =>
  exchange({ fixture, json: message({ content, usage: { input_tokens: 30, output_tokens: 60 }, ...parts }) });
const streams = (fixture: string, content: JsonObject[], turn = 1, parts: JsonObject = {}) =>
  exchange({ fixture, turn, events: events(message({ content, ...parts })) });
const lost = (fixture: string) =>
  exchange({ fixture, noResponse: true, failure: { kind: 'unreachable', message: 'rejected' } });
const accepted = exchange();

describe('think.accepted', () => {
  it.each([
    ['a thinking block, then text', [says('thinking')], 'satisfied'],
    ['thinking that is hidden, then text', [says('thinking', [hidden, answer])], 'satisfied'],
    ['blank text before the thinking', [says('thinking', [textBlock('\n'), thought(), answer])], 'satisfied'],
    ['thinking in the second of two tries', [says('thinking', [answer]), says('thinking')], 'satisfied'],
    ['a budget rejected, adaptive thinking accepted', [rejected('thinking'), says('thinking-adaptive')], 'satisfied'],
    [
      'a budget ignored, adaptive thinking accepted',
      [says('thinking', [answer]), says('thinking-adaptive')],
      'satisfied',
    ],
    ['a history rejected, thinking accepted without', [rejected('thinking'), says('thinking-alone')], 'satisfied'],
    [
      'a budget that is ignored, though the model thinks elsewhere',
      [says('thinking', [answer]), streams('thinking-loop', [thought(), toolUse()])],
      'violated',
    ],
    ['a model that thinks in no reply of the run', [says('thinking', [answer])], 'deviates'],
    ['thinking behind the text', [says('thinking', [answer, thought()])], 'violated'],
    ['reasoning in the text', [says('thinking', [textBlock('<think>27*453…</think>12231')])], 'violated'],
    [
      'reasoning in the text under a budget alone',
      [says('thinking', [textBlock('<think>27*453…</think>12231')]), says('thinking-adaptive')],
      'violated',
    ],
    [
      'adaptive thinking that the model does without',
      [rejected('thinking'), says('thinking-adaptive', [answer])],
      'inconclusive',
    ],
    ['a reply that was cut before it began', [says('thinking', [], { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['both rejected', [rejected('thinking'), rejected('thinking-alone'), rejected('thinking-adaptive')], 'rejected'],
    ['a server error', [rejected('thinking', 500), rejected('thinking-alone', 500)], 'violated'],
    ['an order to wait', [rejected('thinking', 429)], 'inconclusive'],
    ['no connection', [lost('thinking')], 'unreachable'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.accepted', [accepted, ...exchanges])).toBe(expected);
  });

  it('fails in silence when thinking is counted and never shown', () => {
    const counted = says('thinking-adaptive', [answer], {
      usage: { input_tokens: 30, output_tokens: 60, output_tokens_details: { thinking_tokens: 57 } },
    });
    expect(judge('think.accepted', [accepted, rejected('thinking'), counted])).toMatchObject({
      outcome: 'violated',
      silent: true,
      findings: [{ message: expect.stringContaining('57 thinking tokens') }],
    });
  });

  it('quotes the request without tools where that was sent', () => {
    const elsewhere = streams('thinking-loop', [thought(), toolUse()]);
    const both = [says('thinking', [answer]), says('thinking-alone', [answer]), elsewhere];
    expect(judge('think.accepted', [accepted, ...both])).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'thinking-alone/json' }],
    });
  });

  it('knows nothing while the plain question is rejected as well', () => {
    expect(outcome('think.accepted', [rejected('minimal'), rejected('thinking')])).toBe('inconclusive');
  });
});

describe('think.block-shape', () => {
  it.each([
    ['two strings', [says('thinking')], 'satisfied'],
    ['two strings of a stream', [streams('thinking-loop', [thought(), toolUse()])], 'satisfied'],
    ['an empty signature', [says('thinking', [thought({ signature: '' }), answer])], 'satisfied'],
    ['no signature', [says('thinking', [{ type: 'thinking', thinking: 'Hm.' }, answer])], 'violated'],
    ['thinking that is a list', [says('thinking', [thought({ thinking: [] }), answer])], 'violated'],
    [
      'thinking under another name',
      [says('thinking', [{ type: 'thinking', text: 'Hm.', signature: 'x' }])],
      'violated',
    ],
    ['no thinking', [says('thinking', [answer])], 'not-observed'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.block-shape', exchanges)).toBe(expected);
  });

  it('names the place', () => {
    expect(judge('think.block-shape', [says('thinking', [thought({ signature: null }), answer])])).toMatchObject({
      findings: [{ at: { pointer: '/content/0/signature' }, actual: 'null' }],
    });
  });
});

describe('think.stop-sequence', () => {
  const stopped = { stop_reason: 'stop_sequence', stop_sequence: '453' };
  const until = (thinking: string, parts: JsonObject = stopped) =>
    says('thinking-stop', [thought({ thinking })], parts);
  const stops = exchange({ fixture: 'counting-stop-two' });
  const past = [thought({ thinking: '27*453 is 27*450 and 27*3.' }), answer];
  it.each([
    ['text after thinking with the sequence', [says('thinking-stop', past)], 'satisfied'],
    ['the same in the second of two tries', [until('27*'), says('thinking-stop', past)], 'satisfied'],
    ['text that starts with the sequence', [until('27*453 is 12231', stopped)], 'satisfied'],
    ['no text, and the sequence as the reason', [until('The user asks for 27*')], 'violated'],
    ['no text, the thinking ends at it', [until('27 × ', { stop_reason: 'end_turn' })], 'violated'],
    ['no text, the thinking ends with it', [until('27*453', { stop_reason: 'end_turn' })], 'violated'],
    ['a model that ends in its thinking', [until('Let me see.', { stop_reason: 'end_turn' })], 'inconclusive'],
    ['a thinking that max_tokens cut', [until('27*', { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['thinking without the sequence', [says('thinking-stop', [thought(), answer])], 'inconclusive'],
    ['thinking that is hidden', [says('thinking-stop', [hidden], stopped)], 'inconclusive'],
    ['a call', [says('thinking-stop', [thought({ thinking: '27*' }), toolUse()], stopped)], 'inconclusive'],
    [
      'a budget rejected, adaptive thinking that ends at it',
      [rejected('thinking-stop'), says('thinking-stop-adaptive', [thought({ thinking: '27*' })], stopped)],
      'violated',
    ],
    ['a rejection while thinking is accepted', [rejected('thinking-stop')], 'rejected'],
    ['a server error', [rejected('thinking-stop', 500)], 'violated'],
    ['an order to wait', [rejected('thinking-stop', 429)], 'inconclusive'],
  ] as const)('%s', (_name, exchanges, expected) => {
    expect(outcome('think.stop-sequence', [stops, says('thinking'), ...exchanges])).toBe(expected);
  });

  it('is inconclusive while no thinking, or no stop sequence, is accepted', () => {
    const refused = [says('thinking'), rejected('counting-stop-two'), rejected('thinking-stop')];
    expect(outcome('think.stop-sequence', refused)).toBe('inconclusive');
    expect(outcome('think.stop-sequence', [stops, rejected('thinking'), until('27*')])).toBe('inconclusive');
  });

  it('fails silently: the reply is complete by its form', () => {
    expect(judge('think.stop-sequence', [stops, says('thinking'), until('27*')])).toMatchObject({
      silent: true,
      findings: [{ exchange: 'thinking-stop/json', at: { pointer: '/content' } }],
    });
  });
});

describe('think.disabled', () => {
  it.each([
    ['text alone', [says('thinking-disabled', [answer])], 'satisfied'],
    ['a reply cut at once', [says('thinking-disabled', [], { stop_reason: 'max_tokens' })], 'satisfied'],
    ['thinking all the same', [says('thinking-disabled')], 'violated'],
    ['hidden thinking all the same', [says('thinking-disabled', [hidden, answer])], 'violated'],
    ['a refusal of a model that thinks', [rejected('thinking-disabled'), says('thinking')], 'satisfied'],
    ['a refusal where thinking is rejected too', [rejected('thinking-disabled'), rejected('thinking')], 'rejected'],
    ['a server error', [rejected('thinking-disabled', 500), says('thinking')], 'violated'],
    ['an order to wait', [rejected('thinking-disabled', 529)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.disabled', [accepted, ...exchanges])).toBe(expected);
  });

  it('says that the answer is gone where only thinking is left', () => {
    expect(judge('think.disabled', [accepted, says('thinking-disabled', [thought()])])).toMatchObject({
      findings: [
        { message: expect.stringMatching(/^A thinking block instead of the answer/), actual: 'thinking, no text' },
      ],
    });
  });
});

describe('think.unsupported', () => {
  it.each([
    ['accepted with thinking', [says('adaptive-short')], 'satisfied'],
    ['ignored', [says('adaptive-short', [textBlock('ok')])], 'satisfied'],
    ['rejected', [rejected('adaptive-short')], 'satisfied'],
    ['a server error', [rejected('adaptive-short', 500)], 'violated'],
    ['a reply that is no message', [exchange({ fixture: 'adaptive-short', json: [] })], 'violated'],
    [
      'a lost connection',
      [exchange({ fixture: 'adaptive-short', noResponse: true, failure: { kind: 'reset', message: 'x' } })],
      'violated',
    ],
    ['an order to wait', [rejected('adaptive-short', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.unsupported', [accepted, ...exchanges])).toBe(expected);
  });

  it('knows nothing of a server that fails without thinking too', () => {
    expect(outcome('think.unsupported', [rejected('minimal', 500), rejected('adaptive-short', 500)])).toBe(
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
    ['a refusal', [says('thinking'), rejected(fixture)], 'satisfied'],
    ['acceptance', [says('thinking'), says(fixture)], 'violated'],
    ['a server error', [says('thinking'), rejected(fixture, 500)], 'violated'],
    ['an order to wait', [says('thinking'), rejected(fixture, 429)], 'inconclusive'],
    [
      'every kind of thinking rejected',
      [rejected('thinking'), rejected('thinking-alone'), rejected(fixture)],
      'inconclusive',
    ],
    [
      'a control that is rejected for its history',
      [rejected('thinking'), says('thinking-alone'), rejected(fixture)],
      'inconclusive',
    ],
    [
      'a model of adaptive thinking alone',
      [rejected('thinking'), says('thinking-adaptive'), rejected(fixture)],
      'not-observed',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome(id, [accepted, ...exchanges])).toBe(expected);
  });

  it('has nothing to say where thinking is not claimed and rejected honestly', () => {
    const none = [
      accepted,
      rejected('thinking'),
      rejected('thinking-alone'),
      rejected('thinking-adaptive'),
      rejected(fixture),
    ];
    expect(outcome(id, none, UNCLAIMED)).toBe('rejected');
  });
});

/** A loop whose first reply holds these blocks and whose later turns are answered with these statuses. */
const loop = (content: JsonObject[] = [thought(), toolUse()], statuses = [200, 200], fixture = 'thinking-loop') => [
  streams(fixture, content, 1, { stop_reason: 'tool_use' }),
  ...statuses.map((status, index) =>
    status === 200
      ? streams(fixture, [textBlock('It is 15 degrees.')], index + 2)
      : rejected(fixture, status, { turn: index + 2, transport: 'stream' }),
  ),
];

describe('think.replay', () => {
  it.each([
    ['the loop goes on', loop(), 'satisfied'],
    ['the loop goes on behind hidden thinking', loop([hidden, toolUse()]), 'satisfied'],
    [
      'the loop goes on under adaptive thinking',
      [rejected('thinking-loop'), ...loop(undefined, undefined, 'thinking-loop-adaptive')],
      'satisfied',
    ],
    ['its own block is rejected', loop(undefined, [400, 400]), 'violated'],
    ['its own block makes it fail', loop(undefined, [500, 200]), 'violated'],
    ['a later turn is rejected, which is not judged here', loop(undefined, [200, 400]), 'satisfied'],
    ['an order to wait', loop(undefined, [429]), 'inconclusive'],
    ['the model does not think', loop([toolUse()]), 'inconclusive'],
    ['the model does not call', loop([thought(), answer]), 'inconclusive'],
    [
      'the block has no signature',
      loop([{ type: 'thinking', thinking: 'Hm.', signature: undefined }, toolUse()]),
      'inconclusive',
    ],
    ['thinking is rejected', [rejected('thinking-loop'), rejected('thinking-loop-adaptive')], 'rejected'],
    [
      'the first reply breaks off',
      [exchange({ fixture: 'thinking-loop', events: events(message()).slice(0, 2) })],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.replay', [accepted, ...exchanges])).toBe(expected);
  });

  it.each(['think.replay', 'think.replay.tampered'])(
    '%s knows nothing where tools are rejected and not claimed',
    (id) => {
      expect(
        judge(id, [accepted, says('thinking'), rejected('thinking-loop'), rejected('thinking-forged')], NO_TOOLS),
      ).toEqual({
        outcome: 'not-observed',
        reason: expect.stringMatching(/^It also needs the profile tools, which the contract does not claim: HTTP 400/),
      });
    },
  );
});

describe('think.empty-signature', () => {
  const unsigned = [thought({ signature: '' }), toolUse()];
  it.each([
    ['an empty signature that comes back', loop(unsigned), 'satisfied'],
    ['no signature that comes back', loop([thought({ signature: undefined }), toolUse()]), 'satisfied'],
    ['a refusal of its own block', loop(unsigned, [400, 400]), 'violated'],
    ['a crash over its own block', loop(unsigned, [500, 200]), 'violated'],
    ['an order to wait', loop(unsigned, [429]), 'inconclusive'],
    ['signed thinking', loop(), 'not-observed'],
    ['hidden thinking', loop([hidden, toolUse()]), 'not-observed'],
    ['no thinking', loop([toolUse()]), 'not-observed'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.empty-signature', [accepted, ...exchanges])).toBe(expected);
  });
});

describe('think.replay.order', () => {
  it.each([
    ['thinking, then the call', loop(), 'satisfied'],
    ['more thinking between two calls', loop([thought(), toolUse(), thought(), toolUse()]), 'satisfied'],
    ['the call, then thinking', loop([toolUse(), thought()]), 'violated'],
    ['no thinking', loop([toolUse()]), 'not-observed'],
    ['no call', loop([thought(), answer]), 'not-observed'],
    ['thinking that nobody asked for', [says('tool-forced', [toolUse(), thought()])], 'not-observed'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.replay.order', exchanges)).toBe(expected);
  });
});

describe('think.replay.tampered', () => {
  it.each([
    ['a refusal', [...loop(), rejected('thinking-forged')], 'satisfied'],
    ['acceptance', [...loop(), says('thinking-forged', [answer])], 'violated'],
    ['a server error', [...loop(), rejected('thinking-forged', 500)], 'violated'],
    [
      'a refusal, as of the honest block',
      [...loop(undefined, [400, 400]), rejected('thinking-forged')],
      'inconclusive',
    ],
    ['a refusal, while the model never thinks', [...loop([toolUse()]), rejected('thinking-forged')], 'inconclusive'],
    [
      'acceptance where nothing is signed',
      [...loop([thought({ signature: '' }), toolUse()]), says('thinking-forged', [answer])],
      'not-observed',
    ],
    ['thinking rejected altogether', [rejected('thinking-loop'), rejected('thinking-forged')], 'rejected'],
    ['an order to wait', [...loop(), rejected('thinking-forged', 429)], 'inconclusive'],
    ['no connection', [lost('thinking-loop')], 'unreachable'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.replay.tampered', [accepted, ...exchanges])).toBe(expected);
  });

  it('is tried under adaptive thinking where the model takes nothing else', () => {
    const adaptive = [
      rejected('thinking-loop'),
      ...loop(undefined, undefined, 'thinking-loop-adaptive'),
      rejected('thinking-forged'),
    ];
    expect(outcome('think.replay.tampered', [accepted, ...adaptive, rejected('thinking-forged-adaptive')])).toBe(
      'satisfied',
    );
    expect(outcome('think.replay.tampered', [accepted, ...adaptive, says('thinking-forged-adaptive')])).toBe(
      'violated',
    );
  });
});

describe('think.display.omitted', () => {
  const empty = thought({ thinking: '' });
  it.each([
    ['an empty block with its signature', [streams('thinking-omitted', [empty, answer])], 'satisfied'],
    [
      'the same under adaptive thinking',
      [rejected('thinking-omitted'), streams('thinking-omitted-adaptive', [empty])],
      'satisfied',
    ],
    ['thinking that is shown', [streams('thinking-omitted', [thought(), answer])], 'violated'],
    ['no signature', [streams('thinking-omitted', [thought({ thinking: '', signature: '' }), answer])], 'violated'],
    ['no thinking block', [streams('thinking-omitted', [answer])], 'inconclusive'],
    ['display rejected', [rejected('thinking-omitted'), rejected('thinking-omitted-adaptive')], 'rejected'],
    ['a server error', [rejected('thinking-omitted', 500)], 'violated'],
    [
      'a stream that breaks off',
      [exchange({ fixture: 'thinking-omitted', events: events(message()).slice(0, 2) })],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.display.omitted', [accepted, ...exchanges])).toBe(expected);
  });
});

describe('think.foreign-history', () => {
  it.each([
    ['both histories accepted', [says('thinking'), ...loop()], 'satisfied'],
    [
      'both histories accepted under adaptive thinking',
      [rejected('thinking'), says('thinking-adaptive'), ...loop()],
      'satisfied',
    ],
    ['a plain history accepted, the loop not reached', [says('thinking'), ...loop([toolUse()])], 'satisfied'],
    ['a plain history accepted, the replay rejected', [says('thinking'), ...loop(undefined, [400, 400])], 'satisfied'],
    ['a plain history rejected', [rejected('thinking'), says('thinking-alone')], 'rejected'],
    ['a plain history makes it fail', [rejected('thinking', 500), says('thinking-alone')], 'violated'],
    ['earlier thinking rejected', [says('thinking'), ...loop(undefined, [200, 400])], 'rejected'],
    ['earlier thinking makes it fail', [says('thinking'), ...loop(undefined, [200, 500])], 'violated'],
    [
      'no thinking at all',
      [rejected('thinking'), rejected('thinking-alone'), rejected('thinking-adaptive')],
      'not-observed',
    ],
    ['an order to wait', [rejected('thinking', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('think.foreign-history', [accepted, ...exchanges])).toBe(expected);
  });

  it('knows nothing while the plain question is rejected as well', () => {
    expect(outcome('think.foreign-history', [rejected('minimal'), rejected('thinking')])).toBe('inconclusive');
  });
});

describe('think.usage', () => {
  const long = thought({ thinking: 'I multiply the tens first and the units after that. '.repeat(10) });
  const counted = (output: number, content = [long, answer]) =>
    says('thinking', content, { usage: { input_tokens: 30, output_tokens: output } });
  it.each([
    ['all of it', counted(130), 'satisfied'],
    ['more than is shown, as for summaries', counted(900), 'satisfied'],
    ['the text alone', counted(4), 'violated'],
    ['nothing', counted(0), 'violated'],
    ['thinking too short to tell', counted(4, [thought({ thinking: 'Easy.' }), answer]), 'not-observed'],
    ['no thinking', counted(4, [answer]), 'not-observed'],
    ['no count', says('thinking', [long], { usage: {} }), 'not-observed'],
  ] as const)('%s', (_what, own, expected) => {
    expect(outcome('think.usage', [own])).toBe(expected);
  });
});

describe('think.omitted.replay', () => {
  const empty = thought({ thinking: '' });
  const first = streams('thinking-omitted', [empty, answer]);
  const back = (parts = {}) => rejected('thinking-omitted', 400, { turn: 2, transport: 'stream', ...parts });
  it.each([
    ['sent back and accepted', [first, streams('thinking-omitted', [textBlock('ok')], 2)], 'satisfied'],
    ['sent back and rejected', [first, back()], 'violated'],
    ['sent back and answered with 500', [first, back({ status: 500 })], 'violated'],
    ['told to wait', [first, back({ status: 429 })], 'inconclusive'],
    ['shown instead', [streams('thinking-omitted', [thought(), answer]), back()], 'not-observed'],
    [
      'without a signature',
      [streams('thinking-omitted', [thought({ thinking: '', signature: '' })]), back()],
      'not-observed',
    ],
  ] as const)('an omitted block is %s', (_what, exchanges, expected) => {
    expect(outcome('think.omitted.replay', [accepted, ...exchanges])).toBe(expected);
  });
});

describe('think.omitted.text-beside', () => {
  const first = streams('thinking-omitted', [thought({ thinking: '' }), answer]);
  const third = (words: string) => streams('thinking-omitted', [textBlock(words)], 3);
  const known = says('arrival', [textBlock('GINGER HAZEL IVORY')]);
  const refused = rejected('thinking-omitted', 400, { turn: 3, transport: 'stream' });
  it.each([
    ['comes back', [first, third('FENNEL HAZEL')], 'satisfied'],
    ['is lost', [first, third('FENNEL'), known], 'violated'],
    ['comes back from no message', [first, third('FENNEL'), says('arrival', [answer])], 'inconclusive'],
    ['is lost with the word of the user', [first, third('No words.'), known], 'inconclusive'],
    ['is lost, and no other text was sent', [first, third('FENNEL')], 'inconclusive'],
    ['is in a request that is rejected', [first, refused, known], 'not-observed'],
    ['stands beside shown thinking', [streams('thinking-omitted', [thought(), answer]), refused], 'not-observed'],
  ] as const)('text that %s', (_what, exchanges, expected) => {
    expect(outcome('think.omitted.text-beside', [accepted, ...exchanges])).toBe(expected);
  });
});

describe('think.budget.not-ignored', () => {
  const ignored = [says('thinking', [answer]), says('thinking-alone', [answer])];
  it.each([
    ['applied', [says('thinking')], 'satisfied'],
    ['applied where nothing else is asked for', [says('thinking', [answer]), says('thinking-alone')], 'satisfied'],
    ['rejected', [rejected('thinking'), rejected('thinking-alone'), says('thinking-adaptive')], 'satisfied'],
    ['ignored while adaptive thinking works', [...ignored, says('thinking-adaptive')], 'violated'],
    ['ignored like adaptive thinking', [...ignored, says('thinking-adaptive', [answer])], 'not-observed'],
    ['ignored while adaptive thinking is rejected', [...ignored, rejected('thinking-adaptive')], 'not-observed'],
    [
      'ignored by a model that thinks now and then',
      [...ignored, says('thinking-adaptive', [answer]), says('thinking-adaptive')],
      'inconclusive',
    ],
    ['no words before the end', [says('thinking', []), says('thinking-adaptive')], 'inconclusive'],
    ['answered with 500', [rejected('thinking', 500)], 'not-observed'],
    ['told to wait', [rejected('thinking', 429)], 'inconclusive'],
  ] as const)('a budget is %s', (_what, exchanges, expected) => {
    expect(outcome('think.budget.not-ignored', [accepted, ...exchanges])).toBe(expected);
  });
});

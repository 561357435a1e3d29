import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { structuredOutput } from '../../suites/structured-output.js';
import { errorBody, events, exchange, judgeOf, message, textBlock, toolUse } from '../support/exchange.js';

const judge = judgeOf(structuredOutput, { claims: { profiles: ['core', 'structured-output'] } });
const outcome = (...given: Parameters<typeof judge>) => judge(...given).outcome;

const rejected = (fixture: string, status = 400, parts = {}) =>
  exchange({ fixture, status, json: errorBody(), ...parts });
const accepted = [exchange(), exchange({ fixture: 'cheap' }), exchange({ fixture: 'tool-forced' })];

const GOOD = '{"answer":42,"working":"Six times seven."}';
const PROSE = 'Six times seven is 42.';

/** Replies of one transport with this text or these blocks. */
const by =
  (transport: 'json' | 'stream') =>
  (content: string | JsonObject[], parts: JsonObject = {}, fixture = 'structured') => {
    const reply = message({ content: typeof content === 'string' ? [textBlock(content)] : content, ...parts });
    return transport === 'json' ? exchange({ fixture, json: reply }) : exchange({ fixture, events: events(reply) });
  };
const says = by('json');

describe.each([
  ['so.format.json', 'json'],
  ['so.format.stream', 'stream'],
] as const)('%s', (id, transport) => {
  const reply = by(transport);
  const no = (fixture: string, status = 400) => rejected(fixture, status, { transport });
  it.each([
    ['JSON that fits', [reply(GOOD)], 'satisfied'],
    ['JSON with blanks around it', [reply(' {"answer": 42}\n')], 'satisfied'],
    [
      'thinking before it',
      [reply([{ type: 'thinking', thinking: 'Hm.', signature: 'x' }, textBlock(GOOD)])],
      'satisfied',
    ],
    [
      'the plain form, where an optional property is rejected',
      [no('structured'), reply('{"answer":42}', {}, 'structured-plain')],
      'satisfied',
    ],
    ['prose', [reply(PROSE)], 'violated'],
    ['JSON in a fence', [reply(`\`\`\`json\n${GOOD}\n\`\`\``)], 'violated'],
    ['a missing property', [reply('{"working":"Six times seven."}')], 'violated'],
    ['a value of another type', [reply('{"answer":"42"}')], 'violated'],
    ['a property that the schema does not have', [reply('{"answer":42,"note":"x"}')], 'violated'],
    ['a number', [reply('42')], 'violated'],
    ['two text blocks', [reply([textBlock('{"answer":'), textBlock('42}')])], 'violated'],
    ['a tool call in place of text', [reply([toolUse({ answer: 42 })], { stop_reason: 'tool_use' })], 'violated'],
    ['a reply that was cut', [reply('{"answ', { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['rejected', [no('structured'), no('structured-plain')], 'rejected'],
    ['a server error', [no('structured', 500), no('structured-plain', 500)], 'violated'],
    ['an order to wait', [no('structured', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome(id, [...accepted, ...exchanges])).toBe(expected);
  });

  it('fails in silence, with what the model said', () => {
    expect(judge(id, [...accepted, reply(PROSE)])).toMatchObject({
      silent: true,
      findings: [{ exchange: `structured/${transport}`, actual: JSON.stringify(PROSE) }],
    });
  });
});

describe('so.format.stream', () => {
  it('says nothing of a stream that breaks off', () => {
    const broken = exchange({
      fixture: 'structured',
      events: events(message({ content: [textBlock(GOOD)] })).slice(0, 4),
    });
    expect(outcome('so.format.stream', [...accepted, broken])).toBe('inconclusive');
  });
});

describe('so.format.unsupported', () => {
  it.each([
    ['in force', [says(GOOD)], 'satisfied'],
    ['rejected', [rejected('structured'), rejected('structured-plain')], 'satisfied'],
    [
      'rejected in one form, in force in the other',
      [rejected('structured'), says('{"answer":1}', {}, 'structured-plain')],
      'satisfied',
    ],
    ['dropped', [says(PROSE)], 'violated'],
    ['dropped in streams alone', [says(GOOD), by('stream')(PROSE)], 'violated'],
    ['in a code fence, which so.format.json judges', [says(`\`\`\`json\n${GOOD}\n\`\`\``)], 'satisfied'],
    ['a server error', [rejected('structured', 500)], 'violated'],
    ['cut', [says('{"answ', { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['an order to wait', [rejected('structured', 529)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('so.format.unsupported', [...accepted, ...exchanges])).toBe(expected);
  });

  it('knows nothing of a server that fails without a format too', () => {
    expect(outcome('so.format.unsupported', [rejected('minimal', 500), rejected('structured', 500)])).toBe(
      'inconclusive',
    );
  });
});

describe.each([
  ['so.schema.additional-properties', 'structured-open'],
  ['so.schema.unsupported', 'structured-recursive'],
])('%s', (id, fixture) => {
  it.each([
    ['a refusal', [says(GOOD), rejected(fixture)], 'satisfied'],
    ['acceptance', [says(GOOD), says(GOOD, {}, fixture)], 'violated'],
    ['a server error', [says(GOOD), rejected(fixture, 500)], 'violated'],
    ['an order to wait', [says(GOOD), rejected(fixture, 429)], 'inconclusive'],
    [
      'every schema rejected',
      [rejected('structured'), rejected('structured-plain'), rejected(fixture)],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome(id, [...accepted, ...exchanges])).toBe(expected);
  });

  it('is declined where structured output is not claimed and rejected honestly', () => {
    const none = [...accepted, rejected('structured'), rejected('structured-plain'), rejected(fixture)];
    expect(outcome(id, none, { claims: { profiles: ['core'] } })).toBe('rejected');
  });
});

describe('so.required-first', () => {
  it.each([
    ['required first', [says(GOOD)], 'satisfied'],
    ['optional first', [says('{"working":"Six times seven.","answer":42}')], 'deviates'],
    ['no optional property', [says('{"answer":42}')], 'inconclusive'],
    ['an answer that is no JSON, which is judged elsewhere', [says(PROSE)], 'inconclusive'],
    ['rejected', [rejected('structured'), says('{"answer":42}', {}, 'structured-plain')], 'rejected'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('so.required-first', [...accepted, ...exchanges])).toBe(expected);
  });
});

describe('so.truncation', () => {
  const whole = says(GOOD);
  const truncated = (content: string | JsonObject[], reason = 'max_tokens', fixture = 'structured-cut') =>
    says(content, { stop_reason: reason }, fixture);
  it.each([
    ['half an object and the reason', [whole, truncated('{"answ')], 'satisfied'],
    ['nothing and the reason', [whole, truncated([])], 'satisfied'],
    [
      'effort rejected, the rest told',
      [whole, rejected('structured-cut'), truncated('{"a', 'max_tokens', 'structured-cut-alone')],
      'satisfied',
    ],
    ['half an object and another reason', [whole, truncated('{"answ', 'end_turn')], 'violated'],
    ['a reply that was not cut', [whole, truncated('{"answer":42}', 'end_turn')], 'inconclusive'],
    ['a refusal by the model', [whole, truncated([], 'refusal')], 'inconclusive'],
    ['a server error', [whole, rejected('structured-cut', 500), rejected('structured-cut-alone', 500)], 'violated'],
    ['rejected', [whole, rejected('structured-cut'), rejected('structured-cut-alone')], 'rejected'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('so.truncation', [...accepted, ...exchanges])).toBe(expected);
  });
});

describe('so.strict-tool', () => {
  const calls = (input: unknown, parts: JsonObject = {}) =>
    says(
      [toolUse(input as JsonObject, { name: 'record_forecast' })],
      { stop_reason: 'tool_use', ...parts },
      'strict-tool',
    );
  it.each([
    ['input that fits', [calls({ unit: 'celsius', days: 3 })], 'satisfied'],
    ['a value outside the enum', [calls({ unit: 'centigrade', days: 3 })], 'violated'],
    ['a value of another type', [calls({ unit: 'celsius', days: 'three' })], 'violated'],
    ['a property too many', [calls({ unit: 'celsius', days: 3, city: 'Paris' })], 'violated'],
    ['a property too few', [calls({ unit: 'celsius' })], 'violated'],
    ['a list', [calls([])], 'violated'],
    ['words in place of a call', [says(PROSE, {}, 'strict-tool')], 'violated'],
    ['a call that was cut', [calls({ unit: 'cel' }, { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['rejected', [rejected('strict-tool')], 'rejected'],
    ['a server error', [rejected('strict-tool', 500)], 'violated'],
    ['an order to wait', [rejected('strict-tool', 429)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('so.strict-tool', [...accepted, ...exchanges])).toBe(expected);
  });

  it('knows nothing where no tool can be forced', () => {
    expect(outcome('so.strict-tool', [rejected('tool-forced'), rejected('strict-tool')])).toBe('inconclusive');
  });
});

describe('so.effort', () => {
  const whole = says(GOOD);
  const low = says('{"a', { stop_reason: 'max_tokens' }, 'structured-cut');
  const ok = (fixture: string) => exchange({ fixture });
  it.each([
    ['low accepted', [low], 'satisfied'],
    ['low accepted by itself', [rejected('structured-cut'), ok('effort-low')], 'satisfied'],
    ['low rejected by itself', [rejected('structured-cut'), rejected('effort-low')], 'rejected'],
    ['low makes it fail', [rejected('structured-cut', 500), rejected('effort-low', 500)], 'violated'],
    ['every level accepted, another rejected', [low, ok('effort-high'), rejected('effort-unknown')], 'satisfied'],
    ['high makes it fail', [low, rejected('effort-high', 500), rejected('effort-unknown')], 'violated'],
    ['a level that does not exist accepted', [low, ok('effort-high'), ok('effort-unknown')], 'violated'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(outcome('so.effort', [...accepted, whole, ...exchanges])).toBe(expected);
  });
});

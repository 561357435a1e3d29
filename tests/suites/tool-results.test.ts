import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { toolResults } from '../../suites/tool-results.js';
import {
  type ExchangeParts,
  errorBody,
  events,
  exchange,
  judgeOf,
  message,
  textBlock,
  thrice,
  toolUse,
} from '../support/exchange.js';

const judge = judgeOf(toolResults);
const says = (fixture: string, words: string, parts: JsonObject = {}, more: ExchangeParts = {}) =>
  exchange({ fixture, json: message({ content: words === '' ? [] : [textBlock(words)], ...parts }), ...more });
const rejected = (fixture: string, status = 400, more: ExchangeParts = {}) =>
  exchange({
    fixture,
    status,
    json: errorBody('invalid_request_error', 'each tool_use must have a single result'),
    ...more,
  });

const twin = says('cheap-tool', 'ok');
const codes = says('codes-in-text', 'ZX81 and QW42');
const string = says('result-string', 'The code is ZX81.');

describe.each([
  ['tr.string', 'result-string', [twin, codes], [twin, says('codes-in-text', 'Sorry?')]],
  ['tr.blocks', 'result-blocks', [twin, codes, string], [twin, codes, says('result-string', 'Sorry?')]],
] as const)('%s', (id, fixture, control, noControl) => {
  it.each([
    ['the code comes back', [says(fixture, 'ZX81')], 'satisfied'],
    ['it comes back once in three tries', [says(fixture, '?'), says(fixture, '?'), says(fixture, 'zx81')], 'satisfied'],
    ['it is lost', [says(fixture, 'I see no code.')], 'violated'],
    [
      'another call comes instead',
      [exchange({ fixture, json: message({ content: [toolUse()], stop_reason: 'tool_use' }) })],
      'inconclusive',
    ],
    ['a reasoning model has no room to speak', [says(fixture, '', { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['a valid history is rejected', [rejected(fixture)], 'rejected'],
    ['a valid history makes it fail', [rejected(fixture, 500)], 'violated'],
    ['it asks to wait', [rejected(fixture, 429)], 'inconclusive'],
  ] as const)('%s', (_what, own, expected) => {
    expect(judge(id, [...control, ...own]).outcome).toBe(expected);
  });

  it('blames no server for a model that repeats nothing', () => {
    expect(judge(id, [...noControl, says(fixture, 'I see no code.')]).outcome).toBe('inconclusive');
  });
});

describe('tr.blocks', () => {
  it.each([
    ['15 degrees\ncode ZX81', 'satisfied'],
    ["[{'type': 'text', 'text': 'code ZX81'}]", 'violated'],
    ['[{"type":"text","text":"code ZX81"}]', 'violated'],
    ['[object Object],[object Object]', 'violated'],
  ])('the model was shown %s', (words, expected) => {
    expect(judge('tr.blocks', [twin, codes, string, says('result-blocks', words)]).outcome).toBe(expected);
  });
});

describe('tr.parallel-all', () => {
  it.each([
    ['both codes', [string, codes], 'ZX81, QW42', 'satisfied'],
    ['both codes in the other order', [string, codes], 'QW42, ZX81', 'satisfied'],
    ['one code of two', [string, codes], 'QW42', 'violated'],
    ['one code, by a model that never names two', [string, says('codes-in-text', 'ZX81')], 'ZX81', 'inconclusive'],
    [
      'no code, by a server that loses every result',
      [says('result-string', 'Sorry?'), codes],
      'Sorry?',
      'inconclusive',
    ],
  ] as const)('%s', (_what, control, words, expected) => {
    expect(judge('tr.parallel-all', [twin, ...control, says('results-swapped', words)]).outcome).toBe(expected);
  });

  it('is not kept where the order is rejected', () => {
    expect(judge('tr.parallel-all', [twin, codes, string, rejected('results-swapped')]).outcome).toBe('rejected');
  });
});

describe('tr.image', () => {
  const plain = says('picture-png', 'Yellow.');
  it.each([
    ['seen', [plain, says('result-picture', 'It is yellow.')], 'satisfied'],
    ['lost', [plain, says('result-picture', 'I cannot see it.')], 'violated'],
    ['rejected, unlike one of the user', [plain, string, rejected('result-picture')], 'rejected'],
    [
      'rejected, like tool results altogether',
      [plain, rejected('result-string'), rejected('result-picture')],
      'inconclusive',
    ],
    [
      'rejected, by a model that sees no pictures',
      [says('picture-png', 'Blue.'), string, rejected('result-picture')],
      'inconclusive',
    ],
    ['rejected, like one of the user', [rejected('picture-png'), rejected('result-picture')], 'inconclusive'],
    ['not seen anywhere', [says('picture-png', 'Blue.'), says('result-picture', 'Blue.')], 'inconclusive'],
  ] as const)('a picture is %s', (_what, exchanges, expected) => {
    expect(judge('tr.image', thrice(exchanges)).outcome).toBe(expected);
  });
});

describe.each([
  ['tr.document', 'result-document', 'PINEAPPLE', 'document'],
  ['tr.search-result', 'result-search', 'MANGO', 'search_result'],
] as const)('%s', (id, fixture, word, type) => {
  const documents = [says('document-text', 'HARBOUR'), string];
  const both = says('words-in-prompt', 'PINEAPPLE MANGO');
  const whole = rejected('result-sources');
  const named = (status: number, text: string) =>
    exchange({ fixture, status, json: errorBody('invalid_request_error', text) });
  it.each([
    ['read with the other one', [says('result-sources', 'PINEAPPLE MANGO')], 'satisfied'],
    ['read without the other one', [whole, says(fixture, word), both], 'satisfied'],
    ['lost', [says('result-sources', 'none'), says(fixture, 'I see no notes.'), both], 'violated'],
    [
      'lost by a model that repeats nothing',
      [whole, says(fixture, 'none'), says('words-in-prompt', '?')],
      'inconclusive',
    ],
    [
      'rejected by name',
      [whole, named(400, `messages.2.content.0.content.0: tag '${type}' is not known`)],
      'satisfied',
    ],
    ['rejected without a name', [whole, named(400, 'Invalid request')], 'violated'],
    ['a crash', [whole, named(500, type)], 'violated'],
    ['put off', [whole, named(429, type)], 'inconclusive'],
  ] as const)('%s', (_what, own, expected) => {
    expect(judge(id, thrice([...documents, ...own])).outcome).toBe(expected);
  });
});

describe.each([
  ['tr.image', 'result-picture', [says('picture-png', 'Yellow.')], 'It is yellow.'],
  ['tr.document', 'result-sources', [says('document-text', 'HARBOUR'), string], 'PINEAPPLE MANGO'],
  ['tr.search-result', 'result-sources', [says('document-text', 'HARBOUR'), string], 'PINEAPPLE MANGO'],
] as const)('%s, with a stream', (id, fixture, others, words) => {
  const streams = (of: string, text: string) =>
    exchange({ fixture: of, events: events(message({ content: [textBlock(text)] })) });
  const both = says('words-in-prompt', 'PINEAPPLE MANGO');
  const plain = streams('words-in-prompt-streamed', 'PINEAPPLE MANGO');
  const lost = streams(`${fixture}-streamed`, 'I see nothing.');
  it.each([
    ['it arrives', [plain, streams(`${fixture}-streamed`, words)], 'satisfied'],
    ['it is lost there', [plain, lost], 'violated'],
    ['it is lost like plain words', [streams('words-in-prompt-streamed', 'APPLE MANGO'), lost], 'satisfied'],
    ['it is lost, and no control was sent', [lost], 'satisfied'],
    ['the stream is rejected', [plain, rejected(`${fixture}-streamed`, 400, { transport: 'stream' })], 'satisfied'],
  ] as const)('%s', (_what, streamed, expected) => {
    expect(judge(id, thrice([...others, both, says(fixture, words), ...streamed])).outcome).toBe(expected);
  });
});

describe.each([
  ['tr.empty', 'result-empty'],
  ['tr.is-error', 'result-error'],
  ['tr.text-after', 'result-text-after'],
  ['tr.foreign-ids', 'result-foreign-id'],
])('%s', (id, fixture) => {
  it.each([
    ['accepted', [string, says(fixture, 'whatever')], 'satisfied'],
    ['rejected', [string, rejected(fixture)], 'rejected'],
    ['failing', [string, rejected(fixture, 500)], 'violated'],
    ['rejected like every history', [rejected('result-string'), rejected(fixture)], 'inconclusive'],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge(id, exchanges).outcome).toBe(expected);
  });
});

describe.each([
  ['tr.text-before', 'text-before-result', false],
  ['tr.missing', 'result-missing', true],
  ['tr.unknown-id', 'result-unknown-id', true],
  ['tr.unknown-id', 'result-without-id', true],
  ['tr.wrong-role', 'call-from-user', false],
  ['tr.wrong-role', 'result-from-assistant', false],
  ['tr.duplicate-use-id', 'call-id-twice', false],
])('%s: %s', (id, fixture, silent) => {
  it.each([
    ['rejected', [string, rejected(fixture)], { outcome: 'satisfied' }],
    ['rejected with another client error', [string, rejected(fixture, 422)], { outcome: 'satisfied' }],
    ['accepted', [string, says(fixture, 'ok')], { outcome: 'violated', silent }],
    ['failing', [string, rejected(fixture, 500)], { outcome: 'violated', silent: false }],
    ['rejected like everything', [rejected('result-string'), rejected(fixture)], { outcome: 'inconclusive' }],
  ])('%s', (_what, exchanges, expected) => {
    expect(judge(id, exchanges)).toMatchObject(expected);
  });
});

describe('tr.loop', () => {
  const loop = (words: string, parts: JsonObject = {}) => says('tool-loop', words, parts, { turn: 2 });
  const again = exchange({
    fixture: 'tool-loop',
    turn: 2,
    json: message({ content: [toolUse()], stop_reason: 'tool_use' }),
  });
  const first = exchange({ fixture: 'tool-loop', json: message({ content: [toolUse()], stop_reason: 'tool_use' }) });
  const unset = exchange({
    fixture: 'tool-loop',
    turn: 2,
    noResponse: true,
    failure: { kind: 'not-set-up', message: 'no call' },
  });
  const forced = exchange({ fixture: 'tool-forced', json: message({ content: [toolUse()] }) });
  it.each([
    ['finishes', [first, loop('Sunny.')], 'satisfied'],
    ['finishes a history of the client', [first, again, string], 'satisfied'],
    ['finishes without end_turn', [first, loop('Sunny.', { stop_reason: 'tool_use' })], 'violated'],
    ['calls again and again', [first, again], 'inconclusive'],
    ['says nothing, which is legal', [first, loop('')], 'inconclusive'],
    ['is cut', [first, loop('Sun', { stop_reason: 'max_tokens' })], 'inconclusive'],
    [
      'gets every history rejected',
      [forced, twin, first, rejected('tool-loop', 400, { turn: 2 }), rejected('result-string')],
      'rejected',
    ],
    ['never calls', [first, unset], 'inconclusive'],
  ] as const)('the model %s', (_what, exchanges, expected) => {
    expect(judge('tr.loop', exchanges).outcome).toBe(expected);
  });
});

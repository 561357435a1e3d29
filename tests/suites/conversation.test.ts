import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import type { Dialect } from '../../core/requirement.js';
import { conversation } from '../../suites/conversation.js';
import {
  type Circumstances,
  events,
  exchange,
  fixtures,
  judgeOf,
  message,
  requirementOf,
  textBlock,
} from '../support/exchange.js';
import { rejection, rejects, serves } from '../support/rejections.js';

const judge = judgeOf(conversation);

/** Everything that the last message of a fixture says. */
function promptOf(fixture: string): string {
  const { content } = (
    fixtures().get(fixture)!.turns[0]!.body!.messages as { content: string | { text: string }[] }[]
  ).at(-1)!;
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

const says = (fixture: string, words: string, parts: JsonObject = {}) =>
  exchange({ fixture, json: message({ content: [textBlock(words)], ...parts }) });
const under = (dialect: Partial<Dialect>): Circumstances => ({ claims: { dialect } });
const cheap = exchange({ fixture: 'cheap' });
const obeyed = 'PINEAPPLE MANGO';

rejects(conversation, [
  'msg.first.assistant',
  'msg.empty.user',
  'msg.empty.text-block',
  'msg.empty.assistant-middle',
  'msg.block.unknown-type',
  'msg.role-system.first',
]);
serves(conversation, 'msg.long-history', 'long-history');
serves(conversation, 'msg.assistant.blank-text', 'history-blank-text');

describe('msg.content.string-or-array', () => {
  const id = 'msg.content.string-or-array';
  const counted = (fixture: string, usage: JsonObject) => exchange({ fixture, json: message({ usage }) });
  const string = counted('cheap', { input_tokens: 14, output_tokens: 1 });
  test('is satisfied by the same total input, cached or not', () => {
    const cached = {
      input_tokens: 4,
      cache_read_input_tokens: 10,
      cache_creation_input_tokens: null,
      output_tokens: 1,
    };
    expect(judge(id, [string, counted('content-array', cached)]).outcome).toBe('satisfied');
  });
  test('is violated by another one', () => {
    const other = counted('content-array', { input_tokens: 31, output_tokens: 1 });
    expect(judge(id, [string, other])).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'content-array/json' }],
    });
  });
  test('is not broken by a separator, nor where one prompt counts differently each time', () => {
    const other = (input_tokens: number) => counted('content-array', { input_tokens, output_tokens: 1 });
    const again = counted('minimal-again', { input_tokens: 17, output_tokens: 1 });
    expect(judge(id, [string, other(16)]).outcome).toBe('satisfied');
    expect(judge(id, [string, other(31), exchange(), again]).outcome).toBe('inconclusive');
  });
  test('is rejected when the array is', () => {
    expect(judge(id, [string, rejection('content-array')]).outcome).toBe('rejected');
  });
  test('says nothing without numbers or without a control', () => {
    expect(judge(id, [string, counted('content-array', {})]).outcome).toBe('not-observed');
    expect(judge(id, [rejection('cheap', 500), exchange({ fixture: 'content-array' })]).outcome).toBe('inconclusive');
  });
});

describe.each([
  ['msg.content.multi-text', 'content-blocks'],
  ['msg.multi-turn', 'three-turns'],
  ['msg.same-role.consecutive', 'consecutive-users'],
])('%s', (id, subject) => {
  test('is satisfied when both words arrive', () => {
    expect(judge(id, [says(subject, 'The words: pineapple, mango.')]).outcome).toBe('satisfied');
  });
  test('is violated in silence when one is lost that the control brings', () => {
    for (const lost of ['PINEAPPLE', 'MANGO', 'Which words?']) {
      const judgement = judge(id, [says(subject, lost), says('words-in-prompt', obeyed)]);
      expect(judgement).toMatchObject({ outcome: 'violated', silent: true });
    }
  });
  test('is inconclusive with a parrot, with a cut reply and under a rate limit', () => {
    const control = says('words-in-prompt', obeyed);
    expect(judge(id, [says(subject, 'Hello!'), says('words-in-prompt', 'Hello!')]).outcome).toBe('inconclusive');
    expect(judge(id, [says(subject, '', { stop_reason: 'max_tokens' }), control]).outcome).toBe('inconclusive');
    expect(judge(id, [rejection(subject, 429), control]).outcome).toBe('inconclusive');
  });
  test('is inconclusive with a parrot that repeats the prompt, words and all', () => {
    const repeated = [subject, 'words-in-prompt'].map((fixture) => says(fixture, promptOf(fixture)));
    expect(judge(id, repeated).outcome).toBe('inconclusive');
    expect(judge(id, [says(subject, 'Which words?'), repeated[1]!]).outcome).toBe('inconclusive');
  });
  test('is violated by a server error while the control request is accepted', () => {
    expect(judge(id, [cheap, rejection(subject, 500)]).outcome).toBe('violated');
    expect(judge(id, [rejection('cheap'), rejection(subject)]).outcome).toBe('inconclusive');
  });
});

test.each(['msg.content.multi-text', 'msg.multi-turn'])('%s may not be rejected', (id) => {
  const subject = requirementOf(conversation, id).fixtures[0]!;
  expect(judge(id, [cheap, rejection(subject)]).outcome).toBe('rejected');
});

describe.each([
  ['msg.same-role.consecutive', 'consecutive-users', { consecutiveRoles: 'merge' }, { consecutiveRoles: 'strict' }],
  ['msg.role-system.later', 'system-role-later', { systemRole: 'honour' }, { systemRole: 'refuse' }],
] as const)('%s under a contract', (id, subject, serving, refusing) => {
  const accepted = [says(subject, obeyed), says('words-in-prompt', obeyed)];
  const rejected = [cheap, rejection(subject)];
  test('that documents serving', () => {
    expect(judge(id, accepted, under(serving)).outcome).toBe('satisfied');
    expect(judge(id, rejected, under(serving)).outcome).toBe('deviates');
  });
  test('that documents refusing', () => {
    expect(judge(id, accepted, under(refusing)).outcome).toBe('deviates');
    expect(judge(id, rejected, under(refusing)).outcome).toBe('satisfied');
  });
  test('is violated under both when something is lost in silence', () => {
    const lost = [says(subject, 'Which?'), says('words-in-prompt', obeyed)];
    for (const dialect of [serving, refusing]) {
      expect(judge(id, lost, under(dialect))).toMatchObject({ outcome: 'violated', silent: true });
    }
  });
});

describe('msg.role-system.later', () => {
  const id = 'msg.role-system.later';
  const control = says('words-in-prompt', obeyed);
  const ignored = (input_tokens: number) =>
    says('system-role-later', 'Which?', { usage: { input_tokens, output_tokens: 2 } });
  test('is satisfied when it is followed', () => {
    expect(judge(id, [cheap, says('system-role-later', 'Pineapple!')]).outcome).toBe('satisfied');
  });
  test('is violated in silence when it is ignored and not counted either', () => {
    expect(judge(id, [cheap, ignored(10), control])).toMatchObject({ outcome: 'violated', silent: true });
  });
  test('is inconclusive when it is counted, with a parrot, and under a rate limit', () => {
    expect(judge(id, [cheap, ignored(25), control]).outcome).toBe('inconclusive');
    expect(judge(id, [cheap, ignored(10), says('words-in-prompt', 'Hello!')]).outcome).toBe('inconclusive');
    expect(judge(id, [cheap, rejection('system-role-later', 429), control]).outcome).toBe('inconclusive');
  });
  test('is violated by a server error', () => {
    expect(judge(id, [cheap, rejection('system-role-later', 500)]).outcome).toBe('violated');
  });
});

test('a message of the role system may be followed or rejected where the contract leaves it open', () => {
  const either = under({ systemRole: 'either' });
  expect(judge('msg.role-system.later', [says('system-role-later', obeyed)], either).outcome).toBe('satisfied');
  expect(judge('msg.role-system.later', [cheap, rejection('system-role-later')], either).outcome).toBe('satisfied');
});

describe('msg.prefill.continues', () => {
  const id = 'msg.prefill.continues';
  test.each(['E F G H I J', ' E F G', 'EFGHIJ', 'E, F, G'])('is satisfied by %j', (words) => {
    expect(judge(id, [says('prefill', words)]).outcome).toBe('satisfied');
  });
  test.each(['A B C D E F G H I J', 'A, B, C, D, E', 'ABCDEFGHIJ'])('is violated in silence by %j', (words) => {
    expect(judge(id, [says('prefill', words)])).toMatchObject({ outcome: 'violated', silent: true });
  });
  const streams = (words: string) =>
    exchange({ fixture: 'prefill-streamed', events: events(message({ content: [textBlock(words)] })) });
  test.each([
    ['continued', [streams('E F G')], 'satisfied'],
    ['begun anew in every try', [streams('A B C D E'), streams('A B C D E F')], 'violated'],
    ['begun anew in one try', [streams('A B C D E'), streams('E F G')], 'satisfied'],
    ['something else', [streams('Every letter?')], 'inconclusive'],
    ['rejected', [rejection('prefill-streamed')], 'satisfied'],
  ] as const)(
    'judges the stream as well, where the same request without one is continued: %s',
    (_what, streamed, outcome) => {
      expect(judge(id, [says('prefill', 'E F G'), ...streamed]).outcome).toBe(outcome);
    },
  );
  test('needs every try to begin anew, and proves nothing by anything else', () => {
    expect(judge(id, [says('prefill', 'A B C D E'), says('prefill', 'E F')]).outcome).toBe('satisfied');
    expect(judge(id, [says('prefill', 'A B C D E'), says('prefill', 'Every letter?')]).outcome).toBe('inconclusive');
    expect(judge(id, [says('prefill', '')]).outcome).toBe('inconclusive');
  });
  test('is not broken by a parrot that repeats the prefill and no more, but by one that was cut there', () => {
    expect(judge(id, [says('prefill', 'A B C D')]).outcome).toBe('inconclusive');
    expect(judge(id, [says('prefill', 'A B C D', { stop_reason: 'max_tokens' })]).outcome).toBe('violated');
  });
  test.each([
    ['either', 'satisfied', 'satisfied'],
    ['continue', 'satisfied', 'deviates'],
    ['refuse', 'deviates', 'satisfied'],
  ] as const)('under the contract "%s": continued is %s, rejected is %s', (prefill, continued, rejected) => {
    expect(judge(id, [cheap, says('prefill', 'E F G')], under({ prefill })).outcome).toBe(continued);
    expect(judge(id, [cheap, rejection('prefill')], under({ prefill })).outcome).toBe(rejected);
  });
  test('is violated by a server error, inconclusive while the control is rejected', () => {
    expect(judge(id, [cheap, rejection('prefill', 500)]).outcome).toBe('violated');
    expect(judge(id, [rejection('cheap'), rejection('prefill')]).outcome).toBe('inconclusive');
  });
});

describe('msg.prefill.trailing-space', () => {
  const id = 'msg.prefill.trailing-space';
  const prefill = exchange({ fixture: 'prefill' });
  test('is a free choice between refusing and serving', () => {
    expect(judge(id, [prefill, rejection('prefill-trailing-space')]).outcome).toBe('satisfied');
    expect(judge(id, [prefill, exchange({ fixture: 'prefill-trailing-space' })]).outcome).toBe('not-observed');
    expect(judge(id, [prefill, rejection('prefill-trailing-space', 500)]).outcome).toBe('violated');
  });
  test('is not there to be seen where every prefill is rejected', () => {
    expect(judge(id, [rejection('prefill'), rejection('prefill-trailing-space')]).outcome).toBe('not-observed');
  });
});

describe('msg.context-overflow', () => {
  const id = 'msg.context-overflow';
  const read = (input_tokens: number, parts: JsonObject = {}) =>
    exchange({ fixture: 'context-overflow', json: message({ usage: { input_tokens, output_tokens: 1 }, ...parts }) });
  test('is satisfied by a refusal, 400 or 413', () => {
    expect(judge(id, [cheap, rejection('context-overflow', 400)]).outcome).toBe('satisfied');
    expect(judge(id, [cheap, rejection('context-overflow', 413)]).outcome).toBe('satisfied');
  });
  test('is violated in silence by an answer to part of the prompt, and by a server error', () => {
    expect(judge(id, [cheap, read(8_192)])).toMatchObject({ outcome: 'violated', silent: true });
    expect(judge(id, [cheap, rejection('context-overflow', 500)]).outcome).toBe('violated');
  });
  test('says nothing when the window holds it all, or under a limit of tokens per minute', () => {
    expect(judge(id, [cheap, read(1_300_005)]).outcome).toBe('not-observed');
    expect(judge(id, [cheap, rejection('context-overflow', 429)]).outcome).toBe('inconclusive');
  });
  test('is satisfied by an answer that tells', () => {
    const reported = read(200_000, { stop_reason: 'model_context_window_exceeded' });
    expect(judge(id, [cheap, reported]).outcome).toBe('satisfied');
  });
});

/** A model that is weak, or does what it is asked now and then, is no broken server: what shows it is not held against one. */

import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Suite } from '../../core/requirement.js';
import { arrival } from '../../suites/arrival.js';
import { conversation } from '../../suites/conversation.js';
import { requestOptional } from '../../suites/request-optional.js';
import { toolResults } from '../../suites/tool-results.js';
import { vision } from '../../suites/vision.js';
import { exchange, judgeWith, message, requirementOf, textBlock, toolUse } from '../support/exchange.js';

const judge = (suite: Suite, id: string, exchanges: readonly Exchange[]) =>
  judgeWith(requirementOf(suite, id), exchanges);
const says = (fixture: string, words: string, input_tokens = 0, attempt = 1): Exchange =>
  exchange({
    fixture,
    attempt,
    json: message({ content: words === '' ? [] : [textBlock(words)], usage: { input_tokens, output_tokens: 4 } }),
  });
const thrice = (fixture: string, words: string, input_tokens = 0): Exchange[] =>
  [1, 2, 3].map((attempt) => says(fixture, words, input_tokens, attempt));

const BOTH = 'PINEAPPLE MANGO';

describe('a model that does now and then what it is asked', () => {
  it.each([
    [requestOptional, 'req.system.array', 'system-array', 'system-string', 'PINEAPPLE'],
    [conversation, 'msg.multi-turn', 'three-turns', 'words-in-prompt', BOTH],
    [conversation, 'msg.content.multi-text', 'content-blocks', 'words-in-prompt', BOTH],
    [toolResults, 'tr.string', 'result-string', 'codes-in-text', 'ZX81 QW42'],
    [vision, 'vision.base64.png', 'picture-png', 'colour-in-words', 'yellow'],
  ] as const)('breaks nothing where its control took two tries: %s %s', (suite, id, subject, control, words) => {
    const lost = thrice(subject, 'As you wish.');
    const reliable = says(control, words);
    const flaky = [says(control, 'Hello!'), says(control, words, 0, 2)];
    expect(judge(suite, id, [...lost, reliable])).toMatchObject({ outcome: 'violated' });
    expect(judge(suite, id, [...lost, ...flaky])).toMatchObject({ outcome: 'inconclusive' });
  });
});

it('a mock that quotes the beginning of a prompt follows none', () => {
  const quoted = 'I saw: The first word is PINEAPPLE. The second word is MANGO. Answer with these two wor';
  const lost = thrice('three-turns', 'Everything works as expected.');
  expect(judge(conversation, 'msg.multi-turn', [...lost, says('words-in-prompt', quoted)])).toMatchObject({
    outcome: 'inconclusive',
  });
  // What is quoted did arrive.
  const earlier = says(
    'three-turns',
    'I saw: The first word is PINEAPPLE. The second word is MANGO. Remember both words.',
  );
  expect(judge(conversation, 'msg.multi-turn', [earlier, says('words-in-prompt', BOTH)]).outcome).toBe('satisfied');
  const elsewhere = [...thrice('assistant-word', 'Everything works.'), says('words-in-prompt', BOTH)];
  expect(judge(arrival, 'arrives.assistant.text', [...elsewhere, earlier]).outcome).toBe('inconclusive');
  expect(judge(arrival, 'arrives.assistant.text', [...elsewhere, says('three-turns', BOTH)]).outcome).toBe('violated');
  // Whoever answers in the words of the prompt does follow it.
  const whole = 'The first word is PINEAPPLE. The second word is MANGO.';
  expect(judge(conversation, 'msg.multi-turn', [...lost, says('words-in-prompt', whole)])).toMatchObject({
    outcome: 'violated',
  });
});

describe('usage that shows the whole prompt', () => {
  it.each([
    [requestOptional, 'req.system.array', 'system-array', 'system-string', 'PINEAPPLE', 23, 18],
    [conversation, 'msg.multi-turn', 'three-turns', 'words-in-prompt', BOTH, 45, 16],
    [conversation, 'msg.content.multi-text', 'content-blocks', 'words-in-prompt', BOTH, 24, 17],
    [conversation, 'msg.same-role.consecutive', 'consecutive-users', 'words-in-prompt', BOTH, 28, 18],
    [vision, 'vision.base64.png', 'picture-png', 'colour-in-words', 'yellow', 276, 16],
    [vision, 'vision.not-ignored', 'picture-png', 'colour-in-words', 'yellow', 276, 16],
  ] as const)('clears the server: %s %s', (suite, id, subject, control, words, whole, part) => {
    const others = [says('cheap', 'ok', 14), says(control, words, 24), says('picture-omitted', '?', 16)];
    expect(judge(suite, id, [...thrice(subject, 'As you wish.', part), ...others])).toMatchObject({
      outcome: 'violated',
    });
    expect(judge(suite, id, [...thrice(subject, 'As you wish.', whole), ...others])).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining(`${whole} input tokens`),
    });
  });

  it('clears nothing where every prompt counts the same', () => {
    const same = [...thrice('three-turns', 'As you wish.', 30), says('words-in-prompt', BOTH, 30)];
    expect(judge(conversation, 'msg.multi-turn', same)).toMatchObject({ outcome: 'violated' });
  });
});

describe('tr.string', () => {
  const codes = says('codes-in-text', 'ZX81 QW42');
  it.each([
    ['an answer without the code', thrice('result-string', 'I cannot see the weather.', 60), 'violated'],
    ['an answer with the degrees alone', thrice('result-string', 'It is 15 degrees in Paris.', 60), 'inconclusive'],
    ['no words at all, which is legal after a result', thrice('result-string', '', 60), 'inconclusive'],
  ] as const)('%s', (_what, answers, outcome) => {
    expect(judge(toolResults, 'tr.string', [codes, ...answers])).toMatchObject({ outcome });
  });

  it('is not broken by a model that calls its tool once more', () => {
    const again = exchange({
      fixture: 'result-string',
      json: message({ content: [textBlock('Let me look.'), toolUse()], stop_reason: 'tool_use' }),
    });
    expect(judge(toolResults, 'tr.string', [codes, again])).toMatchObject({ outcome: 'inconclusive' });
  });

  it('is told from the tokens of the result', () => {
    const answers = thrice('result-string', 'I cannot see the weather.', 60);
    const omitted = (tokens: number) => says('result-omitted', 'No result.', tokens);
    expect(judge(toolResults, 'tr.string', [codes, ...answers, omitted(52)])).toMatchObject({
      outcome: 'inconclusive',
    });
    expect(judge(toolResults, 'tr.string', [codes, ...answers, omitted(60)])).toMatchObject({ outcome: 'violated' });
  });
});

describe('tr.parallel-all', () => {
  it('is not broken by a model that tells both results and no code', () => {
    const string = says('result-string', 'ZX81');
    const codes = says('codes-in-text', 'ZX81 QW42');
    const degrees = thrice('results-swapped', 'Paris has 15 degrees, Rome has 28.');
    expect(judge(toolResults, 'tr.parallel-all', [string, codes, ...degrees])).toMatchObject({
      outcome: 'inconclusive',
    });
  });
});

describe('words that are counted, and followed everywhere else', () => {
  const asking: Readonly<Record<string, string>> = {
    'words-in-prompt': BOTH,
    'content-blocks': BOTH,
    'three-turns': BOTH,
    'consecutive-users': BOTH,
    'system-string': 'PINEAPPLE',
    'system-array': 'PINEAPPLE',
    'system-in-message': 'PINEAPPLE',
    'codes-in-text': 'ZX81 QW42',
  };
  it.each([
    [requestOptional, 'req.system.string', 'system-string'],
    [requestOptional, 'req.system.array', 'system-array'],
    [conversation, 'msg.content.multi-text', 'content-blocks'],
    [conversation, 'msg.multi-turn', 'three-turns'],
    [conversation, 'msg.same-role.consecutive', 'consecutive-users'],
    [toolResults, 'tr.string', 'result-string'],
  ] as const)('are in a wrong place: %s %s', (suite, id, subject) => {
    const others = Object.entries(asking).flatMap(([fixture, words]) =>
      fixture === subject ? [] : [says(fixture, words, 30)],
    );
    const counts = [
      says('cheap', 'ok', 14),
      says('result-omitted', 'ok', 52),
      says('results-swapped', 'ZX81 QW42', 130),
    ];
    const run = [...thrice(subject, 'As you wish.', 90), ...counts];
    const judgement = judge(suite, id, [...run, ...others]);
    expect(judgement).toMatchObject({ outcome: 'violated' });
    expect(JSON.stringify(judgement)).toContain('wrong place or form');
    const seldom = others.map((one) => (one.fixture === 'system-array' ? says('system-array', '?', 30) : one));
    const flaky = [...seldom, ...others.filter(({ fixture }) => fixture === 'system-array')];
    if (subject !== 'system-array')
      expect(judge(suite, id, [...run, ...flaky])).toMatchObject({ outcome: 'inconclusive' });
  });

  it.each([
    [conversation, 'msg.role-system.later', 'system-role-later', 'with a later system message'],
    [toolResults, 'tr.string', 'result-string', 'with tool results'],
  ] as const)('may be beyond a model that follows none of their kind: %s %s', (suite, id, subject, kind) => {
    const others = Object.entries(asking).map(([fixture, words]) => says(fixture, words, 30));
    const run = [...thrice(subject, 'As you wish.', 90), says('cheap', 'ok', 14), says('result-omitted', 'ok', 52)];
    expect(judge(suite, id, [...run, ...others])).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining(kind),
    });
  });
});

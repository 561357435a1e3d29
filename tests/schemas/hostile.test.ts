import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_VIOLATIONS, SCHEMA_NAMES, violations } from '../../validation/index.js';
import { anyText } from '../support/arbitrary.js';
import { fullMessage, minimalMessage, minimalRequest } from './documents.js';

const messages = (...args: Parameters<typeof violations>) => violations(...args).map(({ message }) => message);
const withContent = (...content: unknown[]) => ({ ...minimalMessage, content });

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

describe('what a target sends may be anything', () => {
  test('any JSON value is judged by any schema, in short single lines without invisible characters', () => {
    const names = SCHEMA_NAMES.filter((name) => !['fixtureFile', 'contract', 'report', 'config'].includes(name));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 4 }), anyText, (name, value, text) => {
        for (const document of [
          value,
          withContent(value, { type: text }),
          { ...minimalRequest, [text]: value, model: text, tools: [value] },
        ]) {
          for (const { message, pointer, expected, actual } of violations(name, document)) {
            expect(message).toBe(`${pointer || '(root)'}: expected ${expected}, got ${actual}`);
            expect(message.length).toBeLessThan(1500);
            expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('deep nesting', () => {
    const deep = nested(100_001);
    expect(messages('message', deep)).toEqual([
      expect.stringMatching(/^\(root\): expected an object, got the array \[\{"a":\[.{1,80}…$/),
    ]);
    expect(messages('message', withContent({ type: 'tool_use', id: 'a', name: 'b', input: deep }))).toEqual([
      expect.stringMatching(/^\/content\/0\/input: expected an object, got the array \[/),
    ]);
    expect(messages('message', withContent({ type: 'tool_use', id: 'a', name: 'b', input: { a: deep } }))).toEqual([]);
    expect(messages('request', { ...minimalRequest, deep })).toHaveLength(1);
  });

  test('__proto__, constructor and the like are fields as any other', () => {
    const block = JSON.parse(
      '{"__proto__": {"type": "text", "text": "x"}, "constructor": {"prototype": {"polluted": 1}}}',
    );
    expect(messages('contentBlock', block)).toEqual(['/type: expected this required field, got nothing']);
    const request = JSON.parse(
      '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"__proto__":{"system":5}}',
    );
    expect(messages('request', request)).toEqual([
      '/__proto__: expected no field of this name, got the object {"system":5}',
    ]);
    expect(messages('request', { ...minimalRequest, toString: 1, hasOwnProperty: null }).sort()).toEqual([
      '/hasOwnProperty: expected no field of this name, got null',
      '/toString: expected no field of this name, got the number 1',
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('inherited fields do not count', () => {
    expect(messages('event.ping', Object.create({ type: 'ping' }))).toEqual([
      '/type: expected this required field, got nothing',
    ]);
  });

  test('a checked value stays as it was', () => {
    const before = JSON.stringify(fullMessage);
    violations('message', fullMessage);
    violations('request', fullMessage);
    expect(JSON.stringify(fullMessage)).toBe(before);
  });

  test('many violations are listed up to a limit', () => {
    const content = Array.from({ length: 1000 }, (_, index) => index);
    const found = messages('message', withContent(...content));
    expect(found).toHaveLength(MAX_VIOLATIONS);
    expect(found[0]).toBe('/content/0: expected an object, got the number 0');
  });

  test('a huge value is judged by its first violation', () => {
    const blocks = (text: unknown) => Array.from({ length: 50_000 }, () => ({ type: 'text', text }));
    expect(messages('message', { ...minimalMessage, content: blocks('x') })).toEqual([]);
    expect(messages('message', { ...minimalMessage, content: blocks(5) })).toEqual([
      '/content/0/text: expected a string, got the number 5',
    ]);
    expect(messages('message', { ...minimalMessage, content: [...blocks('x'), 7] })).toEqual([
      '/content/50000: expected an object, got the number 7',
    ]);
  });
});

describe('wording', () => {
  const actual = (role: unknown) => violations('message', { ...minimalMessage, role })[0]!.actual;

  test.each([
    ['plain', 'the string "plain"'],
    ['a"b\\c/d', 'the string "a\\"b\\\\c/d"'],
    ['\u001b[31mred\r\n\t\0', 'the string "\\u001b[31mred\\r\\n\\t\\u0000"'],
    ['\u007f\u0085\u2028\u202e\u200b\ufeff', 'the string "\\u007f\\u0085\\u2028\\u202e\\u200b\\ufeff"'],
    ['\ud800', 'the string "\\ud800"'],
    ['x'.repeat(80), `the string "${'x'.repeat(80)}"`],
    ['x'.repeat(81), `the string "${'x'.repeat(80)}…"`],
    [`${'x'.repeat(79)}😀`, `the string "${'x'.repeat(79)}…"`],
    [-0.5, 'the number -0.5'],
    [true, 'true'],
    [null, 'null'],
    [[], 'an empty array'],
    [[1, 'a', null], 'the array [1,"a",null]'],
    [{}, 'the object {}'],
    [{ a: { b: [] } }, 'the object {"a":{"b":[]}}'],
    [{ a: 'x'.repeat(100) }, `the object {"a":"${'x'.repeat(75)}…"`],
  ])('%j', (value, words) => {
    expect(actual(value)).toBe(words);
  });

  test('nothing at all', () => {
    expect(messages('message', undefined)).toEqual(['(root): expected an object, got nothing']);
  });

  test('keys of a document in a pointer: escaped, and cut when long', () => {
    const pointers = (key: string) =>
      violations('request', { ...minimalRequest, [key]: 1 }).map(({ pointer }) => pointer);
    expect(pointers('a/b~c')).toEqual(['/a~1b~0c']);
    expect(pointers('a\nb\u202e')).toEqual(['/a\\nb\\u202e']);
    expect(pointers('k'.repeat(1000))).toEqual([`/${'k'.repeat(80)}…`]);
  });
});

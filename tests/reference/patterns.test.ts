import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from 'scslre';
import ts from 'typescript-api';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';

/**
 * Patterns that read text from outside take time in proportion to its length: none has two parts that can divide the same
 * text between them in many ways, and none searches from every position as far as the end.
 */
function superLinear(source: string, flags: string): string[] {
  const { reports } = analyse({ source, flags }, { reportTypes: { Move: true, Self: true, Trade: true } });
  return reports.map(({ type }) => `${type} in /${source}/${flags}`);
}

function filesBelow(folder: string, end: string): string[] {
  return readdirSync(packageFile(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name));
}

function literals(file: string): { source: string; flags: string }[] {
  const tree = ts.createSourceFile(file, readFileSync(packageFile(file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: { source: string; flags: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** Patterns that are made at run time, some from parts of requests. Imports the endpoint itself, to see all of them. */
async function made(): Promise<RegExp[]> {
  const Native = RegExp;
  const recorded: RegExp[] = [];
  const record = (pattern: RegExp): RegExp => {
    recorded.push(pattern);
    return pattern;
  };
  globalThis.RegExp = new Proxy(Native, {
    construct: (target, [source, flags]) => record(new target(source, flags)),
  });
  try {
    const { createEndpoint } = await import('../../reference/endpoint.js');
    const endpoint = createEndpoint();
    for (const request of REQUESTS) {
      const body = JSON.stringify({ model: 'reference-1', max_tokens: 2000, ...request });
      const headers = { 'x-api-key': 'key', 'anthropic-version': '2023-06-01' };
      const response = await endpoint.fetch(new Request('http://x/v1/messages', { method: 'POST', headers, body }));
      expect(response.status, await response.text()).toBe(200);
    }
  } finally {
    globalThis.RegExp = Native;
  }
  return recorded;
}

const user = (content: unknown) => ({ role: 'user', content });
const tool = (name: string, ...properties: string[]) => ({
  name,
  input_schema: {
    type: 'object',
    properties: Object.fromEntries(properties.map((key) => [key, { type: key.includes('n') ? 'integer' : 'string' }])),
    required: properties,
  },
});
const SAVE = tool('save-file', '(a+)+$', 'n(', 'body*', 'x'.repeat(500), 'count');

const REQUESTS: object[] = [
  { messages: [user('Call save-file with count 3 and the body: "hello".')], tools: [SAVE] },
  { messages: [user('The code word is KIWI. What is the code word?')] },
  { messages: [user('My name is Ada. What is my name?')], system: 'Answer with the word PLUM only.' },
  { messages: [user('What colour is the third picture?')] },
  {
    messages: [
      user('Weather?'),
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'save-file', input: {} }] },
      user([
        { type: 'tool_result', tool_use_id: 't1', content: '15' },
        { type: 'text', text: 'Which city is 15?' },
      ]),
    ],
    tools: [SAVE],
  },
  { messages: [user('What is 6*7?')], thinking: { type: 'adaptive' } },
];

describe('patterns', () => {
  it.each(['reference', 'validation'])('in %s are linear in the text', (folder) => {
    const found = filesBelow(folder, '.ts').flatMap((file) =>
      literals(file).flatMap(({ source, flags }) => superLinear(source, flags).map((report) => `${file}: ${report}`)),
    );
    expect(found).toEqual([]);
  });

  it('made at run time are linear too, and treat names from requests as text', async () => {
    const patterns = await made();
    expect(patterns.length).toBeGreaterThan(30);
    expect(patterns.filter(({ source }) => source.includes('(a+)+'))).toEqual([]);
    expect(patterns.flatMap(({ source, flags }) => superLinear(source, flags))).toEqual([]);
  });

  it('of schemas are linear', () => {
    const schemas = filesBelow('schemas', '.json').map((file) => readFileSync(packageFile(file), 'utf8'));
    const patterns = schemas.flatMap((schema) =>
      [...schema.matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(([, pattern]) => JSON.parse(pattern!) as string),
    );
    expect(patterns.length).toBeGreaterThan(5);
    expect([...new Set(patterns)].flatMap((pattern) => superLinear(pattern, 'u'))).toEqual([]);
  });

  it('that are not linear are found', () => {
    expect(superLinear('\\s+$', '')).not.toEqual([]);
    expect(superLinear('^(a+)+$', '')).not.toEqual([]);
  });
});

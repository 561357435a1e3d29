import { analyse } from 'scslre';
import { describe, expect, it } from 'vitest';

/** `scripts/check-patterns.mjs` checks the patterns of the sources; those that are made at run time are checked here. */
function superLinear(source: string, flags: string): string[] {
  const { reports } = analyse({ source, flags }, { reportTypes: { Move: true, Self: true, Trade: true } });
  return reports.map(({ type }) => `${type} in /${source}/${flags}`);
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
    const { createEndpoint } = await import('../../reference/create-endpoint.js');
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

describe('patterns that the endpoint makes at run time', () => {
  it('are linear in the text, and treat names from requests as text', async () => {
    const patterns = await made();
    expect(patterns.length).toBeGreaterThan(30);
    expect(patterns.filter(({ source }) => source.includes('(a+)+'))).toEqual([]);
    expect(patterns.flatMap(({ source, flags }) => superLinear(source, flags))).toEqual([]);
  });

  it('would be found if they were not', () => {
    expect(superLinear('\\s+$', '')).not.toEqual([]);
    expect(superLinear('^(a+)+$', '')).not.toEqual([]);
  });
});

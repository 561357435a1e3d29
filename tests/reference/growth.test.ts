import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCounting } from './work.js';

type Counter = Awaited<ReturnType<typeof startCounting>>;
type Fetch = (request: Request) => Promise<Response>;

let counter: Counter;
let fetchFrom: Fetch;

beforeAll(async () => {
  counter = await startCounting();
  const { createEndpoint } = await import('../../reference/create-endpoint.js');
  fetchFrom = createEndpoint().fetch;
});
afterAll(() => counter.stop());

async function send(path: string, body: object): Promise<number> {
  const headers = { 'x-api-key': 'key', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'context-management-1' };
  const response = await fetchFrom(
    new Request(`http://x/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
  const text = await response.text();
  expect(text, text.slice(0, 200)).not.toContain('"api_error"');
  return response.status;
}

const many = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });
const text = (content: string) => ({ type: 'text', text: content });
const call = (index: number) => ({ type: 'tool_use', id: `t${index}`, name: 'look', input: {} });
const result = (index: number) => ({ type: 'tool_result', tool_use_id: `t${index}`, content: `${index}` });
const tool = (schema: object, name = 'look') => ({ name, input_schema: { type: 'object', ...schema } });
const forced = (schema: object) => ({
  tools: [tool(schema)],
  tool_choice: { type: 'tool', name: 'look' },
  messages: [user('Go on, please.')],
});
const pdf = (source: string) => {
  const data = Buffer.from(`%PDF-1.4\n${source}\ntrailer`, 'latin1').toString('base64');
  return {
    messages: [
      user([
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } },
        text('What does it say?'),
      ]),
    ],
  };
};

/** Requests that grow with a number. `status` is that of an accepted request unless the shape is an invalid one. */
const SHAPES: Record<string, (size: number) => object> = {
  messages: (size) => ({
    messages: [...many(size, (index) => [user(`${index}`), assistant('yes')]).flat(), user('Hi')],
  }),
  'blocks of a message': (size) => ({ messages: [user(many(size, (index) => text(`Line ${index}`)))] }),
  'blocks of one word': (size) => ({ messages: [user(many(size, () => text('A')))] }),
  'a long text': (size) => ({ messages: [user(`Summarise this. ${'word '.repeat(size)}`)] }),
  'white space after a known phrase': (size) => ({
    messages: [
      user(`The first word is${' '.repeat(8 * size)}.`),
      assistant('Yes'),
      user('Answer with both words only.'),
    ],
  }),
  'an ask of many words that announce a call': (size) => ({
    tools: [tool({})],
    messages: [user('say and '.repeat(size))],
  }),
  'calls of one turn': (size) => ({
    tools: [tool({})],
    messages: [user('Look.'), assistant(many(size, call)), user(many(size, result))],
  }),
  'calls of many turns': (size) => ({
    tools: [tool({})],
    messages: [user('Look.'), ...many(size, (index) => [assistant([call(index)]), user([result(index)])]).flat()],
  }),
  'results without a call': (size) => ({ messages: [user('Look.'), assistant([call(0)]), user(many(size, result))] }),
  'calls without a result': (size) => ({ messages: [user('Look.'), assistant(many(size, call)), user('And?')] }),
  tools: (size) => ({ tools: many(size, (index) => tool({}, `tool_${index}`)), messages: [user('Call tool_1.')] }),
  'tools with short names': (size) => ({
    tools: many(size, (index) => tool({}, `t${index}`)),
    messages: [user(many(size, (index) => `t${index}`).join(' '))],
  }),
  'system blocks': (size) => ({ system: many(size, (index) => text(`Rule ${index}.`)), messages: [user('Hi')] }),
  'system messages': (size) => ({
    messages: [user('Hi'), ...many(size, () => ({ role: 'system', content: 'Be kind.' }))],
  }),
  'stop sequences, and a text that nearly holds them': (size) => ({
    max_tokens: 64_000,
    stop_sequences: many(size, (index) => `${'ab'.repeat(20)}${index}`),
    messages: [user(`Repeat exactly: ${'ab'.repeat(8 * size)}`)],
  }),
  'search results': (size) => ({
    messages: [
      user([
        ...many(size, () => ({ type: 'search_result', source: 's', title: 't', content: [text('Rome is old.')] })),
        text('What is old?'),
      ]),
    ],
  }),
  documents: (size) => ({
    messages: [
      user([
        ...many(size, () => ({
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'Rome is old.' },
          citations: { enabled: true },
        })),
        text('What is old?'),
      ]),
    ],
  }),
  'properties of a tool': (size) =>
    forced({
      properties: Object.fromEntries(many(size, (index) => [`p${index}`, { type: 'string' }])),
      required: many(size, (index) => `p${index}`),
    }),
  'parts of a schema': (size) =>
    forced({ properties: { a: { allOf: many(size, (index) => ({ properties: { [`p${index}`]: {} } })) } } }),
  'names of a truncated input': (size) => ({
    ...forced({ properties: { ['name '.repeat(4 * size)]: { type: 'string' } } }),
    max_tokens: 3 * size,
  }),
  'members of an enumeration': (size) =>
    forced({ properties: { a: { enum: many(size, (index) => `member ${index}`) } }, required: ['a'] }),
  'context edits': (size) => ({
    tools: [tool({})],
    context_management: {
      edits: many(size, () => ({
        type: 'clear_tool_uses_20250919',
        trigger: { type: 'tool_uses', value: 1 },
        exclude_tools: ['search', 'find'],
      })),
    },
    messages: [user('Look.'), ...many(20, (index) => [assistant([call(index)]), user([result(index)])]).flat()],
  }),
  'objects of a PDF without an end': (size) => pdf('1 0 obj '.repeat(size)),
  'digits of a PDF': (size) => pdf('1'.repeat(8 * size)),
  'pages of a PDF without an end of their contents': (size) =>
    pdf(`1 0 obj << /Type /Page ${'/Contents [ '.repeat(size)} endobj`),
  'open texts of a PDF': (size) =>
    pdf(
      `1 0 obj << /Type /Page /Contents 2 0 R >> endobj 2 0 obj << >> stream\n${'(a'.repeat(size)}\nendstream endobj`,
    ),
};

const SIZE = 150;
const TIMES = 4;
/** A quadratic step takes 16 times the work for a request of four times the size. */
const MOST = TIMES * 1.6;

describe('the work for a request grows with its size, not faster', () => {
  it.each(Object.entries(SHAPES))('%s', async (_name, shape) => {
    const body = (size: number) => ({ model: 'reference-1', max_tokens: 300, ...shape(size) });
    const work = async (size: number) => (await counter.work(() => send('messages', body(size)))).count;
    await work(SIZE);
    const [small, large] = [await work(SIZE), await work(SIZE * TIMES)];
    expect(large / small).toBeLessThan(MOST);
  });

  it('requests of a batch', async () => {
    const params = { model: 'reference-1', max_tokens: 10, messages: [user('Hi')] };
    const body = (size: number) => ({ requests: many(size, (index) => ({ custom_id: `r${index}`, params })) });
    const work = async (size: number) => (await counter.work(() => send('messages/batches', body(size)))).count;
    await work(SIZE);
    const [small, large] = [await work(SIZE), await work(SIZE * TIMES)];
    expect(large / small).toBeLessThan(MOST);
  });
});

/** Ajv copies its list of errors for each invalid item. It lists the errors of values with at most 10,000 parts. */
describe('as many invalid items as are listed one by one', () => {
  it.each<[string, object]>([
    ['tools', { tools: many(3_000, () => ({ name: 1 })), messages: [user('Hi')] }],
    ['blocks', { messages: [user(many(3_000, () => ({ type: 'text', text: 1 })))] }],
  ])('take bounded work: %s', async (_name, shape) => {
    const body = { model: 'reference-1', max_tokens: 10, ...shape };
    const { count, result: status } = await counter.work(() => send('messages', body));
    expect(status).toBe(400);
    expect(count).toBeLessThan(50_000_000);
  });
});

/** `$defs` of which each one refers to the next one twice: 2^n values in n lines. */
const doubling = (levels: number) => ({
  $defs: Object.fromEntries(
    many(levels, (index) => {
      const next = index + 1 < levels ? { $ref: `#/$defs/d${index + 1}` } : { type: 'string' };
      const schema = { type: 'object', properties: { a: next, b: next }, required: ['a', 'b'] };
      return [`d${index}`, { ...schema, additionalProperties: false }];
    }),
  ),
  type: 'object',
  properties: { a: { $ref: '#/$defs/d0' } },
  required: ['a'],
  additionalProperties: false,
});

describe('a schema whose references multiply', () => {
  const MOST_WORK = 5_000_000;

  it.each<[string, object]>([
    ['of a tool', forced(doubling(60))],
    [
      'of a recursive tool',
      forced({
        properties: Object.fromEntries(many(10, (index) => [`p${index}`, { $ref: '#' }])),
        required: many(10, (index) => `p${index}`),
      }),
    ],
    [
      'of nested lists',
      forced({
        properties: { a: many(10, () => 0).reduce<object>((items) => ({ type: 'array', minItems: 50, items }), {}) },
      }),
    ],
    [
      'of long texts',
      forced({
        properties: Object.fromEntries(many(500, (index) => [`p${index}`, { type: 'string', minLength: 10_000 }])),
      }),
    ],
    [
      'of an answer',
      { output_config: { format: { type: 'json_schema', schema: doubling(60) } }, messages: [user('Hi')] },
    ],
  ])('is answered with bounded work: %s', async (_name, shape) => {
    const body = { model: 'reference-1', max_tokens: 300, ...shape };
    const { count, result: status } = await counter.work(() => send('messages', body));
    expect(status).toBe(200);
    expect(count).toBeLessThan(MOST_WORK);
  });
});

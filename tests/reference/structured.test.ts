import { describe, expect, it } from 'vitest';
import { accumulate, assistant, callsOf, client, eventsOf, textOf, user } from './client.js';
import { violationsOf } from './schema.js';

const { post } = client();
const object = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const ANSWER = object({ answer: { type: 'integer' } });
const format = (schema: object) => ({ output_config: { format: { type: 'json_schema', schema } } });
const PSO = { ...format(ANSWER), messages: [user('What is 6*7?')] };

describe('a structured answer', () => {
  it('is one text that fits the schema, in both transports', async () => {
    const { json } = await post(PSO);
    expect(json.content).toHaveLength(1);
    expect(JSON.parse(textOf(json))).toEqual({ answer: 42 });
    const streamed = accumulate(eventsOf((await post({ ...PSO, stream: true })).text));
    expect(streamed.content).toEqual(json.content);
  });

  it('has the name of the beta too', async () => {
    const body = { output_format: { type: 'json_schema', schema: ANSWER }, messages: PSO.messages };
    const reply = await post(body, { 'anthropic-beta': 'structured-outputs-2025-11-13' });
    expect(JSON.parse(textOf(reply.json))).toEqual({ answer: 42 });
    expect((await post(body)).json.error.message).toMatch(/^output_format: Extra inputs/);
  });

  it('fits richer schemas, required properties first', async () => {
    const schema = {
      ...object(
        {
          note: { type: 'string' },
          city: { type: 'string' },
          kind: { enum: ['small', 'large'] },
          tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
          owner: { anyOf: [{ $ref: '#/$defs/person' }, { type: 'null' }] },
          when: { type: 'string', format: 'date' },
          many: { type: 'array', items: object({ id: { type: 'integer' }, ok: { type: 'boolean' } }) },
        },
        ['city', 'kind', 'tags', 'owner', 'when', 'many'],
      ),
      $defs: { person: object({ name: { type: 'string' } }) },
    };
    const { json } = await post({ ...format(schema), messages: [user('Describe the large city of Paris.')] });
    const value = JSON.parse(textOf(json));
    expect(violationsOf(schema, value)).toEqual([]);
    expect(Object.keys(value)).toEqual(['city', 'kind', 'tags', 'owner', 'when', 'many', 'note']);
    expect(value).toMatchObject({ city: 'Paris', kind: 'large' });
  });

  it('may be truncated', async () => {
    const { json } = await post({ ...PSO, max_tokens: 3 });
    expect(json).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 3 } });
  });

  const node = { ...object({ next: { $ref: '#/$defs/node' } }) };
  it.each([
    ['an object that is open', { type: 'object', properties: {} }, /additionalProperties/],
    ['an inner object that is open', object({ a: { type: 'object' } }), /properties\.a.*additionalProperties/],
    ['recursion', { ...object({ root: { $ref: '#/$defs/node' } }), $defs: { node } }, /Recursive/],
    ['recursion to the root', object({ self: { $ref: '#' } }), /Recursive/],
    ['a bound on numbers', object({ a: { type: 'integer', minimum: 3 } }), /minimum/],
    ['a bound on strings', object({ a: { type: 'string', maxLength: 3 } }), /maxLength/],
    ['a reference elsewhere', object({ a: { $ref: 'https://example.com/x.json' } }), /external/],
  ])('is rejected for a schema with %s', async (_, schema, fragment) => {
    const reply = await post({ ...format(schema), messages: PSO.messages });
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(fragment)]);
  });

  it('may use one definition twice without recursion', async () => {
    const schema = {
      ...object({ a: { $ref: '#/$defs/x' }, b: { $ref: '#/$defs/x' } }),
      $defs: { x: { type: 'boolean' } },
    };
    const { json } = await post({ ...format(schema), messages: PSO.messages });
    expect(JSON.parse(textOf(json))).toEqual({ a: true, b: true });
  });

  it('excludes a prefill, and needs an endpoint that supports it', async () => {
    expect((await post({ ...PSO, messages: [user('a'), assistant('{')] })).status).toBe(400);
    const reply = await client({ features: { 'structured-output': false } }).post(PSO);
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/structured outputs/)]);
  });
});

describe('strict tools', () => {
  const tool = (input_schema: object) => ({ name: 'record', strict: true, input_schema });

  it('get inputs that are valid', async () => {
    const schema = object({ unit: { enum: ['celsius', 'fahrenheit'] }, days: { type: 'integer' } });
    const { json } = await post({
      tools: [tool(schema)],
      tool_choice: { type: 'any' },
      messages: [user('Record 3 days.')],
    });
    expect(callsOf(json)[0].input).toEqual({ unit: 'celsius', days: 3 });
  });

  it('need a closed schema', async () => {
    const reply = await post({ tools: [tool({ type: 'object', properties: {} })], messages: [user('x')] });
    expect([reply.status, reply.json.error.message]).toEqual([
      400,
      expect.stringMatching(/^tools\.0\..*additionalProperties/),
    ]);
  });
});

describe('effort', () => {
  it.each(['low', 'medium', 'high', 'xhigh', 'max', null])('may be %s', async (effort) => {
    expect((await post({ output_config: { effort }, messages: [user('Say ok.')] })).status).toBe(200);
  });

  it('has only these levels', async () => {
    expect((await post({ output_config: { effort: 'huge' }, messages: [user('Say ok.')] })).status).toBe(400);
  });
});

import { array, assert, asyncProperty, constantFrom, integer, type JsonValue, jsonValue, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { square } from './assets.js';
import { assistant, client, text, toolResult, toolUse, user, WEATHER } from './client.js';

/** A request with nearly everything in it, so that changing any one place reaches as much code as possible. */
const RICH = {
  model: 'reference-1',
  max_tokens: 2000,
  stream: false,
  system: [{ ...text('Be brief.'), cache_control: { type: 'ephemeral' } }],
  tools: [{ ...WEATHER, strict: false, cache_control: { type: 'ephemeral', ttl: '1h' } }],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'adaptive', display: 'omitted' },
  output_config: { effort: 'low' },
  metadata: { user_id: 'a' },
  stop_sequences: ['7'],
  context_management: { edits: [{ type: 'clear_tool_uses_20250919', keep: { type: 'tool_uses', value: 1 } }] },
  messages: [
    user([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: square.png([255, 0, 0], 2) } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' }, citations: { enabled: true } },
      { type: 'search_result', source: 's', title: 't', content: [text('x')], citations: { enabled: true } },
      text('Weather in Paris?'),
    ]),
    assistant([{ type: 'thinking', thinking: 'a', signature: 'b' }, text('Yes.'), toolUse('t1')]),
    user([toolResult('t1', [text('15 degrees')]), text('And now? Repeat the code word.')]),
    assistant('fine'),
    user('Thanks. What is 6*7?'),
  ],
};

type Place = (string | number)[];

function places(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...at, key]))];
}

function changed(value: unknown, [key, ...rest]: Place, to: JsonValue | undefined): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

const AWKWARD: (JsonValue | undefined)[] = [
  undefined,
  null,
  '',
  ' ',
  'x',
  0,
  -1,
  1.5,
  1e308,
  true,
  [],
  {},
  [null],
  [[]],
  { type: 'text' },
  { type: 5 },
];

describe('hostile requests', () => {
  const { send } = client();
  const HEADERS = { 'anthropic-beta': 'context-management-2025-06-27' };
  const survives = async (path: string, body: unknown) => {
    const reply = await send(path, { body: JSON.stringify(body) ?? '', headers: HEADERS });
    // Thousands of times: an `expect` for each would take a third of the time.
    const isError = reply.json?.type === 'error' && /./.test(reply.json.error?.message);
    if (reply.status === 200 || ([400, 404].includes(reply.status) && isError)) return;
    throw new Error(`${reply.status} for ${JSON.stringify(body)}: ${reply.text}`);
  };

  it('a rich request is accepted', async () => {
    const reply = await send('/v1/messages', { body: RICH, headers: HEADERS });
    expect(reply.status, reply.text).toBe(200);
  });

  it.each(['/v1/messages', '/v1/messages/count_tokens'])(
    'every place of a request may hold anything: %s',
    async (path) => {
      const { max_tokens: _, stream: _stream, stop_sequences: _stop, metadata: _meta, ...prompt } = RICH;
      const base = path.endsWith('count_tokens') ? prompt : RICH;
      for (const place of places(base)) {
        for (const value of AWKWARD) await survives(path, changed(base, place, value));
      }
    },
  );

  it('several places at once may have any value', async () => {
    const spots = places(RICH);
    const changes = array(tuple(integer({ min: 0, max: spots.length - 1 }), jsonValue()), {
      minLength: 1,
      maxLength: 4,
    });
    await assert(
      asyncProperty(changes, async (list) => {
        let body: unknown = RICH;
        for (const [index, value] of list) {
          try {
            body = changed(body, spots[index]!, value);
          } catch {}
        }
        await survives('/v1/messages', body);
      }),
      { numRuns: 200 },
    );
  });

  it('any text may be the ask', async () => {
    const word = constantFrom(
      'repeat',
      'code',
      'is',
      ':',
      'say',
      'if none',
      'answer with',
      'X1',
      '"',
      '12 * 4',
      'from 1 to',
      '9',
      '(',
      '[',
      '\\',
      'call',
      'times',
      '.',
      '?',
      '\n',
      'my name is',
      'first word is',
      '€😀',
    );
    await assert(
      asyncProperty(array(word, { minLength: 1, maxLength: 12 }), async (words) => {
        await survives('/v1/messages', { ...RICH, messages: [user(`a ${words.join(' ')}`)] });
      }),
      { numRuns: 300 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  assistant,
  COUNTING,
  callsOf,
  client,
  TIME,
  text,
  textOf,
  toolResult,
  toolUse,
  user,
  WEATHER,
} from './client.js';

const { post, ask } = client();
const message = async (body: object) => {
  const reply = await post(body);
  expect(reply.status, reply.text).toBe(200);
  return reply.json;
};
const answer = async (body: object) => textOf(await message(body));

describe('the scripted model', () => {
  it('says the fixed word of the operator, in any form of system prompt', async () => {
    const system = 'Answer every message with the word PINEAPPLE only.';
    const messages = [user('What is 2+2?')];
    expect(await answer({ system, messages })).toBe('PINEAPPLE');
    const blocks = [text('Answer every message with the word'), text('PINEAPPLE only.')];
    expect(await answer({ system: blocks, messages })).toBe('PINEAPPLE');
    expect(await answer({ system: blocks.slice(0, 1), messages })).toBe('4');
    const later = [...messages, { role: 'system', content: 'Answer only KIWI' }];
    expect(await answer({ system, messages: later })).toBe('KIWI');
  });

  it('says several words in their order', async () => {
    const halves = [text('The first word is PINEAPPLE.'), text('The second word is MANGO.')];
    const order = 'Answer every message with two words and nothing else.';
    const hello = [user('Hello.')];
    expect(await answer({ system: [text(order), ...halves], messages: hello })).toBe('PINEAPPLE MANGO');
    expect(await answer({ system: [text(order), halves[1]], messages: hello })).toBe('MANGO');
    const later = [user('Hello.'), { role: 'system', content: [text(order), ...halves] }];
    expect(await answer({ messages: later })).toBe('PINEAPPLE MANGO');
    expect(await ask([...halves, text('Answer with both words and nothing else.')])).toBe('PINEAPPLE MANGO');
  });

  it('does not take a passing remark in a long instruction for a fixed word', async () => {
    const system = 'You are a coding agent. Answer with care. When you are done, say so. Respond in English only.';
    expect(await answer({ system, messages: [user('What is 6*7?')] })).toBe('42');
  });

  it.each([
    ['Reply with the single word ok.', 'ok'],
    ['Say ok.', 'ok'],
    ['Repeat exactly: Zürich 北京 😀', 'Zürich 北京 😀'],
    ['repeat: 北京😀', '北京😀'],
    ['Count from 3 to 6.', '3, 4, 5, 6'],
    ['Write the capital letters from A to E, separated by spaces, and nothing else.', 'A B C D E'],
    ['What is 17*23? Number only.', '391'],
    ['What is 27 × 453?', '12231'],
    ["What's 12 divided by 4", '3'],
    ['How much is 7 minus 9?', '-2'],
    ['Please calculate 6 x 7.', '42'],
    ['What is the result of 8/2?', '4'],
    ['6*7', '42'],
    ['6 * 7 = ?', '42'],
    ['Remember the code 7Q4', 'I will remember the code 7Q4.'],
    ['Which code did I give you? If none say NONE.', 'NONE'],
    ['My name is Ada. What is my name?', 'Ada'],
  ])('answers %j', async (prompt, expected) => {
    expect(await ask(prompt)).toBe(expected);
  });

  it('recalls facts from blocks, messages and results', async () => {
    expect(await ask([text('The code is 4'), text('417.'), text('Repeat the code.')])).toBe('4417');
    expect(await answer({ messages: [user('code 4417'), user('repeat the code')] })).toBe('4417');
    const name = [user('My name is Ada.'), assistant('Hello Ada.'), user('What is my name? one word')];
    expect(await answer({ messages: name })).toBe('Ada');
    const given = [
      user('Remember the code 7Q4'),
      assistant('Yes.'),
      user('Which code did I give you? If none say NONE.'),
    ];
    expect(await answer({ messages: given })).toBe('7Q4');
  });

  it('continues a prefill instead of repeating it', async () => {
    const letters = await answer({ max_tokens: 8, messages: [user('Complete: ABC'), assistant('A B C D')] });
    expect(letters).toMatch(/^ E F G/);
    expect(await answer({ messages: [...COUNTING.messages, assistant('1, 2, 3')] })).toMatch(/^, 4, 5/);
    expect(await answer({ messages: [user('What is 6*7?'), assistant('The answer is')] })).toBe(' 42');
  });

  it('writes the requested number of words', async () => {
    expect((await ask('Write 60 words about the sea.')).split(' ')).toHaveLength(60);
  });

  it('ends its turn without text on request', async () => {
    const json = await message({
      tools: [WEATHER],
      messages: [
        user('Weather in Paris? Once you have it, end your turn without any text.'),
        assistant([toolUse('t1')]),
        user([toolResult('t1', '15 degrees')]),
      ],
    });
    expect([json.content, json.stop_reason]).toEqual([[], 'end_turn']);
  });
});

describe('limits of a reply', () => {
  it.each([
    [['7'], '7', '1, 2, 3, 4, 5, 6, '],
    [['6, 7'], '6, 7', '1, 2, 3, 4, 5, '],
    [['9', '4'], '4', '1, 2, 3, '],
    [['@1', '@2', '@3', '@4', '7'], '7', '1, 2, 3, 4, 5, 6, '],
    [['4, 5', ' 5'], '4, 5', '1, 2, 3, '],
  ])('stop sequences %j cut before the first one that is complete', async (stop_sequences, stop_sequence, expected) => {
    const json = await message({ ...COUNTING, stop_sequences });
    expect(json).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence });
    expect(textOf(json)).toBe(expected);
    const stream = await post({ ...COUNTING, stop_sequences, stream: true });
    const streamed = [...stream.text.matchAll(/"text_delta","text":("[^"]*")/g)].map((match) => JSON.parse(match[1]!));
    expect(streamed.join('')).toBe(expected);
  });

  it('a stop sequence on the first token leaves no content', async () => {
    const json = await message({ ...COUNTING, stop_sequences: ['1'] });
    expect([json.content, json.stop_reason]).toEqual([[], 'stop_sequence']);
  });

  it('max_tokens truncates the text', async () => {
    const json = await message({ ...COUNTING, max_tokens: 5 });
    expect([textOf(json), json.stop_reason]).toEqual(['1, 2, 3', 'max_tokens']);
  });

  it('max_tokens inside a call truncates the input', async () => {
    const tool = {
      name: 'write_file',
      input_schema: { type: 'object', properties: { content: { type: 'string' } }, required: ['content'] },
    };
    const json = await message({
      max_tokens: 12,
      tools: [tool],
      tool_choice: { type: 'tool', name: 'write_file' },
      messages: [user('Write 60 words.')],
    });
    expect(json.stop_reason).toBe('max_tokens');
    expect(json.content[0].input).toEqual({ content: 'The river' });
    expect(json.usage.output_tokens).toBe(12);
  });
});

describe('tools', () => {
  const tools = [WEATHER, TIME];
  const weather = { tools: [WEATHER], messages: [user('Weather in Paris?')] };
  const both = { tools, messages: [user('weather and time in Paris')] };

  it('are called only when the ask is about them', async () => {
    const json = await message(weather);
    expect(json.stop_reason).toBe('tool_use');
    expect(json.content).toEqual([
      {
        type: 'tool_use',
        id: expect.stringMatching(/^toolu_\w+$/),
        name: 'get_weather',
        input: { city: 'Paris' },
        caller: { type: 'direct' },
      },
    ]);
    expect(await answer({ tools, messages: [user('Say ok.')] })).toBe('ok');
    expect(await answer({ tools, tool_choice: { type: 'auto' }, messages: [user('What is 6*7?')] })).toBe('42');
  });

  it('are called as tool_choice says', async () => {
    const forced = await message({ ...weather, tools, tool_choice: { type: 'tool', name: 'get_time' } });
    expect(forced.content.map((block: { name: string }) => block.name)).toEqual(['get_time']);
    const any = await message({ tools, tool_choice: { type: 'any' }, messages: [user('First explain, then call.')] });
    expect(any.content.map((block: { type: string }) => block.type)).toEqual(['tool_use']);
    const none = await message({ ...weather, tool_choice: { type: 'none' } });
    expect([callsOf(none), none.stop_reason]).toEqual([[], 'end_turn']);
  });

  it('are called in parallel unless the request disables it', async () => {
    expect(callsOf(await message(both))).toHaveLength(2);
    const one = { disable_parallel_tool_use: true };
    expect(callsOf(await message({ ...both, tool_choice: { type: 'auto', ...one } }))).toHaveLength(1);
    expect(callsOf(await message({ ...both, tool_choice: { type: 'any', ...one } }))).toHaveLength(1);
    const cities = await message({ tools, messages: [user('What is the weather in Paris and in Rome? Call both.')] });
    expect(callsOf(cities).map((call) => call.input.city)).toEqual(['Paris', 'Rome']);
    expect(new Set(callsOf(cities).map((call) => call.id)).size).toBe(2);
  });

  it('may come after a sentence', async () => {
    const json = await message({ ...weather, messages: [user('Say one sentence, then call get_weather.')] });
    expect(json.content.map((block: { type: string }) => block.type)).toEqual(['text', 'tool_use']);
  });

  it('get inputs that fit their schemas', async () => {
    const input_schema = {
      type: 'object',
      properties: {
        unit: { enum: ['celsius', 'fahrenheit'] },
        days: { type: 'integer', minimum: 1, maximum: 7 },
        exact: { type: 'boolean' },
        ratio: { type: ['null', 'number'] },
        places: { type: 'array', items: { $ref: '#/$defs/place' }, minItems: 2 },
        note: { type: 'string', maxLength: 5 },
        extra: { type: 'string' },
      },
      required: ['unit', 'days', 'exact', 'ratio', 'places', 'note'],
      $defs: { place: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    };
    const json = await message({
      tools: [{ name: 'forecast', input_schema }],
      tool_choice: { type: 'any' },
      messages: [user('Forecast for 9 days in Fahrenheit, please.')],
    });
    const { input } = callsOf(json)[0];
    expect(input).toMatchObject({ unit: 'fahrenheit', days: 7, exact: true });
    expect(typeof input.ratio).toBe('number');
    expect(input.places).toHaveLength(2);
    expect(input.note.length).toBeLessThanOrEqual(5);
    expect(input).not.toHaveProperty('extra');
  });

  it('without parameters get an empty object', async () => {
    const json = await message({
      tools: [{ name: 'now', input_schema: { type: 'object' } }],
      tool_choice: { type: 'tool', name: 'now' },
      messages: [user('Go.')],
    });
    expect(callsOf(json)[0].input).toEqual({});
  });

  it('get texts with quotes, line breaks and emoji unchanged', async () => {
    const value = 'He said "hi"\nnext line \\ 😀';
    const json = await message({
      tools: [
        {
          name: 'save_note',
          input_schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
        },
      ],
      messages: [user(`Call save_note with text: ${value}`)],
    });
    expect(callsOf(json)[0].input).toEqual({ text: value });
  });

  it("of Anthropic's definition are called under their fixed names", async () => {
    const json = await message({
      tools: [{ type: 'bash_20250124', name: 'bash' }],
      tool_choice: { type: 'tool', name: 'bash' },
      messages: [user('list files')],
    });
    expect(callsOf(json)[0]).toMatchObject({ name: 'bash', input: { command: 'ls' } });
  });

  it('are called the requested number of times, one round after another', async () => {
    const tool = {
      name: 'step',
      input_schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    };
    const messages: object[] = [user('call step 3 times')];
    for (const n of [1, 2, 3]) {
      const json = await message({ tools: [tool], messages });
      expect(callsOf(json).map((call) => call.input)).toEqual([{ n }]);
      messages.push(assistant(json.content), user([toolResult(json.content[0].id, 'done')]));
    }
    expect((await message({ tools: [tool], messages })).stop_reason).toBe('end_turn');
  });
});

describe('tool results', () => {
  const afterResult = (result: object, ...more: object[]) =>
    answer({
      tools: [WEATHER],
      messages: [user('Weather in Paris?'), assistant([toolUse('t1')]), user([result, ...more])],
    });

  it('are used, as a string and as blocks', async () => {
    expect(await afterResult(toolResult('t1', '15 degrees'))).toContain('15 degrees');
    expect(await afterResult(toolResult('t1', '15 degrees, code ZX81'), text('Repeat the code.'))).toBe('ZX81');
    expect(
      await afterResult(toolResult('t1', [text('15 degrees,'), text(' code ZX81')]), text('Repeat the code.')),
    ).toBe('ZX81');
    expect(await afterResult(toolResult('t1', '15 degrees'), text('Answer in one word.'))).toBe('15');
  });

  it('may be empty or errors', async () => {
    expect(await afterResult(toolResult('t1'))).toBe('Done.');
    expect(await afterResult(toolResult('t1', 'no such city', { is_error: true }))).toContain('error: no such city');
  });

  it('are matched by their ids', async () => {
    const calls = [toolUse('a1'), toolUse('a2', 'get_weather', { city: 'Rome' })];
    const results = [toolResult('a2', '15 degrees'), toolResult('a1', '22 degrees'), text('Which city is 15?')];
    const messages = [user('Weather in Paris and Rome?'), assistant(calls), user(results)];
    expect(await answer({ tools: [WEATHER], messages })).toBe('Rome');
  });
});

describe('numbers beside a sign', () => {
  it.each([
    'Today is 2026-11-26. Say hello',
    "Today's date is 2026-11-26.\n\nWhat is your name?",
    'What is 2026-11-26?',
    'What happened on 11/26/2026?',
    'Which is the answer to question 3-5 of the list?',
    'What is 24/7 support?',
    'Answer between 10:30-11:45, please.',
    'Version 1.2-3 is out. What is new?',
    'Call 555-1234 and tell me the result.',
    'Read lines 10-20 of the file. What do they say?',
  ])('are no arithmetic without a question for it: %s', async (question) => {
    expect(await ask(question)).not.toMatch(/^-?\d+(?:\.\d+)?$/);
  });

  it('do not keep a greeting from being answered', async () => {
    expect(await ask('Today is 2026-11-26. Say hello')).toBe('hello');
  });
});

describe('a tool whose name has a hyphen', () => {
  it('is called when the ask names it', async () => {
    const tools = [{ name: 'get-weather', input_schema: { type: 'object' } }];
    const { json } = await post({ tools, messages: [user('Use get-weather now.')] });
    expect(json.content).toMatchObject([{ type: 'tool_use', name: 'get-weather' }]);
  });
});

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { toolCalls } from '../../suites/tool-calls.js';
import { errorBody, events, exchange, fixtures, judgeOf, message, textBlock, toolUse } from '../support/exchange.js';

const judge = judgeOf(toolCalls);
const calling = (content: readonly unknown[], parts: JsonObject = {}) =>
  message({ content: content as JsonObject[], stop_reason: 'tool_use', ...parts });
const reply = (content: readonly unknown[], parts: JsonObject = {}, fixture = 'tool-forced') =>
  exchange({ fixture, json: calling(content, parts) });
const stream = (content: readonly unknown[]) => exchange({ fixture: 'tool-forced', events: events(calling(content)) });
const without = (block: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(block).filter(([name]) => name !== key));
/** Name of the tool without parameters. */
const bare = { name: String(get(fixtures().get('tool-variants')?.turns, 0, 'body', 'tool_choice', 'name')) };
const nothingToSee = exchange({ fixture: 'tool-forced' });

describe('tu.stop-reason', () => {
  it.each([
    ['tool_use', 'satisfied'],
    ['max_tokens', 'satisfied'],
    ['refusal', 'satisfied'],
    ['model_context_window_exceeded', 'satisfied'],
    ['end_turn', 'violated'],
    ['tool_calls', 'violated'],
    ['pause_turn', 'violated'],
    [null, 'violated'],
  ])('%s behind a call', (stop_reason, expected) => {
    expect(judge('tu.stop-reason', [reply([toolUse()], { stop_reason })]).outcome).toBe(expected);
  });

  it('looks at calls alone', () => {
    expect(judge('tu.stop-reason', [nothingToSee]).outcome).toBe('not-observed');
    expect(
      judge('tu.stop-reason', [reply([{ ...toolUse(), type: 'server_tool_use' }], { stop_reason: 'end_turn' })])
        .outcome,
    ).toBe('not-observed');
  });
});

describe('tu.shape', () => {
  it.each([
    ['a call', toolUse(), 'satisfied'],
    ['a call with more fields', toolUse({ city: 'Paris' }, { caller: { type: 'direct' }, news: 1 }), 'satisfied'],
    ['arguments that a model made up', toolUse({ arguments: 'none' }), 'satisfied'],
    ['an input as JSON text', toolUse({}, { input: '{"city":"Paris"}' }), 'violated'],
    ['an input of null', toolUse({}, { input: null }), 'violated'],
    ['an input that is a list', toolUse({}, { input: [] }), 'violated'],
    ['no input', without(toolUse(), 'input'), 'violated'],
    ['no id', without(toolUse(), 'id'), 'violated'],
    ['an empty id', toolUse({}, { id: '' }), 'violated'],
    ['no name', without(toolUse(), 'name'), 'violated'],
    ['arguments wrapped as text', toolUse({ raw_arguments: '{"city":"Paris"}' }), 'violated'],
  ] as const)('%s', (_what, call, expected) => {
    expect(judge('tu.shape', [reply([call])]).outcome).toBe(expected);
  });

  it('leaves calls without arguments to tu.input.empty, streams to their own requirements', () => {
    const empty = reply([toolUse({}, { ...bare, input: '' })], {}, 'tool-variants');
    expect(judge('tu.shape', [empty])).toEqual({ outcome: 'satisfied' });
    expect(judge('tu.shape', [stream([without(toolUse(), 'id')])]).outcome).toBe('not-observed');
  });
});

describe('tu.input.matches-schema', () => {
  it.each([
    ['fits', [toolUse()], 'satisfied'],
    ['has more than is declared', [toolUse({ city: 'Paris', unit: 'c' })], 'satisfied'],
    ['lacks what is required, once', [toolUse({ town: 'Paris' })], 'inconclusive'],
    ['is of a tool that nobody declared', [toolUse({}, { name: 'other' })], 'not-observed'],
    ['is no object, which tu.shape judges', [toolUse({}, { input: 'x' })], 'not-observed'],
    ['is one of several, which tu.parallel judges', [toolUse({}), toolUse({})], 'not-observed'],
  ])('the input %s', (_what, content, expected) => {
    expect(judge('tu.input.matches-schema', [reply(content)]).outcome).toBe(expected);
  });

  it.each([[{ town: 'Paris' }], [{ city: 7 }]])('the input %j comes whenever the tool is called', (input) => {
    const calls = ['tool-forced', 'choice-any-single'].map((fixture) => reply([toolUse(input)], {}, fixture));
    expect(judge('tu.input.matches-schema', calls).outcome).toBe('violated');
  });

  it('forgives a model that errs now and then, and a reply that was cut', () => {
    expect(judge('tu.input.matches-schema', [reply([toolUse({})]), reply([toolUse()])]).outcome).toBe('satisfied');
    const truncated = reply([toolUse({})], { stop_reason: 'max_tokens' });
    expect(judge('tu.input.matches-schema', [truncated]).outcome).toBe('not-observed');
  });

  const DICTATED = {
    city: 'Paris',
    people: 3,
    price: 12.5,
    outside: true,
    dishes: ['Soup', 'Crème brûlée'],
    details: { code: '0042', note: 'Window seat, second floor, close to the door' },
  };
  const dictated = (...inputs: JsonObject[]) => {
    const content = inputs.map((input) => toolUse(input, { name: 'book_table' }));
    return exchange({ fixture: 'call-typed', json: message({ content, stop_reason: 'tool_use' }) });
  };
  const dropped = dictated(DICTATED, { ...DICTATED, city: 'Rome' });
  it.each([
    ['0 and false are missing in every call', [dropped, dropped, dropped, dropped], 'violated'],
    [
      'one of them comes once',
      [dropped, dropped, dropped, dropped, dictated({ ...DICTATED, children: 0 }, DICTATED)],
      'satisfied',
    ],
    [
      'other values are missing too',
      [dropped, dropped, dropped, dropped, dictated({ people: 3 }, DICTATED)],
      'satisfied',
    ],
    ['there are only three replies', [dropped, dropped, dropped], 'satisfied'],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge('tu.input.matches-schema', [reply([toolUse()]), ...own]).outcome).toBe(outcome);
  });
});

describe('tu.input.empty', () => {
  const call = (input: unknown) => reply([{ ...toolUse({}, bare), input: input as JsonObject }], {}, 'tool-variants');
  it.each([
    ['{}', {}, 'satisfied'],
    ['made-up arguments', { city: 'Paris' }, 'satisfied'],
    ['an empty text', '', 'violated'],
    ['null', null, 'violated'],
    ['a list', [], 'violated'],
    ['nothing', undefined, 'violated'],
  ])('%s', (_what, input, expected) => {
    expect(judge('tu.input.empty', [call(input)]).outcome).toBe(expected);
  });

  it('needs a call of a tool without parameters', () => {
    expect(judge('tu.input.empty', [reply([toolUse({}, { input: '' })])]).outcome).toBe('not-observed');
  });
});

describe('resp.markup-not-leaked', () => {
  const call = toolUse({ city: 'Paris' });
  it.each([
    ['a call alone', [reply([call])], 'satisfied'],
    ['text that speaks of a tool call', [reply([textBlock('I make a tool_call: <b>'), call])], 'satisfied'],
    ['a tag before the call', [reply([textBlock('<tool_call>\n'), call])], 'violated'],
    ['the end of one, in a stream', [stream([textBlock('</tool_call>'), call])], 'violated'],
    ['the marks of Mistral', [reply([textBlock('[TOOL_CALLS] get_weather'), call])], 'violated'],
    ['the channel of gpt-oss', [reply([textBlock('<|channel|>commentary'), call])], 'violated'],
    ['a call as text, which tc.tool judges', [reply([textBlock('<tool_call>{}</tool_call>')])], 'satisfied'],
    ['the end token of a chat template', [reply([textBlock('ok<|im_end|>')])], 'violated'],
    ['the channels of gpt-oss, without a call', [stream([textBlock('<|channel|>final<|message|>ok')])], 'violated'],
    ['signs that are none of these', [reply([textBlock('a <|b|> c |> d')])], 'satisfied'],
  ])('%s', (_what, exchanges, expected) => {
    expect(judge('resp.markup-not-leaked', exchanges).outcome).toBe(expected);
  });

  it('says nothing where the prompt has the markup', () => {
    const asked = exchange({
      json: calling([textBlock('<tool_call>'), call]),
      request: { body: { messages: [{ role: 'user', content: 'Say <tool_call>.' }] } },
    });
    expect(judge('resp.markup-not-leaked', [asked]).outcome).toBe('not-observed');
  });
});

describe('tu.id.pattern', () => {
  const id = (value: unknown) => toolUse({ city: 'Paris' }, { id: value as string });
  const other = (content: readonly unknown[]) => reply(content, {}, 'choice-any');
  /** A reply to a history with the call `call_0` and its result. */
  const continued = (next: string) => {
    const history = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [id('call_0')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_0', content: '15' }] },
    ];
    return exchange({ json: message({ content: [id(next)] }), request: { body: { messages: history } } });
  };
  it.each([
    ['different ids', [reply([id('toolu_1'), id('toolu_2')]), reply([id('call_abc-3')])], 'satisfied'],
    ['an id no history accepts', [reply([id('functions.get_weather:0')])], 'violated'],
    ['an id twice in a reply', [reply([id('call_0'), id('call_0')])], 'violated'],
    ['ids counted in each conversation', [reply([id('call_0')]), other([id('call_0')])], 'satisfied'],
    ['the same id in a reply and a stream', [other([id('call_0')]), stream([id('call_0')])], 'satisfied'],
    ['the next id of a conversation', [continued('call_1')], 'satisfied'],
    ['the id of an earlier call of the conversation', [continued('call_0')], 'violated'],
    ['an id twice in a stream', [stream([id('call_0'), id('call_0')])], 'violated'],
    ['no id, which tu.shape judges', [reply([id('')])], 'not-observed'],
  ])('%s', (_what, exchanges, expected) => {
    expect(judge('tu.id.pattern', exchanges).outcome).toBe(expected);
  });
});

const ADDS_THE_TOOL = {
  role: 'system',
  content: [
    { type: 'tool_addition', tool: { type: 'tool_definition', definition: { name: 'get_weather', input_schema: {} } } },
  ],
};

describe('tu.name.declared', () => {
  it.each([
    ['declared', reply([toolUse()]), 'satisfied'],
    ['not declared', reply([toolUse({}, { name: 'getWeather' })]), 'violated'],
    ['not declared, in a stream', stream([toolUse({}, { name: 'get_weather_v2' })]), 'violated'],
    ['called though there are no tools', exchange({ json: calling([toolUse()]) }), 'violated'],
    [
      'that of a member of a toolset',
      reply([toolUse({}, { name: 'screenshot', toolset_name: 'browser' })]),
      'satisfied',
    ],
    [
      'declared by a `tool_addition` block',
      exchange({ request: { body: { messages: [ADDS_THE_TOOL] } }, json: calling([toolUse()]) }),
      'satisfied',
    ],
    ['missing, which tu.shape judges', reply([without(toolUse(), 'name')]), 'satisfied'],
    ['not called', nothingToSee, 'not-observed'],
  ])('a name that is %s', (_what, own, expected) => {
    expect(judge('tu.name.declared', [own]).outcome).toBe(expected);
  });
});

describe('tu.name.declared of a model that calls by its own choice', () => {
  const made = (fixture: string) => reply([toolUse({}, { name: 'google_search' })], {}, fixture);
  it.each([
    ['is forgiven where others fit', [reply([toolUse()]), made('choice-auto')], 'satisfied'],
    [
      'is no fault of a request that forces a tool which it does not declare',
      [reply([toolUse()]), made('choice-undeclared')],
      'satisfied',
    ],
    ['is violated where none fits', [made('choice-auto')], 'violated'],
    ['is violated where the call was forced', [reply([toolUse()]), made('choice-any')], 'violated'],
  ])('%s', (_what, exchanges, expected) => {
    expect(judge('tu.name.declared', exchanges).outcome).toBe(expected);
  });
});

describe('tu.parallel', () => {
  const single = reply([toolUse()]);
  const both = (first: JsonObject, second: JsonObject) => reply([toolUse(first), toolUse(second)], {}, 'choice-any');
  const [paris, rome] = [{ city: 'Paris' }, { city: 'Rome' }];
  it.each([
    ['both have their arguments', [single, both(paris, rome)], 'satisfied'],
    ['the second lost its arguments', [single, both(paris, {})], 'violated'],
    ['the model calls an argument by another name', [single, both(paris, { town: 'Rome' })], 'satisfied'],
    ['the second lost them once, not always', [single, both(paris, {}), both(paris, rome)], 'satisfied'],
    ['the model gives no arguments to a lone call either', [reply([toolUse({})]), both(paris, {})], 'satisfied'],
    ['one call comes', [single], 'not-observed'],
    [
      'the request is rejected',
      [exchange({ fixture: 'choice-any', status: 429, json: errorBody('rate_limit_error') })],
      'inconclusive',
    ],
    [
      'words come',
      [exchange({ fixture: 'choice-any', json: message({ content: [textBlock('no')] }) })],
      'not-observed',
    ],
  ])('%s', (_what, exchanges, expected) => {
    expect(judge('tu.parallel', exchanges).outcome).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { FEATURES } from '../../suites/judging/combinations.js';
import { LONG_PARTS } from '../../suites/judging/long-texts.js';
import { realRequests } from '../../suites/real-requests.js';
import {
  type ExchangeParts,
  errorBody,
  events,
  exchange,
  fixtures,
  judgeOf,
  message,
  textBlock,
  toolUse,
} from '../support/exchange.js';
import { rejection, serves } from '../support/rejections.js';

const judge = judgeOf(realRequests);
const accepted = exchange({ fixture: 'minimal' });

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

describe('http.text.unchanged', () => {
  const id = 'http.text.unchanged';
  const prompt = String(get(fixtures().get('echo-layout')?.turns, 0, 'body', 'messages', 0, 'content'));
  const given = prompt.slice(prompt.indexOf('\n') + 1);
  const says = (words: string) => exchange({ fixture: 'echo-layout', json: message({ content: [textBlock(words)] }) });

  it.each([
    ['the whole text', [says(given)]],
    ['the whole text, after a try that lacks markup', [says(given.replace(/<\/?\w+>/g, '')), says(given)]],
  ])('is satisfied by %s', (_what, exchanges) => {
    expect(judge(id, exchanges).outcome).toBe('satisfied');
  });

  it.each([
    ['Markup in angle brackets is lost', given.replace(/<\/?\w+>/g, '')],
    ['Angle brackets arrive as HTML entities', given.replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['Angle brackets arrive as HTML entities', given.replaceAll('<', '&lt;')],
    ['Special characters arrive as HTML entities', escaped(given)],
    ['Special characters arrive as HTML entities', escaped(given).replaceAll('"', '&quot;')],
    ['Special characters arrive as HTML entities', escaped(given).replaceAll('"', '&quot;').replaceAll("'", '&#x27;')],
    ['Special characters arrive as HTML entities', escaped(given).replaceAll('"', '&#34;').replaceAll("'", '&#39;')],
    ['Line breaks arrive as carriage returns', given.replaceAll('\n', '\r\n')],
    ['Quotation marks arrive as typographic ones', given.replace(/"([^"]*)"/g, '\u201c$1\u201d')],
    ['Line breaks arrive as blanks', given.replaceAll('\n', ' ')],
    ['Line breaks are lost', given.replaceAll('\n', '')],
    ['Backslashes are doubled', given.replaceAll('\\', '\\\\')],
    ['Backslashes are lost', given.replaceAll('\\', '')],
    ['Quotation marks are lost', given.replaceAll('"', '')],
    ['Tabs are lost', given.replaceAll('\t', '')],
  ])('says that %s', (fault, answer) => {
    const judgement = judge(id, [says(answer), says(answer)]);
    expect(judgement).toMatchObject({ outcome: 'violated', silent: true });
    expect(judgement).toMatchObject({ findings: [{ message: expect.stringContaining(fault) }] });
  });

  const blanks = says(given.replaceAll('\t', '    '));
  it.each([
    ['a damaged reply only once', [says(given.replaceAll('"', ''))]],
    ['replies that differ', [says(given.replaceAll('"', '')), says(given.replaceAll('\t', ''))]],
    ['a model that writes tabs as blanks', [blanks, blanks]],
    ['a model that writes something else', [says('Sure!'), says('Sure!')]],
  ])('is not tested by %s', (_what, exchanges) => {
    expect(judge(id, exchanges).outcome).toBe('inconclusive');
  });

  it('is violated by a server that fails for such a text only', () => {
    const crash = exchange({ fixture: 'echo-layout', status: 500, json: errorBody('api_error', 'boom') });
    expect(judge(id, [accepted, crash]).outcome).toBe('violated');
    expect(judge(id, [exchange({ fixture: 'minimal', status: 500, json: errorBody() }), crash]).outcome).toBe(
      'inconclusive',
    );
  });
});

describe('resp.text.whole', () => {
  const id = 'resp.text.whole';
  const prompt = String(get(fixtures().get('echo-long')?.turns, 0, 'body', 'messages', 0, 'content'));
  const given = prompt.slice(prompt.indexOf('\n') + 1);
  const says = (transport: 'json' | 'stream', words: string, parts: JsonObject = {}) => {
    const reply = message({ content: [textBlock(words)], ...parts });
    return exchange({ fixture: 'echo-long', ...(transport === 'json' ? { json: reply } : { events: events(reply) }) });
  };
  const whole = [says('json', given), says('stream', given)];
  const cut = given.slice(0, 500);

  it.each([
    ['the whole text', whole],
    ['the whole text at the second try', [says('stream', cut), ...whole]],
  ])('is satisfied by %s', (_what, exchanges) => {
    expect(judge(id, exchanges).outcome).toBe('satisfied');
  });

  it.each([
    ['in all replies', [says('json', cut), says('stream', cut)], 'in the middle of a word'],
    ['in streams', [says('json', given), says('stream', cut), says('stream', cut)], 'in the stream'],
    ['without streaming', [says('json', cut), says('json', cut), says('stream', given)], 'without streaming'],
  ])('is violated by a text that is cut %s', (_what, exchanges, fault) => {
    expect(judge(id, exchanges)).toMatchObject({
      outcome: 'violated',
      silent: true,
      findings: [{ message: expect.stringContaining(fault) }],
    });
  });

  const count = (last: number) => Array.from({ length: last }, (_, index) => index + 1).join(', ');
  const counts = (last: number, output_tokens: number, parts: ExchangeParts = {}) => {
    const json = message({ content: [textBlock(count(last))], usage: { input_tokens: 9, output_tokens } });
    return exchange({ fixture: 'counting', transport: 'json', json, ...parts });
  };
  const others = [1, 2, 3, 4].map((output_tokens) => counts(3, output_tokens, { fixture: `f${output_tokens}` }));
  const again = { attempt: 2 };
  it.each([
    ['as many tokens as the whole', [counts(36, 119), counts(40, 119, again)], 'violated'],
    ['fewer tokens', [counts(36, 107), counts(40, 119, again)], 'satisfied'],
    ['the limit as its count', [counts(36, 160), counts(40, 160, again)], 'satisfied'],
    ['hardly less text', [counts(39, 119), counts(40, 119, again)], 'satisfied'],
    ['the text of another request', [counts(36, 119), counts(40, 119, { fixture: 'minimal' })], 'satisfied'],
  ] as const)('compares tries: one with %s', (_what, tries, outcome) => {
    expect(judge(id, [...whole, ...others, ...tries]).outcome).toBe(outcome);
  });

  it('compares no tries where counts are made up', () => {
    expect(judge(id, [...whole, counts(36, 119), counts(40, 119, again)]).outcome).toBe('satisfied');
  });

  const sentence = given.slice(0, given.indexOf('.') + 1);
  const word = given.slice(0, given.indexOf(' ', 500));
  it.each([
    ['one reply', [says('json', cut)]],
    ['replies of different lengths', [says('json', cut), says('stream', given.slice(0, 520))]],
    ['a model that stops after a sentence', [says('json', sentence), says('stream', sentence)]],
    ['a model that stops after a word', [says('json', word), says('stream', word)]],
    ['another text', [says('json', 'The nor'), says('stream', 'The nort'), says('stream', 'A pen')]],
    ['a limit', [says('json', cut, { stop_reason: 'max_tokens' }), says('stream', cut, { stop_reason: 'max_tokens' })]],
    ['a stream that stops early once', [says('json', given), says('stream', cut)]],
  ])('is not tested by %s', (_what, exchanges) => {
    expect(judge(id, exchanges).outcome).toBe('inconclusive');
  });
});

serves(realRequests, 'http.body.large', 'body-two-megabytes');

describe.each([
  ['http.text.control-characters', 'text-heavy', 'text-control'],
  ['http.request.chunked', 'sent-otherwise', 'sent-chunked'],
  ['http.request.expect', 'sent-otherwise', 'sent-expect'],
  ['http.request.header-case', 'sent-otherwise', 'sent-upper-case'],
] as const)('%s', (id, whole, part) => {
  const control = exchange({ fixture: fixtures().get(part)!.control! });
  it('is satisfied where the whole request is accepted', () => {
    expect(judge(id, [control, exchange({ fixture: whole })]).outcome).toBe('satisfied');
  });
  it('blames only the part that is rejected by itself', () => {
    expect(judge(id, [control, rejection(whole), rejection(part)]).outcome).toBe('rejected');
    expect(judge(id, [control, rejection(whole), exchange({ fixture: part })]).outcome).toBe('satisfied');
  });
  it('says nothing while the control request is rejected', () => {
    expect(judge(id, [rejection(control.fixture), rejection(whole), rejection(part)]).outcome).toBe('inconclusive');
  });
});

describe('http.utf8.long', () => {
  const id = 'http.utf8.long';
  const controls = ['result-text-after', 'text-short'].map((fixture) => exchange({ fixture }));
  const [first, ...others] = LONG_PARTS.map((fixture) => exchange({ fixture }));
  it.each([
    ['all places in one request', [exchange({ fixture: 'text-heavy' })], 'satisfied'],
    ['a rejection of one place', [rejection('text-heavy'), rejection(LONG_PARTS[0]!), ...others], 'rejected'],
    ['a rejection that no place repeats', [rejection('text-heavy'), first!, ...others], 'satisfied'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge(id, [...controls, ...exchanges]).outcome).toBe(outcome);
  });
});

describe('http.connection.reuse', () => {
  const id = 'http.connection.reuse';
  const fixture = 'connection-after-invalid-key';
  const first = exchange({ fixture, transport: 'stream', status: 401, json: errorBody('authentication_error', 'no') });
  const second = exchange({ fixture, turn: 2, events: events(message()) });
  const third = (parts: object) => exchange({ fixture, turn: 3, transport: 'json', ...parts });
  const cheap = exchange({ fixture: 'cheap' });
  const closed = { noResponse: true, failure: { kind: 'reset', message: 'closed' } as const };
  it.each([
    ['a reply after a reply', [first, second, third({})], 'satisfied'],
    ['a closed connection', [first, second, third(closed)], 'satisfied'],
    ['a rejection after a reply', [first, second, third({ status: 400, json: errorBody() })], 'violated'],
    ['a rejection, and of the control too', [first, second, third({ status: 400, json: errorBody() })], 'inconclusive'],
    ['a rejected second request, which another requirement judges', [first], 'not-observed'],
  ] as const)('%s', (what, exchanges, outcome) => {
    const control = what.includes('control') ? rejection('cheap') : cheap;
    expect(judge(id, [control, ...exchanges]).outcome).toBe(outcome);
  });
});

describe('req.combined.accepted', () => {
  const id = 'req.combined.accepted';
  const streamed = (fixture: string) => exchange({ fixture, events: events(message()) });
  const refused = (fixture: string) =>
    exchange({ fixture, transport: 'stream', status: 400, json: errorBody('invalid_request_error', 'no') });
  const alone = FEATURES.map(({ alone: [one] }) => exchange({ fixture: one! }));
  const parts = (...accepted: string[]) =>
    FEATURES.map(({ without }) => (accepted.includes(without) ? streamed(without) : refused(without)));
  const plain = streamed('minimal');

  it('is satisfied by an accepted combination', () => {
    expect(judge(id, [plain, ...alone, streamed('combined-all')]).outcome).toBe('satisfied');
  });

  it('names the two features that do not combine', () => {
    const pair = parts('combined-without-thinking', 'combined-without-format');
    expect(judge(id, [plain, ...alone, refused('combined-all'), ...pair])).toMatchObject({
      outcome: 'violated',
      findings: [{ message: expect.stringContaining('adaptive thinking and `output_config.format` together') }],
    });
  });

  it('is satisfied without a feature that the target does not accept by itself', () => {
    const [, ...others] = alone;
    const thoughtless = [plain, rejection('adaptive-short'), ...others, refused('combined-all')];
    expect(judge(id, [...thoughtless, ...parts('combined-without-thinking')]).outcome).toBe('satisfied');
    expect(judge(id, [...thoughtless, ...parts()])).toMatchObject({
      outcome: 'violated',
      findings: [{ message: expect.not.stringContaining('thinking') }],
    });
  });

  it('blames nothing where the target asked to wait with what shows it', () => {
    const [, ...others] = alone;
    const waiting = exchange({
      fixture: 'combined-without-thinking',
      transport: 'stream',
      status: 429,
      json: errorBody('rate_limit_error'),
    });
    const asked = [plain, rejection('adaptive-short'), ...others, refused('combined-all'), waiting];
    expect(judge(id, asked).outcome).not.toBe('violated');
  });

  it('is not observed where two features are missing', () => {
    const [, , ...others] = alone;
    const few = [plain, rejection('adaptive-short'), rejection('cheap-tool'), ...others, refused('combined-all')];
    expect(judge(id, [...few, ...parts()]).outcome).toBe('not-observed');
  });

  it('is not tested where no stream is accepted, or no part was sent', () => {
    expect(judge(id, [refused('minimal'), ...alone, refused('combined-all'), ...parts()]).outcome).toBe('inconclusive');
    expect(judge(id, [plain, ...alone, refused('combined-all')]).outcome).toBe('inconclusive');
  });
});

describe('req.combined.effect', () => {
  const id = 'req.combined.effect';
  const says = (fixture: string, words: string, parts: object = {}) => {
    const reply = message({ content: [textBlock(words)], ...parts });
    const isStream = fixtures().get(fixture)!.transports.includes('stream');
    return exchange({ fixture, ...(isStream ? { events: events(reply) } : { json: reply }) });
  };
  const stopped = { stop_reason: 'stop_sequence', stop_sequence: '6, 7' };
  const alone = [says('structured', '{"answer":42}'), says('counting-stop-long', '1, 2, 3, 4, 5, ', stopped)];
  const json = says('combined-all', '{"answer":42}');
  const stop = says('combined-stop', '1, 2, 3, 4, 5, ', stopped);
  const counted = (fixture: string, said: string, input_tokens: number) =>
    says(fixture, said, { usage: { input_tokens, output_tokens: 4 } });
  const words = counted('combined-words', 'PINEAPPLE MANGO CHERRY', 151);
  const without = (system: number, later: number) => [
    counted('combined-words-without-system', 'MANGO CHERRY', system),
    counted('combined-words-without-later', 'PINEAPPLE CHERRY', later),
  ];
  const others = [...alone, json, stop];
  /** The second time the prompt comes from a cache, and only the rest is counted. */
  const unstable = ['minimal', 'minimal-again'].map((fixture, index) =>
    exchange({ fixture, json: message({ usage: { input_tokens: index === 0 ? 13 : 1, output_tokens: 1 } }) }),
  );
  it.each([
    ['all effects', [...others, words], 'satisfied'],
    ['no structured output', [...alone, says('combined-all', '42'), stop], 'violated'],
    ['no stop', [...alone, json, says('combined-stop', '1, 2, 3, 4, 5, 6, 7, 8')], 'violated'],
    ['no system prompt', [...others, counted('combined-words', 'MANGO', 138), ...without(138, 130)], 'violated'],
    [
      'no later system message',
      [...others, counted('combined-words', 'CHERRY', 140), ...without(130, 140)],
      'violated',
    ],
    [
      'words that only the model lost',
      [...others, counted('combined-words', '?', 151), ...without(138, 143)],
      'inconclusive',
    ],
    [
      'a model that repeats nothing',
      [...others, counted('combined-words', '?', 50), ...without(50, 40)],
      'inconclusive',
    ],
    ['words lost, and no count', [...others, counted('combined-words', '?', 0), ...without(0, 0)], 'inconclusive'],
    [
      'words lost, and the same count in every stream',
      [
        ...others.map(({ fixture }) => counted(fixture, fixture === 'combined-all' ? '{"answer":42}' : '?', 1)),
        exchange({ fixture: 'minimal', json: message({ usage: { input_tokens: 9, output_tokens: 1 } }) }),
        counted('combined-words', '?', 1),
        ...without(1, 1),
      ],
      'inconclusive',
    ],
    [
      'words lost, and another count for the same prompt',
      [...others, ...unstable, counted('combined-words', '?', 1), ...without(40, 40)],
      'inconclusive',
    ],
    ['words that were rejected', [...others, rejection('combined-words')], 'not-observed'],
    [
      'no structured output by itself either',
      [says('structured', '42'), says('combined-all', '42'), stop],
      'inconclusive',
    ],
    ['a count that never gets to the sequence', [...alone, json, says('combined-stop', '1, 2')], 'inconclusive'],
    ['a rejected combination', [...alone, rejection('combined-all'), stop], 'not-observed'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge(id, exchanges).outcome).toBe(outcome);
  });
});

describe('req.combined.thinking', () => {
  const thought = { type: 'thinking', thinking: 'I multiply.', signature: 'c2lnbmVk' };
  const budget = { type: 'enabled', budget_tokens: 1024 };
  const tools = [{ name: 'get_weather', input_schema: { type: 'object' } }];
  const asked = (fixture: string, content: JsonObject[], attempt = 1) => {
    const reply = message({ content });
    const isStream = fixtures().get(fixture)!.transports.includes('stream');
    const hasTools = ['thinking', 'thinking-loop'].includes(fixture);
    return exchange({
      fixture,
      attempt,
      ...(isStream ? { events: events(reply) } : { json: reply }),
      request: { body: { thinking: budget, ...(hasTools && { tools }) } },
    });
  };
  const thinks = (fixture: string) => asked(fixture, [thought, textBlock('42')]);
  const plain = (fixture: string) => [1, 2].map((attempt) => asked(fixture, [textBlock('42')], attempt));
  const loop = [1, 2].map((attempt) => asked('thinking-loop', [toolUse()], attempt));
  it.each([
    ['everywhere', ['thinking', 'thinking-omitted', 'thinking-loop'].map(thinks), 'satisfied'],
    [
      'in no request with tools',
      [...plain('thinking'), thinks('thinking-alone'), thinks('thinking-omitted'), ...loop],
      'violated',
    ],
    ['in no stream', [thinks('thinking'), ...plain('thinking-omitted'), ...loop], 'violated'],
    ['in some streams', [thinks('thinking'), thinks('thinking-omitted'), ...loop], 'satisfied'],
    ['in two streams not', [thinks('thinking'), ...loop], 'satisfied'],
    [
      'in no stream that can be read',
      [thinks('thinking'), ...plain('thinking-omitted'), ...loop].map((one) =>
        one.transport === 'stream' ? { ...one, stream: null } : one,
      ),
      'satisfied',
    ],
    ['nowhere', [...plain('thinking'), ...plain('thinking-omitted'), ...loop], 'not-observed'],
  ] as const)('a model that thinks %s', (_what, exchanges, outcome) => {
    expect(judge('req.combined.thinking', exchanges).outcome).toBe(outcome);
  });
});

describe('resp.replayable', () => {
  const id = 'resp.replayable';
  /** The second turn of a tool loop, with these blocks as the reply of the first. */
  const next = (content: JsonObject[], status = 200) =>
    exchange({
      fixture: 'tool-loop',
      turn: 2,
      status,
      json: status === 200 ? message() : errorBody(),
      request: {
        body: {
          messages: [
            { role: 'user', content: 'Weather?' },
            { role: 'assistant', content },
          ],
        },
      },
    });
  it.each([
    ['a reply that goes back', next([toolUse()]), 'satisfied'],
    ['an empty text that the server takes back', next([textBlock(''), toolUse()]), 'satisfied'],
    ['an empty text that the server does not take back', next([textBlock(''), toolUse()], 400), 'violated'],
    ['another reason', next([toolUse()], 400), 'inconclusive'],
    ['a single turn', exchange({ fixture: 'tool-loop' }), 'inconclusive'],
  ] as const)('%s', (_what, turn, outcome) => {
    expect(judge(id, [accepted, turn]).outcome).toBe(outcome);
  });

  it('blames no empty text where every tool result is rejected', () => {
    const refused = next([textBlock(''), toolUse()], 400);
    expect(judge(id, [accepted, refused, rejection('result-string')]).outcome).toBe('inconclusive');
    expect(judge(id, [accepted, refused, exchange({ fixture: 'result-string' })]).outcome).toBe('violated');
  });

  it('names the place of the empty text', () => {
    expect(judge(id, [next([textBlock(''), toolUse()], 400)])).toMatchObject({
      findings: [{ at: { pointer: '/messages/1/content/0' } }],
    });
  });
});

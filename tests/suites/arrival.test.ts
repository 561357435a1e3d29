import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { arrival } from '../../suites/arrival.js';
import { LONG_PARTS } from '../../suites/judging/long-texts.js';
import { says, streams } from '../support/counted.js';
import { errorBody, events, exchange, judgeOf, message, textBlock, thrice, toolUse } from '../support/exchange.js';

const judge = judgeOf(arrival);
const rejected = (fixture: string, text = 'messages.1: Input should be valid'): Exchange =>
  exchange({ fixture, status: 400, json: errorBody('invalid_request_error', text) });

const told = says('arrival-told', 'PINEAPPLE MANGO', 230);
const nested = says('arrival-schema-told', 'PINEAPPLE MANGO', 319);
const inPrompt = says('words-in-prompt', 'PINEAPPLE MANGO', 28);
const inStream = streams('words-in-prompt-streamed', 'PINEAPPLE MANGO');
const turns = says('three-turns', 'PINEAPPLE MANGO', 44);
const plain = [says('cheap', 'ok', 14), says('minimal', 'ok', 13), says('result-string', 'ZX81', 60), inStream];

/** Id, part, the words, the control, and the counts of the part: complete, and without its words. */
const PLACES = [
  ['arrives.system.blocks', 'arrival-system', 'ANCHOR, BASIL and CEDAR', inPrompt, 33 + 3, 28],
  ['arrives.user.blocks', 'arrival-user', 'FENNEL GINGER', turns, 43, 37],
  ['arrives.tool.descriptions', 'arrival-tool', 'DAISY EMBER', told, 229, 222],
  ['arrives.tool.schema', 'arrival-schema', 'NUTMEG OLIVE', nested, 320, 312],
  ['arrives.call.text-beside', 'arrival-beside-call', 'HAZEL', told, 222, 215],
  ['arrives.call.input', 'arrival-call-input', 'MAPLE', told, 238, 222],
  ['arrives.result.blocks', 'arrival-result', 'IVORY, JASPER', told, 229, 222],
  ['arrives.result.text-after', 'arrival-after-result', 'LEMON', told, 235, 228],
] as const;

describe.each(PLACES)('%s', (id, part, words, control, complete, short) => {
  const lost = 'I have no such word.';
  const json = says('arrival', words);
  const stream = streams('arrival-streamed', words);
  it.each([
    ['the words come back in both transports', [json, stream], 'satisfied'],
    [
      'the words come back where nothing else is asked for',
      [says('arrival', lost), says(part, words), stream],
      'satisfied',
    ],
    ['they are lost', [says('arrival', lost), says(part, lost, short), control, stream], 'violated'],
    [
      'they are lost in streams',
      [json, streams('arrival-streamed', lost), streams(part, lost, short), control],
      'violated',
    ],
    ['the whole is rejected, and the part was not sent', [rejected('arrival'), stream], 'not-observed'],
    ['only one transport was sent', [json], 'not-observed'],
    [
      'the model repeats nothing',
      [says('arrival', lost), says(part, lost, short), says(control.fixture, '?'), stream],
      'inconclusive',
    ],
    [
      'the model calls a tool instead',
      [exchange({ fixture: 'arrival', json: message({ content: [toolUse()] }) }), stream],
      'inconclusive',
    ],
    [
      'all of it is counted, and a weak model may not look there',
      [says('arrival', lost), says(part, lost, complete), control, stream],
      'inconclusive',
    ],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
  });

  it('says nothing where the model follows another prompt only sometimes, unless the counts show the loss', () => {
    const sometimes = [says('codes-in-text', 'ZX81', 20), says('codes-in-text', 'ZX81 QW42', 20)];
    const lostBy = (tokens: number) => [says('arrival', lost), says(part, lost, tokens), control, stream];
    const counted = judge(id, [...plain, ...lostBy(1), ...sometimes]);
    const close = judge(id, [...plain, ...lostBy(complete - 1), ...sometimes]);
    expect(counted).toMatchObject({ outcome: 'violated', silent: true });
    expect(close).toMatchObject({ outcome: 'inconclusive' });
  });

  it('says nothing about a stream while no stream brings back words', () => {
    const swallowed = streams('words-in-prompt-streamed', 'APPLE MANGO');
    const own = [json, streams('arrival-streamed', lost), streams(part, lost, short), control];
    const others = plain.filter((one) => one !== inStream);
    expect(judge(id, [...others, ...own])).toMatchObject({ outcome: 'inconclusive' });
    expect(judge(id, [...others, swallowed, ...own])).toMatchObject({ outcome: 'inconclusive' });
  });

  it('says where the words are lost, and that the client cannot see it', () => {
    const judgement = judge(id, [
      ...plain,
      json,
      streams('arrival-streamed', lost),
      streams(part, lost, short),
      control,
    ]);
    expect(judgement).toMatchObject({
      silent: true,
      findings: [
        { message: expect.stringContaining('where the client asks for a stream'), exchange: `${part}/stream` },
      ],
    });
  });
});

describe('a system array that arrives by itself', () => {
  const others = 'DAISY EMBER FENNEL';
  const own = [says('arrival', others, 300), says('arrival-system', 'ANCHOR BASIL CEDAR'), inPrompt];
  const stream = streams('arrival-streamed', 'ANCHOR BASIL CEDAR');
  const without = (tokens: number) => says('arrival-without-system', others, tokens);
  it.each([
    ['costs nothing beside tools', [without(300)], 'violated'],
    ['costs tokens beside tools', [without(262)], 'satisfied'],
    ['costs as much as one of its three blocks', [without(281)], 'violated'],
    ['was not sent without it', [], 'satisfied'],
    ['counts no tokens', [without(0)], 'satisfied'],
    ['counts only what no cache has', [without(310), says('minimal-again', 'ok', 1)], 'satisfied'],
  ] as const)('%s', (_what, more, outcome) => {
    expect(judge('arrives.system.blocks', [...plain, stream, ...own, ...more])).toMatchObject({ outcome });
  });

  it('is not called lost where every prompt has one count', () => {
    const alike = [says('arrival', others, 300), says('arrival-system', 'ANCHOR BASIL CEDAR', 300), without(300)];
    const streamed = streams('arrival-streamed', 'ANCHOR BASIL CEDAR', 300);
    expect(judge('arrives.system.blocks', [...alike, streamed]).outcome).toBe('satisfied');
  });
});

describe('arrives.assistant.text', () => {
  const id = 'arrives.assistant.text';
  const both = 'PINEAPPLE MANGO';
  const json = says('many-messages', both);
  const stream = streams('many-messages-streamed', both);
  const short = says('many-messages', 'PINEAPPLE');
  it.each([
    ['comes back', [json, stream], 'satisfied'],
    ['comes back in a short conversation', [short, says('assistant-word', both), stream], 'satisfied'],
    ['is lost', [short, says('assistant-word', 'PINEAPPLE'), stream, turns], 'violated'],
    [
      'is lost in streams',
      [json, streams('many-messages-streamed', 'PINEAPPLE'), streams('assistant-word', 'PINEAPPLE'), turns],
      'violated',
    ],
    ['comes back from nowhere', [short, says('assistant-word', '?'), stream, says('three-turns', '?')], 'inconclusive'],
    ['is rejected', [rejected('many-messages'), rejected('assistant-word'), stream], 'not-observed'],
  ] as const)('the word of the assistant %s', (_what, own, outcome) => {
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
  });
});

describe('arrives.picture.text-beside', () => {
  const id = 'arrives.picture.text-beside';
  const seen = says('picture-png', 'yellow');
  const both = 'PINEAPPLE MANGO';
  const stream = streams('picture-texts-streamed', both);
  it.each([
    ['come back', [says('picture-texts', both), stream], 'satisfied'],
    ['lose the first', [says('picture-texts', 'MANGO'), stream], 'violated'],
    [
      'lose the second in streams',
      [says('picture-texts', both), streams('picture-texts-streamed', 'PINEAPPLE')],
      'violated',
    ],
    ['are in a request that is rejected', [rejected('picture-texts'), stream], 'not-observed'],
    ['were not sent', [], 'not-observed'],
  ] as const)('both texts %s', (_what, own, outcome) => {
    expect(judge(id, thrice([...plain, seen, inPrompt, ...own]))).toMatchObject({ outcome });
  });

  it('is not judged by a stream that stopped in the middle of a word', () => {
    const failure = { kind: 'timeout-body', message: 'no end of the body within 120 s', limitMs: 120_000 } as const;
    const half = events(message({ content: [textBlock('PINEAPPL')] })).slice(0, -3);
    const cut = exchange({ fixture: 'picture-texts-streamed', events: half, endMs: 120_000, failure });
    expect(judge(id, [...plain, seen, inPrompt, says('picture-texts', both), cut])).toMatchObject({
      outcome: 'inconclusive',
      reason: 'Not tested: picture-texts-streamed/stream is incomplete (no end of the body within 120 s)',
    });
  });

  it('is left to a model that repeats no words', () => {
    const silent = [says('picture-texts', 'yellow'), says('words-in-prompt', '?')];
    expect(judge(id, [...plain, seen, ...silent, stream])).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('arrives.history.long', () => {
  const id = 'arrives.history.long';
  const both = 'PINEAPPLE MANGO';
  const [SHORT, HALF, ALL, CUT] = [50, 600, 1_170, 970];
  const stream = streams('many-messages-streamed', both, ALL);
  const many = (words: string, tokens: number) => says('many-messages', words, tokens);
  const shorter = [says('assistant-word', both, SHORT), says('many-messages-half', both, HALF)];
  const shorterStreams = [streams('assistant-word', both, SHORT), streams('many-messages-half', both, HALF)];
  it.each([
    ['come back', [many(both, ALL), stream], 'satisfied'],
    ['lose the first messages', [many('MANGO', CUT), ...shorter, stream], 'violated'],
    [
      'lose the middle in streams',
      [many(both, ALL), streams('many-messages-streamed', 'PINEAPPLE', CUT), ...shorterStreams],
      'violated',
    ],
    ['are counted and not repeated', [many('Notes.', ALL), ...shorter, stream], 'inconclusive'],
    ['are not counted', [many('MANGO', 0), ...shorter, stream], 'inconclusive'],
    [
      'do not come back from a short conversation either',
      [many('MANGO', CUT), says('assistant-word', '?', SHORT), says('many-messages-half', '?', HALF), stream],
      'inconclusive',
    ],
    ['are in a request that is rejected', [rejected('many-messages'), stream], 'not-observed'],
    ['were not sent', [], 'not-observed'],
  ] as const)('the words %s', (_what, own, outcome) => {
    expect(judge(id, [...plain, turns, ...own])).toMatchObject({ outcome });
  });
});

describe('arrives.picture.earlier', () => {
  const id = 'arrives.picture.earlier';
  const seen = says('picture-png', 'yellow', 25);
  const stream = streams('picture-earlier-streamed', 'Yellow', 49);
  const earlier = (words: string, tokens: number) => says('picture-earlier', words, tokens);
  it.each([
    ['is named', [earlier('yellow', 49), stream], 'satisfied'],
    ['is lost', [earlier('I see no square.', 30), stream], 'violated'],
    ['is lost in streams', [earlier('yellow', 49), streams('picture-earlier-streamed', 'Blue', 30)], 'violated'],
    ['is counted and not named', [earlier('I see no square.', 49), stream], 'inconclusive'],
    ['is in a request that is rejected', [rejected('picture-earlier'), stream], 'not-observed'],
    ['was not sent', [], 'not-observed'],
  ] as const)('the colour %s', (_what, own, outcome) => {
    expect(judge(id, thrice([...plain, seen, ...own]))).toMatchObject({ outcome });
  });

  it('is left to a model that sees no colour', () => {
    const blind = [earlier('?', 30), says('picture-png', '?', 25), stream];
    expect(judge(id, [...plain, ...blind])).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('arrives.document.title', () => {
  const id = 'arrives.document.title';
  const both = 'PINEAPPLE MANGO';
  const read = says('document-text', both, 40);
  const stream = streams('document-named-streamed', both, 55);
  const named = (words: string, tokens: number) => says('document-named', words, tokens);
  it.each([
    ['come back', [named(both, 55), stream], 'satisfied'],
    ['are lost: the title', [named('MANGO', 47), stream], 'violated'],
    [
      'are lost in streams: the context',
      [named(both, 55), streams('document-named-streamed', 'PINEAPPLE', 47)],
      'violated',
    ],
    ['are counted and not repeated', [named('The harbour of Borvik', 55), stream], 'inconclusive'],
    ['are in a request that is rejected', [rejected('document-named'), stream], 'not-observed'],
    ['were not sent', [], 'not-observed'],
  ] as const)('both %s', (_what, own, outcome) => {
    expect(judge(id, thrice([...plain, read, ...own]))).toMatchObject({ outcome });
  });

  it('are left to a model that repeats no words of the text of a document', () => {
    const silent = [named('?', 47), says('document-text', '?', 40)];
    expect(judge(id, [...plain, ...silent, stream])).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('text that is counted and not repeated', () => {
  const reliable = [turns, told, inPrompt, says('system-string', 'PINEAPPLE')];
  const lost = (part: string, tokens: number) => [
    says('arrival', '?'),
    says(part, 'No word.', tokens),
    streams('arrival-streamed', 'IVORY JASPER DAISY EMBER'),
  ];
  it.each([
    ['arrives.result.blocks', 'arrival-result', 'violated'],
    ['arrives.tool.descriptions', 'arrival-tool', 'inconclusive'],
  ] as const)('%s of a model that follows every other prompt: %s is %s', (id, part, outcome) => {
    expect(judge(id, [...plain, ...reliable, ...lost(part, 229)])).toMatchObject({ outcome });
  });
});

describe('arrives.result.by-id', () => {
  const right = 'Paris: 4711\nRome: 4823\nOslo: 4935';
  const wrong = 'Paris: 4935\nRome: 4711\nOslo: 4823';
  const controls = [says('results-in-order', right), says('results-told', right)];
  const stream = streams('results-by-id-streamed', right);
  it.each([
    ['paired by id', [says('results-by-id', right), stream], 'satisfied'],
    [
      'in a table and in another order',
      [says('results-by-id', '| Oslo | 4935 |\n| Rome | **4823** |\n| Paris | 4711 |'), stream],
      'satisfied',
    ],
    ['by position', [says('results-by-id', wrong), stream, ...controls], 'violated'],
    [
      'by position in streams',
      [says('results-by-id', right), streams('results-by-id-streamed', wrong), ...controls],
      'violated',
    ],
    [
      'by position once',
      [says('results-by-id', wrong), says('results-by-id', right), stream, ...controls],
      'satisfied',
    ],
    [
      'in a third order',
      [says('results-by-id', 'Paris: 4823, Rome: 4711, Oslo: 4935'), stream, ...controls],
      'inconclusive',
    ],
    ['without numbers', [says('results-by-id', 'I looked it up.'), stream, ...controls], 'inconclusive'],
    [
      'by a model that cannot pair where ids stand in the prompt',
      [says('results-by-id', wrong), stream, controls[0]!, says('results-told', wrong)],
      'inconclusive',
    ],
    ['while one control was not sent', [says('results-by-id', wrong), stream, controls[0]!], 'inconclusive'],
    ['rejected', [rejected('results-by-id'), stream], 'not-observed'],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge('arrives.result.by-id', [...plain, ...own])).toMatchObject({ outcome });
  });
});

describe('arrives.result.is-error', () => {
  const controls = (tokens: number) => [
    says('result-succeeded', 'YES', tokens),
    says('result-failed-told', 'No.', 179),
  ];
  const stream = streams('result-failed-streamed', 'NO');
  it.each([
    ['told', [says('result-failed', 'NO'), stream], 'satisfied'],
    ['lost', [says('result-failed', 'YES', 172), stream, ...controls(172)], 'violated'],
    [
      'lost in streams',
      [says('result-failed', 'NO', 172), streams('result-failed-streamed', 'Yes.', 172), ...controls(172)],
      'violated',
    ],
    ['not told, and counted', [says('result-failed', 'YES', 180), stream, ...controls(172)], 'inconclusive'],
    [
      'not told by a model that says yes to everything',
      [
        says('result-failed', 'YES', 172),
        stream,
        says('result-succeeded', 'YES', 172),
        says('result-failed-told', 'YES'),
      ],
      'inconclusive',
    ],
  ] as const)('a failure is %s', (_what, own, outcome) => {
    expect(judge('arrives.result.is-error', [...plain, ...own])).toMatchObject({ outcome });
  });
});

describe('arrives.result.text-before', () => {
  it.each([
    ['rejected', rejected('text-before-result'), 'satisfied'],
    ['read', says('text-before-result', 'ZX81 and QW42', 68), 'satisfied'],
    ['dropped', says('text-before-result', 'ZX81', 60), 'violated'],
    ['counted and not repeated', says('text-before-result', 'ZX81', 68), 'inconclusive'],
    [
      'answered with 500',
      exchange({ fixture: 'text-before-result', status: 500, json: errorBody('api_error') }),
      'not-observed',
    ],
  ] as const)('the text is %s', (_what, own, outcome) => {
    expect(judge('arrives.result.text-before', [...plain, own])).toMatchObject({ outcome });
  });
  it('is not told by a server that counts every prompt alike', () => {
    const alike = [says('result-string', 'ok', 60), says('text-before-result', 'ZX81', 60)];
    expect(judge('arrives.result.text-before', alike)).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('arrives.text.end', () => {
  const id = 'arrives.text.end';
  const all = 'AMBER BIRCH CLOVER DAMSON ELDER';
  /** A reply without one of the words; its request has this many tokens more than the short one. */
  const lacks = (fixture: string, word: string, tokens: number) => says(fixture, all.replace(word, ''), 200 + tokens);
  const controls = (short = all) => [says('text-short', short, 200), says('text-heavy-shorter', all, 200 + 5 * 2_000)];
  const others = LONG_PARTS.filter((part) => part !== 'text-long-result').map((part) => says(part, all, 4_200));
  const heavy = lacks('text-heavy', 'ELDER', 20_000);
  const result = (tokens: number) => lacks('text-long-result', 'ELDER', tokens);
  it.each([
    ['the words come back', [says('text-heavy', all)], 'satisfied'],
    ['the words come back one by one', [heavy, ...others, says('text-long-result', all), ...controls()], 'satisfied'],
    ['the end of one text is lost, and not counted', [heavy, ...others, result(2_730), ...controls()], 'violated'],
    ['all texts are cut alike', [heavy, result(2_730), ...controls()], 'violated'],
    ['half of them is cut too', [heavy, result(2_000), ...controls()], 'violated'],
    ['most of it is counted, and no other place was sent', [heavy, result(3_800), ...controls()], 'inconclusive'],
    ['only its last sentence is not counted', [heavy, ...others, result(3_993), ...controls()], 'violated'],
    ['as many tokens as elsewhere are counted', [heavy, ...others, result(3_997), ...controls()], 'inconclusive'],
    ['the short text is not followed either', [heavy, result(2_730), ...controls('AMBER')], 'inconclusive'],
    ['the short text was not sent', [heavy, ...others, result(2_730)], 'inconclusive'],
    ['no token is counted', [heavy, result(-200), ...controls().slice(0, 1)], 'inconclusive'],
    [
      'no token is counted, and the words after the same texts elsewhere come back',
      [heavy, ...others, result(-200), ...controls().slice(0, 1)],
      'violated',
    ],
    [
      'no token is counted, and elsewhere they come back only sometimes',
      [heavy, ...others, says('text-long-system', 'ELDER'), result(-200), ...controls().slice(0, 1)],
      'inconclusive',
    ],
    ['every request is rejected', [rejected('text-heavy'), ...LONG_PARTS.map((one) => rejected(one))], 'not-observed'],
    ['nothing was sent', [], 'not-observed'],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
  });

  it('names each place, and the part of it that is counted', () => {
    const lost = [lacks('text-long-system', 'AMBER', 2_730), result(2_730)];
    expect(judge(id, [...plain, says('text-heavy', '?'), ...lost, ...controls()])).toMatchObject({
      silent: true,
      findings: [
        { message: expect.stringContaining('`system`'), actual: expect.stringContaining('68 % of its tokens') },
        { message: expect.stringContaining('`tool_result`'), exchange: 'text-long-result/json' },
      ],
    });
  });
});

describe.each([
  ['arrives.picture.beside-result', 'picture-beside', 'Yellow.', [says('picture-png', 'yellow'), inPrompt]],
  [
    'arrives.document.beside-result',
    'document-beside',
    'PINEAPPLE MANGO',
    [says('document-text', 'PINEAPPLE MANGO'), inPrompt],
  ],
] as const)('%s', (id, part, words, controls) => {
  const all = 'Yellow, PINEAPPLE MANGO';
  const stream = streams('media-beside-streamed', all);
  it.each([
    ['seen with the other one', [says('media-beside', all), stream], 'satisfied'],
    ['seen where the other one is rejected', [rejected('media-beside'), says(part, words), stream], 'satisfied'],
    ['lost', [says('media-beside', 'Done.'), says(part, 'Done.'), stream], 'violated'],
    ['rejected', [rejected('media-beside'), rejected(part), stream], 'not-observed'],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, thrice([...plain, ...controls, ...own]))).toMatchObject({ outcome });
  });
  it('is not lost where the counts hold it, and is where they do not', () => {
    const counted = (tokens: number) => [says('media-beside', 'Done.', 90), says(part, 'Done.', tokens)];
    const others = [...plain, ...controls, stream, says('cheap', 'ok', 14), says(`${part}-omitted`, 'Done.', 50)];
    expect(judge(id, [...others, ...counted(64)])).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('64 input tokens, 50 without it'),
    });
    expect(judge(id, [...others, ...counted(50)])).toMatchObject({ outcome: 'violated' });
  });
});

describe('arrives.server-result', () => {
  const TITLES = [
    'Node.js 25: what is new in it',
    'Release schedule of the project',
    'Node.js 24 reaches long-term support',
  ];
  const search = (titles: readonly string[] = TITLES, found = 'Node.js 25') =>
    message({
      content: [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'newest release' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: titles.map((title) => ({ type: 'web_search_result', url: 'https://a.example', title })),
        },
        textBlock(found),
      ],
    });
  /** A search, and what the reply to the question about it says. */
  const asked = (id: string, says: string | JsonObject, first = search()): Exchange[] => {
    const reply = typeof says === 'string' ? message({ content: [textBlock(says)] }) : says;
    const body = {
      messages: [
        { role: 'user', content: 'Use web_search' },
        { role: 'assistant', content: first.content ?? [] },
        { role: 'user', content: 'List the titles' },
      ],
    };
    return [first, reply].map((one, index) => {
      const turn = { fixture: id, turn: index + 1, ...(index === 1 && { request: { body } }) };
      return exchange(id.endsWith('streamed') ? { ...turn, events: events(one) } : { ...turn, json: one });
    });
  };
  const json = (says: string | JsonObject, first?: JsonObject) => asked('search-tool', says, first);
  const stream = (says: string | JsonObject, first?: JsonObject) => asked('search-tool-streamed', says, first);
  const all = TITLES.join('\n');
  const forgot = 'I have no titles to list.';
  const told = says(
    'search-told',
    'Harbour times of the island | Town and pier\nFerries across the lake – all lines\nA history of the old lighthouse, with pictures',
  );
  const again = message({ content: [...(search().content as JsonObject[]).slice(0, 2), textBlock(all)] });

  it.each([
    ['come back', [...json(all), ...stream(all)], 'satisfied'],
    ['come back in other typography', [...json(all.replaceAll(':', ' –')), ...stream(`1. “${all}”`)], 'satisfied'],
    ['come back in part', [...json(TITLES.slice(0, 2).join(', ')), ...stream(all)], 'satisfied'],
    ['are lost', [...json(forgot), ...stream(all), told], 'violated'],
    ['are lost in streams', [...json(all), ...stream(forgot), told], 'violated'],
    ['are lost once of two tries', [...json(forgot), ...json(all), ...stream(all), told], 'satisfied'],
    ['are lost, and no control was sent', [...json(forgot), ...stream(all)], 'inconclusive'],
    [
      'are lost, and the control shows none either',
      [...json(forgot), ...stream(all), says('search-told', '?')],
      'inconclusive',
    ],
    ['are shortened', [...json('On the schedule and what is new'), ...stream(all), told], 'inconclusive'],
    ['come from another search', [...json(again), ...stream(all), told], 'inconclusive'],
    ['all stand in the first reply', [...json(forgot, search(TITLES, all)), ...stream(all), told], 'not-observed'],
    ['are too short to tell', [...json(forgot, search(['Node.js'])), ...stream(all), told], 'not-observed'],
    ['were not looked for', [...json(forgot, message()), ...stream(all), told], 'not-observed'],
    ['cannot be looked for', [rejected('search-tool'), rejected('search-tool-streamed')], 'not-observed'],
    [
      'are rejected in the next turn',
      [json(all)[0]!, { ...rejected('search-tool'), turn: 2 }, ...stream(all)],
      'not-observed',
    ],
  ] as const)('titles that %s', (_what, own, outcome) => {
    expect(judge('arrives.server-result', [...plain, ...own])).toMatchObject({ outcome });
  });

  it('names the titles, and the client cannot see the loss', () => {
    expect(judge('arrives.server-result', [...plain, ...json(forgot), ...stream(all), told])).toMatchObject({
      silent: true,
      findings: [
        { exchange: 'search-tool/json.2', expected: expect.stringContaining('Release schedule of the project') },
      ],
    });
  });
});

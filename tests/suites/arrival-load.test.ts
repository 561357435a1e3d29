import { describe, expect, it } from 'vitest';
import { arrivalLoad } from '../../suites/arrival-load.js';
import { says, streams } from '../support/counted.js';
import { errorBody, exchange, judgeOf } from '../support/exchange.js';

const judge = judgeOf(arrivalLoad);

const ALL = 'ALMOND BARLEY PEPPER QUINCE RADISH SAFFRON TURNIP WALNUT YARROW ZINNIA CHESTNUT';
const LOST = 'I have no such word.';
const inStream = streams('words-in-prompt-streamed', 'PINEAPPLE MANGO', 28);
const plain = [says('cheap', 'ok', 14), says('minimal', 'ok', 13), inStream];
const json = says('arrival-load', ALL);
const stream = streams('arrival-load-streamed', ALL);
const short = says('arrival-load', LOST);

/** Id; part, half and the smallest request; its words; counts: smallest, half, complete, and cut. */
const LARGE = [
  ['arrives.tool.many', 'load-tools', 'load-tools-half', 'load-tools-few', 'ALMOND BARLEY', 80, 820, 1560, 1430],
  [
    'arrives.tool.description-long',
    'load-description',
    'load-description-half',
    'load-description-short',
    'CHESTNUT',
    80,
    680,
    1280,
    380,
  ],
  [
    'arrives.result.long',
    'load-result-string',
    'load-results-half',
    'load-results-short',
    'WALNUT YARROW',
    240,
    2200,
    2200,
    1640,
  ],
  [
    'arrives.call.long',
    'load-call-input',
    'load-results-half',
    'load-results-short',
    'WALNUT YARROW ZINNIA',
    240,
    2200,
    2340,
    1740,
  ],
] as const;

describe.each(LARGE)('%s', (id, part, half, least, words, small, middle, complete, cut) => {
  const others = [...plain, says('load-result-array', words, middle), streams('load-result-array', words, middle)];
  const middles = says(half, '', middle);
  const found = says(least, words, small);
  const parts = [short, says(part, LOST, cut), middles, found];
  it.each([
    ['the words come back in both transports', [json, stream], 'satisfied'],
    ['the words come back from the part', [short, says(part, words, complete), stream], 'satisfied'],
    ['a word is lost, and tokens with it', [...parts, stream], 'violated'],
    [
      'a word is lost in streams, and tokens with it',
      [
        json,
        streams('arrival-load-streamed', LOST),
        streams(part, LOST, cut),
        streams(half, '', middle),
        streams(least, words, small),
      ],
      'violated',
    ],
    [
      'all of it is counted: the model may overlook it',
      [short, says(part, LOST, complete), middles, found, stream],
      'inconclusive',
    ],
    [
      'the model follows the smallest request neither',
      [...parts.slice(0, 3), says(least, LOST, small), stream],
      'inconclusive',
    ],
    [
      'the model follows the smallest request only sometimes',
      [...parts, says(least, LOST, small), stream],
      'inconclusive',
    ],
    ['the half was not sent', [short, says(part, LOST, cut), found, stream], 'inconclusive'],
    [
      'nothing of it is counted, however much it is',
      [short, says(part, LOST, small), says(half, '', small), found, stream],
      'inconclusive',
    ],
    ['no reply has counts', [short, says(part, LOST), says(half, ''), says(least, words), stream], 'inconclusive'],
    [
      'the server rejects it',
      [
        exchange({ fixture: 'arrival-load', status: 400, json: errorBody('invalid_request_error', 'too long') }),
        exchange({ fixture: part, status: 400, json: errorBody('invalid_request_error', 'too long') }),
        stream,
      ],
      'not-observed',
    ],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, [...others, ...own])).toMatchObject({ outcome });
  });

  it(`is ${id === 'arrives.tool.many' ? 'satisfied' : 'not observed'} where only this much is rejected`, () => {
    const status = { status: 400, json: errorBody('invalid_request_error', 'at most 128 tools') };
    const own = [
      says('cheap-tool', 'ok', 60),
      exchange({ fixture: 'arrival-load', ...status }),
      exchange({ fixture: part, ...status }),
      stream,
    ];
    const outcome = id === 'arrives.tool.many' ? 'satisfied' : 'not-observed';
    expect(judge(id, [...others, ...own])).toMatchObject({ outcome });
  });

  it('compares no counts that differ for one prompt', () => {
    const unstable = says('minimal-again', 'ok', 2);
    expect(judge(id, [...others, ...parts, stream, unstable])).toMatchObject({ outcome: 'inconclusive' });
  });

  it('says what came, and what the tokens tell', () => {
    const judgement = judge(id, [...others, ...parts, stream]);
    expect(judgement).toMatchObject({ findings: { length: 1 } });
    expect(JSON.stringify(judgement)).toContain(`${cut} input tokens, ${middle} for ${half} and ${small} for ${least}`);
  });
});

describe('arrives.tool.schema-keywords', () => {
  const id = 'arrives.tool.schema-keywords';
  const words = 'PEPPER QUINCE RADISH SAFFRON TURNIP';
  const told = says('load-schema-told', words, 410);
  const part = (said: string, tokens: number) => says('load-schema', said, tokens);
  const inStreams = [streams('arrival-load-streamed', LOST, 900)];
  it.each([
    ['the words come back in both transports', [json, stream], 'satisfied'],
    ['they come back where nothing else is asked for', [short, part(words, 411), stream], 'satisfied'],
    ['one keyword is lost', [short, part('PEPPER QUINCE RADISH SAFFRON', 399), told, stream], 'violated'],
    ['all of it is counted', [short, part('PEPPER QUINCE', 411), told, stream], 'inconclusive'],
    [
      'the model does not repeat them from a message',
      [short, part('', 399), says('load-schema-told', 'PEPPER', 410), stream],
      'inconclusive',
    ],
    [
      'the replies count no tokens',
      [short, part('PEPPER', 0), says('load-schema-told', words, 0), stream],
      'inconclusive',
    ],
    [
      'one keyword is lost in streams',
      [json, ...inStreams, streams('load-schema', 'PEPPER', 299), streams('load-schema-told', words, 310), told],
      'violated',
    ],
    [
      'streams count less than other replies, but all of it',
      [json, ...inStreams, streams('load-schema', 'PEPPER', 311), streams('load-schema-told', words, 310), told],
      'inconclusive',
    ],
    [
      'every stream counts the same',
      [json, streams('arrival-load-streamed', LOST, 28), streams('load-schema', 'PEPPER', 28), told],
      'inconclusive',
    ],
    [
      'streams are compared with no count of a stream',
      [json, ...inStreams, streams('load-schema', 'PEPPER', 299), told],
      'inconclusive',
    ],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
  });

  it('names the keyword of each word', () => {
    const judgement = judge(id, [...plain, short, part('PEPPER', 399), told, stream]);
    expect(JSON.stringify(judgement)).toContain('RADISH (`$defs`)');
  });
});

describe('arrives.load.together', () => {
  const id = 'arrives.load.together';
  const PARTS = [
    ['load-tools', 'ALMOND BARLEY', 1560],
    ['load-tools-few', 'ALMOND BARLEY', 80],
    ['load-description', 'CHESTNUT', 1280],
    ['load-description-short', 'CHESTNUT', 80],
    ['load-result-string', 'WALNUT YARROW ZINNIA', 1040],
    ['load-result-array', 'WALNUT YARROW ZINNIA', 1040],
    ['load-call-input', 'WALNUT YARROW ZINNIA', 1040],
    ['load-results-short', 'WALNUT YARROW ZINNIA', 240],
  ] as const;
  // The parts add 1480, 1200 and three times 800 tokens.
  const [ADDED, LESS] = [5_080, 4_300];
  const parts = PARTS.map(([part, words, tokens]) => says(part, words, tokens));
  const whole = (text: string, tokens?: number) => says('arrival-load', text, tokens);
  const without = (part: string) => parts.filter(({ fixture }) => fixture !== part);
  const HALF = ALL.replace('ZINNIA', '');
  it.each([
    ['all words come back in both transports', [json, stream], 'satisfied'],
    ['a word is lost, and tokens with it', [...parts, whole(HALF, LESS), stream], 'violated'],
    ['all words are lost, and tokens with them', [...parts, whole(LOST, LESS), stream], 'violated'],
    [
      'a word is lost in streams, and tokens with it',
      [
        json,
        streams('arrival-load-streamed', HALF, LESS),
        ...PARTS.map(([part, words, tokens]) => streams(part, words, tokens)),
      ],
      'violated',
    ],
    ['all of it is counted: the model may overlook it', [...parts, whole(HALF, ADDED), stream], 'inconclusive'],
    ['a second try brings them', [...parts, whole(HALF, LESS), whole(ALL, LESS), stream], 'satisfied'],
    [
      'the part is lost by itself too',
      [...without('load-call-input'), says('load-call-input', LOST, 240), whole(HALF, LESS), stream],
      'not-observed',
    ],
    ['the part was not sent', [...without('load-call-input'), whole(HALF, LESS), stream], 'not-observed'],
    ['another part has no count', [...without('load-tools'), whole(HALF, LESS), stream], 'inconclusive'],
    ['the whole has no count', [...parts, whole(HALF), stream], 'inconclusive'],
    [
      'counts differ for one prompt',
      [...parts, whole(HALF, LESS), stream, says('minimal-again', 'ok', 9)],
      'inconclusive',
    ],
    [
      'the server rejects it',
      [
        exchange({ fixture: 'arrival-load', status: 400, json: errorBody('invalid_request_error', 'too long') }),
        stream,
      ],
      'not-observed',
    ],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
  });

  it('names the words and the tokens', () => {
    expect(judge(id, [...plain, ...parts, whole(HALF, LESS), stream])).toMatchObject({
      silent: true,
      findings: [{ expected: 'ZINNIA', actual: expect.stringContaining('4300 input tokens, and its parts add 5080') }],
    });
  });
});

const TEXTS = [
  ['long-text-system', 'JUNIPER'],
  ['long-text-user', 'LAVENDER TANGERINE'],
  ['long-text-assistant', 'WISTERIA'],
] as const;
const ALL_TEXTS = TEXTS.map(([, words]) => words).join(' ');

describe('arrives.text.long', () => {
  const id = 'arrives.text.long';
  // The half of all is 3,250 tokens.
  const [SMALL, HALF, PART, CUT] = [80, 3_330, 2_080, 480];
  const measures = [says('long-texts-short', ALL_TEXTS, SMALL), says('long-texts-half', ALL_TEXTS, HALF)];
  const parts = (lost: string, tokens: number, words: string) =>
    TEXTS.map(([part]) => (part === lost ? says(part, words, tokens) : says(part, ALL_TEXTS, PART)));
  const whole = (words: string) => says('long-texts', words, 6_080);

  it('is satisfied where all words come back', () => {
    expect(judge(id, [...plain, whole(ALL_TEXTS)])).toMatchObject({ outcome: 'satisfied' });
  });

  describe.each(TEXTS)('%s', (part, words) => {
    const [first] = words.split(' ');
    const others = ALL_TEXTS.replace(words.split(' ').at(-1)!, '');
    it.each([
      ['it comes back by itself', [whole(others), ...parts('', 0, ''), ...measures], 'satisfied'],
      ['it is lost, and tokens with it', [whole(others), ...parts(part, CUT, others), ...measures], 'violated'],
      ['all of it is counted', [whole(others), ...parts(part, 2_580, others), ...measures], 'inconclusive'],
      ['nothing is counted', [whole(others), ...parts(part, 0, others), ...measures], 'inconclusive'],
      [
        'it does not come back from a short text either',
        [whole(others), ...parts(part, CUT, others), says('long-texts-short', first!.slice(1), SMALL), measures[1]!],
        'inconclusive',
      ],
    ] as const)('%s', (_what, own, outcome) => {
      expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
    });
  });

  it('is not observed where the server has no room for it', () => {
    const tooLong = { status: 400, json: errorBody('invalid_request_error', 'prompt is too long') };
    const own = ['long-texts', ...TEXTS.map(([part]) => part)].map((fixture) => exchange({ fixture, ...tooLong }));
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome: 'not-observed' });
  });
});

describe('arrives.text.together', () => {
  const id = 'arrives.text.together';
  const parts = TEXTS.map(([part, words]) => says(part, words, 2_080));
  const least = says('long-texts-short', ALL_TEXTS, 80);
  const whole = (words: string, tokens: number) => says('long-texts', words, tokens);
  it.each([
    ['all words come back', [whole(ALL_TEXTS, 6_080)], 'satisfied'],
    ['the oldest text is dropped', [whole('WISTERIA', 2_080), ...parts, least], 'violated'],
    ['all of it is counted', [whole('WISTERIA', 6_080), ...parts, least], 'inconclusive'],
    ['a part does not arrive by itself either', [whole('WISTERIA', 2_080), ...parts.slice(1), least], 'not-observed'],
  ] as const)('%s', (_what, own, outcome) => {
    expect(judge(id, [...plain, ...own])).toMatchObject({ outcome });
  });
});

import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { vision } from '../../suites/vision.js';
import { errorBody, exchange, fixtures, judgeOf, message, textBlock, thrice } from '../support/exchange.js';
import { rejection, rejects } from '../support/rejections.js';

const CLAIMED = { claims: { profiles: ['core', 'vision'] } } as const;
/** The short question is accepted, unless a test says otherwise. */
const judge = judgeOf(vision, CLAIMED, exchange({ fixture: 'cheap' }));
const says = (fixture: string, words: string, parts: JsonObject = {}, attempt = 1): Exchange =>
  exchange({ fixture, attempt, json: message({ content: [textBlock(words)], ...parts }) });
const CUT = { stop_reason: 'max_tokens' };

const wordsControl = says('colour-in-words', 'Yellow.');
const deaf = says('colour-in-words', 'I like squares.');
const seen = says('picture-png', 'Yellow');
const four = says('picture-formats', 'blue, yellow, red, green');

describe('vision.base64.png', () => {
  it.each([
    ['names the colour', [wordsControl, seen], 'satisfied'],
    [
      'names it at the third try',
      [wordsControl, says('picture-png', 'Blue'), says('picture-png', 'A yellow one.', {}, 3)],
      'satisfied',
    ],
    [
      'names another colour than the one that it names when it is told',
      [wordsControl, says('picture-png', 'Blue')],
      'violated',
    ],
    ['says that it sees no picture', [wordsControl, says('picture-png', 'I cannot see any image.')], 'violated'],
    ['does not name the colour when it is wordsControl either', [deaf, says('picture-png', 'Blue')], 'inconclusive'],
    ['is cut before it can answer', [wordsControl, says('picture-png', '', CUT)], 'inconclusive'],
    ['takes no pictures', [wordsControl, rejection('picture-png')], 'rejected'],
    [
      'takes no pictures for this key',
      [
        wordsControl,
        exchange({ fixture: 'picture-png', status: 403, json: errorBody('permission_error', 'not in your plan') }),
      ],
      'rejected',
    ],
    ['rejects everything', [rejection('cheap'), rejection('picture-png')], 'inconclusive'],
    ['crashes', [wordsControl, rejection('picture-png', 500)], 'violated'],
    ['asks to wait', [wordsControl, rejection('picture-png', 429)], 'inconclusive'],
  ] as const)('a model that %s', (_what, exchanges, outcome) => {
    expect(judge('vision.base64.png', exchanges).outcome).toBe(outcome);
  });

  it('is violated in silence: the client gets an answer', () => {
    expect(judge('vision.base64.png', [wordsControl, says('picture-png', 'Blue')])).toMatchObject({
      silent: true,
      findings: [{ exchange: 'picture-png/json', actual: '"Blue"' }],
    });
  });
});

describe('vision.not-ignored', () => {
  it.each([
    ['sees the picture', [wordsControl, seen], 'satisfied'],
    ['sees the four alone', [wordsControl, says('picture-png', 'Gold'), four], 'satisfied'],
    ['rejects pictures', [wordsControl, rejection('picture-png'), rejection('picture-formats', 422)], 'satisfied'],
    [
      'does not give pictures to this account',
      [wordsControl, rejection('picture-png', 403), rejection('picture-formats', 403)],
      'satisfied',
    ],
    ['drops the picture', [wordsControl, says('picture-png', 'Blue'), rejection('picture-formats')], 'violated'],
    [
      'guesses four colours',
      [wordsControl, says('picture-png', 'Red'), says('picture-formats', 'red, green, blue, yellow')],
      'violated',
    ],
    ['answers nothing it is asked', [deaf, says('picture-png', 'Blue')], 'inconclusive'],
    ['rejects everything', [rejection('cheap'), rejection('picture-png')], 'inconclusive'],
    ['crashes on a picture', [wordsControl, rejection('picture-png', 500), rejection('picture-formats')], 'violated'],
    ['does not know its credential any more', [wordsControl, rejection('picture-png', 401)], 'violated'],
    ['asks to wait', [wordsControl, rejection('picture-png', 529)], 'inconclusive'],
  ] as const)('a target that %s', (_what, exchanges, outcome) => {
    expect(judge('vision.not-ignored', exchanges).outcome).toBe(outcome);
  });

  it('is silent where the picture is dropped, and loud where the target crashes', () => {
    expect(judge('vision.not-ignored', [wordsControl, says('picture-png', 'Blue')])).toMatchObject({ silent: true });
    expect(judge('vision.not-ignored', [wordsControl, rejection('picture-png', 500)])).toMatchObject({ silent: false });
  });
});

describe('vision.formats', () => {
  const eachAlone = (rejected: string): Exchange[] =>
    ['picture-jpeg', 'picture-gif', 'picture-webp'].map((id) =>
      id === rejected ? rejection(id) : exchange({ fixture: id }),
    );

  it('is satisfied while the four are accepted, whatever the model says', () => {
    expect(judge('vision.formats', [wordsControl, seen, says('picture-formats', 'Hm.')]).outcome).toBe('satisfied');
  });
  it('is satisfied where the four together are too many, and each of them is accepted', () => {
    expect(
      judge('vision.formats', [wordsControl, seen, rejection('picture-formats'), ...eachAlone('none')]).outcome,
    ).toBe('satisfied');
  });
  it.each(['picture-jpeg', 'picture-gif', 'picture-webp'])('is rejected by a target that rejects %s', (id) => {
    expect(judge('vision.formats', [wordsControl, seen, rejection('picture-formats'), ...eachAlone(id)])).toMatchObject(
      {
        outcome: 'rejected',
        findings: [{ exchange: `${id}/json` }],
      },
    );
  });
  it('is violated by a crash', () => {
    const exchanges = [
      wordsControl,
      seen,
      rejection('picture-formats', 500),
      rejection('picture-jpeg', 500),
      ...eachAlone('').slice(1),
    ];
    expect(judge('vision.formats', exchanges).outcome).toBe('violated');
  });
  it('is undecided where nothing is accepted', () => {
    const exchanges = ['cheap', 'picture-png', 'picture-formats', 'picture-jpeg', 'picture-gif', 'picture-webp'];
    expect(
      judge(
        'vision.formats',
        exchanges.map((id) => rejection(id)),
      ).outcome,
    ).toBe('inconclusive');
  });
});

describe('vision.multiple', () => {
  const formats = (words: string, attempt = 1): Exchange => says('picture-formats', words, {}, attempt);
  const rest = ['picture-jpeg', 'picture-gif', 'picture-webp'].map((fixture) => exchange({ fixture }));
  it.each([
    ['names the four colours in order', [wordsControl, seen, four], 'satisfied'],
    [
      'names them at the second try',
      [wordsControl, seen, formats('blue, red'), formats('Blue, Yellow, Red and Green.', 2)],
      'satisfied',
    ],
    ['sees the first picture alone', [wordsControl, seen, formats('It is blue.')], 'violated'],
    ['sees the last picture alone', [wordsControl, seen, formats('All of them are green.')], 'violated'],
    ['sees none of several', [wordsControl, seen, formats('There is no picture.')], 'violated'],
    ['sees them in reverse', [wordsControl, seen, formats('green, red, yellow, blue')], 'violated'],
    [
      'names another order each time',
      [wordsControl, seen, formats('green, red, yellow, blue'), formats('red, blue, green, yellow', 2)],
      'inconclusive',
    ],
    ['misses a colour of four', [wordsControl, seen, formats('blue, yellow, red, teal')], 'inconclusive'],
    ['does not see one picture either', [wordsControl, says('picture-png', 'Blue'), formats('Blue')], 'inconclusive'],
    [
      'says one word and no more, whatever it is asked',
      [
        ...['minimal', 'counting', 'cheap', 'three-turns'].map((id) => says(id, 'Ok.')),
        says('picture-png', 'Yellow.'),
        formats('Blue.'),
      ],
      'inconclusive',
    ],
    [
      'says one word and no more, beside the words of a forced search',
      [
        ...['minimal', 'counting', 'cheap', 'three-turns'].map((id) => says(id, 'Ok.')),
        says('agent-search', 'The search found a page.', { request: { body: { tool_choice: { type: 'tool' } } } }),
        says('picture-png', 'Yellow.'),
        formats('Blue,'),
      ],
      'inconclusive',
    ],
    ['is cut', [wordsControl, seen, says('picture-formats', 'blue', CUT)], 'inconclusive'],
    ['takes one picture a message', [wordsControl, seen, rejection('picture-formats'), ...rest], 'rejected'],
    [
      'takes no GIF',
      [wordsControl, seen, rejection('picture-formats'), rest[0]!, rejection('picture-gif'), rest[2]!],
      'inconclusive',
    ],
    [
      'takes no pictures',
      [wordsControl, ...['picture-png', 'picture-formats', 'picture-gif'].map((id) => rejection(id))],
      'rejected',
    ],
  ] as const)('a model that %s', (_what, exchanges, outcome) => {
    const isLost = outcome === 'violated';
    expect(judge('vision.multiple', isLost ? thrice(exchanges) : exchanges).outcome).toBe(outcome);
  });

  it('says which pictures are lost, and that nobody noticed', () => {
    expect(judge('vision.multiple', thrice([wordsControl, seen, formats('It is blue.')]))).toMatchObject({
      silent: true,
      findings: [{ message: expect.stringMatching(/the yellow PNG, the red GIF, the green WebP/) }],
    });
  });
});

describe('pictures that are counted', () => {
  const counts = (fixture: string, words: string, input_tokens: number): Exchange =>
    says(fixture, words, { usage: { input_tokens, output_tokens: 4 } });
  const others = [counts('cheap', 'ok', 14), counts('picture-omitted', '?', 20), counts('formats-omitted', '?', 34)];
  it.each([
    ['one that costs what the question costs is lost', 20, 'violated'],
    ['one that costs five tokens arrived, as 64 by 64 pixels cost', 25, 'inconclusive'],
  ] as const)('%s', (_what, tokens, outcome) => {
    const exchanges = [wordsControl, ...others, counts('picture-png', 'I am not sure.', tokens)];
    expect(judge('vision.base64.png', exchanges).outcome).toBe(outcome);
  });
  it.each([
    ['three of four are lost', 39, 'violated'],
    ['one of four is lost', 49, 'violated'],
    ['all four arrived', 54, 'inconclusive'],
  ] as const)('%s', (_what, tokens, outcome) => {
    const single = counts('picture-png', 'Yellow', 25);
    const exchanges = [wordsControl, ...others, single, counts('picture-formats', 'I see blue.', tokens)];
    expect(judge('vision.multiple', exchanges).outcome).toBe(outcome);
  });
});

rejects(vision, ['vision.url', 'vision.media-type.invalid', 'vision.base64.invalid']);

describe('a picture that is swallowed where it should be rejected', () => {
  it.each([
    ['vision.url', 'picture-url'],
    ['vision.base64.invalid', 'picture-no-base64'],
  ])('%s is violated in silence', (id, fixture) => {
    expect(judge(id, [seen, exchange({ fixture })])).toMatchObject({ outcome: 'violated', silent: true });
  });
});

describe('vision.media-type.mismatch', () => {
  const mislabelled = (status?: number): Exchange =>
    status === undefined ? exchange({ fixture: 'picture-mislabelled' }) : rejection('picture-mislabelled', status);
  it.each([
    ['rejected', [seen, mislabelled(400)], 'satisfied'],
    ['taken, which is a free choice', [seen, mislabelled()], 'not-observed'],
    ['answered with a crash', [seen, mislabelled(500)], 'violated'],
    ['rejected like every picture', [rejection('picture-png'), mislabelled(400)], 'inconclusive'],
  ] as const)('a PNG called image/jpeg is %s', (_what, exchanges, outcome) => {
    expect(judge('vision.media-type.mismatch', exchanges).outcome).toBe(outcome);
  });
});

describe('a target that does not claim vision and rejects pictures', () => {
  const everything = vision.requirements.flatMap((requirement) => requirement.fixtures);
  const exchanges = [...new Set(everything)].map((id) => (id === 'colour-in-words' ? wordsControl : rejection(id)));
  const unclaimed = { claims: { profiles: ['core'] } } as const;

  it.each(vision.requirements.map(({ id }) => id).filter((id) => id !== 'vision.not-ignored'))(
    '%s is rejected',
    (id) => {
      expect(judge(id, exchanges, unclaimed).outcome).toBe('rejected');
    },
  );
  it('does not ignore them', () => {
    expect(judge('vision.not-ignored', exchanges, unclaimed).outcome).toBe('satisfied');
  });
  it('is not excused when it rejects words as well', () => {
    const all = [rejection('cheap'), ...exchanges.map(({ fixture }) => rejection(fixture))];
    expect(judge('vision.url', all, unclaimed).outcome).toBe('inconclusive');
  });
  it('is held to a claim: what builds on pictures stays undecided', () => {
    expect(judge('vision.url', exchanges).outcome).toBe('inconclusive');
  });
});

describe('the pictures', () => {
  it('stand in the fixture in the order that the judge expects', () => {
    const content = fixtures().get('picture-formats')!.turns[0]!.body!.messages as { content: JsonObject[] }[];
    const types = content[0]!.content.flatMap(({ source }) => (source as JsonObject | undefined)?.media_type ?? []);
    expect(types).toEqual(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
  });
});

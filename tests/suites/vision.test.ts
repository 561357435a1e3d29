import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Judgement } from '../../core/requirement.js';
import { vision } from '../../suites/vision.js';
import { exchange, fixtures, judgeWith, message, requirementOf, textBlock } from '../support/exchange.js';
import { refusal, refuses } from '../support/refusals.js';

const control = exchange({ fixture: 'cheap' });
/** The short question is served, unless a test says otherwise. */
const withTwin = (exchanges: readonly Exchange[]): readonly Exchange[] =>
  exchanges.some(({ fixture }) => fixture === 'cheap') ? exchanges : [control, ...exchanges];
const CLAIMED = { claims: { profiles: ['core', 'vision'] } } as const;
const judge = (id: string, exchanges: readonly Exchange[], circumstances: object = CLAIMED): Judgement =>
  judgeWith(requirementOf(vision, id), withTwin(exchanges), circumstances);
const says = (fixture: string, words: string, parts: JsonObject = {}, attempt = 1): Exchange =>
  exchange({ fixture, attempt, json: message({ content: [textBlock(words)], ...parts }) });
const CUT = { stop_reason: 'max_tokens' };

const told = says('colour-in-words', 'Yellow.');
const deaf = says('colour-in-words', 'I like squares.');
const seen = says('picture-png', 'Yellow');
const four = says('picture-formats', 'blue, yellow, red, green');

describe('vision.base64.png', () => {
  it.each([
    ['names the colour', [told, seen], 'satisfied'],
    [
      'names it at the third try',
      [told, says('picture-png', 'Blue'), says('picture-png', 'A yellow one.', {}, 3)],
      'satisfied',
    ],
    [
      'names another colour than the one that it names when it is told',
      [told, says('picture-png', 'Blue')],
      'violated',
    ],
    ['says that it sees no picture', [told, says('picture-png', 'I cannot see any image.')], 'violated'],
    ['does not name the colour when it is told either', [deaf, says('picture-png', 'Blue')], 'inconclusive'],
    ['is cut before it can answer', [told, says('picture-png', '', CUT)], 'inconclusive'],
    ['takes no pictures', [told, refusal('picture-png')], 'rejected'],
    ['refuses everything', [refusal('cheap'), refusal('picture-png')], 'inconclusive'],
    ['crashes', [told, refusal('picture-png', 500)], 'violated'],
    ['asks to wait', [told, refusal('picture-png', 429)], 'inconclusive'],
  ] as const)('a model that %s', (_what, exchanges, outcome) => {
    expect(judge('vision.base64.png', exchanges).outcome).toBe(outcome);
  });

  it('is broken in silence: the client gets an answer', () => {
    expect(judge('vision.base64.png', [told, says('picture-png', 'Blue')])).toMatchObject({
      silent: true,
      findings: [{ exchange: 'picture-png/json', actual: '"Blue"' }],
    });
  });
});

describe('vision.not-ignored', () => {
  it.each([
    ['sees the picture', [told, seen], 'satisfied'],
    ['sees the four alone', [told, says('picture-png', 'Gold'), four], 'satisfied'],
    ['refuses pictures', [told, refusal('picture-png'), refusal('picture-formats', 422)], 'satisfied'],
    [
      'does not give pictures to this account',
      [told, refusal('picture-png', 403), refusal('picture-formats', 403)],
      'satisfied',
    ],
    ['drops the picture', [told, says('picture-png', 'Blue'), refusal('picture-formats')], 'violated'],
    [
      'guesses four colours',
      [told, says('picture-png', 'Red'), says('picture-formats', 'red, green, blue, yellow')],
      'violated',
    ],
    ['answers nothing it is asked', [deaf, says('picture-png', 'Blue')], 'inconclusive'],
    ['refuses everything', [refusal('cheap'), refusal('picture-png')], 'inconclusive'],
    ['crashes on a picture', [told, refusal('picture-png', 500), refusal('picture-formats')], 'violated'],
    ['does not know its credential any more', [told, refusal('picture-png', 401)], 'violated'],
    ['asks to wait', [told, refusal('picture-png', 529)], 'inconclusive'],
  ] as const)('a target that %s', (_what, exchanges, outcome) => {
    expect(judge('vision.not-ignored', exchanges).outcome).toBe(outcome);
  });

  it('is silent where the picture is dropped, and loud where the target crashes', () => {
    expect(judge('vision.not-ignored', [told, says('picture-png', 'Blue')])).toMatchObject({ silent: true });
    expect(judge('vision.not-ignored', [told, refusal('picture-png', 500)])).toMatchObject({ silent: false });
  });
});

describe('vision.formats', () => {
  const alone = (refused: string): Exchange[] =>
    ['picture-jpeg', 'picture-gif', 'picture-webp'].map((id) =>
      id === refused ? refusal(id) : exchange({ fixture: id }),
    );

  it('is kept while the four are served, whatever the model says', () => {
    expect(judge('vision.formats', [told, seen, says('picture-formats', 'Hm.')]).outcome).toBe('satisfied');
  });
  it('is kept where the four together are too many, and each of them is served', () => {
    expect(judge('vision.formats', [told, seen, refusal('picture-formats'), ...alone('none')]).outcome).toBe(
      'satisfied',
    );
  });
  it.each(['picture-jpeg', 'picture-gif', 'picture-webp'])('is refused by a target that refuses %s', (id) => {
    expect(judge('vision.formats', [told, seen, refusal('picture-formats'), ...alone(id)])).toMatchObject({
      outcome: 'rejected',
      findings: [{ exchange: `${id}/json` }],
    });
  });
  it('is broken by a crash', () => {
    const exchanges = [
      told,
      seen,
      refusal('picture-formats', 500),
      refusal('picture-jpeg', 500),
      ...alone('').slice(1),
    ];
    expect(judge('vision.formats', exchanges).outcome).toBe('violated');
  });
  it('is undecided where nothing is served', () => {
    const exchanges = ['cheap', 'picture-png', 'picture-formats', 'picture-jpeg', 'picture-gif', 'picture-webp'];
    expect(
      judge(
        'vision.formats',
        exchanges.map((id) => refusal(id)),
      ).outcome,
    ).toBe('inconclusive');
  });
});

describe('vision.multiple', () => {
  const formats = (words: string, attempt = 1): Exchange => says('picture-formats', words, {}, attempt);
  const rest = ['picture-jpeg', 'picture-gif', 'picture-webp'].map((fixture) => exchange({ fixture }));
  it.each([
    ['names the four colours in order', [told, seen, four], 'satisfied'],
    [
      'names them at the second try',
      [told, seen, formats('blue, red'), formats('Blue, Yellow, Red and Green.', 2)],
      'satisfied',
    ],
    ['sees the first picture alone', [told, seen, formats('Blue')], 'violated'],
    ['sees the last picture alone', [told, seen, formats('All of them are green.')], 'violated'],
    ['sees none of several', [told, seen, formats('There is no picture.')], 'violated'],
    ['sees them in reverse', [told, seen, formats('green, red, yellow, blue')], 'violated'],
    [
      'names another order each time',
      [told, seen, formats('green, red, yellow, blue'), formats('red, blue, green, yellow', 2)],
      'inconclusive',
    ],
    ['misses a colour of four', [told, seen, formats('blue, yellow, red, teal')], 'inconclusive'],
    ['does not see one picture either', [told, says('picture-png', 'Blue'), formats('Blue')], 'inconclusive'],
    [
      'says one word and no more, whatever it is asked',
      [
        ...['minimal', 'counting', 'cheap', 'three-turns'].map((id) => says(id, 'Ok.')),
        says('picture-png', 'Yellow.'),
        formats('Blue.'),
      ],
      'inconclusive',
    ],
    ['is cut', [told, seen, says('picture-formats', 'blue', CUT)], 'inconclusive'],
    ['takes one picture a message', [told, seen, refusal('picture-formats'), ...rest], 'rejected'],
    [
      'takes no GIF',
      [told, seen, refusal('picture-formats'), rest[0]!, refusal('picture-gif'), rest[2]!],
      'inconclusive',
    ],
    [
      'takes no pictures',
      [told, ...['picture-png', 'picture-formats', 'picture-gif'].map((id) => refusal(id))],
      'rejected',
    ],
  ] as const)('a model that %s', (_what, exchanges, outcome) => {
    expect(judge('vision.multiple', exchanges).outcome).toBe(outcome);
  });

  it('says which pictures are lost, and that nobody noticed', () => {
    expect(judge('vision.multiple', [told, seen, formats('Blue')])).toMatchObject({
      silent: true,
      findings: [{ message: expect.stringMatching(/the yellow PNG, the red GIF, the green WebP/) }],
    });
  });
});

refuses(vision, ['vision.url', 'vision.media-type.invalid', 'vision.base64.invalid']);

describe('a picture that is swallowed where it should be refused', () => {
  it.each([
    ['vision.url', 'picture-url'],
    ['vision.base64.invalid', 'picture-no-base64'],
  ])('%s is broken in silence', (id, fixture) => {
    expect(judge(id, [seen, exchange({ fixture })])).toMatchObject({ outcome: 'violated', silent: true });
  });
});

describe('vision.media-type.mismatch', () => {
  const mislabelled = (status?: number): Exchange =>
    status === undefined ? exchange({ fixture: 'picture-mislabelled' }) : refusal('picture-mislabelled', status);
  it.each([
    ['rejected', [seen, mislabelled(400)], 'satisfied'],
    ['taken, which is a free choice', [seen, mislabelled()], 'not-observed'],
    ['answered with a crash', [seen, mislabelled(500)], 'violated'],
    ['refused like every picture', [refusal('picture-png'), mislabelled(400)], 'inconclusive'],
  ] as const)('a PNG called image/jpeg is %s', (_what, exchanges, outcome) => {
    expect(judge('vision.media-type.mismatch', exchanges).outcome).toBe(outcome);
  });
});

describe('a target that does not claim vision and refuses pictures', () => {
  const everything = vision.requirements.flatMap((requirement) => requirement.fixtures);
  const exchanges = [...new Set(everything)].map((id) => (id === 'colour-in-words' ? told : refusal(id)));
  const unclaimed = { claims: { profiles: ['core'] } };

  it.each(vision.requirements.map(({ id }) => id).filter((id) => id !== 'vision.not-ignored'))(
    '%s is refused',
    (id) => {
      expect(judge(id, exchanges, unclaimed).outcome).toBe('rejected');
    },
  );
  it('does not ignore them', () => {
    expect(judge('vision.not-ignored', exchanges, unclaimed).outcome).toBe('satisfied');
  });
  it('is not excused when it refuses words as well', () => {
    const all = [refusal('cheap'), ...exchanges.map(({ fixture }) => refusal(fixture))];
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

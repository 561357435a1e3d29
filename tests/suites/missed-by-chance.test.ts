import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence } from '../../core/requirement.js';
import { secondTriesNote } from '../../runner/report/second-tries.js';
import { missedByChance } from '../../suites/judging/missed-by-chance.js';
import { exchange, message } from '../support/exchange.js';

const WORDS = { text: 'PINEAPPLE' };
const CALL = { toolUses: 1 };

const tried = (fixture: string, times: number, more: Partial<Exchange> = {}): Exchange[] =>
  Array.from({ length: times }, (_one, index) => ({
    ...exchange({ fixture, json: message({}) }),
    attempt: index + 1,
    ...more,
  }));

/** A run of these exchanges; the name of a fixture says what it asks for. */
const run = (...all: Exchange[][]): Evidence =>
  ({
    all: all.flat(),
    fixture: (id: string) => ({
      id,
      attempts: id.startsWith('once') ? 1 : 3,
      turns: [{ cooperation: id.startsWith('plain') ? undefined : id.startsWith('call') ? CALL : WORDS }],
    }),
  }) as unknown as Evidence;

const at = (times: number, count: number, name = 'words'): Exchange[] =>
  Array.from({ length: count }, (_one, index) => tried(`${name}-${times}-${index}`, times)).flat();

const lost = tried('lost', 3);

describe('what a model misses by chance', () => {
  it.each([
    ['it follows all others at once', [at(1, 40)], false],
    ['nothing else was asked', [], false],
    ['it misses one of fifty', [at(1, 49), at(2, 1)], false],
    ['it misses one of twenty, which is too few to tell one from ten', [at(1, 19), at(2, 1)], true],
    ['it misses one of ten', [at(1, 18), at(2, 2)], true],
    ['it misses half', [at(1, 10), at(2, 10)], true],
    ['it follows nothing at once', [at(2, 2)], true],
    ['only calls are missed', [at(1, 20), at(2, 20, 'call')], false],
    ['prompts without cooperation are sent twice', [at(1, 20), at(2, 20, 'plain')], false],
    ['others are followed in no try', [at(1, 20), at(3, 20)], false],
    ['others have one try', [at(1, 20), at(2, 20, 'once')], false],
  ] as const)('%s', (_what, others, mayBeChance) => {
    expect(missedByChance(run(lost, ...others), lost) !== null).toBe(mayBeChance);
  });

  it('one try is missed more easily than three', () => {
    const others = [at(1, 49), at(2, 1)];
    expect(missedByChance(run(lost, ...others), lost.slice(0, 1))).toBe(
      'The model follows prompts only sometimes (1 of 50 took a second try), so it may have missed this one by chance',
    );
    expect(missedByChance(run(lost, ...others), lost)).toBeNull();
  });

  it('calls and thoughts count where they are what is missing', () => {
    const others = [at(1, 20), at(2, 20, 'call')];
    expect(missedByChance(run(lost, ...others), lost, 'anything')).toContain('20 of 40 took a second try');
  });

  describe('by the kind of its prompt', () => {
    const kind = (type: string, exchanges: Exchange[]): Exchange[] =>
      exchanges.map((one) => ({ ...one, sent: { messages: [{ role: 'user', content: [{ type }] }] } }) as Exchange);
    const picture = kind('image', lost);
    const result = kind('tool_result', lost);
    it.each([
      ['no other picture was seen, which may be the server', picture, [], false],
      ['four others were seen at once', picture, kind('image', at(1, 4)), true],
      ['twenty others were seen at once', picture, kind('image', at(1, 20)), false],
      ['one of twenty others took a second try', picture, kind('image', [...at(1, 19), ...at(2, 1)]), true],
      ['documents are another kind', picture, kind('document', [...at(1, 4), ...at(2, 1)]), false],
      ['four other results were read at once, as everything else', result, kind('tool_result', at(1, 4)), false],
      ['one of five other results took a second try', result, kind('tool_result', [...at(1, 4), ...at(2, 1)]), true],
    ] as const)('%s', (_what, replies, others, mayBeChance) => {
      const all = run([...replies], at(1, 60, 'words-plainly'), [...others]);
      expect(missedByChance(all, replies) !== null).toBe(mayBeChance);
    });

    it('is told with the kind', () => {
      const few = run(picture, at(1, 60, 'words-plainly'), kind('image', at(1, 4)));
      expect(missedByChance(few, picture)).toBe(
        'The model may be weak in prompts with pictures: it followed 4 others, too few to show that it did not miss all 3 of these by chance',
      );
    });
  });

  it('neither tries that were replaced nor those of the judged conversation count', () => {
    const waited = tried('words-waited', 2).map((one, index) =>
      index === 0 ? { ...one, replaced: 'asked to wait' } : one,
    );
    const twice = tried('lost', 2);
    expect(missedByChance(run(twice, at(1, 20), waited), twice)).toBeNull();
  });
});

describe('the note on second tries', () => {
  it('counts the prompts that were followed only then', () => {
    expect(secondTriesNote(run(at(1, 20), at(2, 5), at(2, 4, 'call'), at(3, 2)))).toBe(
      '9 of 29 prompts were followed only at the second try: by a weak model, or because a part of some requests or answers is lost.',
    );
  });

  it('says nothing of a few', () => {
    expect(secondTriesNote(run(at(1, 20), at(2, 2)))).toBeNull();
  });
});

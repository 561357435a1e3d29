import type { Suite } from '../../core/requirement.js';
import { type AnswerPair, answers } from '../judging/answers.js';
import { counted, sameCount } from '../judging/contents.js';
import { requirementsBy } from '../judging/requirement.js';
import type { Fault } from '../judging/texts.js';

const INPUT = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

/** Input tokens, those of the cache included, as the upstream counts them. */
const input = (pair: AnswerPair): Fault | null =>
  sameCount('input tokens', pair.script.usage!.input, counted(pair, ...INPUT));

const output = (pair: AnswerPair): Fault | null =>
  sameCount('output tokens', pair.script.usage!.output, counted(pair, 'output_tokens'));

const both = (pair: AnswerPair): Fault | null => input(pair) ?? output(pair);

const requirement = requirementsBy(answers, { profile: 'core', source: ['O:chat', 'D:ref'] });

/** Answers that end by themselves, with a call, at the limit, and after reasoning. */
const EVERY_END = ['plain', 'answer-call', 'stop-length', 'answer-thinking'];

export const usageSuite: Suite = {
  name: 'gateway-usage',
  title: 'tokens that the upstream counts, at the client',
  requirements: [
    requirement('gw.usage.json', EVERY_END, 'A message reports the tokens that the upstream counted.', both, {
      options: { transport: 'json' },
    }),
    requirement(
      'gw.usage.stream',
      EVERY_END,
      'A stream reports the tokens that the upstream counted; where the API of the upstream sends them only on request (`include_usage` of chat completions), the gateway requests them.',
      both,
      { options: { transport: 'stream' } },
    ),
    requirement(
      'gw.usage.cached.once',
      ['usage-cached'],
      'Cached tokens are counted once: `input_tokens` and `cache_read_input_tokens` add up to the tokens of the prompt.',
      both,
    ),
    requirement(
      'gw.usage.cached',
      ['usage-cached'],
      'Cached tokens of the upstream are reported as `cache_read_input_tokens`.',
      (pair) => sameCount('cached tokens', pair.script.usage!.cached ?? 0, counted(pair, 'cache_read_input_tokens')),
      { level: 'SHOULD', profile: 'caching' },
    ),
    requirement(
      'gw.usage.reasoning',
      ['usage-reasoning'],
      'Tokens of the reasoning are part of `output_tokens`.',
      both,
    ),
    requirement('gw.usage.large', ['usage-large'], 'Counts beyond a million are reported exactly.', both),
    requirement(
      'gw.usage.absent',
      ['usage-absent'],
      'Where the upstream counts nothing, the reply still has whole numbers of tokens.',
      (pair) => {
        const counts = [counted(pair, 'input_tokens'), counted(pair, 'output_tokens')];
        return counts.every((count) => typeof count === 'number' && Number.isInteger(count) && count >= 0)
          ? null
          : {
              message: 'The reply does not count its tokens in whole numbers.',
              expected: 'whole numbers',
              actual: counts.map((count) => (count === undefined ? 'no count' : String(count))).join(', '),
            };
      },
    ),
  ],
};

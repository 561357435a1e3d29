/** Long texts of three-byte characters: rejected, damaged, or silently shortened. */

import { isAccepted } from '../../core/answers.js';
import { get } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { bundled } from './bundles.js';
import { finding, satisfied, violated } from './outcomes.js';
import { saysBothWords } from './steering-words.js';
import { answered } from './views.js';

/** The request with all of it, and the same with 100 characters less in each text. */
export const HEAVY = 'text-heavy';
const SHORTER = 'text-heavy-shorter';

/** One place of a long text each. */
export const LONG_PARTS = ['text-long-system', 'text-long-message', 'text-long-description', 'text-long-result'];

/** The server accepts long texts, and does not shorten them: a text that is 300 bytes shorter has fewer input tokens. */
export function longTexts(evidence: Evidence): Judgement {
  const judgement = bundled(LONG_PARTS.map((part) => ({ whole: HEAVY, part })))(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const replies = answered(evidence.of(HEAVY));
  if (replies.some(({ message }) => saysBothWords(message!))) return satisfied();
  const shorter = evidence.of(SHORTER).find(isAccepted);
  const [long, short] = [replies[0], shorter].map((one) => totalInput(get(one?.message, 'usage')));
  if (!long || long !== short) return satisfied('The model did not repeat the words after the long texts');
  return violated(
    {
      ...finding(
        replies[0]!,
        'Long texts are shortened: the words after them are lost, and 100 characters more cost no input tokens.',
        `PINEAPPLE MANGO, and more than ${short} input tokens`,
        `${text(replies[0]!.message)}, ${long} input tokens`,
        { pointer: '/usage/input_tokens' },
      ),
      comparedWith: shorter!.id,
    },
    true,
  );
}

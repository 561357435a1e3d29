/** Code words that steering fixtures ask for: an answer that holds them shows that what asks for them reached the model. */

import { succeeded } from '../../core/answers.js';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { inOrder } from '../../core/text.js';
import { inconclusive } from './outcomes.js';

/** The two words are spread over what is tested, so that both show that all of it arrived. */
export const saysBothWords = (message: JsonObject): boolean => inOrder(text(message), [/PINEAPPLE/i, /MANGO/i]);

/** The word that instructions of the operator ask for, by themselves. */
export const saysTheWord = (message: JsonObject): boolean => /PINEAPPLE/i.test(text(message));

/** A prompt that is known to be shorter than one that arrives whole, and longer than one of which a part was lost. */
interface Measure {
  than: string;
  /** Input tokens beyond those of that prompt which only a whole prompt has; a few less where separators may differ. */
  by: number;
}

/**
 * Takes back a broken requirement when usage shows that what is tested arrived: a weak model may not act on it, and that
 * is no fault of the server. By default what is tested are instructions, without which the fixture is a shorter prompt
 * than `cheap`.
 */
export function unlessCounted(fixture: string, judge: Judge, { than, by }: Measure = { than: 'cheap', by: 1 }): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const [subject, short] = [fixture, than].map((id) => inputOf(evidence, id));
    if (!subject || !short || subject < short + by || countsAlike(evidence)) return judgement;
    return inconclusive(
      `the model does not show it, but ${subject} input tokens, beside ${short} of ${than}, show that all of it arrived: it may be too weak`,
      evidence.of(fixture).length,
    );
  };
}

/** Whether every prompt of the run counts the same: such numbers tell nothing. */
const countsAlike = ({ all }: Evidence): boolean =>
  new Set(all.map(({ message }) => totalInput(get(message, 'usage'))).filter((total) => total !== null)).size < 2;

function inputOf(evidence: Evidence, fixture: string): number | null {
  const served = evidence.of(fixture).find((exchange) => succeeded(exchange) && exchange.message !== null);
  return served === undefined ? null : totalInput(get(served.message, 'usage'));
}

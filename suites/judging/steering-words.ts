/** Code words: a reply with them shows that the text which asks for them reached the model. */

import { succeeded } from '../../core/answers.js';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { inOrder } from '../../core/text.js';
import { inconclusive } from './outcomes.js';

/** Both words in their order. They are in different parts of the tested content, so both show that all of it arrived. */
export const saysBothWords = (message: JsonObject): boolean => inOrder(text(message), [/PINEAPPLE/i, /MANGO/i]);

/** The one word that a system prompt asks for. */
export const saysOneWord = (message: JsonObject): boolean => /PINEAPPLE/i.test(text(message));

/** A prompt that is shorter than the complete tested prompt, and longer than that prompt with a part missing. */
interface Measure {
  /** Id of its fixture. */
  than: string;
  /** Additional input tokens that only the complete prompt has; a few less when separators may count differently. */
  by: number;
}

/**
 * Turns a violation into an inconclusive result when `usage` shows that the tested content arrived: a weak model may ignore it, which
 * is not a fault of the server. By default the tested content are instructions, without which the prompt is shorter than `cheap`.
 */
export function unlessCounted(fixture: string, judge: Judge, { than, by }: Measure = { than: 'cheap', by: 1 }): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const [subject, short] = [fixture, than].map((id) => inputOf(evidence, id));
    if (!subject || !short || subject < short + by || countsAlike(evidence)) return judgement;
    return inconclusive(
      `The reply does not show it, but \`usage\` shows that all of it arrived (${subject} input tokens, ${short} for ${than}): the model may be weak`,
      evidence.of(fixture).length,
    );
  };
}

/** Whether every prompt of the run has the same count: then counts prove nothing. */
const countsAlike = ({ all }: Evidence): boolean =>
  new Set(all.map(({ message }) => totalInput(get(message, 'usage'))).filter((total) => total !== null)).size < 2;

function inputOf(evidence: Evidence, fixture: string): number | null {
  const accepted = evidence.of(fixture).find((exchange) => succeeded(exchange) && exchange.message !== null);
  return accepted === undefined ? null : totalInput(get(accepted.message, 'usage'));
}

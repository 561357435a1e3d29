/** Code words: a reply with them shows that the text which asks for them reached the model. */

import { answer, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { inOrder } from '../../core/text.js';
import { areComparable, countsAlike, LEAST_OF_WORDS } from './input-counts.js';
import { neverFollowed } from './missed-by-chance.js';
import { inconclusive, withNote } from './outcomes.js';
import { KINDS } from './prompt-kinds.js';

/** Both words in their order. They are in different parts of the tested content, so both show that all of it arrived. */
export const saysBothWords = (message: JsonObject): boolean => inOrder(text(message), [/PINEAPPLE/i, /MANGO/i]);

/** All of these words, in any order and case. */
export const saysAll =
  (words: readonly string[]) =>
  (message: JsonObject): boolean => {
    const said = text(message).toUpperCase();
    return words.every((word) => said.includes(word.toUpperCase()));
  };

/** The one word that a system prompt asks for. */
export const saysOneWord = (message: JsonObject): boolean => /PINEAPPLE/i.test(text(message));

/**
 * Why a violation may still be the model's, although `usage` counts all of the content; `null` when it is the server's. Tokens show that
 * content arrived, but neither where nor as what.
 */
type Excuse = (evidence: Evidence, subject: Exchange) => string | null;

/** A prompt that is shorter than the complete tested prompt, and longer than that prompt with a part missing. */
interface Measure {
  /** Id of its fixture. */
  than: string;
  /** Additional input tokens that only the complete prompt has; a few less when separators may count differently. */
  by: number;
  /** Why the violation may still be the model's. */
  excuse: Excuse;
}

/**
 * Turns a violation for which `usage` counts all of the tested content into an inconclusive result, unless `excuse` finds none: the model
 * may be weak. Words in `system`, in messages and in results have no excuse where the same model follows them elsewhere (`whereObeyed`).
 * Three excuses remain. A model may not name the color of a picture that costs what every picture of its size costs (`whereCostsSize`).
 * It may not look for words in the description of a tool or beside a call (`arrival.ts`). And it may follow prompts too seldom.
 */
export function unlessCounted(fixture: string, judge: Judge, { than, by, excuse }: Measure): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const subject = acceptedOf(evidence, fixture);
    const [counted, short] = [inputOf(subject), inputOf(acceptedOf(evidence, than))];
    if (subject === undefined || !counted || !short || counted < short + by || countsAlike(evidence)) return judgement;
    const reason = excuse(evidence, subject);
    // What is counted and not followed reached the model in another place, or as something else.
    if (reason === null)
      return withNote(
        judgement,
        `${counted} input tokens count all of it, so it reached the model in a wrong place or form`,
      );
    return inconclusive(
      `The reply does not show it, but \`usage\` shows that all of it arrived (${counted} input tokens, ${short} for ${than}): ${reason}`,
      evidence.of(fixture).length,
    );
  };
}

const acceptedOf = (evidence: Evidence, fixture: string): Exchange | undefined =>
  evidence.of(fixture).find((exchange) => succeeded(exchange) && exchange.message !== null);

const inputOf = (exchange: Exchange | undefined): number | null =>
  exchange === undefined ? null : totalInput(get(exchange.message, 'usage'));

/** Prompts that ask for code words in other ways, and what a reply has to say. */
const ASKING: Readonly<Record<string, (message: JsonObject) => boolean>> = {
  'words-in-prompt': saysBothWords,
  'content-blocks': saysBothWords,
  'three-turns': saysBothWords,
  'consecutive-users': saysBothWords,
  'system-string': saysOneWord,
  'system-array': saysOneWord,
  'system-in-message': saysOneWord,
  'arrival-told': saysBothWords,
  'codes-in-text': (message) => inOrder(text(message), [/ZX81/i]) && /QW42/i.test(text(message)),
};

/** How often the model followed a prompt; `null` where nothing was replied. */
function obeyed(
  evidence: Evidence,
  fixture: string,
  shows: (message: JsonObject) => boolean,
): 'always' | 'sometimes' | 'never' | null {
  const replies = evidence.of(fixture).filter((exchange) => succeeded(exchange) && exchange.message !== null);
  const following = replies.filter(({ message }) => shows(message!)).length;
  if (replies.length === 0) return null;
  return following === 0 ? 'never' : following === replies.length ? 'always' : 'sometimes';
}

/** Whether the counts of the tested prompt show that a part of it is missing, whatever the model says. */
export function countsShowLoss(evidence: Evidence, fixture: string, { than, by }: Omit<Measure, 'excuse'>): boolean {
  const [counted, short] = [fixture, than].map((id) => inputOf(acceptedOf(evidence, id)));
  return !!counted && !!short && counted < short + by - LEAST_OF_WORDS && areComparable(evidence);
}

/** A model that follows a prompt half of the time follows three of them each time in one run of eight. */
const RELIABLE = 3;

/**
 * No excuse for a model that follows the same words elsewhere: in every reply to the fixtures `same`, which have the words of the tested
 * content, and in every reply to at least three prompts that ask for code words. A prompt that never works may have the same fault.
 */
export function whereObeyed(same: readonly string[]): Excuse {
  return (evidence, subject) => {
    const { fixture } = subject;
    const shown = Object.entries(ASKING).flatMap(([id, shows]) => {
      const often = id === fixture ? null : obeyed(evidence, id, shows);
      return often === null || often === 'never' ? [] : [{ id, often }];
    });
    const sometimes = shown.find(({ often }) => often === 'sometimes');
    if (sometimes !== undefined) return `the model follows ${sometimes.id} only sometimes`;
    const unfollowed = same.find((id) => !shown.some((one) => one.id === id));
    if (unfollowed !== undefined) return `the model does not follow the same words in ${unfollowed} either`;
    if (shown.length < RELIABLE) return 'the model may be weak';
    const never = neverFollowed(evidence, [subject], ['tool_result', 'later']);
    return never === null ? null : `the model followed no prompt ${KINDS[never]}`;
  };
}

/**
 * No excuse for a picture that costs more the more there is in its file: it reached the model as text. Two pictures of one size cost the
 * same, whatever they show.
 */
export function whereCostsSize(flat: string, noisy: string): Excuse {
  return (evidence) => {
    const [plain, rich] = [flat, noisy].map((id) => inputOf(acceptedOf(evidence, id)));
    if (!plain || !rich) {
      const refused = evidence.of(noisy)[0];
      return `the model may be weak${refused === undefined ? '' : `; ${refused.id} shows no count (${answer(refused)})`}`;
    }
    return rich > plain * MORE_FOR_NOISE ? null : 'the model may be weak';
  };
}

/** As text the noisy picture has more than ten times the characters of the flat one. */
const MORE_FOR_NOISE = 1.5;

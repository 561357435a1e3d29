/** The ends of long texts of three-byte characters, each with a code word: lost where a server silently cuts texts at a number of bytes. */

import { answer, isAccepted } from '../../core/answers.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { countsAlike, inputOf } from './input-counts.js';
import { noAnswer } from './no-answer.js';
import { inconclusive, notObserved, withNote } from './outcomes.js';
import { steered } from './steering.js';
import { saysAll } from './steering-words.js';
import { worst } from './tool-views.js';
import { answered } from './views.js';

/** The request with long texts in all places. */
export const HEAVY = 'text-heavy';
/** The same code words in the same places, after short texts. */
const SHORT = 'text-short';
/** The same with texts half as long in all places, to compare input tokens. */
const HALF = 'text-heavy-shorter';

/** Fixture with long texts in one place only, the code word at their end, and the place as findings name it. */
const PLACES = [
  ['text-long-system', 'AMBER', 'of the `system` prompt'],
  ['text-long-description', 'BIRCH', 'of a tool `description`'],
  ['text-long-message', 'CLOVER', 'of an earlier user message'],
  ['text-long-assistant', 'DAMSON', 'of an earlier assistant message'],
  ['text-long-result', 'ELDER', 'of a `tool_result`'],
] as const;

type Place = (typeof PLACES)[number];

/** One place of a long text each. */
export const LONG_PARTS: readonly string[] = PLACES.map(([part]) => part);

export const END_FIXTURES: readonly string[] = [HEAVY, ...LONG_PARTS, SHORT, HALF];

/**
 * The code word at the end of a long text comes back, as it does after a short text in the same place. Tokens decide whether the server or
 * the model lost it: without them only a model that finds the words after the same texts in all other places tells the server's fault.
 */
export const endsArrive = (evidence: Evidence): Judgement =>
  worst(...PLACES.map((place) => endArrives(evidence, place)));

function endArrives(evidence: Evidence, place: Place): Judgement {
  const [part, word, where] = place;
  const subject = evidence.resolve({ whole: HEAVY, part });
  const nothing = noAnswer(subject, evidence);
  if (nothing !== null) return nothing;
  if (!subject.some(isAccepted))
    return notObserved(`Not tested: ${subject[0]!.id} got no reply (${answer(subject[0]!)}), see http.utf8.long`);
  const judgement = steered({
    subject: () => [...evidence.of(HEAVY), ...subject].filter(isAccepted),
    control: () => evidence.of(SHORT),
    shows: saysAll([word]),
    expected: `${word}, the code word at the end of the text`,
    lost: `The end of a long text ${where} is lost; the code word after a short text in the same place comes back.`,
    needsEnd: true,
  })(evidence);
  if (judgement.outcome !== 'violated') return judgement;
  const fewer = fewerThanElsewhere(evidence, part);
  if (fewer >= LEAST_OF_END) {
    return withNote(judgement, `\`usage\` counts ${fewer} tokens less for it than for the same text elsewhere`);
  }
  const counted = partOfTokens(evidence, part);
  if (counted === null) {
    if (showsEverywhereElse(evidence, place)) return judgement;
    return inconclusive(
      `The reply lacks the end of the text ${where}, and the input tokens do not show whether it arrived`,
      subject.length,
    );
  }
  const share = `${Math.round(counted * 100)} % of its tokens`;
  if (counted >= NEARLY_ALL)
    return inconclusive(
      `The reply lacks the end of the text ${where}, but \`usage\` counts ${share}: the model may be weak`,
      subject.length,
    );
  return withNote(judgement, `\`usage\` counts ${share}`);
}

/** The sentence with the code word has at least this many tokens more than the texts of two places differ by. */
const LEAST_OF_END = 5;

/** Places that have to show what the same text costs. */
const ENOUGH_PLACES = 3;

/** How many tokens a long text adds less than the same text does in most other places; 0 where the counts do not tell. */
function fewerThanElsewhere(evidence: Evidence, part: string): number {
  const others = LONG_PARTS.filter((one) => one !== part)
    .map((one) => inputOf(evidence.of(one)))
    .filter((tokens): tokens is number => Boolean(tokens))
    .sort((one, other) => one - other);
  const mine = inputOf(evidence.of(part));
  // A place may be written in another form and cost more. Half of four places do not.
  const usual = others[Math.ceil(others.length / 2) - 1];
  if (!mine || usual === undefined || others.length < ENOUGH_PLACES) return 0;
  return Math.max(0, usual - mine);
}

/** Tokens of repeated characters grow in steps, so that twice the characters have between 1.8 and 2.2 times the tokens. */
const NEARLY_ALL = 0.875;

/**
 * The part of a long text that input tokens count: what it adds to the short request, compared with twice what a text of half its length
 * adds in each place. `null` where the counts do not tell.
 */
function partOfTokens(evidence: Evidence, part: string): number | null {
  const [long, half, short] = [part, HALF, SHORT].map((fixture) => inputOf(evidence.of(fixture)));
  if (!long || !half || !short || half <= short || countsAlike(evidence)) return null;
  return (long - short) / ((2 * (half - short)) / PLACES.length);
}

/** Whether each reply has the words after the same long texts in all other places. */
function showsEverywhereElse(evidence: Evidence, [own]: Place): boolean {
  return PLACES.every(([part, word]) => {
    const replies = answered(evidence.of(part));
    return part === own || (replies.length > 0 && replies.every(({ message }) => saysAll([word])(message!)));
  });
}

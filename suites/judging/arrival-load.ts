/** What reaches the model of large requests. Words tell what arrived; input tokens of half as much tell whether the server or the model lost it. */

import { answer, isAccepted, rejectedAsInvalid } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Transport } from '../../core/protocol.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { inEachTransport, inTransport, streamControl, withoutReply } from './arrival.js';
import { areComparable, inputOf, NOT_COUNTED } from './input-counts.js';
import { finding, inconclusive, notObserved, satisfied, violated, withNote } from './outcomes.js';
import { replyText, steered } from './steering.js';
import { saysAll, saysBothWords } from './steering-words.js';
import { answered, finished } from './views.js';

/** The request with all of it. */
export const LOAD = 'arrival-load';

/** One large thing of a request. */
interface Large {
  /** Fixture with this thing only. */
  part: string;
  /** Fixture between the two, in the same form, to compare input tokens. */
  half: string;
  /** The smallest request: the same words, found by every model that follows the prompt. */
  least: string;
  /** The part of the tested content that input tokens of the three requests count: 1 where they count all of it. */
  counted: (least: number, half: number, part: number) => number;
  words: readonly string[];
  /** The subject of the finding. */
  what: string;
  /** The server may also reject this much as a client error; id of a request without it that it has to accept. */
  mayReject?: string;
  /** What the model does in the smallest request, for the finding. */
  works: string;
}

/**
 * The words come back, as they do from the smallest request. A model may overlook a word among much else, so that tokens decide: those of a
 * request of half the size tell what all of it costs.
 */
export function loadArrives({ part, half, least, counted, words, what, works, mayReject }: Large): Judge {
  const shows = saysAll(words);
  return inEachTransport((evidence, transport) => {
    const whole = inTransport(LOAD, transport);
    if (answered(evidence.of(whole, transport)).some(({ message }) => shows(message!))) return satisfied();
    const subject = evidence.resolve({ whole, part }, transport);
    if (mayReject !== undefined && evidence.of(mayReject).some(isAccepted) && isRejected(subject))
      return satisfied(`Rejected, which is allowed: ${answer(subject[0]!)}`);
    const nothing = withoutReply(subject, evidence);
    if (nothing !== null) return nothing;
    const controls = streamControl(evidence, transport);
    const judgement = steered({
      subject: () => subject,
      control: () => [...evidence.of(least, transport), ...controls],
      shows: (message, exchange) => (controls.includes(exchange) ? saysBothWords(message) : shows(message)),
      expected: words.join(', '),
      lost: `${what} is lost${transport === 'stream' ? ' where the client asks for a stream' : ''}: the model ${works}.`,
      needsEnd: true,
    })(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const counts = tokensOf(evidence, transport, [least, half, part]);
    if (counts === null) return inconclusive(NOT_COUNTED, subject.length);
    const [small, middle, large] = counts;
    const told = `${large} input tokens, ${middle} for ${half} and ${small} for ${least}`;
    return counted(small, middle, large) >= NEARLY_ALL
      ? inconclusive(`The reply does not show it, but \`usage\` counts all of it (${told}): the model may be weak`)
      : withNote(judgement, told);
  });
}

/** What makes the request large: a fixture with one large thing, and the one with little in its place. */
const LARGE = [
  ['load-tools', 'load-tools-few'],
  ['load-result-string', 'load-results-short'],
  ['load-result-array', 'load-results-short'],
  ['load-call-input', 'load-results-short'],
] as const;

/** The words of the whole request, by the part that has them by itself. */
const WORDS: Readonly<Record<(typeof LARGE)[number][0], readonly string[]>> = {
  'load-tools': ['ALMOND', 'BARLEY'],
  'load-result-string': ['WALNUT'],
  'load-result-array': ['YARROW'],
  'load-call-input': ['ZINNIA'],
};

/** The fixtures of the parts, for who lists them. */
export const LARGE_PARTS: readonly string[] = [...new Set(LARGE.flat())];

const TRUNCATED = inconclusive('Every reply was truncated before it could show the words');

/** The same texts cost the same in one request; only what stands between them differs. */
const TOGETHER = 0.95;

/**
 * What arrives in a request of its own arrives with all the rest too. A model may overlook words among much else: the server has lost them
 * where the whole has fewer input tokens than its parts add.
 */
export const arrivesTogether: Judge = inEachTransport((evidence, transport) => {
  const asked = evidence.of(inTransport(LOAD, transport), transport);
  const nothing = withoutReply(asked, evidence);
  if (nothing !== null) return nothing;
  const ended = finished(asked);
  if (ended.length === 0) return TRUNCATED;
  const lacking = LARGE.filter(([part]) => !ended.some(({ message }) => saysAll(WORDS[part])(message!)));
  if (lacking.length === 0) return satisfied();
  const alone = lacking.filter(([part]) =>
    answered(evidence.of(part)).some(({ message }) => saysAll(WORDS[part])(message!)),
  );
  if (alone.length < lacking.length)
    return notObserved('A part of it does not arrive by itself either, or was not sent');
  const all = inputOf(ended);
  const parts = LARGE.map(([part, least]) => [part, least].map((id) => inputOf(evidence.of(id, transport))));
  if (!all || !areComparable(evidence, transport) || parts.some((counts) => !counts.every(Boolean)))
    return inconclusive(NOT_COUNTED, ended.length);
  const least = parts.reduce((sum, [large, small]) => sum + Math.max(0, large! - small!), 0);
  if (all >= least * TOGETHER)
    return inconclusive(
      `The reply lacks words, but \`usage\` counts all parts (${all} input tokens): the model may be weak`,
    );
  const last = ended.at(-1)!;
  const fault = 'A large request is silently truncated: the model does not find what it finds in its parts.';
  const actual = `${replyText(last)}; ${all} input tokens, and its parts add ${least}`;
  return violated(finding(last, fault, lacking.flatMap(([part]) => WORDS[part]).join(', '), actual), true);
});

const isRejected = (asked: readonly Exchange[]): boolean => asked.length > 0 && asked.every(rejectedAsInvalid);

/** Numbers in names and repeated lines differ by a few tokens. A loss of less than an eighth is not told from them. */
const NEARLY_ALL = 0.875;

/** The counts of the three requests in one transport; `null` where they prove nothing, as where tools are not counted at all. */
function tokensOf(
  evidence: Evidence,
  transport: Transport,
  fixtures: readonly [string, string, string],
): readonly [number, number, number] | null {
  const [small, middle, large] = fixtures.map((fixture) => inputOf(evidence.of(fixture, transport)));
  if (!small || !middle || !large || middle <= small) return null;
  return areComparable(evidence, transport) ? [small, middle, large] : null;
}

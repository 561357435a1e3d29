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
  /** Fixture that has it and others; `-streamed` is its stream. Default: `LOAD`. */
  whole?: string;
  /** Default: both. */
  transports?: readonly Transport[];
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
export function loadArrives(large: Large): Judge {
  const { whole = LOAD, transports, part, half, least, counted, words, what, works, mayReject } = large;
  const shows = saysAll(words);
  return inEachTransport((evidence, transport) => {
    const id = inTransport(whole, transport);
    if (answered(evidence.of(id, transport)).some(({ message }) => shows(message!))) return satisfied();
    const subject = evidence.resolve({ whole: id, part }, transport);
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
    const counts = tokensOf(evidence, transport, subject, [least, half]);
    if (counts === null) return inconclusive(NOT_COUNTED, subject.length);
    const [small, middle, large] = counts;
    const told = `${large} input tokens, ${middle} for ${half} and ${small} for ${least}`;
    return counted(small, middle, large) >= NEARLY_ALL
      ? inconclusive(`The reply does not show it, but \`usage\` counts all of it (${told}): the model may be weak`)
      : withNote(judgement, told);
  }, transports);
}

/** A fixture with one large thing, the one with little in its place, and the words of the large thing in the whole request. */
type LargePart = readonly [part: string, least: string, words: readonly string[]];

/** A request whose large things also arrive one by one. */
interface Together {
  /** Fixture; `-streamed` is its stream. */
  whole: string;
  /** Default: both. */
  transports?: readonly Transport[];
  parts: readonly LargePart[];
}

/** The tools, results and inputs of an agent. */
export const LOAD_TOGETHER: Together = {
  whole: LOAD,
  parts: [
    ['load-tools', 'load-tools-few', ['ALMOND', 'BARLEY']],
    ['load-description', 'load-description-short', ['CHESTNUT']],
    ['load-result-string', 'load-results-short', ['WALNUT']],
    ['load-result-array', 'load-results-short', ['YARROW']],
    ['load-call-input', 'load-results-short', ['ZINNIA']],
  ],
};

const SHORT_TEXTS = 'long-texts-short';

/** Long texts of every role, without tools. */
export const TEXTS_TOGETHER: Together = {
  whole: 'long-texts',
  transports: ['json'],
  parts: [
    ['long-text-system', SHORT_TEXTS, ['JUNIPER']],
    ['long-text-user', SHORT_TEXTS, ['LAVENDER', 'TANGERINE']],
    ['long-text-assistant', SHORT_TEXTS, ['WISTERIA']],
  ],
};

/** The fixtures of the parts, for who lists them. */
export const partsOf = ({ parts }: Together): string[] => [
  ...new Set([...parts.map(([part]) => part), ...parts.map(([, least]) => least)]),
];

const TRUNCATED = inconclusive('Every reply was truncated before it could show the words');

/** The same texts cost the same in one request; only what stands between them differs. */
const TOGETHER = 0.95;

/**
 * What arrives in a request of its own arrives with all the rest too. A model may overlook words among much else: the server has lost them
 * where the whole has fewer input tokens than its parts add.
 */
export function arriveTogether({ whole, transports, parts }: Together): Judge {
  return inEachTransport((evidence, transport) => {
    const asked = evidence.of(inTransport(whole, transport), transport);
    const nothing = withoutReply(asked, evidence);
    if (nothing !== null) return nothing;
    const ended = finished(asked);
    if (ended.length === 0) return TRUNCATED;
    const lacking = parts.filter(([, , words]) => !ended.some(({ message }) => saysAll(words)(message!)));
    if (lacking.length === 0) return satisfied();
    const alone = lacking.filter(([part, , words]) =>
      answered(evidence.of(part)).some(({ message }) => saysAll(words)(message!)),
    );
    if (alone.length < lacking.length)
      return notObserved('A part of it does not arrive by itself either, or was not sent');
    const all = inputOf(ended);
    const counts = parts.map(([part, least]) => [part, least].map((id) => inputOf(evidence.of(id, transport))));
    if (!all || !areComparable(evidence, transport) || counts.some((pair) => !pair.every(Boolean)))
      return inconclusive(NOT_COUNTED, ended.length);
    const least = counts.reduce((sum, [large, small]) => sum + Math.max(0, large! - small!), 0);
    if (all >= least * TOGETHER)
      return inconclusive(
        `The reply lacks words, but \`usage\` counts all parts (${all} input tokens): the model may be weak`,
      );
    const last = ended.at(-1)!;
    const fault = 'A large request is silently truncated: the model does not find what it finds in its parts.';
    const actual = `${replyText(last)}; ${all} input tokens, and its parts add ${least}`;
    return violated(finding(last, fault, lacking.flatMap(([, , words]) => words).join(', '), actual), true);
  }, transports);
}

const isRejected = (asked: readonly Exchange[]): boolean => asked.length > 0 && asked.every(rejectedAsInvalid);

/** Numbers in names and repeated lines differ by a few tokens. A loss of less than an eighth is not told from them. */
const NEARLY_ALL = 0.875;

/** The counts of the three requests in one transport; `null` where they prove nothing, as where tools are not counted at all. */
function tokensOf(
  evidence: Evidence,
  transport: Transport,
  subject: readonly Exchange[],
  shorter: readonly [least: string, half: string],
): readonly [number, number, number] | null {
  const [small, middle] = shorter.map((fixture) => inputOf(evidence.of(fixture, transport)));
  const large = inputOf(subject);
  if (!small || !middle || !large || middle <= small) return null;
  return areComparable(evidence, transport) ? [small, middle, large] : null;
}

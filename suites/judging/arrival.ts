/** What reaches the model: each place of a request holds a code word that the reply has to repeat, streamed or not. */

import { answer, isAccepted, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { text } from '../../core/message.js';
import { TRANSPORTS, type Transport } from '../../core/protocol.js';
import type { Evidence, Judge, Judgement } from '../../core/requirement.js';
import { addsLess, areComparable, countsAlike, inputOf, NOT_COUNTED } from './input-counts.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { replyText, steered } from './steering.js';
import { countsShowLoss, saysAll, saysBothWords, unlessCounted, whereObeyed } from './steering-words.js';
import { worst } from './tool-views.js';
import { answered, finished } from './views.js';

/** The same request in both transports: the fixture, and the one that streams it. */
export const inTransport = (fixture: string, transport: Transport): string =>
  transport === 'json' ? fixture : `${fixture}-streamed`;

/** What shows that words come back in a stream, whatever was asked: the text of a reply may be what is lost. */
const IN_STREAM: Place['control'] = ['words-in-prompt-streamed', saysBothWords];

/** The replies to it, for what is streamed. */
export const streamControl = (evidence: Evidence, transport: Transport): readonly Exchange[] =>
  transport === 'stream' ? evidence.of(IN_STREAM[0]) : [];

/** Judges each transport by itself: what arrives without a stream may be lost with one. */
export function inEachTransport(
  judge: (evidence: Evidence, transport: Transport) => Judgement,
  transports: readonly Transport[] = TRANSPORTS,
): Judge {
  return (evidence) =>
    worst(
      ...transports.map((transport) => {
        const judgement = judge(evidence, transport);
        const isOpen = transport === 'stream' && answered(streamControl(evidence, transport)).length === 0;
        return judgement.outcome === 'violated' && isOpen
          ? inconclusive(`Not tested: the control request ${IN_STREAM[0]} got no reply`)
          : judgement;
      }),
    );
}

/** Nothing arrives where the server answers with an error. That a valid request is rejected is said by other requirements. */
export function withoutReply(asked: readonly Exchange[], evidence: Evidence): Judgement | null {
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null || asked.some(isAccepted)) return nothing;
  return notObserved(`Not tested: ${asked[0]!.id} got no reply (${answer(asked[0]!)})`);
}

/** One place of a request. */
export interface Place {
  /** Fixture that has words in this place and in others; `-streamed` is its stream. Default: `arrival`. */
  whole?: string;
  /** Fixture with words in this place only, sent in both transports where the whole falls short. */
  part: string;
  /** The words, all of which the reply has to hold. */
  words: readonly string[];
  /** The words as a finding names them, where each needs its place. */
  expected?: string;
  /** The subject of the finding: "A system block". */
  what: string;
  /** Fixture that shows that the model repeats a code word, and what a reply to it has to hold. */
  control: readonly [fixture: string, shows: (message: JsonObject) => boolean];
  /** The part without its content, and the tokens that the content adds at least: then counts decide, whatever the model says. */
  omitted?: readonly [fixture: string, least: number];
  /** Another fixture that shows that the model reads prompts of this kind at all, and what a reply to it has to hold. */
  also?: Place['control'];
  /** What the model does in the control, for the finding. */
  works?: string;
  /** Input tokens that the complete part has more than the control; see `unlessCounted`. `null`: counts say nothing. */
  more: number | null;
  /** Whether the model may not take this place for text: then a violation needs the counts of the part and of the control, in the same transport. */
  needsCounts?: boolean;
  /** Whether a model that follows prompts reliably also reads this place: text that is counted and not repeated is then in a wrong one. */
  isRead?: boolean;
  /**
   * The whole without this place, and the tokens that the place costs at least: one for each of its words. Where it costs less, something of a
   * place that arrives by itself is lost beside the others.
   */
  without?: readonly [fixture: string, least: number];
}

/** The words come back. Where the counts contain a place that the model does not repeat, it may not have looked there. */
export function arrives(place: Place): Judge {
  const { whole = 'arrival', part, words, what, control, more, isRead = false, needsCounts = false, without } = place;
  const { expected = words.join(', ') } = place;
  const shown = place.also === undefined ? [control] : [control, place.also];
  const controls = new Map([...shown, IN_STREAM]);
  const { works = 'repeats a code word from elsewhere' } = place;
  const shows = saysAll(words);
  return inEachTransport((evidence, transport) => {
    const id = inTransport(whole, transport);
    const together = evidence.of(id, transport);
    if (answered(together).some(({ message }) => message !== null && shows(message))) return satisfied();
    const subject = evidence.resolve({ whole: id, part }, transport);
    const nothing = withoutReply(subject, evidence);
    if (nothing !== null) return nothing;
    if (without !== undefined && answered(evidence.of(part, transport)).some(({ message }) => shows(message!)))
      return lostBesideOthers(evidence, together, evidence.of(without[0], transport), without[1], place);
    // Servers count streams by other code, so a control that is also streamed is compared there.
    const isCompared = (fixture: string): boolean =>
      fixture === part || (fixture === control[0] && evidence.of(fixture, transport).length > 0);
    const ofTransport: Evidence['of'] = (fixture, only) => evidence.of(fixture, isCompared(fixture) ? transport : only);
    const compared = { ...evidence, of: ofTransport };
    const judge = steered({
      subject: () => subject,
      control: () => [...shown.flatMap(([fixture]) => evidence.of(fixture)), ...streamControl(evidence, transport)],
      shows: (message, { fixture }) => (controls.get(fixture) ?? shows)(message),
      expected,
      lost: `${what} is lost${transport === 'stream' ? ' where the client asks for a stream' : ''}: the model ${works}.`,
      needsEnd: true,
      ...(place.omitted !== undefined && { without: place.omitted }),
      isProven: () => more !== null && countsShowLoss(compared, part, { than: control[0], by: more }),
    });
    if (more === null) return judge(evidence);
    const excuse = isRead ? whereObeyed([control[0]]) : () => 'the model may not look there';
    const judgement = unlessCounted(part, judge, { than: control[0], by: more, excuse })(compared);
    return needsCounts && judgement.outcome === 'violated' && !areCounted(evidence, transport, [part, control[0]])
      ? inconclusive(NOT_COUNTED, subject.length)
      : judgement;
  });
}

/** Whether the replies to these fixtures in this transport have counts that can be compared. */
const areCounted = (evidence: Evidence, transport: Transport, fixtures: readonly string[]): boolean =>
  areComparable(evidence, transport) && fixtures.every((fixture) => Boolean(inputOf(evidence.of(fixture, transport))));

/** A place that arrives by itself may be dropped beside others, as system prompts beside tools. Only tokens tell it from a weak model. */
function lostBesideOthers(
  evidence: Evidence,
  together: readonly Exchange[],
  without: readonly Exchange[],
  least: number,
  { words, what }: Place,
): Judgement {
  const last = finished(together).at(-1);
  const counts = addsLess(evidence, together, without, least);
  if (last === undefined || counts === null) return satisfied();
  const fault = `${what} is lost beside the other parts of the request; in a request of its own it arrives.`;
  const actual = `${replyText(last)}; ${counts.all} input tokens, and ${counts.rest} without it`;
  return violated({ ...finding(last, fault, words.join(', '), actual), comparedWith: without[0]!.id }, true);
}

/** The control of conversations with a tool, and the one without. */
export const TOLD: Place['control'] = ['arrival-told', saysBothWords];
export const IN_PROMPT: Place['control'] = ['words-in-prompt', saysBothWords];

/** The calls of `results-by-id`, in their order, and the number of each. Its results come in the order of `SENT`. */
const NUMBERS = { Paris: '4711', Rome: '4823', Oslo: '4935' } as const;
const SENT = ['4935', '4711', '4823'] as const;
const CITIES = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];

/** Whether a reply gives each city this number, without another city between the two. */
function pairs(message: unknown, numbers: readonly string[]): boolean {
  return CITIES.every((city, index) => {
    const others = CITIES.filter((other) => other !== city).join('|');
    return new RegExp(`${city}(?:(?!${others})\\D){0,40}${numbers[index]}`, 'i').test(text(message));
  });
}

const byId = (message: unknown): boolean => pairs(message, Object.values(NUMBERS));
const byPosition = (message: unknown): boolean => pairs(message, SENT);

const PAIRING = ['results-in-order', 'results-told'] as const;

/**
 * Each result belongs to the call of its id. Only the mapping by position, in every reply, is the server's: a model that gives another
 * one, or that cannot pair by id where the ids stand in the prompt, proves nothing.
 */
export const resultsById: Judge = inEachTransport((evidence, transport) => {
  const asked = evidence.of(inTransport('results-by-id', transport), transport);
  const nothing = withoutReply(asked, evidence);
  if (nothing !== null) return nothing;
  const judgement = steered({
    subject: () => asked,
    control: () => [...PAIRING.flatMap((id) => evidence.of(id)), ...streamControl(evidence, transport)],
    shows: (message, { fixture }) => (fixture === IN_STREAM[0] ? saysBothWords(message) : byId(message)),
    expected: CITIES.map((city) => `${city}: ${NUMBERS[city]}`).join(', '),
    lost: 'Tool results are taken by position instead of by `tool_use_id`; the agent gets the result of another call.',
    needsEnd: true,
  })(evidence);
  if (judgement.outcome !== 'violated' || !judgement.silent) return judgement;
  if (!PAIRING.every((id) => answered(evidence.of(id)).length > 0))
    return inconclusive('Not tested: the control requests got no reply', asked.length);
  const ended = finished(asked);
  const last = ended.at(-1);
  return last !== undefined && ended.every(({ message }) => byPosition(message))
    ? judgement
    : inconclusive(
        `The reply has neither order: ${last === undefined ? 'it is incomplete' : replyText(last)}`,
        asked.length,
      );
});

const says = (word: 'YES' | 'NO', message: unknown): boolean => {
  const said = new Set(
    text(message)
      .toUpperCase()
      .match(/\b(?:YES|NO)\b/g),
  );
  return said.size === 1 && said.has(word);
};

/** `is_error` is lost where the model takes the failure for a success, and the prompt has no token more for it. */
export const failureArrives: Judge = inEachTransport((evidence, transport) => {
  const asked = evidence.of(inTransport('result-failed', transport), transport);
  const nothing = withoutReply(asked, evidence);
  if (nothing !== null) return nothing;
  const fine = evidence.of('result-succeeded');
  const judgement = steered({
    subject: () => asked,
    control: () => [...fine, ...evidence.of('result-failed-told'), ...streamControl(evidence, transport)],
    shows: (message, { fixture }) =>
      fixture === IN_STREAM[0] ? saysBothWords(message) : says(fixture === 'result-succeeded' ? 'YES' : 'NO', message),
    expected: 'NO, as the result has `is_error` true',
    lost: '`is_error` of a tool result is lost: the model takes the failed call for a success.',
    needsEnd: true,
  })(evidence);
  if (judgement.outcome !== 'violated' || !judgement.silent) return judgement;
  const [failed, succeededCount] = [inputOf(asked), inputOf(fine)];
  if (failed === null || succeededCount === null || countsAlike(evidence))
    return inconclusive(
      'The model does not tell the failure, and the replies do not count input tokens, or count all prompts alike',
      asked.length,
    );
  return failed === succeededCount
    ? judgement
    : inconclusive(`The model does not tell the failure, but it costs tokens: ${failed}, ${succeededCount} without it`);
});

/** Text before the results is documented to be rejected. A server that accepts it must not drop it. */
export function textBeforeArrives(evidence: Evidence): Judgement {
  const asked = evidence.of('text-before-result');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  if (asked.every(rejectedAsInvalid)) return satisfied(`Rejected, which is documented: ${answer(asked[0]!)}`);
  const replies = answered(asked);
  const first = replies[0];
  if (first === undefined)
    return notObserved('The target does not answer text before a tool result, see tr.text-before');
  if (replies.some(({ message }) => /QW42/i.test(text(message)))) return satisfied();
  const counts = addsLess(evidence, asked, evidence.of('result-string'));
  if (counts === null) return inconclusive('The reply does not show the text before the result', replies.length);
  const fault = 'Text before the `tool_result` blocks of a message is accepted and dropped.';
  const actual = `${replyText(first)}; ${counts.all} input tokens, ${counts.rest} without the text`;
  return violated(finding(first, fault, 'the code QW42 of this text, or HTTP 400', actual), succeeded(first));
}

/**
 * Judges a request without a stream, and its stream by the same judge. A stream only adds a loss: where streams bring back plain words and
 * this one does not bring back its own.
 */
export function alsoStreamed(whole: string, judge: (evidence: Evidence, whole: string) => Judgement): Judge {
  return (evidence) => {
    const only = (transport: Transport): Evidence => ({
      ...evidence,
      resolve: (asked, one = transport) => evidence.resolve(asked, one),
    });
    const judgement = judge(only('json'), whole);
    const id = inTransport(whole, 'stream');
    const controls = answered(streamControl(evidence, 'stream'));
    const bringsWords = controls.length > 0 && controls.every(({ message }) => saysBothWords(message!));
    if (judgement.outcome !== 'satisfied' || !bringsWords || !evidence.of(id).some(isAccepted)) return judgement;
    const streamed = judge(only('stream'), id);
    return streamed.outcome === 'violated' ? streamed : judgement;
  };
}

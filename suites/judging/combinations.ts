/** Features that a target accepts one by one, in one request. */

import { answer, isAccepted, rejectedAsInvalid } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { onlyEmpty } from './empty-replies.js';
import { addsLess } from './input-counts.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { stoppedMessage } from './stop-sequences.js';
import { calls, worst } from './tool-views.js';
import { finished, stopSequences } from './views.js';

/** A feature, the fixtures that use it without the others, and the combined request that leaves it out. */
interface Feature {
  name: string;
  alone: readonly string[];
  without: string;
}

export const FEATURES: readonly Feature[] = [
  { name: 'adaptive thinking', alone: ['adaptive-short'], without: 'combined-without-thinking' },
  { name: '`tools`', alone: ['cheap-tool'], without: 'combined-without-tools' },
  { name: '`stop_sequences`', alone: ['counting-stop-long', 'counting-stop'], without: 'combined-without-stop' },
  { name: '`cache_control`', alone: ['cache-four', 'cache-four-plain'], without: 'combined-without-cache' },
  { name: '`output_config.format`', alone: ['structured', 'structured-plain'], without: 'combined-without-format' },
  { name: 'a later `system` message', alone: ['system-role-later'], without: 'combined-without-system' },
];

/** The request with all features, streamed. */
export const ALL = 'combined-all';

/** All but structured output, so that a stop sequence can end the reply. */
export const STOPPED = 'combined-stop';

/** Requests that show what each feature does by itself. */
export const ALONE = [...new Set(FEATURES.flatMap(({ alone }) => alone))];

export const PARTS_OF_ALL = FEATURES.map(({ without }) => without);

const isServed = (evidence: Evidence, ids: readonly string[]): boolean =>
  ids.some((id) => evidence.of(id).some(isAccepted));

/** The server accepts the features together. Rejected, the requests that leave one of them out show which do not combine. */
export function acceptedTogether(evidence: Evidence): Judgement {
  const whole = evidence.of(ALL);
  const nothing = noAnswer(whole, evidence);
  if (nothing !== null) return nothing;
  if (whole.some(isAccepted)) return onlyEmpty(whole, evidence) ?? satisfied();
  const first = whole[0]!;
  if (!evidence.of('minimal', 'stream').some(isAccepted))
    return inconclusive('Not tested: the short question as a stream was rejected too');
  const unserved = FEATURES.filter(({ alone }) => !isServed(evidence, alone));
  if (unserved.length > 1) return notObserved(`The target does not accept ${names(unserved)}, each by itself`);
  const [only] = unserved;
  if (only !== undefined) {
    const rest = evidence.of(only.without);
    if (rest.some(isAccepted)) return satisfied(`Without ${only.name}, which the target does not accept by itself`);
    const unclear = rest.length === 0 ? null : noAnswer(rest, evidence);
    if (unclear !== null) return unclear;
    return rest.length === 0
      ? notObserved(`The target does not accept ${only.name}`)
      : together(
          rest[0]!,
          FEATURES.filter((one) => one !== only),
        );
  }
  const parts = FEATURES.filter(({ without }) => evidence.of(without).length > 0);
  if (parts.length === 0)
    return inconclusive(`${first.id} was rejected (${answer(first)}), and no part of it was sent`);
  const culprits = parts.filter(({ without }) => evidence.of(without).some(isAccepted));
  return together(first, culprits.length > 0 ? culprits : FEATURES);
}

const names = (features: readonly Feature[]): string => {
  const all = features.map(({ name }) => name);
  return [all.slice(0, -1).join(', '), all.at(-1)].filter(Boolean).join(' and ');
};

function together(exchange: Exchange, features: readonly Feature[]): Judgement {
  const subject = features.length === 1 ? `${names(features)} beside other features` : `${names(features)} together`;
  return violated(
    finding(
      exchange,
      `The server rejects ${subject}; it accepts each by itself.`,
      'HTTP 200 with a Message',
      answer(exchange),
    ),
  );
}

/** The request with a word in each kind of system prompt, and the one of the user, streamed. */
const WORDS = 'combined-words';

/** Where its words stand, and the same request without this place. */
const PLACES = [
  { word: /PINEAPPLE/i, name: 'The `system` prompt', without: 'combined-words-without-system' },
  { word: /MANGO/i, name: 'A later `system` message', without: 'combined-words-without-later' },
] as const;

/** The words of both, and that of the user's own message. */
const ANY_WORD = /PINEAPPLE|MANGO|CHERRY/i;

/** The requests that show whether words of system prompts reach the model beside other features. */
export const WORDS_TOGETHER: readonly string[] = [WORDS, ...PLACES.map(({ without }) => without)];

/** What works by itself has its effect in combination: structured output, a stop sequence, and system prompts. */
export const effectTogether = (evidence: Evidence): Judgement =>
  worst(structuredTogether(evidence), stoppedTogether(evidence), systemTogether(evidence));

/** A system prompt whose word no reply has, and that costs no tokens, was dropped. A model that overlooks it costs them. */
function systemTogether(evidence: Evidence): Judgement {
  const replies = finished(evidence.of(WORDS));
  const last = replies.at(-1);
  if (last === undefined) return notDone(evidence, WORDS);
  const lost = PLACES.filter(({ word }) => !replies.some(({ message }) => word.test(text(message))));
  // A model that repeats no word at all leaves only the counts, and some servers count no system prompt, wherever it stands.
  if (lost.length > 0 && !replies.some(({ message }) => ANY_WORD.test(text(message))))
    return inconclusive('The model repeats no word of the prompt, not that of the user either', replies.length);
  const findings = lost.flatMap(({ name, without }): Finding[] => {
    const rest = evidence.of(without);
    const counts = addsLess(evidence, evidence.of(WORDS), rest);
    if (counts === null) return [];
    const fault = `${name} is lost beside thinking, tools and a stop sequence: it costs no input tokens.`;
    const actual = `${text(last.message)}; ${counts.all} input tokens, and ${counts.rest} without it`;
    const found = finding(last, fault, 'PINEAPPLE MANGO CHERRY', actual, { pointer: '/content' });
    return [{ ...found, comparedWith: rest[0]!.id }];
  });
  if (findings.length > 0) return violated(findings, true);
  return lost.length === 0
    ? satisfied()
    : inconclusive('The model does not repeat the words of its system prompts', replies.length);
}

/** Whether the reply ends with the object of the schema. What may stand before it is for other requirements to judge. */
const hasAnswer = ({ message }: Exchange): boolean => {
  const said = text(message);
  try {
    const value: unknown = JSON.parse(said.slice(said.lastIndexOf('{'), said.lastIndexOf('}') + 1));
    return isObject(value) && Number.isInteger(get(value, 'answer'));
  } catch {
    return false;
  }
};

function structuredTogether(evidence: Evidence): Judgement {
  // A call instead of an answer shows nothing of its format.
  const replies = finished(evidence.of(ALL)).filter(
    ({ message }) => get(message, 'stop_reason') !== 'stop_sequence' && calls(message).length === 0,
  );
  if (replies.length === 0) return notDone(evidence, ALL);
  if (replies.some(hasAnswer)) return satisfied();
  const alone = finished([...evidence.of('structured'), ...evidence.of('structured-plain')]);
  if (alone.length === 0 || !alone.every(hasAnswer))
    return inconclusive('Not tested: structured output has no effect by itself either, see so.format.json');
  return violated(
    replies.map((exchange) =>
      finding(
        exchange,
        '`output_config.format` has no effect beside other features; by itself it has.',
        'JSON with an integer `answer`',
        text(exchange.message),
        { pointer: '/content' },
      ),
    ),
    true,
  );
}

function stoppedTogether(evidence: Evidence): Judgement {
  const replies = finished(evidence.of(STOPPED));
  if (replies.length === 0) return notDone(evidence, STOPPED);
  if (replies.some((exchange) => stoppedMessage(exchange) !== null)) return satisfied();
  const passed = replies.filter((exchange) =>
    stopSequences(exchange).some((sequence) => text(exchange.message).includes(sequence)),
  );
  const alone = [...evidence.of('counting-stop-long'), ...evidence.of('counting-stop')];
  if (passed.length < replies.length || !alone.some((exchange) => stoppedMessage(exchange) !== null))
    return inconclusive('Not tested: no reply reached the stop sequence, or none ended a reply by itself');
  return violated(
    passed.map((exchange) =>
      finding(
        exchange,
        '`stop_sequences` have no effect beside other features; by themselves they have.',
        'stop_reason "stop_sequence"',
        text(exchange.message),
        { pointer: '/stop_reason' },
      ),
    ),
    true,
  );
}

/** Why a combined request shows no effect. `req.combined.accepted` judges a rejection. */
function notDone(evidence: Evidence, id: string): Judgement {
  const sent = evidence.of(id);
  const nothing = noAnswer(sent, evidence);
  if (nothing !== null) return nothing;
  return sent.every(rejectedAsInvalid)
    ? notObserved(`${sent[0]!.id} was rejected (${answer(sent[0]!)})`)
    : inconclusive('The reply is incomplete', sent.length);
}

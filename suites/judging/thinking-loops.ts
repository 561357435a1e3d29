/** Thinking blocks that the client sends back: in tool loops, in later turns, and with a forged signature. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { type JsonObject, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { accepted, rejected } from './judges.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { steered } from './steering.js';
import {
  firstRequests,
  isAdaptive,
  isMessage,
  LOOP_FORMS,
  OMITTED_FORMS,
  thinkingBlocks,
  thinkingWithToolUse,
  withoutReply,
} from './thinking-blocks.js';
import { calls } from './tool-views.js';
import { answered, firstFew } from './views.js';

/** A tool loop whose first reply has a thinking block and a tool call, and the responses after both were sent back. */
interface Replay {
  /** First replies, with both blocks. */
  first: readonly Exchange[];
  /** Responses to the tool results. */
  second: readonly Exchange[];
  /** Responses to the next question, with all of that in the history. */
  third: readonly Exchange[];
}

/** The tool loops of this run that reached their second request, or why there are none. */
function replays(evidence: Evidence): Replay | Judgement {
  const asked = firstRequests(evidence, LOOP_FORMS);
  const replies = answered(asked);
  if (replies.length === 0) return withoutReply(evidence, asked);
  const first = replies.filter((exchange) => thinkingWithToolUse(exchange) !== null);
  if (first.length === 0) {
    const calling = replies.some(({ message }) => calls(message).length > 0);
    return inconclusive(
      `The model ${calling ? 'did not think before its tool call' : 'did not call the tool'}`,
      replies.length,
    );
  }
  const whole = first.filter(({ message }) => thinkingBlocks(message).every(isComplete));
  if (whole.length === 0) {
    return inconclusive(
      'Not tested: the thinking block of the first reply has the wrong shape, so it cannot be sent back',
    );
  }
  return { first: whole, second: laterTurns(evidence, whole, 2), third: laterTurns(evidence, whole, 3) };
}

/** Whether a block has the fields that a client has to send back. */
const isComplete = (block: JsonObject): boolean =>
  block.type === 'thinking'
    ? typeof block.thinking === 'string' && typeof block.signature === 'string'
    : typeof block.data === 'string';

const isReplay = (found: Replay | Judgement): found is Replay => 'first' in found;

/** Satisfied when each of these exchanges has a message; otherwise the judgement of `fault`. */
function allAccepted(
  evidence: Evidence,
  exchanges: readonly Exchange[],
  fault: (bad: readonly Exchange[]) => Judgement,
): Judgement {
  const nothing = noAnswer(exchanges, evidence);
  if (nothing !== null) return nothing;
  const bad = exchanges.filter((exchange) => !isMessage(exchange));
  return bad.length === 0 ? satisfied() : fault(bad);
}

/** The server accepts its own thinking block in a tool loop. */
export function acceptsReplay(evidence: Evidence): Judgement {
  const loop = replays(evidence);
  if (!isReplay(loop)) return loop;
  return acceptsBack(evidence, loop.first, 'The server rejects its own thinking block; the tool loop cannot continue.');
}

const isUnsigned = ({ type, signature }: JsonObject): boolean => type === 'thinking' && !signature;

/** The server accepts its own thinking without a signature. Clients that drop or sign such blocks change the history. */
export function acceptsUnsigned(evidence: Evidence): Judgement {
  const asked = firstRequests(evidence, LOOP_FORMS);
  const first = answered(asked).filter((exchange) => thinkingWithToolUse(exchange) !== null);
  if (first.length === 0) return notObserved('No reply of this run has thinking and a tool call');
  const unsigned = first.filter(({ message }) => thinkingBlocks(message).some(isUnsigned));
  if (unsigned.length === 0) return notObserved('The target signs its thinking, see think.replay');
  return acceptsBack(
    evidence,
    unsigned,
    'The server rejects thinking that it sent without a signature; no client can add one, and the tool loop ends.',
  );
}

/** The given turn of these conversations, which sends something of their first replies back. */
const laterTurns = (evidence: Evidence, first: readonly Exchange[], turn: number): Exchange[] =>
  first.flatMap(({ fixture, transport, attempt }) =>
    evidence.of(fixture, transport).filter((exchange) => exchange.turn === turn && exchange.attempt === attempt),
  );

/** The second turns of these conversations, which send the first replies back, are accepted. */
function acceptsBack(evidence: Evidence, first: readonly Exchange[], rejected: string): Judgement {
  return allAccepted(evidence, laterTurns(evidence, first, 2), (bad) =>
    violated(
      bad.map((exchange) =>
        finding(exchange, rejected, 'HTTP 200 with a Message', answer(exchange), { pointer: '/messages/1/content' }),
      ),
    ),
  );
}

/** First replies whose thinking the server left out and signed, or why there are none. */
function omittedReplies(evidence: Evidence): readonly Exchange[] | Judgement {
  const asked = firstRequests(evidence, OMITTED_FORMS);
  const replies = answered(asked);
  if (replies.length === 0)
    return noAnswer(asked, evidence) ?? notObserved('No reply to omitted thinking, see think.display.omitted');
  const omitted = replies.filter(({ message }) =>
    thinkingBlocks(message).some(({ thinking, signature }) => thinking === '' && Boolean(signature)),
  );
  return omitted.length > 0
    ? omitted
    : notObserved('No reply of this run has an empty thinking block with a signature');
}

/** The server accepts a reply back whose thinking it left out: without the empty block the signature is lost, and clients keep both. */
export function acceptsOmitted(evidence: Evidence): Judgement {
  const first = omittedReplies(evidence);
  if ('outcome' in first) return first;
  const fault = 'The server rejects its own omitted thinking; no conversation gets past its first turn.';
  return acceptsBack(evidence, first, fault);
}

/** Requests with the same text beside a call, without thinking: they show that the model repeats its code word. */
export const BESIDE_CALL = ['arrival', 'arrival-streamed', 'arrival-beside-call'] as const;

/** The text beside omitted thinking reaches the model: its code word comes back with the one of the user. */
export function textBesideOmitted(evidence: Evidence): Judgement {
  const first = omittedReplies(evidence);
  if ('outcome' in first) return first;
  const third = laterTurns(evidence, first, 3);
  const nothing = noAnswer(third, evidence);
  if (nothing !== null) return nothing;
  if (answered(third).length === 0)
    return notObserved(`Not tested: ${third[0]!.id} got no reply (${answer(third[0]!)}), see think.omitted.replay`);
  const judgement = steered({
    subject: () => answered(third),
    control: () => BESIDE_CALL.flatMap((fixture) => evidence.of(fixture)),
    shows: (message) => /HAZEL/i.test(text(message)),
    expected: 'FENNEL HAZEL',
    lost: 'Text beside an omitted thinking block is lost; the model repeats it from a message without thinking.',
    needsEnd: true,
  })(evidence);
  const follows = answered(third).every(({ message }) => /FENNEL/i.test(text(message)));
  return judgement.outcome === 'violated' && !follows
    ? inconclusive('The model does not repeat the code word of the user either', third.length)
    : judgement;
}

/** The server rejects a thinking block with a forged signature. */
export function rejectsForgery(evidence: Evidence): Judgement {
  const honest = acceptsReplay(evidence);
  if (honest.outcome === 'rejected' || honest.outcome === 'unreachable') return honest;
  if (honest.outcome !== 'satisfied') {
    return inconclusive(
      'Not tested: the target did not accept an unchanged thinking block, so a rejection would prove nothing',
    );
  }
  const loop = replays(evidence);
  const first = isReplay(loop) ? loop.first : [];
  const signed = first.flatMap(({ message }) => thinkingBlocks(message)).some(({ signature }) => signature !== '');
  if (!signed) return notObserved('The target does not sign its thinking: its signatures are empty');
  const forged = first.some(isAdaptive) ? 'thinking-forged-adaptive' : 'thinking-forged';
  return rejected()({ ...evidence, own: evidence.of(forged) });
}

/** The server accepts a history without thinking blocks, and one with thinking of earlier turns, while thinking is on. */
export function acceptsHistory(evidence: Evidence): Judgement {
  const plain = plainHistory(evidence);
  if (plain.outcome !== 'satisfied') return plain;
  const loop = replays(evidence);
  // A loop that fails earlier is judged by think.replay; it does not show how the server treats thinking of earlier turns.
  if (!isReplay(loop) || !loop.second.every(succeeded)) return plain;
  return allAccepted(evidence, loop.third, (bad) => ({
    outcome: bad.every(rejectedAsInvalid) ? 'rejected' : 'violated',
    findings: bad.map((exchange) =>
      finding(
        exchange,
        'The server rejects a history with thinking of an earlier turn while thinking is on.',
        'HTTP 200 with a Message',
        answer(exchange),
      ),
    ),
  }));
}

/** The server accepts thinking after a history without thinking blocks, or rejects it only because of that history. */
function plainHistory(evidence: Evidence): Judgement {
  const asked = firstRequests(evidence, ['thinking', 'thinking-adaptive']);
  if (asked.some((exchange) => succeeded(exchange))) return accepted()({ ...evidence, own: asked });
  const withoutHistory = evidence.of('thinking-alone');
  if (withoutHistory.some(succeeded)) return accepted()({ ...evidence, own: evidence.of('thinking') });
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture(first.fixture), first);
  return trouble === null ? notObserved('This target does not support thinking') : inconclusive(trouble);
}

/** With `display` "omitted" a thinking block has its signature and no text. */
export function omitted(evidence: Evidence): Judgement {
  const asked = firstRequests(evidence, OMITTED_FORMS);
  const replies = answered(asked);
  if (replies.length === 0) return withoutReply(evidence, asked);
  const thinking = replies.filter(({ message }) => blocks(message, 'thinking').length > 0);
  if (thinking.length === 0) return inconclusive('No reply has a thinking block', replies.length);
  return verdictOf(
    thinking.flatMap((exchange) => firstFew(omissionFaults(exchange))),
    true,
  );
}

function omissionFaults(exchange: Exchange): Finding[] {
  const expected = 'thinking "" and a signature';
  const place = { pointer: '/content' };
  return blocks(exchange.message, 'thinking').flatMap((block) => {
    const actual = `thinking ${quote(block.thinking)}, signature ${quote(block.signature)}`;
    if (typeof block.thinking === 'string' && block.thinking !== '')
      return [finding(exchange, '`thinking` is not empty, although `display` is "omitted".', expected, actual, place)];
    if (typeof block.signature === 'string' && block.signature !== '') return [];
    return [
      finding(
        exchange,
        '`signature` of an omitted thinking block is missing; clients cannot send the block back.',
        expected,
        actual,
        place,
      ),
    ];
  });
}

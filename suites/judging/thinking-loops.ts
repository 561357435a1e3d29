/** Thinking that comes back: tool loops that go on with it, conversations that go on behind it, thinking that was forged. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { accepted, rejected } from './judges.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { isMessage, LOOPS, mayChoose, taken, thoughtAndCall, thoughts, unanswered } from './thinking-blocks.js';
import { calls } from './tool-views.js';
import { answered } from './views.js';

/** A tool loop whose first reply holds a thought and a call: what came when both were sent back. */
interface Replay {
  /** First replies with both. */
  first: readonly Exchange[];
  /** Answers to the results behind them. */
  second: readonly Exchange[];
  /** Answers to the next question, with all of that in the history. */
  third: readonly Exchange[];
}

/** The tool loops of this run that got far enough, or why there are none. */
function replays(evidence: Evidence): Replay | Judgement {
  const asked = taken(evidence, LOOPS);
  const replies = answered(asked);
  if (replies.length === 0) return unanswered(evidence, asked);
  const first = replies.filter((exchange) => thoughtAndCall(exchange) !== null);
  if (first.length === 0) {
    const calling = replies.some(({ message }) => calls(message).length > 0);
    return inconclusive(
      `the model ${calling ? 'did not think before its call' : 'did not call the tool'}`,
      replies.length,
    );
  }
  const whole = first.filter(({ message }) => thoughts(message).every(canGoBack));
  if (whole.length === 0) {
    return inconclusive('the thinking block of the first reply cannot be sent back as it is: its shape is broken');
  }
  const behind = (turn: number): Exchange[] =>
    whole.flatMap(({ fixture, transport, attempt }) =>
      evidence.of(fixture, transport).filter((exchange) => exchange.turn === turn && exchange.attempt === attempt),
    );
  return { first: whole, second: behind(2), third: behind(3) };
}

const canGoBack = (block: JsonObject): boolean =>
  block.type === 'thinking'
    ? typeof block.thinking === 'string' && typeof block.signature === 'string'
    : typeof block.data === 'string';

const isReplay = (found: Replay | Judgement): found is Replay => 'first' in found;

/** Each of these was answered with a message; what was not is put into words by `fault`. */
function allServed(exchanges: readonly Exchange[], fault: (bad: readonly Exchange[]) => Judgement): Judgement {
  const nothing = noAnswer(exchanges);
  if (nothing !== null) return nothing;
  const bad = exchanges.filter((exchange) => !isMessage(exchange));
  return bad.length === 0 ? satisfied() : fault(bad);
}

export function goesBack(evidence: Evidence): Judgement {
  const loop = replays(evidence);
  if (!isReplay(loop)) return loop;
  return allServed(loop.second, (bad) =>
    violated(
      bad.map((exchange) =>
        finding(
          exchange,
          'The server does not take its own thinking block back: the tool loop cannot go on.',
          'HTTP 200 with a Message',
          answer(exchange),
          { pointer: '/messages/1/content' },
        ),
      ),
    ),
  );
}

export function forgeryIsSeen(evidence: Evidence): Judgement {
  const honest = goesBack(evidence);
  if (honest.outcome === 'rejected' || honest.outcome === 'unreachable') return honest;
  if (honest.outcome !== 'satisfied') {
    return inconclusive(
      'thinking that comes back unchanged is not known to be taken, so a refusal would prove nothing',
    );
  }
  const loop = replays(evidence);
  const first = isReplay(loop) ? loop.first : [];
  const signed = first.flatMap(({ message }) => thoughts(message)).some(({ signature }) => signature !== '');
  if (!signed) return notObserved('the target does not sign its thinking: its signatures are empty');
  const forged = first.some(mayChoose) ? 'thinking-forged-adaptive' : 'thinking-forged';
  return rejected()({ ...evidence, own: evidence.of(forged) });
}

export function historyIsTaken(evidence: Evidence): Judgement {
  const plain = plainHistory(evidence);
  if (plain.outcome !== 'satisfied') return plain;
  const loop = replays(evidence);
  // What keeps the loop from getting there is judged where the loop is: thinking of earlier turns is then not known.
  if (!isReplay(loop) || !loop.second.every(succeeded)) return plain;
  return allServed(loop.third, (bad) => ({
    outcome: bad.every(rejectedAsInvalid) ? 'rejected' : 'violated',
    findings: bad.map((exchange) =>
      finding(
        exchange,
        'A history with thinking from an earlier turn is not served while thinking is on.',
        'HTTP 200 with a Message',
        answer(exchange),
      ),
    ),
  }));
}

/** Served with a history, or refused because of it: the same thinking is served without. */
function plainHistory(evidence: Evidence): Judgement {
  const asked = taken(evidence, ['thinking', 'thinking-adaptive']);
  if (asked.some((exchange) => succeeded(exchange))) return accepted()({ ...evidence, own: asked });
  const alone = evidence.of('thinking-alone');
  if (alone.some(succeeded)) {
    return accepted()({ ...evidence, own: evidence.of('thinking') });
  }
  const nothing = noAnswer(asked);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture(first.fixture), first);
  return trouble === null ? notObserved('this target serves no thinking at all') : inconclusive(trouble);
}

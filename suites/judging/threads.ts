/** Message threads: a server that keeps the conversation, or says that it does not. */

import { answer, isAccepted, rejectedAsInvalid, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject, quote } from '../../core/json.js';
import { blocks, totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { controlTrouble, rejectsItsBeta, whyBetaFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { replyText, steered } from './steering.js';
import { saysBothWords } from './steering-words.js';
import { answered, turnBefore } from './views.js';

/** The conversation, an id that no server knows, and the control of the conversation. */
export const THREADS = ['thread', 'thread-unknown', 'thread-control'] as const;

const REJECTED = 'HTTP 400 or 404';
const DROPPED =
  'The server drops `thread` and answers from the new messages only; the client does not send the others.';

/** A continued thread is honoured or rejected. */
export function continuesOrRejects(evidence: Evidence): Judgement {
  const unknown = evidence.of('thread-unknown');
  const asked = [...evidence.of('thread'), ...unknown];
  const sent = asked.filter(({ failure }) => failure?.kind !== 'not-set-up');
  const nothing = noAnswer(sent, evidence);
  if (nothing !== null) return nothing;
  const refused = sent.filter((one) => !isAccepted(one));
  const header = refused.length > 0 ? whyBetaFailed(evidence) : null;
  if (header !== null) return inconclusive(header);
  const untested = controlTrouble(evidence, refused);
  if (untested !== null) return untested;
  const invented = unknown.filter(isAccepted).map((exchange) => finding(exchange, DROPPED, REJECTED, answer(exchange)));
  if (invented.length > 0) return violated(invented, true);
  const unclear = sent.filter((exchange) => !succeeded(exchange) && !rejectedAsInvalid(exchange));
  if (unclear.length > 0) {
    const fault = '`thread` is neither honoured nor rejected; the client cannot tell that it has to send everything.';
    return violated(unclear.map((exchange) => finding(exchange, fault, `HTTP 200, or ${REJECTED}`, answer(exchange))));
  }
  return continued(evidence);
}

function continued(evidence: Evidence): Judgement {
  const turns = evidence.of('thread');
  const replies = answered(turns.filter(({ turn }) => turn === 2));
  if (replies.length === 0) {
    const rejection = turns.find((exchange) => exchange.response !== null && !succeeded(exchange));
    return rejection === undefined
      ? inconclusive('The thread has no second reply', turns.length)
      : satisfied(`Rejected, which is allowed: ${answer(rejection)}`);
  }
  if (replies.some(({ message }) => message !== null && saysBothWords(message))) return satisfied();
  const lost = replies.flatMap((exchange): Finding[] => {
    const [before, after] = [turnBefore(turns, exchange), exchange].map((one) =>
      totalInput(get(one?.message, 'usage')),
    );
    if (!before || !after || after >= before) return [];
    return [
      finding(
        exchange,
        DROPPED,
        `more than the ${before} input tokens of the request before, and ${REJECTED} otherwise`,
        `${after} input tokens, ${replyText(exchange)}`,
        { pointer: '/usage/input_tokens' },
      ),
    ];
  });
  if (lost.length > 0) return violated(lost, true);
  const counted = replies.some(({ message }) => (totalInput(get(message, 'usage')) ?? 0) > 0);
  if (counted)
    return inconclusive('The reply has no word of the thread, but its input tokens include it', replies.length);
  return steered({
    subject: () => replies,
    control: () => evidence.of('thread-control'),
    shows: saysBothWords,
    expected: 'the two words of the first request',
    lost: DROPPED,
  })(evidence);
}

/** A thread that holds an assistant message without content is not valid, whatever the server does with threads. */
function followsEmptyReply(turns: readonly Exchange[], exchange: Exchange): boolean {
  const before = turnBefore(
    turns.filter(({ fixture, transport }) => fixture === exchange.fixture && transport === exchange.transport),
    exchange,
  );
  return before?.message != null && blocks(before.message).length === 0;
}

/** The codes on which clients send the whole conversation again, with the status of each. Source: the official Go client. */
const CODES: Readonly<Record<string, number>> = { thread_unsupported_request: 400, thread_not_found: 404 };
const EXPECTED = Object.entries(CODES)
  .map(([code, own]) => `HTTP ${own} with error.details.error_code "${code}"`)
  .join(', or ');

/** The code of a rejected thread. */
export function rejectsWithCode(evidence: Evidence): Judgement {
  const asked = [...evidence.of('thread'), ...evidence.of('thread-unknown')];
  const nothing = noAnswer(
    asked.filter(({ failure }) => failure?.kind !== 'not-set-up'),
    evidence,
  );
  if (nothing !== null) return nothing;
  const rejections = asked.filter(
    (exchange) =>
      isObject(get(exchange.sent, 'thread')) &&
      rejectedAsInvalid(exchange) &&
      !rejectsItsBeta(exchange) &&
      !followsEmptyReply(asked, exchange),
  );
  const untested = controlTrouble(evidence, rejections);
  if (untested !== null) return untested;
  if (rejections.length === 0)
    return notObserved('The server rejected no request because of its `thread`, see agent.thread.not-ignored');
  return verdictOf(
    rejections.flatMap((exchange) => {
      const code = get(exchange.json, 'error', 'details', 'error_code');
      if (typeof code === 'string' && Object.hasOwn(CODES, code) && CODES[code] === status(exchange)) return [];
      const fault = 'No code tells a client to send the whole conversation; it reports the error to its user instead.';
      return [
        finding(
          exchange,
          fault,
          EXPECTED,
          `HTTP ${status(exchange)}, error.details ${quote(get(exchange.json, 'error', 'details'))}`,
          {
            pointer: '/error/details/error_code',
          },
        ),
      ];
    }),
  );
}

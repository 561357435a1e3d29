/** Connections: a request after a complete reply, and a message after a token count. */

import { answer, isAccepted, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { controlTrouble } from './controls.js';
import { onlyEmpty } from './empty-replies.js';
import { noAnswer } from './no-answer.js';
import { finding, notObserved, satisfied, verdictOf, violated } from './outcomes.js';

/** The conversation whose later turns are valid requests on one connection. */
const KEPT = 'connection-after-invalid-key';

/** Its first turn is rejected; the others are valid. */
const FIRST_VALID = 2;

const isClosed = ({ response, failure }: Exchange): boolean => response === null && failure?.kind === 'reset';

/** After a complete reply the next request on its connection is answered, or the server has closed the connection. */
export function keepsConnection(evidence: Evidence): Judgement {
  const valid = evidence.of(KEPT).filter(({ turn }) => turn >= FIRST_VALID);
  const pairs = valid.flatMap((next) => {
    const before = valid.find(({ turn, attempt }) => turn === next.turn - 1 && attempt === next.attempt);
    return before !== undefined && isAccepted(before) && before.failure === null ? [{ before, next }] : [];
  });
  if (pairs.length === 0)
    return noAnswer(valid, evidence) ?? notObserved('No request followed a complete reply on its connection');
  const nothing = noAnswer(
    pairs.map(({ next }) => next).filter((next) => !isClosed(next)),
    evidence,
  );
  const open = pairs.filter(({ next }) => !isClosed(next));
  if (open.length === 0) return satisfied('The server closes the connection after a reply');
  if (nothing !== null) return nothing;
  const bad = open.filter(({ next }) => !isAccepted(next));
  const untested = controlTrouble(
    evidence,
    bad.map(({ next }) => next),
  );
  if (untested !== null) return untested;
  return verdictOf(
    bad.map(({ before, next }) =>
      finding(
        next,
        `A valid request fails on the connection of a complete reply (${before.id}); clients reuse connections.`,
        'HTTP 200 with a message, as on a connection of its own; or a closed connection',
        answer(next),
      ),
    ),
  );
}

/** A message after a token count, whatever the count was answered with. */
export function undisturbedByCount(evidence: Evidence): Judgement {
  const next = evidence.own.filter(({ fixture, turn }) => fixture === 'count-and-message' && turn === 2);
  const nothing = noAnswer(next, evidence);
  if (nothing !== null) return nothing;
  const bad = next.filter((exchange) => !succeeded(exchange) || exchange.message === null);
  const untested = controlTrouble(evidence, bad);
  if (untested !== null) return untested;
  if (bad.length === 0) return onlyEmpty(next, evidence) ?? satisfied();
  return violated(
    bad.map((exchange) => {
      const count = evidence
        .of(exchange.fixture)
        .find(({ turn, attempt }) => turn === 1 && attempt === exchange.attempt);
      const before = count === undefined ? '' : ` (HTTP ${status(count)})`;
      return finding(
        exchange,
        `A message fails after a token count${before}; the same request works at other times.`,
        'HTTP 200 with a Message',
        answer(exchange),
      );
    }),
  );
}

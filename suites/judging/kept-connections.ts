/** Connections: a request after a complete reply, and a message after a token count. */

import { answer, isAccepted, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { controlTrouble } from './controls.js';
import { onlyEmpty } from './empty-replies.js';
import { noAnswer } from './no-answer.js';
import { finding, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { turnBefore } from './views.js';

/** The conversation whose later turns are valid requests on one connection. */
const KEPT = 'connection-after-invalid-key';

/** Its first turn is rejected; the others are valid. */
const FIRST_VALID = 2;

const isClosed = ({ response, failure }: Exchange): boolean => response === null && failure?.kind === 'reset';

/** After a complete reply the next request on its connection is answered, or the server has closed the connection. */
export function keepsConnection(evidence: Evidence): Judgement {
  const valid = evidence.of(KEPT).filter(({ turn }) => turn >= FIRST_VALID);
  const pairs = valid.flatMap((next) => {
    const before = turnBefore(valid, next);
    return before !== undefined && isAccepted(before) && before.failure === null ? [{ before, next }] : [];
  });
  if (pairs.length === 0)
    return noAnswer(valid, evidence) ?? notObserved('No request followed a complete reply on its connection');
  const open = pairs.filter(({ next }) => !isClosed(next));
  if (open.length === 0) return satisfied('The server closes the connection after a reply');
  const bad = open.filter(({ next }) => !isAccepted(next));
  const later = (some: typeof open): Exchange[] => some.map(({ next }) => next);
  const nothing = noAnswer(later(open), evidence) ?? controlTrouble(evidence, later(bad));
  if (nothing !== null) return nothing;
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
  const turns = evidence.of('count-and-message');
  const next = turns.filter(({ turn }) => turn === 2);
  const bad = next.filter((exchange) => !succeeded(exchange) || exchange.message === null);
  const nothing = noAnswer(next, evidence) ?? controlTrouble(evidence, bad);
  if (nothing !== null) return nothing;
  if (bad.length === 0) return onlyEmpty(next, evidence) ?? satisfied();
  return violated(
    bad.map((exchange) => {
      const count = turnBefore(turns, exchange);
      const before = count === undefined || count.response === null ? '' : ` (HTTP ${status(count)})`;
      return finding(
        exchange,
        `A message fails after a token count${before}; the same request works at other times.`,
        'HTTP 200 with a Message',
        answer(exchange),
      );
    }),
  );
}

/** Two separate requests, of which the first holds a code: no reply to the second may know it. */

import { answer } from '../../core/answers.js';
import { text } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';
import { replyText } from './steering.js';

/** No reply to the second request contains the code of the first. */
export function isStateless(evidence: Evidence): Judgement {
  const second = evidence.own.filter((exchange) => exchange.turn === 2);
  if (second.length === 0) {
    return noAnswer(evidence.own, evidence) ?? inconclusive('The first of the two requests got no reply');
  }
  const nothing = noAnswer(second, evidence);
  if (nothing !== null) return nothing;
  const replies = second.filter((exchange) => exchange.message !== null);
  if (replies.length === 0) return inconclusive(`The second request got no message: ${answer(second[0]!)}`);
  const recalling = replies.filter((exchange) => /7Q4/i.test(text(exchange.message)));
  if (recalling.length === 0 && replies.every((exchange) => text(exchange.message).trim() === ''))
    return inconclusive('The reply to the second request has no text');
  if (recalling.length === 0) return satisfied();
  return violated(
    recalling.map((exchange) =>
      finding(
        exchange,
        'The reply contains a code that only an earlier, separate request contained.',
        'no trace of the code',
        replyText(exchange),
      ),
    ),
    true,
  );
}

/** A final assistant message is a prefill: the reply goes on after it. The fixtures `prefill` and `prefill-streamed` hold "A B C D". */

import { answer, rejectedAsInvalid } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { text } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { deviates, finding, inconclusive, satisfied, violated } from './outcomes.js';
import { replyText } from './steering.js';
import { wasTruncated, worst } from './tool-views.js';

/** Continued without repeating it, or rejected. Where it is continued, it also has to be in a stream. */
export function continues(evidence: Evidence): Judgement {
  const asked = evidence.of('prefill');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const { prefill } = evidence.claims.dialect;
  const replies = asked.filter((exchange) => exchange.message !== null);
  if (replies.length === 0) {
    const trouble = whyControlFailed(evidence, evidence.fixture('prefill'), first);
    if (trouble !== null) return inconclusive(trouble);
    if (!rejectedAsInvalid(first)) {
      return violated(
        finding(
          first,
          'A final assistant message is neither continued nor rejected as a client error.',
          'HTTP 200, or HTTP 400',
          answer(first),
        ),
      );
    }
    if (prefill !== 'continue') return satisfied(`Rejected, which is allowed: ${answer(first)}`);
    return deviates(
      finding(
        first,
        'A final assistant message is rejected, but the contract says that it is continued.',
        'HTTP 200 with the continuation',
        answer(first),
      ),
    );
  }
  const continued = replies.find(goesOn);
  if (continued === undefined) return startedAnew(replies);
  if (prefill !== 'refuse') return worst(satisfied(), inStream(evidence));
  return deviates(
    finding(
      continued,
      'A final assistant message is continued, but the contract says that it is rejected.',
      'HTTP 400 invalid_request_error',
      replyText(continued),
    ),
  );
}

/** Whether the same request is continued where it asks for a stream. That a stream is rejected is said by other requirements. */
function inStream(evidence: Evidence): Judgement {
  const replies = evidence.of('prefill-streamed', 'stream').filter((exchange) => exchange.message !== null);
  return replies.length === 0 || replies.some(goesOn) ? satisfied() : startedAnew(replies);
}

function startedAnew(replies: readonly Exchange[]): Judgement {
  const repeated = replies.filter(startsOver);
  if (repeated.length < replies.length) {
    return inconclusive('The model did not write the alphabet, so no reply shows where it started', replies.length);
  }
  return violated(
    repeated.map((exchange) =>
      finding(exchange, 'The reply starts over instead of continuing "A B C D".', 'E F G H I J', replyText(exchange)),
    ),
    true,
  );
}

const goesOn = ({ message }: Exchange): boolean => /^\W*E(\W|F|$)/.test(text(message));

/** The alphabet from A, beyond the prefill or truncated. A model that only repeats the prefill proves nothing. */
function startsOver({ message }: Exchange): boolean {
  const start = /^\W*A\W*B\W*C\W*D/.exec(text(message));
  return start !== null && (/\w/.test(text(message).slice(start[0].length)) || wasTruncated(message));
}

/** Refusals by a safety classifier. Source: D:refusal. */

import { answer, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { each } from './judges.js';
import { noAnswer, noReply } from './no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { answered, completeMessage, errorReply } from './views.js';

/** A refusal is a reply. */
export const refusedWithReply = each(
  (exchange) => (completeMessage(exchange)?.stop_reason === 'refusal' || refusalAsError(exchange) ? exchange : null),
  (exchange) =>
    succeeded(exchange) && status(exchange) === 200
      ? []
      : [
          finding(
            exchange,
            'A refusal is sent as an error; clients treat the request as invalid or retry it.',
            'HTTP 200 with stop_reason "refusal"',
            answer(exchange),
          ),
        ],
  { nothing: 'No refusal in this run: the target answers the documented test string like any other text' },
);

/** An error whose `type` or `code` means a refusal of the content. */
function refusalAsError(exchange: Exchange): boolean {
  const error = errorReply(exchange) === null ? undefined : get(exchange.json, 'error');
  return ['type', 'code'].some((key) =>
    /^(refusal|content_?(filter|policy(_violation)?))$/i.test(asString(get(error, key))),
  );
}

/**
 * Whether the stream of a prompt that is refused without streaming reports the refusal too. A stream with content of its own may come from
 * a model that answers the test string, so only the same content counts.
 */
export function refusedAlike(evidence: Evidence): Judgement {
  const refused = answered(evidence.of('refusal-string', 'json')).filter(
    ({ message }) => get(message, 'stop_reason') === 'refusal',
  );
  if (refused.length === 0)
    return (
      noAnswer(evidence.own, evidence) ??
      notObserved('The target does not refuse the documented test string without streaming')
    );
  const asked = evidence.of('refusal-string', 'stream');
  const nothing = noReply(asked, evidence);
  if (nothing !== null) return nothing;
  const [whole] = refused as [Exchange];
  const streams = answered(asked);
  const reported = streams.find(({ message }) => get(message, 'stop_reason') === 'refusal');
  if (reported !== undefined) return withDetails(whole, reported);
  const hidden = streams.find(
    ({ message }) => typeof get(message, 'stop_reason') === 'string' && text(message) === text(whole.message),
  );
  if (hidden === undefined) return inconclusive('The stream is incomplete, or the model answers it', asked.length);
  return violated(
    comparedWith(
      whole,
      finding(
        hidden,
        'A refusal is not reported in the stream; clients take it for a complete, empty reply.',
        'stop_reason "refusal", as without streaming',
        `stop_reason ${quote(get(hidden.message, 'stop_reason'))} after ${quote(text(hidden.message))}`,
        { pointer: '/stop_reason' },
      ),
    ),
    true,
  );
}

/** `stop_details` says what was refused. Official clients work without it. */
function withDetails(whole: Exchange, streamed: Exchange): Judgement {
  const [details, shown] = [whole, streamed].map(({ message }) => get(message, 'stop_details') ?? null);
  if (!isObject(details) || isObject(shown)) return satisfied();
  return deviates(
    comparedWith(
      whole,
      finding(streamed, '`stop_details` of a refusal is missing in the stream.', quote(details), quote(shown), {
        pointer: '/stop_details',
      }),
    ),
  );
}

const comparedWith = ({ id }: Exchange, found: Finding): Finding => ({ ...found, comparedWith: id });

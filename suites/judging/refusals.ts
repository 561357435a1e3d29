/** Refusals by a safety classifier. Source: D:refusal. */

import { answer, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import { TRANSPORTS } from '../../core/protocol.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { each } from './judges.js';
import { noReply } from './no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { answered, completeMessage, errorReply } from './views.js';

/** A refusal is a reply. */
export const refusedWithReply = each(
  (exchange) => (completeMessage(exchange)?.stop_reason === 'refusal' || refusalAsError(exchange) ? exchange : null),
  (exchange) =>
    succeeded(exchange)
      ? []
      : [
          finding(
            exchange,
            'A refusal is sent as an error; clients treat the request as invalid or retry it.',
            'HTTP 200 with stop_reason "refusal"',
            answer(exchange),
          ),
        ],
  { nothing: 'No reply of this run is a refusal; not every target refuses the documented test string' },
);

/** An error whose `type` or `code` means a refusal of the content. */
function refusalAsError(exchange: Exchange): boolean {
  const error = errorReply(exchange) === null ? undefined : get(exchange.json, 'error');
  return ['type', 'code'].some((key) =>
    /^(refusal|content_?(filter|policy(_violation)?))$/i.test(asString(get(error, key))),
  );
}

const isRefused = ({ message }: Exchange): boolean => get(message, 'stop_reason') === 'refusal';

/** Whether a reply ends a turn with the content of a refusal. A reply of its own comes from a model that answers the test string. */
const hides = ({ message }: Exchange, refusal: Exchange): boolean =>
  get(message, 'stop_reason') === 'end_turn' &&
  text(message) === text(refusal.message) &&
  blocks(message).every(({ type }) => type === 'text');

/** Whether a refusal is one with `stream` and without it. */
export function refusedAlike(evidence: Evidence): Judgement {
  const byTransport = TRANSPORTS.map((transport) => evidence.of('refusal-string', transport));
  for (const asked of byTransport) {
    const nothing = noReply(asked, evidence);
    if (nothing !== null) return nothing;
  }
  const replies = byTransport.map(answered);
  const refusals = replies.map((asked) => asked.find(isRefused));
  const refusal = refusals.find((one) => one !== undefined);
  if (refusal === undefined) return notObserved('The target does not refuse the documented test string');
  const at = refusals.indexOf(undefined);
  if (at < 0) return withDetails(refusals as [Exchange, Exchange]);
  const where = PLACES[TRANSPORTS[at]!];
  const hidden = replies[at]!.find((one) => hides(one, refusal));
  if (hidden === undefined)
    return inconclusive(`The reply ${where} is incomplete, or the model answers the test string`, replies[at]!.length);
  return violated(
    comparedWith(
      refusal,
      finding(
        hidden,
        `A refusal is not reported ${where}; clients take the reply for complete.`,
        `stop_reason "refusal", as ${refusal.id}`,
        `stop_reason "end_turn" after ${quote(text(hidden.message))}`,
        { pointer: '/stop_reason' },
      ),
    ),
    true,
  );
}

const PLACES = { json: 'without streaming', stream: 'in the stream' } as const;

/** `stop_details` says what was refused. Official clients work without it. */
function withDetails(refusals: readonly [json: Exchange, stream: Exchange]): Judgement {
  const details = refusals.map(({ message }) => get(message, 'stop_details') ?? null);
  const at = details.findIndex((one) => !isObject(one));
  const other = details.findIndex(isObject);
  if (at < 0 || other < 0) return satisfied();
  return deviates(
    comparedWith(
      refusals[other]!,
      finding(
        refusals[at]!,
        `\`stop_details\` of a refusal is missing ${PLACES[TRANSPORTS[at]!]}.`,
        quote(details[other]),
        quote(details[at]),
        { pointer: '/stop_details' },
      ),
    ),
  );
}

const comparedWith = ({ id }: Exchange, found: Finding): Finding => ({ ...found, comparedWith: id });

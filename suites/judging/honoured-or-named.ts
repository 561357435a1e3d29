/** Features that a server may do without: it applies them, or rejects them by name, and never ignores them. */

import { answer, errorBody, isAccepted, rejectedAsInvalid } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Judge } from '../../core/requirement.js';
import { whyBetaFailed } from './controls.js';
import { accepted } from './judges.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';

export interface Feature {
  /** Words of which the message of a rejection contains one. */
  names: RegExp;
  /** The subject of a finding: "A `compaction` block". */
  what: string;
  /** What an unclear rejection breaks, as the end of a sentence. */
  breaks: string;
  /** The name that a rejection should contain, for findings. */
  name: string;
}

/** Judges accepted requests by `honoured`; a rejection as a client error that names the feature satisfies the requirement. */
export function honouredOrNamed({ names, what, breaks, name }: Feature, honoured: Judge = accepted()): Judge {
  return (evidence) => {
    const judgement = accepted()(evidence);
    if (judgement.outcome === 'satisfied') return honoured(evidence);
    if (judgement.outcome !== 'rejected' && judgement.outcome !== 'violated') return judgement;
    const header = whyBetaFailed(evidence);
    if (header !== null) return inconclusive(header);
    const bad = evidence.own.filter((exchange) => !isAccepted(exchange));
    const unclear = bad.filter((exchange) => !rejectedAsInvalid(exchange) || !names.test(messageOf(exchange)));
    if (unclear.length === 0 && bad[0] !== undefined)
      return satisfied(`Rejected by name, which is allowed: ${answer(bad[0])}`);
    return violated(
      unclear.map((exchange) =>
        finding(
          exchange,
          `${what} is neither accepted nor rejected by name; ${breaks}.`,
          `HTTP 200, or HTTP 400 that names ${name}`,
          answer(exchange),
        ),
      ),
    );
  };
}

/** Other requirements judge the envelope; here the name may be anywhere in the body. */
const messageOf = (exchange: Exchange): string => errorBody(exchange)?.message || (exchange.response?.body ?? '');

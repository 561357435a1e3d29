/**
 * How judges are put together. A requirement is written with one of these:
 *
 * - `each(view, look)`: every exchange that shows `view` is looked at; findings break the requirement.
 * - `accepted()`: its own requests are answered with a message, like their control requests.
 * - `together(...)`: the same for things that share a request while it is served.
 * - `refused()`: its own negatives are refused as client faults, while their control requests are served.
 * - `steered(...)`: what the model shows under the feature is compared with what it shows under a control.
 *
 * Anything else is a function from `Evidence` to `Judgement`.
 */

import { answer, askedToWait, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Evidence, Finding, Judge } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';

/** Looks at every exchange of the run that shows `view`; one finding breaks the requirement. */
export function each<View>(
  view: (exchange: Exchange, evidence: Evidence) => View | null,
  look: (shown: View, exchange: Exchange, evidence: Evidence) => Finding[],
  options: { nothing?: string; silent?: boolean } = {},
): Judge {
  return (evidence) => {
    const findings: Finding[] = [];
    let shown = 0;
    for (const exchange of evidence.all) {
      if (isAcceptedNegative(exchange, evidence)) continue;
      const seen = view(exchange, evidence);
      if (seen === null) continue;
      shown += 1;
      findings.push(...look(seen, exchange, evidence));
    }
    if (shown === 0) {
      const nothing = notObserved(options.nothing ?? 'no exchange of this run shows it');
      return evidence.own.length === 0 && options.nothing !== undefined
        ? nothing
        : (noAnswer(evidence.own, evidence) ?? nothing);
    }
    return verdictOf(findings, options.silent);
  };
}

/** An invalid request that was served all the same: that it was is judged by itself, the shape of what came is nobody's promise. */
const isAcceptedNegative = (exchange: Exchange, evidence: Evidence): boolean =>
  succeeded(exchange) && evidence.fixture(exchange.fixture).violates !== null;

/** Its own requests are answered with a message; a refusal counts only while the control request is served. */
export function accepted(): Judge {
  return (evidence) => {
    const asked = evidence.own.filter((exchange) => !askedToWait(exchange) || exchange.failure !== null);
    const nothing = noAnswer(asked.length > 0 ? asked : evidence.own, evidence);
    if (nothing !== null) return nothing;
    const bad = asked.filter((exchange) => !succeeded(exchange) || exchange.message === null);
    if (bad.length === 0) return satisfied();
    for (const exchange of bad) {
      const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
      if (trouble !== null) return inconclusive(trouble);
    }
    const findings = bad.map((exchange) =>
      finding(
        exchange,
        `The request of ${exchange.id} was not answered with a message.`,
        'HTTP 200 with a Message',
        answer(exchange),
      ),
    );
    return bad.every((exchange) => rejectedAsInvalid(exchange))
      ? { outcome: 'rejected', findings }
      : violated(findings);
  };
}

export interface RejectionOptions {
  /** What acceptance means when the protocol leaves it open: recorded, never held against the target. */
  optional?: string;
  /** The accepted request lost or ignored something that its sender believes to be in force. */
  silent?: boolean;
  /** Restricts the fixtures that are judged; the requirement's other fixtures are controls. */
  only?: (fixture: Fixture) => boolean;
  /** Judged in addition when the request was accepted, e.g. the answer shows that nothing was ignored. */
  acceptedInstead?: (exchange: Exchange, evidence: Evidence) => Finding | null;
}

/**
 * Its negatives are refused as faults of the client. A negative is a control request with one thing changed, and the control must
 * have been served. Which status and which envelope the refusal takes is judged once for all by the suite `errors`.
 */
export function rejected(options: RejectionOptions = {}): Judge {
  return (evidence) => {
    const negatives = evidence.own.filter((exchange) => {
      const fixture = evidence.fixture(exchange.fixture);
      return fixture.violates !== null && (options.only?.(fixture) ?? true);
    });
    const answered = negatives.filter((exchange) => !askedToWait(exchange));
    const nothing = noAnswer(answered.length > 0 ? answered : negatives, evidence);
    if (nothing !== null) return nothing;
    const findings: Finding[] = [];
    let accepts = 0;
    for (const exchange of answered) {
      const fixture = evidence.fixture(exchange.fixture);
      const trouble = whyControlFailed(evidence, fixture, exchange);
      if (trouble !== null) return inconclusive(trouble);
      if (rejectedAsInvalid(exchange)) continue;
      if (succeeded(exchange) && options.acceptedInstead) {
        const fault = options.acceptedInstead(exchange, evidence);
        if (fault !== null) findings.push(fault);
        continue;
      }
      if (succeeded(exchange)) accepts += 1;
      findings.push(
        finding(
          exchange,
          `${fixture.title}: not refused as a client fault.`,
          'HTTP 400 invalid_request_error',
          answer(exchange),
          {
            pointer: fixture.violates?.pointer ?? '',
          },
        ),
      );
    }
    if (findings.length === 0) return satisfied();
    if (options.optional !== undefined && accepts === findings.length) return notObserved(options.optional);
    return violated(findings, (options.silent ?? false) && accepts > 0);
  };
}

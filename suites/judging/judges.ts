/**
 * The judges that requirements are written with:
 *
 * - `each(view, look)`: looks at every exchange of the run that has the view; one finding violates the requirement.
 * - `accepted()`: the server answers its requests with a message.
 * - `bundled(shares)`: the same for things that share a request (`bundles.ts`).
 * - `rejected()`: the server rejects its invalid requests as client errors and accepts their controls.
 * - `steered(steering)`: compares replies with the feature and replies of a control (`steering.ts`).
 *
 * Anything else is a function from `Evidence` to `Judgement`.
 */

import {
  answer,
  askedToWait,
  isForbidden,
  isOutOfRoom,
  isRejectedIn200,
  isUnparsed,
  rejectedAsInvalid,
  succeeded,
} from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { controlTrouble, whyControlFailed } from './controls.js';
import { onlyEmpty } from './empty-replies.js';
import { noAnswer } from './no-answer.js';
import { inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { notAccepted, notRejected } from './request-findings.js';

/**
 * Looks at every exchange of the run that has the view; one finding violates the requirement. `nothing`: the reason when no exchange
 * has it.
 */
export function each<View>(
  view: (exchange: Exchange, evidence: Evidence) => View | null,
  look: (shown: View, exchange: Exchange, evidence: Evidence) => Finding[],
  options: { nothing?: string; silent?: boolean } = {},
): Judge {
  return (evidence) => {
    const findings: Finding[] = [];
    let shown = 0;
    for (const exchange of evidence.all) {
      const seen = view(exchange, evidence);
      if (seen === null || isAcceptedNegative(exchange, evidence)) continue;
      shown += 1;
      findings.push(...look(seen, exchange, evidence));
    }
    if (shown === 0) {
      const nothing = notObserved(options.nothing ?? 'Nothing in this run exercised it');
      return evidence.own.length === 0 && options.nothing !== undefined
        ? nothing
        : (noAnswer(evidence.own, evidence) ?? whyNothingShown(evidence) ?? nothing);
    }
    return verdictOf(findings, options.silent);
  };
}

/** Its own requests failed: then it is not the replies that lack something. */
function whyNothingShown(evidence: Evidence): Judgement | null {
  const valid = evidence.own.filter(({ fixture }) => evidence.fixture(fixture).violates === null);
  const [first] = valid;
  if (first === undefined || valid.some(succeeded)) return null;
  return notObserved(`Not tested: ${first.id} failed (${answer(first)})`);
}

/** An invalid request that was accepted. The requirement on it judges that; no rule covers the shape of the reply. */
const isAcceptedNegative = (exchange: Exchange, evidence: Evidence): boolean =>
  succeeded(exchange) && evidence.fixture(exchange.fixture).violates !== null;

/** Whether an exchange says nothing about its request: the server asked to wait, or could not read what its model wrote. */
const isNoAnswer = (exchange: Exchange): boolean =>
  (askedToWait(exchange) && exchange.failure === null) || isUnparsed(exchange);

/**
 * The server answers its requests with a message. A rejection counts only while the control request is accepted, and an empty reply
 * shows nothing (`empty-replies.ts`). `anyLength`: also a rejection because the context window is too small.
 */
export function accepted({ anyLength = false } = {}): Judge {
  return (evidence) => {
    const answered = evidence.own.filter((exchange) => !isNoAnswer(exchange));
    const nothing = noAnswer(answered.length > 0 ? answered : evidence.own, evidence);
    if (nothing !== null) return nothing;
    const asked = anyLength ? answered : answered.filter((exchange) => !isOutOfRoom(exchange));
    if (asked.length === 0) {
      const [first] = answered;
      return inconclusive(`Not tested: the context window is too small for ${first!.id} (${answer(first!)})`);
    }
    const bad = asked.filter((exchange) => !succeeded(exchange) || exchange.message === null);
    if (bad.length === 0) return onlyEmpty(asked, evidence) ?? satisfied();
    const untested = controlTrouble(evidence, bad);
    if (untested !== null) return untested;
    const findings = bad.map((exchange) => notAccepted(evidence, exchange));
    return bad.every((exchange) => rejectedAsInvalid(exchange) || isForbidden(exchange))
      ? { outcome: 'rejected', findings }
      : violated(findings);
  };
}

export interface RejectionOptions {
  /** The reason to report when the target accepts the request and the protocol allows that. */
  optional?: string;
  /** Accepting the request silently ignores something that its sender relies on. */
  silent?: boolean;
  /** Restricts the judged fixtures; the other fixtures of the requirement are controls. */
  only?: (fixture: Fixture) => boolean;
  /** Judges an accepted request, for example by a reply that shows that nothing was ignored. */
  acceptedInstead?: (exchange: Exchange, evidence: Evidence) => Finding | null;
}

/**
 * The server rejects its invalid requests as client errors. Each is a valid control request with one change, and the control has to be
 * accepted. The suite `errors` judges status and envelope of all rejections.
 */
export function rejected(options: RejectionOptions = {}): Judge {
  return (evidence) => {
    const invalid = evidence.own.filter((exchange) => {
      const fixture = evidence.fixture(exchange.fixture);
      return fixture.violates !== null && (options.only?.(fixture) ?? true);
    });
    const answered = invalid.filter((exchange) => !askedToWait(exchange) && !isUnparsed(exchange));
    const nothing = noAnswer(answered.length > 0 ? answered : invalid, evidence);
    if (nothing !== null) return nothing;
    const findings: Finding[] = [];
    let accepts = 0;
    let hidden = 0;
    for (const exchange of answered) {
      const fixture = evidence.fixture(exchange.fixture);
      const trouble = whyControlFailed(evidence, fixture, exchange);
      if (trouble !== null) return inconclusive(trouble);
      if (rejectedAsInvalid(exchange)) continue;
      const isHidden = isRejectedIn200(exchange);
      if (succeeded(exchange) && !isHidden && options.acceptedInstead) {
        const fault = options.acceptedInstead(exchange, evidence);
        if (fault !== null) findings.push(fault);
        continue;
      }
      if (isHidden) hidden += 1;
      else if (succeeded(exchange)) accepts += 1;
      findings.push(notRejected(evidence, exchange));
    }
    if (findings.length === 0) return satisfied();
    if (options.optional !== undefined && accepts + hidden === findings.length) return notObserved(options.optional);
    return violated(findings, (options.silent ?? false) && accepts > 0);
  };
}

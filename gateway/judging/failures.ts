/** Judges of what the client gets when the upstream fails. */

import { answer, endsNormally, errorOf, showsFailure, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get } from '../../core/json.js';
import { ERROR_STATUS } from '../../core/protocol.js';
import type { Evidence, Finding, Judge } from '../../core/requirement.js';
import { finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import { dialectIn, scriptOf, wasRefused, whyNothing } from './pairs.js';
import type { Fault } from './texts.js';

/** Exchanges whose upstream failed on purpose: the first request of each case. One that it rejected before shows nothing of that. */
export const failed = (evidence: Evidence): Exchange[] =>
  evidence.own.filter((exchange) => scriptOf(exchange, evidence).fails !== undefined && !wasRefused(exchange));

/** Looks at every exchange of the requirement whose upstream failed on purpose. */
export function failures(look: (exchange: Exchange) => Fault | null, silent = true): Judge {
  return (evidence) => {
    const all = failed(evidence);
    if (all.length === 0) return notObserved(whyNothing(evidence));
    const findings = all.flatMap((exchange): Finding[] => {
      const fault = look(exchange);
      return fault === null ? [] : [finding(exchange, fault.message, fault.expected, fault.actual)];
    });
    return verdictOf(findings, silent);
  };
}

/**
 * Why something failed, as users of the client read it. Official clients show the whole body of an error, in whatever envelope it is; the
 * envelope is judged elsewhere. Empty where the client got no error.
 */
export const reasonOf = (exchange: Exchange): string =>
  errorOf(exchange)?.message ??
  (asString(get(exchange.json, 'error', 'message')) || (succeeded(exchange) ? '' : (exchange.response?.body ?? '')));

/** What a client gets that gets no error in the documented form. */
export function withoutError(exchange: Exchange): string {
  if (!succeeded(exchange)) return 'A failure of the upstream does not arrive in the error envelope.';
  if (showsFailure(exchange))
    return 'A failure of the upstream breaks the connection off without an error; the client sees no reason.';
  if (exchange.stream !== null && !endsNormally(exchange))
    return 'A failure of the upstream ends the stream of the client early, without an error event.';
  return 'A failure of the upstream becomes an answer; the client cannot see it.';
}

/**
 * Whether a transparent gateway passed the upstream's page of HTML on as it came, under its status: the client gets what it would get
 * without the gateway.
 */
export function isPagePassedOn(exchange: Exchange, evidence: Evidence): boolean {
  const { fails } = scriptOf(exchange, evidence);
  const page = fails !== undefined && 'html' in fails ? fails.html : undefined;
  return (
    dialectIn(evidence).name === 'messages' &&
    page !== undefined &&
    status(exchange) >= 500 &&
    exchange.response?.body === page
  );
}

export interface Expected {
  statuses: readonly number[];
  types: readonly string[];
}

/** The failure arrives as one of these errors. In a stream that has begun the type says it. */
export const becomes = ({ statuses, types }: Expected): Judge =>
  failures((exchange) => {
    const expected = `HTTP ${statuses.join(' or ')} with ${types.join(' or ')}`;
    if (exchange.response === null)
      return {
        message: 'The client gets no answer at all when the upstream fails.',
        expected,
        actual: exchange.failure?.message ?? 'no answer',
      };
    const error = errorOf(exchange);
    if (error === null)
      return {
        message: withoutError(exchange),
        expected,
        actual: answer(exchange),
      };
    const isRight = types.includes(error.type) && (error.status === 200 || statuses.includes(error.status));
    return isRight
      ? null
      : {
          message:
            error.type === '' || Object.hasOwn(ERROR_STATUS, error.type)
              ? 'A failure of the upstream reaches the client as another error; clients retry or give up for the wrong reason.'
              : 'A failure of the upstream reaches the client with an `error.type` that the API does not have.',
          expected,
          actual: error.type === '' ? answer(exchange) : `HTTP ${error.status} ${error.type}`,
        };
  });

/** Judges of what the client gets when the upstream fails. */

import { answer, errorBody, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get } from '../../core/json.js';
import type { Evidence, Finding, Judge } from '../../core/requirement.js';
import { finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import { scriptOf } from './pairs.js';
import type { Fault } from './texts.js';

/** An error as the client got it: by its status, or as an event in a stream that had begun. */
export interface GotError {
  status: number;
  type: string;
  message: string;
}

/** `null` where the client got no error in the documented form. */
export function errorOf(exchange: Exchange): GotError | null {
  if (!succeeded(exchange)) {
    const body = errorBody(exchange);
    return body === null ? null : { status: status(exchange), ...body };
  }
  const event = exchange.stream?.events.find(({ type, name }) => (type ?? name) === 'error');
  const error = get(event?.data, 'error');
  return event === undefined
    ? null
    : { status: 200, type: asString(get(error, 'type')), message: asString(get(error, 'message')) };
}

/** Whether a stream ends like one of a complete answer. */
export const endsNormally = ({ stream }: Exchange): boolean =>
  stream?.events.some(({ type }) => type === 'message_stop') ?? false;

/** Exchanges whose upstream failed on purpose: the first request of each case. */
export const failed = (evidence: Evidence): Exchange[] =>
  evidence.own.filter((exchange) => scriptOf(exchange, evidence).fails !== undefined);

/** Looks at every exchange of the requirement whose upstream failed on purpose. */
export function failures(look: (exchange: Exchange) => Fault | null, silent = true): Judge {
  return (evidence) => {
    const all = failed(evidence);
    if (all.length === 0) return notObserved('None of its requests was sent');
    let canBeSeen = true;
    const findings = all.flatMap((exchange): Finding[] => {
      const fault = look(exchange);
      if (fault === null) return [];
      // A connection that breaks off is an error in every client.
      canBeSeen &&= exchange.failure !== null;
      return [finding(exchange, fault.message, fault.expected, fault.actual)];
    });
    return verdictOf(findings, silent && !canBeSeen);
  };
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
        message: succeeded(exchange)
          ? 'A failure of the upstream becomes an answer; the client cannot see it.'
          : 'A failure of the upstream does not arrive in the error envelope.',
        expected,
        actual: answer(exchange),
      };
    const isRight = types.includes(error.type) && (error.status === 200 || statuses.includes(error.status));
    return isRight
      ? null
      : {
          message:
            'A failure of the upstream reaches the client as another error; clients retry or give up for the wrong reason.',
          expected,
          actual:
            error.type === ''
              ? `${answer(exchange)} with an error event that has no error.type`
              : `HTTP ${error.status} ${error.type}`,
        };
  });

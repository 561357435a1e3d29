/** Findings about requests that the server rejects without reason, and about invalid ones that it does not reject. */

import { answer, hasErrorEvent, isRejectedIn200, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Finding } from '../../core/requirement.js';
import { finding } from './outcomes.js';

/** What a request sends or what is wrong with it, as the end of a sentence: the title of its fixture. */
export function described(evidence: Evidence, exchange: Exchange): string {
  const { title, turns } = evidence.fixture(exchange.fixture);
  const isAcronym = /^[A-Z]{2}/.test(title);
  const text = isAcronym ? title : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  return turns.length > 1 ? `${text} (request ${exchange.turn})` : text;
}

/** A valid request that got no message. */
export function notAccepted(evidence: Evidence, exchange: Exchange, expected = 'HTTP 200 with a Message'): Finding {
  const message = `${acceptanceFault(exchange)} a valid request: ${described(evidence, exchange)}.`;
  return finding(exchange, message, expected, answer(exchange));
}

function acceptanceFault(exchange: Exchange): string {
  if (exchange.response === null) return 'No response to';
  if (succeeded(exchange)) return 'No message in the response to';
  if (status(exchange) >= 500) return 'Server error for';
  return status(exchange) >= 400 ? 'The server rejects' : `HTTP ${status(exchange)} for`;
}

/** An invalid request that was not rejected as one. */
export function notRejected(evidence: Evidence, exchange: Exchange): Finding {
  const message = `${rejectionFault(exchange)} an invalid request: ${described(evidence, exchange)}.`;
  return finding(exchange, message, 'HTTP 400 invalid_request_error', answer(exchange), {
    pointer: evidence.fixture(exchange.fixture).violates?.pointer ?? '',
  });
}

function rejectionFault(exchange: Exchange): string {
  if (exchange.response === null) return 'No response to';
  if (isRejectedIn200(exchange))
    return `HTTP ${status(exchange)} with ${hasErrorEvent(exchange.stream) ? 'an error event' : 'an error or nothing in the body'} for`;
  if (succeeded(exchange)) return 'The server accepts';
  return status(exchange) >= 500 ? 'Server error for' : `HTTP ${status(exchange)} instead of 400 for`;
}

/** Why nothing can be said about a request: no connection, no time, a bound of the suite, a target that asks to wait. */

import { answer, askedToWait, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { inconclusive, notObserved } from './outcomes.js';

/** Seconds that official clients wait for an answer. Source: T:client. */
const CLIENTS_WAIT_S = 600;

/** Nothing keeps a model busy for minutes that may write so few tokens. */
const SHORT_OUTPUT = 16;

/** Part of the bound that an answer may take before its target counts as a slow one. */
const SLOW_PART = 0.25;

/** Seconds after which the suite gave an exchange up, sooner than official clients would; `null` when it did not. */
function gaveUpAfter({ failure }: Exchange): number | null {
  if (failure?.kind !== 'timeout-headers' && failure?.kind !== 'timeout-body') return null;
  const seconds = Number(/within ([\d.]+) s/.exec(failure.message)?.[1] ?? Number.NaN);
  return seconds < CLIENTS_WAIT_S ? seconds : null;
}

const asksForMuch = (exchange: Exchange): boolean => Number(get(exchange.sent, 'max_tokens') ?? 0) > SHORT_OUTPUT;

/** Whether the answer may still have come: the model may have been at work, or the target is slow, as others of the run show. */
function maybeSlow(exchange: Exchange, run: readonly Exchange[]): boolean {
  const bound = gaveUpAfter(exchange);
  if (bound === null || exchange.stream !== null) return false;
  const isSlow = (other: Exchange): boolean =>
    (asksForMuch(other) && gaveUpAfter(other) !== null) || (other.response?.headersMs ?? 0) > bound * 1000 * SLOW_PART;
  return asksForMuch(exchange) || run.some((other) => other !== exchange && isSlow(other));
}

/** Whether the suite stopped reading by a bound of its own before there was anything to judge. A refusal is one by its status. */
const isUnread = (exchange: Exchange): boolean =>
  exchange.failure?.kind === 'too-large' &&
  succeeded(exchange) &&
  exchange.message === null &&
  exchange.json === undefined;

/** Why nothing can be said: no connection, an earlier turn that failed, an answer not read, an answer to wait; `null` when there is an answer. */
export function noAnswer(exchanges: readonly Exchange[], evidence?: Evidence): Judgement | null {
  if (exchanges.length === 0) return notObserved('no exchange of its fixtures was carried out');
  const unreachable = exchanges.find(({ failure }) => failure?.kind === 'unreachable' || failure?.kind === 'unsound');
  if (unreachable) return { outcome: 'unreachable', reason: unreachable.failure?.message ?? '' };
  const foreign = exchanges.find((exchange) => exchange.failure?.kind === 'foreign');
  if (foreign) return inconclusive(foreign.failure?.message ?? '');
  const missing = exchanges.find((exchange) => exchange.failure?.kind === 'not-set-up');
  if (missing) return inconclusive(missing.failure?.message ?? 'an earlier turn did not go through');
  const slow = exchanges.find((exchange) => maybeSlow(exchange, evidence?.all ?? []));
  if (slow) {
    const failure = slow.failure?.message ?? '';
    return inconclusive(`${slow.id}: ${failure}; official clients wait ten minutes, and so does --timeout 600`);
  }
  const unread = exchanges.find(isUnread);
  if (unread) return inconclusive(`${unread.id}: ${unread.failure?.message ?? ''}; what was not read is not judged`);
  const waiting = exchanges.find(askedToWait);
  if (waiting) return inconclusive(`${waiting.id} was answered ${answer(waiting)}: nothing is known about the request`);
  return null;
}

/** Why a request shows nothing: no connection, not enough time, a limit of the suite, a target that asks to try again later. */

import {
  answer,
  askedToWait,
  errorWords,
  isAccepted,
  isMessagesCall,
  isUnparsed,
  rejectedAsInvalid,
  succeeded,
} from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { inconclusive, notObserved } from './outcomes.js';

/** The reason when a requirement has no exchange to look at. */
export const NONE_SENT = 'None of its requests was sent';

/** The run, and what its requests are. */
type Run = Pick<Evidence, 'all' | 'fixture'>;

/** How long official clients wait for a response. Source: T:client. */
const CLIENTS_WAIT_MS = 600_000;

/** No model is busy for minutes with so few tokens. */
const SHORT_OUTPUT = 16;

/** A response that takes this part of the time limit counts as slow. */
const SLOW_PART = 0.25;

/** Milliseconds after which the suite gave up, sooner than official clients would; `null` when it did not. */
function gaveUpAfter({ failure }: Exchange): number | null {
  const limit = failure?.limitMs;
  return limit !== undefined && limit < CLIENTS_WAIT_MS ? limit : null;
}

const maxTokens = (exchange: Exchange): number => Number(get(exchange.sent, 'max_tokens') ?? 0);

const asksForMuch = (exchange: Exchange): boolean => maxTokens(exchange) > SHORT_OUTPUT;

/** Whether the response might still have arrived: the model was generating, or other exchanges show that the target is slow. */
function mightStillAnswer(exchange: Exchange, run: readonly Exchange[]): boolean {
  const bound = gaveUpAfter(exchange);
  if (bound === null || exchange.stream !== null) return false;
  const isSlow = (other: Exchange): boolean =>
    (asksForMuch(other) && gaveUpAfter(other) !== null) || (other.response?.headersMs ?? 0) > bound * SLOW_PART;
  return asksForMuch(exchange) || run.some((other) => other !== exchange && isSlow(other));
}

/** Whether the suite reached its own limit before there was anything to judge. An error needs only its status. */
const isUnread = (exchange: Exchange): boolean =>
  exchange.failure?.kind === 'too-large' &&
  succeeded(exchange) &&
  exchange.message === null &&
  exchange.json === undefined;

/** More tokens ask for a long reply: requirements of their own judge how a server rejects them. */
const ORDINARY_OUTPUT = 4_096;

/** Whether the words of a rejection name `max_tokens`, by any of its usual names. */
export const namesMaxTokens = (words: string): boolean => /max[ _]?(output|new|completion)?[ _]?tokens/i.test(words);

/** Words of a message about a limit; one that only names the field may say that it is missing. */
const OF_A_LIMIT = /exceed|too (?:large|high|big|many|long)|maximum|at most|less than|up to|limit|between|[<>]/i;

/**
 * Whether a valid request was rejected because its model writes fewer tokens: the message names the limit, requests for fewer tokens were
 * accepted, and none for as many. This says nothing about the rest of the request.
 */
function asksForTooMuch(exchange: Exchange, { all, fixture }: Run): boolean {
  const asked = maxTokens(exchange);
  if (!rejectedAsInvalid(exchange) || asked === 0 || asked > ORDINARY_OUTPUT) return false;
  const words = errorWords(exchange);
  if (!namesMaxTokens(words) || !OF_A_LIMIT.test(words) || /budget/i.test(words)) return false;
  if (fixture(exchange.fixture).violates !== null) return false;
  const accepted = all.filter((other) => isMessagesCall(other) && isAccepted(other)).map(maxTokens);
  return accepted.length > 0 && Math.max(...accepted) < asked;
}

/**
 * Why the model shows nothing in these exchanges: none of them got a message. `null` when one did. What a model did not do is said only
 * of replies.
 */
export function noReply(exchanges: readonly Exchange[], evidence: Run): Judgement | null {
  const nothing = noAnswer(exchanges, evidence);
  if (nothing !== null || exchanges.some(isAccepted)) return nothing;
  const first = exchanges[0]!;
  return inconclusive(`Not tested: ${first.id} failed (${answer(first)})`, exchanges.length);
}

/** Why these exchanges show nothing; `null` when they do. `evidence`: the run, which shows whether the target is slow. */
export function noAnswer(exchanges: readonly Exchange[], evidence: Run): Judgement | null {
  if (exchanges.length === 0) return notObserved(NONE_SENT);
  const unreachable = exchanges.find(({ failure }) => failure?.kind === 'unreachable' || failure?.kind === 'unsound');
  if (unreachable) return { outcome: 'unreachable', reason: unreachable.failure?.message ?? '' };
  const foreign = exchanges.find((exchange) => exchange.failure?.kind === 'foreign');
  if (foreign) return inconclusive(foreign.failure?.message ?? '');
  const missing = exchanges.find((exchange) => exchange.failure?.kind === 'not-set-up');
  if (missing) return inconclusive(missing.failure?.message ?? 'An earlier request of the conversation failed');
  const slow = exchanges.find((exchange) => mightStillAnswer(exchange, evidence.all));
  if (slow) {
    const failure = slow.failure?.message ?? '';
    return inconclusive(`${slow.id}: ${failure}. Official clients wait ten minutes; --timeout 600 does the same`);
  }
  const unread = exchanges.find(isUnread);
  if (unread) return inconclusive(`${unread.id}: ${unread.failure?.message ?? ''}. The rest was not read`);
  const above = exchanges.find((exchange) => asksForTooMuch(exchange, evidence));
  if (above)
    return inconclusive(
      `Not tested: the model does not write as many tokens as ${above.id} asks for (${answer(above)})`,
    );
  const waiting = exchanges.find(askedToWait);
  if (waiting) return inconclusive(`Not tested: ${waiting.id} was told to try again later (${answer(waiting)})`);
  const unparsed = exchanges.find(isUnparsed);
  if (unparsed)
    return inconclusive(
      `Not tested: the server could not read what its model wrote for ${unparsed.id} (${answer(unparsed)}), see tu.unparsed`,
    );
  return null;
}

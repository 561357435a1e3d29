/** Thinking blocks of replies, and which form of asking for thinking a target accepts. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { asString, get, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Judge, Judgement } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { missedByChance } from './missed-by-chance.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { calls } from './tool-views.js';
import { asksForThinking, completeMessage } from './views.js';

/**
 * Models accept thinking with a budget, adaptive thinking, or both. Each list has the forms of one conversation: with a budget first,
 * then the forms that are sent when the target rejects it.
 */
export const SUM_FORMS = ['thinking', 'thinking-alone', 'thinking-adaptive'] as const;
export const OMITTED_FORMS = ['thinking-omitted', 'thinking-omitted-adaptive'] as const;
export const STOP_FORMS = ['thinking-stop', 'thinking-stop-adaptive'] as const;
export const LOOP_FORMS = ['thinking-loop', 'thinking-loop-adaptive'] as const;

/** First requests of the form with which the model thinks. */
export const firstRequests = (evidence: Evidence, forms: readonly string[]): Exchange[] =>
  evidence
    .resolve({ forms, shows: (exchange) => exchange.turn === 1 && thinks(exchange) })
    .filter(({ turn }) => turn === 1);

/** The judgement of requests that got no complete reply. */
export function withoutReply(evidence: Evidence, asked: readonly Exchange[]): Judgement {
  const judgement = accepted()({ ...evidence, own: asked });
  return judgement.outcome === 'satisfied' ? inconclusive('The reply ended early') : judgement;
}

/** Whether it is a reply with thinking. */
export const thinks = (exchange: Exchange): boolean =>
  isMessage(exchange) && thinkingBlocks(exchange.message).length > 0;

/** Whether the response has a message. */
export const isMessage = (exchange: Exchange): boolean => succeeded(exchange) && exchange.message !== null;

/** Thinking blocks of a message, `redacted_thinking` included. */
export const thinkingBlocks = (message: unknown): JsonObject[] =>
  blocks(message).filter(({ type }) => type === 'thinking' || type === 'redacted_thinking');

/** The message of a complete reply with a `thinking` block; a view for `each`. */
export function thinkingMessage(exchange: Exchange): JsonObject | null {
  const message = completeMessage(exchange);
  return blocks(message, 'thinking').length > 0 ? message : null;
}

export const NO_THINKING = 'No reply of this run contains a `thinking` block';

/** A reply with thinking and a tool call, to a request that turns thinking on; a view for `each`. */
export function thinkingWithToolUse(exchange: Exchange): JsonObject | null {
  const message = asksForThinking(exchange) ? completeMessage(exchange) : null;
  return calls(message).length > 0 && thinkingBlocks(message).length > 0 ? message : null;
}

/** Whether the request uses adaptive thinking, with which the model may choose not to think. */
export const isAdaptive = (exchange: Exchange): boolean => get(exchange.sent, 'thinking', 'type') === 'adaptive';

/** Types of the blocks of a reply and its text, for findings. */
export const outline = (message: unknown): string => {
  const types = blocks(message).map(({ type }) => asString(type));
  if (types.length === 0) return 'no content blocks';
  return types.includes('text') ? `${types.join(', ')}: ${quote(text(message))}` : `${types.join(', ')}, no text`;
};

/** Requirements on the budget do not apply to a model that accepts only adaptive thinking. */
export function whereBudgetAccepted(judge: Judge): Judge {
  return (evidence) => {
    const budgeted = ['thinking', 'thinking-alone'].flatMap((id) => evidence.of(id));
    const adaptive = evidence.of('thinking-adaptive');
    if (!budgeted.some(succeeded) && adaptive.some(isMessage)) {
      return notObserved('This model accepts only adaptive thinking, which has no budget');
    }
    return judge(evidence);
  };
}

/** Whether a reply says or calls something. */
export const isInWords = ({ message }: Exchange): boolean => text(message).trim() !== '' || calls(message).length > 0;

/** A budget that no reply follows, while the same question with adaptive thinking makes every reply think, is ignored. */
export function budgetNotIgnored(evidence: Evidence): Judgement {
  const budgeted = ['thinking', 'thinking-alone'].flatMap((id) => evidence.of(id));
  const replies = budgeted.filter(isMessage);
  if (replies.some(thinks)) return satisfied();
  const adaptive = evidence.of('thinking-adaptive').filter(isMessage);
  const nothing = noAnswer(budgeted, evidence);
  if (nothing !== null) return nothing;
  if (!adaptive.some(thinks))
    return notObserved('The target does not think with adaptive thinking either, see think.accepted');
  if (replies.length === 0) {
    const rejection = budgeted.find(rejectedAsInvalid);
    const isClean = rejection !== undefined && budgeted.every(rejectedAsInvalid);
    if (isClean) return satisfied(`Rejected, which is allowed: ${answer(rejection)}`);
    return notObserved(`No reply to thinking with a budget: ${answer(budgeted[0]!)}`);
  }
  const inWords = replies.filter(isInWords);
  if (inWords.length === 0 || !adaptive.every(thinks))
    return inconclusive('The model thinks only sometimes', replies.length + adaptive.length);
  const chance = missedByChance(evidence, inWords, 'anything');
  if (chance !== null) return inconclusive(chance, replies.length);
  const fault = 'Thinking with a budget is accepted and ignored; the model thinks with adaptive thinking.';
  const expected = 'a thinking block, or HTTP 400';
  return violated(
    inWords.map((exchange) => finding(exchange, fault, expected, outline(exchange.message), { pointer: '/content' })),
    true,
  );
}

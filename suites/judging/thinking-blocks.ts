/** What thinking shows in replies, and which of the two ways to ask for it a target takes. */

import { succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { asString, get, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Judge, Judgement } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { inconclusive, notObserved } from './outcomes.js';
import { calls } from './tool-views.js';
import { asksForThinking, completeMessage } from './views.js';

/**
 * Models take thinking with a budget, adaptive thinking, or both. Each of these is one conversation in its forms: with a
 * budget first, the others where that is refused.
 */
export const SUMS = ['thinking', 'thinking-alone', 'thinking-adaptive'] as const;
export const OMITTED = ['thinking-omitted', 'thinking-omitted-adaptive'] as const;
export const LOOPS = ['thinking-loop', 'thinking-loop-adaptive'] as const;

/** First requests of the form under which the model thinks; else of the first form that was served; else of all. */
export function taken(evidence: Evidence, forms: readonly string[]): readonly Exchange[] {
  const asked = forms.map((id) => evidence.of(id).filter((exchange) => exchange.turn === 1));
  return asked.find((tries) => tries.some(thinks)) ?? asked.find((tries) => tries.some(isMessage)) ?? asked.flat();
}

/** What there is to say of requests of which no whole reply came. */
export function unanswered(evidence: Evidence, asked: readonly Exchange[]): Judgement {
  const judgement = accepted()({ ...evidence, own: asked });
  return judgement.outcome === 'satisfied' ? inconclusive('the reply broke off') : judgement;
}

const thinks = (exchange: Exchange): boolean => isMessage(exchange) && thoughts(exchange.message).length > 0;

/** Served with a message. */
export const isMessage = (exchange: Exchange): boolean => succeeded(exchange) && exchange.message !== null;

/** Thinking blocks of a message, hidden ones included. */
export const thoughts = (message: unknown): JsonObject[] =>
  blocks(message).filter(({ type }) => type === 'thinking' || type === 'redacted_thinking');

/** The message of a whole reply in which thinking can be seen; a view for `each`. */
export function thinkingMessage(exchange: Exchange): JsonObject | null {
  const message = completeMessage(exchange);
  return blocks(message, 'thinking').length > 0 ? message : null;
}

export const NO_THOUGHTS = 'no reply of this run holds a thinking block';

/** A reply to a request for thinking in which the model both thinks and calls a tool; a view for `each`. */
export function thoughtAndCall(exchange: Exchange): JsonObject | null {
  const message = asksForThinking(exchange) ? completeMessage(exchange) : null;
  return calls(message).length > 0 && thoughts(message).length > 0 ? message : null;
}

/** Whether the model may choose not to think. */
export const mayChoose = (exchange: Exchange): boolean => get(exchange.sent, 'thinking', 'type') === 'adaptive';

/** What a reply holds, for findings. */
export const shape = (message: unknown): string => {
  const types = blocks(message).map(({ type }) => asString(type));
  return types.length === 0 ? 'no content' : `${types.join(', ')}: ${quote(text(message))}`;
};

/** What rests on a budget cannot be asked of a model that takes adaptive thinking alone. */
export function whereBudgeted(judge: Judge): Judge {
  return (evidence) => {
    const budgeted = ['thinking', 'thinking-alone'].flatMap((id) => evidence.of(id));
    const adaptive = evidence.of('thinking-adaptive');
    if (!budgeted.some(succeeded) && adaptive.some(isMessage)) {
      return notObserved('this model takes adaptive thinking alone, which has no budget');
    }
    return judge(evidence);
  };
}

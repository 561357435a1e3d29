/** Control, then verdict: what the model shows under a feature, compared with what it shows under a control. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, type JsonObject, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';

export interface Steering {
  /** Exchanges under the feature. */
  subject: (evidence: Evidence) => readonly Exchange[];
  /** Exchanges that show the same by a way that is known to work; none: the subject alone decides between kept and inconclusive. */
  control?: (evidence: Evidence) => readonly Exchange[];
  /** Whether an answer shows that the model was reached by what is tested. */
  shows: (message: JsonObject, exchange: Exchange) => boolean;
  expected: string;
  /** The sentence of the finding. */
  lost: string;
  /** An honest 4xx is a legal answer too. */
  refusalIsLegal?: boolean;
  /** Defaults to true: the client gets an answer and cannot see the loss. */
  silent?: boolean;
  /** A reply that max_tokens cut before it shows anything proves nothing: a reasoning model may not have come to speak. */
  needsEnd?: boolean;
}

/**
 * Control, then verdict. One answer that shows the effect keeps the requirement; none, while the control shows it each
 * time, breaks it; none and no control either is inconclusive: a weak model must not look like a broken server, and neither
 * must one that does what it is asked now and then.
 */
export function steered(steering: Steering): Judge {
  return (evidence) => {
    const subject = steering.subject(evidence);
    const served = subject.filter((exchange) => succeeded(exchange) && exchange.message !== null);
    const showing = (exchange: Exchange) =>
      exchange.message !== null && !repeatsPrompt(exchange) && steering.shows(exchange.message, exchange);
    if (served.some(showing)) return satisfied();
    if (served.length === 0) {
      const nothing = noAnswer(subject, evidence);
      if (nothing !== null) return nothing;
      if (subject.every(rejectedAsInvalid) && steering.refusalIsLegal)
        return satisfied('refused as a client fault, which is legal');
      for (const exchange of subject) {
        const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
        if (trouble !== null) return inconclusive(trouble);
      }
      const findings = subject.map((exchange) =>
        finding(
          exchange,
          `The request of ${exchange.id} was not answered with a message.`,
          steering.expected,
          answer(exchange),
        ),
      );
      return subject.every(rejectedAsInvalid) ? { outcome: 'rejected', findings } : violated(findings);
    }
    const ended = steering.needsEnd ? served.filter(isComplete) : served;
    if (ended.length === 0) return inconclusive('every reply was cut before it could show anything', served.length);
    const telling = ended.filter(speaks);
    if (telling.length === 0)
      return inconclusive('the model did not answer in words, so nothing shows what reached it', served.length);
    const control = steering.control?.(evidence) ?? [];
    if (!control.some((exchange) => succeeded(exchange) && showing(exchange))) {
      const why = control.length === 0 ? 'the model did not follow the prompt' : 'the control does not show it either';
      return inconclusive(`${why} (${served.length} tries)`, served.length);
    }
    if (!control.every((exchange) => exchange.message === null || !isComplete(exchange) || showing(exchange)))
      return inconclusive('the model does not do each time what even the control asks', served.length);
    return violated(
      telling.slice(-1).map((exchange) => finding(exchange, steering.lost, steering.expected, replyText(exchange))),
      steering.silent ?? true,
    );
  };
}

const CUT_SHORT: readonly unknown[] = ['max_tokens', 'model_context_window_exceeded', 'refusal'];

const isComplete = ({ message }: Exchange): boolean => !CUT_SHORT.includes(get(message, 'stop_reason'));

/** Words and no call: replies after tool results may lawfully be empty, and a model that calls again has not answered. */
const speaks = ({ message }: Exchange): boolean =>
  text(message).trim() !== '' && blocks(message, 'tool_use').length === 0;

/** Shorter prompts may be part of an answer by chance. */
const LEAST_REPEATED = 12;

/** Whether an answer is the prompt itself, word for word: a parrot that says what was asked for has not done it. */
function repeatsPrompt(exchange: Exchange): boolean {
  const messages = get(exchange.sent, 'messages');
  const content = Array.isArray(messages) ? get(messages.at(-1), 'content') : undefined;
  const asked = (typeof content === 'string' ? content : blocks({ content }, 'text').at(-1)?.text) ?? '';
  const spoken = typeof asked === 'string' ? asked.trim() : '';
  return spoken.length >= LEAST_REPEATED && text(exchange.message).includes(spoken);
}

/** What the model said, for a finding. */
export function replyText(exchange: Exchange): string {
  const content = get(exchange.message, 'content');
  return quote(blocks(exchange.message).every((block) => block.type === 'text') ? text(exchange.message) : content);
}

/** Stop sequences beside thinking: they apply to the text of a reply. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';
import { firstRequests, outline, STOP_FORMS, withoutReply } from './thinking-blocks.js';
import { calls } from './tool-views.js';
import { answered, stopSequences } from './views.js';

/** What the reply shows of its thinking; a `redacted_thinking` block shows nothing. */
const shownThinking = (message: unknown): string =>
  blocks(message, 'thinking')
    .map(({ thinking }) => asString(thinking))
    .join('\n')
    .trimEnd();

/** Whether the thinking went on after a stop sequence. Then the sequence did not end it, whatever the text does. */
function thinksPast(exchange: Exchange): boolean {
  const thinking = shownThinking(exchange.message);
  return stopSequences(exchange).some((sequence) => {
    const at = thinking.indexOf(sequence);
    return at !== -1 && at + sequence.length < thinking.length;
  });
}

/** The thinking repeats the question and ends right before the sequence, or with it. */
const AT_SEQUENCE = /27\s*[*×x]\s*(453)?$/;

/**
 * Nothing but thinking, and the sequence as the reason. Servers that do not report the reason are told by where the thinking ends; a
 * model may also end there by itself anywhere else.
 */
function endsInThinking(exchange: Exchange): boolean {
  const { message } = exchange;
  const reason = get(message, 'stop_reason');
  const thinking = shownThinking(message);
  return (
    thinking !== '' &&
    text(message).trim() === '' &&
    calls(message).length === 0 &&
    (reason === 'stop_sequence' || (reason === 'end_turn' && AT_SEQUENCE.test(thinking)))
  );
}

const stoppedThere = (exchange: Exchange): Finding =>
  finding(
    exchange,
    'The reply ends in its thinking: the server looks for stop sequences there; clients get no text.',
    'thinking, then text',
    `${outline(exchange.message)}; stop_reason ${quote(get(exchange.message, 'stop_reason'))}`,
    { pointer: '/content' },
  );

/** A reply with text whose thinking has the sequence satisfies it. One that ends in its thinking violates it, unless a second try does not. */
export function outlastsThinking(evidence: Evidence): Judgement {
  const asked = firstRequests(evidence, STOP_FORMS);
  const replies = answered(asked);
  if (replies.length === 0) return withoutReply(evidence, asked);
  if (replies.some(thinksPast)) return satisfied();
  const ended = replies.filter(endsInThinking);
  return ended.length === replies.length
    ? violated(ended.map(stoppedThere), true)
    : inconclusive('The model did not write the stop sequence in its thinking', replies.length);
}

/**
 * Judges of stop sequences. The fixtures make the model count, so the text of a reply shows whether it reached a sequence: the
 * sequence is in the text, or the count ends right before it. A model that does not count proves nothing.
 */

import type { Exchange } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { get, quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { finding, inconclusive, satisfied, verdictOf, violated } from './outcomes.js';
import { answered, completeMessage, firstFew, stopSequences, whyNotAccepted } from './views.js';

/** A message that a stop sequence of its request ended; a view for `each`. */
export function stoppedMessage(exchange: Exchange): JsonObject | null {
  const message = completeMessage(exchange);
  return message?.stop_reason === 'stop_sequence' && stopSequences(exchange).length > 0 ? message : null;
}

/**
 * A reply that names one of the sequences of its request in `stop_sequence`, but has another stop reason: the sequence ended it, and
 * `stop_reason` is wrong.
 */
export function namesItsSequence(message: JsonObject, exchange: Exchange): boolean {
  return message.stop_reason !== 'stop_sequence' && stopSequences(exchange).includes(message.stop_sequence as string);
}

/** A stop sequence that the model writes ends the reply with the stop reason `stop_sequence`. */
export function stops(evidence: Evidence): Judgement {
  const nothing = whyNotAccepted(evidence, 'counting');
  if (nothing !== null) return nothing;
  const replies = answered(evidence.own);
  const isStopped = (exchange: Exchange): boolean =>
    stoppedMessage(exchange) !== null || (exchange.message !== null && namesItsSequence(exchange.message, exchange));
  const unreported = replies.filter((exchange) => !isStopped(exchange) && wasReached(exchange, evidence));
  if (unreported.length > 0) return violated(unreported.map(notReported), true);
  if (replies.some(isStopped)) return satisfied();
  return inconclusive('The model did not write the stop sequence', Math.max(replies.length, 1));
}

/** Replies of the run whose `stop_sequence` contradicts their `stop_reason`; `null` without one. */
export function contradictions({ all }: Evidence): Judgement | null {
  const found = answered(all).filter(
    (exchange) => exchange.message !== null && namesItsSequence(exchange.message, exchange),
  );
  return found.length === 0 ? null : violated(firstFew(found.map(contradicts)), true);
}

const contradicts = (exchange: Exchange): Finding =>
  finding(
    exchange,
    '`stop_reason` is wrong: `stop_sequence` names the sequence that ended the reply; clients treat the reply as complete.',
    'stop_reason "stop_sequence"',
    `stop_reason ${quote(get(exchange.message, 'stop_reason'))}, stop_sequence ${quote(get(exchange.message, 'stop_sequence'))}`,
    { pointer: '/stop_reason' },
  );

/** The sequence is in the text: it was never in force. The text ends before it: it was in force, and only the reason is missing. */
function notReported(exchange: Exchange): Finding {
  const written = text(exchange.message);
  const passed = stopSequences(exchange).find((sequence) => written.includes(sequence));
  return finding(
    exchange,
    passed === undefined
      ? '`stop_reason` does not report the stop sequence that ended the reply; clients treat the reply as complete.'
      : 'A stop sequence has no effect: the text contains it and continues.',
    passed === undefined ? 'stop_reason "stop_sequence"' : `text that ends before ${quote(passed)}`,
    `stop_reason ${quote(get(exchange.message, 'stop_reason'))}, text ${quote(written)}`,
    { pointer: passed === undefined ? '/stop_reason' : '/content' },
  );
}

/** `stop_sequence` is the sequence that ended the reply, exactly as the request has it. */
export function sequenceFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const sent: Json[] = stopSequences(exchange);
  if (message.stop_sequence !== undefined && sent.includes(message.stop_sequence)) return [];
  return [
    finding(
      exchange,
      '`stop_sequence` is not a sequence of the request.',
      sent.map(quote).join(' or '),
      quote(message.stop_sequence),
      { pointer: '/stop_sequence' },
    ),
  ];
}

/** The text ends before the sequence. */
export function includedSequence(message: JsonObject, exchange: Exchange): Finding[] {
  const found = stopSequences(exchange).find((sequence) => text(message).includes(sequence));
  if (found === undefined) return [];
  return [
    finding(
      exchange,
      'The text contains the stop sequence.',
      `text that ends before ${quote(found)}`,
      quote(text(message)),
      { pointer: '/content' },
    ),
  ];
}

/** A sequence of several tokens stops the reply, and no part of it is in the text. */
export function holdsBack(evidence: Evidence): Judgement {
  const leaked = answered(evidence.own).filter((exchange) => {
    const written = text(stoppedMessage(exchange)).trimEnd();
    return stopSequences(exchange).some((sequence) => beginnings(sequence).some((part) => written.endsWith(part)));
  });
  if (leaked.length === 0) return stops(evidence);
  return violated(
    leaked.map((exchange) =>
      finding(
        exchange,
        'The text ends with the beginning of the stop sequence.',
        `text that ends before ${quote(stopSequences(exchange)[0])}`,
        quote(text(exchange.message)),
        { pointer: '/content' },
      ),
    ),
  );
}

const beginnings = (sequence: string): string[] =>
  Array.from(sequence, (_, index) => sequence.slice(0, index + 1).trimEnd()).filter((part) => part !== '');

/** Of the sequences 9, 4 and 20, each after a space, a count reaches 4 first. A server that removes the space names another one. */
export function namesFirst(evidence: Evidence): Judgement {
  const nothing = whyNotAccepted(evidence, 'counting');
  if (nothing !== null) return nothing;
  const named = answered(evidence.own).filter(
    ({ message }) => COUNTED.test(text(message)) && typeof get(message, 'stop_sequence') === 'string',
  );
  if (named.length === 0) return inconclusive('No reply counts and names a stop sequence', evidence.own.length);
  return verdictOf(
    named
      .filter(({ message }) => get(message, 'stop_sequence') !== FIRST_REACHED)
      .map((exchange) =>
        finding(
          exchange,
          '`stop_sequence` is not the sequence that the text reached first.',
          quote(FIRST_REACHED),
          quote(get(exchange.message, 'stop_sequence')),
          { pointer: '/stop_sequence' },
        ),
      ),
    true,
  );
}

const FIRST_REACHED = ' 4';

const COUNTED = /\b1, 2, 3/;
const COUNT = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');

/** Whether the model wrote the sequence, or the server stopped it right before. */
function wasReached(exchange: Exchange, evidence: Evidence): boolean {
  const written = text(exchange.message);
  if (!COUNTED.test(written)) return false;
  // A text that max_tokens ended does not show what would have followed.
  const ended = get(exchange.message, 'stop_reason') !== 'max_tokens';
  const isReachable = (sequence: string): boolean =>
    answered(evidence.of('counting')).some(({ message }) => text(message).includes(sequence));
  return stopSequences(exchange).some(
    (sequence) => written.includes(sequence) || (ended && endsAt(written, sequence) && isReachable(sequence)),
  );
}

/** Whether the count ends right before the sequence or inside it. */
function endsAt(written: string, sequence: string): boolean {
  const at = COUNT.indexOf(sequence);
  if (at === -1) return false;
  const ends = Array.from(sequence, (_, index) => withoutEnd(COUNT.slice(0, at + index)));
  return ends.includes(withoutEnd(written.trim().replace(/,\s*/g, ', ')));
}

/** Without the comma and spaces that a model may write at the end. */
function withoutEnd(counted: string): string {
  let end = counted.length;
  while (end > 0 && /[,\s]/.test(counted.charAt(end - 1))) end -= 1;
  return counted.slice(0, end);
}

/**
 * Judges of stop sequences. The fixtures make the model count, so that the text of a reply shows by itself whether a
 * sequence came up: it stands there, or the count ends right where it would follow. A model that does not count proves
 * nothing.
 */

import type { Exchange } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { get, quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { finding, inconclusive, satisfied, verdictOf, violated } from './outcomes.js';
import { answered, completeMessage, stopSequences, whyNotAccepted } from './views.js';

/** A message that a stop sequence of its request ended; a view for `each`. */
export function firedMessage(exchange: Exchange): JsonObject | null {
  const message = completeMessage(exchange);
  return message?.stop_reason === 'stop_sequence' && stopSequences(exchange).length > 0 ? message : null;
}

/** A sequence that came up ended the reply, which says so. */
export function fires(evidence: Evidence): Judgement {
  const nothing = whyNotAccepted(evidence, 'counting');
  if (nothing !== null) return nothing;
  const served = answered(evidence.own);
  const unsaid = served.filter((exchange) => firedMessage(exchange) === null && cameUp(exchange, evidence));
  if (unsaid.length > 0) return violated(unsaid.map(notSaid), true);
  if (served.some((exchange) => firedMessage(exchange) !== null)) return satisfied();
  return inconclusive('the model did not write what the stop sequence waits for', Math.max(served.length, 1));
}

const notSaid = (exchange: Exchange): Finding =>
  finding(
    exchange,
    'A stop sequence came up, and the reply does not say so: clients take it for a normal end.',
    'stop_reason "stop_sequence"',
    `stop_reason ${quote(get(exchange.message, 'stop_reason'))}, text ${quote(text(exchange.message))}`,
    { pointer: '/stop_reason' },
  );

/** The sequence that ended the reply is named as the request wrote it. */
export function namesSequence(message: JsonObject, exchange: Exchange): Finding[] {
  const sent: Json[] = stopSequences(exchange);
  if (message.stop_sequence !== undefined && sent.includes(message.stop_sequence)) return [];
  return [
    finding(
      exchange,
      'stop_sequence is none of the sequences that were asked for.',
      sent.map(quote).join(' or '),
      quote(message.stop_sequence),
      { pointer: '/stop_sequence' },
    ),
  ];
}

/** The text ends before the sequence. */
export function leavesOut(message: JsonObject, exchange: Exchange): Finding[] {
  const found = stopSequences(exchange).find((sequence) => text(message).includes(sequence));
  if (found === undefined) return [];
  return [
    finding(
      exchange,
      'The stop sequence is part of the text.',
      `text that ends before ${quote(found)}`,
      quote(text(message)),
      { pointer: '/content' },
    ),
  ];
}

/** A sequence of several tokens fires, and no beginning of it comes through. */
export function holdsBack(evidence: Evidence): Judgement {
  const leaked = answered(evidence.own).filter((exchange) => {
    const said = text(firedMessage(exchange)).trimEnd();
    return stopSequences(exchange).some((sequence) => beginnings(sequence).some((part) => said.endsWith(part)));
  });
  if (leaked.length === 0) return fires(evidence);
  return violated(
    leaked.map((exchange) =>
      finding(
        exchange,
        'The beginning of the stop sequence came through before the rest of it was there.',
        `text that ends before ${quote(stopSequences(exchange)[0])}`,
        quote(text(exchange.message)),
        { pointer: '/content' },
      ),
    ),
  );
}

const beginnings = (sequence: string): string[] =>
  Array.from(sequence, (_, index) => sequence.slice(0, index + 1).trimEnd()).filter((part) => part !== '');

/** Of the sequences 9 and 4, a count meets 4 first. */
export function namesFirst(evidence: Evidence): Judgement {
  const nothing = whyNotAccepted(evidence, 'counting');
  if (nothing !== null) return nothing;
  const named = answered(evidence.own).filter(
    ({ message }) => COUNTED.test(text(message)) && typeof get(message, 'stop_sequence') === 'string',
  );
  if (named.length === 0) return inconclusive('no reply counts and names a stop sequence', evidence.own.length);
  return verdictOf(
    named
      .filter(({ message }) => get(message, 'stop_sequence') !== '4')
      .map((exchange) =>
        finding(
          exchange,
          'stop_sequence names another sequence than the first that came up.',
          '"4"',
          quote(get(exchange.message, 'stop_sequence')),
          { pointer: '/stop_sequence' },
        ),
      ),
    true,
  );
}

const COUNTED = /\b1, 2, 3/;
const COUNT = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');

function cameUp(exchange: Exchange, evidence: Evidence): boolean {
  const said = text(exchange.message);
  if (!COUNTED.test(said)) return false;
  // Where max_tokens ended the text proves nothing about what would have followed.
  const ended = get(exchange.message, 'stop_reason') !== 'max_tokens';
  const goesOn = (sequence: string): boolean =>
    answered(evidence.of('counting')).some(({ message }) => text(message).includes(sequence));
  return stopSequences(exchange).some(
    (sequence) => said.includes(sequence) || (ended && endsAt(said, sequence) && goesOn(sequence)),
  );
}

/** Whether the count ends right before the sequence, or inside it. */
function endsAt(said: string, sequence: string): boolean {
  const at = COUNT.indexOf(sequence);
  if (at === -1) return false;
  const ends = Array.from(sequence, (_, index) => bare(COUNT.slice(0, at + index)));
  return ends.includes(bare(said.trim().replace(/,\s*/g, ', ')));
}

/** Without the comma and the blanks that a model may or may not write at the end. */
function bare(counted: string): string {
  let end = counted.length;
  while (end > 0 && /[,\s]/.test(counted.charAt(end - 1))) end -= 1;
  return counted.slice(0, end);
}

/** Replies of the model: with a feature, compared with the replies of a control. */

import { isForbidden, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, type Json, type JsonObject, quote } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { controlTrouble } from './controls.js';
import { countsOf } from './input-counts.js';
import { type AsksFor, missedByChance } from './missed-by-chance.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';
import { notAccepted } from './request-findings.js';
import { wasTruncated } from './tool-views.js';
import { completeMessage } from './views.js';

export interface Steering {
  /** Exchanges with the feature. */
  subject: (evidence: Evidence) => readonly Exchange[];
  /** Exchanges that show the same effect in a way that is known to work. Without them a missing effect is inconclusive. */
  control?: (evidence: Evidence) => readonly Exchange[];
  /** Whether a reply shows that the tested content reached the model. */
  shows: (message: JsonObject, exchange: Exchange) => boolean;
  /** What the reply should contain, for the finding. */
  expected: string;
  /** The sentence of the finding. */
  lost: string;
  /** The server may also reject the request as a client error. */
  mayReject?: boolean;
  /** Default: true. The client gets a reply and cannot see the loss. */
  silent?: boolean;
  /** A truncated reply without the effect proves nothing: a reasoning model may not have started to answer. */
  needsEnd?: boolean;
  /** What the prompt asks for; words by default. */
  asksFor?: AsksFor;
  /** Whether the loss shows without the model too, in token counts: then no try can have missed by chance. */
  isProven?: (evidence: Evidence) => boolean;
  /** The same request without the content, and the input tokens that the content adds at least: they show whether it arrived, whatever the model says. */
  without?: readonly [fixture: string, least: number];
}

/**
 * One reply with the effect satisfies the requirement. No such reply, while every reply of the control has the effect, violates it,
 * unless the model may have missed all of them by chance. Otherwise the result is inconclusive: a weak model, or one that follows prompts
 * only sometimes, must not look like a broken server.
 */
export function steered(steering: Steering): Judge {
  return (evidence) => {
    const subject = steering.subject(evidence);
    const replies = subject.filter((exchange) => succeeded(exchange) && exchange.message !== null);
    const showing = (exchange: Exchange) =>
      exchange.message !== null && !repeatsPrompt(exchange) && steering.shows(exchange.message, exchange);
    if (replies.some(showing)) return satisfied();
    if (replies.length === 0) {
      const nothing = noAnswer(subject, evidence);
      if (nothing !== null) return nothing;
      if (subject.every(rejectedAsInvalid) && steering.mayReject)
        return satisfied('Rejected as a client error, which is allowed');
      const untested = controlTrouble(evidence, subject);
      if (untested !== null) return untested;
      const findings = subject.map((exchange) => notAccepted(evidence, exchange, steering.expected));
      const areClean = subject.every((exchange) => rejectedAsInvalid(exchange) || isForbidden(exchange));
      return areClean ? { outcome: 'rejected', findings } : violated(findings);
    }
    // The rest of a stream that broke off may have had the effect.
    const whole = replies.filter((exchange) => completeMessage(exchange) !== null);
    const [cut] = replies;
    if (whole.length === 0)
      return inconclusive(`Not tested: ${cut?.id} is incomplete (${endOf(cut!)})`, replies.length);
    const ended = steering.needsEnd ? whole.filter(isComplete) : whole;
    if (ended.length === 0)
      return inconclusive('Every reply was truncated before it could show the effect', replies.length);
    const inWords = ended.filter(isInWords);
    if (inWords.length === 0)
      return inconclusive('The model did not answer in words, so no reply can show the effect', replies.length);
    const control = steering.control?.(evidence) ?? [];
    const follows = (exchange: Exchange) => showing(exchange) && !quotesEarlier(exchange);
    if (!control.some((exchange) => succeeded(exchange) && follows(exchange))) {
      const why =
        control.length === 0
          ? 'The model did not follow the prompt'
          : 'The control request does not show the effect either';
      return inconclusive(`${why} (${replies.length} tries)`, replies.length);
    }
    if (!control.every((exchange) => exchange.message === null || !isComplete(exchange) || follows(exchange)))
      return inconclusive('The model follows the control request only sometimes', replies.length);
    const counted = steering.without === undefined ? null : arrival(evidence, inWords, ...steering.without);
    if (counted?.arrived) return inconclusive(counted.words, replies.length);
    const isProven = counted !== null || steering.isProven?.(evidence);
    const chance = isProven ? null : missedByChance(evidence, inWords, steering.asksFor);
    if (chance !== null) return inconclusive(chance, replies.length);
    return violated(
      inWords.slice(-1).map((exchange) => finding(exchange, steering.lost, steering.expected, replyText(exchange))),
      steering.silent ?? true,
    );
  };
}

/** What the counts of a request with content, and of the same request without it, say; `null` where they prove nothing. */
function arrival(
  evidence: Evidence,
  replies: readonly Exchange[],
  fixture: string,
  least: number,
): { arrived: boolean; words: string } | null {
  const counts = countsOf(evidence, replies, evidence.of(fixture, replies[0]!.transport));
  if (counts === null) return null;
  const { all, rest } = counts;
  return {
    arrived: all >= rest + least,
    words: `The reply does not show it, but \`usage\` shows that it arrived (${all} input tokens, ${rest} without it): the model may be weak`,
  };
}

const endOf = ({ failure }: Exchange): string => failure?.message ?? 'the stream has no end';

const isComplete = ({ message }: Exchange): boolean => !wasTruncated(message);

/** Text and no tool call: a reply after tool results may be empty, and a model that calls again has not answered yet. */
const isInWords = ({ message }: Exchange): boolean =>
  text(message).trim() !== '' && blocks(message, 'tool_use').length === 0;

/** Shorter prompts may occur in a reply by chance. */
const LEAST_REPEATED = 12;

/** Mocks quote the beginning of a prompt. So much of one has more than its code words: what is asked of them, too. */
const MOST_OF_IT = 2 / 3;

/** An earlier message of so many characters does not occur in an answer as a whole. */
const LEAST_OF_EARLIER = 40;

/** Whether a reply repeats the prompt word for word: it contains the code words, but the model did not follow the prompt. */
function repeatsPrompt(exchange: Exchange): boolean {
  const spoken = spokenIn(askedIn(exchange).at(-1));
  const least = Math.max(LEAST_REPEATED, Math.ceil(spoken.length * MOST_OF_IT));
  return spoken.length >= LEAST_REPEATED && text(exchange.message).includes(spoken.slice(0, least));
}

/** Whether a reply quotes an earlier message, which arrived then, but does not show that the model follows prompts. */
const quotesEarlier = (exchange: Exchange): boolean =>
  askedIn(exchange)
    .slice(0, -1)
    .map(spokenIn)
    .some((earlier) => earlier.length >= LEAST_OF_EARLIER && text(exchange.message).includes(earlier));

function askedIn(exchange: Exchange): Json[] {
  const messages = get(exchange.sent, 'messages');
  return (Array.isArray(messages) ? messages : []).filter((one) => get(one, 'role') !== 'assistant');
}

/** The text of a message, or its last block of text. */
function spokenIn(message: Json | undefined): string {
  const content = get(message, 'content');
  const spoken = typeof content === 'string' ? content : blocks({ content }, 'text').at(-1)?.text;
  return typeof spoken === 'string' ? spoken.trim() : '';
}

/** The reply as a finding quotes it: its text, or all blocks when there are others. */
export function replyText(exchange: Exchange): string {
  const content = get(exchange.message, 'content');
  return quote(blocks(exchange.message).every((block) => block.type === 'text') ? text(exchange.message) : content);
}

/** Judges of what the client gets for what the upstream answered. */

import { answer as shownAnswer, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, type Json, type JsonObject } from '../../core/json.js';
import type { Transport } from '../../core/protocol.js';
import type { Evidence, Finding, Judge } from '../../core/requirement.js';
import type { Script } from '../../core/upstream.js';
import { finding, inconclusive, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import type { Dialect } from '../dialects/dialect.js';
import type { WholeAnswer } from '../dialects/steps.js';
import { answerOf, dialectIn, scriptOf, wasPlayed, whyNothing } from './pairs.js';
import type { Fault } from './texts.js';

/** A tool call as the client got it. */
export interface GotCall {
  id: string;
  name: string;
  input: Json | undefined;
}

/** What the upstream answered, and what the client got of it. */
export interface AnswerPair {
  exchange: Exchange;
  /** The API of the upstream. */
  dialect: Dialect;
  script: Script;
  /** What the script comes to. */
  whole: WholeAnswer;
  message: JsonObject;
  text: string;
  thinking: string;
  calls: readonly GotCall[];
  /** Types of the blocks, in order. */
  order: readonly string[];
  stopReason: string;
}

export interface AnswerOptions {
  /** Which request of a conversation is looked at. Default: every one. */
  turn?: number;
  /** Only requests of this transport. */
  transport?: Transport;
  /** An error in place of the answer is allowed as well. */
  orError?: true;
}

/** Looks at every exchange of the requirement whose script the upstream has played to its end. */
export function answers(look: (pair: AnswerPair) => Fault | null, options: AnswerOptions = {}): Judge {
  return (evidence) => {
    const played = evidence.own.filter(
      (exchange) =>
        (options.turn === undefined || exchange.turn === options.turn) &&
        (options.transport === undefined || exchange.transport === options.transport) &&
        scriptOf(exchange, evidence).fails === undefined &&
        wasPlayed(exchange),
    );
    if (played.length === 0) return notObserved(whyNothing(evidence));
    const read = played.filter((exchange) => !isUnread(exchange));
    const findings = read.flatMap((exchange): Finding[] => {
      const pair = pairOf(exchange, evidence);
      if (pair === null && options.orError) return [];
      const fault = pair === null ? notServed(exchange) : look(pair);
      // What is missing at the end is missing because of that.
      const end = pair === null || exchange.failure === null ? '' : `, then ${exchange.failure.message}`;
      return fault === null ? [] : [finding(exchange, fault.message, fault.expected, `${fault.actual}${end}`)];
    });
    const unread = played.find(isUnread);
    return findings.length === 0 && unread !== undefined
      ? inconclusive(`Not tested: ${unread.id} was not read to its end (${unread.failure?.message})`)
      : verdictOf(findings, true);
  };
}

/** The suite reached its own limit, as with a long text in very many deltas. */
const isUnread = ({ failure }: Exchange): boolean => failure?.kind === 'too-large';

const notServed = (exchange: Exchange): Fault => ({
  message: 'The upstream gave a complete answer, and the client gets none.',
  expected: 'the answer of the upstream',
  actual: shownAnswer(exchange),
});

function pairOf(exchange: Exchange, evidence: Evidence): AnswerPair | null {
  const { message } = exchange;
  if (message === null || !succeeded(exchange)) return null;
  const script = scriptOf(exchange, evidence);
  const content = get(message, 'content');
  const blocks = Array.isArray(content) ? content : [];
  const texts = (type: string, field: string): string =>
    blocks.map((block) => (get(block, 'type') === type ? asString(get(block, field)) : '')).join('');
  return {
    exchange,
    dialect: dialectIn(evidence),
    script,
    whole: answerOf(script),
    message,
    text: texts('text', 'text'),
    thinking: texts('thinking', 'thinking'),
    calls: blocks
      .filter((block) => get(block, 'type') === 'tool_use')
      .map((block) => ({
        id: asString(get(block, 'id')),
        name: asString(get(block, 'name')),
        input: get(block, 'input'),
      })),
    order: blocks.map((block) => asString(get(block, 'type'))),
    stopReason: asString(get(message, 'stop_reason')),
  };
}

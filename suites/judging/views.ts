/** What exchanges show, for the families that judge replies and streams. */

import { answer, isMessagesCall, rejectedAsInvalid, status, succeeded } from '../../core/answers.js';
import type { Exchange, StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { get, isObject, quote } from '../../core/json.js';
import { totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { type GrammarReading, grammar } from '../stream/grammar.js';
import { carrierOf } from './bundles.js';
import { noAnswer } from './no-answer.js';
import { deviates, finding, inconclusive, violated } from './outcomes.js';

// Views of one exchange, for `each`: what is looked at, or `null` when the exchange does not show it.

export const jsonMessage = (exchange: Exchange): JsonObject | null =>
  succeeded(exchange) && exchange.stream === null && isMessagesCall(exchange) ? exchange.message : null;

export const messageOf = (exchange: Exchange): JsonObject | null => (succeeded(exchange) ? exchange.message : null);

export const stream = (exchange: Exchange): StreamReading | null =>
  succeeded(exchange) && exchange.transport === 'stream' ? exchange.stream : null;

export const errorReply = (exchange: Exchange): Exchange | null => (status(exchange) >= 400 ? exchange : null);

/** A stream with its reading by the grammar. */
export interface ReadStream extends GrammarReading {
  stream: StreamReading;
}

/** The stream of an exchange, read; `null` when there is none or it holds no event that means anything. */
export function readStream(exchange: Exchange): ReadStream | null {
  const shown = stream(exchange);
  if (shown === null) return null;
  const reading = grammar(shown);
  return reading.byKind.size === 0 ? null : { ...reading, stream: shown };
}

/** Any stream, an empty one included, unless reading was given up before its first event. */
export function anyStream(exchange: Exchange): ReadStream | null {
  const shown = stream(exchange);
  if (shown === null) return null;
  const reading = grammar(shown);
  return reading.byKind.size === 0 && givenUp(exchange) ? null : { ...reading, stream: shown };
}

/** A stream that came to its end, at least as far as a message_delta that can be read. */
export function endedStream(exchange: Exchange): ReadStream | null {
  const read = readStream(exchange);
  const isTold = read?.byKind.get('message_delta')?.some(({ data }) => isObject(data)) ?? false;
  return isTold && read?.end !== 'error' ? read : null;
}

/** Output tokens of an answer that came to its end: of a stream what its last message_delta tells, not how it began. */
export function outputTokens(exchange: Exchange): number | null {
  const message = completeMessage(exchange);
  const last = readStream(exchange)?.byKind.get('message_delta')?.at(-1);
  const told = last === undefined ? get(message, 'usage', 'output_tokens') : get(last.data, 'usage', 'output_tokens');
  return message !== null && isCount(told) ? told : null;
}

/** The stop reason that a stream's message_delta carries; `null` without one. */
export function stopReason({ byKind }: ReadStream): Json {
  const reasons = (byKind.get('message_delta') ?? []).map(({ data }) => get(data, 'delta', 'stop_reason') ?? null);
  return reasons.findLast((reason) => reason !== null) ?? null;
}

/** The message of an answer that came to its end: half a message says nothing about stop reason, usage or content. */
export function completeMessage(exchange: Exchange): JsonObject | null {
  const message = messageOf(exchange);
  if (message === null || exchange.stream === null) return message;
  if (givenUp(exchange) && !grammar(exchange.stream).byKind.has('message_delta')) return null;
  return endedStream(exchange) === null && exchange.transport === 'stream' ? null : message;
}

/** A slow target is still sending when the time is up; one that sends nothing for so long has stopped. */
const STALLED_MS = 10_000;
/** A model that may write more than a few words may think as long in silence, which clients bear. Source: CC. */
const THINKING_MS = 300_000;
const FEW_TOKENS = 16;

/** Whether reading was given up while the target might have gone on: nothing is known about the end. */
export function givenUp(exchange: Exchange): boolean {
  const { failure, response } = exchange;
  if (failure === null || response === null) return false;
  if (failure.kind === 'timeout-body') {
    const silence = response.endMs - (response.chunks.at(-1)?.atMs ?? 0);
    const mayThink = (tokenLimit(exchange) ?? 0) > FEW_TOKENS && !readStream(exchange)?.byKind.has('message_delta');
    return silence < (mayThink ? THINKING_MS : STALLED_MS);
  }
  return ['too-large', 'unreachable', 'encoding'].includes(failure.kind);
}

/** A finding about one event of a stream. */
export const atEvent = (
  exchange: Exchange,
  event: StreamEvent,
  message: string,
  expected: string,
  actual: string,
  pointer?: string,
): Finding =>
  finding(exchange, message, expected, actual, {
    event: event.number,
    offset: event.frame.offset,
    ...(pointer === undefined ? {} : { pointer }),
  });

/** Most findings about one exchange: a fault in every frame is told by its first ones. */
const MOST = 3;

export const firstFew = <T>(findings: readonly T[]): T[] => findings.slice(0, MOST);

/** `max_tokens` of the request, `null` when it is no number. */
export function tokenLimit(exchange: Exchange): number | null {
  const limit = get(exchange.sent, 'max_tokens');
  return typeof limit === 'number' ? limit : null;
}

/** Stop sequences of the request. */
export function stopSequences(exchange: Exchange): string[] {
  const sent = get(exchange.sent, 'stop_sequences');
  return Array.isArray(sent) ? sent.filter((one): one is string => typeof one === 'string') : [];
}

/** Whether the request turned thinking on. */
export function asksForThinking(exchange: Exchange): boolean {
  const type = get(exchange.sent, 'thinking', 'type');
  return type !== undefined && type !== 'disabled';
}

/** Answers of 2xx among exchanges that hold a whole message. */
export const answered = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter((exchange) => succeeded(exchange) && completeMessage(exchange) !== null);

/**
 * What is to be said when none of a requirement's own requests was answered with a whole message; `null` when one was. A
 * refusal counts only while `control`, the same without what is tested, is served.
 */
export function whyNotAccepted(evidence: Evidence, control: string): Judgement | null {
  const nothing = noAnswer(evidence.own);
  const first = evidence.own[0];
  if (nothing !== null || first === undefined) return nothing;
  if (answered(evidence.own).length > 0) return null;
  if (answered(evidence.of(control)).length === 0 || succeeded(first)) {
    return inconclusive(`${first.id} was answered ${answer(first)}`, evidence.own.length);
  }
  const findings = evidence.own.map((exchange) =>
    finding(
      exchange,
      `The request of ${exchange.id} was not answered with a message.`,
      'HTTP 200 with a Message',
      answer(exchange),
    ),
  );
  return evidence.own.every(rejectedAsInvalid) ? { outcome: 'rejected', findings } : violated(findings);
}

/** Whether the request declares tools. */
export function declaresTools(exchange: Exchange): boolean {
  const tools = get(exchange.sent, 'tools');
  return Array.isArray(tools) && tools.length > 0;
}

/** A field that is missing where it should be null is documented otherwise, and read alike by every official client. */
export function absenceDeviates(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const absent = judgement.findings.every(
      ({ expected, actual }) => expected === 'null' && actual === quote(undefined),
    );
    return absent ? deviates(judgement.findings) : judgement;
  };
}

/** Fixtures of the short question and of its repetition, by the official client or, where that is not served, alone. */
export const REPEATED = ['minimal', 'client-replay', 'minimal-again'] as const;

/** Exchanges that ask the short question a second time. */
export const repetition = (evidence: Evidence): readonly Exchange[] =>
  carrierOf(evidence, { among: 'client-replay', alone: 'minimal-again' }).filter(({ turn }) => turn === 1);

/** Whether a prompt that is sent twice counts the same tokens both times; `null` when that was not seen. */
export function countsSteadily(evidence: Evidence): boolean | null {
  const [one, other] = [evidence.of('minimal', 'json'), repetition(evidence)].map((tries) =>
    totalInput(get(answered(tries)[0]?.message, 'usage')),
  );
  return one === null || other === null ? null : one === other;
}

export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

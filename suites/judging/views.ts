/** Views of exchanges for the families that judge replies and streams. */

import {
  answer,
  isMessagesCall,
  rejectedAsInvalid,
  STALLED_MS,
  silenceAtEnd,
  status,
  staysOpen,
  succeeded,
} from '../../core/answers.js';
import type { Exchange, StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { get, isObject } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { type GrammarReading, grammar } from '../stream/grammar.js';
import { noAnswer } from './no-answer.js';
import { deviates, finding, inconclusive, violated } from './outcomes.js';
import { notAccepted } from './request-findings.js';
import { wasTruncated } from './tool-views.js';

// Views of one exchange, for `each`: what the judge looks at, or `null` when the exchange does not have it.

/** The message of a reply that is not streamed. */
export const jsonMessage = (exchange: Exchange): JsonObject | null =>
  succeeded(exchange) && exchange.stream === null && isMessagesCall(exchange) ? exchange.message : null;

/** The message of a reply, streamed or not. */
export const messageOf = (exchange: Exchange): JsonObject | null => (succeeded(exchange) ? exchange.message : null);

/** The events of a streamed reply. */
export const stream = (exchange: Exchange): StreamReading | null =>
  succeeded(exchange) && exchange.transport === 'stream' ? exchange.stream : null;

/** An error response. */
export const errorReply = (exchange: Exchange): Exchange | null => (status(exchange) >= 400 ? exchange : null);

/** A stream and its reading by the grammar. */
export interface ReadStream extends GrammarReading {
  stream: StreamReading;
}

/** The stream of an exchange, read by the grammar; `null` without a stream, or when it has only pings and unknown events. */
export function readStream(exchange: Exchange): ReadStream | null {
  const shown = stream(exchange);
  if (shown === null) return null;
  const reading = grammar(shown);
  return reading.byKind.size === 0 ? null : { ...reading, stream: shown };
}

/** The same, empty streams included, unless the suite gave up before the first event. */
export function anyStream(exchange: Exchange): ReadStream | null {
  const shown = stream(exchange);
  if (shown === null) return null;
  const reading = grammar(shown);
  return reading.byKind.size === 0 && gaveUp(exchange) ? null : { ...reading, stream: shown };
}

/** A stream that ended, at least with a readable `message_delta` or with a stop reason in its start. */
export function endedStream(exchange: Exchange): ReadStream | null {
  const read = readStream(exchange);
  const hasEnd = read?.byKind.get('message_delta')?.some(({ data }) => isObject(data)) ?? false;
  return (hasEnd || read?.prefilled) && read?.end !== 'error' ? read : null;
}

/** `output_tokens` of a complete reply; for a stream the value of its last `message_delta`. `null` when it is not a count. */
export function outputTokens(exchange: Exchange): number | null {
  const message = completeMessage(exchange);
  const last = readStream(exchange)?.byKind.get('message_delta')?.at(-1);
  const count = last === undefined ? get(message, 'usage', 'output_tokens') : get(last.data, 'usage', 'output_tokens');
  return message !== null && isCount(count) ? count : null;
}

/** The `stop_reason` of a stream, from `message_delta` or a complete `message_start`; `null` without one. */
export function stopReason({ byKind, prefilled }: ReadStream): Json {
  const reasons = (byKind.get('message_delta') ?? []).map(({ data }) => get(data, 'delta', 'stop_reason') ?? null);
  return reasons.findLast((reason) => reason !== null) ?? prefilled?.stop_reason ?? null;
}

/** The message of a reply that ended. Half a message shows nothing about stop reason, usage or content. */
export function completeMessage(exchange: Exchange): JsonObject | null {
  const message = messageOf(exchange);
  if (message === null || exchange.stream === null) return message;
  if (gaveUp(exchange) && !grammar(exchange.stream).byKind.has('message_delta')) return null;
  return endedStream(exchange) === null && exchange.transport === 'stream' ? null : message;
}

/** A model with room for more than a few words may think silently for this long; clients wait for it. Source: CC. */
const THINKING_MS = 300_000;
const FEW_TOKENS = 16;
/** A slow model writes five tokens a second. Once it has begun, the limit of the request bounds what it may still think. */
const TOKEN_MS = 200;

/** Whether the suite gave up while the target might have continued. Then the end of the response is unknown. */
export function gaveUp(exchange: Exchange): boolean {
  const { failure, response } = exchange;
  if (failure === null || response === null || staysOpen(exchange)) return false;
  if (failure.kind === 'timeout-body') {
    return silenceAtEnd(exchange) < mostSilence(exchange);
  }
  return ['too-large', 'unreachable', 'encoding', 'abandoned'].includes(failure.kind);
}

/** How long a stream that goes on may say nothing, in milliseconds. */
function mostSilence(exchange: Exchange): number {
  const limit = tokenLimit(exchange) ?? 0;
  const byKind = readStream(exchange)?.byKind;
  if (limit <= FEW_TOKENS || byKind?.has('message_delta')) return STALLED_MS;
  // Before the first words a server reads the prompt, and tools of its own take their time.
  if (!byKind?.has('content_block_delta') || hasServerTools(exchange)) return THINKING_MS;
  return Math.min(STALLED_MS + limit * TOKEN_MS, THINKING_MS);
}

/** Tools that the server runs have a type of their own. */
function hasServerTools({ sent }: Exchange): boolean {
  const tools = get(sent, 'tools');
  const isOwn = (tool: Json): boolean => ![undefined, 'custom'].includes(get(tool, 'type') as string | undefined);
  return get(sent, 'mcp_servers') !== undefined || (Array.isArray(tools) && tools.some(isOwn));
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

/** Most findings about one exchange. A fault that occurs in every frame needs no more. */
const MAX_FINDINGS = 3;

/** The first findings of an exchange. */
export const firstFew = <T>(findings: readonly T[]): T[] => findings.slice(0, MAX_FINDINGS);

/** `max_tokens` of the request; `null` when it is not a number. */
export function tokenLimit(exchange: Exchange): number | null {
  const limit = get(exchange.sent, 'max_tokens');
  return typeof limit === 'number' ? limit : null;
}

/** The strings in `stop_sequences` of the request. */
export function stopSequences(exchange: Exchange): string[] {
  const sent = get(exchange.sent, 'stop_sequences');
  return Array.isArray(sent) ? sent.filter((one): one is string => typeof one === 'string') : [];
}

/** Whether the request turns thinking on. */
export function asksForThinking(exchange: Exchange): boolean {
  const type = get(exchange.sent, 'thinking', 'type');
  return type !== undefined && type !== 'disabled';
}

/** The turn before, of these exchanges of one conversation. */
export const turnBefore = (turns: readonly Exchange[], { turn, attempt }: Exchange): Exchange | undefined =>
  turns.find((one) => one.turn === turn - 1 && one.attempt === attempt);

/** Exchanges with a complete message. */
export const answered = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter((exchange) => succeeded(exchange) && completeMessage(exchange) !== null);

/** Of these, the complete messages whose model said all that it had to say. */
export const finished = (exchanges: readonly Exchange[]): Exchange[] =>
  answered(exchanges).filter(({ message }) => !wasTruncated(message));

/** Whether its blocks can be compared with those of other replies: events in a wrong order hide or repeat some, which other requirements judge. */
export const followsGrammar = (exchange: Exchange): boolean =>
  exchange.transport === 'json' || readStream(exchange)?.violations.length === 0;

/**
 * The judgement when none of the requirement's own requests got a complete message; `null` when one did. A rejection counts only while
 * `control`, the same request without the tested feature, is accepted.
 */
export function whyNotAccepted(evidence: Evidence, control: string): Judgement | null {
  const nothing = noAnswer(evidence.own, evidence);
  const first = evidence.own[0];
  if (nothing !== null || first === undefined) return nothing;
  if (answered(evidence.own).length > 0) return null;
  if (answered(evidence.of(control)).length === 0 || succeeded(first)) {
    return inconclusive(`Not tested: ${first.id} failed (${answer(first)})`, evidence.own.length);
  }
  const findings = evidence.own.map((exchange) => notAccepted(evidence, exchange));
  return evidence.own.every(rejectedAsInvalid) ? { outcome: 'rejected', findings } : violated(findings);
}

/** Whether the request declares tools. */
export function declaresTools(exchange: Exchange): boolean {
  const tools = get(exchange.sent, 'tools');
  return Array.isArray(tools) && tools.length > 0;
}

/** A field that is missing where `null` is documented only deviates: official clients treat both alike. */
export function absenceDeviates(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    return judgement.findings.every(({ absent }) => absent) ? deviates(judgement.findings) : judgement;
  };
}

/** Marks a finding about a field that should be `null` and is missing. */
export const markAbsent = (found: Finding, value: unknown): Finding =>
  value === undefined ? { ...found, absent: true } : found;

/** Fixtures of the short question and of its repetition: by the official client or, when the target rejects that, without it. */
export const REPEATED = ['minimal', 'client-replay', 'minimal-again'] as const;

/** Exchanges that repeat the short question. */
export const repetition = (evidence: Evidence): readonly Exchange[] =>
  evidence.resolve({ whole: 'client-replay', part: 'minimal-again' }).filter(({ turn }) => turn === 1);

/** Whether a repeated prompt has the same number of input tokens; `null` when the run does not show it. */
export function isCountStable(evidence: Evidence): boolean | null {
  const [one, other] = [evidence.of('minimal', 'json'), repetition(evidence)].map((tries) =>
    totalInput(get(answered(tries)[0]?.message, 'usage')),
  );
  return one === null || other === null ? null : one === other;
}

/** A reply that is not streamed, with bytes that are not UTF-8 or with characters that stand for such bytes. */
const hasBrokenText = (exchange: Exchange): boolean =>
  jsonMessage(exchange) !== null &&
  (exchange.response?.bodyEncoding === 'base64' || /\uFFFD|\p{Surrogate}/u.test(text(exchange.message)));

/**
 * Whether the model itself writes broken characters, as models of single bytes do: replies that are not streamed have them too, and were
 * not asked to repeat non-ASCII text.
 */
export const writesBrokenText = (evidence: Pick<Evidence, 'all'>): boolean =>
  evidence.all.some((exchange) => hasBrokenText(exchange) && !NON_ASCII.test(exchange.request.body ?? ''));

/** Non-ASCII text, raw or as escapes: what is broken in a reply to it may have been broken on its way to the model. */
const NON_ASCII = /[^\0-\x7f]|\\u[0-9a-f]{4}/i;

/** Whether a value is a token count: an integer of 0 or more. */
export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

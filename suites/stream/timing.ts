/** Timing of a stream: whether it arrives in pieces, its silences, and its end. */

import type { Exchange, StreamEvent, StreamReading } from '../../core/exchange.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { noAnswer } from '../judging/no-answer.js';
import { finding, notObserved, satisfied, violated } from '../judging/outcomes.js';
import { atEvent, endedStream, firstFew, jsonMessage, type ReadStream, stream } from '../judging/views.js';

/** Characters of more than 50 tokens, which no model generates at once. */
const LONG_TEXT = 100;
/** The reason when no stream has a long text. */
export const NO_LONG_STREAM = 'No stream of this run contains a long text';

/** A finished stream with a long text; a view for `each`. */
export function longStream(exchange: Exchange): ReadStream | null {
  const read = endedStream(exchange);
  return read !== null && text(exchange.message).length >= LONG_TEXT ? read : null;
}

/** A reply that arrives this soon, or not much later than short ones, shows no buffering. */
const AT_ONCE_MS = 500;
const LIKE_SHORT_ONES = 1.5;

/**
 * Judged by the order of network reads, not by the time between them: a target may be fast. One stream in several reads shows that
 * nothing buffers. When each stream arrives in one read, the time only shows whether there was anything to buffer; one early stream
 * shows that there was not.
 */
export function incremental(evidence: Evidence): Judgement {
  const long = evidence.all.flatMap((exchange) => {
    const read = longStream(exchange);
    const first = read?.byKind.get('content_block_delta')?.[0];
    const stop = read?.byKind.get('message_stop')?.[0];
    return first === undefined || stop === undefined ? [] : [{ exchange, first, stop }];
  });
  if (long.length === 0) return noAnswer(evidence.own, evidence) ?? notObserved(NO_LONG_STREAM);
  const inPieces = long.some(
    ({ exchange, first, stop }) => readNumber(exchange, first.frame.end) < readNumber(exchange, stop.frame.end),
  );
  if (inPieces) return satisfied();
  const soon = AT_ONCE_MS + LIKE_SHORT_ONES * longestWait(evidence);
  const late = long.filter(({ stop }) => stop.frame.atMs >= soon);
  if (late.length < long.length)
    return notObserved(
      `The whole reply arrived within ${Math.ceil(soon)} ms, about as soon as short ones, so buffering would not show`,
    );
  return violated(
    late.map(({ exchange, first, stop }) =>
      atEvent(
        exchange,
        first,
        'A long reply arrives all at once: something buffers the stream.',
        'the first delta in an earlier network read than message_stop',
        `one network read after ${Math.round(stop.frame.atMs)} ms`,
      ),
    ),
  );
}

/**
 * The longest time in milliseconds that a short reply without streaming took to start; 0 without such replies. A busy machine delays
 * some of them too.
 */
function longestWait(evidence: Evidence): number {
  const waits = evidence.all
    .filter((exchange) => jsonMessage(exchange) !== null && text(exchange.message).length < LONG_TEXT)
    .flatMap(({ response }) => response?.chunks[0]?.atMs ?? []);
  return waits.reduce((longest, wait) => Math.max(longest, wait), 0);
}

/** Number of the network read with the byte before an offset. */
function readNumber(exchange: Exchange, offset: number): number {
  let arrived = 0;
  return (exchange.response?.chunks ?? []).findIndex(({ bytes }) => {
    arrived += bytes;
    return arrived >= offset;
  });
}

/** A long text has to be sent in several deltas. */
export function granularityFaults(read: ReadStream, exchange: Exchange): Finding[] {
  const deltas = read.blocks.filter(({ type }) => type === 'text').flatMap((block) => block.deltas);
  if (deltas.length > 1) return [];
  const only = deltas[0];
  const expected = 'several text_delta';
  const actual = `${deltas.length} for ${text(exchange.message).length} characters`;
  return [
    only === undefined
      ? finding(exchange, 'A long text has no `text_delta`.', expected, actual)
      : atEvent(exchange, only.event, 'A long text is one single `text_delta`.', expected, actual),
  ];
}

const CLOSE_MS = 2_000;

/** The `message_stop` of a stream that ended; a view for `each`. */
export const lastStop = (exchange: Exchange): StreamEvent | null =>
  endedStream(exchange)?.byKind.get('message_stop')?.at(-1) ?? null;

/**
 * The body has to end soon after message_stop. A server that keeps connections open does so with at least every second stream. A busy
 * machine, here or there, delays some of them.
 */
export function lingering(stop: StreamEvent, exchange: Exchange, { all }: Evidence): Finding[] {
  const waited = sinceStop(stop, exchange);
  if (!isOpenLong(stop, exchange)) return [];
  const stops = all.flatMap((one) => {
    const last = lastStop(one);
    return last === null ? [] : [isOpenLong(last, one)];
  });
  if (stops.filter((isLong) => isLong).length * 2 < stops.length) return [];
  return [
    atEvent(
      exchange,
      stop,
      'The connection stays open after `message_stop`; clients that wait for the end of the body hang.',
      `the end of the body within ${CLOSE_MS} ms`,
      `${exchange.failure === null ? 'the end' : 'no end'} after ${Math.round(waited)} ms`,
    ),
  ];
}

const sinceStop = (stop: StreamEvent, { response }: Exchange): number => (response?.endMs ?? 0) - stop.frame.atMs;

const isOpenLong = (stop: StreamEvent, exchange: Exchange): boolean =>
  sinceStop(stop, exchange) > CLOSE_MS && (exchange.failure === null || exchange.failure.kind === 'timeout-body');

const PING_DUE_MS = 30_000;
const SILENCE_MS = 300_000;

/** A stream that lasted long enough to need a ping; a view for `each`. */
export function longLasting(exchange: Exchange): StreamReading | null {
  const shown = stream(exchange);
  return shown !== null && (exchange.response?.endMs ?? 0) >= PING_DUE_MS ? shown : null;
}

/** Pauses after which clients give up. */
export function silences({ frames }: StreamReading, exchange: Exchange): Finding[] {
  const arrivals = [exchange.response?.headersMs ?? 0, ...frames.map(({ atMs }) => atMs)];
  const after = frames.flatMap((frame, index) =>
    frame.atMs - arrivals[index]! > SILENCE_MS ? [{ frame, index }] : [],
  );
  return firstFew(
    after.map(({ frame, index }) =>
      finding(
        exchange,
        'The stream is silent for too long; clients give up.',
        `a ping or a comment at least every ${SILENCE_MS / 1000} s`,
        `nothing for ${Math.round((frame.atMs - arrivals[index]!) / 1000)} s`,
        { offset: frame.offset },
      ),
    ),
  );
}

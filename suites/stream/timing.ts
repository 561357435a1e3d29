/** Looks at when the parts of a stream arrive: in pieces or all at once, with silences, with an end. */

import type { Exchange, StreamEvent, StreamReading } from '../../core/exchange.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { noAnswer } from '../judging/no-answer.js';
import { finding, notObserved, satisfied, violated } from '../judging/outcomes.js';
import { atEvent, endedStream, firstFew, jsonMessage, type ReadStream, stream } from '../judging/views.js';

/** Long enough to be more than fifty tokens, which no model gives at once. */
const LONG_TEXT = 100;
export const NO_LONG_STREAM = 'no stream of this run carries a long text';

/** A stream of a long text that came to its end; a view for `each`. */
export function longStream(exchange: Exchange): ReadStream | null {
  const read = endedStream(exchange);
  return read !== null && text(exchange.message).length >= LONG_TEXT ? read : null;
}

/** A reply that is there so soon, or so soon after short ones are, was hardly held back: nobody could tell. */
const AT_ONCE_MS = 500;
const LIKE_SHORT_ONES = 1.5;

/**
 * Judged by the order of network reads, never by how far apart they are: a target may be fast. One stream that arrives in
 * pieces shows that nothing holds them back. Where all of them come in one read each, time tells only whether there was
 * anything to hold back, and one that was there soon shows that there was not.
 */
export function incremental(evidence: Evidence): Judgement {
  const long = evidence.all.flatMap((exchange) => {
    const read = longStream(exchange);
    const first = read?.byKind.get('content_block_delta')?.[0];
    const stop = read?.byKind.get('message_stop')?.[0];
    return first === undefined || stop === undefined ? [] : [{ exchange, first, stop }];
  });
  if (long.length === 0) return noAnswer(evidence.own) ?? notObserved(NO_LONG_STREAM);
  const inPieces = long.some(
    ({ exchange, first, stop }) => readNumber(exchange, first.frame.end) < readNumber(exchange, stop.frame.end),
  );
  if (inPieces) return satisfied();
  const soon = AT_ONCE_MS + LIKE_SHORT_ONES * longestWait(evidence);
  const held = long.filter(({ stop }) => stop.frame.atMs >= soon);
  if (held.length < long.length)
    return notObserved(
      `the whole reply was there within ${Math.ceil(soon)} ms, about as soon as short ones: nothing tells whether it was held back`,
    );
  return violated(
    held.map(({ exchange, first, stop }) =>
      atEvent(
        exchange,
        first,
        'A long reply arrives in one piece, with its end: something on the way holds the stream back.',
        'its first delta in an earlier network read than message_stop',
        `all of it in one read after ${Math.round(stop.frame.atMs)} ms`,
      ),
    ),
  );
}

/**
 * Milliseconds until the last of all short replies that are no streams began; 0 when there is none. A machine that is short
 * of time itself keeps some of them waiting as well.
 */
function longestWait(evidence: Evidence): number {
  const waits = evidence.all
    .filter((exchange) => jsonMessage(exchange) !== null && text(exchange.message).length < LONG_TEXT)
    .flatMap(({ response }) => response?.chunks[0]?.atMs ?? []);
  return waits.reduce((longest, wait) => Math.max(longest, wait), 0);
}

/** Number of the network read that brought the byte before an offset. */
function readNumber(exchange: Exchange, offset: number): number {
  let arrived = 0;
  return (exchange.response?.chunks ?? []).findIndex(({ bytes }) => {
    arrived += bytes;
    return arrived >= offset;
  });
}

export function granularityFaults(read: ReadStream, exchange: Exchange): Finding[] {
  const deltas = read.blocks.filter(({ type }) => type === 'text').flatMap((block) => block.deltas);
  if (deltas.length > 1) return [];
  const only = deltas[0];
  const expected = 'several text_delta';
  const actual = `${deltas.length} for ${text(exchange.message).length} characters`;
  return [
    only === undefined
      ? finding(exchange, 'A long text comes without deltas.', expected, actual)
      : atEvent(exchange, only.event, 'A long text comes in one piece.', expected, actual),
  ];
}

const CLOSE_MS = 2_000;

/** The body must end soon after message_stop. */
export function lingering(stop: StreamEvent, exchange: Exchange): Finding[] {
  const waited = (exchange.response?.endMs ?? 0) - stop.frame.atMs;
  const broke = exchange.failure !== null && exchange.failure.kind !== 'timeout-body';
  if (waited <= CLOSE_MS || broke) return [];
  return [
    atEvent(
      exchange,
      stop,
      'The connection stays open after message_stop: clients that wait for the end of the body hang.',
      `the end of the body within ${CLOSE_MS} ms`,
      `${exchange.failure === null ? 'the end' : 'no end'} after ${Math.round(waited)} ms`,
    ),
  ];
}

const PING_DUE_MS = 30_000;
const SILENCE_MS = 300_000;

/** A stream that lasted long enough for a ping to be due; a view for `each`. */
export function longLasting(exchange: Exchange): StreamReading | null {
  const shown = stream(exchange);
  return shown !== null && (exchange.response?.endMs ?? 0) >= PING_DUE_MS ? shown : null;
}

export function silences({ frames }: StreamReading, exchange: Exchange): Finding[] {
  const arrivals = [exchange.response?.headersMs ?? 0, ...frames.map(({ atMs }) => atMs)];
  const after = frames.flatMap((frame, index) =>
    frame.atMs - arrivals[index]! > SILENCE_MS ? [{ frame, index }] : [],
  );
  return firstFew(
    after.map(({ frame, index }) =>
      finding(
        exchange,
        'The stream is silent for so long that clients give it up.',
        `a ping or a comment at least every ${SILENCE_MS / 1000} s`,
        `nothing for ${Math.round((frame.atMs - arrivals[index]!) / 1000)} s`,
        { offset: frame.offset },
      ),
    ),
  );
}

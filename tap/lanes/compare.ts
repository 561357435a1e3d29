/** What a client returned beside what the suite's own reader makes of the same bytes. Pure. */

import { isDeepStrictEqual } from 'node:util';
import { isMessagesCall, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, type JsonObject } from '../../core/json.js';
import { blocks, totalInput } from '../../core/message.js';
import { wasTruncated } from '../../suites/judging/tool-views.js';
import type { Driven } from './drive.js';
import type { Lane } from './lanes.js';
import type { ClientMessage } from './probes.js';

/** How a probe ended. */
export type Result =
  | { kind: 'same' }
  /** Another value than the bytes have; `field` is one of `ClientMessage`. */
  | { kind: 'differs'; field: string; expected: string; actual: string }
  | { kind: 'throws'; class: string; message: string }
  /** The client sent the request again without `stream`. */
  | { kind: 'falls back' }
  | { kind: 'times out' }
  /** The server did not let the probe show anything. */
  | { kind: 'not observed'; reason: string };

const STREAMED = ['stream', 'stream-tool', 'text-and-tools'];

export function compare(
  { probe, outcome, exchanges }: Driven,
  { stopReasons, kind }: Pick<Lane, 'stopReasons'> & Partial<Pick<Lane, 'kind'>>,
): Result {
  const calls = exchanges.filter(isMessagesCall);
  const last = calls.at(-1);
  if (outcome === null)
    return calls.length === 0 && exchanges.length === 0
      ? { kind: 'not observed', reason: 'this client does not run it' }
      : { kind: 'times out' };
  if (probe === 'rejected') return ofRejection(outcome, last);
  const rejected = calls.find((exchange) => status(exchange) >= 400);
  if (rejected !== undefined)
    return { kind: 'not observed', reason: `the server answered ${status(rejected)}: ${saidBy(rejected)}` };
  if (last !== undefined && status(last) >= 300)
    return { kind: 'not observed', reason: `the server redirects the client past the tap (HTTP ${status(last)})` };
  if (last?.message !== undefined && wasTruncated(last.message) && blocks(last.message, 'tool_use').length > 0)
    return { kind: 'not observed', reason: 'max_tokens truncated a tool call' };
  if (outcome.error !== undefined) return thrown(outcome.error);
  // Claude Code streams everything.
  if ((STREAMED.includes(probe) || kind === 'claude-code') && calls.some(({ sent }) => get(sent, 'stream') !== true))
    return { kind: 'falls back' };
  if (last === undefined || outcome.message === undefined)
    return { kind: 'not observed', reason: 'no request passed through the tap' };
  if (last.message === null) return differs('message', 'none: the response does not yield one', outcome.message);
  return differenceIn(readingOf(last.message, stopReasons), outcome.message);
}

const thrown = (error: { class: string; message: string }): Result => ({
  kind: 'throws',
  class: error.class,
  message: error.message.slice(0, 300),
});

function ofRejection({ message, error }: NonNullable<Driven['outcome']>, exchange: Exchange | undefined): Result {
  if (exchange === undefined) return { kind: 'not observed', reason: 'no request passed through the tap' };
  if (status(exchange) < 400) return { kind: 'not observed', reason: 'the server accepts a model that does not exist' };
  if (error === undefined) return differs('error', `an error for status ${status(exchange)}`, message);
  // A client may hide the status, but must not report another one.
  if (error.status !== null && error.status !== status(exchange))
    return differs('status', status(exchange), error.status);
  return { kind: 'same' };
}

/** The protocol's message in the terms of a client. */
export function readingOf(message: JsonObject, stopReasons: Lane['stopReasons']): ClientMessage {
  const stop = asString(get(message, 'stop_reason'));
  const output = get(message, 'usage', 'output_tokens');
  return {
    text: blocks(message, 'text')
      .map(({ text }) => asString(text))
      .join(''),
    tools: blocks(message, 'tool_use').map(({ name, input }) => ({ name: asString(name), input })),
    stop: stop === '' ? null : (stopReasons[stop] ?? stop),
    inputTokens: totalInput(get(message, 'usage')),
    outputTokens: typeof output === 'number' ? output : null,
  };
}

function differenceIn(expected: ClientMessage, actual: ClientMessage): Result {
  if (actual.text !== expected.text) return differs('text', expected.text, actual.text);
  if (actual.tools.length !== expected.tools.length)
    return differs('number of tool calls', expected.tools.length, actual.tools.length);
  for (const [index, call] of expected.tools.entries()) {
    const own = actual.tools[index]!;
    if (own.name !== call.name) return differs('name of a tool call', call.name, own.name);
    if (own.invalid === true || !isDeepStrictEqual(own.input, call.input))
      return differs('input of a tool call', call.input, own.invalid === true ? 'marked invalid' : own.input);
  }
  for (const field of ['stop', 'inputTokens', 'outputTokens'] as const)
    if (actual[field] !== undefined && actual[field] !== expected[field])
      return differs(field, expected[field], actual[field]);
  return { kind: 'same' };
}

const differs = (field: string, expected: unknown, actual: unknown): Result => ({
  kind: 'differs',
  field,
  expected: short(expected),
  actual: short(actual),
});

const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

const saidBy = ({ json }: Exchange): string => asString(get(json, 'error', 'message')).slice(0, 160);

/**
 * The result of `Message.Accumulate` of the official Go client for a stream, simulated from its published source (tag G) because the
 * suite cannot run Go. The client keeps tool inputs as text and appends fragments to the input of the block start, unless that input
 * is exactly `{}`.
 */

import type { StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { get, isObject, quote, toNumber } from '../../core/json.js';
import { unescaped } from '../stream/frames.js';

/** The error that the client returns, or what it loses without one. */
export interface GoError {
  /** Number of the event at which that happens. */
  event: number;
  message: string;
  expected: string;
  actual: string;
}

/** Events that the client decodes; it ignores all others. */
const KNOWN = /^(message_(start|delta|stop)|content_block_(start|delta|stop))$/;

/** The first error or loss of the client; `null` when it reads the whole stream. `truncated`: the last input may be incomplete. */
export function accumulateInGo(stream: StreamReading, truncated: boolean): GoError | null {
  /** Text of the input of each block; `null` for blocks without input. */
  const inputs: (string | null)[] = [];
  for (const event of stream.events) {
    if (event.name === 'error') return null;
    if (event.name === null && isObject(event.data) && KNOWN.test(event.type ?? ''))
      return failure(
        event,
        'The Go client silently drops an event without a name; its message stays empty.',
        `event: ${event.type}`,
        'no event: line',
      );
    if (event.name === null || !KNOWN.test(event.name)) continue;
    const error = isObject(event.data)
      ? step(event, event.data, inputs, truncated)
      : failure(event, 'The Go client cannot decode the data of an event.', 'a JSON object', quote(event.frame.data));
    if (error !== null) return error;
  }
  return null;
}

function step(
  event: StreamEvent,
  data: { [key: string]: Json | undefined },
  inputs: (string | null)[],
  truncated: boolean,
): GoError | null {
  const index = toNumber(data.index ?? 0);
  switch (event.type) {
    case 'content_block_start':
      if (index !== inputs.length)
        return failure(
          event,
          'The Go client fails: the `index` of a new block is not the next one.',
          `index ${inputs.length}`,
          `index ${quote(data.index)}`,
        );
      inputs.push(inputText(event, data.content_block));
      return null;
    case 'content_block_delta':
    case 'content_block_stop': {
      if (!(index >= 0 && index < inputs.length))
        return failure(
          event,
          'The Go client fails: an event names a block that has not started.',
          `an index below ${inputs.length}`,
          `index ${quote(data.index)}`,
        );
      if (event.type === 'content_block_stop') return truncated ? null : brokenInput(event, [inputs[index] ?? null]);
      const partial = get(data.delta, 'partial_json');
      if (get(data.delta, 'type') !== 'input_json_delta' || !partial) return null;
      // It takes an object as the text of that object.
      const fragment = typeof partial === 'string' ? partial : quoteWhole(partial);
      const before = inputs[index] ?? '';
      inputs[index] = before === '{}' ? fragment : before + fragment;
      return null;
    }
    case 'message_stop':
      return truncated ? null : brokenInput(event, inputs);
    default:
      return null;
  }
}

/** The input as the block start spells it. The client compares texts, so `{ }` is not `{}`. */
function inputText(event: StreamEvent, block: Json | undefined): string | null {
  const type = get(block, 'type');
  if (type !== 'tool_use' && type !== 'server_tool_use') return null;
  const input = get(block, 'input');
  if (input === undefined) return '';
  if (isObject(input) && Object.keys(input).length === 0)
    return /"input"\s*:\s*(\{\s*\})/.exec(unescaped(event.frame.data ?? ''))?.[1] ?? '{}';
  return quoteWhole(input);
}

function quoteWhole(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}

function brokenInput(event: StreamEvent, inputs: readonly (string | null)[]): GoError | null {
  for (const input of inputs) {
    if (input === null || input === '' || isJson(input)) continue;
    return failure(
      event,
      'The Go client silently replaces the `input` of a call by {}: the block start and the fragments together are not JSON.',
      'input {} in content_block_start, then the fragments',
      quote(input),
    );
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const failure = (event: StreamEvent, message: string, expected: string, actual: string): GoError => ({
  event: event.number,
  message,
  expected,
  actual,
});

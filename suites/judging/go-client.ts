/**
 * What the official Go client's `Message.Accumulate` would say of a stream, worked out from its published source (tag G): it
 * has no interpreter here. It keeps tool inputs as text and joins fragments behind whatever the block started with, unless
 * that is exactly `{}`.
 */

import type { StreamEvent, StreamReading } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { get, isObject, quote, toNumber } from '../../core/json.js';
import { unescaped } from '../stream/frames.js';

export interface GoError {
  /** Number of the event at which the client returns an error. */
  event: number;
  message: string;
  expected: string;
  actual: string;
}

/** Events that the client decodes; everything else is passed over. */
const KNOWN = /^(message_(start|delta|stop)|content_block_(start|delta|stop))$/;

/** The first error of the client, `null` when it comes to the end. `cut`: the last input may lawfully be incomplete. */
export function accumulateInGo(stream: StreamReading, cut: boolean): GoError | null {
  /** Text of each block's input, `null` for blocks that have none. */
  const inputs: (string | null)[] = [];
  for (const event of stream.events) {
    if (event.name === 'error') return null;
    if (event.name === null || !KNOWN.test(event.name)) continue;
    const error = isObject(event.data)
      ? step(event, event.data, inputs, cut)
      : failure(event, 'The Go client cannot decode an event.', 'a JSON object', quote(event.frame.data));
    if (error !== null) return error;
  }
  return null;
}

function step(
  event: StreamEvent,
  data: { [key: string]: Json | undefined },
  inputs: (string | null)[],
  cut: boolean,
): GoError | null {
  const index = toNumber(data.index ?? 0);
  switch (event.type) {
    case 'content_block_start':
      if (index !== inputs.length)
        return failure(
          event,
          'The Go client ends with an error: a block does not start where the last one ended.',
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
          'The Go client ends with an error: an event names a block that has not started.',
          `an index below ${inputs.length}`,
          `index ${quote(data.index)}`,
        );
      if (event.type === 'content_block_stop') return cut ? null : brokenInput(event, [inputs[index] ?? null]);
      const partial = get(data.delta, 'partial_json');
      if (get(data.delta, 'type') !== 'input_json_delta' || partial === '') return null;
      if (typeof partial !== 'string')
        return failure(event, 'The Go client cannot decode a fragment of a tool input.', 'a string', quote(partial));
      const before = inputs[index] ?? '';
      inputs[index] = before === '{}' ? partial : before + partial;
      return null;
    }
    case 'message_stop':
      return cut ? null : brokenInput(event, inputs);
    default:
      return null;
  }
}

/** The input of a block as its start spells it; `{ }` is not `{}` to a client that compares texts. */
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
      'The Go client ends with an error: the start of a tool call and its fragments do not join into JSON.',
      'fragments that replace an input of exactly {}',
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

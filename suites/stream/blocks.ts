/** Looks at the blocks of a stream: how they start, what their deltas carry. */

import type { Exchange, StreamEvent } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import type { Finding } from '../../core/requirement.js';
import { finding } from '../judging/outcomes.js';
import { atEvent, type ReadStream, readStream, stopReason } from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';

/** Why a family of blocks was not judged. */
export const NO_BLOCK = (type: string): string => `no stream of this run holds a ${type} block`;

/** Blocks of one type whose start can be read, `null` without one; a view for `each`. */
export function blocksOf(exchange: Exchange, type: string): StreamedBlock[] | null {
  const found = readStream(exchange)?.blocks.filter((block) => block.type === type) ?? [];
  return found.length > 0 ? found : null;
}

/** A block that the stream may have cut: the last one of a reply that ended for want of room. */
export function isTruncatedBlock(block: StreamedBlock, read: ReadStream): boolean {
  if (read.blocks.at(-1) !== block) return false;
  return ['max_tokens', 'model_context_window_exceeded', 'refusal'].includes(asString(stopReason(read)));
}

/** A finding when the start of a block lacks a string. */
export function startLacks(block: StreamedBlock, key: string, effect: string, exchange: Exchange): Finding[] {
  const value = get(block.content, key);
  if (typeof value === 'string' || block.start === null) return [];
  return [
    atEvent(
      exchange,
      block.start,
      `A ${block.type} block starts without ${key} as a string: ${effect}.`,
      `${key}: a string`,
      quote(value),
      `/content_block/${key}`,
    ),
  ];
}

/** A finding for each delta of a type whose part is no string. */
export const deltaLacks = (block: StreamedBlock, type: string, key: string, exchange: Exchange): Finding[] =>
  block.deltas
    .filter(({ delta }) => delta.type === type && typeof delta[key] !== 'string')
    .map(({ event, delta }) =>
      atEvent(
        exchange,
        event,
        `A ${type} has no string as ${key}.`,
        `${key}: a string`,
        quote(delta[key]),
        `/delta/${key}`,
      ),
    );

/** The fragments of a block's input in their order, `null` when one of them is no string. */
export function fragments(block: StreamedBlock): string[] | null {
  const parts = block.deltas
    .filter(({ delta }) => delta.type === 'input_json_delta')
    .map(({ delta }) => delta.partial_json);
  return parts.every((part): part is string => typeof part === 'string') ? parts : null;
}

/** The last event of a block, where a fault of the whole of it is told. */
const lastEvent = (block: StreamedBlock): StreamEvent | null => block.deltas.at(-1)?.event ?? block.start ?? block.stop;

/** A finding about a block as a whole. */
export function atBlock(
  exchange: Exchange,
  block: StreamedBlock,
  message: string,
  expected: string,
  actual: string,
): Finding {
  const event = lastEvent(block);
  return event === null
    ? finding(exchange, message, expected, actual)
    : atEvent(exchange, event, message, expected, actual);
}

/** A JSON value, `undefined` when the text is none. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Whether a text is one JSON object. */
export const isJsonObject = (json: string): boolean => isObject(parsed(json));

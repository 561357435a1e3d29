/** Faults of the blocks of a stream: in their start and in their deltas. */

import type { Exchange, StreamEvent } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import type { Finding } from '../../core/requirement.js';
import { finding } from '../judging/outcomes.js';
import { TRUNCATED } from '../judging/tool-views.js';
import { atEvent, type ReadStream, readStream, stopReason } from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';

/** The reason when no stream has such a block. */
export const NO_BLOCK = (type: string): string => `No stream of this run contains a \`${type}\` block`;

/** Blocks of these types with a readable start; `null` without one. A view for `each`. */
export function blocksOf(exchange: Exchange, ...types: readonly string[]): StreamedBlock[] | null {
  const found = readStream(exchange)?.blocks.filter(({ type }) => type !== null && types.includes(type)) ?? [];
  return found.length > 0 ? found : null;
}

/** Whether a block may be incomplete: the last block of a truncated reply. */
export function isTruncatedBlock(block: StreamedBlock, read: ReadStream): boolean {
  if (read.blocks.at(-1) !== block) return false;
  return TRUNCATED.includes(asString(stopReason(read)));
}

/** A finding when a field of the block start is not a string. `effect`: what happens in clients. */
export function startFaults(block: StreamedBlock, key: string, effect: string, exchange: Exchange): Finding[] {
  const value = get(block.content, key);
  if (typeof value === 'string' || block.start === null) return [];
  return [
    atEvent(
      exchange,
      block.start,
      `\`${key}\` in \`content_block_start\` of a ${block.type} block is not a string; ${effect}.`,
      'a string',
      quote(value),
      `/content_block/${key}`,
    ),
  ];
}

/** A finding when a field of the block start has text already: clients that print deltas never show it. */
export function fullStart(block: StreamedBlock, key: string, exchange: Exchange): Finding[] {
  const value = get(block.content, key);
  if (typeof value !== 'string' || value === '' || block.start === null) return [];
  const message = `\`${key}\` in \`content_block_start\` is not empty; clients that print deltas never show that text.`;
  return [atEvent(exchange, block.start, message, '"", then deltas', quote(value), `/content_block/${key}`)];
}

/** A finding for each delta of a type whose field is not a string. */
export const deltaFaults = (block: StreamedBlock, type: string, key: string, exchange: Exchange): Finding[] =>
  block.deltas
    .filter(({ delta }) => delta.type === type && typeof delta[key] !== 'string')
    .map(({ event, delta }) =>
      atEvent(
        exchange,
        event,
        `\`${key}\` in \`${type}\` is not a string.`,
        'a string',
        quote(delta[key]),
        `/delta/${key}`,
      ),
    );

/** The `partial_json` fragments of a block in their order; `null` when one of them is not a string. */
export function fragments(block: StreamedBlock): string[] | null {
  const parts = block.deltas
    .filter(({ delta }) => delta.type === 'input_json_delta')
    .map(({ delta }) => delta.partial_json);
  return parts.every((part): part is string => typeof part === 'string') ? parts : null;
}

/** The last event of a block: the place for findings about the whole block. */
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

/** A text as JSON; `undefined` when it is not JSON. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Whether a text is a JSON object. */
export const isJsonObject = (json: string): boolean => isObject(parsed(json));

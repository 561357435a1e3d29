/** Faults of the tool calls of a stream. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import { isProgrammatic, pendingCalls } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { noReply } from '../judging/no-answer.js';
import { inconclusive, satisfied, verdictOf, violated } from '../judging/outcomes.js';
import { declaredTools, schemaOf } from '../judging/tool-views.js';
import {
  atEvent,
  endedStream,
  firstFew,
  outputTokens,
  type ReadStream,
  readStream,
  stopReason,
  tokenLimit,
} from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';
import { atBlock, fragments, isJsonObject, isTruncatedBlock, parsed } from './blocks.js';
import { unescaped } from './frames.js';

/** The only spelling of an empty input that every client accepts. The Go client appends fragments to any other. */
const EMPTY_INPUT = /"input"\s*:\s*\{\}/;

/** Faults in `content_block_start` of a tool call. */
export function callStartFaults(block: StreamedBlock, exchange: Exchange): Finding[] {
  const { start, content } = block;
  if (start === null) return [];
  const missing = ['id', 'name']
    .filter((key) => typeof get(content, key) !== 'string' || get(content, key) === '')
    .map((key) =>
      atEvent(
        exchange,
        start,
        `\`${key}\` in \`content_block_start\` of a tool call is not a non-empty string.`,
        'a non-empty string',
        quote(get(content, key)),
        `/content_block/${key}`,
      ),
    );
  const input = get(content, 'input');
  const empty = isObject(input) && Object.keys(input).length === 0;
  // What is not generated arrives with its whole input, and nothing follows: calls by running code, and by a server. Source: F.
  const isGenerated = block.type === 'tool_use' && !isProgrammatic(content);
  if (!isGenerated && isObject(input) && block.deltas.length === 0) return missing;
  if (empty && EMPTY_INPUT.test(unescaped(start.frame.data ?? ''))) return missing;
  return [
    ...missing,
    atEvent(
      exchange,
      start,
      input === undefined
        ? '`content_block_start` of a tool call has no `input`; strict clients reject it.'
        : '`content_block_start` of a tool call has a non-empty `input`; clients append the fragments to it and get invalid JSON.',
      '"input":{}',
      empty ? 'an empty object with spaces in it' : quote(input),
      '/content_block/input',
    ),
  ];
}

/** Complete tool calls of a finished stream; `null` without one. Tools with `eager_input_streaming` may send invalid JSON. */
export function completeCalls(exchange: Exchange): StreamedBlock[] | null {
  const read = endedStream(exchange);
  if (read === null || declaredTools(exchange).some((tool) => tool.eager_input_streaming === true)) return null;
  const calls = read.blocks.filter(
    (block) =>
      block.type === 'tool_use' &&
      !isTruncatedBlock(block, read) &&
      !(block === read.blocks.at(-1) && reachedLimit(exchange)),
  );
  return calls.length > 0 ? calls : null;
}

/** Faults in the joined fragments of a tool call. */
export function joinFaults(block: StreamedBlock, exchange: Exchange): Finding[] {
  const json = fragments(block)?.join('');
  if (json === undefined || json.trim() === '' || isJsonObject(json)) return [];
  const value = parsed(json);
  return [
    atBlock(
      exchange,
      block,
      value === undefined
        ? 'The joined `partial_json` of a tool call is not valid JSON.'
        : typeof value === 'string'
          ? 'The input of a tool call is a JSON string with JSON inside; clients pass a string to the tool.'
          : 'The joined `partial_json` of a tool call is not a JSON object.',
      'exactly one JSON object',
      quote(json),
    ),
  ];
}

/** Characters of an input that no model generates at once. */
export const LONG_INPUT = 200;

/** Characters of the input, in the fragments or in the block start. */
export function inputLength(block: StreamedBlock): number {
  const json = fragments(block)?.join('') ?? '';
  return Math.max(json.length, (JSON.stringify(get(block.content, 'input')) ?? '').length);
}

/** The input that the fragments build; `undefined` when they build none. */
function inputOf(block: StreamedBlock): unknown {
  const json = fragments(block)?.join('');
  if (json === undefined) return undefined;
  return json.trim() === '' ? get(block.content, 'input') : parsed(json);
}

const hasNoArguments = (block: StreamedBlock, exchange: Exchange): boolean => {
  const schema = block.content === null ? null : schemaOf(exchange, block.content);
  return schema !== null && Object.keys(schema.properties ?? {}).length === 0;
};

/** Whether the fragments contain named arguments. They may belong to another call, which other requirements judge. */
const hasArguments = (block: StreamedBlock): boolean => /\{\s*"[^"]*"\s*:/.test(fragments(block)?.join('') ?? '');

/** A call of a tool without parameters has the input {}. */
export function withoutArguments(evidence: Evidence): Judgement {
  let invented = 0;
  let shown = 0;
  const findings: Finding[] = [];
  for (const exchange of evidence.all) {
    const made = completeCalls(exchange) ?? [];
    for (const block of made) {
      if (!hasNoArguments(block, exchange)) continue;
      const input = inputOf(block);
      if (made.length > 1 && !isObject(input) && hasArguments(block)) continue;
      shown += 1;
      if (isObject(input) && Object.keys(input).length > 0) invented += 1;
      else if (!isObject(input)) {
        findings.push(
          atBlock(
            exchange,
            block,
            'The input of a tool call without arguments is not {}.',
            "fragments '' or '{}', or none",
            quote(fragments(block)?.join('') || get(block.content, 'input')),
          ),
        );
      }
    }
  }
  if (findings.length > 0) return verdictOf(firstFew(findings));
  if (shown > invented) return satisfied();
  if (invented > 0) return inconclusive('The model made up arguments', invented);
  return noReply(evidence.own, evidence) ?? inconclusive('The model did not call the tool', evidence.own.length);
}

/** Tool calls with the same `index` or `id`. */
export function sharedValues(blocks: readonly StreamedBlock[], key: 'index' | 'id', exchange: Exchange): Finding[] {
  const seen = new Set<unknown>();
  return blocks.flatMap((block) => {
    const value = key === 'index' ? block.index : get(block.content, 'id');
    const known = seen.has(value);
    seen.add(value);
    if (!known || block.start === null || value === undefined) return [];
    return [
      atEvent(
        exchange,
        block.start,
        `\`${key}\` of two tool calls of a reply is the same.`,
        `a unique ${key}`,
        quote(value),
        key === 'index' ? '/index' : '/content_block/id',
      ),
    ];
  });
}

/** Stop reasons that are possible for a reply with a tool call. */
const POSSIBLE_REASONS = [
  'tool_use',
  'max_tokens',
  'refusal',
  'pause_turn',
  'model_context_window_exceeded',
  'compaction',
];

/** The stop reason of a stream with a tool call. */
export function callReasonFaults(read: ReadStream, exchange: Exchange): Finding[] {
  const reason = stopReason(read);
  const event = read.byKind.get('message_delta')?.at(-1);
  // stream.order.message-delta-present reports a missing stop reason.
  if (event === undefined || reason === null || POSSIBLE_REASONS.includes(asString(reason))) return [];
  if (pendingCalls(exchange.message).length === 0) return [];
  // A truncated call has another reason, which stream.tool.truncated judges.
  if (reachedLimit(exchange)) return [];
  return [
    atEvent(
      exchange,
      event,
      '`stop_reason` of a stream with a tool call is wrong; agents drop the call.',
      'stop_reason "tool_use"',
      `stop_reason ${quote(reason)}`,
      '/delta/stop_reason',
    ),
  ];
}

/** The end of a stream with a truncated tool call. */
export function truncated(evidence: Evidence): Judgement {
  const nothing = noReply(evidence.own, evidence);
  if (nothing !== null) return nothing;
  const incomplete = evidence.of('call-cut').flatMap((exchange) => {
    const read = readStream(exchange);
    return read !== null && isIncomplete(read, exchange) ? [{ exchange, read }] : [];
  });
  if (incomplete.length === 0)
    return inconclusive('No tool call was truncated: the model wrote a shorter one, or none', 1);
  const findings = incomplete.flatMap(({ exchange, read }) => {
    const reason = stopReason(read);
    if (reason === 'max_tokens' && read.end === 'complete') return [];
    const last = read.stream.events.at(-1)!;
    return [
      atEvent(
        exchange,
        last,
        reason === 'max_tokens'
          ? 'The stream of a truncated tool call has no `message_stop`; clients that wait for it throw.'
          : 'A truncated tool call is not reported as `max_tokens`; agents run it with half an input, or fail.',
        'stop_reason "max_tokens", then message_stop',
        `stop_reason ${quote(reason)}${read.end === 'complete' ? '' : ', no message_stop'}`,
      ),
    ];
  });
  return findings.length > 0 ? violated(findings) : satisfied();
}

/** Whether a reply is as long as max_tokens allows. Then it was truncated, whatever its stop reason. */
function reachedLimit(exchange: Exchange): boolean {
  const output = outputTokens(exchange);
  return output !== null && output === tokenLimit(exchange);
}

/** Whether the last tool call is incomplete. */
function isIncomplete(read: ReadStream, exchange: Exchange): boolean {
  const call = read.blocks.findLast(({ type }) => type === 'tool_use');
  if (call === undefined || read.end === 'error') return false;
  return reachedLimit(exchange) || !isObject(inputOf(call)) || stopReason(read) === 'max_tokens';
}

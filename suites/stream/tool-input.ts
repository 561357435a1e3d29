/** Looks at the calls of a stream. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { noAnswer } from '../judging/no-answer.js';
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

/** An empty input as every client reads it; Go appends fragments to any other spelling of it. */
const EMPTY_INPUT = /"input"\s*:\s*\{\}/;

export function startFaults(block: StreamedBlock, exchange: Exchange): Finding[] {
  const { start, content } = block;
  if (start === null) return [];
  const lacking = ['id', 'name']
    .filter((key) => typeof get(content, key) !== 'string' || get(content, key) === '')
    .map((key) =>
      atEvent(
        exchange,
        start,
        `A call starts without ${key === 'id' ? 'an id' : 'a name'}.`,
        `${key}: a string that is not empty`,
        quote(get(content, key)),
        `/content_block/${key}`,
      ),
    );
  const input = get(content, 'input');
  const empty = isObject(input) && Object.keys(input).length === 0;
  if (empty && EMPTY_INPUT.test(unescaped(start.frame.data ?? ''))) return lacking;
  return [
    ...lacking,
    atEvent(
      exchange,
      start,
      input === undefined
        ? 'A call starts without input.'
        : 'A call starts with another input than {}: clients that append the fragments to it get broken JSON.',
      '"input":{}',
      empty ? 'an empty object with blanks in it' : quote(input),
      '/content_block/input',
    ),
  ];
}

/** Calls that came to their end, in a stream that did; `null` without one. Tools that stream eagerly may send broken JSON. */
export function completeCalls(exchange: Exchange): StreamedBlock[] | null {
  const read = endedStream(exchange);
  if (read === null || declaredTools(exchange).some((tool) => tool.eager_input_streaming === true)) return null;
  const calls = read.blocks.filter(
    (block) =>
      block.type === 'tool_use' &&
      !isTruncatedBlock(block, read) &&
      !(block === read.blocks.at(-1) && isSpent(exchange)),
  );
  return calls.length > 0 ? calls : null;
}

export function joinFaults(block: StreamedBlock, exchange: Exchange): Finding[] {
  const json = fragments(block)?.join('');
  if (json === undefined || json.trim() === '' || isJsonObject(json)) return [];
  const value = parsed(json);
  return [
    atBlock(
      exchange,
      block,
      value === undefined
        ? 'The fragments of an input do not add up to JSON.'
        : typeof value === 'string'
          ? 'The input of a call is JSON inside a JSON string: clients hand a string to the tool.'
          : 'The fragments of an input do not add up to an object.',
      'one JSON object and nothing after it',
      quote(json),
    ),
  ];
}

/** An input that no model writes at once. */
export const LONG_INPUT = 200;

/** Characters of the input, wherever it was sent. */
export function inputLength(block: StreamedBlock): number {
  const json = fragments(block)?.join('') ?? '';
  return Math.max(json.length, (JSON.stringify(get(block.content, 'input')) ?? '').length);
}

/** Input as it adds up, `undefined` when it does not. */
function inputOf(block: StreamedBlock): unknown {
  const json = fragments(block)?.join('');
  if (json === undefined) return undefined;
  return json.trim() === '' ? get(block.content, 'input') : parsed(json);
}

const takesNoArguments = (block: StreamedBlock, exchange: Exchange): boolean => {
  const schema = block.content === null ? null : schemaOf(exchange, block.content);
  return schema !== null && Object.keys(schema.properties ?? {}).length === 0;
};

/** Arguments with names: beside other calls they may be those of another one, which other requirements judge. */
const holdsArguments = (block: StreamedBlock): boolean => /\{\s*"[^"]*"\s*:/.test(fragments(block)?.join('') ?? '');

export function withoutArguments(evidence: Evidence): Judgement {
  let invented = 0;
  let shown = 0;
  const findings: Finding[] = [];
  for (const exchange of evidence.all) {
    const made = completeCalls(exchange) ?? [];
    for (const block of made) {
      if (!takesNoArguments(block, exchange)) continue;
      const input = inputOf(block);
      if (made.length > 1 && !isObject(input) && holdsArguments(block)) continue;
      shown += 1;
      if (isObject(input) && Object.keys(input).length > 0) invented += 1;
      else if (!isObject(input)) {
        findings.push(
          atBlock(
            exchange,
            block,
            'The call of a tool without parameters does not add up to an empty input.',
            "'', '{}' or no fragment",
            quote(fragments(block)?.join('') || get(block.content, 'input')),
          ),
        );
      }
    }
  }
  if (findings.length > 0) return verdictOf(firstFew(findings));
  if (shown > invented) return satisfied();
  if (invented > 0) return inconclusive('the model made up arguments', invented);
  return noAnswer(evidence.own) ?? inconclusive('the model did not call the tool', evidence.own.length);
}

/** Calls that share what each should have for itself. */
export function repeated(blocks: readonly StreamedBlock[], key: 'index' | 'id', exchange: Exchange): Finding[] {
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
        `Two calls of one reply have the same ${key}.`,
        `an ${key} of its own`,
        quote(value),
        key === 'index' ? '/index' : '/content_block/id',
      ),
    ];
  });
}

/** Stop reasons of a reply that ends before the model has come to its end, with whole calls in it or not. */
const OTHER_ENDS = ['tool_use', 'max_tokens', 'refusal', 'pause_turn', 'model_context_window_exceeded', 'compaction'];

export function callReasonFaults(read: ReadStream, exchange: Exchange): Finding[] {
  const reason = stopReason(read);
  const event = read.byKind.get('message_delta')?.at(-1);
  // That there is none at all is told by stream.order.message-delta-present.
  if (event === undefined || reason === null || OTHER_ENDS.includes(asString(reason))) return [];
  return [
    atEvent(
      exchange,
      event,
      'The stream holds a call and ends as if it held none: agents drop the call.',
      'stop_reason "tool_use"',
      `stop_reason ${quote(reason)}`,
      '/delta/stop_reason',
    ),
  ];
}

export function truncated(evidence: Evidence): Judgement {
  const nothing = noAnswer(evidence.own);
  if (nothing !== null) return nothing;
  const cut = evidence.of('call-cut').flatMap((exchange) => {
    const read = readStream(exchange);
    return read !== null && wasCut(read, exchange) ? [{ exchange, read }] : [];
  });
  if (cut.length === 0) return inconclusive('no call was cut: the model wrote too little, or nothing of a call', 1);
  const findings = cut.flatMap(({ exchange, read }) => {
    const reason = stopReason(read);
    if (reason === 'max_tokens' && read.end === 'complete') return [];
    const last = read.stream.events.at(-1)!;
    return [
      atEvent(
        exchange,
        last,
        'A call that was cut does not end like a reply that max_tokens cut: agents run it with half an input, or fail.',
        'stop_reason "max_tokens", then message_stop',
        `stop_reason ${quote(reason)}${read.end === 'complete' ? '' : ', no message_stop'}`,
      ),
    ];
  });
  return findings.length > 0 ? violated(findings) : satisfied();
}

/** Whether a reply is as long as max_tokens allows: it was cut, whatever its stop reason says. */
function isSpent(exchange: Exchange): boolean {
  const output = outputTokens(exchange);
  return output !== null && output === tokenLimit(exchange);
}

/** Whether a call was begun and not brought to its end. */
function wasCut(read: ReadStream, exchange: Exchange): boolean {
  const call = read.blocks.findLast(({ type }) => type === 'tool_use');
  if (call === undefined || read.end === 'error') return false;
  return isSpent(exchange) || !isObject(inputOf(call)) || stopReason(read) === 'max_tokens';
}

import type { Exchange, StreamEvent } from '../core/exchange.js';
import type { Json } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { text } from '../core/message.js';
import { isStopReason } from '../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noReply } from './judging/no-answer.js';
import { deviates, inconclusive, verdictOf } from './judging/outcomes.js';
import { sameText } from './judging/repeated-text.js';
import { worst } from './judging/tool-views.js';
import {
  absenceDeviates,
  atEvent,
  endedStream,
  firstFew,
  isCount,
  markAbsent,
  readStream,
  stopSequences,
} from './judging/views.js';
import type { StreamedBlock } from './stream/block-types.js';
import { atBlock, blocksOf, deltaFaults, fullStart, isTruncatedBlock, NO_BLOCK, startFaults } from './stream/blocks.js';
import type { GrammarReading } from './stream/grammar.js';
import { violationsOf } from './stream-order.js';

export const streamDeltas: Suite = {
  name: 'stream-deltas',
  title: 'data of stream events: text, thinking, usage, stop sequence',
  requirements: [
    {
      id: 'stream.text.start-empty',
      level: 'MUST',
      profile: 'core',
      statement: '`text` in `content_block_start` of a text block is an empty string; all text comes in deltas.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => blocksOf(exchange, 'text'),
        (blocks, exchange) =>
          firstFew(
            blocks.flatMap((block) => [
              ...startFaults(block, 'text', 'clients that append to it throw', exchange),
              ...fullStart(block, 'text', exchange),
            ]),
          ),
        { nothing: NO_BLOCK('text'), silent: true },
      ),
    },
    {
      id: 'stream.text.delta-type',
      level: 'MUST',
      profile: 'core',
      statement: '`text` of a `text_delta` is a string.',
      source: ['S1', 'D:stream'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => blocksOf(exchange, 'text'),
        (blocks, exchange) => firstFew(blocks.flatMap((block) => deltaFaults(block, 'text_delta', 'text', exchange))),
        { nothing: NO_BLOCK('text') },
      ),
    },
    {
      id: 'stream.text.equal',
      level: 'MUST',
      profile: 'core',
      statement:
        'A streamed reply and the same reply without streaming have the same text, with its white space, line breaks and code fences.',
      source: ['D:stream', 'X'],
      fixtures: ['echo-layout'],
      judge: sameText,
    },
    {
      id: 'stream.thinking.start',
      level: 'MUST',
      profile: 'thinking',
      statement:
        '`content_block_start` of a thinking block has an empty string in `thinking` and a string in `signature`; `thinking` of every `thinking_delta` is a string.',
      source: ['D:stream', 'X'],
      fixtures: [],
      judge: signatureMayBeMissing(
        each(
          (exchange) => blocksOf(exchange, 'thinking'),
          (blocks, exchange) =>
            firstFew(
              blocks.flatMap((block) => [
                ...startFaults(
                  block,
                  'thinking',
                  'the TypeScript client prefixes the thinking with "undefined"',
                  exchange,
                ),
                ...fullStart(block, 'thinking', exchange),
                ...deltaFaults(block, 'thinking_delta', 'thinking', exchange),
                ...startFaults(block, 'signature', 'the official API sends an empty one', exchange),
              ]),
            ),
          { nothing: NO_BLOCK('thinking') },
        ),
      ),
    },
    {
      id: 'stream.thinking.signature-once',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'The last delta of a thinking block is its only `signature_delta`, with the complete signature; a signature in `content_block_start` instead is only discouraged.',
      source: ['D:stream', 'X'],
      fixtures: [],
      judge: (evidence) =>
        worst(
          each(
            thinkingBlocks,
            (blocks, exchange) => firstFew(blocks.flatMap((one) => signatureFaults(one, exchange))),
            {
              nothing: NO_BLOCK('thinking'),
              silent: true,
            },
          )(evidence),
          signedAtStart(evidence),
        ),
    },
    {
      id: 'stream.delta.matches-block',
      level: 'MUST',
      profile: 'core',
      statement:
        '`content_block` of every `content_block_start` has a `type`, and the type of every delta fits it; clients silently drop other deltas.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => {
          const read = readStream(exchange);
          return read?.byKind.has('content_block_start') || read?.byKind.has('content_block_delta') ? read : null;
        },
        (read, exchange) => firstFew([...untyped(read, exchange), ...violationsOf('matches-block', read, exchange)]),
        { silent: true },
      ),
    },
    {
      id: 'stream.usage.in-message-delta',
      level: 'MUST',
      profile: 'core',
      statement:
        '`usage.output_tokens` of every `message_delta` is an integer of 0 or more; `usage.input_tokens` is one too, `null` or absent.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(messageDeltas, (events, exchange) =>
        firstFew([
          ...events
            .filter(({ data }) => !isCount(get(data, 'usage', 'output_tokens')))
            .map((event) =>
              atEvent(
                exchange,
                event,
                isObject(get(event.data, 'usage'))
                  ? '`usage.output_tokens` of `message_delta` is not a token count; clients lose the count.'
                  : '`usage` is missing in `message_delta`; clients throw.',
                'an integer of 0 or more',
                quote(get(event.data, 'usage', 'output_tokens')),
                '/usage/output_tokens',
              ),
            ),
          ...events
            .filter(({ data }) => !isCountOrNone(get(data, 'usage', 'input_tokens')))
            .map((event) =>
              atEvent(
                exchange,
                event,
                '`usage.input_tokens` of `message_delta` is not a token count; clients put it in place of the right one.',
                'an integer of 0 or more, null, or absent',
                quote(get(event.data, 'usage', 'input_tokens')),
                '/usage/input_tokens',
              ),
            ),
        ]),
      ),
    },
    {
      id: 'stream.usage.cumulative',
      level: 'MUST',
      profile: 'core',
      statement:
        '`usage.output_tokens` of the last `message_delta` is the total of the reply, not an increment, and above 0 if the reply has content.',
      source: ['D:stream', 'T:acc', 'X'],
      fixtures: ['counting'],
      judge: each(
        (exchange) => (endedStream(exchange) === null ? null : messageDeltas(exchange)),
        (events, exchange) => cumulativeFaults(events, exchange),
        { silent: true },
      ),
    },
    {
      id: 'stream.stop-sequence',
      level: 'MUST',
      profile: 'core',
      statement: '`stop_sequence` of the last `message_delta` is the sequence that ended the reply, or `null`.',
      source: ['D:stream', 'D:ref'],
      fixtures: ['counting-stop-long', 'counting-stop'],
      judge: absenceDeviates(stopSequence),
    },
  ],
};

/** A missing `signature` in the block start only deviates: official clients read the later `signature_delta`. Source: X. */
function signatureMayBeMissing(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const isSignature = ({ at }: Finding): boolean => at?.pointer === '/content_block/signature';
    return judgement.findings.every(isSignature) ? deviates(judgement.findings) : judgement;
  };
}

function thinkingBlocks(exchange: Exchange): StreamedBlock[] | null {
  const read = endedStream(exchange);
  const blocks = read?.blocks.filter((block) => block.type === 'thinking' && !isTruncatedBlock(block, read)) ?? [];
  return blocks.length > 0 ? blocks : null;
}

/** Whether the block starts with a signature. All official clients keep it. */
function isSigned({ start }: StreamedBlock): boolean {
  const signature = get(start?.data, 'content_block', 'signature');
  return typeof signature === 'string' && signature !== '';
}

/** A signature in `content_block_start` instead of a delta loses nothing. */
function signedAtStart(evidence: Evidence): Judgement {
  const judgement = each(
    thinkingBlocks,
    (blocks, exchange) =>
      firstFew(
        blocks
          .filter((block) => isSigned(block) && !block.deltas.some(({ delta }) => delta.type === 'signature_delta'))
          .map((block) => {
            const message = 'The signature is in `content_block_start`; the official API sends a `signature_delta`.';
            return atBlock(exchange, block, message, 'one signature_delta, as the last delta', '0 signature_delta');
          }),
      ),
    { nothing: NO_BLOCK('thinking') },
  )(evidence);
  return judgement.outcome === 'violated' ? deviates(judgement.findings) : judgement;
}

function signatureFaults(block: StreamedBlock, exchange: Exchange): Finding[] {
  const signatures = block.deltas.filter(({ delta }) => delta.type === 'signature_delta');
  const fault = (message: string, actual: string): Finding[] => [
    atBlock(exchange, block, message, 'one signature_delta, as the last delta', actual),
  ];
  if (signatures.length === 0 && isSigned(block)) return [];
  if (signatures.length !== 1) {
    return fault(
      signatures.length === 0
        ? 'A thinking block has no `signature_delta`; clients cannot send it back.'
        : 'A thinking block has several `signature_delta`; two official clients keep only the last.',
      `${signatures.length} signature_delta`,
    );
  }
  if (isSigned(block))
    return fault(
      'A thinking block has a signature in its start and another in a `signature_delta`; the Go client joins the two.',
      `${quote(get(block.content, 'signature'))} in content_block_start`,
    );
  const only = signatures[0]!;
  if (block.deltas.at(-1) !== only)
    return fault('`signature_delta` is not the last delta of its thinking block.', 'more deltas after it');
  return typeof only.delta.signature === 'string'
    ? []
    : fault('`signature` of a `signature_delta` is not a string.', quote(only.delta.signature));
}

const isCountOrNone = (value: Json | undefined): boolean => (value ?? null) === null || isCount(value);

/** `message_delta` events with readable data; a view for `each`. */
function messageDeltas(exchange: Exchange): StreamEvent[] | null {
  const events =
    readStream(exchange)
      ?.byKind.get('message_delta')
      ?.filter(({ data }) => isObject(data)) ?? [];
  return events.length > 0 ? events : null;
}

/** No tokenizer reaches this many letters and digits a token in a text, so a smaller count is not the total. */
const LETTERS_PER_TOKEN = 12;

function cumulativeFaults(events: readonly StreamEvent[], exchange: Exchange): Finding[] {
  const counts = events.map(({ data }) => get(data, 'usage', 'output_tokens'));
  const last = events.at(-1)!;
  const total = counts.at(-1);
  // stream.usage.in-message-delta judges values that are not counts. A refusal may count nothing.
  if (!counts.every(isCount) || !isCount(total) || get(exchange.stream?.message, 'stop_reason') === 'refusal')
    return [];
  const fault = (message: string, expected: string): Finding[] => [
    atEvent(exchange, last, message, expected, `output_tokens ${counts.join(', then ')}`, '/usage/output_tokens'),
  ];
  const blocks = readStream(exchange)?.blocks ?? [];
  const hasContent = blocks.some(
    ({ type, deltas }) => type !== 'text' || deltas.some(({ delta }) => delta.text !== ''),
  );
  if (total === 0 && hasContent)
    return fault('`output_tokens` of a reply with content ends at 0; clients show 0.', 'the total, above 0');
  if (counts.some((count, index) => index > 0 && count < (counts[index - 1] as number))) {
    return fault('`output_tokens` decreases, so it is not a running total.', 'a total that never decreases');
  }
  const whole = text(exchange.stream?.message);
  const letters = (whole.match(/[\p{L}\p{N}]/gu) ?? []).length;
  // Mocks count words, of which some are long.
  const words = whole.split(/\s+/).filter((word) => word !== '').length;
  if (letters <= LETTERS_PER_TOKEN * (total + 1) || (words > 1 && total >= words)) return [];
  return fault(
    '`output_tokens` is too small for the text: it is an increment, not the total.',
    `the total of a text with ${letters} letters and digits`,
  );
}

function stopSequence(evidence: Evidence): Judgement {
  const findings: Finding[] = [];
  let fired = 0;
  for (const exchange of evidence.all) {
    const event = endedStream(exchange) === null ? undefined : messageDeltas(exchange)?.findLast(hasStopReason);
    if (event === undefined) continue;
    const named = get(event.data, 'delta', 'stop_sequence');
    const reason = get(event.data, 'delta', 'stop_reason');
    // Another requirement judges stop reasons that are not documented.
    if (!isStopReason(reason)) continue;
    const byReason = reason === 'stop_sequence';
    if (byReason) fired += 1;
    // stop.sequence.reason judges a stop_reason that hides a sequence of the request.
    if (!byReason && stopSequences(exchange).includes(named as string)) continue;
    const legal: (Json | undefined)[] = byReason ? stopSequences(exchange) : [null];
    if (legal.includes(named)) continue;
    const found = atEvent(
      exchange,
      event,
      byReason
        ? '`stop_sequence` in `message_delta` is not the sequence that ended the reply.'
        : named === undefined
          ? '`stop_sequence` is missing in `message_delta`.'
          : '`stop_sequence` in `message_delta` is not null, but `stop_reason` is not "stop_sequence".',
      legal.map(quote).join(' or ') || 'another stop_reason: the request has no stop_sequences',
      quote(named),
      '/delta/stop_sequence',
    );
    findings.push(byReason ? found : markAbsent(found, named));
  }
  if (findings.length > 0) return verdictOf(firstFew(findings), true);
  if (fired > 0) return verdictOf([]);
  return (
    noReply(evidence.own, evidence) ?? inconclusive('No stop sequence ended a stream of this run', evidence.own.length)
  );
}

const hasStopReason = ({ data }: StreamEvent): boolean => (get(data, 'delta', 'stop_reason') ?? null) !== null;

/** Blocks whose start does not say what they are: the official clients keep nothing of their deltas. */
function untyped({ blocks }: GrammarReading, exchange: Exchange): Finding[] {
  return blocks.flatMap(({ type, start }) => {
    if (type !== null || start === null || !isObject(start.data)) return [];
    const message = '`content_block` of `content_block_start` is missing or has no `type`; clients drop the block.';
    const actual = quote(get(start.data, 'content_block'));
    return [atEvent(exchange, start, message, 'an object with a `type`', actual, '/content_block')];
  });
}

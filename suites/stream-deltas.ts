import type { Exchange, StreamEvent } from '../core/exchange.js';
import type { Json } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { text } from '../core/message.js';
import { STOP_REASONS } from '../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, inconclusive, verdictOf } from './judging/outcomes.js';
import {
  absenceDeviates,
  atEvent,
  endedStream,
  firstFew,
  isCount,
  readStream,
  stopSequences,
} from './judging/views.js';
import type { StreamedBlock } from './stream/block-types.js';
import { atBlock, blocksOf, deltaLacks, isTruncatedBlock, NO_BLOCK, startLacks } from './stream/blocks.js';
import { violationsOf } from './stream-order.js';

export const streamDeltas: Suite = {
  name: 'stream-deltas',
  title: 'what the events of a stream carry: text, thinking, usage, the stop sequence',
  requirements: [
    {
      id: 'stream.text.start-empty',
      level: 'MUST',
      profile: 'core',
      statement: 'A text block starts with its text as a string, normally the empty one.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => blocksOf(exchange, 'text'),
        (blocks, exchange) =>
          firstFew(blocks.flatMap((block) => startLacks(block, 'text', 'clients that append to it throw', exchange))),
        { nothing: NO_BLOCK('text') },
      ),
    },
    {
      id: 'stream.text.delta-type',
      level: 'MUST',
      profile: 'core',
      statement: 'Text arrives in text_delta events whose text is a string.',
      source: ['S1', 'D:stream'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => blocksOf(exchange, 'text'),
        (blocks, exchange) => firstFew(blocks.flatMap((block) => deltaLacks(block, 'text_delta', 'text', exchange))),
        { nothing: NO_BLOCK('text') },
      ),
    },
    {
      id: 'stream.thinking.start',
      level: 'MUST',
      profile: 'thinking',
      statement: 'A thinking block starts with its thinking as a string, and with a signature as one.',
      source: ['D:stream', 'X'],
      fixtures: [],
      judge: signatureMayLack(
        each(
          (exchange) => blocksOf(exchange, 'thinking'),
          (blocks, exchange) =>
            firstFew(
              blocks.flatMap((block) => [
                ...startLacks(block, 'thinking', 'the TypeScript client prints "undefined" before it', exchange),
                ...startLacks(block, 'signature', 'the official API starts with an empty one', exchange),
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
        'A thinking block has exactly one signature_delta, with the whole signature, as the last of its deltas.',
      source: ['D:stream', 'X'],
      fixtures: [],
      judge: each(
        (exchange) => {
          const read = endedStream(exchange);
          const blocks =
            read?.blocks.filter((block) => block.type === 'thinking' && !isTruncatedBlock(block, read)) ?? [];
          return blocks.length > 0 ? blocks : null;
        },
        (blocks, exchange) => firstFew(blocks.flatMap((block) => signatureFaults(block, exchange))),
        { nothing: NO_BLOCK('thinking'), silent: true },
      ),
    },
    {
      id: 'stream.delta.matches-block',
      level: 'MUST',
      profile: 'core',
      statement: 'Every delta is of a type that its block takes; clients drop any other in silence.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(
        (exchange) => {
          const read = readStream(exchange);
          return read?.byKind.has('content_block_delta') ? read : null;
        },
        (read, exchange) => violationsOf('matches-block', read, exchange),
        { silent: true },
      ),
    },
    {
      id: 'stream.usage.in-message-delta',
      level: 'MUST',
      profile: 'core',
      statement: 'Every message_delta has a usage with output_tokens as an integer of zero or more.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(messageDeltas, (events, exchange) =>
        firstFew(
          events
            .filter(({ data }) => !isCount(get(data, 'usage', 'output_tokens')))
            .map((event) =>
              atEvent(
                exchange,
                event,
                isObject(get(event.data, 'usage'))
                  ? 'message_delta has no token count as usage.output_tokens: clients lose the count.'
                  : 'message_delta has no usage: clients throw on it.',
                'an integer of zero or more',
                quote(get(event.data, 'usage', 'output_tokens')),
                '/usage/output_tokens',
              ),
            ),
        ),
      ),
    },
    {
      id: 'stream.usage.cumulative',
      level: 'MUST',
      profile: 'core',
      statement:
        'The output_tokens of the last message_delta are the total of the reply, never an increment, and above zero when there is content.',
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
      statement:
        'The last message_delta names in stop_sequence the sequence that ended the reply, and has null there when none did.',
      source: ['D:stream', 'D:ref'],
      fixtures: ['counting-stop-long', 'counting-stop'],
      judge: absenceDeviates(stopSequence),
    },
  ],
};

/** Official clients make do without a signature at the start: it comes later, as a whole. Source: X. */
function signatureMayLack(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const lacking = ({ at }: Finding): boolean => at?.pointer === '/content_block/signature';
    return judgement.findings.every(lacking) ? deviates(judgement.findings) : judgement;
  };
}

function signatureFaults(block: StreamedBlock, exchange: Exchange): Finding[] {
  const signatures = block.deltas.filter(({ delta }) => delta.type === 'signature_delta');
  const fault = (message: string, actual: string): Finding[] => [
    atBlock(exchange, block, message, 'one signature_delta with the whole signature, as the last delta', actual),
  ];
  if (signatures.length !== 1) {
    return fault(
      signatures.length === 0
        ? 'A thinking block ends without a signature_delta: clients have no signature to send back with it.'
        : 'A signature comes in pieces: two official clients keep only the last of them.',
      `${signatures.length} of them`,
    );
  }
  const only = signatures[0]!;
  if (block.deltas.at(-1) !== only)
    return fault('A signature comes before the end of the thinking that it signs.', 'more deltas after it');
  return typeof only.delta.signature === 'string'
    ? []
    : fault('A signature is no string.', quote(only.delta.signature));
}

/** Events of kind message_delta whose data can be read; a view for `each`. */
function messageDeltas(exchange: Exchange): StreamEvent[] | null {
  const events =
    readStream(exchange)
      ?.byKind.get('message_delta')
      ?.filter(({ data }) => isObject(data)) ?? [];
  return events.length > 0 ? events : null;
}

/** No text has so many letters and digits for one token: a smaller count is no total. */
const LETTERS_PER_TOKEN = 12;

function cumulativeFaults(events: readonly StreamEvent[], exchange: Exchange): Finding[] {
  const counts = events.map(({ data }) => get(data, 'usage', 'output_tokens'));
  const last = events.at(-1)!;
  const total = counts.at(-1);
  // What is no count at all is told by stream.usage.in-message-delta, and a refusal may count nothing.
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
    return fault('The count of a reply with content ends at zero: clients overwrite with it.', 'the total, above zero');
  if (counts.some((count, index) => index > 0 && count < (counts[index - 1] as number))) {
    return fault('The count of the output falls: it is no running total.', 'a total that never falls');
  }
  const letters = (text(exchange.stream?.message).match(/[\p{L}\p{N}]/gu) ?? []).length;
  if (letters <= LETTERS_PER_TOKEN * (total + 1)) return [];
  return fault(
    'The count is too small for the text: it is an increment and no total.',
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
    // A reason that is not documented tells nothing, and is judged by itself.
    if (!STOP_REASONS.includes(reason as 'end_turn')) continue;
    const byReason = reason === 'stop_sequence';
    if (byReason) fired += 1;
    const legal: (Json | undefined)[] = byReason ? stopSequences(exchange) : [null];
    if (legal.includes(named)) continue;
    findings.push(
      atEvent(
        exchange,
        event,
        byReason
          ? 'message_delta does not name the stop sequence that ended the reply.'
          : named === undefined
            ? 'message_delta has no stop_sequence.'
            : 'message_delta names a stop sequence where null belongs.',
        legal.map(quote).join(' or '),
        quote(named),
        '/delta/stop_sequence',
      ),
    );
  }
  if (findings.length > 0) return verdictOf(firstFew(findings), true);
  if (fired > 0) return verdictOf([]);
  return noAnswer(evidence.own) ?? inconclusive('no stop sequence ended a stream of this run', evidence.own.length);
}

const hasStopReason = ({ data }: StreamEvent): boolean => (get(data, 'delta', 'stop_reason') ?? null) !== null;

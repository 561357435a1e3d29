import type { Exchange, StreamEvent } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { isMadeByCode } from '../core/message.js';
import type { Evidence, Finding, Judge, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { finding, schemaFindings } from './judging/outcomes.js';
import {
  absenceDeviates,
  anyStream,
  atEvent,
  firstFew,
  gaveUp,
  isCount,
  markAbsent,
  type ReadStream,
  readStream,
} from './judging/views.js';
import { emptyReply, equivalence } from './stream/equivalence.js';
import type { GrammarRule } from './stream/grammar.js';

export const streamOrder: Suite = {
  name: 'stream-order',
  title: 'order of stream events',
  requirements: [
    {
      id: 'stream.order.message-start-first',
      level: 'MUST',
      profile: 'core',
      statement: 'A stream starts with `message_start`; only pings, comments and unknown events may come before it.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: followsRule('message-start-first', anyStream),
    },
    {
      id: 'stream.order.one-message-start',
      level: 'MUST',
      profile: 'core',
      statement: 'A stream has exactly one `message_start`.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: followsRule('one-message-start', (exchange) => withEvent(exchange, 'message_start')),
    },
    {
      id: 'stream.start.content-empty',
      level: 'MUST',
      profile: 'core',
      statement:
        '`message.content` in `message_start` is an empty array, to which clients append the blocks; only calls by running code (`caller` other than "direct") may be in it.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(started, startContentFaults),
    },
    {
      id: 'stream.start.stop-null',
      level: 'MUST',
      profile: 'core',
      statement:
        '`message.stop_reason` and `message.stop_sequence` in `message_start` are `null`; only beside the calls of running code `stop_reason` may be set.',
      source: ['D:stop', 'D:stream'],
      fixtures: ['minimal'],
      judge: absenceDeviates(
        each(started, ({ event, message }, exchange) =>
          ['stop_reason', 'stop_sequence']
            .filter((key) => message[key] !== null && !(key === 'stop_reason' && isMadeByCode(message)))
            .map((key) =>
              markAbsent(
                atEvent(
                  exchange,
                  event,
                  message[key] === undefined
                    ? `\`${key}\` is missing in \`message_start\`.`
                    : `\`${key}\` in \`message_start\` is not null, but the reply has only begun.`,
                  'null',
                  quote(message[key]),
                  `/message/${key}`,
                ),
                message[key],
              ),
            ),
        ),
      ),
    },
    {
      id: 'stream.start.usage',
      level: 'MUST',
      profile: 'core',
      statement:
        '`message.usage.input_tokens` and `message.usage.output_tokens` in `message_start` are integers of 0 or more.',
      source: ['T:acc', 'P', 'X'],
      fixtures: ['minimal'],
      judge: each(started, ({ event, message }, exchange) =>
        ['input_tokens', 'output_tokens']
          .filter((key) => !isCount(get(message.usage, key)))
          .map((key) =>
            atEvent(
              exchange,
              event,
              isObject(message.usage)
                ? `\`usage.${key}\` in \`message_start\` is not a token count; clients count wrongly.`
                : '`usage` is missing in `message_start`; clients throw.',
              'an integer of 0 or more',
              quote(get(message.usage, key)),
              `/message/usage/${key}`,
            ),
          ),
      ),
    },
    {
      id: 'stream.start.message-shape',
      level: 'MUST',
      profile: 'core',
      statement:
        '`message` in `message_start` has `id`, `type`, `role` and `model` as in a reply that is not streamed.',
      source: ['D:stream', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(messageStart, headFaults),
    },
    {
      id: 'stream.order.block-start-before-delta',
      level: 'MUST',
      profile: 'core',
      statement:
        'Every `content_block_delta` and `content_block_stop` belongs to a block that a `content_block_start` opened before.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: followsRule('block-start-before-delta', (exchange) =>
        withEvent(exchange, 'content_block_delta', 'content_block_stop'),
      ),
    },
    {
      id: 'stream.order.index-consecutive',
      level: 'MUST',
      profile: 'core',
      statement: '`index` of the blocks is 0, 1, 2, … in the order of `content_block_start`, without gaps.',
      source: ['D:stream', 'G', 'X'],
      fixtures: ['minimal'],
      judge: followsRule('index-consecutive', (exchange) => withEvent(exchange, 'content_block_start'), true),
    },
    {
      id: 'stream.order.no-overlap',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server stops a block before it starts the next one; the TypeScript client reports the wrong block to its listeners otherwise.',
      source: ['D:stream', 'X'],
      fixtures: ['calls-streamed'],
      judge: followsRule(
        'no-overlap',
        (exchange) => {
          const read = readStream(exchange);
          return read !== null && read.blocks.length > 1 ? read : null;
        },
        false,
        'No stream of this run has two blocks',
      ),
    },
    {
      id: 'stream.order.block-stop',
      level: 'MUST',
      profile: 'core',
      statement:
        'Every started block gets a `content_block_stop` after its last delta; Claude Code fails without it, and the AI SDK drops the call. Only a call that `max_tokens` truncates may lack it.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: followsRule('block-stop', (exchange) => {
        const read = withEvent(exchange, 'content_block_start');
        return read !== null &&
          (read.end !== 'broken-off' || read.byKind.has('message_delta') || read.byKind.has('content_block_stop'))
          ? read
          : null;
      }),
    },
    {
      id: 'stream.order.stop-once',
      level: 'MUST',
      profile: 'core',
      statement: 'No block gets two `content_block_stop`; agents run a tool call once for each of them.',
      source: ['D:stream'],
      fixtures: ['minimal'],
      judge: followsRule('stop-once', (exchange) => withEvent(exchange, 'content_block_stop')),
    },
    {
      id: 'stream.order.message-delta-after-blocks',
      level: 'MUST',
      profile: 'core',
      statement: '`message_delta` comes after the last event of the last block.',
      source: ['D:stream'],
      fixtures: ['minimal'],
      judge: followsRule('message-delta-after-blocks', (exchange) => withEvent(exchange, 'message_delta')),
    },
    {
      id: 'stream.order.message-delta-present',
      level: 'MUST',
      profile: 'core',
      statement:
        'A finished stream has at least one `message_delta`, and one of them has a `stop_reason`; a `message_start` with the calls of running code may have it instead.',
      source: ['D:stream', 'D:stop', 'X'],
      fixtures: ['minimal'],
      judge: followsRule(
        'message-delta-present',
        (exchange) => withEvent(exchange, 'message_delta', 'message_stop'),
        true,
      ),
    },
    {
      id: 'stream.order.message-stop-last',
      level: 'MUST',
      profile: 'core',
      statement: 'A stream has exactly one `message_stop`; only pings, comments and unknown events may come after it.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: followsRule('message-stop-last', (exchange) => {
        const read = readStream(exchange);
        if (read === null || read.end === 'error') return null;
        return read.end === 'broken-off' && gaveUp(exchange) ? null : read;
      }),
    },
    {
      id: 'stream.order.nothing-after-error',
      level: 'MUST',
      profile: 'errors',
      statement: 'After an `error` event the server sends neither content nor `message_stop`.',
      source: ['D:stream'],
      fixtures: [],
      judge: followsRule(
        'nothing-after-error',
        (exchange) => withEvent(exchange, 'error'),
        false,
        'No stream of this run has an `error` event, and the suite does not provoke one',
      ),
    },
    {
      id: 'stream.order.empty-reply',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A stream without content still has `message_start`, `message_delta` and `message_stop`.',
      source: ['D:stop', 'F'],
      fixtures: ['counting-stop-at-once', 'counting'],
      judge: emptyReply,
    },
    {
      id: 'stream.equivalence',
      level: 'SHOULD',
      profile: 'core',
      statement: 'The events of a stream build the same message as without streaming, with nothing lost.',
      source: ['D:stream'],
      fixtures: ['counting', 'product-streamed', 'product'],
      judge: equivalence,
    },
  ],
};

/** Judges every stream of the run by one rule of the grammar. */
function followsRule(
  rule: GrammarRule,
  view: (exchange: Exchange) => ReadStream | null,
  silent = false,
  nothing = 'No stream of this run exercised it',
): Judge {
  return each(view, (read, exchange) => violationsOf(rule, read, exchange), { silent, nothing });
}

/** Findings for the violations of one rule. */
export const violationsOf = (rule: GrammarRule, read: ReadStream, exchange: Exchange): Finding[] =>
  firstFew(
    read.violations
      .filter((violation) => violation.rule === rule)
      .map(({ message, expected, actual, state, event, offset }) => {
        const failure = event === null && exchange.failure !== null ? `: ${exchange.failure.message}` : '';
        return finding(exchange, message, `${expected}, ${state}`, `${actual}${failure}`, {
          ...(event === null ? {} : { event }),
          offset,
        });
      }),
  );

/** A stream with an event of one of these kinds. */
function withEvent(exchange: Exchange, ...kinds: Parameters<ReadStream['byKind']['has']>[0][]): ReadStream | null {
  const read = readStream(exchange);
  return read !== null && kinds.some((kind) => read.byKind.has(kind)) ? read : null;
}

/** The first `message_start` with readable data. */
function messageStart(exchange: Exchange): StreamEvent | null {
  const event = readStream(exchange)?.byKind.get('message_start')?.[0];
  return event !== undefined && isObject(event.data) ? event : null;
}

interface Started {
  event: StreamEvent;
  message: JsonObject;
}

/** The first `message_start` and its message. */
function started(exchange: Exchange): Started | null {
  const event = messageStart(exchange);
  const message = get(event?.data, 'message');
  return event !== null && isObject(message) ? { event, message } : null;
}

function startContentFaults({ event, message }: Started, exchange: Exchange, evidence: Evidence): Finding[] {
  if (isMadeByCode(message)) {
    const place = { event: event.number, offset: event.frame.offset };
    return firstFew(
      (message.content as Json[]).flatMap((call, index) =>
        schemaFindings(exchange, evidence.violations('contentBlock', call), {
          ...place,
          pointer: `/message/content/${index}`,
        }),
      ),
    );
  }
  if (Array.isArray(message.content) && message.content.length === 0) return [];
  return [
    atEvent(
      exchange,
      event,
      '`message.content` in `message_start` is not an empty array; clients put text into the wrong block, or fail.',
      '[]',
      quote(message.content),
      '/message/content',
    ),
  ];
}

function headFaults(event: StreamEvent, exchange: Exchange): Finding[] {
  const message = get(event.data, 'message');
  if (!isObject(message)) {
    return [
      atEvent(
        exchange,
        event,
        '`message` in `message_start` is not an object.',
        'an object',
        quote(message),
        '/message',
      ),
    ];
  }
  const fixed: Readonly<Record<string, string | null>> = { id: null, type: 'message', role: 'assistant', model: null };
  return Object.entries(fixed)
    .filter(([key, value]) =>
      value === null ? typeof message[key] !== 'string' || message[key] === '' : message[key] !== value,
    )
    .map(([key, value]) =>
      atEvent(
        exchange,
        event,
        `\`message.${key}\` in \`message_start\` is wrong or missing.`,
        value === null ? 'a non-empty string' : quote(value),
        quote(message[key]),
        `/message/${key}`,
      ),
    );
}

import { rewriteJsonBlocks } from '../alterations/messages.js';
import { rewriteEvents, rewriteEventsOf, rewriteStreamedText, toolIndexes } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { Delta, StreamEvent } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, FORCED_CALLS_TOO, STRUCTURED_TOO, TOO_FEW_OUTPUT_TOKENS, WRONG_REPLAY } from './reasons.js';

/** Replaces the deltas of one type. */
const deltas = <Type extends Delta['type']>(
  type: Type,
  change: (delta: Extract<Delta, { type: Type }>) => object | readonly object[],
) =>
  rewriteEventsOf('content_block_delta', (event) => {
    if (event.delta.type !== type) return event;
    return [change(event.delta as Extract<Delta, { type: Type }>)].flat().map((delta) => ({ ...event, delta }));
  });

/** Moves the first delta of each block of a type into the start of the block. */
function atStart(events: readonly StreamEvent[], type: 'text' | 'thinking'): object[] {
  const moved = new Map<number, string>();
  const first = (event: StreamEvent): string | null =>
    event.type === 'content_block_delta' && !moved.has(event.index) && event.delta.type === `${type}_delta`
      ? String((event.delta as unknown as Record<string, unknown>)[type])
      : null;
  const kept = events.filter((event) => {
    const text = first(event);
    if (text !== null && event.type === 'content_block_delta') moved.set(event.index, text);
    return text === null;
  });
  return kept.map((event) =>
    event.type === 'content_block_start' && event.content_block.type === type
      ? { ...event, content_block: { ...event.content_block, [type]: moved.get(event.index) ?? '' } }
      : event,
  );
}

/** Far enough from the beginning that no short reply has it. */
const TENTH = 9;

/** Replaces one text delta in the middle of long texts. */
const rewriteTenthText = (change: (event: StreamEvent) => readonly StreamEvent[]) =>
  rewriteEvents((events) => {
    const texts = events.filter((event) => event.type === 'content_block_delta' && event.delta.type === 'text_delta');
    return events.flatMap((event) => (event === texts[TENTH] && event !== texts.at(-1) ? change(event) : event));
  });

export const streamDeltasFaults: FaultFamily = {
  name: 'stream-deltas',
  title: 'what blocks start with, what their deltas carry, and the totals at the end',
  faults: [
    {
      id: 'text-start-without-text',
      title: 'A text block starts without `text`.',
      level: 'MUST',
      caughtBy: ['stream.text.start-empty'],
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'text' ? { ...event, content_block: { type: 'text' } } : event,
      ),
    },
    {
      id: 'text-start-null',
      title: 'A text block starts with `text: null`.',
      level: 'MUST',
      caughtBy: ['stream.text.start-empty'],
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'text' ? { ...event, content_block: { type: 'text', text: null } } : event,
      ),
    },
    {
      id: 'text-at-start',
      title: 'The first piece of a text stands in its `content_block_start`, and in no delta.',
      level: 'MUST',
      caughtBy: ['stream.text.start-empty'],
      alters: rewriteEvents((events) => atStart(events, 'text')),
    },
    {
      id: 'deltas-trimmed',
      title: 'A gateway trims every text delta; without streaming the text is whole.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: deltas('text_delta', (delta) => ({ ...delta, text: delta.text.trim() })),
    },
    {
      id: 'blank-deltas-dropped',
      title: 'A gateway drops text deltas that are only white space.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: deltas('text_delta', (delta) => (delta.text.trim() === '' ? [] : delta)),
    },
    {
      id: 'middle-delta-lost',
      title: 'A gateway loses the tenth text delta of every stream.',
      level: 'MUST',
      caughtBy: ['stream.text.equal', 'stream.equivalence'],
      alters: rewriteTenthText(() => []),
    },
    {
      id: 'middle-delta-sent-twice',
      title: 'A gateway sends the tenth text delta of every stream twice.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: rewriteTenthText((event) => [event, event]),
    },
    {
      id: 'streamed-line-breaks-lost',
      title: 'Streamed text has no line breaks.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: rewriteStreamedText((text) => text.replaceAll('\n', '')),
    },
    {
      id: 'streamed-text-after-line-breaks',
      title: 'Streamed text begins with two line breaks that the text without streaming does not have.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: rewriteStreamedText((text) => `\n\n${text}`),
    },
    {
      id: 'streamed-fences-stripped',
      title: 'The fences of code blocks are missing in streamed text.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: rewriteStreamedText((text) => text.replace(/```\w*\n?/g, '')),
    },
    {
      id: 'line-breaks-lost-without-streaming',
      title: 'The text of a reply without streaming has no line breaks; a stream has them.',
      level: 'MUST',
      caughtBy: ['stream.text.equal'],
      alters: rewriteJsonBlocks((block) =>
        block.type === 'text' ? { ...block, text: block.text.replaceAll('\n', ' ') } : block,
      ),
    },
    {
      id: 'thinking-at-start',
      title: 'The first piece of thinking stands in its `content_block_start`, and in no delta.',
      level: 'MUST',
      caughtBy: ['stream.thinking.start'],
      alters: rewriteEvents((events) => atStart(events, 'thinking')),
    },
    {
      id: 'text-delta-as-content',
      title: 'Text arrives as the delta of a chat completion: {"content": …}.',
      level: 'MUST',
      caughtBy: ['stream.delta.matches-block'],
      alsoFails: {
        'sdk.replay-server-tools': 'The client sends back the accumulated events, which are not what the model wrote.',

        ...because(STRUCTURED_TOO, 'so.format.stream'),
        ...because(WRONG_REPLAY, 'think.omitted.replay'),
      },
      alters: deltas('text_delta', ({ text }) => ({ content: text })),
    },
    {
      id: 'text-delta-null',
      title: 'The first text delta has `text: null`.',
      level: 'MUST',
      caughtBy: ['stream.text.delta-type', 'stream.sdk.ts'],
      alters: rewriteEvents((events) => {
        const first = events.findIndex(
          (event) => event.type === 'content_block_delta' && event.delta.type === 'text_delta',
        );
        return events.flatMap((event, index): object[] =>
          index === first ? [{ ...event, delta: { type: 'text_delta', text: null } }, event] : [event],
        );
      }),
    },
    {
      id: 'first-block-always-text',
      title: 'The first block starts as text, whatever its type.',
      level: 'MUST',
      reports: ['EV-28'],
      caughtBy: ['stream.delta.matches-block'],
      alsoFails: {
        ...because(WRONG_REPLAY, 'sdk.replay-history'),
        ...because(FORCED_CALLS_TOO, 'tc.tool', 'tc.any'),
      },
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.index === 0 ? { ...event, content_block: { type: 'text', text: '' } } : event,
      ),
    },
    {
      id: 'server-call-start-bare',
      title: 'The `content_block_start` of a call of a server tool has no `content_block`.',
      level: 'MUST',
      caughtBy: ['stream.delta.matches-block'],
      alsoFails: because('Without it no call has the id that its result names.', 'resp.content.other-blocks'),
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'server_tool_use' ? without(event, 'content_block') : event,
      ),
    },
    {
      id: 'message-delta-without-usage',
      title: '`message_delta` has no `usage`.',
      level: 'MUST',
      caughtBy: ['stream.usage.in-message-delta', 'stream.sdk.ts'],
      alters: rewriteEventsOf('message_delta', (event) => without(event, 'usage')),
    },
    {
      id: 'message-delta-input-as-text',
      title: '`usage.input_tokens` of `message_delta` is a text.',
      level: 'MUST',
      caughtBy: ['stream.usage.in-message-delta'],
      alters: rewriteEventsOf('message_delta', (event) => ({
        ...event,
        usage: { ...event.usage, input_tokens: `${event.usage.input_tokens ?? 12} tokens` },
      })),
    },
    {
      id: 'message-delta-zero',
      title: '`message_delta` reports 0 output tokens.',
      level: 'MUST',
      caughtBy: ['stream.usage.cumulative', 'usage.truncated.equals-limit'],
      alsoFails: because(TOO_FEW_OUTPUT_TOKENS, 'usage.thinking-within-output', 'think.usage'),
      alters: rewriteEventsOf('message_delta', (event) => ({ ...event, usage: { ...event.usage, output_tokens: 0 } })),
    },
    {
      id: 'usage-as-increments',
      title: 'Several `message_delta` events report output tokens as increments.',
      level: 'MUST',
      caughtBy: ['stream.usage.cumulative', 'usage.truncated.equals-limit'],
      alsoFails: because(TOO_FEW_OUTPUT_TOKENS, 'usage.thinking-within-output', 'think.usage'),
      alters: rewriteEventsOf('message_delta', (event) => {
        const count = Math.max(1, event.usage.output_tokens);
        return Array.from({ length: count }, (_, index) => ({
          ...event,
          delta: index === count - 1 ? event.delta : { stop_reason: null, stop_sequence: null },
          usage: { ...event.usage, output_tokens: 1 },
        }));
      }),
    },
    {
      id: 'stop-sequence-lost-in-stream',
      title: '`stop_sequence` in `message_delta` is null though a stop sequence ended the reply.',
      level: 'MUST',
      caughtBy: ['stream.stop-sequence'],
      alters: rewriteEventsOf('message_delta', (event) => ({
        ...event,
        delta: { ...event.delta, stop_sequence: null },
      })),
    },
    {
      id: 'text-in-tool-block',
      title: 'A newline between two tool calls arrives as a text delta of the open tool call block.',
      level: 'MUST',
      mutant: 'EV-m',
      reports: ['EV-24'],
      caughtBy: ['stream.delta.matches-block'],
      alters: rewriteEventsOf('content_block_stop', (event, { events, index }) => {
        const next = events[index + 1];
        const between = next?.type === 'content_block_start' && next.content_block.type === 'tool_use';
        return between && toolIndexes(events).has(event.index)
          ? [{ type: 'content_block_delta', index: event.index, delta: { type: 'text_delta', text: '\n' } }, event]
          : event;
      }),
    },
    {
      id: 'thinking-start-bare',
      title: 'A thinking block starts without `thinking` and `signature`.',
      level: 'MUST',
      reports: ['EV-30'],
      caughtBy: ['stream.thinking.start'],
      alsoFails: because('The missing field of the block never arrives.', 'think.block-shape'),
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'thinking' ? { ...event, content_block: { type: 'thinking' } } : event,
      ),
    },
    {
      id: 'thinking-deltas-as-lists',
      title: '`thinking` of a `thinking_delta` is a list of pieces.',
      level: 'MUST',
      caughtBy: ['stream.thinking.start', 'think.replay'],
      alters: deltas('thinking_delta', ({ type, thinking }) => ({ type, thinking: [thinking] })),
    },
    {
      id: 'signature-never-sent',
      title: 'A streamed thinking block ends without a `signature_delta`.',
      level: 'MUST',
      caughtBy: ['stream.thinking.signature-once', 'think.replay'],
      alsoFails: {
        ...because('Omitted thinking consists of its signature.', 'think.display.omitted'),
        'think.empty-signature': 'The stream carries no signature to send back.',
      },
      alters: deltas('signature_delta', () => []),
    },
    {
      id: 'signature-at-start',
      title: 'The signature is in the `content_block_start` of its thinking block, and no `signature_delta` follows.',
      level: 'SHOULD',
      caughtBy: ['stream.thinking.signature-once'],
      alters: rewriteEvents((events) => {
        const signatures = new Map<number, string>();
        for (const event of events)
          if (event.type === 'content_block_delta' && event.delta.type === 'signature_delta')
            signatures.set(event.index, event.delta.signature);
        return events.flatMap((event): object[] => {
          if (event.type === 'content_block_delta' && event.delta.type === 'signature_delta') return [];
          if (event.type !== 'content_block_start' || event.content_block.type !== 'thinking') return [event];
          return [
            { ...event, content_block: { ...event.content_block, signature: signatures.get(event.index) ?? '' } },
          ];
        });
      }),
    },
    {
      id: 'signature-at-both-ends',
      title: 'The `content_block_start` of a thinking block has a signature, and a `signature_delta` follows.',
      level: 'MUST',
      caughtBy: ['stream.thinking.signature-once'],
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'thinking'
          ? { ...event, content_block: { ...event.content_block, signature: 'c2lnbmF0dXJl' } }
          : event,
      ),
    },
    {
      id: 'signature-in-two',
      title: 'The signature comes in two `signature_delta` events.',
      level: 'MUST',
      caughtBy: ['stream.thinking.signature-once', 'think.replay'],
      alters: deltas('signature_delta', ({ type, signature }) => [
        { type, signature: signature.slice(0, 20) },
        { type, signature: signature.slice(20) },
      ]),
    },
    {
      id: 'signature-before-thinking',
      title: 'The `signature_delta` comes before the thinking.',
      level: 'MUST',
      caughtBy: ['stream.thinking.signature-once'],
      alters: rewriteEvents((events) => {
        const signed = events.findIndex(
          (event) => event.type === 'content_block_delta' && event.delta.type === 'signature_delta',
        );
        const first = events.findIndex((event) => event.type === 'content_block_delta');
        return signed < 0 ? events : events.toSpliced(signed, 1).toSpliced(first, 0, events[signed]!);
      }),
    },
  ],
};

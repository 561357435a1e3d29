import {
  rewriteEachEvent,
  rewriteEvents,
  rewriteEventsOf,
  rewriteFrames,
  rewriteStart,
  toolIndexes,
} from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { StreamEvent } from '../wire.js';
import type { FaultFamily } from './fault.js';
import {
  ANSWER_ALIKE,
  because,
  CACHE_UNTOLD,
  CALL_TWICE,
  CALLS_ALIKE,
  CUT_ALIKE,
  CUT_ANYWHERE,
  CUT_STREAMS_ALIKE,
  FRAMES_LOST,
  INDEX_ALIKE,
  INPUT_LOST,
  PARALLEL_ALIKE,
  SENT_BACK,
} from './reasons.js';

const hasIndex = (event: StreamEvent): event is Extract<StreamEvent, { index: number }> => 'index' in event;

/** Puts another index into the events of blocks. */
const reindexed = (change: (index: number) => unknown) =>
  rewriteEachEvent((event) => (hasIndex(event) ? { ...event, index: change(event.index) } : event));

const HALF = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as const;

export const streamOrderFaults: FaultFamily = {
  name: 'stream-order',
  title: 'which event follows which, and how blocks are numbered',
  faults: [
    {
      id: 'text-accumulates',
      title: 'Every delta of a text repeats all that came before it.',
      level: 'SHOULD',
      caughtBy: ['stream.equivalence'],
      alsoFails: {
        ...because('The text grows beyond what was counted.', 'stream.usage.cumulative'),
        ...because(ANSWER_ALIKE, 'so.format.stream'),
      },
      alters: rewriteEvents((events) => {
        const texts = new Map<number, string>();
        return events.map((event) => {
          if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') return event;
          const text = (texts.get(event.index) ?? '') + event.delta.text;
          texts.set(event.index, text);
          return { ...event, delta: { type: 'text_delta', text } };
        });
      }),
    },
    {
      id: 'stream-error-hidden',
      title: 'A fault in the middle of a stream ends the stream as if it were whole.',
      level: 'SHOULD',
      caughtBy: ['stream.equivalence'],
      alsoFails: because(CUT_ANYWHERE, 'stop.end-turn', 'stream.thinking.signature-once', 'so.format.stream'),
      alters: rewriteEvents((events) => {
        const at = events.findIndex(({ type }) => type === 'content_block_delta');
        const first = events[at];
        if (first?.type !== 'content_block_delta') return events;
        const end = events.filter(({ type }) => type === 'message_delta' || type === 'message_stop');
        return [...events.slice(0, at + 1), { type: 'content_block_stop', index: first.index }, ...end];
      }),
    },
    {
      id: 'message-start-missing',
      title: 'A stream begins with content_block_start; message_start is never sent.',
      level: 'MUST',
      mutant: 'EV-a',
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alters: rewriteEventsOf('message_start', () => []),
    },
    {
      id: 'message-start-late',
      title: 'In a turn that begins with a tool call, content_block_start comes before message_start.',
      level: 'MUST',
      mutant: 'EV-c',
      reports: ['EV-03', 'EV-04'],
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alters: rewriteEvents((events) => {
        const [start, first, ...rest] = events;
        return first?.type === 'content_block_start' && first.content_block.type === 'tool_use'
          ? [first, start!, ...rest]
          : events;
      }),
    },
    {
      id: 'message-start-twice',
      title: 'message_start is sent twice.',
      level: 'MUST',
      caughtBy: ['stream.order.one-message-start', 'stream.sdk.ts'],
      alters: rewriteEventsOf('message_start', (event) => [event, event]),
    },
    {
      id: 'events-reversed',
      title: 'The events of a stream come in reverse order.',
      level: 'MUST',
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alsoFails: because(FRAMES_LOST, 'stream.order.message-delta-present', 'stream.order.message-stop-last'),
      alters: rewriteEvents((events) => [...events].reverse()),
    },
    {
      id: 'start-with-content',
      title: 'The message inside message_start already holds the first block.',
      level: 'MUST',
      caughtBy: ['stream.start.content-empty', 'stream.sdk.ts'],
      alsoFails: {
        ...because(CALL_TWICE, 'tu.id.pattern'),
        ...because(SENT_BACK, 'think.replay', 'think.display.omitted', 'agent.tool-loop.stream', 'sdk.replay-history'),
        ...because(ANSWER_ALIKE, 'so.format.stream'),
      },
      alters: rewriteEvents((events) => {
        const first = events.find((event) => event.type === 'content_block_start');
        return events.map((event) =>
          event.type === 'message_start' && first
            ? { ...event, message: { ...event.message, content: [first.content_block] } }
            : event,
        );
      }),
    },
    {
      id: 'start-with-stop-reason',
      title: 'The message inside message_start has the stop reason that the reply will have.',
      level: 'MUST',
      caughtBy: ['stream.start.stop-null'],
      alters: rewriteStart((message) => ({ ...message, stop_reason: 'end_turn' })),
    },
    {
      id: 'start-without-usage',
      title: 'The message inside message_start has no usage.',
      level: 'MUST',
      caughtBy: ['stream.start.usage', 'stream.sdk.ts'],
      alsoFails: because(CACHE_UNTOLD, 'cache.usage.fields'),
      alters: rewriteStart((message) => without(message, 'usage')),
    },
    {
      id: 'start-without-id',
      title: 'The message inside message_start has neither id nor model.',
      level: 'MUST',
      caughtBy: ['stream.start.message-shape'],
      alters: rewriteStart((message) => without(message, 'id', 'model')),
    },
    {
      id: 'tool-start-missing',
      title: 'The deltas and the stop of a tool block are sent, its content_block_start is not.',
      level: 'MUST',
      mutant: 'EV-e',
      reports: ['EV-08', 'EV-09', 'EV-10', 'EV-11'],
      caughtBy: ['stream.order.block-start-before-delta', 'stream.sdk.ts'],
      alsoFails: because(CALLS_ALIKE, 'tc.tool'),
      alters: rewriteEventsOf('content_block_start', (event) => (event.content_block.type === 'tool_use' ? [] : event)),
    },
    {
      id: 'tool-stop-twice',
      title: 'Every tool block is stopped twice.',
      level: 'MUST',
      mutant: 'EV-g',
      reports: ['EV-13'],
      caughtBy: ['stream.order.stop-once'],
      alters: rewriteEventsOf('content_block_stop', (event, { events }) =>
        toolIndexes(events).has(event.index) ? [event, event] : event,
      ),
    },
    {
      id: 'block-stop-missing',
      title: 'No block is stopped.',
      level: 'SHOULD',
      caughtBy: ['stream.order.block-stop'],
      alters: rewriteEventsOf('content_block_stop', () => []),
    },
    {
      id: 'index-skips',
      title: 'After the first block the index goes up by two.',
      level: 'MUST',
      mutant: 'EV-i',
      reports: ['EV-15'],
      caughtBy: ['stream.order.index-consecutive', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alters: reindexed((index) => (index === 0 ? 0 : index + 1)),
    },
    {
      id: 'index-from-one',
      title: 'Blocks are numbered from one.',
      level: 'MUST',
      caughtBy: ['stream.order.index-consecutive', 'stream.sdk.ts', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: because(INDEX_ALIKE, 'agent.tool-loop.stream'),
      alters: reindexed((index) => index + 1),
    },
    {
      id: 'index-always-zero',
      title: 'Every block has the index 0.',
      level: 'MUST',
      reports: ['EV-10'],
      caughtBy: ['stream.order.index-consecutive', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: because(INDEX_ALIKE, 'stream.tool.parallel-blocks'),
      alters: reindexed(() => 0),
    },
    {
      id: 'index-as-string',
      title: 'The index of a block is a string.',
      level: 'MUST',
      caughtBy: ['stream.order.index-consecutive', 'agent.text-and-tool'],
      alsoFails: because(INDEX_ALIKE, 'agent.tool-loop.stream'),
      alters: reindexed(String),
    },
    {
      id: 'index-missing',
      title: 'Events of blocks carry no index.',
      level: 'MUST',
      caughtBy: ['stream.order.index-consecutive', 'stream.sdk.ts', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: because(INDEX_ALIKE, 'agent.tool-loop.stream'),
      alters: rewriteEachEvent((event) => without(event, 'index')),
    },
    {
      id: 'blocks-overlap',
      title: 'A block starts before the one before it is stopped; all stops come together at the end.',
      level: 'SHOULD',
      mutant: 'EV-k',
      reports: ['EV-20', 'EV-21'],
      caughtBy: ['stream.order.no-overlap'],
      alters: rewriteEvents((events) => {
        const stops = events.filter((event) => event.type === 'content_block_stop');
        return events.flatMap((event): object[] => {
          if (event.type === 'content_block_stop') return [];
          return event.type === 'message_delta' ? [...stops, event] : [event];
        });
      }),
    },
    {
      id: 'block-restarted',
      title: 'The block is started anew before every delta.',
      level: 'MUST',
      mutant: 'EV-q',
      reports: ['EV-30'],
      caughtBy: [
        'stream.order.index-consecutive',
        'stream.tool.parallel-blocks',
        'agent.text-and-tool',
        'stream.sdk.ts',
        'sdk.go.accumulate',
      ],
      alsoFails: {
        ...because(CALL_TWICE, 'tu.id.pattern'),
        ...because(CUT_ALIKE, 'stop.max-tokens.valid-content'),
        ...because(SENT_BACK, 'stream.thinking.signature-once', 'think.display.omitted'),
        ...because(INPUT_LOST, 'stream.tool.concat-json'),
        ...because(ANSWER_ALIKE, 'so.format.stream'),
      },
      alters: rewriteEventsOf('content_block_delta', (event, { events }) => {
        const start = events.find((other) => other.type === 'content_block_start' && other.index === event.index);
        return start ? [start, event] : event;
      }),
    },
    {
      id: 'message-delta-early',
      title: 'message_delta is sent before the last block is stopped.',
      level: 'MUST',
      caughtBy: ['stream.order.message-delta-after-blocks'],
      alters: rewriteEvents((events) => {
        const end = events.find((event) => event.type === 'message_delta');
        const last = events.findLastIndex((event) => event.type === 'content_block_delta');
        return last < 0 || !end
          ? events
          : [...events.slice(0, last), end, ...events.slice(last).filter((event) => event !== end)];
      }),
    },
    {
      id: 'message-delta-missing',
      title: 'message_stop comes without a message_delta, so nobody learns the stop reason.',
      level: 'MUST',
      reports: ['EV-32', 'EV-37'],
      caughtBy: ['stream.order.message-delta-present', 'sdk.go.accumulate'],
      alsoFails: because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
      alters: rewriteEventsOf('message_delta', () => []),
    },
    {
      id: 'message-stop-missing',
      title: 'The connection is closed behind message_delta; message_stop is never sent.',
      level: 'MUST',
      mutant: 'EV-s',
      reports: ['EV-31', 'EV-32', 'EV-33', 'EV-34'],
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
      alters: rewriteEventsOf('message_stop', () => []),
    },
    {
      id: 'end-twice',
      title: 'message_delta and message_stop are sent twice.',
      level: 'MUST',
      mutant: 'EV-u',
      reports: ['EV-36', 'EV-37'],
      caughtBy: ['stream.order.message-stop-last'],
      alters: rewriteEvents((events) => [...events, ...events.slice(-2)]),
    },
    {
      id: 'done-for-message-stop',
      title: 'data: [DONE] stands in for message_stop.',
      level: 'MUST',
      mutant: 'EV-w',
      reports: ['EV-41'],
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
      alters: rewriteFrames((frame) => (frame.startsWith('event: message_stop') ? 'data: [DONE]\n\n' : frame)),
    },
    {
      id: 'ping-first',
      title: 'A ping comes before message_start.',
      level: 'MAY',
      mutant: 'EV-y',
      caughtBy: [],
      undetectable:
        'The grammar has pings anywhere, official clients pass over them, and no thread shows one that breaks.',
      alters: rewriteEventsOf('message_start', (event) => [{ type: 'ping' }, event]),
    },
    {
      id: 'second-message',
      title:
        'A call that is cut in the middle of its arguments is followed by a whole second message in the same stream.',
      level: 'MUST',
      mutant: 'EV-aa',
      reports: ['EV-43'],
      caughtBy: ['stream.order.one-message-start', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alsoFails: {
        ...because(CALL_TWICE, 'tu.id.pattern'),
        ...because(SENT_BACK, 'think.replay', 'agent.tool-loop.stream', 'sdk.replay-history'),
      },
      alters: rewriteEvents((events) => {
        const [tool] = [...toolIndexes(events)];
        if (tool === undefined) return events;
        const cut = events.findLastIndex((event) => event.type === 'content_block_delta' && event.index === tool);
        const again = events.map((event) =>
          event.type === 'message_start'
            ? { ...event, message: { ...event.message, id: `${event.message.id}2` } }
            : event,
        );
        return [...events.slice(0, cut), ...again];
      }),
    },
    {
      id: 'stream-cut',
      title: 'The body ends behind the last delta, without a stop of the block or of the message.',
      level: 'MUST',
      mutant: 'EV-ac',
      reports: ['EV-45', 'EV-46', 'EV-47'],
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: {
        ...because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
        ...because(PARALLEL_ALIKE, 'agent.parallel-requests'),
      },
      alters: rewriteEvents((events) => {
        const last = events.findLastIndex((event) => event.type === 'content_block_delta');
        return last < 0 ? events : events.slice(0, last + 1);
      }),
    },
    {
      id: 'content-after-error',
      title: 'An error event in the middle of a stream is followed by the rest of the reply.',
      level: 'MUST',
      caughtBy: ['stream.order.nothing-after-error'],
      alters: rewriteEventsOf('content_block_stop', (event) => (event.index === 0 ? [HALF, event] : event)),
    },
    {
      id: 'empty-reply-without-events',
      title: 'A reply without content is streamed as no event at all.',
      level: 'SHOULD',
      caughtBy: ['stream.order.empty-reply', 'stream.order.message-start-first'],
      alters: rewriteEvents((events) => (events.some((event) => event.type === 'content_block_start') ? events : [])),
    },
    {
      id: 'stream-reset',
      title: 'The connection is reset in the middle of a stream.',
      level: 'MUST',
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: because(PARALLEL_ALIKE, 'agent.parallel-requests'),
      alters: {
        async *bytes(frames) {
          let sent = 0;
          for await (const frame of frames) {
            if (sent === 3) throw new Error('reset on purpose');
            sent += 1;
            yield frame;
          }
        },
      },
    },
  ],
};

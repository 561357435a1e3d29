import type { StreamEvent } from '../wire.js';
import { allEvents, eachEvent, eachFrame, eventsOf, startMessage, without } from './alter.js';
import type { FaultFamily } from './fault.js';
import {
  ANSWER_ALIKE,
  because,
  CACHE_UNTOLD,
  CALL_TWICE,
  CALLS_ALIKE,
  CUT_ALIKE,
  CUT_STREAMS_ALIKE,
  FRAMES_LOST,
  INDEX_ALIKE,
  INPUT_LOST,
  PARALLEL_ALIKE,
  SENT_BACK,
} from './reasons.js';

/** Index of each tool block of a stream. */
const toolIndexes = (events: readonly StreamEvent[]): Set<number> =>
  new Set(
    events.flatMap((event) =>
      event.type === 'content_block_start' && event.content_block.type === 'tool_use' ? [event.index] : [],
    ),
  );

const hasIndex = (event: StreamEvent): event is Extract<StreamEvent, { index: number }> => 'index' in event;

/** Puts another index into the events of blocks. */
const reindexed = (change: (index: number) => unknown) =>
  eachEvent((event) => (hasIndex(event) ? { ...event, index: change(event.index) } : event));

const HALF = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as const;

export const eventOrder: FaultFamily = {
  name: 'event-order',
  title: 'which event follows which, and how blocks are numbered',
  faults: [
    {
      id: 'message-start-missing',
      title: 'A stream begins with content_block_start; message_start is never sent.',
      level: 'MUST',
      mutant: 'EV-a',
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alters: eventsOf('message_start', () => []),
    },
    {
      id: 'message-start-late',
      title: 'In a turn that begins with a tool call, content_block_start comes before message_start.',
      level: 'MUST',
      mutant: 'EV-c',
      reports: ['EV-03', 'EV-04'],
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alters: allEvents((events) => {
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
      alters: eventsOf('message_start', (event) => [event, event]),
    },
    {
      id: 'events-reversed',
      title: 'The events of a stream come in reverse order.',
      level: 'MUST',
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alsoFails: because(FRAMES_LOST, 'stream.order.message-delta-present', 'stream.order.message-stop-last'),
      alters: allEvents((events) => [...events].reverse()),
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
      alters: allEvents((events) => {
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
      alters: startMessage((message) => ({ ...message, stop_reason: 'end_turn' })),
    },
    {
      id: 'start-without-usage',
      title: 'The message inside message_start has no usage.',
      level: 'MUST',
      caughtBy: ['stream.start.usage', 'stream.sdk.ts'],
      alsoFails: because(CACHE_UNTOLD, 'cache.usage.fields'),
      alters: startMessage((message) => without(message, 'usage')),
    },
    {
      id: 'start-without-id',
      title: 'The message inside message_start has neither id nor model.',
      level: 'MUST',
      caughtBy: ['stream.start.message-shape'],
      alters: startMessage((message) => without(message, 'id', 'model')),
    },
    {
      id: 'tool-start-missing',
      title: 'The deltas and the stop of a tool block are sent, its content_block_start is not.',
      level: 'MUST',
      mutant: 'EV-e',
      reports: ['EV-08', 'EV-09', 'EV-10', 'EV-11'],
      caughtBy: ['stream.order.block-start-before-delta', 'stream.sdk.ts'],
      alsoFails: because(CALLS_ALIKE, 'tc.tool'),
      alters: eventsOf('content_block_start', (event) => (event.content_block.type === 'tool_use' ? [] : event)),
    },
    {
      id: 'tool-stop-twice',
      title: 'Every tool block is stopped twice.',
      level: 'MUST',
      mutant: 'EV-g',
      reports: ['EV-13'],
      caughtBy: ['stream.order.stop-once'],
      alters: eventsOf('content_block_stop', (event, { events }) =>
        toolIndexes(events).has(event.index) ? [event, event] : event,
      ),
    },
    {
      id: 'block-stop-missing',
      title: 'No block is stopped.',
      level: 'SHOULD',
      caughtBy: ['stream.order.block-stop'],
      alters: eventsOf('content_block_stop', () => []),
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
      alters: eachEvent((event) => without(event, 'index')),
    },
    {
      id: 'blocks-overlap',
      title: 'A block starts before the one before it is stopped; all stops come together at the end.',
      level: 'SHOULD',
      mutant: 'EV-k',
      reports: ['EV-20', 'EV-21'],
      caughtBy: ['stream.order.no-overlap'],
      alters: allEvents((events) => {
        const stops = events.filter((event) => event.type === 'content_block_stop');
        return events.flatMap((event): object[] => {
          if (event.type === 'content_block_stop') return [];
          return event.type === 'message_delta' ? [...stops, event] : [event];
        });
      }),
    },
    {
      id: 'text-in-tool-block',
      title: 'A newline between two tool calls is sent as text of the tool block that is still open.',
      level: 'MUST',
      mutant: 'EV-m',
      reports: ['EV-24'],
      caughtBy: ['stream.delta.matches-block'],
      alters: eventsOf('content_block_stop', (event, { events, index }) => {
        const next = events[index + 1];
        const between = next?.type === 'content_block_start' && next.content_block.type === 'tool_use';
        return between && toolIndexes(events).has(event.index)
          ? [{ type: 'content_block_delta', index: event.index, delta: { type: 'text_delta', text: '\n' } }, event]
          : event;
      }),
    },
    {
      id: 'first-delta-swallowed',
      title: 'The first delta of every block is lost.',
      level: 'MUST',
      mutant: 'EV-o',
      reports: ['EV-27', 'EV-28'],
      caughtBy: ['http.utf8.roundtrip', 'stream.equivalence'],
      alsoFails: {
        ...because(SENT_BACK, 'stream.thinking.signature-once', 'think.replay', 'think.display.omitted'),
        ...because(ANSWER_ALIKE, 'so.format.stream'),
      },
      alters: eachEvent((event, { events, index }) => {
        if (event.type !== 'content_block_delta') return event;
        const before = events
          .slice(0, index)
          .filter((other) => other.type !== 'ping')
          .at(-1);
        const swallows = (text: string) => text !== '';
        if (before?.type === 'content_block_start') {
          return event.delta.type === 'input_json_delta' && !swallows(event.delta.partial_json) ? event : [];
        }
        return event;
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
      alters: eventsOf('content_block_delta', (event, { events }) => {
        const start = events.find((other) => other.type === 'content_block_start' && other.index === event.index);
        return start ? [start, event] : event;
      }),
    },
    {
      id: 'message-delta-early',
      title: 'message_delta is sent before the last block is stopped.',
      level: 'MUST',
      caughtBy: ['stream.order.message-delta-after-blocks'],
      alters: allEvents((events) => {
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
      alters: eventsOf('message_delta', () => []),
    },
    {
      id: 'message-stop-missing',
      title: 'The connection is closed behind message_delta; message_stop is never sent.',
      level: 'MUST',
      mutant: 'EV-s',
      reports: ['EV-31', 'EV-32', 'EV-33', 'EV-34'],
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
      alters: eventsOf('message_stop', () => []),
    },
    {
      id: 'end-twice',
      title: 'message_delta and message_stop are sent twice.',
      level: 'MUST',
      mutant: 'EV-u',
      reports: ['EV-36', 'EV-37'],
      caughtBy: ['stream.order.message-stop-last'],
      alters: allEvents((events) => [...events, ...events.slice(-2)]),
    },
    {
      id: 'done-for-message-stop',
      title: 'data: [DONE] stands in for message_stop.',
      level: 'MUST',
      mutant: 'EV-w',
      reports: ['EV-41'],
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
      alters: eachFrame((frame) => (frame.startsWith('event: message_stop') ? 'data: [DONE]\n\n' : frame)),
    },
    {
      id: 'done-event',
      title: 'An event named done with [DONE] as its data comes behind message_stop.',
      level: 'MUST',
      reports: ['EV-41'],
      caughtBy: ['stream.frame.no-done', 'stream.sdk.ts'],
      alters: eachFrame((frame, index, count) =>
        index === count - 1 ? [frame, 'event: done\ndata: [DONE]\n\n'] : frame,
      ),
    },
    {
      id: 'ping-first',
      title: 'A ping comes before message_start.',
      level: 'MAY',
      mutant: 'EV-y',
      caughtBy: [],
      undetectable:
        'The grammar has pings anywhere, official clients pass over them, and no thread shows one that breaks.',
      alters: eventsOf('message_start', (event) => [{ type: 'ping' }, event]),
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
      alters: allEvents((events) => {
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
      alters: allEvents((events) => {
        const last = events.findLastIndex((event) => event.type === 'content_block_delta');
        return last < 0 ? events : events.slice(0, last + 1);
      }),
    },
    {
      id: 'content-after-error',
      title: 'An error event in the middle of a stream is followed by the rest of the reply.',
      level: 'MUST',
      caughtBy: ['stream.order.nothing-after-error'],
      alters: eventsOf('content_block_stop', (event) => (event.index === 0 ? [HALF, event] : event)),
    },
    {
      id: 'empty-reply-without-events',
      title: 'A reply without content is streamed as no event at all.',
      level: 'SHOULD',
      caughtBy: ['stream.order.empty-reply', 'stream.order.message-start-first'],
      alters: allEvents((events) => (events.some((event) => event.type === 'content_block_start') ? events : [])),
    },
  ],
};

import {
  accumulatedText,
  resetAfter,
  rewriteEachEvent,
  rewriteEvents,
  rewriteEventsOf,
  rewriteStart,
  toolIndexes,
} from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { FaultFamily } from './fault.js';
import {
  because,
  CALL_TWICE,
  EVENTS_LOST,
  FORCED_CALLS_TOO,
  INDEX_EVERYWHERE,
  LOOKS_COMPLETE,
  PARALLEL_STREAMS_TOO,
  STRUCTURED_TOO,
  TRUNCATED_STREAMS_TOO,
  TRUNCATED_TOO,
  WRONG_CACHE_COUNTS,
  WRONG_INPUT,
  WRONG_REPLAY,
} from './reasons.js';
import { streamEnds } from './stream-ends.js';

/** Replaces the index of all events of blocks. */
const reindexed = (change: (index: number) => unknown) =>
  rewriteEachEvent((event) => ('index' in event ? { ...event, index: change(event.index) } : event));

const MID_STREAM_ERROR = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as const;

/** They compare streams with replies without streaming. */
const WHOLE = ['stream.text.equal', 'stream.tool.input-equal', 'so.format.stream'];

export const streamOrderFaults: FaultFamily = {
  name: 'stream-order',
  title: 'which event follows which, and how blocks are numbered',
  faults: [
    {
      id: 'text-accumulates',
      title: 'Every text delta repeats all the text before it.',
      level: 'SHOULD',
      caughtBy: ['stream.equivalence'],
      alsoFails: {
        ...because('The text grows beyond the counted tokens.', 'stream.usage.cumulative'),
        ...because(STRUCTURED_TOO, 'so.format.stream'),
      },
      alters: accumulatedText,
    },
    {
      id: 'stream-error-hidden',
      title: 'A stream that fails in the middle ends as if it were complete.',
      level: 'SHOULD',
      caughtBy: ['stream.equivalence'],
      alsoFails: because(LOOKS_COMPLETE, ...WHOLE, 'stop.end-turn', 'stream.thinking.signature-once'),
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
      title: 'A stream begins with `content_block_start`; `message_start` is never sent.',
      level: 'MUST',
      mutant: 'EV-a',
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alters: rewriteEventsOf('message_start', () => []),
    },
    {
      id: 'message-start-late',
      title: 'In a turn that begins with a tool call, `content_block_start` comes before `message_start`.',
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
      title: '`message_start` is sent twice.',
      level: 'MUST',
      caughtBy: ['stream.order.one-message-start', 'stream.sdk.ts'],
      alters: rewriteEventsOf('message_start', (event) => [event, event]),
    },
    {
      id: 'events-reversed',
      title: 'The events of a stream come in reverse order.',
      level: 'MUST',
      caughtBy: ['stream.order.message-start-first', 'stream.sdk.ts'],
      alsoFails: because(EVENTS_LOST, 'stream.order.message-delta-present', 'stream.order.message-stop-last'),
      alters: rewriteEvents((events) => [...events].reverse()),
    },
    {
      id: 'start-with-content',
      title: 'The message in `message_start` already has the first block.',
      level: 'MUST',
      caughtBy: ['stream.start.content-empty', 'stream.sdk.ts'],
      alsoFails: {
        'think.empty-signature': 'The stream carries no signature to send back.',
        'sdk.ts.content-block-events': 'The client builds its `contentBlock` events from the same blocks.',

        ...because(CALL_TWICE, 'tu.id.pattern', 'tc.disable-parallel.any'),
        ...because(
          WRONG_REPLAY,
          'think.replay',
          'think.display.omitted',
          'agent.tool-loop.stream',
          'sdk.replay-history',
        ),
        ...because(STRUCTURED_TOO, 'so.format.stream'),
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
      title: 'The message in `message_start` already has a `stop_reason`.',
      level: 'MUST',
      caughtBy: ['stream.start.stop-null'],
      alters: rewriteStart((message) => ({ ...message, stop_reason: 'end_turn' })),
    },
    {
      id: 'start-without-usage',
      title: 'The message in `message_start` has no `usage`.',
      level: 'MUST',
      caughtBy: ['stream.start.usage', 'stream.sdk.ts'],
      alsoFails: because(WRONG_CACHE_COUNTS, 'cache.usage.fields'),
      alters: rewriteStart((message) => without(message, 'usage')),
    },
    {
      id: 'start-without-id',
      title: 'The message in `message_start` has neither `id` nor `model`.',
      level: 'MUST',
      caughtBy: ['stream.start.message-shape'],
      alters: rewriteStart((message) => without(message, 'id', 'model')),
    },
    {
      id: 'tool-start-missing',
      title: 'A tool call block has deltas and a stop, but no `content_block_start`.',
      level: 'MUST',
      mutant: 'EV-e',
      reports: ['EV-08', 'EV-09', 'EV-10', 'EV-11'],
      caughtBy: ['stream.order.block-start-before-delta', 'stream.sdk.ts'],
      alsoFails: { ...because(FORCED_CALLS_TOO, 'tc.tool'), 'tc.any': 'Forced and strict calls have the same fault.' },
      alters: rewriteEventsOf('content_block_start', (event) => (event.content_block.type === 'tool_use' ? [] : event)),
    },
    {
      id: 'tool-stop-twice',
      title: 'Every tool call block is stopped twice.',
      level: 'MUST',
      mutant: 'EV-g',
      reports: ['EV-13'],
      caughtBy: ['stream.order.stop-once'],
      alsoFails: because(
        'The client builds its `contentBlock` events from the same blocks.',
        'sdk.ts.content-block-events',
      ),
      alters: rewriteEventsOf('content_block_stop', (event, { events }) =>
        toolIndexes(events).has(event.index) ? [event, event] : event,
      ),
    },
    {
      id: 'block-stop-missing',
      title: 'No block is stopped.',
      level: 'MUST',
      caughtBy: ['stream.order.block-stop', 'sdk.ts.content-block-events'],
      alters: rewriteEventsOf('content_block_stop', () => []),
    },
    {
      id: 'index-skips',
      title: 'After the first block the index increases by two.',
      level: 'MUST',
      mutant: 'EV-i',
      reports: ['EV-15'],
      caughtBy: ['stream.order.index-consecutive', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: because('The client finds blocks by their index.', 'stream.sdk.ts'),
      alters: reindexed((index) => (index === 0 ? 0 : index + 1)),
    },
    {
      id: 'index-from-one',
      title: 'The index of the first block is 1.',
      level: 'MUST',
      caughtBy: ['stream.order.index-consecutive', 'stream.sdk.ts', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: because(INDEX_EVERYWHERE, 'agent.tool-loop.stream'),
      alters: reindexed((index) => index + 1),
    },
    {
      id: 'index-always-zero',
      title: 'Every block has the index 0.',
      level: 'MUST',
      reports: ['EV-10'],
      caughtBy: ['stream.order.index-consecutive', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: {
        ...because(INDEX_EVERYWHERE, 'stream.tool.parallel-blocks'),
        'stream.sdk.ts': 'The client finds blocks by their index.',
      },
      alters: reindexed(() => 0),
    },
    {
      id: 'index-as-string',
      title: 'The `index` of a block is a string.',
      level: 'MUST',
      caughtBy: ['stream.order.index-consecutive', 'agent.text-and-tool'],
      alsoFails: because(INDEX_EVERYWHERE, 'agent.tool-loop.stream'),
      alters: reindexed(String),
    },
    {
      id: 'index-missing',
      title: 'Events of blocks have no `index`.',
      level: 'MUST',
      caughtBy: ['stream.order.index-consecutive', 'stream.sdk.ts', 'agent.text-and-tool', 'sdk.go.accumulate'],
      alsoFails: because(INDEX_EVERYWHERE, 'agent.tool-loop.stream'),
      alters: rewriteEachEvent((event) => without(event, 'index')),
    },
    {
      id: 'blocks-overlap',
      title: 'A block starts before the previous one is stopped; all stops come together at the end.',
      level: 'MUST',
      mutant: 'EV-k',
      reports: ['EV-20', 'EV-21'],
      caughtBy: ['stream.order.no-overlap', 'sdk.ts.content-block-events'],
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
      title: 'The server starts the block anew before every delta.',
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
        'resp.content.other-blocks': 'A server tool call that starts again keeps no input object.',

        'sdk.ts.content-block-events': 'The client builds its `contentBlock` events from the same blocks.',

        ...because(CALL_TWICE, 'tu.id.pattern'),
        ...because(TRUNCATED_TOO, 'stop.max-tokens.valid-content'),
        ...because(WRONG_REPLAY, 'stream.thinking.signature-once', 'think.display.omitted', 'think.omitted.replay'),
        ...because(WRONG_INPUT, 'stream.tool.concat-json'),
        ...because(STRUCTURED_TOO, 'so.format.stream'),
      },
      alters: rewriteEventsOf('content_block_delta', (event, { events }) => {
        const start = events.find((other) => other.type === 'content_block_start' && other.index === event.index);
        return start ? [start, event] : event;
      }),
    },
    ...streamEnds,
    {
      id: 'ping-first',
      title: 'A ping comes before `message_start`.',
      level: 'MAY',
      mutant: 'EV-y',
      caughtBy: [],
      undetectable:
        'The grammar allows pings anywhere, official clients ignore them, and no report shows one that breaks.',
      alters: rewriteEventsOf('message_start', (event) => [{ type: 'ping' }, event]),
    },
    {
      id: 'second-message',
      title:
        'After a tool call that is truncated within its arguments, a whole second message follows in the same stream.',
      level: 'MUST',
      mutant: 'EV-aa',
      reports: ['EV-43'],
      caughtBy: ['stream.order.one-message-start', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alsoFails: {
        ...because(CALL_TWICE, 'tu.id.pattern'),
        ...because(WRONG_REPLAY, 'think.replay', 'agent.tool-loop.stream', 'sdk.replay-history'),
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
      title: 'The body ends after the last delta, without a stop of the block or of the message.',
      level: 'MUST',
      mutant: 'EV-ac',
      reports: ['EV-45', 'EV-46', 'EV-47'],
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: {
        ...because(TRUNCATED_STREAMS_TOO, 'stream.tool.truncated'),
        ...because(PARALLEL_STREAMS_TOO, 'agent.parallel-requests'),
      },
      alters: rewriteEvents((events) => {
        const last = events.findLastIndex((event) => event.type === 'content_block_delta');
        return last < 0 ? events : events.slice(0, last + 1);
      }),
    },
    {
      id: 'content-after-error',
      title: 'The rest of the reply follows an error event in the middle of a stream.',
      level: 'MUST',
      caughtBy: ['stream.order.nothing-after-error'],
      alters: rewriteEventsOf('content_block_stop', (event) => (event.index === 0 ? [MID_STREAM_ERROR, event] : event)),
    },
    {
      id: 'empty-reply-without-events',
      title: 'A reply without content is a stream without events.',
      level: 'SHOULD',
      caughtBy: ['stream.order.empty-reply', 'stream.order.message-start-first'],
      alters: rewriteEvents((events) => (events.some((event) => event.type === 'content_block_start') ? events : [])),
    },
    {
      id: 'stream-reset',
      title: 'The server resets the connection in the middle of a stream.',
      level: 'MUST',
      caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
      alsoFails: because(PARALLEL_STREAMS_TOO, 'agent.parallel-requests'),
      alters: resetAfter(3),
    },
  ],
};

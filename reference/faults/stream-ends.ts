/** What is wrong at the end of a stream: a part of the family `stream-order`. */

import { rewriteEvents, rewriteEventsOf, rewriteFrames } from '../alterations/stream.js';
import type { Fault } from './fault.js';
import { because, TRUNCATED_STREAMS_TOO } from './reasons.js';

const MINUTE = 60_000;

export const streamEnds: readonly Fault[] = [
  {
    id: 'message-delta-early',
    title: '`message_delta` comes before the last block is stopped.',
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
    title: '`message_stop` comes without a `message_delta`, so that no client learns the stop reason.',
    level: 'MUST',
    reports: ['EV-32', 'EV-37'],
    caughtBy: ['stream.order.message-delta-present', 'sdk.go.accumulate'],
    alsoFails: because(TRUNCATED_STREAMS_TOO, 'stream.tool.truncated'),
    alters: rewriteEventsOf('message_delta', () => []),
  },
  {
    id: 'message-stop-missing',
    title: 'The connection closes after `message_delta`; `message_stop` is never sent.',
    level: 'MUST',
    mutant: 'EV-s',
    reports: ['EV-31', 'EV-32', 'EV-33', 'EV-34'],
    caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
    alsoFails: because(TRUNCATED_STREAMS_TOO, 'stream.tool.truncated'),
    alters: rewriteEventsOf('message_stop', () => []),
  },
  {
    id: 'message-stop-never-comes',
    title: '`message_stop` is never sent, and the connection stays open after `message_delta`.',
    level: 'MUST',
    reports: ['EV-45', 'EV-46'],
    caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
    alsoFails: because(TRUNCATED_STREAMS_TOO, 'stream.tool.truncated'),
    sequential: true,
    alters: {
      ...rewriteEventsOf('message_stop', () => []),
      async *bytes(frames, call) {
        yield* frames;
        await call.settings.sleep(MINUTE);
      },
    },
  },
  {
    id: 'end-twice',
    title: '`message_delta` and `message_stop` are sent twice.',
    level: 'MUST',
    mutant: 'EV-u',
    reports: ['EV-36', 'EV-37'],
    caughtBy: ['stream.order.message-stop-last'],
    alters: rewriteEvents((events) => [...events, ...events.slice(-2)]),
  },
  {
    id: 'done-for-message-stop',
    title: '`data: [DONE]` replaces `message_stop`.',
    level: 'MUST',
    mutant: 'EV-w',
    reports: ['EV-41'],
    caughtBy: ['stream.order.message-stop-last', 'stream.sdk.ts'],
    alsoFails: because(TRUNCATED_STREAMS_TOO, 'stream.tool.truncated'),
    alters: rewriteFrames((frame) => (frame.startsWith('event: message_stop') ? 'data: [DONE]\n\n' : frame)),
  },
];

import { rewriteEachEvent, rewriteEvents } from '../alterations/stream.js';
import { around } from './rewrite.js';
import type { VariantFamily } from './variant.js';

const PING = { type: 'ping' } as const;
const source = ['D:stream', 'F'];

export const pings: VariantFamily = {
  name: 'pings',
  title: 'when a server sends pings',
  variants: [
    {
      id: 'no-pings',
      title: 'A stream has no ping.',
      source,
      alters: rewriteEachEvent((event) => (event.type === 'ping' ? [] : event)),
    },
    {
      id: 'ping-first',
      title: 'A ping comes before `message_start`.',
      source,
      alters: rewriteEvents((events) => [PING, ...events]),
    },
    {
      id: 'pings-between-all-events',
      title: 'A ping follows every event.',
      source,
      alters: rewriteEachEvent((event) => [event, PING]),
    },
    {
      id: 'ping-behind-message-stop',
      title: 'A ping comes after `message_stop`.',
      source: ['X'],
      alters: rewriteEvents((events) => [...events, PING]),
    },
    {
      id: 'many-pings',
      title: 'Three hundred pings come before each block.',
      source,
      alters: rewriteEachEvent((event) =>
        event.type === 'content_block_start' ? [...Array(300).fill(PING), event] : event,
      ),
    },
    {
      id: 'pings-before-the-end',
      title: 'Pings come between the last block, `message_delta` and `message_stop`.',
      source,
      alters: rewriteEachEvent((event) =>
        event.type === 'message_delta' || event.type === 'message_stop' ? [PING, PING, event] : event,
      ),
    },
    {
      id: 'pings-with-further-fields',
      title: 'Pings have a field with the time.',
      source: ['D:ver'],
      alters: rewriteEachEvent((event) => (event.type === 'ping' ? { ...event, at: 1_790_000_000 } : event)),
    },
    {
      id: 'ping-with-spaced-json',
      title: 'The JSON of a ping has spaces, as in recorded streams.',
      source: ['F'],
      alters: around(['event: ping\ndata: {"type": "ping"}\n\n']),
    },
  ],
};

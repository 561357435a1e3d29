import { eventsOf } from './alter.js';
import type { FaultFamily } from './fault.js';
import { because, PARALLEL_ALIKE } from './reasons.js';

const encoder = new TextEncoder();
const MINUTE = 60_000;

export const timing: FaultFamily = {
  name: 'timing',
  title: 'silences, keep-alive, and connections that do not end',
  faults: [
    {
      id: 'silent-stream',
      title: 'Nothing is sent for six minutes in the middle of a stream.',
      level: 'MUST',
      mutant: 'TO-a',
      reports: ['TO-01', 'TO-02', 'TO-03', 'TO-04', 'TO-05', 'TO-06', 'TO-07'],
      caughtBy: ['stream.ping.silence'],
      alsoFails: because(
        'The silence comes before the first delta, and with it before much of the stream.',
        'agent.first-byte',
      ),
      sequential: true,
      alters: {
        async *bytes(frames, call) {
          let sent = 0;
          for await (const frame of frames) {
            if (sent === 2) await call.settings.sleep(6 * MINUTE);
            sent += 1;
            yield frame;
          }
        },
      },
    },
    {
      id: 'connection-left-open',
      title: 'The connection stays open behind message_stop.',
      level: 'MUST',
      caughtBy: ['stream.frame.close'],
      sequential: true,
      alters: {
        async *bytes(frames, call) {
          yield* frames;
          await call.settings.sleep(MINUTE);
        },
      },
    },
    {
      id: 'comments-for-pings',
      title: 'The connection is kept alive with comments alone, never with a ping.',
      level: 'MAY',
      mutant: 'TO-e',
      reports: ['TO-15'],
      caughtBy: [],
      undetectable: 'Comments keep a connection alive as pings do: both are legal, and the protocol requires neither.',
      alters: {
        ...eventsOf('ping', () => []),
        async *bytes(frames) {
          for await (const frame of frames) {
            yield frame;
            yield encoder.encode(': keep-alive\n\n');
          }
        },
      },
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

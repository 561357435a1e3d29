import { crashResponse, rewriteResponse, withBody, withHeaders } from '../alterations/responses.js';
import type { FaultFamily } from './fault.js';
import { because, NO_ENVELOPE, PARALLEL_STREAMS_TOO } from './reasons.js';

/** Real time: a client needs some to disconnect, and a server to notice. */
const aMoment = (milliseconds = 50): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const OVERLOADED = { type: 'overloaded_error', message: 'Overloaded' };

/** Truncates a stream after the first delta and ends it with these frames. */
const brokenOff = (...frames: string[]) => ({
  frames: (all: string[]) => {
    const at = all.findIndex((frame) => frame.startsWith('event: content_block_delta'));
    return at < 0 ? all : [...all.slice(0, at + 1), ...frames];
  },
});

export const streamErrorsFaults: FaultFamily = {
  name: 'stream-errors',
  title: 'rejected streams, broken streams, and clients that disconnect',
  faults: [
    {
      id: 'left-stream-blocks',
      title: 'After a client disconnects from a stream, the next request fails.',
      level: 'MAY',
      mutant: 'TO-c',
      reports: ['TO-09', 'TO-10', 'TO-11', 'TO-12', 'TO-13'],
      caughtBy: ['stream.disconnect'],
      sequential: true,
      alters: {
        async request(request, call) {
          const { notes } = call.state;
          if (notes.get('stream') === 'running') await aMoment();
          if (notes.get('stream') !== 'left') return request;
          notes.delete('stream');
          return crashResponse();
        },
        async *bytes(frames, call) {
          const { notes } = call.state;
          // An agent leaves a stream too: which of the requests after it failed would depend on timing.
          if (call.headers.has('x-app')) return yield* frames;
          notes.set('stream', 'running');
          try {
            for await (const frame of frames) {
              yield frame;
              await aMoment(2);
            }
            notes.delete('stream');
          } finally {
            if (notes.has('stream')) notes.set('stream', 'left');
          }
        },
      },
    },
    {
      id: 'refused-stream-as-event',
      title: 'The server answers an invalid stream request with 200 and an error event.',
      level: 'MUST',
      caughtBy: ['stream.error.pre-stream'],
      alsoFails: because(
        'The server rejects invalid requests with status 200.',
        'req.messages.empty',
        'err.validation-status',
        'tr.unknown-id',
      ),
      alters: rewriteResponse(async (response, call) => {
        if (response.status !== 400 || !call.stream) return response;
        const frame = `event: error\ndata: ${await response.text()}\n\n`;
        return withHeaders(withBody(response, frame, 'text/event-stream'), {}, 200);
      }),
    },
    {
      id: 'forwarded-rejection-as-stream',
      title:
        'A gateway forwards the 400 of its upstream as an event stream; what it checks itself it rejects with JSON.',
      level: 'MUST',
      caughtBy: ['stream.error.pre-stream'],
      alsoFails: because('An event stream is no JSON error either.', 'err.content-type'),
      alters: rewriteResponse(async (response, call) => {
        if (response.status !== 400 || !call.stream) return response;
        const body = await response.text();
        const isForwarded = /tool_use/.test(body);
        return isForwarded
          ? withBody(response, `event: error\ndata: ${body}\n\n`, 'text/event-stream')
          : withBody(response, body);
      }),
    },
    {
      id: 'stream-error-unnamed',
      title: 'An error in the middle of a stream arrives as data without event name and without type.',
      level: 'MUST',
      mutant: 'ER-k',
      reports: ['ER-27', 'ER-28'],
      caughtBy: ['stream.error.event', 'stream.frame.event-name', 'stream.sdk.ts'],
      alsoFails: {
        ...because(NO_ENVELOPE, 'stream.order.message-stop-last'),
        ...because(PARALLEL_STREAMS_TOO, 'agent.parallel-requests'),
      },
      alters: brokenOff(`data: ${JSON.stringify({ error: OVERLOADED })}\n\n`),
    },
    {
      id: 'stream-error-without-type',
      title: 'The data of an error event is the error without its envelope.',
      level: 'MUST',
      caughtBy: ['stream.error.event'],
      alsoFails: {
        ...because(NO_ENVELOPE, 'stream.frame.name-equals-type'),
        ...because(PARALLEL_STREAMS_TOO, 'agent.parallel-requests'),
      },
      alters: brokenOff(`event: error\ndata: ${JSON.stringify(OVERLOADED)}\n\n`),
    },
  ],
};

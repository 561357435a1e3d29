import type { Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { finding } from './judging/outcomes.js';
import { atEvent, endedStream, readStream, stream } from './judging/views.js';
import {
  blankLineFaults,
  dataFaults,
  encodingFaults,
  isDone,
  lineFaults,
  misnamedEvents,
  namelessFrames,
  pingFaults,
  pings,
  statusAndType,
} from './stream/frames.js';
import {
  granularityFaults,
  incremental,
  lingering,
  longLasting,
  longStream,
  NO_LONG_STREAM,
  silences,
} from './stream/timing.js';

export const streamFraming: Suite = {
  name: 'stream-framing',
  title: 'event streams as bytes: frames, lines, encoding, time',
  requirements: [
    {
      id: 'stream.http.status-type',
      level: 'MUST',
      profile: 'core',
      statement: 'A request with stream true is answered with status 200 and the content type text/event-stream.',
      source: ['D:stream', 'S1'],
      fixtures: ['minimal'],
      judge: statusAndType,
    },
    {
      id: 'stream.http.chunked',
      socket: 'chunks are seen on a connection only',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A stream over HTTP/1.1 is chunked, or says how long it is, so that a client can tell a cut stream from a whole one.',
      source: ['X'],
      fixtures: ['minimal'],
      judge: each(stream, (_stream, exchange) =>
        /chunked/i.test(exchange.header('transfer-encoding') ?? '') || exchange.header('content-length') !== null
          ? []
          : [
              finding(
                exchange,
                'The stream ends where the connection ends: cut short, it looks complete, and the Python client returns half a message.',
                'transfer-encoding: chunked',
                'neither transfer-encoding nor content-length',
                { header: 'transfer-encoding' },
              ),
            ],
      ),
    },
    {
      id: 'stream.frame.event-name',
      level: 'MUST',
      profile: 'core',
      statement: 'Every frame with data has an event line: clients discard frames without a name.',
      source: ['D:stream', 'T:sse', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, namelessFrames),
    },
    {
      id: 'stream.frame.name-equals-type',
      level: 'MUST',
      profile: 'core',
      statement: 'The name of an event is the type inside its data.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(readStream, misnamedEvents),
    },
    {
      id: 'stream.frame.json',
      level: 'MUST',
      profile: 'core',
      statement: 'The data of every event is one complete JSON object.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, dataFaults),
    },
    {
      id: 'stream.frame.blank-line',
      level: 'MUST',
      profile: 'core',
      statement: 'Every frame, the last one included, ends with an empty line; without it clients lose the event.',
      source: ['X', 'G'],
      fixtures: ['minimal'],
      judge: each(stream, blankLineFaults),
    },
    {
      id: 'stream.frame.no-done',
      level: 'MUST',
      profile: 'core',
      statement: 'No [DONE] is sent under the name of an event; without a name it is passed over.',
      source: ['D:ver', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, (shown, exchange) =>
        shown.events
          .filter((event) => isDone(event) && event.name !== null)
          .map((event) =>
            atEvent(
              exchange,
              event,
              '[DONE] is sent as an event: the TypeScript client throws on it.',
              'the end of the body after message_stop',
              `event: ${event.name}, data: [DONE]`,
            ),
          ),
      ),
    },
    {
      id: 'stream.frame.utf8-no-bom',
      level: 'MUST',
      profile: 'core',
      statement: 'A stream is UTF-8 without a byte order mark, and no character is divided between two events.',
      source: ['X'],
      fixtures: ['minimal', 'echo-escaped'],
      judge: each(stream, encodingFaults, { silent: true }),
    },
    {
      id: 'stream.frame.lf',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Lines end in LF or CRLF, never in CR alone, and stay under 32 MiB.',
      source: ['G', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, lineFaults),
    },
    {
      id: 'stream.frame.incremental',
      level: 'MUST',
      profile: 'core',
      statement:
        'A long reply arrives while it is produced: its first piece comes in an earlier network read than message_stop.',
      source: ['S1', 'CC'],
      fixtures: ['counting'],
      judge: incremental,
    },
    {
      id: 'stream.frame.granularity',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A long text is sent in more than one text_delta.',
      source: ['S1', 'D:stream'],
      fixtures: ['counting'],
      judge: each(
        (exchange) => {
          const read = longStream(exchange);
          return read?.blocks.some(({ type }) => type === 'text') ? read : null;
        },
        granularityFaults,
        { nothing: NO_LONG_STREAM },
      ),
    },
    {
      id: 'stream.frame.close',
      level: 'MUST',
      profile: 'core',
      statement: 'The body ends within two seconds after message_stop: official clients wait for its end.',
      source: ['X', 'D:stream'],
      fixtures: ['minimal'],
      judge: each((exchange) => endedStream(exchange)?.byKind.get('message_stop')?.at(-1) ?? null, lingering, {
        nothing: 'no stream of this run has a message_stop',
      }),
    },
    {
      id: 'stream.ping.shape',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A ping is an event named ping whose data is an object of type ping.',
      source: ['D:stream', 'F'],
      fixtures: ['minimal'],
      judge: each(pings, pingFaults, { nothing: 'no ping was sent, which is legal' }),
    },
    {
      id: 'stream.ping.silence',
      level: 'MUST',
      profile: 'agent',
      statement: 'A stream is never silent for more than 300 seconds: a ping or a comment comes in between.',
      source: ['CC', 'D:advisor'],
      fixtures: [],
      judge: each(longLasting, silences, {
        nothing: 'no stream of this run lasted half a minute, after which a ping would be due',
      }),
    },
  ],
};

import type { Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { finding } from './judging/outcomes.js';
import { atEvent, readStream, stream } from './judging/views.js';
import {
  blankLineFaults,
  dataFaults,
  encoding,
  isDone,
  lineFaults,
  misnamedEvents,
  namelessFrames,
  pingFaults,
  pings,
  statusAndType,
  unknownEvents,
  unreadableUnknown,
} from './stream/frames.js';
import {
  granularityFaults,
  incremental,
  lastStop,
  lingering,
  longLasting,
  longStream,
  NO_LONG_STREAM,
  silences,
} from './stream/timing.js';

export const streamFraming: Suite = {
  name: 'stream-framing',
  title: 'bytes of event streams: frames, lines, encoding, timing',
  requirements: [
    {
      id: 'stream.http.status-type',
      level: 'MUST',
      profile: 'core',
      statement: 'The server answers a request with `stream` true with status 200 and content type text/event-stream.',
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
        'A stream over HTTP/1.1 has transfer-encoding chunked or a content-length, so clients can detect a truncated stream.',
      source: ['X'],
      fixtures: ['minimal'],
      judge: each(stream, (_stream, exchange) =>
        /chunked/i.test(exchange.header('transfer-encoding') ?? '') || exchange.header('content-length') !== null
          ? []
          : [
              finding(
                exchange,
                'Neither `transfer-encoding: chunked` nor `content-length`; a truncated stream looks complete, and the Python client returns half a message.',
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
      statement: 'Every frame with data has an `event:` line; clients drop frames without it.',
      source: ['D:stream', 'T:sse', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, namelessFrames),
    },
    {
      id: 'stream.frame.name-equals-type',
      level: 'MUST',
      profile: 'core',
      statement:
        'The name of an event equals `type` in its data; the Python and TypeScript clients silently lose the text of an event without `type`.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(readStream, misnamedEvents, { silent: true }),
    },
    {
      id: 'stream.frame.json',
      level: 'MUST',
      profile: 'core',
      statement: 'The data of every documented event is one complete JSON object.',
      source: ['D:stream', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, dataFaults),
    },
    {
      id: 'stream.unknown-event.object',
      level: 'MUST',
      profile: 'core',
      statement:
        'The data of an event with an undocumented name is a JSON object; official clients parse every named event.',
      source: ['P', 'G'],
      fixtures: ['minimal'],
      judge: each(unknownEvents, unreadableUnknown, {
        nothing: 'No stream of this run has an event with an undocumented name',
      }),
    },
    {
      id: 'stream.frame.blank-line',
      level: 'MUST',
      profile: 'core',
      statement: 'Every frame, including the last one, ends with an empty line; without it clients lose the event.',
      source: ['X', 'G'],
      fixtures: ['minimal'],
      judge: each(stream, blankLineFaults),
    },
    {
      id: 'stream.frame.no-done',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server sends no [DONE] in a frame with an event name, on which all three official clients fail; they ignore one in a frame without a name.',
      source: ['D:ver', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, (shown, exchange) =>
        shown.events
          .filter((event) => isDone(event) && event.name !== null)
          .map((event) =>
            atEvent(
              exchange,
              event,
              '[DONE] has an event name; all three official clients throw.',
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
      statement: 'A stream is UTF-8 without a byte order mark, and no character is split between two events.',
      source: ['X'],
      fixtures: ['minimal', 'echo-escaped'],
      judge: encoding,
    },
    {
      id: 'stream.frame.lf',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Lines end in LF or CRLF, not in a single CR, and are shorter than 32 MiB.',
      source: ['G', 'X'],
      fixtures: ['minimal'],
      judge: each(stream, lineFaults),
    },
    {
      id: 'stream.frame.incremental',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server sends a long reply while the model generates it: the first delta arrives in an earlier network read than `message_stop`.',
      source: ['S1', 'CC'],
      fixtures: ['counting'],
      judge: incremental,
    },
    {
      id: 'stream.frame.granularity',
      level: 'SHOULD',
      profile: 'core',
      statement: 'The server sends a long text in more than one `text_delta`.',
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
      statement: 'The body ends within two seconds after `message_stop`; official clients wait for its end.',
      source: ['X', 'D:stream'],
      fixtures: ['minimal'],
      judge: each(lastStop, lingering, {
        nothing: 'No stream of this run has a `message_stop`',
      }),
    },
    {
      id: 'stream.ping.shape',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A `ping` event has the data {"type":"ping"}.',
      source: ['D:stream', 'F'],
      fixtures: ['minimal'],
      judge: each(pings, pingFaults, { nothing: 'The target sent no ping, which is allowed' }),
    },
    {
      id: 'stream.ping.silence',
      level: 'MUST',
      profile: 'agent',
      statement:
        'A stream is never silent for more than 300 seconds; the server sends a `ping` or a comment in between.',
      source: ['CC', 'D:advisor'],
      fixtures: [],
      judge: each(longLasting, silences, {
        nothing: 'No stream of this run lasted 30 s, after which a ping would be due',
      }),
    },
  ],
};

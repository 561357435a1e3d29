import { rewriteHeaders, rewriteResponse, withBody, withHeaders } from '../alterations/responses.js';
import { isStream, rewriteEvents, rewriteEventsOf, rewriteFrames } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { FaultFamily } from './fault.js';
import { because, EVENTS_LOST, STREAM_FIELD_UNREAD, TRUNCATED_STREAMS_TOO } from './reasons.js';

const encoder = new TextEncoder();

/** Splits a frame at its first character beyond ASCII: two frames, each with a replacement character. */
function dividedCharacter(frame: string): string[] {
  const match = /^(event: content_block_delta\ndata: .*"text":")(.*)("\}\})\n\n$/s.exec(frame);
  const at = match ? [...match[2]!].findIndex((sign) => sign.codePointAt(0)! > 0x7f) : -1;
  if (!match || at < 0) return [frame];
  const text = [...match[2]!];
  const head = `${match[1]}${text.slice(0, at).join('')}\uFFFD${match[3]}\n\n`;
  const tail = `${match[1]}\uFFFD${text.slice(at + 1).join('')}${match[3]}\n\n`;
  return [head, tail];
}

const MINUTE = 60_000;

export const streamFramingFaults: FaultFamily = {
  name: 'stream-framing',
  title: 'the bytes of a stream: lines, frames, characters, timing, its end',
  faults: [
    {
      id: 'unknown-event-as-text',
      title: 'The server sends an event of its own whose data is a text.',
      level: 'MUST',
      caughtBy: ['stream.unknown-event.object'],
      alsoFails: because('The client parses the data of every named event.', 'stream.sdk.ts'),
      alters: rewriteFrames((frame, index) => (index === 1 ? [frame, 'event: progress\ndata: half way\n\n'] : frame)),
    },
    {
      id: 'stream-unchunked',
      title: 'A stream ends with its connection: it has neither chunks nor a length.',
      level: 'SHOULD',
      caughtBy: ['stream.http.chunked'],
      socket: 'chunks exist only on a connection',
      alters: rewriteHeaders((response) =>
        isStream(response) ? { 'transfer-encoding': 'identity', connection: 'close' } : null,
      ),
    },
    {
      id: 'text-at-once',
      title: 'A whole text comes in one delta.',
      level: 'SHOULD',
      caughtBy: ['stream.frame.granularity'],
      alters: rewriteEvents((events) => {
        const texts = new Map<number, string>();
        for (const event of events) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
            texts.set(event.index, (texts.get(event.index) ?? '') + event.delta.text);
        }
        return events.flatMap((event): object[] => {
          if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') return [event];
          const text = texts.get(event.index);
          texts.delete(event.index);
          return text === undefined ? [] : [{ ...event, delta: { type: 'text_delta', text } }];
        });
      }),
    },
    {
      id: 'done-event',
      title: 'An event named done with the data [DONE] follows `message_stop`.',
      level: 'MUST',
      reports: ['EV-41'],
      caughtBy: ['stream.frame.no-done', 'stream.sdk.ts'],
      alters: rewriteFrames((frame, index, count) =>
        index === count - 1 ? [frame, 'event: done\ndata: [DONE]\n\n'] : frame,
      ),
    },
    {
      id: 'event-names-missing',
      title: 'Frames have data and no event line.',
      level: 'MUST',
      mutant: 'EN-a',
      reports: ['EN-01', 'EN-02'],
      caughtBy: ['stream.frame.event-name', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alters: rewriteFrames((frame) => frame.replace(/^event: .*\n/, '')),
    },
    {
      id: 'event-name-message',
      title: 'Every event is named "message".',
      level: 'MUST',
      caughtBy: ['stream.frame.name-equals-type'],
      alters: rewriteFrames((frame) => frame.replace(/^event: .*\n/, 'event: message\n')),
    },
    {
      id: 'data-without-type',
      title: 'The data of events has no `type`; only the event name tells it.',
      level: 'MUST',
      caughtBy: ['stream.frame.name-equals-type', 'stream.sdk.ts'],
      alsoFails: because(EVENTS_LOST, 'stream.ping.shape'),
      alters: rewriteFrames((frame) =>
        frame.replace(
          /^data: (.*)$/m,
          (_line, json: string) => `data: ${JSON.stringify(without(JSON.parse(json), 'type'))}`,
        ),
      ),
    },
    {
      id: 'data-cut',
      title: 'The data of `content_block_stop` is truncated JSON.',
      level: 'MUST',
      caughtBy: ['stream.frame.json', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alters: rewriteFrames((frame) =>
        frame.startsWith('event: content_block_stop') ? frame.replace(/\}\n\n$/, '\n\n') : frame,
      ),
    },
    {
      id: 'data-line-missing',
      title: 'A frame has an event line and no data.',
      level: 'MUST',
      mutant: 'EN-k',
      reports: ['EN-19'],
      caughtBy: ['stream.frame.json'],
      alsoFails: {
        ...because(EVENTS_LOST, 'stream.order.block-stop'),
        'sdk.ts.content-block-events': 'The client lacks the block of the missing event.',
      },
      alters: rewriteFrames((frame) =>
        frame.startsWith('event: content_block_stop') ? 'event: content_block_stop\n\n' : frame,
      ),
    },
    {
      id: 'data-on-two-lines',
      title: 'The JSON of an event is on two lines, and the second line has no field name.',
      level: 'MUST',
      caughtBy: ['stream.frame.json', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alsoFails: because(TRUNCATED_STREAMS_TOO, 'stream.tool.truncated'),
      alters: rewriteFrames((frame) =>
        frame.startsWith('event: message_delta') ? frame.replace(',"delta"', ',\n"delta"') : frame,
      ),
    },
    {
      id: 'blank-before-data',
      title: 'A space stands before the field name data, so that parsers ignore the field.',
      level: 'MUST',
      mutant: 'EN-e',
      reports: ['EN-11'],
      caughtBy: ['stream.frame.json', 'stream.sdk.ts'],
      alsoFails: because(EVENTS_LOST, 'stream.ping.shape', 'stream.order.message-start-first'),
      alters: rewriteFrames((frame) => frame.replace('\ndata:', '\n data:')),
    },
    {
      id: 'last-frame-open',
      title: 'The last frame ends without its empty line.',
      level: 'MUST',
      caughtBy: ['stream.frame.blank-line', 'stream.sdk.ts'],
      alters: rewriteFrames((frame, index, count) => (index === count - 1 ? frame.replace(/\n\n$/, '\n') : frame)),
    },
    {
      id: 'frames-run-together',
      title: 'There is no empty line between frames.',
      level: 'MUST',
      caughtBy: ['stream.frame.blank-line', 'stream.sdk.ts'],
      alsoFails: because(EVENTS_LOST, 'stream.order.message-start-first', 'stream.order.message-delta-present'),
      alters: rewriteFrames((frame) => frame.replace(/\n\n$/, '\n')),
    },
    {
      id: 'byte-order-mark',
      title: 'A stream starts with a byte order mark.',
      level: 'MUST',
      mutant: 'EN-g',
      caughtBy: ['stream.frame.utf8-no-bom'],
      alters: rewriteFrames((frame, index) => (index === 0 ? `\uFEFF${frame}` : frame)),
    },
    {
      id: 'characters-divided',
      title: 'A character is split between two events, and both hold a replacement character.',
      level: 'MUST',
      mutant: 'EN-c',
      reports: ['EN-09'],
      caughtBy: ['stream.frame.utf8-no-bom', 'http.utf8.roundtrip'],
      alters: rewriteFrames((frame) => dividedCharacter(frame)),
    },
    {
      id: 'latin-1',
      title: 'The server encodes streams and JSON as Latin-1.',
      level: 'MUST',
      caughtBy: ['stream.frame.utf8-no-bom', 'http.utf8.roundtrip'],
      alters: rewriteResponse(async (response) => {
        const text = await response.text();
        const latin = Buffer.from(text.replaceAll(/[^\p{ASCII}\u00a0-\u00ff]/gu, '?'), 'latin1');
        return text === '' ? withBody(response, '') : withBody(response, new Uint8Array(latin));
      }),
    },
    {
      id: 'carriage-returns',
      title: 'Lines end in a lone carriage return.',
      level: 'SHOULD',
      caughtBy: ['stream.frame.lf'],
      alters: rewriteFrames((frame) => frame.replaceAll('\n', '\r')),
    },
    {
      id: 'stream-as-json',
      title: 'The server answers a stream request with one JSON message.',
      level: 'MUST',
      mutant: 'HD-g',
      caughtBy: ['stream.http.status-type', 'stream.sdk.ts'],
      alsoFails: because(STREAM_FIELD_UNREAD, 'req.stream.type'),
      alters: { body: (body, call) => (call.path === '/v1/messages' ? { ...(body as object), stream: false } : body) },
    },
    {
      id: 'stream-labelled-json',
      title: 'The server labels an event stream application/json.',
      level: 'MUST',
      caughtBy: ['stream.http.status-type'],
      alters: rewriteResponse((response) =>
        isStream(response)
          ? withHeaders(response, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
          : response,
      ),
    },
    {
      id: 'stream-status-201',
      title: 'An event stream has the status 201.',
      level: 'MUST',
      caughtBy: ['stream.http.status-type'],
      alters: rewriteResponse((response) => (isStream(response) ? withHeaders(response, {}, 201) : response)),
    },
    {
      id: 'stream-held-back',
      title: 'The server collects the whole stream and sends it in one write at the end.',
      level: 'MUST',
      caughtBy: ['stream.frame.incremental'],
      sequential: true,
      alters: {
        async *bytes(frames, call) {
          const parts: Uint8Array[] = [];
          for await (const frame of frames) parts.push(frame);
          await call.settings.sleep(2_000);
          yield new Uint8Array(Buffer.concat(parts));
        },
      },
    },
    {
      id: 'ping-unnamed',
      title: 'Pings have no `type` in their data.',
      level: 'SHOULD',
      caughtBy: ['stream.ping.shape'],
      alters: rewriteFrames((frame) => frame.replace('data: {"type":"ping"}', 'data: {}')),
    },
    {
      id: 'bytes-not-utf8',
      title: 'The first frame of a stream has a byte that is not UTF-8.',
      level: 'MUST',
      caughtBy: ['stream.frame.utf8-no-bom', 'http.utf8.roundtrip'],
      alters: {
        async *bytes(frames) {
          let first = true;
          for await (const frame of frames) {
            if (!first) yield frame;
            else yield new Uint8Array([...encoder.encode(': '), 0xff, ...encoder.encode('\n'), ...frame]);
            first = false;
          }
        },
      },
    },
    {
      id: 'stream-cacheable',
      title: 'Streams have neither cache-control nor x-accel-buffering.',
      level: 'MAY',
      mutant: 'HD-k',
      reports: ['HD-24'],
      caughtBy: [],
      undetectable:
        'This is advice for servers after a buffering proxy; no source requires it, and stream.frame.incremental catches what it prevents.',
      alters: rewriteHeaders((response) =>
        isStream(response) ? { 'cache-control': null, 'x-accel-buffering': null } : null,
      ),
    },
    {
      id: 'silent-stream',
      title: 'The server sends nothing for six minutes in the middle of a stream.',
      level: 'MUST',
      mutant: 'TO-a',
      reports: ['TO-01', 'TO-02', 'TO-03', 'TO-04', 'TO-05', 'TO-06', 'TO-07'],
      caughtBy: ['stream.ping.silence'],
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
      title: 'The connection stays open after `message_stop`.',
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
      title: 'The server keeps the connection alive with comments only, never with a ping.',
      level: 'MAY',
      mutant: 'TO-e',
      reports: ['TO-15'],
      caughtBy: [],
      undetectable: 'Comments keep a connection alive as pings do; both are legal, and the protocol requires neither.',
      alters: {
        ...rewriteEventsOf('ping', () => []),
        async *bytes(frames) {
          for await (const frame of frames) {
            yield frame;
            yield encoder.encode(': keep-alive\n\n');
          }
        },
      },
    },
  ],
};

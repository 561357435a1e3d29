import { gzipSync } from 'node:zlib';
import { eachFrame, isStream, responses, withBody, withHeaders, without } from './alter.js';
import type { FaultFamily } from './fault.js';
import { because, CUT_STREAMS_ALIKE, FRAMES_LOST, STREAM_UNREAD, UNREADABLE } from './reasons.js';

const encoder = new TextEncoder();

/** Replaces the bytes of the first frame that holds a sign beyond ASCII by two frames that divide it. */
function dividedCharacter(frame: string): string[] {
  const match = /^(event: content_block_delta\ndata: .*"text":")(.*)("\}\})\n\n$/s.exec(frame);
  const at = match ? [...match[2]!].findIndex((sign) => sign.codePointAt(0)! > 0x7f) : -1;
  if (!match || at < 0) return [frame];
  const text = [...match[2]!];
  const head = `${match[1]}${text.slice(0, at).join('')}\uFFFD${match[3]}\n\n`;
  const tail = `${match[1]}\uFFFD${text.slice(at + 1).join('')}${match[3]}\n\n`;
  return [head, tail];
}

export const framing: FaultFamily = {
  name: 'framing',
  title: 'the bytes of a stream: lines, frames, characters, compression, its end',
  faults: [
    {
      id: 'event-names-missing',
      title: 'Frames have no event line, only data.',
      level: 'MUST',
      mutant: 'EN-a',
      reports: ['EN-01', 'EN-02'],
      caughtBy: ['stream.frame.event-name', 'stream.sdk.ts'],
      alters: eachFrame((frame) => frame.replace(/^event: .*\n/, '')),
    },
    {
      id: 'event-name-message',
      title: 'Every event is named "message".',
      level: 'MUST',
      caughtBy: ['stream.frame.name-equals-type'],
      alters: eachFrame((frame) => frame.replace(/^event: .*\n/, 'event: message\n')),
    },
    {
      id: 'data-without-type',
      title: 'The data of events has no type; only their names tell it.',
      level: 'MUST',
      caughtBy: ['stream.frame.name-equals-type', 'stream.sdk.ts'],
      alsoFails: because(FRAMES_LOST, 'stream.ping.shape'),
      alters: eachFrame((frame) =>
        frame.replace(
          /^data: (.*)$/m,
          (_line, json: string) => `data: ${JSON.stringify(without(JSON.parse(json), 'type'))}`,
        ),
      ),
    },
    {
      id: 'data-cut',
      title: 'The data of content_block_stop is cut in the middle of its JSON.',
      level: 'MUST',
      caughtBy: ['stream.frame.json', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alters: eachFrame((frame) =>
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
      alsoFails: because(FRAMES_LOST, 'stream.order.block-stop'),
      alters: eachFrame((frame) =>
        frame.startsWith('event: content_block_stop') ? 'event: content_block_stop\n\n' : frame,
      ),
    },
    {
      id: 'data-on-two-lines',
      title: 'The JSON of an event is broken into two lines of which the second has no field name.',
      level: 'MUST',
      caughtBy: ['stream.frame.json', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alsoFails: because(CUT_STREAMS_ALIKE, 'stream.tool.truncated'),
      alters: eachFrame((frame) =>
        frame.startsWith('event: message_delta') ? frame.replace(',"delta"', ',\n"delta"') : frame,
      ),
    },
    {
      id: 'blank-before-data',
      title: 'A blank stands before the field name data, so that the field is none.',
      level: 'MUST',
      mutant: 'EN-e',
      reports: ['EN-11'],
      caughtBy: ['stream.frame.json', 'stream.sdk.ts'],
      alsoFails: because(FRAMES_LOST, 'stream.ping.shape', 'stream.order.message-start-first'),
      alters: eachFrame((frame) => frame.replace('\ndata:', '\n data:')),
    },
    {
      id: 'last-frame-open',
      title: 'The last frame ends without its empty line.',
      level: 'MUST',
      caughtBy: ['stream.frame.blank-line', 'stream.sdk.ts'],
      alters: eachFrame((frame, index, count) => (index === count - 1 ? frame.replace(/\n\n$/, '\n') : frame)),
    },
    {
      id: 'frames-run-together',
      title: 'No empty line stands between frames.',
      level: 'MUST',
      caughtBy: ['stream.frame.blank-line', 'stream.sdk.ts'],
      alsoFails: because(FRAMES_LOST, 'stream.order.message-start-first', 'stream.order.message-delta-present'),
      alters: eachFrame((frame) => frame.replace(/\n\n$/, '\n')),
    },
    {
      id: 'byte-order-mark',
      title: 'A stream starts with a byte order mark.',
      level: 'MUST',
      mutant: 'EN-g',
      caughtBy: ['stream.frame.utf8-no-bom'],
      alters: eachFrame((frame, index) => (index === 0 ? `\uFEFF${frame}` : frame)),
    },
    {
      id: 'characters-divided',
      title: 'A character is divided between two events, so that both hold a replacement character.',
      level: 'MUST',
      mutant: 'EN-c',
      reports: ['EN-09'],
      caughtBy: ['stream.frame.utf8-no-bom', 'http.utf8.roundtrip'],
      alters: eachFrame((frame) => dividedCharacter(frame)),
    },
    {
      id: 'latin-1',
      title: 'Streams and replies are encoded as Latin-1.',
      level: 'MUST',
      caughtBy: ['stream.frame.utf8-no-bom', 'http.utf8.roundtrip'],
      alters: responses(async (response) => {
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
      alters: eachFrame((frame) => frame.replaceAll('\n', '\r')),
    },
    {
      id: 'compressed-unlabelled',
      title: 'Bodies are compressed without saying so.',
      level: 'MUST',
      mutant: 'HD-i',
      reports: ['HD-21'],
      caughtBy: ['http.response.single-object', 'http.post.messages', 'stream.sdk.ts'],
      alsoFails: because(
        UNREADABLE,
        'stream.frame.utf8-no-bom',
        'stream.frame.lf',
        'stream.order.message-start-first',
        'stream.error.pre-stream',
        'err.envelope.type',
        'files.upload',
        'count.basic',
        'models.list.shape',
        'batch.create',
        'batch.object.shape',
        'batch.list',
      ),
      alters: responses(async (response) => {
        const bytes = new Uint8Array(await response.arrayBuffer());
        return bytes.length === 0 ? withBody(response, '') : withBody(response, new Uint8Array(gzipSync(bytes)));
      }),
    },
    {
      id: 'compression-mislabelled',
      title: 'Bodies are labelled as gzip and are not compressed.',
      level: 'MUST',
      mutant: 'HD-i',
      reports: ['HD-21'],
      caughtBy: ['http.post.messages', 'stream.sdk.ts'],
      alsoFails: because(
        UNREADABLE,
        'files.upload',
        'count.basic',
        'models.list.shape',
        'batch.create',
        'batch.object.shape',
        'batch.list',
      ),
      alters: responses((response) => (response.ok ? withHeaders(response, { 'content-encoding': 'gzip' }) : response)),
    },
    {
      id: 'stream-as-json',
      title: 'A request for a stream is answered with one JSON message.',
      level: 'MUST',
      mutant: 'HD-g',
      caughtBy: ['stream.http.status-type', 'stream.sdk.ts'],
      alsoFails: because(STREAM_UNREAD, 'req.stream.type', 'cite.stream.delta'),
      alters: { body: (body, call) => (call.path === '/v1/messages' ? { ...(body as object), stream: false } : body) },
    },
    {
      id: 'stream-labelled-json',
      title: 'An event stream is labelled application/json.',
      level: 'MUST',
      caughtBy: ['stream.http.status-type'],
      alters: responses((response) =>
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
      alters: responses((response) => (isStream(response) ? withHeaders(response, {}, 201) : response)),
    },
    {
      id: 'stream-unasked',
      title: 'A request without stream is answered with an event stream.',
      level: 'MUST',
      caughtBy: ['http.response.single-object'],
      alsoFails: because(STREAM_UNREAD, 'req.stream.type', 'sdk.ts.create'),
      alters: { body: (body, call) => (call.path === '/v1/messages' ? { ...(body as object), stream: true } : body) },
    },
    {
      id: 'stream-held-back',
      title: 'The whole stream is collected and sent in one piece at its end.',
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
      title: 'Pings have no type in their data.',
      level: 'SHOULD',
      caughtBy: ['stream.ping.shape'],
      alters: eachFrame((frame) => frame.replace('data: {"type":"ping"}', 'data: {}')),
    },
    {
      id: 'bytes-not-utf8',
      title: 'A byte that no UTF-8 text has stands in the first frame of a stream.',
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
  ],
};

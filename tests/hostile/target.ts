/** Targets that mean no good, as raw connections on loopback. */

import type { Socket } from 'node:net';
import { type RawServer, rawServer } from '../support/raw-server.js';

/** Answers one request, whose head and whatever of its body has arrived is given; `call` counts from 1. */
export type Answer = (socket: Socket, request: string, call: number) => void;

/** A server that answers every request in the same way; the test closes it. */
export function hostileTarget(answer: Answer): Promise<RawServer> {
  let calls = 0;
  return rawServer((socket, request) => {
    calls += 1;
    answer(socket, request.slice(request.lastIndexOf('POST /')), calls);
  });
}

export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nrequest-id: req_1\r\n\r\n';
export const JSON_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nrequest-id: req_1\r\n\r\n';

/** A chunk of chunked transfer coding. */
export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
export const LAST_CHUNK = '0\r\n\r\n';

/** A whole answer with its length. */
export function whole(body: string | Buffer, head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(`${head}content-length: ${bytes.length}\r\n\r\n`), bytes]);
}

export const event = (data: { type: string; [key: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** The beginning of a legal stream, as far as its first block. */
export const STREAM_START =
  event({
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 7, output_tokens: 1 },
    },
  }) + event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });

export const STREAM_END =
  event({ type: 'content_block_stop', index: 0 }) +
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 2 },
  }) +
  event({ type: 'message_stop' });

export const textDelta = (text: string): string =>
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });

/** Whether a request asks for a stream. */
export const wantsStream = (request: string): boolean => /"stream":\s*true/.test(request);

/** Writes the same piece, again and again, as fast as the other side reads: up to so many times, or as long as it lives. */
export function flood(socket: Socket, piece: string | Buffer, times = Number.POSITIVE_INFINITY, last = ''): void {
  const bytes = Buffer.from(piece as string);
  let left = times;
  const more = () => {
    while (!socket.destroyed && left > 0) {
      left -= 1;
      if (!socket.write(bytes)) return;
    }
    socket.off('drain', more);
    if (last !== '') socket.write(last);
  };
  socket.on('drain', more);
  more();
}

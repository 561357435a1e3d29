/**
 * The judges' view of an incomplete record: reading a part that it lacks throws `NotRecorded`, so that a judge that needs this part
 * says nothing instead of taking an absence of the record for one of the response.
 */

import {
  type Exchange,
  type Frame,
  NotRecorded,
  type ReceivedResponse,
  type RecordPart,
  type StreamReading,
} from '../../core/exchange.js';

/** Headers about one connection, which records of HTTP/2, or of a decoded body, do not have or have wrongly. */
const FRAMING = ['transfer-encoding', 'content-length', 'content-encoding', 'connection'];

type Lacks = ReadonlySet<RecordPart>;

export function guarded(exchange: Exchange, lacks: Lacks): Exchange {
  let stream: StreamReading | null | undefined;
  const { request } = exchange;
  const own = {
    header(name: string): string | null {
      need(lacks, 'head');
      if (FRAMING.includes(name.toLowerCase())) need(lacks, 'framing');
      return exchange.header(name);
    },
    get apiVersion() {
      need(lacks, 'request');
      return exchange.apiVersion;
    },
    get sent() {
      need(lacks, 'request');
      return exchange.sent;
    },
    get bytes() {
      need(lacks, 'bytes');
      return exchange.bytes;
    },
    get stream() {
      if (stream === undefined) stream = exchange.stream && guardedStream(exchange.stream, lacks);
      return stream;
    },
    request: {
      method: request.method,
      url: request.url,
      get headers() {
        need(lacks, 'request');
        return request.headers;
      },
      get body() {
        need(lacks, 'request');
        return request.body;
      },
    },
    response: exchange.response && guardedResponse(exchange.response, lacks),
  };
  return overlaid(exchange, own);
}

function need(lacks: Lacks, part: RecordPart): void {
  if (lacks.has(part)) throw new NotRecorded(part);
}

function guardedResponse(response: ReceivedResponse, lacks: Lacks): ReceivedResponse {
  return overlaid(response, {
    get headers() {
      need(lacks, 'head');
      return response.headers;
    },
    get chunks() {
      need(lacks, 'timing');
      return response.chunks;
    },
    get headersMs() {
      need(lacks, 'timing');
      return response.headersMs;
    },
    get endMs() {
      need(lacks, 'timing');
      return response.endMs;
    },
  });
}

function guardedStream(stream: StreamReading, lacks: Lacks): StreamReading {
  if (!lacks.has('timing') && !lacks.has('bytes')) return stream;
  const frames = new Map(stream.frames.map((frame) => [frame, guardedFrame(frame, lacks)]));
  return overlaid(stream, {
    frames: [...frames.values()],
    events: stream.events.map((event) => ({ ...event, frame: frames.get(event.frame) ?? event.frame })),
    get bom() {
      need(lacks, 'bytes');
      return stream.bom;
    },
    get invalidUtf8At() {
      need(lacks, 'bytes');
      return stream.invalidUtf8At;
    },
  });
}

const guardedFrame = (frame: Frame, lacks: Lacks): Frame =>
  overlaid(frame, {
    get atMs() {
      need(lacks, 'timing');
      return frame.atMs;
    },
  });

/** An object with some of its properties defined anew. Getters stay getters. */
function overlaid<T extends object>(base: T, own: Partial<T>): T {
  return Object.create(null, {
    ...Object.getOwnPropertyDescriptors(base),
    ...Object.getOwnPropertyDescriptors(own),
  }) as T;
}

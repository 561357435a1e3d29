/** Legal ways to rewrite streams and bodies, for variants. */

import { isStream } from '../alterations/stream.js';
import { nextTurn } from '../next-turn.js';
import { toBody } from '../sse.js';
import type { Alterations, Call } from '../stages.js';

/** The two fields of a frame. */
export interface FrameParts {
  event: string;
  /** JSON on one line. */
  data: string;
}

const FRAME = /^event: (.*)\ndata: (.*)\n\n$/;

/** Rewrites each frame of a stream; `index` counts from 0. */
export function framed(write: (frame: FrameParts, index: number) => string): Alterations {
  return {
    frames: (frames) =>
      frames.map((frame, index) => {
        const [, event = '', data = ''] = FRAME.exec(frame)!;
        return write({ event, data }, index);
      }),
  };
}

/** Adds frames before and after those of a stream. */
export function around(before: readonly string[], after: readonly string[] = []): Alterations {
  return { frames: (frames) => [...before, ...frames, ...after] };
}

/** Splits the bytes of a stream into other writes: what `divide` yields. */
export function divided(divide: (frames: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Alterations {
  return { bytes: (frames) => divide(frames) };
}

/** Sends JSON bodies in writes of `size` bytes. */
export function dribbled(size: number): Alterations {
  return {
    response(response) {
      if (response.body === null || isStream(response)) return response;
      const headers = new Headers(response.headers);
      headers.set('transfer-encoding', 'chunked');
      const { status, body } = response;
      return new Response(toBody(inPieces(body as unknown as AsyncIterable<Uint8Array>, size)), { status, headers });
    },
  };
}

/** Pieces after which the event loop turns, so that the client reads while the rest is being written. */
const AT_A_TIME = 256;

/** The same bytes in pieces of one size. */
export async function* inPieces(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array();
  let count = 0;
  for await (const chunk of chunks) {
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    let start = 0;
    for (; start + size <= joined.length; start += size) {
      yield joined.subarray(start, start + size);
      count += 1;
      if (count % AT_A_TIME === 0) await nextTurn();
    }
    rest = joined.slice(start);
  }
  if (rest.length > 0) yield rest;
}

/** Rewrites every JSON text: bodies, errors and the data of events. */
export function spelled(spell: (json: string) => string): Alterations {
  return {
    ...framed(({ event, data }) => `event: ${event}\ndata: ${spell(data)}\n\n`),
    async response(response) {
      if (!response.headers.get('content-type')?.startsWith('application/json')) return response;
      const json = await response.text();
      // A response to HEAD has the headers of a body, and no body.
      return new Response(json && spell(json), { status: response.status, headers: response.headers });
    },
  };
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Delays the first byte of responses. */
export function late(milliseconds: number, which: (call: Call) => boolean = () => true): Alterations {
  return {
    async response(response, call) {
      if (!which(call)) return response;
      await pause(milliseconds);
      return new Response(response.body, response);
    },
  };
}

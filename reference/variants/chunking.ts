import { nextTurn } from '../next-turn.js';
import { divided, dribbled, inPieces, pause } from './rewrite.js';
import type { Variant, VariantFamily } from './variant.js';

const source = ['X'];

const inWritesOf = (size: number): Variant['alters'] => divided((frames) => inPieces(frames, size));

/** Joins frames into writes of `count` frames. */
async function* joined(frames: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  for await (const frame of frames) {
    held.push(frame);
    if (held.length < count) continue;
    yield Buffer.concat(held);
    held = [];
  }
  if (held.length > 0) yield Buffer.concat(held);
}

export const chunking: VariantFamily = {
  name: 'chunking',
  title: 'where the writes of a body begin and end',
  variants: [
    {
      id: 'one-byte-a-write',
      title: 'The server sends a stream byte by byte.',
      source,
      alters: inWritesOf(1),
    },
    {
      id: 'json-one-byte-a-write',
      title: 'The server sends JSON bodies byte by byte, without a length.',
      source,
      alters: dribbled(1),
    },
    {
      id: 'writes-of-seven-bytes',
      title: 'The server sends a stream in writes of seven bytes, which split characters and frames.',
      source,
      alters: inWritesOf(7),
    },
    {
      id: 'writes-of-one-packet',
      title: 'The server sends a stream in writes of 1448 bytes, the size of a packet.',
      source,
      alters: inWritesOf(1448),
    },
    {
      id: 'one-line-a-write',
      title: 'Every line is a write of its own, including empty lines.',
      source,
      alters: divided(async function* (frames) {
        for await (const frame of frames) {
          for (const line of new TextDecoder().decode(frame).split(/(?<=\n)/)) {
            yield new TextEncoder().encode(line);
            await nextTurn();
          }
        }
      }),
    },
    {
      id: 'empty-line-late',
      title: 'The empty line that ends a frame comes with the next frame.',
      source,
      alters: divided(async function* (frames) {
        let owed = false;
        for await (const frame of frames) {
          yield Buffer.concat([Buffer.from(owed ? '\n' : ''), frame.subarray(0, -1)]);
          owed = true;
        }
        yield Buffer.from('\n');
      }),
    },
    {
      id: 'few-writes',
      title: 'The server sends five frames per write.',
      source,
      alters: divided((frames) => joined(frames, 5)),
    },
    {
      id: 'short-stream-in-one-write',
      title: 'A fast server sends a whole stream in one write, immediately.',
      source,
      alters: divided((frames) => joined(frames, Number.POSITIVE_INFINITY)),
    },
    {
      id: 'pauses-in-mid-stream',
      title: 'A stream pauses for 60 ms before its end, without a ping.',
      source: ['D:advisor'],
      alters: divided(async function* (frames) {
        for await (const frame of frames) {
          if (new TextDecoder().decode(frame).startsWith('event: message_delta')) await pause(60);
          yield frame;
        }
      }),
    },
  ],
};

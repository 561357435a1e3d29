/** `node sse.mjs own|client`: prints how many events of a stream are read in a second of CPU, warm. */

import { Stream } from '@anthropic-ai/sdk/streaming.js';
import { readExchange } from '../../dist/runner/read/read.js';
import { eventsOf } from './traffic.mjs';

const DELTAS = 5000;
const WARM = 6;
const COUNTED = 30;

const events = eventsOf(DELTAS);
const text = events.join('');
const bytes = Buffer.from(text);

/** Pieces as a socket delivers them when a server sends as fast as it can. */
const PIECE = 64 * 1024;
const pieces = Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, index) =>
  bytes.subarray(index * PIECE, (index + 1) * PIECE),
);

const recorded = () => ({
  request: { method: 'POST', url: 'http://127.0.0.1/v1/messages', headers: {}, body: null },
  response: {
    status: 200,
    headers: [['content-type', 'text/event-stream']],
    body: text,
    bodyEncoding: 'utf8',
    chunks: pieces.map(({ length }, index) => ({ bytes: length, atMs: index })),
  },
  failure: null,
});

const READERS = {
  /** All events with their frames, offsets and arrival, and the message that they add up to. */
  own: () => readExchange(recorded()).stream.events.length,
  client: async () => {
    const response = new Response(ReadableStream.from(pieces), { headers: { 'content-type': 'text/event-stream' } });
    let count = 0;
    for await (const _ of Stream.fromSSEResponse(response, new AbortController())) count += 1;
    return count;
  },
};

const read = READERS[process.argv[2]];
const times = async (count) => {
  for (let index = 0; index < count; index += 1)
    if ((await read()) !== events.length) throw new Error(`${process.argv[2]} does not read all events`);
};
await times(WARM);
const before = process.cpuUsage();
await times(COUNTED);
const { user, system } = process.cpuUsage(before);
console.log((COUNTED * events.length) / ((user + system) / 1e6));

import type { ServerResponse } from 'node:http';
import { nextTurn } from './next-turn.js';
import type { Reply } from './reply.js';
import { Frames } from './sse.js';

/** Writes a reply without the detour over a web standard `Response`. A client that goes away stops its stream. */
export async function write({ status, headers, body }: Reply, response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  if (typeof body === 'string' || body === null) {
    response.writeHead(status, body === null ? headers : { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body ?? undefined);
    return;
  }
  response.writeHead(status, headers);
  if (body instanceof Frames && body.isAtOnce) return writeAtOnce(body.frames, response);
  const pieces = body[Symbol.asyncIterator]();
  response.once('close', () => void pieces.return?.());
  try {
    for (;;) {
      const { done, value } = await pieces.next();
      if (response.destroyed) return;
      if (done) break;
      if (!response.write(value)) await room(response);
    }
    response.end();
  } catch {
    // A stream that cannot be finished ends as a truncated body.
    response.destroy();
  }
}

/** The first frames are sent one by one, as a model that starts to write does; later ones in bunches, which is a third of the CPU. */
const ONE_BY_ONE = 3;
const BUNCH = 8;

/** Other requests get their turn in between, and a client that does not read stops its stream. */
async function writeAtOnce(frames: readonly string[], response: ServerResponse): Promise<void> {
  for (const [index, frame] of frames.entries()) {
    if (!response.write(frame)) await room(response);
    else if (index < ONE_BY_ONE || index % BUNCH === 0) await nextTurn();
    if (response.destroyed) return;
  }
  response.end();
}

/** Resolves when the client has read what was written, or has gone. */
const room = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });

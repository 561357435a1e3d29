import { nextTurn } from './next-turn.js';
import type { StreamEvent } from './wire.js';

/** The usual wait between two frames; without a time other requests get their turn. */
export function sleep(milliseconds: number): Promise<void> {
  return milliseconds === 0 ? nextTurn() : new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** One event as a frame of `text/event-stream`: its name, its data on one line, the empty line that dispatches it. */
export function toFrame(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Encodes one frame after another and waits between them, so that each frame is a write of its own. */
async function* paced(
  frames: readonly string[],
  paceMs: number,
  sleep: (milliseconds: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const [index, frame] of frames.entries()) {
    if (index > 0) await sleep(paceMs);
    yield encoder.encode(frame);
  }
}

/** The frames of a stream, one write each. */
export class Frames implements AsyncIterable<Uint8Array> {
  /** @param settings `sleep` waits `paceMs` between two frames. */
  constructor(
    readonly frames: readonly string[],
    private readonly settings: { paceMs: number; sleep: (milliseconds: number) => Promise<void> },
  ) {}

  /** Nothing waits between them. */
  get isAtOnce(): boolean {
    return this.settings.paceMs === 0 && this.settings.sleep === sleep;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    return paced(this.frames, this.settings.paceMs, this.settings.sleep);
  }
}

/** A body that produces chunks only while the client reads, and stops when the client disconnects. */
export function toBody(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

import type { StreamEvent } from './wire.js';

/** One event as a frame of `text/event-stream`: its name, its data on one line, the empty line that dispatches it. */
export function toFrame(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Encodes one frame after another and waits between them, so that each frame is a write of its own. */
export async function* paced(
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

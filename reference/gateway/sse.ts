/** Reads the events of an upstream's stream as they come. */

import { createParser } from 'eventsource-parser';

export interface UpstreamEvent {
  event: string | null;
  data: string;
}

/** Throws what the connection fails with. */
export async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<UpstreamEvent> {
  let ready: UpstreamEvent[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => ready.push({ event: event ?? null, data }) });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    const batch = ready;
    ready = [];
    yield* batch;
  }
}

export const frameOf = (event: { type?: unknown }): string =>
  `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;

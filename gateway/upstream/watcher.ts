/** Counts what a client has got of a streamed answer so far, while it comes. */

import { createParser, type EventSourceParser } from 'eventsource-parser';
import { asString, get, type Json } from '../../core/json.js';
import { visibleCharacters } from '../dialects/steps.js';

export class Watcher {
  /** Visible characters of text, thinking and arguments. */
  private content = 0;
  private readonly waiting = new Set<{ content: number; resolve: () => void }>();
  private readonly parser: EventSourceParser;
  private readonly decoder = new TextDecoder();

  constructor() {
    this.parser = createParser({ onEvent: ({ data }) => this.take(data) });
  }

  /** The next bytes that the client got. */
  feed(bytes: Uint8Array): void {
    this.parser.feed(this.decoder.decode(bytes, { stream: true }));
  }

  /** Resolves when the client has this many visible characters, or more. */
  seen(content: number): Promise<void> {
    if (this.content >= content) return Promise.resolve();
    return new Promise((resolve) => this.waiting.add({ content, resolve }));
  }

  private take(data: string): void {
    let event: Json;
    try {
      event = JSON.parse(data) as Json;
    } catch {
      return;
    }
    const delta = get(event, 'delta');
    for (const key of ['text', 'thinking', 'partial_json'])
      this.content += visibleCharacters(asString(get(delta, key)));
    for (const one of this.waiting) {
      if (this.content < one.content) continue;
      this.waiting.delete(one);
      one.resolve();
    }
  }
}

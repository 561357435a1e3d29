/** Alterations of streams: their events and their frames. */

import type { Alterations, Call } from '../stages.js';
import type { JsonObject, Message, StreamEvent } from '../wire.js';

export interface EventPlace {
  index: number;
  events: readonly StreamEvent[];
  call: Call;
}

/** Replaces all events of a stream. The result need not conform: that is the purpose. */
export function rewriteEvents(change: (events: StreamEvent[], call: Call) => readonly object[]): Alterations {
  return { events: (events, call) => change(events, call) as StreamEvent[] };
}

/** Replaces every event of a stream by another one, by several, or by none (an empty list). */
export function rewriteEachEvent(
  change: (event: StreamEvent, place: EventPlace) => object | readonly object[],
): Alterations {
  return rewriteEvents((events, call) => events.flatMap((event, index) => change(event, { index, events, call })));
}

/** Replaces the events of one type. */
export function rewriteEventsOf<Type extends StreamEvent['type']>(
  type: Type,
  change: (event: Extract<StreamEvent, { type: Type }>, place: EventPlace) => object | readonly object[],
): Alterations {
  return rewriteEachEvent((event, place) =>
    event.type === type ? change(event as Extract<StreamEvent, { type: Type }>, place) : event,
  );
}

/** Replaces the message inside `message_start`. */
export function rewriteStart(change: (message: Message) => object): Alterations {
  return rewriteEventsOf('message_start', (event) => ({ ...event, message: change(event.message) }));
}

/** Replaces the frames of a stream, each a string that ends with its empty line. */
export function rewriteFrames(change: (frame: string, index: number, count: number) => string | string[]): Alterations {
  return { frames: (frames) => frames.flatMap((frame, index) => change(frame, index, frames.length)) };
}

/** Whether a response is an event stream. */
export const isStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;

/** Indices of the tool calls of a stream. */
export function toolIndexes(events: readonly StreamEvent[]): Set<number> {
  return new Set(
    events.flatMap((event) =>
      event.type === 'content_block_start' && event.content_block.type === 'tool_use' ? [event.index] : [],
    ),
  );
}

/** Replaces what the deltas of one type add up to in each block. It is sent in pieces of 20 characters, before the block ends. */
function rewriteJoined(
  type: 'text_delta' | 'input_json_delta',
  member: 'text' | 'partial_json',
  change: (whole: string, index: number, events: readonly StreamEvent[]) => string,
): Alterations {
  return rewriteEvents((events) => {
    const wholes = new Map<number, string>();
    return events.flatMap((event): object[] => {
      if (event.type === 'content_block_delta' && event.delta.type === type) {
        const { [member]: piece } = event.delta as unknown as JsonObject;
        wholes.set(event.index, `${wholes.get(event.index) ?? ''}${piece}`);
        return [];
      }
      const whole = event.type === 'content_block_stop' ? wholes.get(event.index) : undefined;
      if (event.type !== 'content_block_stop' || whole === undefined) return [event];
      const { index } = event;
      const pieces = change(whole, index, events).match(/[\s\S]{1,20}/gu) ?? [];
      const deltas = pieces.map((piece) => ({ type: 'content_block_delta', index, delta: { type, [member]: piece } }));
      return [...deltas, event];
    });
  });
}

/** Replaces the input of each tool call of a stream, `index` counted from 0; fragments that are no JSON stay. */
export function rewriteStreamedInputs(change: (input: JsonObject, index: number) => JsonObject): Alterations {
  return rewriteJoined('input_json_delta', 'partial_json', (json, index, events) =>
    rewritten(json, (input) => change(input, [...toolIndexes(events)].indexOf(index))),
  );
}

function rewritten(json: string, change: (input: JsonObject) => JsonObject): string {
  try {
    return JSON.stringify(change(JSON.parse(json || '{}') as JsonObject));
  } catch {
    return json;
  }
}

/** Replaces the text of each text block of a stream as a whole. */
export const rewriteStreamedText = (change: (text: string) => string): Alterations =>
  rewriteJoined('text_delta', 'text', change);

/** Every text delta repeats all the text before it in its block. */
export const accumulatedText: Alterations = rewriteEvents((events) => {
  const texts = new Map<number, string>();
  return events.map((event) => {
    if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') return event;
    const text = (texts.get(event.index) ?? '') + event.delta.text;
    texts.set(event.index, text);
    return { ...event, delta: { type: 'text_delta', text } };
  });
});

/** Resets the connection after so many frames. */
export const resetAfter = (frames: number): Alterations => ({
  async *bytes(all) {
    let sent = 0;
    for await (const frame of all) {
      if (sent === frames) throw new Error('reset on purpose');
      sent += 1;
      yield frame;
    }
  },
});

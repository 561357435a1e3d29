import { rewriteEvents, rewriteEventsOf } from '../alterations/stream.js';
import type { Delta, StreamEvent } from '../wire.js';
import type { VariantFamily } from './variant.js';

type Change = (delta: Delta) => readonly Delta[];

/** Replaces each delta by several. */
const deltas = (change: Change) =>
  rewriteEventsOf('content_block_delta', (event) => change(event.delta).map((delta) => ({ ...event, delta })));

/** Splits a delta into several of its type. */
const parts = (split: (text: string) => readonly string[]): Change => {
  return (delta) => {
    if (delta.type === 'text_delta') return split(delta.text).map((text) => ({ ...delta, text }));
    if (delta.type === 'thinking_delta') return split(delta.thinking).map((thinking) => ({ ...delta, thinking }));
    if (delta.type === 'input_json_delta') {
      return split(delta.partial_json).map((partial_json) => ({ ...delta, partial_json }));
    }
    return [delta];
  };
};

const isCall = (events: readonly StreamEvent[], index: number): boolean =>
  events.some(
    (event) => event.type === 'content_block_start' && event.index === index && event.content_block.type === 'tool_use',
  );

/** The whole input of each call in one fragment, written by `write`. */
function callsInOne(write: (json: string) => readonly string[]) {
  return rewriteEvents((events) =>
    events.flatMap<object>((event) => {
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') return [];
      if (event.type !== 'content_block_stop' || !isCall(events, event.index)) return [event];
      const json = events
        .flatMap((other) =>
          other.type === 'content_block_delta' && other.index === event.index && other.delta.type === 'input_json_delta'
            ? [other.delta.partial_json]
            : [],
        )
        .join('');
      const fragments = write(json).map((partial_json) => ({
        type: 'content_block_delta',
        index: event.index,
        delta: { type: 'input_json_delta', partial_json },
      }));
      return [...fragments, event];
    }),
  );
}

/** JSON with spaces and line breaks; truncated JSON stays as it is. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

export const deltaFamily: VariantFamily = {
  name: 'deltas',
  title: 'how blocks and token counts are split between events',
  variants: [
    {
      id: 'one-character-a-delta',
      title: 'Every delta has one character.',
      source: ['D:stream'],
      alters: deltas(parts((text) => (text === '' ? [''] : [...text]))),
    },
    {
      id: 'empty-deltas',
      title: 'Empty deltas come between the others.',
      source: ['D:stream'],
      alters: deltas(parts((text) => ['', text, ''])),
    },
    {
      id: 'no-empty-deltas',
      title: 'No delta is empty: a call without arguments has no delta.',
      source: ['D:stream', 'X'],
      alters: deltas(parts((text) => (text === '' ? [] : [text]))),
    },
    {
      id: 'no-arguments-as-braces',
      title: 'A call without arguments sends {} in one fragment.',
      source: ['X', 'D:fgts'],
      alters: rewriteEvents((events) =>
        events.flatMap<object>((event) => {
          if (event.type !== 'content_block_stop' || !isCall(events, event.index)) return [event];
          const sent = events.some(
            (other) =>
              other.type === 'content_block_delta' &&
              other.index === event.index &&
              other.delta.type === 'input_json_delta' &&
              other.delta.partial_json !== '',
          );
          const braces = { type: 'input_json_delta', partial_json: '{}' };
          const cut = events.some(
            (other) => other.type === 'message_delta' && other.delta.stop_reason === 'max_tokens',
          );
          return sent || cut ? [event] : [{ type: 'content_block_delta', index: event.index, delta: braces }, event];
        }),
      ),
    },
    {
      id: 'calls-with-indented-json',
      title: 'The arguments of a call are indented JSON, one character per fragment.',
      source: ['D:fgts'],
      alters: callsInOne((json) => (json === '' ? [] : [...indented(json)])),
    },
    {
      id: 'calls-in-one-fragment',
      title: 'The arguments of a call come in one fragment.',
      source: ['D:stream', 'D:fgts'],
      alters: callsInOne((json) => [json]),
      warns: { 'stream.tool.fragmented': 'long arguments should arrive while the model writes them' },
    },
    {
      id: 'usage-told-twice',
      title: '`message_delta` comes twice: first with the token counts so far, then with the stop reason.',
      source: ['D:stream', 'T:acc'],
      alters: rewriteEventsOf('message_delta', (event) => [
        {
          type: 'message_delta',
          delta: { stop_reason: null, stop_sequence: null },
          usage: { output_tokens: Math.ceil(event.usage.output_tokens / 2) },
        },
        event,
      ]),
    },
    {
      id: 'message-delta-repeated',
      title: '`message_delta` comes three times with the same content.',
      source: ['D:stream', 'T:acc'],
      alters: rewriteEventsOf('message_delta', (event) => [event, event, event]),
    },
    {
      id: 'cut-call-without-stop',
      title: 'A call that `max_tokens` truncates has no `content_block_stop`, as in a recorded stream.',
      source: ['F'],
      alters: rewriteEvents((events) => {
        const cut = events.some((event) => event.type === 'message_delta' && event.delta.stop_reason === 'max_tokens');
        const last = events.findLast((event) => event.type === 'content_block_stop');
        return events.filter((event) => !(cut && event === last && isCall(events, event.index)));
      }),
    },
    {
      id: 'citations-before-text',
      title: 'The citations of a text block come before its text.',
      source: ['D:cite'],
      alters: rewriteEvents((events) => {
        const isCitation = (event: StreamEvent): boolean =>
          event.type === 'content_block_delta' && event.delta.type === 'citations_delta';
        return events.flatMap((event) => {
          if (isCitation(event)) return [];
          if (event.type !== 'content_block_start') return [event];
          return [
            event,
            ...events.filter((other) => isCitation(other) && 'index' in other && other.index === event.index),
          ];
        });
      }),
    },
  ],
};

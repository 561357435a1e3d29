/** Random legal messages and streams, for property tests. */

import fc from 'fast-check';
import type { JsonObject } from '../../core/json.js';
import { events, message } from './exchange.js';

/**
 * Text of any code points. fast-check's own unit `binary` builds a table of a million characters, which takes as long as a hundred runs.
 */
export const anyText = fc.string({
  unit: fc.nat(0x10_ffff - 0x800).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800)),
});

const words = fc.string({ unit: 'grapheme', maxLength: 12 });
const input = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((key) => key !== '__proto__'),
  fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 })),
  { maxKeys: 3 },
);

const block: fc.Arbitrary<JsonObject> = fc.oneof(
  words.map((text): JsonObject => ({ type: 'text', text })),
  fc.tuple(words, words).map(
    ([text, cited]): JsonObject => ({
      type: 'text',
      text,
      citations: [
        {
          type: 'char_location',
          cited_text: cited,
          document_index: 0,
          document_title: null,
          start_char_index: 0,
          end_char_index: 1,
        },
      ],
    }),
  ),
  fc.tuple(words, words).map(([thinking, signature]): JsonObject => ({ type: 'thinking', thinking, signature })),
  words.map((data): JsonObject => ({ type: 'redacted_thinking', data })),
  fc
    .tuple(fc.constantFrom('tool_use', 'server_tool_use'), fc.uuid(), input)
    .map(([type, id, value]): JsonObject => ({ type, id, name: 'get_weather', input: value })),
);

/** A legal message of up to four blocks. */
const legalMessage: fc.Arbitrary<JsonObject> = fc
  .array(block, { maxLength: 4 })
  .map((content) =>
    message({ content, stop_reason: content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn' }),
  );

/** Events that are legal anywhere. */
const filler: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  { type: 'ping' },
  { type: 'news_of_next_year', anything: [1] },
);

/** The events of a legal stream without filler, with the message that they add up to. */
export const legalStream: fc.Arbitrary<{ message: JsonObject; events: JsonObject[] }> = fc
  .tuple(legalMessage, fc.integer({ min: 1, max: 8 }))
  .map(([reply, piece]) => ({ message: reply, events: events(reply, piece) }));

/** Events with filler strewn in between. */
export const withFiller = (list: readonly JsonObject[]): fc.Arbitrary<JsonObject[]> =>
  fc
    .array(fc.tuple(fc.nat(list.length), filler), { maxLength: 4 })
    .map((strewn) => list.flatMap((event, at) => [...strewn.filter(([to]) => to === at).map(([, one]) => one), event]));

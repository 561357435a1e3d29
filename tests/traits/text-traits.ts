/** Sizes by classes, and what texts hold, by place. */

import { asString, get, type JsonObject } from '../../core/json.js';
import { blocksOf, list } from './body-traits.js';
import type { Trait } from './kinds.js';

/** Characters from which on a text counts as of a class. */
const LENGTHS = [1_000, 4_000, 10_000, 18_000, 25_000];
/** The same for numbers of messages and tools. */
const COUNTS = [2, 8, 16, 24, 50];

/** Every class that a size reaches: what takes 18,000 characters takes 1,000. */
export const classes = (what: string, size: number, bounds: readonly number[]): Trait[] =>
  bounds.filter((bound) => size >= bound).map((bound): Trait => `size ${what} >= ${bound}`);

interface Text {
  place: string;
  text: string;
}

function textsOf(body: JsonObject): Text[] {
  return [
    ...blocksOf(body.system).map((block) => ({ place: 'system', text: asString(block.text) })),
    ...list(body.tools).map((tool) => ({ place: 'description', text: asString(tool.description) })),
    ...list(body.messages).flatMap(({ role, content }) =>
      blocksOf(content).flatMap((block) =>
        block.type === 'tool_result'
          ? blocksOf(block.content).map((inner) => ({ place: 'tool_result', text: asString(inner.text) }))
          : [{ place: `${asString(role)} text`, text: asString(block.text) }],
      ),
    ),
  ];
}

export function sizeTraits(body: JsonObject): Trait[] {
  return [
    ...textsOf(body).flatMap(({ place, text }) => classes(place, text.length, LENGTHS)),
    ...classes('tools', list(body.tools).length, COUNTS),
    ...classes('messages', list(body.messages).length, COUNTS),
  ];
}

const CONTENTS: readonly [string, RegExp][] = [
  ['line breaks', /\n/],
  ['blank lines', /\n\n/],
  ['a line break first', /^\n/],
  ['a line break last', /\n$/],
  ['tabs', /\t/],
  ['quotes', /"/],
  ['angle brackets', /<[^>]*>/],
  ['characters beyond ASCII', /[^\0-\x7f]/],
];

export function textTraits(body: JsonObject): Trait[] {
  const ids = list(body.messages)
    .flatMap(({ content }) => blocksOf(content))
    .map((block) => asString(block.id));
  return [
    ...textsOf(body).flatMap(({ place, text }) =>
      CONTENTS.filter(([, pattern]) => pattern.test(text)).map(([name]): Trait => `text ${place} ${name}`),
    ),
    ...(ids.some((id) => id !== '' && !/^toolu_/.test(id)) ? (['call foreign id'] as const) : []),
    ...(get(body, 'stream') === undefined ? (['form stream absent'] as const) : []),
  ];
}

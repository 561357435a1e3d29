/** What in a request a model may be weak in, although it follows other prompts. */

import type { Exchange } from '../../core/exchange.js';
import type { Cooperation } from '../../core/fixture.js';
import { get, type Json } from '../../core/json.js';

/** How a reason names a prompt of each kind. */
export const KINDS = {
  image: 'with pictures',
  document: 'with documents',
  search_result: 'with search results',
  tool_result: 'with tool results',
  system: 'with a system prompt',
  later: 'with a later system message',
  history: 'with earlier messages',
  words: 'that ask for code words',
  foreign: 'with other characters than ASCII',
  long: 'of many characters',
} as const;
export type Kind = keyof typeof KINDS;

/**
 * What models are weak in that follow everything else: then a few prompts that one followed at once say little. Of the others there are
 * many, and a model that misses some of them takes a second try for one.
 */
export const RARE: readonly Kind[] = ['image', 'document', 'later'];

/** Prompts from this length on, in characters of JSON, count as long. */
const LONG = 4_000;

/** A picture as base64 is long, too, and no text to read. */
const DATA = /"data":"[A-Za-z0-9+/=]{100,}"/g;

/** Code words of the suite are in capitals, such as PINEAPPLE and ZX81. */
const CODE_WORD = /[A-Z]{2}[A-Z0-9]{2}/;

/** The kinds of the prompt of an exchange; `asked`: what its fixture expects of the reply. */
export function kindsOf({ sent }: Exchange, asked: readonly (Cooperation | undefined)[]): Kind[] {
  const messages = get(sent, 'messages');
  if (!Array.isArray(messages)) return [];
  const types = new Set(messages.flatMap((message) => typesIn(get(message, 'content'))));
  const text = JSON.stringify(sent);
  const has: Readonly<Record<Kind, boolean>> = {
    image: types.has('image'),
    document: types.has('document'),
    search_result: types.has('search_result'),
    tool_result: types.has('tool_result'),
    system: get(sent, 'system') !== undefined,
    later: messages.some((message) => get(message, 'role') === 'system'),
    history: messages.length > 1,
    words: asked.some((cooperation) => CODE_WORD.test(cooperation?.text ?? '')),
    foreign: /[^\0-\x7f]/.test(text),
    long: text.replace(DATA, '').length > LONG,
  };
  return (Object.keys(KINDS) as Kind[]).filter((kind) => has[kind]);
}

/** The types of blocks, also of those in tool results. */
function typesIn(content: Json | undefined): Json[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((block) => [get(block, 'type') ?? null, ...typesIn(get(block, 'content'))]);
}

/** What a web search of the server found, where a request sends it back: the titles of its pages, and whether a reply repeats them. */

import type { Exchange } from './exchange.js';
import { get, isObject } from './json.js';
import { blocks, text } from './message.js';

/** Letters and digits only, as models copy them: titles have typographic quotes, dashes and several blanks. */
const plain = (written: string): string =>
  written
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** A shorter title, such as "Node.js", may come up without the result. */
const LEAST_LENGTH = 12;

const RESULT = 'web_search_tool_result';

/** The strings of a value, those of search results left out. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isObject(value) && value.type !== RESULT ? Object.values(value).flatMap(stringsIn) : [];
}

/** What only the search results of a request say. */
export interface OnlyFound {
  /** Titles that stand nowhere else in the request, as they were written. */
  titles: readonly string[];
  /** Longer words of these titles that stand nowhere else in it, in lower case. */
  words: readonly string[];
}

/** Words of fewer letters are in any reply. */
const LEAST_LETTERS = 5;

/** The titles that a model can only know from the search results in the history; citations and the words of the first reply name some. */
export function onlyFound(sent: unknown): OnlyFound {
  const messages = get(sent, 'messages');
  const found = (Array.isArray(messages) ? messages : [])
    .flatMap((message) => blocks(message, RESULT))
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .map((page) => get(page, 'title'))
    .filter((title) => typeof title === 'string');
  const elsewhere = plain(stringsIn(sent).join(' '));
  const titles = new Map(found.map((title) => [plain(title), title]));
  const hidden = [...titles.keys()].filter((title) => title.length >= LEAST_LENGTH && !elsewhere.includes(title));
  const known = new Set(elsewhere.split(' '));
  const words = new Set(hidden.flatMap((title) => title.split(' ')));
  return {
    titles: hidden.map((title) => titles.get(title)!),
    words: [...words].filter((word) => word.length >= LEAST_LETTERS && !known.has(word)),
  };
}

/**
 * Whether the reply to a request has at least half of the titles that only its search results say: a model guesses one of ten, not five.
 * `null` where the request has no such title.
 */
export function repeatsFound({ sent, message }: Pick<Exchange, 'sent' | 'message'>): boolean | null {
  const { titles } = onlyFound(sent);
  if (titles.length === 0) return null;
  const said = plain(text(message));
  return titles.filter((title) => said.includes(plain(title))).length * 2 >= titles.length;
}

/** Whether the reply has a word that only the search results of its request say. */
export function hintsAtFound({ sent, message }: Pick<Exchange, 'sent' | 'message'>): boolean {
  const said = new Set(plain(text(message)).split(' '));
  return onlyFound(sent).words.some((word) => said.has(word));
}

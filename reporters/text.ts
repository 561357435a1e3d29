/** Text of a target, made fit for one line; numbers, durations and wrapped paragraphs, the same in every text reporter. */

import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Finding, Place } from '../core/requirement.js';
import { shownName, stretches } from '../core/visible.js';

/** Longest piece of a target's text that a reporter quotes unless it says otherwise, in UTF-16 code units. */
const QUOTE_LENGTH = 400;

/** A text that is too long by no more than this is kept whole: the words that say what is missing would be longer. */
const SLACK = 24;

/**
 * A text as one line in which every character can be seen: line feeds, escapes, direction marks and lone surrogates get
 * a name. Much longer texts are cut, and say by how much.
 */
export function oneLine(text: string, max = QUOTE_LENGTH): string {
  const { kept, rest } = cut(text, max);
  const shown = stretches(kept)
    .map((part) => (typeof part === 'string' ? part : shownName(part)))
    .join('')
    .replaceAll('\n', '␊')
    .replaceAll('\t', '␉');
  return rest === 0 ? shown : `${shown}… (${count(rest, 'more character')})`;
}

/** Cuts between characters, never inside a surrogate pair. */
function cut(text: string, max: number): { kept: string; rest: number } {
  if (text.length <= max + SLACK) return { kept: text, rest: 0 };
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 1)) && /[\udc00-\udfff]/.test(text.charAt(max)) ? max - 1 : max;
  return { kept: text.slice(0, end), rest: text.length - end };
}

/** `1,234`. */
export function grouped(value: number): string {
  if (!Number.isSafeInteger(value)) return String(value);
  const digits = String(Math.abs(value));
  const first = digits.length % 3 || 3;
  const groups = [digits.slice(0, first)];
  for (let index = first; index < digits.length; index += 3) groups.push(digits.slice(index, index + 3));
  return (value < 0 ? '-' : '') + groups.join(',');
}

/** `1 warning`, `1,234 warnings`; a plural that needs more than an `s` is given. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(value)} ${value === 1 ? noun : plural}`;
}

/** Milliseconds as people say them: `820 ms`, `1.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = `${grouped(Math.floor(seconds / 60))} min`;
  return seconds % 60 === 0 ? minutes : `${minutes} ${seconds % 60} s`;
}

/** Where a finding was seen, in words: `tool-forced/stream, event 9 at byte 812, /index`. */
export function where({ exchange, at }: Pick<Finding, 'exchange' | 'at'>): string {
  return [exchange === null ? 'the run as a whole' : oneLine(exchange, 120), ...places(at ?? {})].join(', ');
}

function places({ event, offset, pointer, header }: Place): string[] {
  const byte = offset === undefined ? '' : `byte ${grouped(offset)}`;
  return [
    event === undefined ? byte : `event ${event}${byte === '' ? '' : ` at ${byte}`}`,
    header === undefined ? '' : `header ${oneLine(header, 80)}`,
    pointer === undefined ? '' : pointer === '' ? 'the whole body' : oneLine(pointer, 200),
  ].filter((place) => place !== '');
}

/** Only addresses that a browser can open without running anything are ever shown as links. */
export function isWebAddress(url: string | null | undefined): url is string {
  return typeof url === 'string' && /^https?:\/\/[^\s"'<>`\\]+$/i.test(url) && oneLine(url, url.length) === url;
}

/** Columns that a line takes in a terminal: two for wide characters and emoji, however many code points these are made of. */
export function columns(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII, the ordinary case
  return /^[\u0000-\u007f]*$/.test(text) ? text.length : stringWidth(text);
}

/** Breaks a line at blanks, and inside words that are longer than a line. */
export const wrap = (text: string, width: number): string[] => wrapAnsi(text, width, { hard: true }).split('\n');

/** The beginning of a line that fits into so many columns, an ellipsis included. */
export function clipColumns(text: string, width: number): string {
  if (columns(text) <= width) return text;
  const [kept = ''] = wrapAnsi(text, width - 1, { hard: true, wordWrap: false, trim: false }).split('\n');
  return `${kept}…`;
}

/** Groups by a key, in the order of first appearance. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): [key: string, items: Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups];
}

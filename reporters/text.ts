/** Text helpers that all text reporters share: quoting of target text, numbers, durations, wrapping. */

import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Result } from '../core/report.js';
import type { Finding, Place } from '../core/requirement.js';
import { shownName, stretches } from '../core/visible.js';
import { count, grouped } from './numbers.js';

export { count, grouped };

/** Default limit for quoted target text, in UTF-16 code units. */
const QUOTE_LENGTH = 400;

/** A text that exceeds the limit by less than this is not truncated: the note about it would be longer. */
const SLACK = 24;

/**
 * A text on one line in which every character is visible: line feeds, escapes, direction marks and lone surrogates are
 * replaced by a name. Longer texts are truncated and say by how much.
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

/** Truncates a text, but never inside a surrogate pair. */
function cut(text: string, max: number): { kept: string; rest: number } {
  if (text.length <= max + SLACK) return { kept: text, rest: 0 };
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 1)) && /[\udc00-\udfff]/.test(text.charAt(max)) ? max - 1 : max;
  return { kept: text.slice(0, end), rest: text.length - end };
}

/** A duration: `820 ms`, `1.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = `${grouped(Math.floor(seconds / 60))} min`;
  return seconds % 60 === 0 ? minutes : `${minutes} ${seconds % 60} s`;
}

/** The place of a finding: `tool-forced/stream, event 9 at byte 812, /index`. */
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

/** Whether a URL is http or https and has no character that could end an attribute. Only such URLs become links. */
export function isWebAddress(url: string | null | undefined): url is string {
  return typeof url === 'string' && /^https?:\/\/[^\s"'<>`\\]+$/i.test(url) && oneLine(url, url.length) === url;
}

/** Width of a text in terminal columns. Wide characters and emoji take two, however many code points they have. */
export function columns(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII, the ordinary case
  return /^[\u0000-\u007f]*$/.test(text) ? text.length : stringWidth(text);
}

/** Wraps a line at spaces; words that are longer than a line are split. */
export const wrap = (text: string, width: number): string[] => wrapAnsi(text, width, { hard: true }).split('\n');

/** Truncates a line to a width in columns; the ellipsis counts. */
export function clipColumns(text: string, width: number): string {
  if (columns(text) <= width) return text;
  const [kept = ''] = wrapAnsi(text, width - 1, { hard: true, wordWrap: false, trim: false }).split('\n');
  return `${kept}…`;
}

/** Groups items by a key, in order of first appearance. */
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

/** The command that shows a result again, after a label; nothing where there is none, as for traffic of an unknown server. */
export const reproduceLine = ({ reproduce }: Pick<Result, 'reproduce'>, label: string, max = 1_000): string[] =>
  reproduce === '' ? [] : [`${label}${oneLine(reproduce, max)}`];

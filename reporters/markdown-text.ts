/** Target text in Markdown: shown literally, never as a heading, link, mention, formula or HTML. */

import { grouped, isWebAddress, oneLine } from './text.js';

/** Longest quote in a comment, in characters; other reporters quote more. */
const QUOTE = 240;

/** A code span. Markdown and GitHub mentions have no effect inside it. */
export function code(text: string, max = QUOTE): string {
  const shown = oneLine(text, max).trim();
  if (shown === '') return '(empty)';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^`|`$/.test(shown) ? ' ' : '';
  return fence + pad + shown + pad + fence;
}

/** No escape for mentions, references, URLs, formulas and HTML works in every renderer. */
const NEEDS_CODE = /[@#<>&`$]|:\/\/|www\./i;

/** A sentence with escaped punctuation, or a code span if escaping is not enough. Must not start a line. */
export function prose(text: string, max = QUOTE): string {
  const shown = oneLine(text, max);
  return NEEDS_CODE.test(shown) ? code(text, max) : shown.replace(/[\\*_[\]{}|~!]/g, '\\$&');
}

/** The same inside an HTML element in Markdown. */
export function inHtml(text: string, max = QUOTE): string {
  const shown = oneLine(text, max);
  const escaped = shown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return NEEDS_CODE.test(shown) ? `<code>${escaped}</code>` : escaped;
}

/** A fenced block that none of the lines can close. The lines must have gone through `oneLine`. */
export function fenced(lines: readonly string[]): string {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return `${fence}text\n${lines.join('\n')}\n${fence}`;
}

/** A link if the URL is a web address, otherwise only the title. */
export function link(title: string, url: string | null | undefined): string {
  return isWebAddress(url) ? `[${prose(title)}](<${url}>)` : prose(title);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

const encoder = new TextEncoder();

/** Length in UTF-8. */
export const bytes = (text: string): number => encoder.encode(text).length;

interface Listing {
  /** Folded until the reader opens it. */
  folded?: boolean;
  /** The count in the title, if one item stands for several. */
  number?: number;
}

/** Builds a text of limited size. It adds items in order of importance as long as they fit and says how many did not. */
export function openPage(room: number) {
  const parts: string[] = [];
  const missing: string[] = [];
  let left = room;
  const put = (
    title: string,
    meaning: string,
    items: readonly string[],
    separator: string,
    { folded = false, number = items.length }: Listing,
  ): void => {
    if (items.length === 0) return;
    const heading = `### ${title} (${grouped(number)})${meaning === '' ? '' : `\n\n${meaning}`}`;
    const [before, after] = folded
      ? [`<details><summary>${title} (${grouped(number)})</summary>\n\n`, '\n\n</details>']
      : [`${heading}\n\n`, ''];
    left -= bytes(before + after) + 2;
    const shown: string[] = [];
    for (const item of items) {
      const size = bytes(item) + separator.length;
      if (size > left) break;
      left -= size;
      shown.push(item);
    }
    if (shown.length > 0) parts.push(before + shown.join(separator) + after);
    if (shown.length < items.length)
      missing.push(`${grouped(items.length - shown.length)} of ${grouped(items.length)} under “${title}”`);
  };
  return {
    block(text: string): void {
      left -= bytes(text) + 2;
      parts.push(text);
    },
    blocks: (title: string, meaning: string, items: readonly string[]) => put(title, meaning, items, '\n\n', {}),
    bullets: (title: string, items: readonly string[], listing: Listing = {}) =>
      put(
        title,
        '',
        items.map((item) => `- ${item}`),
        '\n',
        listing,
      ),
    close(text: string): string {
      const note = `> [!NOTE]\n> Shortened to fit: ${missing.join(', ')} not shown. \`report.json\` has everything.`;
      return `${[...parts, ...(missing.length > 0 ? [note] : []), text].join('\n\n')}\n`;
    },
  };
}

/** Text of a target inside Markdown: shown as it is, never as a heading, a link, a mention, a formula or HTML. */

import { grouped, isWebAddress, oneLine } from './text.js';

/** Longest quote, shorter than elsewhere: a comment is read beside other things. */
const QUOTE = 240;

/** A code span. Nothing inside it has a meaning, and GitHub finds no mentions there. */
export function code(text: string, max = QUOTE): string {
  const shown = oneLine(text, max).trim();
  if (shown === '') return '(empty)';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^`|`$/.test(shown) ? ' ' : '';
  return fence + pad + shown + pad + fence;
}

/** Mentions, references, addresses, formulas and HTML have no escape that every renderer honours. */
const NEEDS_CODE = /[@#<>&`$]|:\/\/|www\./i;

/** A sentence with its punctuation escaped, or as a code span when escaping is not enough. Never the start of a line. */
export function prose(text: string, max = QUOTE): string {
  const shown = oneLine(text, max);
  return NEEDS_CODE.test(shown) ? code(text, max) : shown.replace(/[\\*_[\]{}|~!]/g, '\\$&');
}

/** The same inside an HTML element of a Markdown text. */
export function inHtml(text: string, max = QUOTE): string {
  const shown = oneLine(text, max);
  const escaped = shown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return NEEDS_CODE.test(shown) ? `<code>${escaped}</code>` : escaped;
}

/** Lines that went through `oneLine`, in a fence that none of them can close. */
export function fenced(lines: readonly string[]): string {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return `${fence}text\n${lines.join('\n')}\n${fence}`;
}

/** A link where the address is a web address, otherwise the title alone. */
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
  /** Shown on demand only. */
  folded?: boolean;
  /** The number beside the title, when an item stands for several. */
  number?: number;
}

/** A text of at most so many bytes and a closing line. It takes what fits, in the order of importance, and says how much did not. */
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
      const note = `> [!NOTE]\n> Cut to fit: ${missing.join(', ')} not shown. \`report.json\` has everything.`;
      return `${[...parts, ...(missing.length > 0 ? [note] : []), text].join('\n\n')}\n`;
    },
  };
}

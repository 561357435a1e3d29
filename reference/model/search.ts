import { get } from '../../core/json.js';
import type { Block, JsonObject } from '../wire.js';
import type { DraftBlock } from './draft.js';
import type { Prompt } from './prompt.js';

/** The server tool that this endpoint runs, in each of its versions. */
const WEB_SEARCH = /^web_search_\d{8}$/;

export const isWebSearch = ({ type }: { type?: string | null }): boolean => WEB_SEARCH.test(type ?? '');

/** The titles of the pages that every search finds. */
const TITLES = ['Reference pages: how this endpoint answers', 'Answers without a model: a short introduction'];

/** The pages themselves. The domain is reserved for examples (RFC 2606). */
const FOUND: readonly JsonObject[] = TITLES.map((title, index) => ({
  type: 'web_search_result',
  url: `https://example.com/reference/${index + 1}`,
  title,
  encrypted_content: 'cmVmZXJlbmNlLWVuZHBvaW50',
  page_age: null,
}));

/** A search, what it found, and a sentence about it; `null` where the ask wants none. */
export function searched({ tools, choice, ask }: Prompt): DraftBlock[] | null {
  const tool = tools.find(isWebSearch);
  if (!tool || choice.type === 'none') return null;
  const forced =
    (choice.type === 'tool' && choice.name === tool.name) || (choice.type === 'any' && tools.every(isWebSearch));
  if (!forced && !/\bweb[_ ]search\b|\bsearch(?:es)?\s+the\s+web\b/i.test(ask)) return null;
  const query = ask.replace(/\s+/gu, ' ').trim().slice(0, 200);
  return [
    { type: 'server_tool_use', name: tool.name, input: { query } },
    { type: 'web_search_tool_result', content: [...FOUND] },
    { type: 'text', text: 'The search found two pages. They are the same for every search.' },
  ];
}

/** The titles of the pages that earlier searches found. */
export function titlesIn(blocks: readonly Block[]): string[] {
  return blocks
    .flatMap((block) => {
      const pages = block.type === 'web_search_tool_result' ? get(block, 'content') : null;
      return Array.isArray(pages) ? pages.map((page) => get(page, 'title')) : [];
    })
    .filter((title) => typeof title === 'string');
}

/** "1. A title (https://example.com)": the title of a page that the user tells of. */
function titleTold(line: string): string[] {
  const number = /^\d{1,3}\. /.exec(line)?.[0];
  const address = line.lastIndexOf(' (https://');
  return number !== undefined && address > number.length ? [line.slice(number.length, address)] : [];
}

/** "List the titles of the pages that the search found." */
export function titlesFound({ ask, found, passages }: Prompt): string | null {
  if (!/\btitles\b[^.?!\n]{0,60}\bsearch\b/iu.test(ask)) return null;
  const told = passages.flatMap(({ text }) => text.split('\n').flatMap(titleTold));
  return [...found, ...told].join('\n') || 'I have not searched for anything.';
}

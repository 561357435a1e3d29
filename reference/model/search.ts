import type { JsonObject } from '../wire.js';
import type { DraftBlock } from './draft.js';
import type { Prompt } from './prompt.js';

/** The server tool that this endpoint runs, in each of its versions. */
const WEB_SEARCH = /^web_search_\d{8}$/;

export const isWebSearch = ({ type }: { type?: string | null }): boolean => WEB_SEARCH.test(type ?? '');

/** The pages that every search finds. The domain is reserved for examples (RFC 2606). */
const FOUND: readonly JsonObject[] = [
  {
    type: 'web_search_result',
    url: 'https://example.com/reference',
    title: 'A page of the reference endpoint',
    encrypted_content: 'cmVmZXJlbmNlLWVuZHBvaW50',
    page_age: null,
  },
];

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
    { type: 'text', text: 'The search found a page of the reference endpoint, which searches nothing.' },
  ];
}

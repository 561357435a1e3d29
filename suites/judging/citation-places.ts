/** Where a citation has to point: each kind of source has its own citation type with its own fields. */

import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { asString, get, isObject, quote, toNumber } from '../../core/json.js';

/** What is wrong with the place that a citation names. */
export interface Misplaced {
  /** JSON pointer inside the citation; empty for the citation as a whole. */
  at: string;
  message: string;
  expected: string;
  actual: string;
}

/** A kind of source: the type of its citations, and the check of their places. */
export interface CitationKind {
  type: string;
  /** Returns `null` when the place is right. */
  misplaced: (citation: JsonObject, exchange: Exchange) => Misplaced | null;
}

/** Blocks of one type in the messages of a request, in the order that citation indices follow. */
function sources(exchange: Exchange, type: string): JsonObject[] {
  const messages = get(exchange.sent, 'messages');
  if (!Array.isArray(messages)) return [];
  return messages
    .flatMap((message) => get(message, 'content') ?? [])
    .filter((block): block is JsonObject => isObject(block) && block.type === type);
}

/** Characters of a plain-text document, counted from 0, end exclusive. Source: D:cite. */
export const citedText: CitationKind = {
  type: 'char_location',
  misplaced(citation, exchange) {
    const texts = sources(exchange, 'document').map((document) => asString(get(document, 'source', 'data')));
    const [index, start, end] = ['document_index', 'start_char_index', 'end_char_index'].map((key) =>
      toNumber(citation[key]),
    );
    const cited = asString(citation.cited_text);
    const there = texts[index!]?.slice(start, end);
    if (there === undefined) return noSuch('/document_index', 'document', texts.length, index!);
    if (there === cited && cited !== '') return null;
    const right = cited === '' ? -1 : texts.findIndex((text) => text.includes(cited));
    const from = texts[right]?.indexOf(cited) ?? -1;
    return {
      at: '',
      message: '`cited_text` is not the text at its indices; clients highlight the wrong passage.',
      expected: right < 0 ? quote(there) : `document ${right}, characters ${from} to ${from + cited.length}`,
      actual: `document ${index}, characters ${start} to ${end}: ${quote(cited)}`,
    };
  },
};

/** `fixtures/assets/keeper.pdf` has one page. */
const PAGES = 1;

/** Pages of a PDF, counted from 1, end exclusive. Source: D:cite. */
export const citedPage: CitationKind = {
  type: 'page_location',
  misplaced(citation, exchange) {
    const documents = sources(exchange, 'document').length;
    const [index, start, end] = ['document_index', 'start_page_number', 'end_page_number'].map((key) =>
      toNumber(citation[key]),
    );
    if (index! >= documents) return noSuch('/document_index', 'document', documents, index!);
    if (start! >= 1 && start! < end! && end! <= PAGES + 1) return null;
    return {
      at: '/start_page_number',
      message: 'The cited pages do not exist: the document has one page.',
      expected: `pages 1 to ${PAGES + 1} (end exclusive)`,
      actual: `pages ${start} to ${end}`,
    };
  },
};

/** Blocks of a search result, counted from 0, end exclusive. Source: T:msg. */
export const citedSearchResult: CitationKind = {
  type: 'search_result_location',
  misplaced(citation, exchange) {
    const results = sources(exchange, 'search_result');
    const [index, start, end] = ['search_result_index', 'start_block_index', 'end_block_index'].map((key) =>
      toNumber(citation[key]),
    );
    const result = results[index!];
    if (result === undefined) return noSuch('/search_result_index', 'search result', results.length, index!);
    if (citation.source !== result.source) {
      return {
        at: '/source',
        message: '`source` of a citation is not the source of the search result at its index.',
        expected: quote(result.source),
        actual: quote(citation.source),
      };
    }
    const blocks = Array.isArray(result.content) ? result.content.map((block) => asString(get(block, 'text'))) : [];
    const inside = start! < end! && end! <= blocks.length;
    if (inside && blocks.slice(start, end).join('').includes(asString(citation.cited_text))) return null;
    return {
      at: '/start_block_index',
      message: '`cited_text` is not in the blocks that the citation names.',
      expected: `blocks of 0 to ${blocks.length} (end exclusive) with ${quote(citation.cited_text)}`,
      actual: `blocks ${start} to ${end}`,
    };
  },
};

const noSuch = (at: string, what: string, count: number, index: number): Misplaced => ({
  at,
  message: `\`${at.slice(1)}\` names a ${what} that the request does not have.`,
  expected: `0 to ${count - 1}`,
  actual: String(index),
});

import { rewriteBlocks } from '../alterations/messages.js';
import { acceptDespite, rejectBlocks } from '../alterations/requests.js';
import { rewriteEventsOf } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { Citation } from '../wire.js';
import type { FaultFamily } from './fault.js';

/** Replaces citations in both transports. */
const citations = (change: (citation: Citation) => object) =>
  rewriteBlocks((block) =>
    block.type === 'text' && block.citations ? { ...block, citations: block.citations.map(change) } : block,
  );

export const citationsFaults: FaultFamily = {
  name: 'citations',
  title: 'citations of documents and search results',
  faults: [
    {
      id: 'citations-shifted',
      title: 'Citations count characters from 1.',
      level: 'MUST',
      caughtBy: ['cite.text.shape'],
      alters: citations((citation) =>
        citation.type === 'char_location'
          ? {
              ...citation,
              start_char_index: citation.start_char_index + 1,
              end_char_index: citation.end_char_index + 1,
            }
          : citation,
      ),
    },
    {
      id: 'citations-of-another-kind',
      title: 'Answers from plain text cite pages.',
      level: 'MUST',
      caughtBy: ['cite.text.shape'],
      alters: citations((citation) =>
        citation.type === 'char_location'
          ? {
              type: 'page_location',
              cited_text: citation.cited_text,
              document_index: citation.document_index,
              document_title: citation.document_title,
              start_page_number: 1,
              end_page_number: 2,
            }
          : citation,
      ),
    },
    {
      id: 'citations-missing',
      title: 'The server never cites, though citations are enabled.',
      level: 'MAY',
      caughtBy: [],
      undetectable:
        'A model may answer without citing; a client cannot tell that from a server that ignores the field.',
      alters: rewriteBlocks((block) => (block.type === 'text' ? without(block, 'citations') : block)),
    },
    {
      id: 'pages-from-zero',
      title: 'Citations count pages from 0.',
      level: 'SHOULD',
      caughtBy: ['cite.pdf.shape'],
      alters: citations((citation) =>
        citation.type === 'page_location'
          ? {
              ...citation,
              start_page_number: citation.start_page_number - 1,
              end_page_number: citation.end_page_number - 1,
            }
          : citation,
      ),
    },
    {
      id: 'citations-at-block-start',
      title: 'In a stream `content_block_start` has the citations, and no `citations_delta` follows.',
      level: 'MUST',
      caughtBy: ['cite.stream.delta'],
      alters: rewriteEventsOf('content_block_delta', (event) => (event.delta.type === 'citations_delta' ? [] : event)),
    },
    {
      id: 'partial-citations-taken',
      title: 'The server accepts citations on some of the documents of a request.',
      level: 'SHOULD',
      caughtBy: ['cite.all-or-none'],
      alters: acceptDespite(/citations/),
    },
    {
      id: 'search-results-cited-as-documents',
      title: 'Answers from search results cite content blocks.',
      level: 'MAY',
      caughtBy: ['cite.search-result'],
      alters: citations((citation) =>
        citation.type === 'search_result_location'
          ? {
              type: 'content_block_location',
              cited_text: citation.cited_text,
              document_index: 0,
              document_title: citation.title,
              start_block_index: citation.start_block_index,
              end_block_index: citation.end_block_index,
            }
          : citation,
      ),
    },
    {
      id: 'search-results-refused',
      title: 'The server rejects `search_result` blocks.',
      level: 'MAY',
      mutant: 'RQ-i',
      reports: ['RQ-31'],
      caughtBy: [],
      undetectable: 'Rejecting an optional block type with 400 is an honest way to decline it.',
      alters: rejectBlocks('search_result', "messages.0.content.0.type: Input should be 'text' or 'image'"),
    },
  ],
};

import type { Citation } from '../wire.js';
import type { Passage, Prompt } from './prompt.js';

/** A sentence of a passage, with its offsets. */
export interface Sentence {
  passage: Passage;
  text: string;
  start: number;
  /** Exclusive. */
  end: number;
}

/** Sentences of a text, without the white space between them. */
export function sentences(passage: Passage): Sentence[] {
  return [...passage.text.matchAll(/[^\s.!?\n][^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]*/gu)].map((match) => {
    const text = match[0].trimEnd();
    return { passage, text, start: match.index, end: match.index + text.length };
  });
}

/** Whether the passage is from a source with citations enabled. */
export function isCitable(passage: Passage): boolean {
  const { source } = passage;
  return (source?.type === 'document' || source?.type === 'search_result') && source.citations?.enabled === true;
}

/** The citations of an answer: the first sentence of a citable passage that contains it. */
export function cite(prompt: Prompt, answer: string): Citation[] {
  const wanted = answer.trim();
  for (const passage of prompt.passages.filter(isCitable)) {
    const sentence = sentences(passage).find((candidate) => candidate.text.includes(wanted));
    if (sentence) return [citation(sentence)];
  }
  return [];
}

function citation(sentence: Sentence): Citation {
  const { passage, text, start, end } = sentence;
  const { source, index } = passage;
  const first = partAt(passage, start);
  const last = partAt(passage, end - 1) + 1;
  if (source?.type === 'search_result') {
    return {
      type: 'search_result_location',
      cited_text: text,
      search_result_index: index,
      source: source.source,
      title: source.title,
      start_block_index: first,
      end_block_index: last,
    };
  }
  const title = source?.type === 'document' ? (source.title ?? null) : null;
  const kind = source?.type === 'document' ? source.source : null;
  const common = {
    cited_text: text,
    document_index: index,
    document_title: title,
    file_id: kind?.type === 'file' ? kind.file_id : null,
  };
  if (kind?.type === 'content' && typeof kind.content !== 'string') {
    return { type: 'content_block_location', ...common, start_block_index: first, end_block_index: last };
  }
  if (passage.paged) {
    return { type: 'page_location', ...common, start_page_number: first + 1, end_page_number: last + 1 };
  }
  return { type: 'char_location', ...common, start_char_index: start, end_char_index: end };
}

/** The part that contains an offset of the joined text. */
function partAt(passage: Passage, offset: number): number {
  let end = 0;
  for (const [index, part] of passage.parts.entries()) {
    end += part.length + 1;
    if (offset < end) return index;
  }
  return Math.max(0, passage.parts.length - 1);
}

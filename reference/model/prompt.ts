import { type Turn, textOf, toBlocks, toTurns } from '../conversation.js';
import type { Block, DocumentBlock, MessageRequest, Tool, ToolChoice, ToolUseBlock } from '../wire.js';

/** Text that an answer may rest on. */
export interface Passage {
  kind: 'result' | 'document' | 'search' | 'said';
  /** Document text is given whole; its parts are pages or content blocks. */
  text: string;
  /** For documents and search results: number among their kind in the request, counted from 0. */
  index: number;
  /** Pages of a PDF, blocks of a content source or search result; `text` is their joined text. */
  parts: readonly string[];
  /** Whether the parts are pages. */
  paged: boolean;
  source: Block | null;
}

/** A result that came back for a tool call. */
interface ToolOutcome {
  call: ToolUseBlock | null;
  text: string;
  pictures: readonly string[];
  failed: boolean;
}

/** A conversation as the scripted model reads it. */
export interface Prompt {
  /** Instructions of the operator: the top-level system text, then system messages in order. */
  instructions: readonly string[];
  /** What the user last asked in words; of a very long text the beginning and the end. */
  ask: string;
  /** The same in full length. */
  wholeAsk: string;
  /** Tool results that came with the last turn. */
  results: readonly ToolOutcome[];
  /** Tool calls since the ask, results or not. */
  calls: readonly ToolUseBlock[];
  /** Everything readable, best first: results of the last turn, documents, what was said, latest first. */
  passages: readonly Passage[];
  /** Colours of the pictures that were shown, in order. */
  pictures: readonly string[];
  /** Text that the reply has to continue. */
  prefill: string;
  tools: readonly Tool[];
  choice: ToolChoice;
}

/** How the model reads what is not text. */
export interface Senses {
  /** The colour that fills a picture, as a word. */
  colour(block: Block): string;
  /** Text of a document by page or content block. */
  read(block: DocumentBlock): { parts: readonly string[]; paged: boolean };
}

/** Instructions stand at the beginning or at the end of a text; looking for them in all of it would take too long. */
const LONGEST_ASK = 6_000;
const LONGEST_PASSAGE = 200_000;

function ends(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length / 2)}\n${text.slice(-length / 2)}`;
}

/** Reads a request the way a model does: as text in order, with nothing but the request to go by. */
export function readPrompt(request: MessageRequest, senses: Senses): Prompt {
  const all = toTurns(request.messages);
  const turns = all.filter((turn) => turn.role !== 'system');
  const last = turns.at(-1);
  const prefill = last?.role === 'assistant' ? textOf(last.blocks) : '';
  const history = last?.role === 'assistant' ? turns.slice(0, -1) : turns;
  const askAt = history.findLastIndex((turn) => turn.role === 'user' && textOf(turn.blocks).trim() !== '');
  const wholeAsk = history[askAt] ? textOf(history[askAt].blocks) : '';
  const since = history.slice(askAt + 1);
  const calls = since.flatMap((turn) =>
    turn.blocks.filter((block): block is ToolUseBlock => block.type === 'tool_use'),
  );
  const answered = history.at(-1);
  const results = answered ? outcomes(answered, history, senses) : [];
  return {
    instructions: [
      textOf(toBlocks(request.system)),
      ...all.filter((turn) => turn.role === 'system').map((turn) => textOf(turn.blocks)),
    ]
      .filter((text) => text.trim() !== '')
      .map((text) => ends(text, LONGEST_ASK)),
    ask: ends(wholeAsk, LONGEST_ASK),
    wholeAsk,
    results,
    calls: continues(history[askAt]) ? [...callsBefore(history, askAt), ...calls] : calls,
    passages: passages(history, results, senses),
    pictures: history.flatMap((turn) => turn.blocks.flatMap((block) => colours(block, senses))),
    prefill,
    tools: (request.tools ?? []).filter((tool) => !tool.defer_loading),
    choice: request.tool_choice ?? (request.tools?.length ? { type: 'auto' } : { type: 'none' }),
  };
}

/** A user turn with tool results and text goes on with the work of the turn before. */
function continues(turn: Turn | undefined): boolean {
  return turn?.blocks.some((block) => block.type === 'tool_result') ?? false;
}

function callsBefore(history: readonly Turn[], askAt: number): ToolUseBlock[] {
  const calls: ToolUseBlock[] = [];
  for (let index = askAt - 1; index >= 0; index -= 1) {
    const turn = history[index]!;
    if (turn.role === 'user' && !continues(turn)) break;
    calls.unshift(...turn.blocks.filter((block): block is ToolUseBlock => block.type === 'tool_use'));
  }
  return calls;
}

function outcomes(turn: Turn, history: readonly Turn[], senses: Senses): ToolOutcome[] {
  const calls = history.flatMap((earlier) => earlier.blocks);
  return turn.blocks.flatMap((block) => {
    if (block.type !== 'tool_result') return [];
    const call = calls.find(
      (other): other is ToolUseBlock => other.type === 'tool_use' && other.id === block.tool_use_id,
    );
    const content = toBlocks(block.content);
    return {
      call: call ?? null,
      text: readable(content, senses),
      pictures: content.flatMap((inner) => colours(inner, senses)),
      failed: block.is_error === true,
    };
  });
}

function readable(blocks: readonly Block[], senses: Senses): string {
  const texts = blocks.flatMap((block) => {
    if (block.type === 'document') return senses.read(block).parts;
    if (block.type === 'search_result') return block.content.map((part) => part.text);
    return [];
  });
  return [textOf(blocks), ...texts].filter((text) => text !== '').join('\n');
}

function colours(block: Block, senses: Senses): string[] {
  if (block.type === 'image') return [senses.colour(block)];
  if (block.type === 'tool_result') return toBlocks(block.content).flatMap((inner) => colours(inner, senses));
  if (block.type === 'document' && block.source.type === 'content') {
    return toBlocks(block.source.content).flatMap((inner) => colours(inner, senses));
  }
  return [];
}

function passages(history: readonly Turn[], results: readonly ToolOutcome[], senses: Senses): Passage[] {
  const plain = (kind: 'result' | 'said', text: string): Passage => ({
    kind,
    text,
    index: 0,
    parts: [],
    paged: false,
    source: null,
  });
  const sources: Passage[] = [];
  const said: Passage[] = [];
  let documents = 0;
  let searches = 0;
  const visit = (block: Block): void => {
    if (block.type === 'document') {
      const { parts, paged } = senses.read(block);
      sources.push({ kind: 'document', text: parts.join('\n'), index: documents, parts, paged, source: block });
      documents += 1;
    } else if (block.type === 'search_result') {
      const parts = block.content.map((part) => part.text);
      sources.push({ kind: 'search', text: parts.join('\n'), index: searches, parts, paged: false, source: block });
      searches += 1;
    } else if (block.type === 'tool_result') {
      for (const inner of toBlocks(block.content)) visit(inner);
    }
  };
  for (const turn of history) {
    for (const block of turn.blocks) visit(block);
    const earlier = turn.blocks.flatMap((block) => (block.type === 'tool_result' ? toBlocks(block.content) : []));
    if (earlier.length > 0) said.unshift(plain('result', readable(earlier, senses)));
    if (turn.role === 'user') said.unshift(plain('said', textOf(turn.blocks)));
  }
  const answers = history.filter((turn) => turn.role === 'assistant').map((turn) => plain('said', textOf(turn.blocks)));
  const fresh = results.map((result) => plain('result', result.text));
  return [...fresh, ...sources, ...said, ...answers.reverse()]
    .filter((passage) => passage.text.trim() !== '')
    .map((passage) => (passage.parts.length > 0 ? passage : { ...passage, text: ends(passage.text, LONGEST_PASSAGE) }));
}

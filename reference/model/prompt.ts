import { type Turn, textOf, toBlocks, toTurns } from '../conversation.js';
import { isSearchTool } from '../tool-rules.js';
import type { Block, DocumentBlock, MessageRequest, Tool, ToolChoice, ToolUseBlock } from '../wire.js';
import { titlesIn } from './search.js';

/** Text that may hold the answer. */
export interface Passage {
  kind: 'result' | 'document' | 'search' | 'said';
  /** Of a document: its parts joined. */
  text: string;
  /** Of a document or search result: its number among those of the request, from 0. */
  index: number;
  /** Pages of a PDF, blocks of a content source or search result. */
  parts: readonly string[];
  /** Whether the parts are pages. */
  paged: boolean;
  source: Block | null;
}

/** The result of a tool call. */
interface ToolOutcome {
  call: ToolUseBlock | null;
  text: string;
  pictures: readonly string[];
  failed: boolean;
}

/** A conversation as the scripted model reads it. */
export interface Prompt {
  /** Instructions of the operator: the top-level system prompt, then system messages in order. */
  instructions: readonly string[];
  /** The last text of the user; of a very long text its beginning and its end. */
  ask: string;
  /** The same in full length. */
  wholeAsk: string;
  /** Tool results of the last turn. */
  results: readonly ToolOutcome[];
  /** Tool calls since the ask, with and without results. */
  calls: readonly ToolUseBlock[];
  /** Everything readable, best first: results of the last turn, documents, then messages from the latest. */
  passages: readonly Passage[];
  /** Titles of the pages that earlier web searches found. */
  found: readonly string[];
  /** Colours of the pictures, in order. */
  pictures: readonly string[];
  /** Text that the reply has to continue. */
  prefill: string;
  tools: readonly Tool[];
  /** The tool that finds others, and what it may find; `null` without one. */
  search: { name: string; hidden: readonly Tool[] } | null;
  choice: ToolChoice;
}

/** How the model reads what is not text. */
export interface Senses {
  /** The colour that fills a picture, as a word. */
  colour(block: Block): string;
  /** Text of a document by page or content block. */
  read(block: DocumentBlock): { parts: readonly string[]; paged: boolean };
}

/** Instructions stand at the beginning or at the end of a text. The patterns that look for them are not all linear. */
const LONGEST_ASK = 6_000;
const LONGEST_PASSAGE = 200_000;

function ends(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length / 2)}\n${text.slice(-length / 2)}`;
}

/** Reads a request the way a model does: as text in order, without any other knowledge. */
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
    found: titlesIn(all.flatMap(({ blocks }) => blocks)),
    pictures: history.flatMap((turn) => turn.blocks.flatMap((block) => colours(block, senses))),
    prefill,
    ...offered(request),
    choice: request.tool_choice ?? (request.tools?.length ? { type: 'auto' } : { type: 'none' }),
  };
}

/** The tools that the model may call, and those that it has to look for: deferred, and not found by an earlier search. */
function offered({ tools = [], messages }: MessageRequest): Pick<Prompt, 'tools' | 'search'> {
  const found = new Set(
    messages
      .flatMap(({ content }) => toBlocks(content))
      .flatMap((block) => (block.type === 'tool_search_tool_result' ? (block.content.tool_references ?? []) : []))
      .map((reference) => reference.tool_name),
  );
  const isHidden = (tool: Tool): boolean => tool.defer_loading === true && !found.has(tool.name);
  const search = tools.find(isSearchTool);
  return {
    tools: tools.filter((tool) => !isSearchTool(tool) && !isHidden(tool)),
    search: search === undefined ? null : { name: search.name, hidden: tools.filter(isHidden) },
  };
}

/** A user turn with tool results and text continues the work of the turn before. */
function continues(turn: Turn | undefined): boolean {
  return turn?.blocks.some((block) => block.type === 'tool_result') ?? false;
}

function callsBefore(history: readonly Turn[], askAt: number): ToolUseBlock[] {
  const calls: ToolUseBlock[] = [];
  for (let index = askAt - 1; index >= 0; index -= 1) {
    const turn = history[index]!;
    if (turn.role === 'user' && !continues(turn)) break;
    for (const block of turn.blocks.toReversed()) if (block.type === 'tool_use') calls.push(block);
  }
  return calls.reverse();
}

function outcomes(turn: Turn, history: readonly Turn[], senses: Senses): ToolOutcome[] {
  const calls = new Map<string, ToolUseBlock>();
  for (const { blocks } of history) {
    for (const block of blocks) if (block.type === 'tool_use' && !calls.has(block.id)) calls.set(block.id, block);
  }
  return turn.blocks.flatMap((block) => {
    if (block.type !== 'tool_result') return [];
    const call = calls.get(block.tool_use_id);
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
  /** Latest last, until they are returned. */
  const said: Passage[] = [];
  let documents = 0;
  let searches = 0;
  const visit = (block: Block): void => {
    if (block.type === 'document') {
      const { parts, paged } = senses.read(block);
      // Read, and never cited.
      for (const name of [block.title, block.context]) if (name) sources.push(plain('said', name));
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
    if (earlier.length > 0) said.push(plain('result', readable(earlier, senses)));
    if (turn.role === 'user') said.push(plain('said', textOf(turn.blocks)));
  }
  const answers = history.filter((turn) => turn.role === 'assistant').map((turn) => plain('said', textOf(turn.blocks)));
  const fresh = results.map((result) => plain('result', result.text));
  return [...fresh, ...sources, ...said.reverse(), ...answers.reverse()]
    .filter((passage) => passage.text.trim() !== '')
    .map((passage) => (passage.parts.length > 0 ? passage : { ...passage, text: ends(passage.text, LONGEST_PASSAGE) }));
}

import { textOf, toBlocks, toTurns } from './conversation.js';
import { countJson, countText } from './tokens.js';
import type { Block, CacheControl, DocumentBlock, ImageBlock, Json, PromptRequest } from './wire.js';

/** A part of the prompt, in the order in which the model reads it: tools, system, messages. */
export interface Segment {
  /** Equal for equal parts; without cache marks. Only a prompt with marks needs it. */
  text: () => string;
  tokens: number;
  mark: CacheControl | null;
  /** Whether a cache mark for the whole request may apply here. */
  cacheable: boolean;
}

/** Token counts of what is not text. */
export interface Weights {
  image(block: ImageBlock): number;
  document(block: DocumentBlock): number;
}

/** Start and end of a message. */
const MESSAGE_TOKENS = 3;
/** Start of the reply. */
const REPLY_TOKENS = 3;
/** Instructions for tool use that a server adds. */
const TOOL_PROMPT_TOKENS = 40;

/** The prompt in parts; their tokens add up to the input of the request. */
export function segmentsOf(request: PromptRequest, weights: Weights): Segment[] {
  return [...toolSegments(request), ...systemSegments(request), ...messageSegments(request, weights), REPLY];
}

const frame = (text: string, tokens: number): Segment => ({ text: () => text, tokens, mark: null, cacheable: false });
const REPLY = frame('reply', REPLY_TOKENS);
const messageFrame = (role: string): Segment => frame(`message ${role}`, MESSAGE_TOKENS);

export function totalTokens(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.tokens, 0);
}

function unmarked(value: object): string {
  return JSON.stringify(value, (key, entry) => (key === 'cache_control' ? undefined : entry));
}

function toolSegments({ tools, tool_choice: choice }: PromptRequest): Segment[] {
  return (tools ?? []).map((tool, index) => {
    const text = unmarked(tool);
    const overhead = index === 0 && choice?.type !== 'none' ? TOOL_PROMPT_TOKENS : 0;
    return {
      text: () => text,
      tokens: countText(text) + overhead,
      mark: tool.cache_control ?? null,
      cacheable: true,
    };
  });
}

function systemSegments({ system, output_config: config }: PromptRequest): Segment[] {
  const segments = toBlocks(system).map((block): Segment => {
    const text = block.type === 'text' ? block.text : '';
    return { text: () => `system ${text}`, tokens: countText(text), mark: markOf(block), cacheable: true };
  });
  if (!config?.format) return segments;
  const format = JSON.stringify(config.format);
  return [...segments, frame(format, countText(format))];
}

function messageSegments(request: PromptRequest, weights: Weights): Segment[] {
  let current: number | null = null;
  const isOver = (index: number): boolean => {
    current ??= latestAssistant(request);
    return index < current;
  };
  return request.messages.flatMap((message, index) => {
    const parts = toBlocks(message.content).map(
      (block): Segment => ({
        text: () => `${message.role} ${unmarked(block)}`,
        tokens: isThinking(block) && isOver(index) ? 0 : blockTokens(block, weights),
        mark: markOf(block),
        cacheable: !isThinking(block),
      }),
    );
    return [messageFrame(message.role), ...parts];
  });
}

/** Whether a block holds thinking, readable or not. */
export function isThinking({ type }: Block): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** Index of the first message of the current turn; the model does not read thinking before it. */
function latestAssistant(request: PromptRequest): number {
  const turns = toTurns(request.messages);
  const asked = turns.findLast(
    (turn) =>
      turn.role === 'user' && textOf(turn.blocks) !== '' && !turn.blocks.some((block) => block.type === 'tool_result'),
  );
  return asked?.first ?? 0;
}

/** The cache mark of a block, or the last one inside a tool result. */
function markOf(block: Block): CacheControl | null {
  const own = 'cache_control' in block ? (block.cache_control ?? null) : null;
  if (own || block.type !== 'tool_result') return own;
  return toBlocks(block.content).map(markOf).findLast(Boolean) ?? null;
}

function blockTokens(block: Block, weights: Weights): number {
  switch (block.type) {
    case 'text':
      return countText(block.text);
    case 'image':
      return weights.image(block);
    case 'document':
      return weights.document(block);
    case 'search_result':
      return countText(block.title) + countText(block.source) + sum(block.content, weights);
    case 'tool_use':
      return 4 + countText(block.name) + countJson(block.input);
    case 'tool_result':
      return 4 + sum(toBlocks(block.content), weights);
    case 'thinking':
      return countText(block.thinking);
    case 'redacted_thinking':
      return Math.ceil(block.data.length / 8);
    default:
      return countJson(block as unknown as Json);
  }
}

function sum(blocks: readonly Block[], weights: Weights): number {
  return blocks.reduce((total, block) => total + blockTokens(block, weights), 0);
}

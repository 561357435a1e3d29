import type { Block, MessageParam, Role, TextBlock } from './wire.js';

/** Consecutive messages of one role, which Anthropic merges into one turn. */
export interface Turn {
  role: Role;
  blocks: Block[];
  /** Index in `messages` of each block's message. */
  origins: number[];
  /** Index of the first message of the turn. */
  first: number;
}

/** `content` as blocks: a string is shorthand for one text block. Source: https://platform.claude.com/docs/en/api/messages */
export function toBlocks(content: string | readonly Block[] | undefined): readonly Block[] {
  if (content === undefined || content === '') return [];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** Merges consecutive messages of one role. A turn without content has no blocks. */
export function toTurns(messages: readonly MessageParam[]): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = toBlocks(message.content);
    const last = turns.at(-1);
    const turn = last?.role === message.role ? last : { role: message.role, blocks: [], origins: [], first: index };
    if (turn !== last) turns.push(turn);
    for (const block of blocks) {
      turn.blocks.push(block);
      turn.origins.push(index);
    }
  }
  return turns;
}

/**
 * Joins adjacent text blocks as a reader of the whole would: `"The code is 4"` and `"417."` make one number, sentences in
 * blocks of their own stay apart. Looks at the ends of the texts only.
 */
function joinTexts(texts: readonly string[]): string {
  const parts: string[] = [];
  let end = '';
  for (const text of texts) {
    if (text === '') continue;
    const apart = end !== '' && !/\s$/.test(end) && !/^\s/.test(text);
    const oneWord = /[\p{Lu}\p{N}]$/u.test(end) && /^[\p{Lu}\p{N}](?!\p{Ll})/u.test(text);
    if (apart && !oneWord) parts.push('\n');
    parts.push(text);
    end = text.slice(-2);
  }
  return parts.join('');
}

/** The text blocks among blocks, joined. */
export function textOf(blocks: readonly Block[]): string {
  return joinTexts(blocks.filter((block): block is TextBlock => block.type === 'text').map((block) => block.text));
}

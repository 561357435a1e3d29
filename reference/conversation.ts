import type { Block, MessageParam, Role, TextBlock } from './wire.js';

/** Consecutive messages of one role, as one turn: what Anthropic makes of them. */
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

/** Merges consecutive messages of one role. Messages without content leave no trace beside a turn of their own. */
export function toTurns(messages: readonly MessageParam[]): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = toBlocks(message.content);
    const last = turns.at(-1);
    const turn = last?.role === message.role ? last : { role: message.role, blocks: [], origins: [], first: index };
    if (turn !== last) turns.push(turn);
    turn.blocks.push(...blocks);
    turn.origins.push(...blocks.map(() => index));
  }
  return turns;
}

/**
 * Joins adjacent text blocks as a reader of the whole would: `"The code is 4"` and `"417."` are one number, sentences in
 * blocks of their own stay apart.
 */
function joinTexts(texts: readonly string[]): string {
  return texts.reduce((left, right) => {
    if (left === '' || right === '' || /\s$/.test(left) || /^\s/.test(right)) return left + right;
    const oneWord = /[\p{Lu}\p{N}]$/u.test(left) && /^[\p{Lu}\p{N}]+(?![\p{Ll}])/u.test(right);
    return oneWord ? left + right : `${left}\n${right}`;
  }, '');
}

/** The text blocks among blocks, joined. */
export function textOf(blocks: readonly Block[]): string {
  return joinTexts(blocks.filter((block): block is TextBlock => block.type === 'text').map((block) => block.text));
}

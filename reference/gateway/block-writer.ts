/**
 * Writes the content blocks of a stream, one after another. An upstream may send two calls in turns; the protocol has no overlapping
 * blocks, so what belongs to a later block waits until the one before it is complete.
 */

import type { JsonObject } from '../../core/json.js';
import type { AnswerDelta } from './stages.js';
import { toolId } from './tool-ids.js';

/** A block that has begun, or waits for its turn. */
interface Block {
  kind: 'text' | 'thinking' | 'call';
  key: string;
  id: string;
  name: string;
  /** Pieces that wait. */
  pieces: string[];
  /** Arguments so far. */
  json: string;
  signature: string;
}

export class BlockWriter {
  private index = -1;
  private open: Block | null = null;
  private waiting: Block[] = [];
  private calls = 0;

  /** Whether the answer has a call. */
  get hasCalls(): boolean {
    return this.calls > 0;
  }

  *take(delta: AnswerDelta): Generator<JsonObject> {
    switch (delta.kind) {
      case 'text':
      case 'thinking':
        yield* this.piece(this.blockFor(delta.kind), delta.text);
        break;
      case 'signature': {
        const block = [this.open, ...this.waiting].findLast((one) => one?.kind === 'thinking');
        if (block) block.signature = delta.signature;
        break;
      }
      case 'call':
        this.calls += 1;
        this.waiting.push(newBlock('call', delta.key, delta.id, delta.name));
        yield* this.advance();
        break;
      case 'arguments': {
        const block = [this.open, ...this.waiting].find((one) => one?.kind === 'call' && one.key === delta.key);
        if (block) yield* this.piece(block, delta.text);
        break;
      }
    }
  }

  /** Completes every block. */
  *finish(): Generator<JsonObject> {
    while (this.open !== null || this.waiting.length > 0) {
      if (this.open !== null) yield* this.close();
      const next = this.waiting.shift();
      if (next !== undefined) yield* this.begin(next);
    }
  }

  /** The last block, when it is of this kind, or a new one. */
  private blockFor(kind: 'text' | 'thinking'): Block {
    const last = this.waiting.at(-1) ?? this.open;
    if (last?.kind === kind) return last;
    const block = newBlock(kind, '', '', '');
    this.waiting.push(block);
    return block;
  }

  private *piece(block: Block, text: string): Generator<JsonObject> {
    if (block.kind === 'call') block.json += text;
    if (block === this.open) yield this.delta(block, text);
    else block.pieces.push(text);
    yield* this.advance();
  }

  /** Begins the next block as soon as the open one is complete. */
  private *advance(): Generator<JsonObject> {
    while (this.waiting.length > 0 && (this.open === null || isComplete(this.open))) {
      if (this.open !== null) yield* this.close();
      yield* this.begin(this.waiting.shift()!);
    }
  }

  private *begin(block: Block): Generator<JsonObject> {
    this.index += 1;
    this.open = block;
    yield { type: 'content_block_start', index: this.index, content_block: opening(block) };
    for (const piece of block.pieces) yield this.delta(block, piece);
    block.pieces = [];
  }

  private *close(): Generator<JsonObject> {
    const block = this.open!;
    if (block.kind === 'thinking') {
      const delta = { type: 'signature_delta', signature: block.signature };
      yield { type: 'content_block_delta', index: this.index, delta };
    }
    yield { type: 'content_block_stop', index: this.index };
    this.open = null;
  }

  private delta(block: Block, text: string): JsonObject {
    const delta =
      block.kind === 'text'
        ? { type: 'text_delta', text }
        : block.kind === 'thinking'
          ? { type: 'thinking_delta', thinking: text }
          : { type: 'input_json_delta', partial_json: text };
    return { type: 'content_block_delta', index: this.index, delta };
  }
}

const newBlock = (kind: Block['kind'], key: string, id: string, name: string): Block => ({
  kind,
  key,
  id: toolId(id),
  name,
  pieces: [],
  json: '',
  signature: '',
});

function opening({ kind, id, name }: Block): JsonObject {
  if (kind === 'text') return { type: 'text', text: '' };
  if (kind === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id, name, input: {} };
}

/** Whether nothing more can come for a block: a text ends where something else begins, arguments where they are one JSON object. */
function isComplete({ kind, json }: Block): boolean {
  if (kind !== 'call') return true;
  if (!json.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** Reads a message, whole or in events, as pieces of an answer: for faults that change pieces. Otherwise it is passed on as it is. */

import { asString, get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { AnswerReader } from './answer-reader.js';
import type { AnswerDelta, Usage } from './stages.js';
import { failureOf } from './upstream-errors.js';

export class MessagesReader extends AnswerReader {
  private usage: JsonObject = {};
  private stop: { reason: string; stopSequence: string | null } | null = null;
  /** Keys of calls by the indices of their blocks. */
  private readonly calls = new Set<string>();

  protected read(data: Json): AnswerDelta[] {
    switch (get(data, 'type')) {
      case 'message':
        return this.whole(data);
      case 'message_start':
        return this.count(get(data, 'message', 'usage'));
      case 'content_block_start':
        return this.opening(String(get(data, 'index')), get(data, 'content_block'));
      case 'content_block_delta':
        return this.piece(String(get(data, 'index')), get(data, 'delta'));
      case 'message_delta':
        this.note(get(data, 'delta'));
        return this.count(get(data, 'usage'));
      case 'content_block_stop':
      case 'message_stop':
      case 'ping':
        return [];
      default:
        return this.fail(failureOf(null, data, {}));
    }
  }

  protected ending(): AnswerDelta[] | null {
    return this.stop === null ? null : [{ kind: 'finish', ...this.stop }];
  }

  private whole(message: Json): AnswerDelta[] {
    const content = get(message, 'content');
    const deltas: AnswerDelta[] = [];
    for (const [index, block] of (Array.isArray(content) ? content : []).entries()) {
      deltas.push(...this.opening(String(index), block));
      if (get(block, 'type') === 'tool_use')
        deltas.push({ kind: 'arguments', key: String(index), text: JSON.stringify(get(block, 'input') ?? {}) });
    }
    this.note(message);
    return [...deltas, ...this.count(get(message, 'usage'))];
  }

  private opening(key: string, block: Json | undefined): AnswerDelta[] {
    if (get(block, 'type') === 'tool_use') {
      this.calls.add(key);
      return [{ kind: 'call', key, id: asString(get(block, 'id')), name: asString(get(block, 'name')) }];
    }
    return this.piece(key, block);
  }

  private piece(key: string, delta: Json | undefined): AnswerDelta[] {
    const text = asString(get(delta, 'text'));
    const thinking = asString(get(delta, 'thinking'));
    const signature = asString(get(delta, 'signature'));
    const json = asString(get(delta, 'partial_json'));
    return [
      ...(text === '' ? [] : [{ kind: 'text', text } as const]),
      ...(thinking === '' ? [] : [{ kind: 'thinking', text: thinking } as const]),
      ...(signature === '' ? [] : [{ kind: 'signature', signature } as const]),
      ...(json === '' || !this.calls.has(key) ? [] : [{ kind: 'arguments', key, text: json } as const]),
    ];
  }

  private note(delta: Json | undefined): void {
    const reason = get(delta, 'stop_reason');
    if (typeof reason !== 'string') return;
    const sequence = get(delta, 'stop_sequence');
    this.stop = { reason, stopSequence: typeof sequence === 'string' ? sequence : null };
  }

  private count(usage: Json | undefined): AnswerDelta[] {
    if (!isObject(usage)) return [];
    this.usage = { ...this.usage, ...usage };
    return [{ kind: 'usage', usage: this.usage as unknown as Usage }];
  }
}

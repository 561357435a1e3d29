/** Reads a chat completion, whole or in chunks, as pieces of an answer. */

import { asString, get, isObject, type Json } from '../../core/json.js';
import { AnswerReader, usageOf } from './answer-reader.js';
import type { AnswerDelta } from './stages.js';
import { failureOf } from './upstream-errors.js';

const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
};

/** Reads chunk after chunk; `end` says what is left when the body is over. */
export class ChatReader extends AnswerReader {
  private finish: string | null = null;
  private readonly calls = new Map<Json | undefined, { key: string; isOpen: boolean }>();
  private refused = false;

  protected read(chunk: Json): AnswerDelta[] {
    if (!isObject(chunk) || isObject(chunk.error) || typeof chunk.error === 'string')
      return this.fail(failureOf(null, chunk, {}));
    const choice = get(chunk, 'choices', 0);
    const finish = get(choice, 'finish_reason');
    const deltas = this.content(get(choice, 'delta') ?? get(choice, 'message'));
    if (typeof finish === 'string' && finish !== '') this.finish = finish;
    const { usage } = chunk;
    return isObject(usage)
      ? [...deltas, { kind: 'usage', usage: usageOf(usage, 'prompt_tokens', 'completion_tokens') }]
      : deltas;
  }

  protected ending(): AnswerDelta[] | null {
    return this.finish === null ? null : [{ kind: 'finish', reason: this.reason(this.finish) }];
  }

  private reason(finish: string): string {
    if (this.refused) return 'refusal';
    const reason = STOP_REASONS[finish] ?? 'end_turn';
    if (reason === 'end_turn' && this.calls.size > 0) return 'tool_use';
    return reason === 'tool_use' && this.calls.size === 0 ? 'end_turn' : reason;
  }

  private content(delta: Json | undefined): AnswerDelta[] {
    const deltas: AnswerDelta[] = [];
    const thinking = get(delta, 'reasoning_content') ?? get(delta, 'reasoning');
    if (typeof thinking === 'string' && thinking !== '') deltas.push({ kind: 'thinking', text: thinking });
    const text = get(delta, 'content');
    if (typeof text === 'string' && text !== '') deltas.push({ kind: 'text', text });
    const refusal = get(delta, 'refusal');
    if (typeof refusal === 'string' && refusal !== '') {
      this.refused = true;
      deltas.push({ kind: 'text', text: refusal });
    }
    const calls = get(delta, 'tool_calls');
    for (const [position, call] of (Array.isArray(calls) ? calls : []).entries())
      deltas.push(...this.call(call, position));
    return deltas;
  }

  private call(call: Json, position: number): AnswerDelta[] {
    const index = get(call, 'index') ?? position;
    const deltas: AnswerDelta[] = [];
    let known = this.calls.get(index);
    if (known === undefined) {
      known = { key: `${String(index)}`, isOpen: true };
      this.calls.set(index, known);
      const id = asString(get(call, 'id'));
      deltas.push({ kind: 'call', key: known.key, id, name: asString(get(call, 'function', 'name')) });
    }
    const text = asString(get(call, 'function', 'arguments'));
    if (text !== '') deltas.push({ kind: 'arguments', key: known.key, text });
    return deltas;
  }
}

/** Reads a response of OpenAI's Responses API, whole or as events, as pieces of an answer. */

import { asString, get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { AnswerReader, usageOf } from './answer-reader.js';
import { list } from './blocks.js';
import type { AnswerDelta } from './stages.js';
import { broken, failureOf } from './upstream-errors.js';

/** Why a response is not complete. Anything else is told as a limit too: the answer must not look complete. */
const STOP_REASONS: Readonly<Record<string, string>> = { max_output_tokens: 'max_tokens', content_filter: 'refusal' };

/** What the client has of a part: all deltas of it together. */
type Said = Map<string, string>;

/** Reads event after event; `end` says what is left when the body is over. */
export class ResponsesReader extends AnswerReader {
  private last: AnswerDelta[] | null = null;
  private readonly said: Said = new Map();
  private readonly calls = new Set<string>();
  private readonly signed = new Set<string>();
  private refused = false;

  protected read(data: Json): AnswerDelta[] {
    const type = asString(get(data, 'type'));
    if (type === '' && get(data, 'object') === 'response') return this.whole(data);
    if (type === 'error' || !isObject(data) || (type === '' && isObject(data.error)))
      return this.fail(failureOf(null, data, {}));
    if (type === '') return this.fail(broken('invalid', 'The upstream sent something that is no response.'));
    if (/^response\.(completed|incomplete|failed|cancelled)$/.test(type)) return this.whole(get(data, 'response'));
    return this.event(type, data);
  }

  protected ending(): AnswerDelta[] | null {
    return this.last;
  }

  private event(type: string, data: JsonObject): AnswerDelta[] {
    const index = String(data.output_index ?? 0);
    const part = partKey(index, data.content_index ?? data.summary_index);
    const delta = asString(data.delta);
    switch (type) {
      case 'response.output_item.added':
      case 'response.output_item.done':
        return this.item(data.item, index);
      case 'response.output_text.delta':
        return this.grow(part, delta, 'text');
      case 'response.output_text.done':
        return this.rest(part, asString(data.text), 'text');
      case 'response.refusal.delta':
        this.refused = true;
        return this.grow(part, delta, 'text');
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.grow(part, delta, 'thinking');
      case 'response.function_call_arguments.delta':
        return this.grow(index, delta, 'arguments');
      case 'response.function_call_arguments.done':
        return this.rest(index, asString(data.arguments), 'arguments');
      default:
        return [];
    }
  }

  private grow(key: string, text: string, kind: 'text' | 'thinking' | 'arguments'): AnswerDelta[] {
    if (text === '') return [];
    this.said.set(key, `${this.said.get(key) ?? ''}${text}`);
    return [kind === 'arguments' ? { kind, key, text } : { kind, text }];
  }

  /** What the whole text has beyond its deltas. */
  private rest(key: string, whole: string, kind: 'text' | 'thinking' | 'arguments'): AnswerDelta[] {
    const before = this.said.get(key) ?? '';
    return whole.startsWith(before) ? this.grow(key, whole.slice(before.length), kind) : [];
  }

  /** An item at its beginning or its end: what it has that the client has not. */
  private item(item: Json | undefined, index: string): AnswerDelta[] {
    switch (get(item, 'type')) {
      case 'message':
        return list(get(item, 'content')).flatMap((part, at) => {
          if (get(part, 'type') === 'refusal') this.refused = true;
          return this.rest(partKey(index, at), asString(get(part, 'text')) || asString(get(part, 'refusal')), 'text');
        });
      case 'reasoning':
        return this.reasoning(item, index);
      case 'function_call':
        return this.call(item, index);
      default:
        return [];
    }
  }

  private reasoning(item: Json | undefined, index: string): AnswerDelta[] {
    const parts = [...list(get(item, 'summary')), ...list(get(item, 'content'))];
    const deltas = parts.flatMap((part, at) => this.rest(partKey(index, at), asString(get(part, 'text')), 'thinking'));
    const signature = asString(get(item, 'encrypted_content'));
    if (signature === '' || parts.length === 0 || this.signed.has(index)) return deltas;
    this.signed.add(index);
    return [...deltas, { kind: 'signature', signature }];
  }

  private call(item: Json | undefined, index: string): AnswerDelta[] {
    const isNew = !this.calls.has(index);
    this.calls.add(index);
    const id = asString(get(item, 'call_id')) || asString(get(item, 'id'));
    const opening = { kind: 'call', key: index, id, name: asString(get(item, 'name')) } as const;
    return [...(isNew ? [opening] : []), ...this.rest(index, asString(get(item, 'arguments')), 'arguments')];
  }

  /** The response as it is at its end. */
  private whole(response: Json | undefined): AnswerDelta[] {
    const status = get(response, 'status');
    if (status === 'failed' || status === 'cancelled' || isObject(get(response, 'error')))
      return this.fail(failureOf(null, { error: get(response, 'error') ?? 'The response failed.' }, {}));
    const deltas = list(get(response, 'output')).flatMap((item, index) => this.item(item, String(index)));
    const usage = get(response, 'usage');
    this.last = [
      ...(isObject(usage) ? [{ kind: 'usage', usage: usageOf(usage, 'input_tokens', 'output_tokens') } as const] : []),
      { kind: 'finish', reason: this.reason(response) },
    ];
    return deltas;
  }

  private reason(response: Json | undefined): string {
    if (get(response, 'status') === 'incomplete')
      return STOP_REASONS[asString(get(response, 'incomplete_details', 'reason'))] ?? 'max_tokens';
    if (this.refused) return 'refusal';
    return this.calls.size > 0 ? 'tool_use' : 'end_turn';
  }
}

const partKey = (item: string, part: Json | undefined): string => `${item}.${String(part ?? 0)}`;

/** Puts the pieces of an answer together: as the events of a stream, or as one message. */

import type { Json, JsonObject } from '../../core/json.js';
import { newId } from '../ids.js';
import { BlockWriter } from './block-writer.js';
import type { AnswerDelta, Failure, GatewayCall, Usage } from './stages.js';
import { toolId } from './tool-ids.js';
import { errorBody } from './upstream-errors.js';

/** The upstream counts at the end; until then clients get an estimate. Four characters are about one token. */
const estimate = (request: JsonObject): number => Math.ceil(JSON.stringify(request.messages ?? '').length / 4);

export async function* eventsOf(deltas: AsyncIterable<AnswerDelta>, call: GatewayCall): AsyncGenerator<JsonObject> {
  const { request, requestId } = call;
  let usage: Usage = { input_tokens: estimate(request), output_tokens: 0 };
  yield {
    type: 'message_start',
    message: {
      ...head(request),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage } as JsonObject,
    },
  };
  const blocks = new BlockWriter();
  for await (const delta of deltas) {
    if (delta.kind === 'usage') usage = delta.usage;
    else if (delta.kind === 'failure') {
      yield errorBody(delta.failure, requestId) as JsonObject;
      return;
    } else if (delta.kind === 'finish') {
      yield* blocks.finish();
      yield {
        type: 'message_delta',
        delta: { stop_reason: delta.reason, stop_sequence: delta.stopSequence ?? null },
        usage: { ...usage } as JsonObject,
      };
      yield { type: 'message_stop' };
      return;
    } else yield* blocks.take(delta);
  }
}

const head = (request: JsonObject): JsonObject => ({
  id: newId('msg'),
  type: 'message',
  role: 'assistant',
  model: request.model,
});

/** One message of all pieces, or why there is none. */
export async function messageOf(
  deltas: AsyncIterable<AnswerDelta>,
  call: GatewayCall,
): Promise<{ message: JsonObject } | { failure: Failure }> {
  const content: JsonObject[] = [];
  const fragments = new Map<string, { block: JsonObject; json: string }>();
  let usage: Usage = { input_tokens: estimate(call.request), output_tokens: 0 };
  let end: Extract<AnswerDelta, { kind: 'finish' }> | null = null;
  for await (const delta of deltas) {
    if (delta.kind === 'failure') return { failure: delta.failure };
    if (delta.kind === 'usage') usage = delta.usage;
    else if (delta.kind === 'finish') end = delta;
    else if (delta.kind === 'arguments') {
      const call = fragments.get(delta.key);
      if (call !== undefined) call.json += delta.text;
    } else if (delta.kind === 'call') {
      const block = { type: 'tool_use', id: toolId(delta.id), name: delta.name, input: {} };
      content.push(block);
      fragments.set(delta.key, { block, json: '' });
    } else grow(content, delta);
  }
  if (end === null) return incomplete('truncated', 'The answer of the upstream is not complete.');
  for (const { block, json } of fragments.values()) {
    const input = argumentsOf(json);
    if (input === undefined && end.reason !== 'max_tokens')
      return incomplete('invalid', 'The arguments of a call are not JSON.');
    block.input = input ?? {};
  }
  return {
    message: {
      ...head(call.request),
      content: content as Json[],
      stop_reason: end.reason,
      stop_sequence: end.stopSequence ?? null,
      usage: { ...usage } as JsonObject,
    },
  };
}

const incomplete = (kind: Failure['kind'], message: string): { failure: Failure } => ({
  failure: { kind, status: null, message, code: null, headers: {} },
});

function grow(content: JsonObject[], delta: Extract<AnswerDelta, { kind: 'text' | 'thinking' | 'signature' }>): void {
  const last = content.at(-1);
  if (delta.kind === 'signature') {
    if (last?.type === 'thinking') last.signature = delta.signature;
    return;
  }
  if (last?.type === delta.kind) last[delta.kind] = `${String(last[delta.kind])}${delta.text}`;
  else if (delta.kind === 'text') content.push({ type: 'text', text: delta.text });
  else content.push({ type: 'thinking', thinking: delta.text, signature: '' });
}

/** `undefined` when the text is not a JSON object. */
function argumentsOf(text: string): JsonObject | undefined {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

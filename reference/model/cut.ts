import { pieces } from '../tokens.js';
import type { Json, JsonObject } from '../wire.js';
import type { Draft, Reply, ReplyBlock } from './draft.js';

/** Tokens of a tool call beside its arguments: its opening, its name, its end. */
const CALL_TOKENS = 4;
/** Every reply that comes to its own end spends a token on saying so. */
const END_TOKENS = 1;

interface Limits {
  /** `max_tokens` of the request. */
  maxTokens: number;
  /** What the context window leaves for the reply. */
  windowTokens: number;
  stopSequences: readonly string[];
}

/** Generates a draft token by token until it ends, a stop sequence is complete in its text, or a limit is reached. */
export function cut(draft: Draft, limits: Limits): Reply {
  const limit = Math.min(limits.maxTokens, limits.windowTokens);
  const reply: Reply = {
    blocks: [],
    stopReason: 'end_turn',
    stopSequence: null,
    outputTokens: 0,
    thinkingTokens: 0,
  };
  if (draft.refusal) {
    return { ...reply, stopReason: 'refusal', refusal: draft.refusal, outputTokens: Math.min(END_TOKENS, limit) };
  }
  const exhausted = (): Reply => {
    reply.outputTokens = limit;
    reply.stopReason = limits.maxTokens <= limits.windowTokens ? 'max_tokens' : 'model_context_window_exceeded';
    return reply;
  };
  for (const block of draft.blocks) {
    const left = limit - reply.outputTokens;
    if (left <= 0) return exhausted();
    if (block.type === 'tool_use') {
      const json = JSON.stringify(block.input);
      const parts = pieces(json);
      const argumentTokens = Math.max(0, left - CALL_TOKENS);
      if (parts.length <= argumentTokens) {
        reply.blocks.push({ ...block, json });
        reply.outputTokens += CALL_TOKENS + parts.length;
        continue;
      }
      const partial = parts.slice(0, argumentTokens).join('');
      reply.blocks.push({ ...block, json: partial, input: completeObject(partial) });
      return exhausted();
    }
    if (block.type === 'text') {
      const stop = firstStop(block.text, limits.stopSequences);
      const until = stop ? block.text.slice(0, stop.end) : block.text;
      const parts = pieces(until);
      if (parts.length > left) {
        pushText(reply.blocks, block, parts.slice(0, left).join(''));
        return exhausted();
      }
      reply.outputTokens += parts.length;
      if (stop) {
        pushText(reply.blocks, block, block.text.slice(0, stop.start));
        return { ...reply, stopReason: 'stop_sequence', stopSequence: stop.sequence };
      }
      pushText(reply.blocks, block, block.text);
      continue;
    }
    const parts = pieces(block.thinking);
    const thinking = parts.slice(0, left).join('');
    reply.blocks.push({ ...block, thinking });
    reply.thinkingTokens += Math.min(parts.length, left);
    if (parts.length > left) return exhausted();
    reply.outputTokens += parts.length;
  }
  if (reply.outputTokens + END_TOKENS > limit) return exhausted();
  reply.outputTokens += END_TOKENS;
  if (reply.blocks.some((block) => block.type === 'tool_use')) reply.stopReason = 'tool_use';
  return reply;
}

/** A reply may not hold what the endpoint refuses to read back: text blocks without visible text. */
function pushText(blocks: ReplyBlock[], block: Extract<ReplyBlock, { type: 'text' }>, text: string): void {
  if (text.trim() === '') return;
  const citations = block.citations?.length && text === block.text ? { citations: block.citations } : {};
  blocks.push({ type: 'text', text, ...citations });
}

interface Stop {
  sequence: string;
  start: number;
  end: number;
}

/** The sequence that is complete first while the text grows; of two that end together the one that began first. */
function firstStop(text: string, sequences: readonly string[]): Stop | null {
  let first: Stop | null = null;
  for (const sequence of sequences) {
    const start = text.indexOf(sequence);
    if (start < 0) continue;
    const end = start + sequence.length;
    if (!first || end < first.end || (end === first.end && start < first.start)) first = { sequence, start, end };
  }
  return first;
}

/** The object that a truncated JSON text shows so far: complete members, and a string as far as it came. */
function completeObject(partial: string): JsonObject {
  for (let end = partial.length; end > 0; end -= 1) {
    const value = closed(partial.slice(0, end));
    if (value !== undefined && typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  }
  return {};
}

function closed(text: string): Json | undefined {
  const open: string[] = [];
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (quoted) {
      if (sign === '\\') index += 1;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === '{') open.push('}');
    else if (sign === '[') open.push(']');
    else if (sign === '}' || sign === ']') open.pop();
  }
  try {
    return JSON.parse(`${text}${quoted ? '"' : ''}${open.reverse().join('')}`) as Json;
  } catch {
    return undefined;
  }
}

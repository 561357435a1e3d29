import { countText, headOf } from '../tokens.js';
import type { Draft, Reply, ReplyBlock } from './draft.js';
import { completeObject } from './partial-json.js';
import { firstStop } from './stop-sequences.js';

/** Tokens of a tool call besides its arguments: its start, its name, its end. */
const CALL_TOKENS = 4;
/** A reply that ends by itself spends a token on its end. */
const END_TOKENS = 1;

interface Limits {
  /** `max_tokens` of the request. */
  maxTokens: number;
  /** What the context window leaves for the reply. */
  windowTokens: number;
  stopSequences: readonly string[];
}

/** Generates a draft token by token until it ends, a stop sequence is complete in its text, or a limit is reached. */
export function generate(draft: Draft, limits: Limits): Reply {
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
      const argumentTokens = Math.max(0, left - CALL_TOKENS);
      const written = headOf(json, argumentTokens);
      if (written.end === json.length) {
        reply.blocks.push({ ...block, json });
        reply.outputTokens += CALL_TOKENS + written.tokens;
        continue;
      }
      const partial = json.slice(0, written.end);
      reply.blocks.push({ ...block, json: partial, input: completeObject(partial) });
      return exhausted();
    }
    if (
      block.type === 'server_tool_use' ||
      block.type === 'web_search_tool_result' ||
      block.type === 'tool_search_tool_result'
    ) {
      const tokens = block.type === 'server_tool_use' ? CALL_TOKENS + countText(JSON.stringify(block.input)) : 0;
      if (tokens > left) return exhausted();
      reply.blocks.push(block);
      reply.outputTokens += tokens;
      continue;
    }
    if (block.type === 'text') {
      const seen = headOf(block.text, left + 1);
      const stop = firstStop(block.text.slice(0, seen.end), limits.stopSequences);
      const text = block.text.slice(0, stop?.end ?? seen.end);
      const written = stop || seen.tokens > left ? headOf(text, left) : seen;
      if (written.end < text.length) {
        pushText(reply.blocks, block, text.slice(0, written.end));
        return exhausted();
      }
      reply.outputTokens += written.tokens;
      if (stop) {
        pushText(reply.blocks, block, block.text.slice(0, stop.start));
        return { ...reply, stopReason: 'stop_sequence', stopSequence: stop.sequence };
      }
      pushText(reply.blocks, block, block.text);
      continue;
    }
    const { tokens, end } = headOf(block.thinking, left);
    reply.blocks.push({ ...block, thinking: block.thinking.slice(0, end) });
    reply.thinkingTokens += tokens;
    if (end < block.thinking.length) return exhausted();
    reply.outputTokens += tokens;
  }
  if (reply.outputTokens + END_TOKENS > limit) return exhausted();
  reply.outputTokens += END_TOKENS;
  if (reply.blocks.some((block) => block.type === 'tool_use')) reply.stopReason = 'tool_use';
  return reply;
}

/** A reply has no text block of white space only: the endpoint would reject it when it comes back. */
function pushText(blocks: ReplyBlock[], block: Extract<ReplyBlock, { type: 'text' }>, text: string): void {
  if (text.trim() === '') return;
  const citations = block.citations?.length && text === block.text ? { citations: block.citations } : {};
  blocks.push({ type: 'text', text, ...citations });
}

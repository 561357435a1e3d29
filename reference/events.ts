import { pieceEnd } from './tokens.js';
import type { Delta, Message, ResponseBlock, StreamEvent } from './wire.js';

/** Tokens of one delta, in turn: real replies have deltas of different sizes too. */
const DELTA_SIZES = [1, 2, 3];

/**
 * The events that add up to a message. Inputs in `truncatedInputs` are sent as far as they were generated.
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function toEvents(message: Message, truncatedInputs: ReadonlyMap<string, string> = new Map()): StreamEvent[] {
  const { stop_reason, stop_sequence, stop_details, usage, context_management, ...start } = message;
  const { cache_creation, service_tier, inference_geo, ...totals } = usage;
  const { output_tokens_details: _, server_tool_use: __, iterations: ___, ...provisional } = usage;
  // A stream begins with the model of the request, before that model declines.
  const handover = message.content.find((block) => block.type === 'fallback');
  const events: StreamEvent[] = [
    {
      type: 'message_start',
      message: {
        ...start,
        model: handover?.from.model ?? message.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        ...(stop_details !== undefined && { stop_details: null }),
        usage: { ...provisional, output_tokens: Math.min(1, usage.output_tokens) },
      },
    },
  ];
  for (const [index, block] of message.content.entries()) {
    events.push({ type: 'content_block_start', index, content_block: opening(block) });
    if (index === 0) events.push({ type: 'ping' });
    for (const delta of deltas(block, truncatedInputs)) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  events.push(
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence, ...(stop_details && { stop_details }) },
      usage: totals,
      ...(context_management && { context_management }),
    },
    { type: 'message_stop' },
  );
  return events;
}

function opening(block: ResponseBlock): ResponseBlock {
  switch (block.type) {
    case 'text':
      return block.citations ? { type: 'text', text: '', citations: [] } : { type: 'text', text: '' };
    case 'tool_use':
    case 'server_tool_use':
      return { ...block, input: {} };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    default:
      return block;
  }
}

function deltas(block: ResponseBlock, truncatedInputs: ReadonlyMap<string, string>): Delta[] {
  switch (block.type) {
    case 'text':
      return [
        ...deltaTexts(block.text).map((text): Delta => ({ type: 'text_delta', text })),
        ...(block.citations ?? []).map((citation): Delta => ({ type: 'citations_delta', citation })),
      ];
    case 'server_tool_use':
    case 'tool_use': {
      const json =
        truncatedInputs.get(block.id) ?? (Object.keys(block.input).length > 0 ? JSON.stringify(block.input) : '');
      return ['', ...deltaTexts(json)].map((partial_json): Delta => ({ type: 'input_json_delta', partial_json }));
    }
    case 'thinking':
      return [
        ...deltaTexts(block.thinking).map((thinking): Delta => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature },
      ];
    default:
      return [];
  }
}

function deltaTexts(text: string): string[] {
  const parts: string[] = [];
  let end = 0;
  for (let start = 0; start < text.length; start = end) {
    let left = DELTA_SIZES[parts.length % DELTA_SIZES.length]!;
    for (; left > 0 && end < text.length; left -= 1) end = pieceEnd(text, end);
    parts.push(text.slice(start, end));
  }
  return parts;
}

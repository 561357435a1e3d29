import { newId } from './ids.js';
import type { Reply, ReplyBlock } from './model/index.js';
import type { JsonObject, Message, ResponseBlock, Usage } from './wire.js';

/** How thinking blocks are made recognisable, so that changed ones can be refused later. */
export interface Seal {
  /** The block as the client gets it, with `display: omitted` without its text. */
  thinking(thinking: string): ResponseBlock;
  redacted(thinking: string): ResponseBlock;
}

export interface MessageParts {
  model: string;
  usage: Usage;
  seal: Seal;
  /** Edits that were applied to the context, when the request asked for some. */
  appliedEdits: JsonObject[] | null;
}

/** Puts a reply into the protocol's form, with ids of its own. Source: https://platform.claude.com/docs/en/api/messages */
export function toMessage(reply: Reply, parts: MessageParts): Message {
  return {
    id: newId('msg'),
    type: 'message',
    role: 'assistant',
    model: parts.model,
    content: reply.blocks.map((block) => toBlock(block, parts.seal)),
    stop_reason: reply.stopReason,
    stop_sequence: reply.stopSequence,
    stop_details: reply.refusal ? { type: 'refusal', ...reply.refusal } : null,
    usage: parts.usage,
    ...(parts.appliedEdits && { context_management: { applied_edits: parts.appliedEdits } }),
  };
}

function toBlock(block: ReplyBlock, seal: Seal): ResponseBlock {
  switch (block.type) {
    case 'text':
      return block.citations
        ? { type: 'text', text: block.text, citations: block.citations }
        : { type: 'text', text: block.text };
    case 'tool_use':
      return { type: 'tool_use', id: newId('toolu'), name: block.name, input: block.input, caller: { type: 'direct' } };
    case 'thinking':
      return seal.thinking(block.thinking);
    case 'redacted_thinking':
      return seal.redacted(block.thinking);
  }
}

/** The JSON texts of tool inputs that a limit cut, by tool call id: in a stream they stay cut. */
export function cutInputs(message: Message, reply: Reply): Map<string, string> {
  const cut = new Map<string, string>();
  for (const [index, block] of reply.blocks.entries()) {
    const sent = message.content[index];
    if (block.type !== 'tool_use' || sent?.type !== 'tool_use') continue;
    if (block.json !== JSON.stringify(block.input)) cut.set(sent.id, block.json);
  }
  return cut;
}

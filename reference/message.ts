import { newId } from './ids.js';
import type { Reply, ReplyBlock } from './model/index.js';
import type { JsonObject, Message, ResponseBlock, Usage } from './wire.js';

/** Signs thinking blocks, so that the endpoint can reject changed ones later. */
export interface ThinkingSigner {
  /** The block as the client gets it; `display: omitted` leaves out its text. */
  thinking(thinking: string): ResponseBlock;
  redacted(thinking: string): ResponseBlock;
}

export interface MessageParts {
  model: string;
  usage: Usage;
  signer: ThinkingSigner;
  /** Applied context edits; `null` when the request has none. */
  appliedEdits: JsonObject[] | null;
}

/** A reply as a message of the protocol, with new ids. Source: https://platform.claude.com/docs/en/api/messages */
export function toMessage(reply: Reply, parts: MessageParts): Message {
  return {
    id: newId('msg'),
    type: 'message',
    role: 'assistant',
    model: parts.model,
    content: toContent(reply.blocks, parts.signer),
    stop_reason: reply.stopReason,
    stop_sequence: reply.stopSequence,
    stop_details: reply.refusal ? { type: 'refusal', ...reply.refusal } : null,
    usage: parts.usage,
    ...(parts.appliedEdits && { context_management: { applied_edits: parts.appliedEdits } }),
  };
}

/** The result of a server tool names the call before it. */
function toContent(blocks: readonly ReplyBlock[], signer: ThinkingSigner): ResponseBlock[] {
  const content: ResponseBlock[] = [];
  for (const block of blocks) content.push(toBlock(block, signer, content.at(-1)));
  return content;
}

function toBlock(block: ReplyBlock, signer: ThinkingSigner, before: ResponseBlock | undefined): ResponseBlock {
  switch (block.type) {
    case 'text':
      return block.citations
        ? { type: 'text', text: block.text, citations: block.citations }
        : { type: 'text', text: block.text };
    case 'tool_use':
      return { type: 'tool_use', id: newId('toolu'), name: block.name, input: block.input, caller: { type: 'direct' } };
    case 'thinking':
      return signer.thinking(block.thinking);
    case 'redacted_thinking':
      return signer.redacted(block.thinking);
    case 'server_tool_use':
      return { ...block, id: newId('srvtoolu'), caller: { type: 'direct' } };
    case 'tool_search_tool_result': {
      const tool_use_id = before?.type === 'server_tool_use' ? before.id : newId('srvtoolu');
      return { ...block, tool_use_id };
    }
    case 'web_search_tool_result': {
      const tool_use_id = before?.type === 'server_tool_use' ? before.id : newId('srvtoolu');
      return { ...block, tool_use_id, caller: { type: 'direct' } };
    }
  }
}

/** The incomplete JSON of tool inputs that a limit truncated, by call id: a stream sends it as it is. */
export function truncatedInputs(message: Message, reply: Reply): Map<string, string> {
  const cut = new Map<string, string>();
  const sentCalls = message.content.filter((block) => block.type === 'tool_use');
  for (const [index, block] of reply.blocks.filter((one) => one.type === 'tool_use').entries()) {
    const sent = sentCalls[index];
    if (sent === undefined) continue;
    if (block.json !== JSON.stringify(block.input)) cut.set(sent.id, block.json);
  }
  return cut;
}

import { toBlocks } from './conversation.js';
import type { Block, CompactionBlock, MessageParam, PromptRequest, Tool, ToolChangeBlock } from './wire.js';

/**
 * A request as far as it is in effect at its end: a summary in place of what it summarizes, no system messages that are over, the tools
 * after all changes. What the model reads and what its tokens are counted of.
 *
 * Sources: https://platform.claude.com/docs/en/build-with-claude/compaction-threshold and
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
export function inEffect<Request extends PromptRequest>(request: Request): Request {
  if (!request.messages.some(changesTheRest)) return request;
  const messages = withoutToolChanges(afterCompaction(withoutCleared(request.messages)));
  const tools = toolsInEffect(request);
  return { ...request, messages, ...(tools !== undefined && { tools }) };
}

/** Whether a message is more than what it says. */
const changesTheRest = ({ clear_at: end, content }: MessageParam): boolean =>
  end !== undefined || toBlocks(content).some((block) => isCompaction(block) || isToolChange(block));

/** A system message with `clear_at` ends with the user turn that it follows. */
function withoutCleared(messages: readonly MessageParam[]): MessageParam[] {
  const lastUser = messages.findLastIndex(({ role }) => role === 'user');
  return messages.filter(({ clear_at: end }, index) => end !== 'next_user_message' || index > lastUser);
}

/** The last summary that did not fail stands for everything before it. A failed one has no content and no effect. */
function afterCompaction(messages: readonly MessageParam[]): MessageParam[] {
  const at = messages.findLastIndex(({ content }) => toBlocks(content).some(isSummary));
  const whole = messages.slice(Math.max(0, at));
  return whole.flatMap((message) => {
    const blocks = toBlocks(message.content);
    if (!blocks.some(isCompaction)) return [message];
    const kept = blocks.slice(Math.max(0, blocks.findLastIndex(isSummary)));
    const read = kept.flatMap((block): Block[] => {
      if (block.type !== 'compaction') return [block];
      return typeof block.content === 'string' ? [{ type: 'text', text: block.content }] : [];
    });
    return read.length === 0 ? [] : [{ ...message, content: read }];
  });
}

const isCompaction = (block: Block): block is CompactionBlock => block.type === 'compaction';
const isSummary = (block: Block): boolean => isCompaction(block) && typeof block.content === 'string';

const isToolChange = (block: Block): block is ToolChangeBlock =>
  block.type === 'tool_addition' || block.type === 'tool_removal';

function withoutToolChanges(messages: readonly MessageParam[]): MessageParam[] {
  return messages.flatMap((message) => {
    const blocks = toBlocks(message.content);
    if (!blocks.some(isToolChange)) return [message];
    const rest = blocks.filter((block) => !isToolChange(block));
    return rest.length === 0 ? [] : [{ ...message, content: rest }];
  });
}

/** Changes of the tools in the middle of a conversation, in their order, each with its path for error messages. */
export function toolChanges({ messages }: PromptRequest): { change: ToolChangeBlock; at: string }[] {
  return messages.flatMap(({ content }, index) =>
    toBlocks(content).flatMap((change, position) =>
      isToolChange(change) ? [{ change, at: `messages.${index}.content.${position}` }] : [],
    ),
  );
}

/** The tools after all changes; `undefined` where the request has neither. */
export function toolsInEffect(request: PromptRequest): Tool[] | undefined {
  const changes = toolChanges(request);
  if (changes.length === 0) return request.tools;
  const tools = new Map((request.tools ?? []).map((tool) => [tool.name, tool]));
  for (const { change } of changes) {
    const { tool } = change;
    if (tool.type === 'tool_definition') tools.set(tool.definition.name, tool.definition);
    if (tool.type !== 'tool_reference') continue;
    const known = tools.get(tool.name);
    if (change.type === 'tool_removal') tools.delete(tool.name);
    else if (known !== undefined) tools.set(tool.name, { ...known, defer_loading: false });
  }
  return [...tools.values()];
}

import { toTurns } from './conversation.js';
import { segmentsOf, totalTokens, type Weights } from './segments.js';
import type { Block, ContextEdit, JsonObject, PromptRequest, ToolUseBlock } from './wire.js';

const DEFAULT_TRIGGER = 100_000;
const DEFAULT_KEEP = 3;

/** A request after its context was edited. */
export interface EditedRequest<Request extends PromptRequest> {
  request: Request;
  /** Edits that changed something; `null` when none was asked for. */
  applied: JsonObject[] | null;
}

/**
 * Clears old tool results where the prompt has grown too long. Thinking of earlier turns needs no edit: it is not kept
 * anyway. Source: https://platform.claude.com/docs/en/build-with-claude/context-editing
 */
export function editContext<Request extends PromptRequest>(request: Request, weights: Weights): EditedRequest<Request> {
  const edits = request.context_management?.edits;
  if (!edits) return { request, applied: request.context_management ? [] : null };
  let edited = request;
  const applied: JsonObject[] = [];
  for (const edit of edits) {
    if (edit.type !== 'clear_tool_uses_20250919') continue;
    const before = totalTokens(segmentsOf(edited, weights));
    const ids = idsToClear(edited, edit, before);
    const next = withoutResults(edited, new Set(ids), edit);
    const cleared = before - totalTokens(segmentsOf(next, weights));
    if (ids.length === 0 || cleared < (edit.clear_at_least?.value ?? 0)) continue;
    applied.push({ type: edit.type, cleared_tool_uses: ids.length, cleared_input_tokens: cleared });
    edited = next;
  }
  return { request: edited, applied };
}

function idsToClear(request: PromptRequest, edit: ContextEdit, tokens: number): string[] {
  const calls = toTurns(request.messages)
    .flatMap((turn) => turn.blocks)
    .filter((block): block is ToolUseBlock => block.type === 'tool_use');
  const { trigger } = edit;
  const reached =
    trigger?.type === 'tool_uses' ? calls.length > trigger.value : tokens > (trigger?.value ?? DEFAULT_TRIGGER);
  if (!reached) return [];
  const keep = typeof edit.keep === 'object' && edit.keep?.value !== undefined ? edit.keep.value : DEFAULT_KEEP;
  const old = calls.slice(0, Math.max(0, calls.length - keep));
  return old.filter((call) => !edit.exclude_tools?.includes(call.name)).map((call) => call.id);
}

function withoutResults<Request extends PromptRequest>(
  request: Request,
  ids: ReadonlySet<string>,
  edit: ContextEdit,
): Request {
  const clears = (call: ToolUseBlock) =>
    edit.clear_tool_inputs === true ||
    (Array.isArray(edit.clear_tool_inputs) && edit.clear_tool_inputs.includes(call.name));
  const clear = (block: Block): Block => {
    if (block.type === 'tool_result' && ids.has(block.tool_use_id)) return { ...block, content: '[cleared]' };
    if (block.type === 'tool_use' && ids.has(block.id) && clears(block)) return { ...block, input: {} };
    return block;
  };
  const messages = request.messages.map((message) =>
    typeof message.content === 'string' ? message : { ...message, content: message.content.map(clear) },
  );
  return { ...request, messages };
}

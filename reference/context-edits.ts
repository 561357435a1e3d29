import { toBlocks, toTurns } from './conversation.js';
import { isThinking, segmentsOf, totalTokens, type Weights } from './segments.js';
import type { Block, ContextEdit, JsonObject, PromptRequest, ToolUseBlock } from './wire.js';

const DEFAULT_TRIGGER = 100_000;
const DEFAULT_KEEP = 3;

/** A request after its context was edited. */
export interface EditedRequest<Request extends PromptRequest> {
  request: Request;
  /** Edits that changed something; `null` when the request has none. */
  applied: JsonObject[] | null;
}

/**
 * Clears old thinking and old tool results of a long prompt. Only the first edit of a type counts, since a second one would find
 * nothing to clear. Source: https://platform.claude.com/docs/en/build-with-claude/context-editing
 */
export function editContext<Request extends PromptRequest>(request: Request, weights: Weights): EditedRequest<Request> {
  const { context_management: management } = request;
  if (!management) return { request, applied: null };
  const editOf = (type: string): ContextEdit | undefined => management.edits?.find((edit) => edit.type === type);
  const thinking = clearThinking(request, editOf('clear_thinking_20251015'), weights);
  const results = clearResults(thinking.request, editOf('clear_tool_uses_20250919'), weights);
  return { request: results.request, applied: [...(thinking.applied ?? []), ...(results.applied ?? [])] };
}

/** Turns whose thinking an edit keeps when it does not say how many. */
const DEFAULT_TURNS = 1;

function clearThinking<Request extends PromptRequest>(
  request: Request,
  edit: ContextEdit | undefined,
  weights: Weights,
): EditedRequest<Request> {
  const keep = edit?.keep;
  if (edit === undefined || keep === 'all' || (typeof keep === 'object' && keep?.type === 'all'))
    return { request, applied: null };
  const kept = typeof keep === 'object' && keep?.value !== undefined ? keep.value : DEFAULT_TURNS;
  const thoughtful = request.messages.flatMap(({ content }, index) =>
    toBlocks(content).some(isThinking) ? [index] : [],
  );
  const old = new Set(thoughtful.slice(0, Math.max(0, thoughtful.length - kept)));
  if (old.size === 0) return { request, applied: null };
  const messages = request.messages.map((message, index) =>
    old.has(index) ? { ...message, content: toBlocks(message.content).filter((block) => !isThinking(block)) } : message,
  );
  const edited = { ...request, messages };
  const tokens = (one: PromptRequest): number => totalTokens(segmentsOf(one, weights));
  const applied = {
    type: edit.type,
    cleared_thinking_turns: old.size,
    cleared_input_tokens: tokens(request) - tokens(edited),
  };
  return { request: edited, applied: [applied] };
}

function clearResults<Request extends PromptRequest>(
  request: Request,
  edit: ContextEdit | undefined,
  weights: Weights,
): EditedRequest<Request> {
  if (!edit) return { request, applied: [] };
  const before = totalTokens(segmentsOf(request, weights));
  const ids = idsToClear(request, edit, before);
  const edited = withoutResults(request, new Set(ids), edit);
  const cleared = before - totalTokens(segmentsOf(edited, weights));
  if (ids.length === 0 || cleared < (edit.clear_at_least?.value ?? 0)) return { request, applied: [] };
  const applied = { type: edit.type, cleared_tool_uses: ids.length, cleared_input_tokens: cleared };
  return { request: edited, applied: [applied] };
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
  const excluded = new Set(edit.exclude_tools);
  return old.filter((call) => !excluded.has(call.name)).map((call) => call.id);
}

function withoutResults<Request extends PromptRequest>(
  request: Request,
  ids: ReadonlySet<string>,
  edit: ContextEdit,
): Request {
  const { clear_tool_inputs: inputs } = edit;
  const named = new Set(Array.isArray(inputs) ? inputs : []);
  const clears = (call: ToolUseBlock) => inputs === true || named.has(call.name);
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

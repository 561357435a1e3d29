import { type Turn, toBlocks, toTurns } from './conversation.js';
import { invalid, type Rejection } from './errors.js';
import type { Dialect } from './options.js';
import type { Block, MessageParam, MessageRequest, PromptRequest } from './wire.js';

/**
 * Rules for a conversation beyond the shape of its parts: who begins, what may be empty, where blocks may stand, which calls
 * need results. Reasons come in the order in which the API reports them.
 *
 * Sources: https://platform.claude.com/docs/en/build-with-claude/working-with-messages,
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls and
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
export function* conversationReasons(request: PromptRequest, dialect: Dialect): Iterable<Rejection> {
  const turns = toTurns(request.messages);
  yield* beginning(request);
  yield* systemMessages(request, dialect);
  if (dialect.consecutiveRoles === 'strict') yield* alternation(request);
  yield* emptiness(request, turns);
  yield* placement(request);
  yield* pairing(turns);
}

function* beginning({ messages }: PromptRequest): Iterable<Rejection> {
  const [first] = messages;
  // A summary stands for the messages before it, the first user message among them.
  if (first?.role === 'assistant' && toBlocks(first.content)[0]?.type === 'compaction') return;
  const role = first?.role;
  if (role === 'system') {
    yield invalid(
      "messages.0.role: the first message may not be a system message; use the top-level 'system' parameter",
    );
  } else if (role === 'assistant') {
    yield invalid('messages: first message must use the "user" role');
  }
}

/** Types of blocks of a system message. */
const IN_SYSTEM = new Set(['text', 'tool_addition', 'tool_removal']);

function* systemMessages({ messages }: PromptRequest, dialect: Dialect): Iterable<Rejection> {
  let before: MessageParam | undefined;
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'system') {
      before = message;
      continue;
    }
    const at = `messages.${index}`;
    if (dialect.systemRole === 'refuse') {
      yield invalid(
        `${at}.role: Unexpected role "system". Allowed roles are "user" and "assistant"; use the top-level 'system' parameter`,
      );
    }
    const blocks = toBlocks(message.content);
    if (blocks.some(({ type }) => !IN_SYSTEM.has(type))) {
      yield invalid(`${at}.content: system messages may hold text and tool changes only`);
    }
    if (blocks.length === 0) yield invalid(`${at}: system messages must have non-empty content`);
    if (before?.role === 'assistant' && !endsInServerResult(toBlocks(before.content))) {
      yield invalid(`${at}: a system message has to follow a user message or a server tool result`);
    }
    const after = messages[index + 1];
    if (after?.role === 'user') {
      yield invalid(`${at}: a system message has to be last or to be followed by an assistant message`);
    }
  }
}

function endsInServerResult(blocks: readonly Block[]): boolean {
  const type = blocks.at(-1)?.type ?? '';
  return type.endsWith('_tool_result');
}

function* alternation({ messages }: PromptRequest): Iterable<Rejection> {
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1];
    if (before && before.role === message.role) {
      yield invalid(
        `messages.${index}: roles must alternate between "user" and "assistant", but found multiple "${message.role}" roles in a row`,
      );
    }
  }
}

function* emptiness({ messages, system }: PromptRequest, turns: readonly Turn[]): Iterable<Rejection> {
  for (const turn of turns) {
    if (turn.blocks.length > 0) continue;
    if (turn.role === 'user') yield invalid(`messages.${turn.first}: user messages must have non-empty content`);
    if (turn.role === 'assistant' && turn !== turns.at(-1)) {
      yield invalid(
        `messages.${turn.first}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
  }
  for (const [index, message] of messages.entries()) {
    const blocks = toBlocks(message.content);
    const besideCall = message.role === 'assistant' && blocks.some(({ type }) => type === 'tool_use');
    for (const [position, block] of blocks.entries()) {
      const at =
        typeof message.content === 'string' ? `messages.${index}.content` : `messages.${index}.content.${position}`;
      yield* emptyText(block, at, besideCall);
      if (block.type === 'tool_result') {
        for (const [inner, part] of toBlocks(block.content).entries()) {
          if (part.type === 'text' && part.text === '' && typeof block.content !== 'string') {
            yield invalid(`${at}.content.${inner}: text content blocks must be non-empty`);
          }
        }
      }
    }
  }
  if (Array.isArray(system)) {
    for (const [index, block] of system.entries()) yield* emptyText(block, `system.${index}`);
  }
}

/** The API accepts white space beside a call of the assistant: models write line breaks between calls. */
function* emptyText(block: Block, at: string, besideCall = false): Iterable<Rejection> {
  if (block.type !== 'text') return;
  if (block.text === '') {
    if (block.cache_control) yield invalid(`${at}: cache_control cannot be set for empty text blocks`);
    yield invalid(`${at}: text content blocks must be non-empty`);
  } else if (!besideCall && block.text.trim() === '') {
    yield invalid(`${at}: text content blocks must contain non-whitespace text`);
  }
}

/** Most ids that one error message names. */
const NAMED = 20;

const ASSISTANT_ONLY = new Set(['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use']);
const USER_ONLY = new Set(['tool_result', 'search_result']);

function* placement({ messages }: PromptRequest): Iterable<Rejection> {
  for (const [index, message] of messages.entries()) {
    for (const [position, { type }] of toBlocks(message.content).entries()) {
      const home =
        message.role === 'user' && ASSISTANT_ONLY.has(type)
          ? 'assistant'
          : message.role === 'assistant' && USER_ONLY.has(type)
            ? 'user'
            : null;
      if (home) {
        yield invalid(`messages.${index}.content.${position}: \`${type}\` blocks can only be in \`${home}\` messages`);
      }
    }
  }
}

function* pairing(turns: readonly Turn[]): Iterable<Rejection> {
  const known = new Set<string>();
  for (const [index, turn] of turns.entries()) {
    if (turn.role === 'assistant') {
      const open = turn.blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
      for (const id of open) {
        if (known.has(id))
          yield invalid(`messages.${turn.first}: \`tool_use\` ids must be unique, but "${id}" occurs twice`);
        known.add(id);
      }
      const answered = leadingResults(turns[index + 1]);
      const missing = open.filter((id) => !answered.has(id));
      if (missing.length > 0) {
        yield invalid(
          `messages.${turn.first}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.slice(0, NAMED).join(', ')}. ` +
            'Each `tool_use` block must have a corresponding `tool_result` block at the start of the next message.',
        );
      }
    } else if (turn.role === 'user') {
      yield* results(turn, turns[index - 1]);
    }
  }
}

/** Ids of the results that a turn begins with; results after other blocks do not count. */
function leadingResults(turn: Turn | undefined): Set<string> {
  const ids = new Set<string>();
  if (turn?.role !== 'user') return ids;
  for (const block of turn.blocks) {
    if (block.type !== 'tool_result') break;
    ids.add(block.tool_use_id);
  }
  return ids;
}

function* results(turn: Turn, before: Turn | undefined): Iterable<Rejection> {
  const calls = new Set(
    before?.role === 'assistant' ? before.blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])) : [],
  );
  const answered = new Set<string>();
  for (const [position, block] of turn.blocks.entries()) {
    if (block.type !== 'tool_result') continue;
    const id = block.tool_use_id;
    const at = `messages.${turn.origins[position]}`;
    if (!calls.has(id)) {
      yield invalid(
        `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      );
    }
    if (answered.has(id)) yield invalid(`${at}: each tool_use must have a single result, but "${id}" has several`);
    answered.add(id);
  }
}

/** Whether the reply may continue a final assistant message. */
export function* prefillReasons(request: MessageRequest, dialect: Dialect): Iterable<Rejection> {
  const last = toTurns(request.messages).at(-1);
  if (last?.role !== 'assistant' || last.blocks.length === 0) return;
  const end = last.blocks.at(-1)!;
  if (end.type !== 'text') return;
  if (dialect.prefill === 'refuse') {
    yield invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  if (request.thinking && request.thinking.type !== 'disabled') {
    yield invalid('messages: a final assistant message cannot be continued when thinking is enabled');
  }
  if (request.output_config?.format ?? request.output_format) {
    yield invalid('messages: a final assistant message cannot be continued together with output_config.format');
  }
  if (/\s$/u.test(end.text)) yield invalid('messages: final assistant content cannot end with trailing whitespace');
}

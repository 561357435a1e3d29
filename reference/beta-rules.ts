import { isObject } from '../core/json.js';
import { invalid, type Rejection } from './errors.js';
import type { Json, JsonObject } from './wire.js';

/** Fields that a beta adds, with the prefixes of the header values that announce them. */
const BETA_FIELDS = Object.entries({
  context_management: ['context-management-', 'compact-'],
  output_format: ['structured-outputs-'],
  billing_policy: ['user-profiles-billing-'],
  compaction: ['compact-'],
  fallback_credit_token: ['fallback-credit-'],
  fallbacks: ['server-side-fallback-'],
  mcp_servers: ['mcp-client-'],
  thread: ['message-threads-'],
});

/** Beta fields that this endpoint supports. */
const SUPPORTED = ['context_management', 'output_format', 'fallbacks', 'thread'];

/** The same for fields of a message, all of which this endpoint supports. */
const MESSAGE_FIELDS = Object.entries({
  clear_at: ['mid-conversation-system-clear-at-'],
  output_config: ['mid-conversation-output-config-'],
});

/** The same for types of content blocks. */
const BLOCK_TYPES: Readonly<Record<string, readonly string[]>> = {
  compaction: ['compact-'],
  fallback: ['server-side-fallback-'],
  tool_addition: ['mid-conversation-tool-changes-', 'inline-tools-'],
  tool_removal: ['mid-conversation-tool-changes-', 'inline-tools-'],
};

/**
 * A beta field is unknown without its header value. The endpoint rejects beta fields that it does not support.
 * Source: https://platform.claude.com/docs/en/api/beta-headers
 */
export function* betaReasons(body: Json, betas: readonly string[]): Iterable<Rejection> {
  const fields = body as Record<string, Json>;
  const isAnnounced = (prefixes: readonly string[]): boolean =>
    prefixes.some((start) => betas.some((beta) => beta.startsWith(start)));
  for (const [field, announcements] of BETA_FIELDS) {
    if (!Object.hasOwn(fields, field) || fields[field] === null) continue;
    if (!isAnnounced(announcements)) yield invalid(`${field}: Extra inputs are not permitted`);
    else if (!SUPPORTED.includes(field)) yield invalid(`${field}: this endpoint does not support it`);
  }
  const edits = (fields.context_management as { edits?: { type: string }[] } | undefined)?.edits ?? [];
  for (const [index, { type }] of edits.entries()) {
    if (type.startsWith('compact_')) {
      yield invalid(`context_management.edits.${index}.type: "${type}" is not supported by this endpoint`);
    }
  }
  const messages = Array.isArray(fields.messages) ? fields.messages : [];
  for (const [index, message] of messages.entries()) {
    yield* messageReasons(message as JsonObject, `messages.${index}`, isAnnounced);
  }
}

function* messageReasons(
  message: JsonObject,
  at: string,
  isAnnounced: (prefixes: readonly string[]) => boolean,
): Iterable<Rejection> {
  for (const [field, announcements] of MESSAGE_FIELDS) {
    if (Object.hasOwn(message, field) && !isAnnounced(announcements))
      yield invalid(`${at}.${field}: Extra inputs are not permitted`);
  }
  if (!Array.isArray(message.content)) return;
  for (const [position, block] of message.content.entries()) {
    if (!isObject(block) || typeof block.type !== 'string') continue;
    const announcements = Object.hasOwn(BLOCK_TYPES, block.type) ? BLOCK_TYPES[block.type] : undefined;
    const inline = isObject(block.tool) && block.tool.type === 'tool_definition' ? ['inline-tools-'] : announcements;
    if (inline !== undefined && !isAnnounced(inline))
      yield invalid(`${at}.content.${position}: Input tag '${block.type}' needs its anthropic-beta header`);
  }
}

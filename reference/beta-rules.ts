import { invalid, type Rejection } from './errors.js';
import type { Json } from './wire.js';

/** Fields that a beta adds, with the prefixes of the header values that announce them. */
const BETA_FIELDS: Readonly<Record<string, readonly string[]>> = {
  context_management: ['context-management-', 'compact-'],
  output_format: ['structured-outputs-'],
  billing_policy: ['user-profiles-billing-'],
  compaction: ['compact-'],
  fallback_credit_token: ['fallback-credit-'],
  fallbacks: ['server-side-fallback-'],
  mcp_servers: ['mcp-client-'],
  thread: ['message-threads-'],
};

/** Beta fields that this endpoint supports. */
const SUPPORTED = ['context_management', 'output_format'];

/**
 * A beta field is unknown without its header value. The endpoint rejects beta fields that it does not support.
 * Source: https://platform.claude.com/docs/en/api/beta-headers
 */
export function* betaReasons(body: Json, betas: readonly string[]): Iterable<Rejection> {
  const fields = body as Record<string, Json>;
  for (const [field, announcements] of Object.entries(BETA_FIELDS)) {
    if (!Object.hasOwn(fields, field) || fields[field] === null) continue;
    if (!announcements.some((start) => betas.some((beta) => beta.startsWith(start)))) {
      yield invalid(`${field}: Extra inputs are not permitted`);
    } else if (!SUPPORTED.includes(field)) {
      yield invalid(`${field}: this endpoint does not support it`);
    }
  }
  const edits = (fields.context_management as { edits?: { type: string }[] } | undefined)?.edits ?? [];
  for (const [index, { type }] of edits.entries()) {
    if (type.startsWith('compact_')) {
      yield invalid(`context_management.edits.${index}.type: "${type}" is not supported by this endpoint`);
    }
  }
  const messages = Array.isArray(fields.messages) ? fields.messages : [];
  for (const [index, message] of messages.entries()) {
    const extra = Object.keys(message as object).find((key) => key !== 'role' && key !== 'content');
    if (extra) yield invalid(`messages.${index}.${extra}: this endpoint does not support it`);
  }
}

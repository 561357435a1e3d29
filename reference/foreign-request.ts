/** What is wrong with a request that somebody else's client sent to somebody else's server. */

import { isObject } from '../core/json.js';
import { MAX_VIOLATIONS, type SchemaName, violations } from '../validation/index.js';
import { conversationReasons } from './conversation-rules.js';
import type { Dialect } from './options.js';
import type { Json, PromptRequest } from './wire.js';
import { inOrder, isExtra, wording } from './wording.js';

export interface ForeignRequest {
  /** Path below the base URL, without a query: `/v1/messages`. */
  path: string;
  version: string | null;
  /** Values of `anthropic-beta`. */
  betas: readonly string[];
  body: Json;
}

export interface ForeignViolation {
  rule: 'schema' | 'unknown-field' | 'conversation';
  message: string;
}

/**
 * Violations of the request schema and, where the body fits it, of the rules of conversations, in the wording of the API. `null` for
 * a request that no schema here describes. Unlike the endpoint's own check it knows neither models nor files, and nothing that
 * only one server can know, such as signatures of thinking.
 */
export function foreignViolations(request: ForeignRequest, dialect: Dialect): ForeignViolation[] | null {
  const schema = schemaOf(request);
  if (schema === null) return null;
  const found = inOrder(violations(schema, request.body)).map(
    (violation): ForeignViolation => ({
      rule: isExtra(violation.keyword) ? 'unknown-field' : 'schema',
      message: wording(violation),
    }),
  );
  if (found.some(({ rule }) => rule === 'schema') || !isObject(request.body)) return found;
  for (const { message } of conversationReasons(request.body as unknown as PromptRequest, dialect)) {
    if (found.push({ rule: 'conversation', message }) >= MAX_VIOLATIONS) break;
  }
  return found;
}

function schemaOf({ path, version, betas }: ForeignRequest): SchemaName | null {
  const kind = path.endsWith('/messages') ? 'request' : path.endsWith('/count_tokens') ? 'countTokensRequest' : null;
  if (kind === null) return null;
  const name = betas.length > 0 ? (`${kind}Beta` as const) : kind;
  return version === '2026-10-21' ? `${name}@2026-10-21` : name;
}

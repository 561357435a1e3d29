/** What the Messages API refuses: the rules of the schemas and of the reference endpoint. */

import { isObject, type Json } from '../../../core/json.js';
import { cacheReasons } from '../../../reference/cache.js';
import { conversationReasons, prefillReasons } from '../../../reference/conversation-rules.js';
import { isRejection } from '../../../reference/errors.js';
import { readBetas, readVersion } from '../../../reference/headers.js';
import { DEFAULT_MODELS, resolveSettings } from '../../../reference/options.js';
import { fieldReasons } from '../../../reference/request-rules.js';
import { thinkingReasons } from '../../../reference/thinking.js';
import { toolReasons } from '../../../reference/tool-rules.js';
import type { MessageRequest } from '../../../reference/wire.js';
import { inOrder, isExtra, wording } from '../../../reference/wording.js';
import type { Validate } from '../dialect.js';

/** Most faults of one request that are worth telling. */
const MOST = 5;

/**
 * A beta that no API has yet may bring fields that the suite does not know. Cases announce unknown fields by such a name; without it
 * they are refused, as by the real API.
 */
const FUTURE = /-20[3-9]\d-\d\d-\d\d$/;

const settings = resolveSettings();

export function messagesRefusals(
  body: Json | undefined,
  violations: Validate,
  headers: Readonly<Record<string, string>>,
): string[] {
  const received = new Headers(headers);
  const version = readVersion(received, settings);
  if (isRejection(version)) return [`${version.message}.`];
  if (!isObject(body)) return ['The body is not a JSON object.'];
  const betas = readBetas(received);
  const schema = betas.length > 0 ? 'requestBeta' : 'request';
  const mayHaveMore = betas.some((beta) => FUTURE.test(beta));
  const shape = inOrder(violations(version === '2023-06-01' ? schema : `${schema}@${version}`, body))
    .filter(({ keyword }) => !(mayHaveMore && isExtra(keyword)))
    .map(wording);
  if (shape.length > 0) return shape.slice(0, MOST).map((line) => `${line}.`);
  const request = body as unknown as MessageRequest;
  const { dialect } = settings;
  const [model] = DEFAULT_MODELS;
  const reasons = [
    ...fieldReasons(request, model!, dialect),
    ...thinkingReasons(request, model!, {
      supported: true,
      interleaved: betas.some((beta) => beta.startsWith('interleaved-thinking')),
    }),
    ...toolReasons(request, true),
    ...cacheReasons(request),
    ...conversationReasons(request, dialect),
    ...prefillReasons(request, dialect),
  ];
  return reasons.slice(0, MOST).map(({ message }) => message);
}

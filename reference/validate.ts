import { type SchemaName, violations } from '../validation/index.js';
import { betaReasons } from './beta-rules.js';
import { cacheReasons } from './cache.js';
import { conversationReasons, prefillReasons } from './conversation-rules.js';
import { invalid, type Rejection } from './errors.js';
import { fallbackReasons } from './fallbacks.js';
import { type Media, mediaReasons } from './media/media.js';
import { fieldReasons, findModel, modelNotFound } from './request-rules.js';
import type { Call } from './stages.js';
import { structuredReasons } from './structured.js';
import { replayReasons, thinkingReasons } from './thinking.js';
import { threadReasons } from './threads.js';
import { toolReasons } from './tool-rules.js';
import type { Json, MessageRequest, PromptRequest } from './wire.js';
import { inOrder, isExtra, wording } from './wording.js';

/** Violations of a schema, in the order and wording of the real API. */
export function* schemaReasons(schema: SchemaName, body: unknown, call: Call): Iterable<Rejection> {
  for (const violation of inOrder(violations(schema, body))) {
    if (call.settings.dialect.unknownFields === 'ignore' && isExtra(violation.keyword)) continue;
    yield invalid(wording(violation));
  }
}

/** Where a message request comes from. */
export type Origin = 'message' | 'batch';

/** The schema of a message request. Only requests that announce a beta may have its fields. */
export function messageSchema(origin: Origin, call: Call): SchemaName {
  const name = origin === 'batch' ? 'batchParams' : call.betas.length > 0 ? 'requestBeta' : 'request';
  return call.version === '2023-06-01' ? name : `${name}@2026-10-21`;
}

/** The schema of a request to count tokens. */
export function countSchema(call: Call): SchemaName {
  const name = call.betas.length > 0 ? 'countTokensRequestBeta' : 'countTokensRequest';
  return call.version === '2023-06-01' ? name : `${name}@2026-10-21`;
}

/** Every reason against a message request; the response reports the first one. */
export function* messageReasons(body: Json, call: Call, media: Media, origin: Origin): Iterable<Rejection> {
  yield* schemaReasons(messageSchema(origin, call), body, call);
  yield* betaReasons(body, call.betas);
  const request = body as unknown as MessageRequest;
  const { dialect, features, models } = call.settings;
  const model = findModel(models, request.model);
  if (!model) {
    yield modelNotFound(request.model);
    return;
  }
  yield* threadReasons(request);
  yield* fallbackReasons(request, models);
  yield* fieldReasons(request, model, dialect);
  yield* thinkingReasons(request, model, { supported: features.thinking, interleaved: isInterleaved(call) });
  yield* promptReasons(request, call, media);
  yield* prefillReasons(request, dialect);
}

/** Every reason against a request to count tokens. */
export function* countReasons(body: Json, call: Call, media: Media): Iterable<Rejection> {
  yield* schemaReasons(countSchema(call), body, call);
  yield* betaReasons(body, call.betas);
  const request = body as unknown as PromptRequest;
  if (!findModel(call.settings.models, request.model)) yield modelNotFound(request.model);
  yield* promptReasons(request, call, media);
}

/** Reasons against the parts that messages and count_tokens share. */
function* promptReasons(request: PromptRequest, call: Call, media: Media): Iterable<Rejection> {
  const { dialect, features } = call.settings;
  if (!features.tools && (request.tools?.length ?? 0) > 0) yield invalid('tools: this endpoint does not support tools');
  yield* toolReasons(request, call.settings.serverTools);
  yield* structuredReasons(request, features['structured-output']);
  if (features.caching) yield* cacheReasons(request);
  yield* mediaReasons(request, media, features);
  yield* conversationReasons(request, dialect);
  yield* replayReasons(request);
}

/** Whether thinking with a budget may continue between tool calls. */
export function isInterleaved(call: Call): boolean {
  return call.betas.some((beta) => beta.startsWith('interleaved-thinking'));
}

/** The rejection of an unreadable body. An alteration cannot accept it: there would be no request. */
export function unreadable(reason: Rejection, call: Call): Rejection {
  return call.settings.alterations.rejection?.(reason, call) ?? reason;
}

/** The first reason that the alterations of the call do not drop. */
export function firstReason(reasons: Iterable<Rejection>, call: Call): Rejection | null {
  const alter = call.settings.alterations.rejection;
  for (const reason of reasons) {
    const altered = alter ? alter(reason, call) : reason;
    if (altered) return altered;
  }
  return null;
}

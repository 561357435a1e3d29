import { readJson } from './body.js';
import { editContext } from './context-edits.js';
import { isRejection } from './errors.js';
import { inEffect } from './in-effect.js';
import type { Incoming } from './incoming.js';
import { openMedia } from './media/media.js';
import type { Reply } from './reply.js';
import { errorResponse, jsonResponse } from './responses.js';
import { segmentsOf, totalTokens } from './segments.js';
import { sensesOf } from './senses.js';
import type { Call } from './stages.js';
import { countReasons, firstReason, unreadable } from './validate.js';
import type { PromptRequest } from './wire.js';

/** `POST /v1/messages/count_tokens`. Source: https://platform.claude.com/docs/en/build-with-claude/token-counting */
export async function countTokens(request: Incoming, call: Call): Promise<Reply> {
  const read = await readJson(request, call.settings.maxBodyBytes);
  if (isRejection(read)) return errorResponse(unreadable(read, call), call);
  const body = call.settings.alterations.body?.(read.body, call) ?? read.body;
  const media = await openMedia(body, call);
  const reason = firstReason(countReasons(body, call, media), call);
  if (reason) return errorResponse(reason, call);
  const prompt = body as unknown as PromptRequest;
  const rejection = call.settings.alterations.rejectValid?.(prompt, call);
  if (rejection) return errorResponse(rejection, call);
  const senses = sensesOf(media);
  const effective = inEffect(prompt);
  const edited = editContext(effective, senses);
  const input_tokens = totalTokens(segmentsOf(edited.request, senses));
  if (!edited.applied) return jsonResponse({ input_tokens }, call);
  const original_input_tokens = totalTokens(segmentsOf(effective, senses));
  return jsonResponse({ input_tokens, context_management: { original_input_tokens } }, call);
}

import { readJson } from './body.js';
import { uncached, useCache } from './cache.js';
import { editContext } from './context-edits.js';
import { invalid, isRejection, type Rejection } from './errors.js';
import { toEvents } from './events.js';
import { fallbackFor, handover, withHandover } from './fallbacks.js';
import { inEffect } from './in-effect.js';
import type { Incoming } from './incoming.js';
import { type Media, openMedia } from './media/media.js';
import { toMessage, truncatedInputs } from './message.js';
import { compose, generate, type Reply, readPrompt } from './model/index.js';
import type { ModelDescription } from './options.js';
import type { Reply as Sent } from './reply.js';
import { findModel } from './request-rules.js';
import { errorResponse, jsonResponse } from './responses.js';
import { type Segment, segmentsOf, totalTokens } from './segments.js';
import { sensesOf } from './senses.js';
import { Frames, toFrame } from './sse.js';
import type { Call } from './stages.js';
import { formatOf } from './structured.js';
import { signerFor, thinks } from './thinking.js';
import { keepThread, resumeThread } from './threads.js';
import { firstReason, isInterleaved, messageReasons, type Origin, unreadable } from './validate.js';
import type { Json, Message, MessageRequest, Usage } from './wire.js';

/** `POST /v1/messages`: reads the body, creates the message, sends it in one of the two transports. */
export async function postMessage(request: Incoming, call: Call): Promise<Sent> {
  const read = await readJson(request, call.settings.maxBodyBytes);
  if (isRejection(read)) return errorResponse(unreadable(read, call), call);
  const body = call.settings.alterations.body?.(read.body, call) ?? read.body;
  call.stream = (body as { stream?: Json }).stream === true;
  const whole = resumeThread(body, call);
  const created = isRejection(whole) ? whole : createMessage(whole, call, await openMedia(whole, call));
  if (isRejection(created)) return errorResponse(created, call);
  return call.stream ? streamResponse(created, call) : jsonResponse(created.message, call);
}

export interface CreatedMessage {
  message: Message;
  /** The incomplete JSON of tool inputs that the token limit truncated, by call id. */
  truncatedInputs: ReadonlyMap<string, string>;
}

/** Validates a body and answers it: everything between the parsed request and its transport. */
export function createMessage(
  body: Json,
  call: Call,
  media: Media,
  origin: Origin = 'message',
): CreatedMessage | Rejection {
  const { alterations, models } = call.settings;
  const reason = firstReason(messageReasons(body, call, media, origin), call);
  if (reason) return reason;
  const valid = body as unknown as MessageRequest;
  const rejection = alterations.rejectValid?.(valid, call);
  if (rejection) return rejection;
  const model = findModel(models, valid.model) ?? models[0]!;
  const senses = sensesOf(media);
  const { request, applied } = editContext(inEffect(alterations.prompt?.(valid, call) ?? valid), senses);
  call.prompt = request;
  const segments = segmentsOf(request, senses);
  const inputTokens = totalTokens(segments);
  if (inputTokens > model.maxInputTokens) {
    return invalid(`prompt is too long: ${inputTokens} tokens > ${model.maxInputTokens} maximum`);
  }

  const shape = { thinking: request.thinking ?? null, interleaved: isInterleaved(call), format: formatOf(request) };
  const write = (declines: boolean): Reply => {
    const draft =
      request.max_tokens === 0 ? { blocks: [] } : compose(readPrompt(request, senses), { ...shape, declines });
    return generate(alterations.draft?.(draft, call) ?? draft, {
      maxTokens: request.max_tokens,
      windowTokens: model.maxInputTokens - inputTokens,
      stopSequences: request.stop_sequences ?? [],
    });
  };
  const first = write(true);
  const next = first.refusal ? fallbackFor(request, model, models) : null;
  const generated = next === null ? first : write(false);
  const reply = alterations.reply?.(generated, call) ?? generated;

  const usage = usageOf(reply, request, segments, { model, call, origin });
  const parts = { model: (next ?? model).id, usage, signer: signerFor(request), appliedEdits: applied };
  const own = toMessage(reply, parts);
  const finished = next === null ? own : withHandover(own, handover(first, valid.model, next));
  const message = alterations.message?.(finished, call) ?? finished;
  keepThread(message, valid, call);
  return { message, truncatedInputs: truncatedInputs(message, reply) };
}

function usageOf(
  reply: Reply,
  request: MessageRequest,
  segments: readonly Segment[],
  { model, call, origin }: { model: ModelDescription; call: Call; origin: Origin },
): Usage {
  const { features, now } = call.settings;
  const topLevel = request.cache_control ?? null;
  const searches = reply.blocks.filter(({ type }) => type === 'web_search_tool_result').length;
  const input = features.caching
    ? useCache(segments, { model: model.id, topLevel, cache: call.state.cache, now: now() })
    : uncached(totalTokens(segments));
  return {
    ...input,
    output_tokens: reply.outputTokens,
    ...(searches > 0 && { server_tool_use: { web_search_requests: searches, web_fetch_requests: 0 } }),
    ...(thinks(request) && { output_tokens_details: { thinking_tokens: reply.thinkingTokens } }),
    service_tier: origin === 'batch' ? 'batch' : 'standard',
    inference_geo: request.inference_geo ?? 'not_available',
  };
}

function streamResponse({ message, truncatedInputs }: CreatedMessage, call: Call): Sent {
  const { alterations } = call.settings;
  const events = toEvents(message, truncatedInputs);
  const altered = alterations.events?.(events, call) ?? events;
  const framed = altered.map(toFrame);
  const frames = alterations.frames?.(framed, call) ?? framed;
  const body = new Frames(frames, call.settings);
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    body: alterations.bytes?.(body, call) ?? body,
  };
}

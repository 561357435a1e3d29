import { invalid, type Rejection } from './errors.js';
import type { Reply } from './model/index.js';
import type { ModelDescription } from './options.js';
import { findModel } from './request-rules.js';
import type { Message, MessageRequest, Usage, UsageIteration } from './wire.js';

/**
 * Server-side fallback: where the model declines, the next one of `fallbacks` answers in the same request.
 * Source: https://platform.claude.com/docs/en/build-with-claude/refusals-and-fallback
 */
export function* fallbackReasons(
  { fallbacks, model }: MessageRequest,
  models: readonly ModelDescription[],
): Iterable<Rejection> {
  if (!Array.isArray(fallbacks)) return;
  for (const [index, { model: name }] of fallbacks.entries()) {
    const found = findModel(models, name);
    if (found === null) yield invalid(`fallbacks.${index}.model: ${name.slice(0, 256)} does not exist`);
    else if (found === findModel(models, model)) yield invalid(`fallbacks.${index}.model: is the model of the request`);
  }
}

/** The model that answers where `model` declines; `null` without one. `default` is the next model that the endpoint offers. */
export function fallbackFor(
  { fallbacks }: MessageRequest,
  model: ModelDescription,
  models: readonly ModelDescription[],
): ModelDescription | null {
  if (!fallbacks) return null;
  if (fallbacks === 'default') return models.find((other) => other !== model) ?? null;
  return fallbacks[0] === undefined ? null : findModel(models, fallbacks[0].model);
}

/** One model declined, the next one answered. */
export interface Handover {
  from: string;
  to: string;
  category: string | null;
  /** Output tokens of the model that declined. */
  declinedTokens: number;
}

export const handover = (declined: Reply, requested: string, to: ModelDescription): Handover => ({
  from: requested,
  to: to.id,
  category: declined.refusal?.category ?? null,
  declinedTokens: declined.outputTokens,
});

/** The message of the second model, with the place of the change and the usage of both. */
export function withHandover(message: Message, { from, to, category, declinedTokens }: Handover): Message {
  const { usage } = message;
  const iterations: UsageIteration[] = [
    { type: 'message', model: from, ...countsOf(usage), output_tokens: declinedTokens },
    { type: 'fallback_message', model: to, ...countsOf(usage) },
  ];
  const change = { type: 'fallback', from: { model: from }, to: { model: to }, trigger: { type: 'refusal', category } };
  return {
    ...message,
    content: [change as Message['content'][number], ...message.content],
    usage: { ...usage, iterations },
  };
}

const countsOf = (usage: Usage): Omit<UsageIteration, 'type' | 'model'> => ({
  input_tokens: usage.input_tokens,
  output_tokens: usage.output_tokens,
  cache_creation_input_tokens: usage.cache_creation_input_tokens,
  cache_read_input_tokens: usage.cache_read_input_tokens,
  cache_creation: usage.cache_creation,
});

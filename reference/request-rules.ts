import { invalid, type Rejection, reject } from './errors.js';
import type { Dialect, ModelDescription } from './options.js';
import type { MessageRequest } from './wire.js';

/** Bounds the search for stop sequences. The API documents no limit; real lists have a few words. */
const MAX_STOP_LENGTH = 100_000;

/** The model with this id or alias. */
export function findModel(models: readonly ModelDescription[], id: string): ModelDescription | null {
  const named = models.find((model) => model.id === id || model.aliases?.includes(id));
  if (named !== undefined) return named;
  const any = models.find(({ takesAnyName }) => takesAnyName);
  return any === undefined || id === '' ? null : { ...any, id, displayName: id };
}

export function modelNotFound(id: string): Rejection {
  return reject('not_found_error', `model: ${id.slice(0, 256)}`);
}

/** Rules for single fields of a message request that depend on the model or on other fields. */
export function* fieldReasons(request: MessageRequest, model: ModelDescription, dialect: Dialect): Iterable<Rejection> {
  const { max_tokens: maxTokens } = request;
  if (maxTokens > model.maxTokens) {
    yield invalid(
      `max_tokens: ${maxTokens} > ${model.maxTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  if (maxTokens === 0) yield* prewarmReasons(request);
  yield* stopSequences(request, dialect);
  if (dialect.sampling === 'fixed') yield* fixedSampling(request);
  if (request.container !== undefined && request.container !== null) {
    yield invalid('container: container can only be provided when using the code execution tool');
  }
  if (typeof request.inference_geo === 'string' && !['global', 'us'].includes(request.inference_geo)) {
    yield invalid(`inference_geo: "${request.inference_geo.slice(0, 40)}" is not available; expected "global" or "us"`);
  }
  if (/^[^\s@{}"]+@[^\s@{}".]+(?:\.[^\s@{}".]+)+$/.test(request.metadata?.user_id ?? '')) {
    yield invalid('metadata.user_id: should be an opaque id, not an e-mail address');
  }
}

/**
 * `max_tokens: 0` only fills the prompt cache.
 * Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
function* prewarmReasons(request: MessageRequest): Iterable<Rejection> {
  const conflict =
    (request.stream && 'stream') ||
    (request.thinking?.type === 'enabled' && 'thinking') ||
    ((request.output_config?.format ?? request.output_format) && 'output_config.format') ||
    ((request.tool_choice?.type === 'any' || request.tool_choice?.type === 'tool') && 'tool_choice');
  if (conflict) yield invalid(`max_tokens: 0 generates nothing, so it cannot be combined with ${conflict}`);
}

function* stopSequences({ stop_sequences: sequences }: MessageRequest, dialect: Dialect): Iterable<Rejection> {
  for (const [index, sequence] of (sequences ?? []).entries()) {
    if (sequence.trim() === '') {
      yield invalid(`stop_sequences.${index}: each stop sequence must contain non-whitespace`);
    }
  }
  const length = (sequences ?? []).reduce((sum, sequence) => sum + sequence.length, 0);
  if (length > MAX_STOP_LENGTH) {
    yield invalid(`stop_sequences: at most ${MAX_STOP_LENGTH} characters are allowed in all, got ${length}`);
  }
  const limit = dialect.stopSequenceLimit;
  if (limit !== null && (sequences?.length ?? 0) > limit) {
    yield invalid(`stop_sequences: at most ${limit} stop sequences are allowed, got ${sequences!.length}`);
  }
}

function* fixedSampling(request: MessageRequest): Iterable<Rejection> {
  if (request.temperature !== undefined && request.temperature !== 1) {
    yield invalid('temperature: `temperature` is deprecated for this model; only 1.0 is accepted');
  }
  if (request.top_p !== undefined && request.top_p < 0.99) {
    yield invalid('top_p: `top_p` is deprecated for this model; only values from 0.99 are accepted');
  }
  if (request.top_k !== undefined) yield invalid('top_k: `top_k` is deprecated for this model');
}

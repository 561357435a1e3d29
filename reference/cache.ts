import { createHash } from 'node:crypto';
import { invalid, type Rejection } from './errors.js';
import { eachBlock } from './media/media.js';
import type { PromptCache } from './prompt-cache.js';
import type { Segment } from './segments.js';
import type { CacheControl, PromptRequest, Usage } from './wire.js';

/** Shortest prompt prefix that is cached, in tokens. */
const MIN_TOKENS = 1024;
/** How many segments before a breakpoint are looked up. */
const LOOKBACK = 20;
const MAX_BREAKPOINTS = 4;
const LIFETIME_MS = { '5m': 300_000, '1h': 3_600_000 } as const;

/**
 * Rules for cache marks. Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function* cacheReasons(request: PromptRequest): Iterable<Rejection> {
  const marks = allMarks(request);
  if (marks.length > MAX_BREAKPOINTS) {
    yield invalid(`A maximum of ${MAX_BREAKPOINTS} blocks with cache_control may be provided. Found ${marks.length}.`);
  }
  const short = marks.findIndex((mark) => ttlOf(mark) === '5m');
  if (short >= 0 && marks.slice(short).some((mark) => ttlOf(mark) === '1h')) {
    yield invalid('cache_control: a ttl of 1h must not come after a ttl of 5m (order: tools, system, messages)');
  }
}

function allMarks(request: PromptRequest): CacheControl[] {
  const marks: CacheControl[] = [];
  const note = (value: { cache_control?: CacheControl | null } | object): void => {
    if ('cache_control' in value && value.cache_control) marks.push(value.cache_control);
  };
  for (const tool of request.tools ?? []) note(tool);
  if (Array.isArray(request.system)) for (const block of request.system) note(block);
  for (const { block, at } of eachBlock(request)) if (at.startsWith('messages')) note(block);
  if (request.cache_control) note(request);
  return marks;
}

function ttlOf(mark: CacheControl): '5m' | '1h' {
  return mark.ttl ?? '5m';
}

export type CacheUsage = Pick<
  Usage,
  'input_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens' | 'cache_creation'
>;

/** The usage of a prompt of which nothing is cached. */
export function uncached(tokens: number): CacheUsage {
  return {
    input_tokens: tokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  };
}

/**
 * Looks up the longest cached prefix of a prompt, caches the prefixes that its breakpoints mark, and returns the usage.
 * Prefixes below the minimum length are not cached, without an error.
 */
export function useCache(
  segments: readonly Segment[],
  { model, topLevel, cache, now }: { model: string; topLevel: CacheControl | null; cache: PromptCache; now: number },
): CacheUsage {
  cache.dropExpired(now);
  const marks = breakpoints(segments, topLevel);
  const sums = runningSums(segments);
  const total = sums.at(-1) ?? 0;
  if (marks.length === 0) return uncached(total);
  const hashes = prefixHashes(segments, model);
  const known = (index: number) => (cache.get(hashes[index]!) ?? now) > now;
  let read = -1;
  for (const { index } of marks) {
    for (let back = index; back >= 0 && back > index - LOOKBACK; back -= 1)
      if (known(back)) read = Math.max(read, back);
  }
  const usage = uncached(total);
  usage.cache_read_input_tokens = read < 0 ? 0 : sums[read]!;
  let done = usage.cache_read_input_tokens;
  for (const { index, ttl } of marks) {
    if (sums[index]! < MIN_TOKENS) continue;
    const until = now + LIFETIME_MS[ttl];
    cache.set(hashes[index]!, Math.max(until, cache.get(hashes[index]!) ?? 0));
    if (index <= read) continue;
    const written = sums[index]! - done;
    done = sums[index]!;
    usage.cache_creation[`ephemeral_${ttl}_input_tokens`] += written;
    usage.cache_creation_input_tokens += written;
  }
  usage.input_tokens = total - done;
  return usage;
}

function breakpoints(
  segments: readonly Segment[],
  topLevel: CacheControl | null,
): { index: number; ttl: '5m' | '1h' }[] {
  const marks = segments.flatMap(({ mark }, index) => (mark ? [{ index, ttl: ttlOf(mark) }] : []));
  if (!topLevel) return marks;
  const index = segments.findLastIndex((segment) => segment.cacheable);
  if (index < 0 || marks.some((mark) => mark.index === index)) return marks;
  return [...marks, { index, ttl: ttlOf(topLevel) }].sort((left, right) => left.index - right.index);
}

function runningSums(segments: readonly Segment[]): number[] {
  let sum = 0;
  return segments.map((segment) => {
    sum += segment.tokens;
    return sum;
  });
}

function prefixHashes(segments: readonly Segment[], model: string): string[] {
  let before = createHash('sha256').update(model).digest('hex');
  return segments.map(({ text }) => {
    before = createHash('sha256').update(before).update(text()).digest('hex');
    return before;
  });
}

import { rewriteMessages, rewriteUsage } from '../alterations/messages.js';
import { acceptDespite, rejectWhen, rewriteBody } from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import { uncached } from '../cache.js';
import type { Usage } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because, WRONG_CACHE_COUNTS } from './reasons.js';

const isMarked = (value: unknown): boolean => /"cache_control":\{/.test(JSON.stringify(value) ?? '');

/** The same tokens, as if no cache had any of them. */
const nothingCached = (usage: Usage): Usage => ({
  ...usage,
  ...uncached(usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens),
});

export const cachingFaults: FaultFamily = {
  name: 'caching',
  title: 'cache marks, and what usage reports about them',
  faults: [
    {
      id: 'cache-marks-refused',
      title: 'The server rejects cache marks.',
      level: 'MUST',
      caughtBy: ['cache.accepted.everywhere'],
      alsoFails: {
        ...because(WRONG_CACHE_COUNTS, 'cache.ttl', 'cache.write-then-read', 'cache.top-level'),
        ...because(AGENTS_SEND_THIS, 'agent.request.shape'),
      },
      alters: rejectWhen((request) => isMarked(request) && 'cache_control: Extra inputs are not permitted'),
    },
    {
      id: 'cache-marks-on-tools-refused',
      title: 'The server rejects cache marks on tools.',
      level: 'MUST',
      caughtBy: ['cache.accepted.everywhere'],
      alters: rejectWhen(
        (request) => isMarked(request.tools) && 'tools.0.cache_control: Extra inputs are not permitted',
      ),
    },
    {
      id: 'cache-hour-refused',
      title: 'The server rejects a cache mark for one hour.',
      level: 'SHOULD',
      caughtBy: ['cache.ttl'],
      alters: rejectWhen(
        (request) => JSON.stringify(request).includes('"ttl":"1h"') && "cache_control.ttl: Input should be '5m'",
      ),
    },
    {
      id: 'cache-time-unchecked',
      title: 'The server accepts a cache mark with any `ttl`.',
      level: 'SHOULD',
      caughtBy: ['cache.ttl'],
      alters: rewriteBody((body) => JSON.parse(JSON.stringify(body).replace(/"ttl":"(?!5m|1h)[^"]*"/g, '"ttl":"5m"'))),
    },
    {
      id: 'five-cache-marks-taken',
      title: 'The server accepts five cache marks.',
      level: 'SHOULD',
      caughtBy: ['cache.four-breakpoints'],
      alters: acceptDespite(/A maximum of 4 blocks with cache_control/),
    },
    {
      id: 'four-cache-marks-refused',
      title: 'The server rejects four cache marks.',
      level: 'MUST',
      caughtBy: ['cache.accepted.everywhere'],
      alters: rejectWhen(
        (request) =>
          (JSON.stringify(request).match(/"cache_control":\{/g)?.length ?? 0) > 3 &&
          'cache_control: at most 3 marks are allowed',
      ),
    },
    {
      id: 'cache-reads-never-told',
      title: 'Both cache counts are always 0.',
      level: 'SHOULD',
      mutant: 'US-g',
      reports: ['US-20', 'US-21', 'US-22'],
      caughtBy: ['cache.write-then-read'],
      alsoFails: because(WRONG_CACHE_COUNTS, 'cache.prewarm'),
      alters: rewriteUsage((usage) => without(nothingCached(usage), 'cache_creation')),
    },
    {
      id: 'streamed-cache-counts-zero',
      title: 'A stream reports both cache counts as 0; replies without streaming have them.',
      level: 'MUST',
      caughtBy: ['cache.write-then-read'],
      alters: rewriteUsage((usage, _message, call) => (call.stream ? nothingCached(usage) : usage)),
    },
    {
      id: 'cache-reads-as-writes',
      title: 'The server counts what it reads from the cache as written.',
      level: 'MUST',
      caughtBy: ['cache.write-then-read'],
      alters: rewriteUsage(({ cache_creation, ...usage }) => ({
        ...usage,
        cache_creation_input_tokens: usage.cache_creation_input_tokens + usage.cache_read_input_tokens,
        cache_read_input_tokens: 0,
      })),
    },
    {
      id: 'cache-counts-missing',
      title: '`usage` has no cache counts.',
      level: 'MUST',
      caughtBy: ['cache.usage.fields'],
      alsoFails: because(WRONG_CACHE_COUNTS, 'cache.write-then-read', 'cache.prewarm'),
      alters: rewriteUsage((usage) =>
        without(usage, 'cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation'),
      ),
    },
    {
      id: 'cache-counts-null',
      title: 'The cache counts are null for marked prompts.',
      level: 'MUST',
      caughtBy: ['cache.usage.fields'],
      alsoFails: because(WRONG_CACHE_COUNTS, 'cache.write-then-read', 'cache.prewarm'),
      alters: rewriteUsage((usage) => ({ ...usage, cache_creation_input_tokens: null, cache_read_input_tokens: null })),
    },
    {
      id: 'cache-parts-do-not-add-up',
      title: 'The tokens written for five minutes and for one hour do not add up to the tokens written.',
      level: 'SHOULD',
      caughtBy: ['cache.usage.sum'],
      alters: rewriteUsage((usage) => ({
        ...usage,
        cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 7 },
      })),
    },
    {
      id: 'cached-tokens-in-input',
      title: '`input_tokens` includes the cached part of the prompt.',
      level: 'SHOULD',
      caughtBy: ['cache.usage.input-excludes'],
      alters: rewriteUsage((usage) => ({
        ...usage,
        input_tokens: usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens,
      })),
    },
    {
      id: 'cache-mark-at-top-refused',
      title: 'The server rejects a cache mark for the whole request.',
      level: 'SHOULD',
      caughtBy: ['cache.top-level'],
      alters: rejectWhen((request) => request.cache_control && 'cache_control: Extra inputs are not permitted'),
    },
    {
      id: 'cache-mark-at-top-dropped',
      title: 'The server accepts a cache mark for the whole request and drops it.',
      level: 'SHOULD',
      caughtBy: ['cache.top-level'],
      alters: rewriteBody((body) => without(body, 'cache_control')),
    },
    {
      id: 'zero-tokens-as-one',
      title: 'The server treats `max_tokens` 0 as 1, so that the reply has text.',
      level: 'MAY',
      caughtBy: ['req.max-tokens.zero', 'cache.prewarm'],
      alters: rewriteBody((body) => (body.max_tokens === 0 ? { ...body, max_tokens: 1 } : body)),
    },
    {
      id: 'prewarm-writes-nothing',
      title: 'A reply to `max_tokens` 0 reports that nothing was written to the cache.',
      level: 'MAY',
      caughtBy: ['cache.prewarm'],
      alsoFails: because('It reads what the prewarm wrote.', 'cache.top-level'),
      alters: rewriteUsage((usage, message) =>
        message.content.length === 0 && usage.output_tokens === 0
          ? {
              ...usage,
              input_tokens: usage.input_tokens + usage.cache_creation_input_tokens,
              cache_creation_input_tokens: 0,
              cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            }
          : usage,
      ),
    },
    {
      id: 'prewarm-ends-its-turn',
      title: 'A reply to `max_tokens` 0 ends with `end_turn`.',
      level: 'MAY',
      caughtBy: ['req.max-tokens.zero'],
      alters: rewriteMessages((message) =>
        message.content.length === 0 && message.usage.output_tokens === 0
          ? { ...message, stop_reason: 'end_turn' }
          : message,
      ),
    },
  ],
};

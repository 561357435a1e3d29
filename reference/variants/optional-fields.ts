import { isObject } from '../../core/json.js';
import { composeAlterations } from '../alterations/compose.js';
import { rewriteErrors, rewriteMessages, rewriteUsage } from '../alterations/messages.js';
import { rewriteHeaders } from '../alterations/responses.js';
import { rewriteEventsOf } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { JsonObject } from '../wire.js';
import type { VariantFamily } from './variant.js';

/** The two required counts. */
const bare = (usage: object): JsonObject => pick(usage, 'input_tokens', 'output_tokens');

function pick(value: object, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

const NULL_USAGE = {
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  cache_creation: null,
  server_tool_use: null,
  service_tier: null,
  speed: null,
  inference_geo: null,
  output_tokens_details: null,
};

const NO_CACHE = ['caching'];

export const optionalFields: VariantFamily = {
  name: 'optional-fields',
  title: 'fields that may be absent, null or present',
  variants: [
    {
      id: 'usage-of-two-fields',
      title: '`usage` has only its two required counts, in messages and in streams.',
      source: ['S1', 'H1'],
      declines: NO_CACHE,
      alters: rewriteUsage(bare),
    },
    {
      id: 'usage-of-nulls',
      title: 'All optional fields of `usage` are null.',
      source: ['T:msg'],
      declines: NO_CACHE,
      alters: rewriteUsage((usage) => ({ ...NULL_USAGE, ...bare(usage) })),
    },
    {
      id: 'usage-of-all-fields',
      title: 'All optional fields of `usage` are present.',
      source: ['T:msg', 'T:beta'],
      alters: rewriteUsage((usage) => ({
        output_tokens_details: { thinking_tokens: 0 },
        ...usage,
        server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
        service_tier: 'priority',
        speed: 'fast',
        inference_geo: 'eu',
        iterations: null,
      })),
    },
    {
      id: 'usage-with-prices',
      title: '`usage` has the price of the request, and counts of other kinds.',
      source: ['D:ver'],
      alters: rewriteUsage((usage) => ({ ...usage, cost: 0.00012, is_byok: false, cost_details: { upstream: null } })),
    },
    {
      id: 'a-prompt-of-its-own',
      title: 'The server counts 1,500 tokens of a prompt of its own in every request, and not in token counts.',
      source: ['D:count'],
      warns: { 'count.matches-usage': 'the count differs from what is paid for' },
      alters: rewriteUsage((usage) => ({ ...usage, input_tokens: usage.input_tokens + 1_500 })),
    },
    {
      id: 'caches-by-itself',
      title: 'The server caches half of every prompt, without `cache_control`.',
      source: ['D:cache'],
      alters: rewriteUsage(({ input_tokens, cache_read_input_tokens, ...usage }) => {
        const rest = Math.max(1, Math.ceil(input_tokens / 2));
        const read = (cache_read_input_tokens ?? 0) + input_tokens - rest;
        return { ...usage, input_tokens: rest, cache_read_input_tokens: read };
      }),
    },
    {
      id: 'message-delta-counts-output-alone',
      title: '`usage` in `message_delta` has only `output_tokens`.',
      source: ['D:stream'],
      warns: { 'usage.stream-kinds': 'searches and thinking tokens are counted in no event' },
      alters: rewriteEventsOf('message_delta', (event) => ({
        ...event,
        usage: { output_tokens: event.usage.output_tokens },
      })),
    },
    {
      id: 'input-counted-at-the-end',
      title: '`message_start` reports 0 input tokens, `message_delta` the true number.',
      source: ['T:acc', 'P'],
      declines: NO_CACHE,
      warns: { 'usage.stream-consistent': 'meters that read message_start show an empty context' },
      alters: composeAlterations([
        rewriteUsage(bare),
        rewriteEventsOf('message_start', ({ message, ...event }) => ({
          ...event,
          message: { ...message, usage: { input_tokens: 0, output_tokens: 0 } },
        })),
      ]),
    },
    {
      id: 'output-counted-before-it-is-there',
      title: '`message_start` reports 8 output tokens before the first delta.',
      source: ['D:stream'],
      alters: rewriteEventsOf('message_start', ({ message, ...event }) => ({
        ...event,
        message: { ...message, usage: { ...message.usage, output_tokens: 8 } },
      })),
    },
    {
      id: 'messages-of-required-fields',
      title: 'Messages have only their eight required fields, and blocks nothing optional.',
      source: ['S1'],
      alters: rewriteMessages((message) => ({
        ...without(message, 'stop_details', 'container', 'diagnostics'),
        content: message.content.map((block) => without(block, 'caller')),
      })),
    },
    {
      id: 'messages-of-nulls',
      title: 'All optional fields of a message are null.',
      source: ['T:msg', 'T:beta'],
      alters: rewriteMessages((message) => ({
        container: null,
        diagnostics: null,
        context_management: null,
        ...message,
        content: message.content.map((block) => (block.type === 'text' ? { citations: null, ...block } : block)),
      })),
    },
    {
      id: 'stop-details-in-every-message-delta',
      title: '`message_delta` has all known fields: `stop_details` and `container` as null, `usage` with all counts.',
      source: ['T:msg'],
      alters: rewriteEventsOf('message_delta', (event) => ({
        ...event,
        delta: { stop_details: null, container: null, ...event.delta },
        usage: { ...NULL_USAGE, ...event.usage },
      })),
    },
    {
      id: 'text-blocks-start-with-citations',
      title: 'Text blocks start with `citations: null`.',
      source: ['T:msg', 'D:stream'],
      alters: rewriteEventsOf('content_block_start', (event) => ({
        ...event,
        content_block:
          event.content_block.type === 'text' ? { citations: null, ...event.content_block } : event.content_block,
      })),
    },
    {
      id: 'no-optional-headers',
      title: 'Responses have no optional headers, such as rate limits and organisation.',
      source: ['D:limits', 'D:errors'],
      alters: rewriteHeaders(({ headers: all }) =>
        Object.fromEntries(
          [...all.keys()].filter((name) => /^(anthropic-|access-|cache-)/.test(name)).map((name) => [name, null]),
        ),
      ),
    },
    {
      id: 'errors-with-details',
      title: 'Errors have `details: null`, as some documentation pages show them.',
      source: ['T:err', 'D:errors'],
      alters: rewriteErrors((body) => ({ ...body, error: { details: null, ...body.error } })),
    },
    {
      id: 'pages-of-required-fields',
      title: 'Models have only `id`, `type`, `display_name` and `created_at`.',
      source: ['D:models'],
      alters: {
        json: (body) => {
          const bareModel = (model: unknown) =>
            isObject(model) && model.type === 'model' ? pick(model, 'id', 'type', 'display_name', 'created_at') : model;
          if (isObject(body) && Array.isArray(body.data)) return { ...body, data: body.data.map(bareModel) };
          return bareModel(body);
        },
      },
    },
  ],
};

import { rewriteUsage } from '../alterations/messages.js';
import { rewriteEventsOf, rewriteStart } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { State } from '../state.js';
import type { FaultFamily } from './fault.js';
import { because, TOO_FEW_OUTPUT_TOKENS, WRONG_CACHE_COUNTS, WRONG_USAGE } from './reasons.js';

const NOTHING_WRITTEN = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 };

const NOTHING = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** Requests that a server has had before. */
const KNOWN = new WeakMap<State, Set<string>>();

/** Drops a count from the usage of `message_delta`. */
const streamsWithout = (count: 'server_tool_use' | 'output_tokens_details') =>
  rewriteEventsOf('message_delta', (event) => ({ ...event, usage: without(event.usage, count) }));

export const usageFaults: FaultFamily = {
  name: 'usage',
  title: 'token counts of answers',
  faults: [
    {
      id: 'thinking-tokens-beyond-output',
      title: 'The server reports more thinking tokens than output tokens.',
      level: 'MAY',
      caughtBy: ['usage.thinking-within-output'],
      alsoFails: because(TOO_FEW_OUTPUT_TOKENS, 'think.usage'),
      alters: rewriteUsage((usage) => {
        const thinking = usage.output_tokens_details?.thinking_tokens ?? 0;
        return { ...usage, output_tokens: Math.max(1, usage.output_tokens - thinking) };
      }),
    },
    {
      id: 'input-tokens-late',
      title: '`message_start` reports 0 input tokens; only `message_delta` has the true number.',
      level: 'SHOULD',
      mutant: 'US-c',
      reports: ['US-05', 'US-06', 'US-07', 'US-08'],
      caughtBy: ['usage.stream-consistent'],
      alsoFails: because('The counts of the start and of the end do not fit.', 'cache.usage.sum'),
      alters: rewriteStart((message) => ({ ...message, usage: { ...message.usage, ...NOTHING } })),
    },
    {
      id: 'usage-zero',
      title: 'Every token count is 0.',
      level: 'MUST',
      mutant: 'US-e',
      reports: ['US-16'],
      caughtBy: ['usage.input.positive', 'usage.output.positive', 'stream.usage.cumulative'],
      alsoFails: because(TOO_FEW_OUTPUT_TOKENS, 'usage.truncated.equals-limit', 'think.usage'),
      alters: rewriteUsage((usage) => ({
        ...usage,
        ...NOTHING,
        cache_creation: NOTHING_WRITTEN,
        output_tokens: 0,
        ...(usage.output_tokens_details && { output_tokens_details: { thinking_tokens: 0 } }),
      })),
    },
    {
      id: 'usage-constant',
      title: 'Every prompt counts ten input tokens.',
      level: 'SHOULD',
      caughtBy: ['usage.input.monotone', 'usage.input.whole'],
      alsoFails: {
        ...because(WRONG_CACHE_COUNTS, 'cache.write-then-read', 'cache.prewarm'),
        ...because(WRONG_USAGE, 'count.matches-usage'),
      },
      alters: rewriteUsage((usage) => ({ ...usage, ...NOTHING, cache_creation: NOTHING_WRITTEN, input_tokens: 10 })),
    },
    {
      id: 'input-tokens-of-a-part',
      title: 'The server counts no more than 200 input tokens, as one that counts only a part of a prompt.',
      level: 'SHOULD',
      caughtBy: ['usage.input.whole'],
      alters: rewriteUsage((usage) => ({ ...usage, input_tokens: Math.min(usage.input_tokens, 200) })),
    },
    {
      id: 'usage-random',
      title: 'The same prompt counts another number of input tokens each time.',
      level: 'SHOULD',
      caughtBy: ['usage.input.deterministic'],
      alters: rewriteUsage((usage, _message, call) => ({
        ...usage,
        input_tokens: usage.input_tokens + call.ordinal * 3,
      })),
    },
    {
      id: 'system-lost-the-first-time',
      title: 'The `system` prompt of a request is lost when the server gets it for the first time.',
      level: 'SHOULD',
      caughtBy: ['usage.input.deterministic'],
      alsoFails: {
        'usage.input.whole': 'Requests that are sent once count no system prompt.',
        'cache.prewarm': 'The prompt that only fills the cache is its system prompt.',
      },
      alters: {
        prompt: (request, { state }) => {
          if (request.system === undefined) return request;
          const text = JSON.stringify(request);
          const known = KNOWN.get(state) ?? new Set();
          KNOWN.set(state, known);
          if (known.has(text)) return request;
          known.add(text);
          return { ...request, system: undefined };
        },
      },
    },
    {
      id: 'output-tokens-halved',
      title: 'The server counts half of the output tokens.',
      level: 'SHOULD',
      caughtBy: ['usage.truncated.equals-limit'],
      alsoFails: because(TOO_FEW_OUTPUT_TOKENS, 'usage.thinking-within-output'),
      alters: rewriteUsage((usage) => ({ ...usage, output_tokens: Math.ceil(usage.output_tokens / 2) })),
    },
    {
      id: 'cache-counts-as-strings',
      title: 'The cache counts are strings.',
      level: 'SHOULD',
      caughtBy: ['usage.cache.null-or-int'],
      alsoFails: because(WRONG_CACHE_COUNTS, 'cache.write-then-read', 'cache.usage.fields', 'cache.prewarm'),
      alters: rewriteUsage((usage) => ({ ...usage, cache_creation_input_tokens: '0', cache_read_input_tokens: '0' })),
    },
    {
      id: 'stream-counts-otherwise',
      title: 'The same prompt counts twice as many input tokens in a stream.',
      level: 'SHOULD',
      caughtBy: ['usage.stream-consistent'],
      alters: rewriteUsage((usage, _message, call) =>
        call.stream ? { ...usage, input_tokens: usage.input_tokens * 2 } : usage,
      ),
    },
    {
      id: 'streamed-server-tool-counts-lost',
      title: 'A stream does not report `server_tool_use`; replies without streaming do.',
      level: 'SHOULD',
      caughtBy: ['usage.stream-kinds'],
      alters: streamsWithout('server_tool_use'),
    },
    {
      id: 'streamed-thinking-counts-lost',
      title: 'A stream does not report `output_tokens_details`; replies without streaming do.',
      level: 'SHOULD',
      caughtBy: ['usage.stream-kinds'],
      alters: streamsWithout('output_tokens_details'),
    },
    {
      id: 'stop-sequence-taken-back',
      title: 'A second `message_delta` has `stop_sequence` null after the first one named it.',
      level: 'SHOULD',
      caughtBy: ['usage.stop-details-last'],
      alsoFails: because('It reads the last `message_delta`.', 'stream.stop-sequence'),
      alters: rewriteEventsOf('message_delta', (event) => [
        event,
        { ...event, delta: { ...event.delta, stop_sequence: null } },
      ]),
    },
    {
      id: 'message-delta-resets-input',
      title: '`message_delta` resets the input tokens to 0.',
      level: 'MUST',
      reports: ['US-05'],
      caughtBy: ['usage.input.positive'],
      alters: rewriteEventsOf('message_delta', (event) => ({ ...event, usage: { ...event.usage, input_tokens: 0 } })),
    },
  ],
};

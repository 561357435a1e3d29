import { eventsOf, jsonMessages, startMessage, usages, without } from './alter.js';
import type { FaultFamily } from './fault.js';
import { BILL_WRONG, because, CACHE_UNTOLD, COUNTS_TOO_SMALL, NEGATIVE_INPUT, USAGE_EVERYWHERE } from './reasons.js';

const NOTHING_WRITTEN = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 };
const NOTHING = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

export const usageFaults: FaultFamily = {
  name: 'usage',
  title: 'token counts',
  faults: [
    {
      id: 'usage-missing',
      title: 'A message that is not streamed has no usage.',
      level: 'MUST',
      mutant: 'US-a',
      reports: ['US-01', 'US-02'],
      caughtBy: ['resp.usage.ints'],
      alsoFails: {
        ...because(CACHE_UNTOLD, 'cache.usage.fields', 'cache.prewarm'),
        ...because(USAGE_EVERYWHERE, 'req.max-tokens.zero'),
      },
      alters: jsonMessages((message) => without(message, 'usage')),
    },
    {
      id: 'usage-of-chat-completions',
      title: 'Usage has prompt_tokens and completion_tokens.',
      level: 'MUST',
      caughtBy: ['resp.usage.ints', 'stream.start.usage', 'stream.usage.in-message-delta'],
      alsoFails: {
        ...because(CACHE_UNTOLD, 'cache.write-then-read', 'cache.usage.fields', 'cache.prewarm'),
        ...because(USAGE_EVERYWHERE, 'req.max-tokens.zero'),
      },
      alters: usages(({ input_tokens, output_tokens }) => ({
        prompt_tokens: input_tokens,
        completion_tokens: output_tokens,
      })),
    },
    {
      id: 'input-tokens-late',
      title: 'message_start reports 0 input tokens; the true number comes in message_delta alone.',
      level: 'SHOULD',
      mutant: 'US-c',
      reports: ['US-05', 'US-06', 'US-07', 'US-08'],
      caughtBy: ['usage.stream-consistent'],
      alters: startMessage((message) => ({ ...message, usage: { ...message.usage, ...NOTHING } })),
    },
    {
      id: 'usage-zero',
      title: 'Every count is 0.',
      level: 'MUST',
      mutant: 'US-e',
      reports: ['US-16'],
      caughtBy: ['usage.input.positive', 'usage.output.positive', 'stream.usage.cumulative'],
      alsoFails: {
        ...because(COUNTS_TOO_SMALL, 'usage.truncated.equals-limit', 'think.usage'),
        ...because(CACHE_UNTOLD, 'cache.write-then-read', 'cache.prewarm'),
        ...because(BILL_WRONG, 'count.matches-usage'),
      },
      alters: usages((usage) => ({
        ...usage,
        ...NOTHING,
        cache_creation: NOTHING_WRITTEN,
        output_tokens: 0,
        ...(usage.output_tokens_details && { output_tokens_details: { thinking_tokens: 0 } }),
      })),
    },
    {
      id: 'usage-negative',
      title: 'The cached part is taken off twice, so that input_tokens is negative.',
      level: 'MUST',
      mutant: 'US-k',
      reports: ['US-27', 'US-28', 'US-29', 'US-30'],
      caughtBy: ['resp.usage.ints', 'stream.start.usage', 'usage.input.positive'],
      alsoFails: {
        ...because(NEGATIVE_INPUT, 'usage.input.monotone', 'usage.stream-consistent'),
        ...because(BILL_WRONG, 'count.matches-usage'),
      },
      alters: usages((usage) => ({ ...usage, input_tokens: -usage.input_tokens })),
    },
    {
      id: 'usage-fraction',
      title: 'Output tokens are estimated as a fraction.',
      level: 'MUST',
      mutant: 'US-k',
      reports: ['US-27', 'US-28', 'US-29', 'US-30'],
      caughtBy: ['resp.usage.ints', 'stream.usage.in-message-delta'],
      alsoFails: because('Half a token above max_tokens is above it.', 'req.max-tokens.enforced'),
      alters: usages((usage) => ({ ...usage, output_tokens: usage.output_tokens + 0.5 })),
    },
    {
      id: 'usage-constant',
      title: 'Every prompt counts ten input tokens.',
      level: 'SHOULD',
      caughtBy: ['usage.input.monotone'],
      alsoFails: because(CACHE_UNTOLD, 'cache.write-then-read', 'cache.prewarm'),
      alters: usages((usage) => ({ ...usage, ...NOTHING, cache_creation: NOTHING_WRITTEN, input_tokens: 10 })),
    },
    {
      id: 'usage-random',
      title: 'The same prompt counts another number of input tokens each time.',
      level: 'SHOULD',
      caughtBy: ['usage.input.deterministic'],
      alsoFails: because(BILL_WRONG, 'count.matches-usage'),
      alters: usages((usage, _message, call) => ({ ...usage, input_tokens: usage.input_tokens + call.ordinal * 3 })),
    },
    {
      id: 'output-tokens-halved',
      title: 'Half of the output tokens are counted.',
      level: 'SHOULD',
      caughtBy: ['usage.truncated.equals-limit'],
      alsoFails: because(COUNTS_TOO_SMALL, 'usage.thinking-within-output'),
      alters: usages((usage) => ({ ...usage, output_tokens: Math.ceil(usage.output_tokens / 2) })),
    },
    {
      id: 'cache-counts-as-strings',
      title: 'The cache counts are strings.',
      level: 'SHOULD',
      caughtBy: ['usage.cache.null-or-int'],
      alsoFails: because(CACHE_UNTOLD, 'cache.write-then-read', 'cache.usage.fields', 'cache.prewarm'),
      alters: usages((usage) => ({ ...usage, cache_creation_input_tokens: '0', cache_read_input_tokens: '0' })),
    },
    {
      id: 'service-tier-foreign',
      title: 'Usage has a service_tier that is a number.',
      level: 'SHOULD',
      caughtBy: ['usage.optional.null-or-valid'],
      alters: usages((usage) => ({ ...usage, service_tier: 1 })),
    },
    {
      id: 'stream-counts-otherwise',
      title: 'The same prompt counts twice as many input tokens when it is streamed.',
      level: 'SHOULD',
      caughtBy: ['usage.stream-consistent'],
      alters: usages((usage, _message, call) =>
        call.stream ? { ...usage, input_tokens: usage.input_tokens * 2 } : usage,
      ),
    },
    {
      id: 'message-delta-resets-input',
      title: 'message_delta corrects the input tokens to 0.',
      level: 'MUST',
      reports: ['US-05'],
      caughtBy: ['usage.input.positive'],
      alters: eventsOf('message_delta', (event) => ({ ...event, usage: { ...event.usage, input_tokens: 0 } })),
    },
  ],
};

import {
  rewriteBlocks,
  rewriteJsonBlocks,
  rewriteJsonMessages,
  rewriteMessages,
  rewriteUsage,
} from '../alterations/messages.js';
import { storedReplies } from '../alterations/responses.js';
import { without } from '../alterations/without.js';
import type { FaultFamily } from './fault.js';
import {
  BATCHES_TOO,
  because,
  FORCED_CALLS_TOO,
  NEGATIVE_INPUT,
  NO_BLOCKS,
  READS_STOP_REASON,
  STRUCTURED_TOO,
  TRUNCATED_TOO,
  TRUNCATION_HIDDEN,
  USAGE_EVERYWHERE,
  WRONG_CACHE_COUNTS,
  WRONG_USAGE,
} from './reasons.js';
import { NAME_STOP_REASON, READ_STOP_REASON } from './requirement-groups.js';

const FOREIGN: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  stop_sequence: 'stop',
  refusal: 'content_filter',
};

export const responseFaults: FaultFamily = {
  name: 'response',
  title: 'the fields of a message and of its blocks',
  faults: [
    {
      id: 'reply-as-chat-completion',
      title: 'The `type` of a message is chat.completion.',
      level: 'MUST',
      caughtBy: ['resp.type-role', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_TOO, 'batch.results.types'),
      alters: rewriteMessages((message) => ({ ...message, type: 'chat.completion' })),
    },
    {
      id: 'reply-role-model',
      title: 'The `role` of a message is model.',
      level: 'MUST',
      caughtBy: ['resp.type-role', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_TOO, 'batch.results.types'),
      alters: rewriteMessages((message) => ({ ...message, role: 'model' })),
    },
    {
      id: 'reply-id-constant',
      title: 'All messages have the same `id`.',
      level: 'MUST',
      caughtBy: ['resp.id'],
      alters: rewriteMessages((message) => ({ ...message, id: 'msg_01' })),
    },
    {
      id: 'reply-id-missing',
      title: 'Messages have no `id`.',
      level: 'MUST',
      caughtBy: ['resp.id', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_TOO, 'batch.results.types'),
      alters: rewriteMessages((message) => without(message, 'id')),
    },
    {
      id: 'reply-model-missing',
      title: 'Messages have no `model`.',
      level: 'MUST',
      caughtBy: ['resp.model', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_TOO, 'batch.results.types'),
      alters: rewriteMessages((message) => without(message, 'model')),
    },
    {
      id: 'content-as-string',
      title: 'The `content` of a message is a string.',
      level: 'MUST',
      caughtBy: ['resp.content.array'],
      alsoFails: {
        ...because(FORCED_CALLS_TOO, 'tool.client.builtin', 'tc.tool', 'so.strict-tool'),
        ...because(NO_BLOCKS, 'tc.any', 'stop.end-turn', 'think.accepted', 'cache.prewarm', 'req.max-tokens.zero'),
        ...because(TRUNCATED_TOO, 'stop.max-tokens.valid-content'),
        ...because(STRUCTURED_TOO, 'so.format.json'),
      },
      alters: rewriteJsonMessages((message) => ({
        ...message,
        content: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      })),
    },
    {
      id: 'block-type-of-another-api',
      title: 'Text blocks have the type output_text.',
      level: 'MUST',
      caughtBy: ['resp.content.array'],
      alsoFails: because(STRUCTURED_TOO, 'so.format.json'),
      alters: rewriteJsonBlocks((block) => (block.type === 'text' ? { ...block, type: 'output_text' } : block)),
    },
    {
      id: 'text-as-object',
      title: 'The `text` of a block is an object that holds the text.',
      level: 'MUST',
      caughtBy: ['resp.content.text-shape'],
      alsoFails: {
        ...because(TRUNCATED_TOO, 'stop.max-tokens.valid-content'),
        ...because(STRUCTURED_TOO, 'so.format.json'),
      },
      alters: rewriteJsonBlocks((block) => (block.type === 'text' ? { ...block, text: { value: block.text } } : block)),
    },
    {
      id: 'citations-false',
      title: 'A text block without citations has `citations: false`.',
      level: 'MUST',
      caughtBy: ['resp.content.text-shape'],
      alters: rewriteJsonBlocks((block) =>
        block.type === 'text' && !block.citations ? { ...block, citations: false } : block,
      ),
    },
    {
      id: 'stop-sequence-missing',
      title: 'Messages have no `stop_sequence`.',
      level: 'MUST',
      caughtBy: ['resp.stop-sequence.null', 'stop.sequence.value'],
      alters: rewriteJsonMessages((message) => without(message, 'stop_sequence')),
    },
    {
      id: 'stop-sequence-empty',
      title: '`stop_sequence` is the empty string where no sequence ended the reply.',
      level: 'MUST',
      caughtBy: ['resp.stop-sequence.null', 'stream.stop-sequence'],
      alters: rewriteMessages((message) => ({ ...message, stop_sequence: message.stop_sequence ?? '' })),
    },
    {
      id: 'fields-of-chat-completions',
      title: 'Messages have the fields of a chat completion besides their own.',
      level: 'SHOULD',
      caughtBy: ['resp.no-foreign-fields'],
      alters: rewriteJsonMessages((message) => ({
        ...message,
        object: 'chat.completion',
        created: 1_790_000_000,
        choices: [{ index: 0, finish_reason: 'stop' }],
      })),
    },
    {
      id: 'stop-details-always',
      title: 'Every message has `stop_details`, though the model declined nothing.',
      level: 'SHOULD',
      caughtBy: ['resp.optional.null-or-valid'],
      alters: rewriteMessages((message) => ({
        ...message,
        stop_details: { type: 'refusal', category: null, explanation: null },
      })),
    },
    {
      id: 'container-as-string',
      title: 'The `container` of a message is a string.',
      level: 'SHOULD',
      caughtBy: ['resp.optional.null-or-valid'],
      alsoFails: because(BATCHES_TOO, 'batch.results.types'),
      alters: rewriteMessages((message) => ({ ...message, container: 'none' })),
    },
    {
      id: 'reasoning-in-text',
      title: 'The reasoning of the model stands between `think` tags before its answer.',
      level: 'SHOULD',
      mutant: 'TH-c',
      reports: ['TH-05', 'TH-06', 'TH-07'],
      caughtBy: ['resp.thinking-not-leaked'],
      alsoFails: {
        ...because('The thinking block does not come first.', 'think.accepted'),
        ...because(STRUCTURED_TOO, 'so.format.json', 'so.format.stream'),
      },
      alters: {
        draft: (draft) => ({
          ...draft,
          blocks: draft.blocks.map((block) =>
            block.type === 'text'
              ? { ...block, text: `<think>The user wants an answer.</think>\n${block.text}` }
              : block,
          ),
        }),
      },
    },
    {
      id: 'stop-reason-null',
      title: 'The `stop_reason` of a finished message is null.',
      level: 'MUST',
      mutant: 'SR-e',
      reports: ['SR-11', 'SR-12'],
      caughtBy: [...NAME_STOP_REASON, 'stream.order.message-delta-present'],
      alsoFails: {
        'resp.optional.null-or-valid': 'A refusal keeps its `stop_details`, and loses the reason that they belong to.',

        ...because(READS_STOP_REASON, ...READ_STOP_REASON, 'stop.end-turn'),
        ...because(TRUNCATION_HIDDEN, 'sdk.go.accumulate'),
      },
      alters: rewriteMessages((message) => ({ ...message, stop_reason: null })),
    },
    {
      id: 'stop-reasons-of-chat-completions',
      title: 'The server passes on the finish reasons stop, length, tool_calls and content_filter.',
      level: 'MUST',
      mutant: 'SR-g',
      caughtBy: [...NAME_STOP_REASON, 'stop.end-turn'],
      alsoFails: {
        'resp.optional.null-or-valid': 'A refusal keeps its `stop_details`, and has a reason of another API.',

        ...because(READS_STOP_REASON, ...READ_STOP_REASON, 'stream.tool.stop-reason'),
        ...because(TRUNCATION_HIDDEN, 'sdk.go.accumulate'),
      },
      alters: rewriteMessages((message) => ({ ...message, stop_reason: FOREIGN[message.stop_reason ?? ''] ?? null })),
    },
    {
      id: 'usage-missing',
      title: 'A JSON message has no `usage`.',
      level: 'MUST',
      mutant: 'US-a',
      reports: ['US-01', 'US-02'],
      caughtBy: ['resp.usage.ints'],
      alsoFails: {
        ...because(WRONG_CACHE_COUNTS, 'cache.usage.fields', 'cache.prewarm'),
        ...because(USAGE_EVERYWHERE, 'req.max-tokens.zero'),
      },
      alters: rewriteJsonMessages((message) => without(message, 'usage')),
    },
    {
      id: 'usage-of-chat-completions',
      title: '`usage` has prompt_tokens and completion_tokens.',
      level: 'MUST',
      caughtBy: ['resp.usage.ints', 'stream.start.usage', 'stream.usage.in-message-delta'],
      alsoFails: {
        ...because(WRONG_CACHE_COUNTS, 'cache.write-then-read', 'cache.usage.fields', 'cache.prewarm'),
        ...because(USAGE_EVERYWHERE, 'req.max-tokens.zero'),
      },
      alters: rewriteUsage(({ input_tokens, output_tokens }) => ({
        prompt_tokens: input_tokens,
        completion_tokens: output_tokens,
      })),
    },
    {
      id: 'usage-negative',
      title: 'The server subtracts the cached part twice, so that `input_tokens` is negative.',
      level: 'MUST',
      mutant: 'US-k',
      reports: ['US-27', 'US-28', 'US-29', 'US-30'],
      caughtBy: ['resp.usage.ints', 'stream.start.usage', 'stream.usage.in-message-delta', 'usage.input.positive'],
      alsoFails: {
        ...because(NEGATIVE_INPUT, 'usage.input.monotone', 'usage.stream-consistent'),
        ...because(WRONG_USAGE, 'count.matches-usage'),
      },
      alters: rewriteUsage((usage) => ({ ...usage, input_tokens: -usage.input_tokens })),
    },
    {
      id: 'usage-fraction',
      title: 'The server estimates `output_tokens` as a fraction.',
      level: 'MUST',
      mutant: 'US-k',
      reports: ['US-27', 'US-28', 'US-29', 'US-30'],
      caughtBy: ['resp.usage.ints', 'stream.usage.in-message-delta'],
      alsoFails: because('Half a token more than max_tokens exceeds it.', 'req.max-tokens.enforced'),
      alters: rewriteUsage((usage) => ({ ...usage, output_tokens: usage.output_tokens + 0.5 })),
    },
    {
      id: 'caller-as-text',
      title: '`caller` of a tool call is a text.',
      level: 'SHOULD',
      caughtBy: ['resp.optional.null-or-valid'],
      alters: rewriteBlocks((block) => (block.type === 'tool_use' ? { ...block, caller: 'model' } : block)),
    },
    {
      id: 'stored-replies',
      title: 'A gateway stores replies by the last message only, so different requests get one stored reply.',
      level: 'MUST',
      caughtBy: ['resp.cache.not-stale'],
      alters: storedReplies(({ messages }) => JSON.stringify(messages.at(-1)?.content)),
    },
  ],
};

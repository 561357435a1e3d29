import { rewriteJsonMessages, rewriteMessages, rewriteUsage } from '../alterations/messages.js';
import { without } from '../alterations/without.js';
import type { FaultFamily } from './fault.js';
import {
  ANSWER_ALIKE,
  BATCHES_ALIKE,
  BILL_WRONG,
  because,
  CACHE_UNTOLD,
  CALLS_ALIKE,
  CUT_ALIKE,
  CUT_UNTOLD,
  EVERY_REASON,
  NEGATIVE_INPUT,
  NO_BLOCKS,
  USAGE_EVERYWHERE,
} from './reasons.js';
import { NAME_STOP_REASON, READ_STOP_REASON } from './requirement-groups.js';

const FOREIGN: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  stop_sequence: 'stop',
};

export const responseFaults: FaultFamily = {
  name: 'response',
  title: 'the fields of a message and of its blocks',
  faults: [
    {
      id: 'reply-as-chat-completion',
      title: 'A message is of type chat.completion.',
      level: 'MUST',
      caughtBy: ['resp.type-role', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: rewriteMessages((message) => ({ ...message, type: 'chat.completion' })),
    },
    {
      id: 'reply-role-model',
      title: 'A message has the role model.',
      level: 'MUST',
      caughtBy: ['resp.type-role', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: rewriteMessages((message) => ({ ...message, role: 'model' })),
    },
    {
      id: 'reply-id-constant',
      title: 'All messages have the same id.',
      level: 'MUST',
      caughtBy: ['resp.id'],
      alters: rewriteMessages((message) => ({ ...message, id: 'msg_01' })),
    },
    {
      id: 'reply-id-missing',
      title: 'Messages have no id.',
      level: 'MUST',
      caughtBy: ['resp.id', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: rewriteMessages((message) => without(message, 'id')),
    },
    {
      id: 'reply-model-missing',
      title: 'Messages do not say which model gave them.',
      level: 'MUST',
      caughtBy: ['resp.model', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: rewriteMessages((message) => without(message, 'model')),
    },
    {
      id: 'content-as-string',
      title: 'The content of a message is a string.',
      level: 'MUST',
      caughtBy: ['resp.content.array'],
      alsoFails: {
        ...because(CALLS_ALIKE, 'tool.client.builtin', 'tc.tool', 'so.strict-tool'),
        ...because(NO_BLOCKS, 'tc.any', 'stop.end-turn', 'think.accepted', 'cache.prewarm', 'req.max-tokens.zero'),
        ...because(CUT_ALIKE, 'stop.max-tokens.valid-content'),
        ...because(ANSWER_ALIKE, 'so.format.json'),
      },
      alters: rewriteJsonMessages((message) => ({
        ...message,
        content: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      })),
    },
    {
      id: 'block-type-of-another-api',
      title: 'Text blocks are of type output_text.',
      level: 'MUST',
      caughtBy: ['resp.content.array'],
      alsoFails: because(ANSWER_ALIKE, 'so.format.json'),
      alters: rewriteJsonMessages((message) => ({
        ...message,
        content: message.content.map((block) => (block.type === 'text' ? { ...block, type: 'output_text' } : block)),
      })),
    },
    {
      id: 'text-as-object',
      title: 'The text of a block is an object with the text in it.',
      level: 'MUST',
      caughtBy: ['resp.content.text-shape'],
      alsoFails: {
        ...because(CUT_ALIKE, 'stop.max-tokens.valid-content'),
        ...because(ANSWER_ALIKE, 'so.format.json'),
      },
      alters: rewriteJsonMessages((message) => ({
        ...message,
        content: message.content.map((block) =>
          block.type === 'text' ? { ...block, text: { value: block.text } } : block,
        ),
      })),
    },
    {
      id: 'citations-false',
      title: 'A text block without citations says false.',
      level: 'MUST',
      caughtBy: ['resp.content.text-shape'],
      alters: rewriteJsonMessages((message) => ({
        ...message,
        content: message.content.map((block) =>
          block.type === 'text' && !block.citations ? { ...block, citations: false } : block,
        ),
      })),
    },
    {
      id: 'stop-sequence-missing',
      title: 'Messages have no stop_sequence.',
      level: 'MUST',
      caughtBy: ['resp.stop-sequence.null', 'stop.sequence.value'],
      alters: rewriteJsonMessages((message) => without(message, 'stop_sequence')),
    },
    {
      id: 'stop-sequence-empty',
      title: 'stop_sequence is the empty string where no sequence ended the reply.',
      level: 'MUST',
      caughtBy: ['resp.stop-sequence.null', 'stream.stop-sequence'],
      alters: rewriteMessages((message) => ({ ...message, stop_sequence: message.stop_sequence ?? '' })),
    },
    {
      id: 'fields-of-chat-completions',
      title: 'Messages carry the fields of a chat completion besides their own.',
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
      title: 'Every message has stop_details, though nothing was refused.',
      level: 'SHOULD',
      caughtBy: ['resp.optional.null-or-valid'],
      alters: rewriteMessages((message) => ({
        ...message,
        stop_details: { type: 'refusal', category: null, explanation: null },
      })),
    },
    {
      id: 'container-as-string',
      title: 'Messages have a container that is a string.',
      level: 'SHOULD',
      caughtBy: ['resp.optional.null-or-valid'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: rewriteMessages((message) => ({ ...message, container: 'none' })),
    },
    {
      id: 'reasoning-in-text',
      title: 'The reasoning of the model stands between think tags in front of its answer.',
      level: 'SHOULD',
      mutant: 'TH-c',
      reports: ['TH-05', 'TH-06', 'TH-07'],
      caughtBy: ['resp.thinking-not-leaked'],
      alsoFails: {
        ...because('Thinking stands elsewhere than in front.', 'think.accepted'),
        ...because(ANSWER_ALIKE, 'so.format.json', 'so.format.stream'),
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
      title: 'The stop reason of a finished reply is null.',
      level: 'MUST',
      mutant: 'SR-e',
      reports: ['SR-11', 'SR-12'],
      caughtBy: [...NAME_STOP_REASON, 'stream.order.message-delta-present'],
      alsoFails: {
        ...because(EVERY_REASON, ...READ_STOP_REASON, 'stop.end-turn'),
        ...because(CUT_UNTOLD, 'sdk.go.accumulate'),
      },
      alters: rewriteMessages((message) => ({ ...message, stop_reason: null })),
    },
    {
      id: 'stop-reasons-of-chat-completions',
      title: 'The finish reasons stop, length and tool_calls are passed on.',
      level: 'MUST',
      mutant: 'SR-g',
      caughtBy: [...NAME_STOP_REASON, 'stop.end-turn'],
      alsoFails: {
        ...because(EVERY_REASON, ...READ_STOP_REASON, 'stream.tool.stop-reason'),
        ...because(CUT_UNTOLD, 'sdk.go.accumulate'),
      },
      alters: rewriteMessages((message) => ({ ...message, stop_reason: FOREIGN[message.stop_reason ?? ''] ?? null })),
    },
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
      alters: rewriteJsonMessages((message) => without(message, 'usage')),
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
      alters: rewriteUsage(({ input_tokens, output_tokens }) => ({
        prompt_tokens: input_tokens,
        completion_tokens: output_tokens,
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
      alters: rewriteUsage((usage) => ({ ...usage, input_tokens: -usage.input_tokens })),
    },
    {
      id: 'usage-fraction',
      title: 'Output tokens are estimated as a fraction.',
      level: 'MUST',
      mutant: 'US-k',
      reports: ['US-27', 'US-28', 'US-29', 'US-30'],
      caughtBy: ['resp.usage.ints', 'stream.usage.in-message-delta'],
      alsoFails: because('Half a token above max_tokens is above it.', 'req.max-tokens.enforced'),
      alters: rewriteUsage((usage) => ({ ...usage, output_tokens: usage.output_tokens + 0.5 })),
    },
  ],
};

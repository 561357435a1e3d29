import { rewriteBlocks, rewriteJsonBlocks, rewriteMessages, rewriteUsage } from '../alterations/messages.js';
import {
  acceptDespite,
  crashWhen,
  rejectWhen,
  rewriteBody,
  rewriteContents,
  rewritePrompt,
} from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import type { Block, Message, MessageRequest, ResponseBlock } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because, NEEDS_THINKING } from './reasons.js';

type Thought = Extract<ResponseBlock, { type: 'thinking' }>;

const thoughts = (change: (block: Thought) => object | readonly object[]) =>
  rewriteBlocks((block) => (block.type === 'thinking' ? change(block) : block));

/** Thinking of which the client got only the signature. */
const isOmitted = (block: Block): boolean => block.type === 'thinking' && block.thinking === '';

const holds = ({ messages: all }: Pick<MessageRequest, 'messages'>, ...types: string[]): boolean =>
  all.some(({ content }) => typeof content !== 'string' && content.some(({ type }) => types.includes(type)));

/** Moves the thinking of a reply into its text. */
const spokenThoughts = (message: Message): object => {
  const thought = message.content.find((block): block is Thought => block.type === 'thinking');
  return {
    ...message,
    content: message.content.flatMap((block): object[] => {
      if (block.type === 'thinking') return [];
      return block.type === 'text' && thought ? [{ ...block, text: `${thought.thinking}\n\n${block.text}` }] : [block];
    }),
  };
};

/** The reply as it is when the stop sequences are looked for in its thinking. */
function stoppedInThinking(message: Message, sequences: readonly string[]): object {
  const thought = message.content.find((block): block is Thought => block.type === 'thinking');
  const sequence = sequences.find((one) => thought?.thinking.includes(one));
  if (thought === undefined || sequence === undefined) return message;
  const thinking = thought.thinking.slice(0, thought.thinking.indexOf(sequence));
  return { ...message, content: [{ ...thought, thinking }], stop_reason: 'stop_sequence', stop_sequence: sequence };
}

export const thinkingFaults: FaultFamily = {
  name: 'thinking',
  title: 'thinking blocks, their signatures, and what thinking requires of a request',
  faults: [
    {
      id: 'thinking-not-shown',
      title: 'The model thinks, and the server never sends a thinking block.',
      level: 'MUST',
      mutant: 'TH-a',
      reports: ['TH-01', 'TH-02'],
      caughtBy: ['think.accepted'],
      alters: thoughts(() => []),
    },
    {
      id: 'stop-sequence-in-thinking',
      title: 'The server looks for stop sequences in the thinking too, and ends the reply there.',
      level: 'SHOULD',
      reports: [
        'https://github.com/vllm-project/vllm/issues/52393',
        'https://github.com/sgl-project/sglang/issues/40529',
      ],
      caughtBy: ['think.stop-sequence'],
      alters: rewriteMessages((message, { prompt }) => stoppedInThinking(message, prompt?.stop_sequences ?? [])),
    },
    {
      id: 'thinking-dropped',
      title: 'The server accepts the field `thinking` and drops it: the model does not think.',
      level: 'SHOULD',
      caughtBy: ['think.accepted'],
      alters: rewritePrompt((request) => without(request, 'thinking')),
    },
    {
      id: 'thinking-budget-ignored',
      title: 'The server accepts thinking with a budget and ignores it; adaptive thinking works.',
      level: 'MUST',
      caughtBy: ['think.budget.not-ignored'],
      alters: rewritePrompt((request) =>
        request.thinking?.type === 'enabled' ? without(request, 'thinking') : request,
      ),
    },
    {
      id: 'omitted-thinking-refused',
      title: 'The server rejects thinking blocks with empty text when they come back.',
      level: 'MUST',
      caughtBy: ['think.omitted.replay'],
      alters: rejectWhen(
        ({ messages }) =>
          messages.some(({ content }) => typeof content !== 'string' && content.some(isOmitted)) &&
          'messages.1.content.0.thinking: String should have at least 1 character',
      ),
    },
    {
      id: 'text-beside-omitted-thinking-dropped',
      title: 'An assistant message with an empty thinking block loses its text.',
      level: 'MUST',
      caughtBy: ['think.omitted.text-beside'],
      alters: rewriteContents((content) =>
        content.some(isOmitted) ? content.filter(({ type }) => type !== 'text') : content,
      ),
    },
    {
      id: 'thinking-refused',
      title: 'The server rejects the field `thinking`.',
      level: 'MUST',
      caughtBy: ['think.accepted'],
      alsoFails: because(NEEDS_THINKING, 'think.replay', 'think.replay.tampered'),
      alters: rejectWhen(
        ({ thinking }) => thinking && thinking.type !== 'disabled' && 'thinking: Extra inputs are not permitted',
      ),
    },
    {
      id: 'adaptive-thinking-refused',
      title: 'The server accepts only thinking with a budget.',
      level: 'MAY',
      mutant: 'RQ-m',
      reports: ['RQ-42', 'RQ-43'],
      caughtBy: [],
      undetectable: 'Models differ in the kinds of thinking that they accept; a clean rejection is honest.',
      alters: rejectWhen(({ thinking }) => thinking?.type === 'adaptive' && "thinking.type: Input should be 'enabled'"),
    },
    {
      id: 'adaptive-thinking-crash',
      title: 'Adaptive thinking causes a 500.',
      level: 'SHOULD',
      mutant: 'RQ-m',
      reports: ['RQ-42', 'RQ-43'],
      caughtBy: ['think.unsupported'],
      alters: crashWhen(({ thinking }) => thinking?.type === 'adaptive'),
    },
    {
      id: 'thinking-disabled-refused',
      title: 'A model that does not always think rejects `thinking` disabled.',
      level: 'MAY',
      mutant: 'RQ-m',
      reports: ['RQ-42', 'RQ-43'],
      caughtBy: [],
      undetectable:
        'A model that always thinks has to reject it, and a client cannot know whether a model always thinks.',
      alters: rejectWhen(({ thinking }) => thinking?.type === 'disabled' && "thinking.type: Input should be 'enabled'"),
    },
    {
      id: 'thinking-although-disabled',
      title: 'The reply begins with a thinking block although thinking is disabled.',
      level: 'MUST',
      caughtBy: ['think.disabled'],
      alters: {
        draft: (draft, call) =>
          call.prompt?.thinking?.type === 'disabled'
            ? { ...draft, blocks: [{ type: 'thinking', thinking: 'The user asks something.' }, ...draft.blocks] }
            : draft,
      },
    },
    {
      id: 'thinking-without-signature',
      title: 'Thinking blocks have no `signature`.',
      level: 'MUST',
      caughtBy: ['think.block-shape'],
      alters: rewriteJsonBlocks((block) => (block.type === 'thinking' ? without(block, 'signature') : block)),
    },
    {
      id: 'unsigned-thinking-refused',
      title: 'The server leaves `signature` empty, and rejects the same thinking when it comes back.',
      level: 'MUST',
      reports: ['https://github.com/NousResearch/hermes-agent/issues/17455'],
      caughtBy: ['think.replay', 'think.empty-signature'],
      alsoFails: because('Omitted thinking is nothing but its signature.', 'think.display.omitted'),
      alters: rewriteBlocks((block) => (block.type === 'thinking' ? { ...block, signature: '' } : block)),
    },
    {
      id: 'thinking-named-reasoning',
      title: 'A thinking block has its text in `reasoning`.',
      level: 'MUST',
      caughtBy: ['think.block-shape'],
      alters: rewriteJsonBlocks((block) =>
        block.type === 'thinking' ? { ...without(block, 'thinking'), reasoning: block.thinking } : block,
      ),
    },
    {
      id: 'thinking-in-text',
      title: 'The text begins with the thinking.',
      level: 'SHOULD',
      mutant: 'TH-i',
      reports: ['TH-22'],
      caughtBy: ['think.accepted'],
      alsoFails: {
        'stop.sequence.excluded': 'The thinking in the text has the stop sequence.',
      },
      alters: rewriteMessages((message) => spokenThoughts(message)),
    },
    {
      id: 'small-budget-taken',
      title: 'The server accepts a thinking budget below 1024 tokens.',
      level: 'SHOULD',
      caughtBy: ['think.budget.minimum'],
      alters: acceptDespite(/budget_tokens: /),
    },
    {
      id: 'large-budget-taken',
      title: 'The server accepts a thinking budget that is not below `max_tokens`.',
      level: 'SHOULD',
      caughtBy: ['think.budget.below-max'],
      alters: acceptDespite(/must be greater than `thinking\.budget_tokens`/),
    },
    {
      id: 'thinking-with-forced-tool-taken',
      title: 'The server accepts thinking with a budget together with a forced call.',
      level: 'SHOULD',
      caughtBy: ['think.forced-tool'],
      alters: acceptDespite(/Thinking may not be enabled when/),
    },
    {
      id: 'own-thinking-refused',
      title:
        'A gateway changes the signature of a thinking block, and the server rejects the block when it comes back.',
      level: 'MUST',
      mutant: 'TH-e',
      reports: ['TH-11', 'TH-12'],
      caughtBy: ['think.replay'],
      alters: thoughts((block) => ({ ...block, signature: `x${block.signature}` })),
    },
    {
      id: 'thinking-history-refused',
      title: 'The server rejects thinking blocks in the history.',
      level: 'MUST',
      mutant: 'RQ-c',
      reports: ['RQ-15', 'RQ-16', 'RQ-17'],
      caughtBy: ['think.replay', 'think.omitted.replay'],
      alsoFails: because('It sends thinking back.', 'think.redacted.replay'),
      alters: rejectWhen(
        (request) =>
          holds(request, 'thinking', 'redacted_thinking') &&
          "messages.1.content.0.type: Input should be 'text' or 'tool_use'",
      ),
    },
    {
      id: 'history-without-thinking-refused',
      title: 'With thinking on, the server rejects an assistant message without a thinking block.',
      level: 'SHOULD',
      caughtBy: ['think.foreign-history'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.session.late'),
      alters: rejectWhen((request) =>
        request.thinking &&
        request.thinking.type !== 'disabled' &&
        request.messages.some(({ role }) => role === 'assistant') &&
        !holds(request, 'thinking')
          ? 'messages.1.content.0: expected `thinking` or `redacted_thinking`'
          : null,
      ),
    },
    {
      id: 'empty-thinking-dropped',
      title: 'The server drops thinking blocks with empty text from the history.',
      level: 'MAY',
      mutant: 'TH-g',
      reports: ['TH-17', 'TH-18', 'TH-19'],
      caughtBy: [],
      undetectable: 'No response shows which earlier thinking the model read.',
      alters: rewriteContents((content) => content.filter((block) => !isOmitted(block))),
    },
    {
      id: 'call-before-thinking',
      title: 'The thinking block comes after the call.',
      level: 'SHOULD',
      caughtBy: ['think.replay.order'],
      alsoFails: {
        ...because('The thinking block does not come first.', 'think.accepted'),
        'stream.tool.concat-json': 'A truncated call is no longer the last block.',
      },
      alters: rewriteMessages((message) => ({
        ...message,
        content: [...message.content].sort((a, b) => Number(a.type === 'thinking') - Number(b.type === 'thinking')),
      })),
    },
    {
      id: 'signatures-unchecked',
      title: 'The server accepts a thinking block whose signature does not match.',
      level: 'SHOULD',
      caughtBy: ['think.replay.tampered'],
      alters: acceptDespite(/Invalid `signature`|Invalid `data`/),
    },
    {
      id: 'display-ignored',
      title: 'The server ignores `display: omitted` and sends the thinking.',
      level: 'MAY',
      caughtBy: ['think.display.omitted'],
      alters: rewriteBody((body) => {
        const { thinking } = body;
        return typeof thinking === 'object' && thinking !== null
          ? { ...body, thinking: without(thinking, 'display') as never }
          : body;
      }),
    },
    {
      id: 'thinking-tokens-uncounted',
      title: '`output_tokens` leaves out the thinking tokens.',
      level: 'SHOULD',
      mutant: 'US-i',
      reports: ['US-26'],
      caughtBy: ['think.usage'],
      alters: rewriteUsage((usage) => {
        const thinking = usage.output_tokens_details?.thinking_tokens ?? 0;
        return { ...without(usage, 'output_tokens_details'), output_tokens: usage.output_tokens - thinking };
      }),
    },
  ],
};

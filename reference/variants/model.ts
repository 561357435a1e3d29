import type { Draft, DraftBlock, Reply } from '../model/draft.js';
import type { Alterations, Call } from '../stages.js';
import type { MessageRequest, Tool } from '../wire.js';
import { randomFrom, seedOf } from './chance.js';
import type { VariantFamily } from './variant.js';

/** Replaces what the model says. What a server enforces stays: forced calls, structured answers, thinking. */
function speaks(say: (draft: Draft, request: MessageRequest, call: Call) => readonly DraftBlock[]): Alterations {
  return {
    draft(draft, call) {
      const request = call.prompt;
      if (!request || isForced(request)) return draft;
      const thoughts = draft.blocks.filter(({ type }) => type === 'thinking' || type === 'redacted_thinking');
      return { ...draft, blocks: [...thoughts, ...say(draft, request, call)] };
    },
  };
}

const isForced = ({ tool_choice, output_config, output_format }: MessageRequest): boolean =>
  tool_choice?.type === 'any' || tool_choice?.type === 'tool' || !!output_config?.format || !!output_format;

const text = (words: string): DraftBlock[] => (words.trim() === '' ? [] : [{ type: 'text', text: words }]);

/** The draft with its texts rewritten; citations stay with their text. */
const reworded = (draft: Draft, change: (words: string) => string): DraftBlock[] =>
  draft.blocks.flatMap((block): DraftBlock[] => {
    if (block.type !== 'text') return [];
    const words = change(block.text);
    return words.trim() === '' ? [] : [{ ...block, text: words }];
  });

/** Follows prompts with such a block only at this rate, and says of the others that it is not sure; everything else it follows. */
const weakIn = (block: string, rate: number): Alterations =>
  speaks((draft, request, call) => {
    const isWeak = JSON.stringify(request.messages).includes(`"type":"${block}"`);
    const follows = !isWeak || randomFrom(seedOf(request, call))() < rate;
    return follows ? draft.blocks.filter(isSaid) : text('I am not sure about that.');
  });

const isSaid = ({ type }: DraftBlock): boolean => type !== 'thinking' && type !== 'redacted_thinking';

/** Spends the first `budget` tokens of `max_tokens` on hidden thinking: below it the reply is empty. */
function spends(budget: number): Alterations {
  return {
    reply(reply, call): Reply {
      const limit = call.prompt?.max_tokens ?? 0;
      if (limit >= budget) return { ...reply, outputTokens: Math.min(reply.outputTokens + budget, limit) };
      return { blocks: [], stopReason: 'max_tokens', stopSequence: null, outputTokens: limit, thinkingTokens: 0 };
    },
  };
}

/** A call of a tool whose required arguments have values of the right types. */
function callOf(tool: Tool): DraftBlock {
  const properties = (tool.input_schema?.properties ?? {}) as Record<string, { type?: string }>;
  const required = (tool.input_schema?.required ?? []) as string[];
  const values: Record<string, unknown> = { string: 'x', integer: 1, number: 1, boolean: true, array: [], object: {} };
  const input = Object.fromEntries(
    required.map((name) => [name, values[properties[name]?.type ?? 'string'] as string]),
  );
  return { type: 'tool_use', name: tool.name, input };
}

const answersResults = ({ messages }: MessageRequest): boolean => {
  const last = messages.at(-1)?.content;
  return Array.isArray(last) && last.some(({ type }) => type === 'tool_result');
};

const source = ['D:stop'];

export const model: VariantFamily = {
  name: 'model',
  title: 'models that do not follow instructions',
  variants: [
    {
      id: 'parrot',
      title: 'The model always says the same sentence and follows no instruction.',
      source,
      alters: speaks(() => text('Polly wants a cracker.')),
    },
    {
      id: 'talkative-parrot',
      title: 'The model always tells the same long story.',
      source,
      alters: speaks(() => text('Once upon a time there was a parrot who would not stop talking. '.repeat(20))),
    },
    {
      id: 'echo',
      title: 'The model repeats the last message.',
      source,
      alters: speaks((_draft, { messages }) => {
        const last = messages.at(-1)?.content ?? '';
        const words =
          typeof last === 'string'
            ? last
            : last.map((block) => (block.type === 'text' ? block.text : `(${block.type})`)).join(' ');
        return text(words);
      }),
    },
    {
      id: 'silence',
      title: 'The model ends every turn without a word.',
      source,
      alters: speaks(() => []),
    },
    {
      id: 'one-word-at-most',
      title: 'The model stops after the first word of its answer.',
      source,
      alters: speaks((draft) => reworded(draft, (words) => /^\s*\S+/.exec(words)?.[0] ?? '')),
    },
    {
      id: 'polite',
      title: 'The model puts a polite phrase before and after each answer.',
      source,
      alters: speaks((draft) =>
        reworded(draft, (words) => `Certainly! Here is your answer: ${words}. Is there anything else?`),
      ),
    },
    {
      id: 'shouting',
      title: 'The model answers in capitals and in bold.',
      source,
      alters: speaks((draft) => reworded(draft, (words) => `**${words.toUpperCase()}**`)),
    },
    {
      id: 'follows-half-of-its-prompts',
      title: 'The model follows half of its prompts and says of the others that it is not sure.',
      source,
      alters: speaks((draft, request, call) => {
        const isSure = randomFrom(seedOf(request, call))() < 0.5;
        return isSure ? draft.blocks.filter(isSaid) : text('I am not sure about that.');
      }),
    },
    {
      id: 'blind',
      title: 'The model follows everything but prompts with pictures, of which it says that it is not sure.',
      source,
      alters: weakIn('image', 0),
    },
    {
      id: 'sees-half-of-its-pictures',
      title: 'The model follows half of its prompts with pictures, and all others.',
      source,
      alters: weakIn('image', 0.5),
    },
    {
      id: 'reads-no-documents',
      title: 'The model follows everything but prompts with documents, of which it says that it is not sure.',
      source,
      alters: weakIn('document', 0),
    },
    {
      id: 'reads-half-of-its-documents',
      title: 'The model follows half of its prompts with documents, and all others.',
      source,
      alters: weakIn('document', 0.5),
    },
    {
      id: 'reads-a-fifth-of-its-tool-results',
      title: 'The model follows a fifth of its prompts with tool results, and all others.',
      source,
      alters: weakIn('tool_result', 0.2),
    },
    {
      id: 'answers-in-chinese',
      title: 'The model answers in Chinese, whatever the question.',
      source,
      alters: speaks(() => text('好的，我明白了。这是我的回答：一二三。')),
    },
    {
      id: 'full-width-digits',
      title: 'The model writes digits in full width.',
      source,
      alters: speaks((draft) =>
        reworded(draft, (words) => words.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))),
      ),
    },
    {
      id: 'fences-its-answers',
      title: 'The model writes each answer as a block of code, after an empty line.',
      source,
      alters: speaks((draft) => reworded(draft, (words) => `\n\`\`\`\n${words}\n\`\`\`\n`)),
    },
    {
      id: 'thinks-unasked',
      title: 'The model thinks before every answer where the request does not disable it.',
      source: ['D:athink'],
      alters: {
        draft(draft, { prompt }) {
          const isOff = prompt === null || prompt.thinking?.type === 'disabled' || isForced(prompt);
          const thinks = draft.blocks.some(({ type }) => type === 'thinking' || type === 'redacted_thinking');
          return isOff || thinks
            ? draft
            : { ...draft, blocks: [{ type: 'thinking', thinking: 'What does the user want?' }, ...draft.blocks] };
        },
      },
    },
    {
      id: 'calls-twice',
      title: 'The model makes each of its calls twice, unless it may make only one.',
      source: ['D:parallel'],
      alters: {
        draft(draft, { prompt }) {
          const choice = prompt?.tool_choice;
          if (choice && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use) return draft;
          const isCall = (block: DraftBlock): boolean => block.type === 'tool_use';
          return {
            ...draft,
            blocks: draft.blocks.flatMap((block) => (isCall(block) ? [block, { ...block }] : [block])),
          };
        },
      },
    },
    {
      id: 'numbers-in-words',
      title: 'The model writes numbers as words and never reaches a stop sequence of digits.',
      source,
      alters: speaks((draft) =>
        reworded(draft, (words) => words.replace(/\d/g, (digit) => `${DIGITS[Number(digit)]} `)),
      ),
    },
    {
      id: 'never-calls-a-tool',
      title: 'The model calls tools only where `tool_choice` forces it.',
      source: ['D:define'],
      alters: speaks((draft) => {
        const words = draft.blocks.filter(({ type }) => type === 'text');
        return words.length > 0 ? words : text('I know that without a tool.');
      }),
    },
    {
      id: 'always-calls-a-tool',
      title: 'The model calls a tool whenever it has one, whatever the question.',
      source: ['D:define'],
      alters: speaks((draft, request) => {
        const tool = request.tools?.find(({ input_schema }) => input_schema !== undefined);
        const may = tool && request.tool_choice?.type !== 'none' && !answersResults(request);
        return may ? [callOf(tool)] : draft.blocks.filter(({ type }) => type === 'text');
      }),
    },
    {
      id: 'one-call-at-a-time',
      title: 'The model never calls two tools in one reply.',
      source: ['D:parallel'],
      alters: {
        draft(draft) {
          const first = draft.blocks.findIndex(({ type }) => type === 'tool_use');
          return { ...draft, blocks: draft.blocks.filter(({ type }, index) => type !== 'tool_use' || index === first) };
        },
      },
    },
    {
      id: 'explains-before-it-calls',
      title: 'The model explains itself before it calls a tool by its own choice.',
      source: ['D:define'],
      alters: speaks((draft) => {
        const rest = draft.blocks.filter(({ type }) => type === 'text' || type === 'tool_use');
        const calls = rest.some(({ type }) => type === 'tool_use');
        return calls ? [...text('Let me look that up for you. One moment, please.'), ...rest] : rest;
      }),
    },
    {
      id: 'several-text-blocks',
      title: 'The model splits its answer into several text blocks.',
      source: ['D:ref'],
      alters: speaks((draft) =>
        draft.blocks.flatMap((block): DraftBlock[] => {
          if (block.type !== 'text' || block.citations || block.text.length < 20) {
            return block.type === 'text' || block.type === 'tool_use' ? [block] : [];
          }
          const middle = block.text.indexOf(' ', block.text.length / 2);
          if (middle < 0) return [block];
          return [...text(block.text.slice(0, middle)), ...text(block.text.slice(middle))];
        }),
      ),
    },
    {
      id: 'declines-everything',
      title: 'A classifier declines everything: status 200, `stop_reason` refusal, no content.',
      source: ['D:stop', 'D:refusal'],
      alters: {
        draft: () => ({ blocks: [], refusal: { category: 'general_harms', explanation: 'Not today.' } }),
      },
    },
    {
      id: 'reasons-away-its-budget',
      title:
        'A reasoning model spends the first 400 tokens on hidden thinking: a smaller `max_tokens` gives an empty reply.',
      source: ['D:stop'],
      alters: spends(400),
    },
    {
      id: 'reasons-a-little',
      title: 'A reasoning model spends 20 tokens on hidden thinking before its answer.',
      source: ['D:stop'],
      alters: spends(20),
    },
    {
      id: 'reasons-without-end',
      title: 'A reasoning model spends any `max_tokens` on hidden thinking and never answers.',
      source: ['D:stop'],
      alters: spends(1_000_000),
    },
  ],
};

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

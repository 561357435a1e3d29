import { get, type JsonObject } from '../../../core/json.js';
import type { AnswerDelta } from '../stages.js';
import { chunks, each, pieces } from './alter.js';
import { CHAT, type GatewayFault, OPENAI } from './fault.js';

/** A stop reason in place of another. */
const stops = (from: string, to: string) =>
  each('finish', (delta) => (delta.reason === from ? { ...delta, reason: to } : delta));

/** Texts, calls, reasoning, stop reasons and counts of an answer are changed. */
export const answerFaults: readonly GatewayFault[] = [
  {
    id: 'gw-last-text-lost',
    title: 'The last piece of a text is lost.',
    caughtBy: ['gw.answer.text'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind !== 'text') return [delta];
      const before = memory.get('text') as AnswerDelta | undefined;
      memory.set('text', delta);
      return before === undefined ? [] : [before];
    }),
  },
  {
    id: 'gw-answer-ascii-only',
    title: 'Characters beyond ASCII are replaced in an answer.',
    caughtBy: ['gw.answer.unicode'],
    alterations: each('text', (delta) => ({ ...delta, text: delta.text.replace(/[^ -~\s]/g, '?') })),
  },
  {
    id: 'gw-white-pieces-dropped',
    title: 'Pieces of white space are dropped.',
    caughtBy: ['gw.answer.whitespace'],
    alterations: each('text', (delta) => (delta.text.trim() === '' ? [] : delta)),
  },
  {
    id: 'gw-answer-tags-stripped',
    title: 'Tags in an answer are removed.',
    caughtBy: ['gw.answer.markup'],
    alterations: each('text', (delta) => ({ ...delta, text: delta.text.replace(/<[^<>]{1,40}>/g, '') })),
  },
  {
    id: 'gw-shell-call-repaired',
    title: 'A call of a shell without a command gets one.',
    caughtBy: ['gw.answer.call'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind === 'call') memory.set(delta.key, delta.name);
      return delta.kind === 'arguments' && memory.get(delta.key) === 'bash'
        ? [{ ...delta, text: delta.text.replace(/^\{/, '{"command":"true",') }]
        : [delta];
    }),
  },
  {
    id: 'gw-call-read-from-text',
    title: 'A call that a text shows is made.',
    caughtBy: ['gw.answer.call-in-text'],
    alterations: each('text', (delta) => {
      const [, name, text] = /^\{"name": "(\w+)", "arguments": (\{.*\})\}$/.exec(delta.text) ?? [];
      if (name === undefined || text === undefined) return delta;
      const key = 'from-text';
      return [
        { kind: 'call', key, id: 'call_from_text', name },
        { kind: 'arguments', key, text },
      ];
    }),
  },
  {
    id: 'gw-long-answer-cut',
    title: 'An answer is cut after 65,536 characters.',
    caughtBy: ['gw.answer.long'],
    alterations: each('text', (delta, memory) => {
      const length = Number(memory.get('length') ?? 0) + delta.text.length;
      memory.set('length', length);
      return length > 65_536 ? [] : delta;
    }),
  },
  {
    id: 'gw-empty-answer-filled',
    title: 'An empty answer becomes a sentence of the gateway.',
    caughtBy: ['gw.answer.empty'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind === 'text' || delta.kind === 'call') memory.set('said', true);
      return delta.kind === 'finish' && !memory.has('said') ? [{ kind: 'text', text: '(no content)' }, delta] : [delta];
    }),
  },
  {
    id: 'gw-extras-as-text',
    title: 'Unknown fields of a chunk become text.',
    caughtBy: ['gw.answer.extras'],
    alterations: {
      deltas: async function* (deltas, call) {
        const isExtra = JSON.stringify(call.request.messages).includes('answer-extras');
        for await (const delta of deltas)
          yield isExtra && delta.kind === 'text' ? { ...delta, text: `${delta.text}[object Object]` } : delta;
      },
    },
  },
  {
    id: 'gw-other-model-named',
    title: 'The reply names another model.',
    caughtBy: ['gw.answer.model'],
    alterations: {
      message: (message) => ({ ...message, model: 'claude-3-opus-20240229' }),
    },
  },
  {
    id: 'gw-call-lost',
    title: 'A call is dropped.',
    caughtBy: ['gw.answer.call'],
    alterations: pieces((delta) => (delta.kind === 'call' || delta.kind === 'arguments' ? [] : [delta])),
  },
  {
    id: 'gw-numbers-as-strings',
    title: 'Numbers in the input of a call become strings.',
    caughtBy: ['gw.answer.call.types'],
    alterations: each('arguments', (delta) => ({ ...delta, text: delta.text.replace(/:(\d+)([,}])/g, ':"$1"$2') })),
  },
  {
    id: 'gw-call-without-arguments-lost',
    title: 'A call without arguments is dropped.',
    caughtBy: ['gw.answer.call.empty', 'gw.stream.call.no-arguments'],
    alterations: pieces((delta, _call, memory) => {
      const held = memory.get('call') as AnswerDelta | undefined;
      memory.delete('call');
      if (delta.kind === 'call') {
        memory.set('call', delta);
        return [];
      }
      return held !== undefined && delta.kind === 'arguments' ? [held, delta] : [delta];
    }),
  },
  {
    id: 'gw-arguments-cut',
    title: 'Long pieces of arguments are shortened.',
    caughtBy: ['gw.answer.call.long'],
    alterations: each('arguments', (delta) => ({
      ...delta,
      text: delta.text.replace(/(x{16384}|y{16384})[xy]*/, '$1'),
    })),
  },
  {
    id: 'gw-null-as-text',
    title: 'A content of null becomes the text "null".',
    speaks: CHAT,
    caughtBy: ['gw.answer.call.beside-null', 'gw.stream.opening.null'],
    alterations: chunks((chunk, delta) => {
      const message = get(chunk, 'choices', 0, 'message');
      const content = get(message, 'content') === null ? 'message' : delta.content === null ? 'delta' : null;
      if (content === null) return chunk;
      const choice = get(chunk, 'choices', 0) as JsonObject;
      return { ...chunk, choices: [{ ...choice, [content]: { ...(choice[content] as JsonObject), content: 'null' } }] };
    }),
  },
  {
    id: 'gw-first-call-only',
    title: 'Only the first call of an answer is kept.',
    caughtBy: ['gw.answer.calls', 'gw.stream.calls.together'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind === 'call') {
        if (!memory.has('first')) memory.set('first', delta.key);
        return memory.get('first') === delta.key ? [delta] : [];
      }
      return delta.kind === 'arguments' && memory.get('first') !== delta.key ? [] : [delta];
    }),
  },
  {
    id: 'gw-calls-by-name',
    title: 'Calls of the same tool are merged into one.',
    caughtBy: ['gw.answer.calls.same-name'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind === 'call') {
        const isKnown = memory.has(delta.name);
        memory.set(delta.name, delta.key);
        if (isKnown) memory.set(`key ${delta.key}`, true);
        return isKnown ? [] : [delta];
      }
      return delta.kind === 'arguments' && memory.has(`key ${delta.key}`) ? [] : [delta];
    }),
  },
  {
    id: 'gw-one-id-for-all',
    title: 'Every call gets the same id.',
    caughtBy: ['gw.answer.calls.ids'],
    alterations: each('call', (delta) => ({ ...delta, id: 'call_0' })),
  },
  {
    id: 'gw-foreign-ids',
    title: 'Ids of calls are passed on with characters that clients do not take.',
    caughtBy: ['gw.answer.call.id-usable'],
    alterations: {
      message: (message) => ({
        ...message,
        content: (Array.isArray(message.content) ? message.content : []).map((block) =>
          get(block, 'type') === 'tool_use' ? { ...(block as object), id: 'functions.get_weather:0/1' } : block,
        ),
      }),
    },
  },
  {
    id: 'gw-text-beside-call-lost',
    title: 'Text beside a call is dropped.',
    caughtBy: ['gw.answer.text-and-call'],
    alterations: {
      message: (message) => {
        const content = Array.isArray(message.content) ? message.content : [];
        const hasCall = content.some((block) => get(block, 'type') === 'tool_use');
        return hasCall ? { ...message, content: content.filter((block) => get(block, 'type') !== 'text') } : message;
      },
    },
  },
  {
    id: 'gw-thinking-as-text',
    title: 'Reasoning is sent as text.',
    caughtBy: ['gw.answer.thinking.apart', 'gw.answer.thinking.block'],
    alterations: each('thinking', ({ text }) => ({ kind: 'text', text })),
  },
  {
    id: 'gw-thinking-dropped',
    title: 'Reasoning is dropped.',
    caughtBy: ['gw.answer.thinking.block'],
    alterations: each('thinking', () => []),
  },
  {
    id: 'gw-refusal-emptied',
    title: 'A refusal becomes an empty answer with a normal end.',
    speaks: OPENAI,
    caughtBy: ['gw.answer.refusal'],
    alterations: chunks((chunk) =>
      JSON.parse(JSON.stringify(chunk).replace(/refusal(?=\.delta|\.done|":|",")/g, 'ignored')),
    ),
  },
  {
    id: 'gw-end-as-sequence',
    title: 'A normal end is reported as `max_tokens`.',
    caughtBy: ['gw.stop.end'],
    alterations: stops('end_turn', 'max_tokens'),
  },
  {
    id: 'gw-length-as-end',
    title: 'An answer that ends for lack of tokens looks complete.',
    caughtBy: ['gw.stop.length', 'gw.stop.truncated-call'],
    alterations: stops('max_tokens', 'end_turn'),
  },
  {
    id: 'gw-calls-as-end',
    title: 'An answer with calls is reported as a normal end.',
    caughtBy: ['gw.stop.calls', 'gw.stop.call-without-reason'],
    alterations: stops('tool_use', 'end_turn'),
  },
  {
    id: 'gw-filter-as-sequence',
    title: '`content_filter` becomes `stop_sequence`.',
    caughtBy: ['gw.stop.filter'],
    alterations: stops('refusal', 'stop_sequence'),
  },
  {
    id: 'gw-filter-as-end',
    title: '`content_filter` becomes `end_turn`.',
    caughtBy: ['gw.stop.filter'],
    alterations: stops('refusal', 'end_turn'),
  },
  {
    id: 'gw-finish-reason-passed',
    title: 'An unknown finish reason is passed on as it is.',
    speaks: OPENAI,
    caughtBy: ['gw.stop.unknown'],
    alterations: {
      ...chunks((chunk, _delta, _memory, call) => {
        const details = get(chunk, 'response', 'incomplete_details') ?? chunk.incomplete_details;
        const reason = get(chunk, 'choices', 0, 'finish_reason') ?? get(details, 'reason');
        if (typeof reason === 'string') call.memory.set(call.requestId, reason);
        return chunk;
      }),
      ...pieces((delta, call) => {
        const reason = call.memory.get(call.requestId);
        return delta.kind === 'finish' && reason === 'insufficient_system_resource'
          ? [{ ...delta, reason: String(reason) }]
          : [delta];
      }),
    },
  },
];

/** Counts of the upstream are lost or changed. */
export const usageFaults: readonly GatewayFault[] = [
  {
    id: 'gw-usage-estimated',
    title: 'A message reports estimated tokens in place of those of the upstream.',
    caughtBy: ['gw.usage.json'],
    alterations: {
      message: (message) => ({ ...message, usage: { input_tokens: 12, output_tokens: 3 } }),
    },
  },
  {
    id: 'gw-usage-not-asked',
    title: '`include_usage` is not asked for, so every stream counts 0.',
    speaks: CHAT,
    caughtBy: ['gw.usage.stream'],
    alterations: {
      outgoing: (body) => {
        const { stream_options: _, ...rest } = body;
        return rest;
      },
    },
  },
  {
    id: 'gw-cached-counted-twice',
    title: 'Cached tokens are part of `input_tokens` and counted again beside them.',
    caughtBy: ['gw.usage.cached.once'],
    alterations: each('usage', (delta) => ({
      ...delta,
      usage: {
        ...delta.usage,
        input_tokens: delta.usage.input_tokens + (delta.usage.cache_read_input_tokens ?? 0),
      },
    })),
  },
  {
    id: 'gw-cached-not-reported',
    title: 'Cached tokens are reported as ordinary ones.',
    caughtBy: ['gw.usage.cached'],
    alterations: each('usage', (delta) => ({
      ...delta,
      usage: {
        input_tokens: delta.usage.input_tokens + (delta.usage.cache_read_input_tokens ?? 0),
        output_tokens: delta.usage.output_tokens,
      },
    })),
  },
  {
    id: 'gw-reasoning-not-counted',
    title: 'Tokens of the reasoning are left out of `output_tokens`.',
    caughtBy: ['gw.usage.reasoning'],
    alterations: each('usage', (delta) => ({
      ...delta,
      usage: {
        ...delta.usage,
        output_tokens: delta.usage.output_tokens - (delta.usage.output_tokens_details?.thinking_tokens ?? 0),
      },
    })),
  },
  {
    id: 'gw-usage-capped',
    title: 'Counts end at 65,535.',
    caughtBy: ['gw.usage.large'],
    alterations: each('usage', (delta) => ({
      ...delta,
      usage: {
        ...delta.usage,
        input_tokens: Math.min(65_535, delta.usage.input_tokens),
        output_tokens: Math.min(65_535, delta.usage.output_tokens),
      },
    })),
  },
  {
    id: 'gw-usage-absent-null',
    title: 'Where the upstream counts nothing, the counts are no whole numbers.',
    caughtBy: ['gw.usage.absent'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind === 'usage') memory.set('usage', true);
      const none = { kind: 'usage', usage: { input_tokens: -1, output_tokens: -1 } } as const;
      return delta.kind === 'finish' && !memory.has('usage') ? [none, delta] : [delta];
    }),
  },
];

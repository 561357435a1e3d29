import { get, isObject, type Json, type JsonObject } from '../../../core/json.js';
import type { GatewayAlterations } from '../stages.js';
import { each, events } from './alter.js';
import type { GatewayFault } from './fault.js';
import { everywhere } from './messages-shapes.js';

/** The arguments of a call that come as whole JSON, changed. */
const inputs = (change: (input: Json) => Json): GatewayAlterations =>
  each('arguments', (delta) => {
    try {
      return { ...delta, text: JSON.stringify(change(JSON.parse(delta.text) as Json)) };
    } catch {
      return delta;
    }
  });

/** A value with each of its strings changed. */
function strings(value: Json, change: (text: string) => Json): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => strings(one, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, strings(one as Json, change)]));
}

function parsedOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const isEmpty = (value: Json | undefined): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

const blocksIn = ({ content }: JsonObject): Json[] => (Array.isArray(content) ? content : []);

/** What gets lost of the answers that agents get: in inputs of calls, in their counts, in reasoning. */
export const agentAnswerFaults: readonly GatewayFault[] = [
  {
    id: 'gw-answer-normalised',
    title: 'Combining characters of an answer are composed.',
    caughtBy: ['gw.answer.unicode'],
    alterations: each('text', (delta) => ({ ...delta, text: delta.text.normalize('NFC') })),
  },
  {
    id: 'gw-equal-pieces-dropped',
    title: 'A piece of text that equals the one before is dropped.',
    caughtBy: ['gw.answer.whitespace'],
    alterations: each('text', (delta, memory) => {
      const isAgain = memory.get('text') === delta.text;
      memory.set('text', delta.text);
      return isAgain ? [] : delta;
    }),
  },
  {
    id: 'gw-answer-entities-decoded',
    title: 'Entities of HTML in an answer are decoded.',
    caughtBy: ['gw.answer.markup'],
    alterations: each('text', (delta) => ({ ...delta, text: delta.text.replaceAll('&lt;', '<') })),
  },
  {
    id: 'gw-arguments-trimmed',
    title: 'White space at the ends of each piece of arguments is removed.',
    caughtBy: ['gw.stream.call.characters'],
    alterations: each('arguments', (delta) => ({ ...delta, text: delta.text.trim() })),
  },
  {
    id: 'gw-argument-strings-parsed',
    title: 'Arguments that are strings become the values that they look like.',
    caughtBy: ['gw.answer.call.types'],
    alterations: inputs((input) => strings(input, parsedOr)),
  },
  {
    id: 'gw-argument-strings-trimmed',
    title: 'White space at the ends of arguments is removed.',
    caughtBy: ['gw.answer.call.types'],
    alterations: inputs((input) => strings(input, (text) => text.trim())),
  },
  {
    id: 'gw-empty-arguments-dropped',
    title: 'Empty values are dropped from the input of a call.',
    caughtBy: ['gw.answer.call.types'],
    alterations: inputs(
      (input) =>
        everywhere(input, (value) =>
          Object.fromEntries(Object.entries(value).filter(([, one]) => !isEmpty(one))),
        ) as Json,
    ),
  },
  {
    id: 'gw-call-names-lowered',
    title: 'Names of called tools reach the client in lower case.',
    caughtBy: ['gw.answer.call.types'],
    alterations: each('call', (delta) => ({ ...delta, name: delta.name.toLowerCase() })),
  },
  {
    id: 'gw-ids-restart',
    title: 'Ids of calls are counted anew in each answer.',
    caughtBy: ['gw.answer.calls.ids'],
    alterations: {
      message: (message) => ({
        ...message,
        content: blocksIn(message).map((block, index) =>
          isObject(block) && block.type === 'tool_use' ? { ...block, id: `toolu_${index}` } : block,
        ),
      }),
      ...events((event) => {
        const block = event.content_block;
        return isObject(block) && block.type === 'tool_use'
          ? [{ ...event, content_block: { ...block, id: `toolu_${String(event.index)}` } }]
          : [event];
      }),
    },
  },
  {
    id: 'gw-usage-lost-with-calls',
    title: 'An answer with a call reports no output tokens.',
    caughtBy: ['gw.usage.json', 'gw.usage.stream'],
    alterations: {
      message: (message) =>
        message.stop_reason === 'tool_use'
          ? { ...message, usage: { ...(message.usage as JsonObject), output_tokens: 0 } }
          : message,
      ...events((event) =>
        get(event, 'delta', 'stop_reason') === 'tool_use'
          ? [{ ...event, usage: { ...(event.usage as JsonObject), output_tokens: 0 } }]
          : [event],
      ),
    },
  },
  {
    id: 'gw-truncated-text-lost',
    title: 'An answer that ends at the token limit loses its text.',
    caughtBy: ['gw.stop.length'],
    alterations: {
      message: (message) => (message.stop_reason === 'max_tokens' ? { ...message, content: [] } : message),
    },
  },
  {
    id: 'gw-thinking-after-text',
    title: 'Reasoning comes after the text.',
    caughtBy: ['gw.answer.thinking.block'],
    alterations: {
      message: (message) => {
        const isThinking = (block: Json): boolean => get(block, 'type') === 'thinking';
        const blocks = blocksIn(message);
        return {
          ...message,
          content: [...blocks.filter((block) => !isThinking(block)), ...blocks.filter(isThinking)],
        };
      },
    },
  },
  {
    id: 'gw-thinking-start-bare',
    title: '`content_block_start` of a thinking block has nothing but its type.',
    caughtBy: ['gw.answer.thinking.block'],
    alterations: events((event) =>
      get(event, 'content_block', 'type') === 'thinking'
        ? [{ ...event, content_block: { type: 'thinking' } }]
        : [event],
    ),
  },
  {
    id: 'gw-parallel-arguments-mixed',
    title: 'Answers at the same moment get arguments of each other.',
    caughtBy: ['gw.ops.parallel'],
    alterations: {
      deltas: async function* (deltas, { memory }) {
        for await (const delta of deltas) {
          if (delta.kind === 'arguments' && delta.text.includes('[case parallel')) {
            const before = memory.get('arguments');
            memory.set('arguments', delta.text);
            yield { ...delta, text: String(before ?? delta.text) };
          } else yield delta;
        }
      },
    },
  },
  {
    id: 'gw-streams-stored',
    title: 'A stream that was asked for before comes from a store.',
    caughtBy: ['gw.ops.again'],
    alterations: {
      instead: ({ request, memory, requestId }) => {
        const frames = memory.get(JSON.stringify(request));
        return typeof frames === 'string'
          ? { status: 200, headers: { 'content-type': 'text/event-stream', 'request-id': requestId }, body: frames }
          : null;
      },
      frame: (frame, _event, { request, memory, streams }) => {
        const key = JSON.stringify(request);
        if (streams) memory.set(key, `${String(memory.get(key) ?? '')}${frame}`);
        return frame;
      },
    },
  },
  {
    id: 'gw-stream-labelled-json',
    title: 'A stream has the content type of JSON.',
    caughtBy: ['stream.http.status-type'],
    alterations: {
      responseHeaders: (headers) =>
        /event-stream/.test(headers['content-type'] ?? '')
          ? { ...headers, 'content-type': 'application/json' }
          : headers,
    },
  },
];

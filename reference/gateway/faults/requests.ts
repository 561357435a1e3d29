import { get, isObject } from '../../../core/json.js';
import { blocksOf } from '../blocks.js';
import { type GatewayFault, messagesOf, OPENAI, withBlocks, withMessages, withTexts } from './fault.js';

/** What a gateway adds of its own. */
const OWN_SYSTEM = { type: 'text', text: 'You are a helpful assistant.' };

/** Texts and turns are lost, changed or invented on the way to the upstream. */
export const requestFaults: readonly GatewayFault[] = [
  {
    id: 'gw-string-content-lost',
    title: 'A message with a string as its content reaches the upstream empty.',
    caughtBy: ['gw.request.text.string'],
    alterations: {
      incoming: (body) => ({
        ...body,
        messages: messagesOf(body).map((message) =>
          message.role === 'user' && typeof message.content === 'string'
            ? { ...message, content: String(message.content).replace(/^(\[case [^\]]*\]).*$/s, '$1') }
            : message,
        ),
      }),
    },
  },
  {
    id: 'gw-first-block-only',
    title: 'Only the first text block of a message reaches the upstream.',
    caughtBy: ['gw.request.text.blocks'],
    alterations: {
      incoming: withMessages((messages) =>
        messages.map((message) =>
          message.role === 'user' && Array.isArray(message.content)
            ? { ...message, content: message.content.slice(0, 1) }
            : message,
        ),
      ),
    },
  },
  {
    id: 'gw-ascii-only',
    title: 'Characters beyond ASCII are replaced.',
    caughtBy: ['gw.request.text.unicode'],
    alterations: { incoming: withTexts((text) => text.replace(/[^ -~\s]/g, '?')) },
  },
  {
    id: 'gw-text-trimmed',
    title: 'White space at the ends of a text is removed.',
    caughtBy: ['gw.request.text.whitespace'],
    alterations: { incoming: withTexts((text) => text.trim()) },
  },
  {
    id: 'gw-tags-stripped',
    title: 'Tags in a text are removed.',
    caughtBy: ['gw.request.text.markup'],
    alterations: { incoming: withTexts((text) => text.replace(/<[^<>]{1,40}>/g, '')) },
  },
  {
    id: 'gw-long-text-cut',
    title: 'A text is cut after 100,000 characters.',
    caughtBy: ['gw.request.text.long'],
    alterations: { incoming: withTexts((text) => text.slice(0, 100_000)) },
  },
  {
    id: 'gw-system-string-lost',
    title: 'A system prompt that is a string is dropped.',
    caughtBy: ['gw.request.system.string'],
    alterations: {
      incoming: (body) => (typeof body.system === 'string' ? { ...body, system: [] } : body),
    },
  },
  {
    id: 'gw-system-as-user',
    title: 'The system prompt is sent as a message of the user.',
    caughtBy: ['gw.request.system.string', 'gw.request.system.array'],
    alterations: {
      incoming: ({ system, ...rest }) =>
        system === undefined ? rest : { ...rest, messages: [{ role: 'user', content: system }, ...messagesOf(rest)] },
    },
  },
  {
    id: 'gw-system-first-block-only',
    title: 'Only the first block of a system prompt reaches the upstream.',
    caughtBy: ['gw.request.system.array'],
    alterations: {
      incoming: (body) => (Array.isArray(body.system) ? { ...body, system: body.system.slice(0, 1) } : body),
    },
  },
  {
    id: 'gw-cached-blocks-lost',
    title: 'System blocks with cache_control are dropped.',
    caughtBy: ['gw.request.system.cache-control'],
    alterations: {
      incoming: (body) =>
        Array.isArray(body.system)
          ? { ...body, system: body.system.filter((block) => get(block, 'cache_control') === undefined) }
          : body,
    },
  },
  {
    id: 'gw-later-system-moved',
    title: 'A later system message is moved to the beginning of the conversation.',
    caughtBy: ['gw.request.system.later'],
    alterations: {
      incoming: withMessages((messages) => [
        ...messages.filter(({ role }) => role === 'system'),
        ...messages.filter(({ role }) => role !== 'system'),
      ]),
    },
  },
  {
    id: 'gw-later-system-as-user',
    title: 'A later system message is sent as a message of the user.',
    caughtBy: ['gw.request.system.later'],
    alterations: {
      incoming: withMessages((messages) =>
        messages.map((message, index) =>
          index > 0 && message.role === 'system' ? { ...message, role: 'user' } : message,
        ),
      ),
    },
  },
  {
    id: 'gw-first-turn-lost',
    title: 'The first turn of a longer conversation is dropped.',
    caughtBy: ['gw.request.turns.order'],
    alterations: {
      incoming: (body) => ({ ...body, messages: messagesOf(body).slice(messagesOf(body).length === 5 ? 2 : 0) }),
    },
  },
  {
    id: 'gw-consecutive-dropped',
    title: 'Of consecutive messages of one role only the last one is sent.',
    caughtBy: ['gw.request.turns.consecutive'],
    alterations: {
      incoming: (body) => ({
        ...body,
        messages: messagesOf(body).filter((message, index, all) => all[index + 1]?.role !== message.role),
      }),
    },
  },
  {
    id: 'gw-turns-limited',
    title: 'Only the last 20 turns of a conversation are sent.',
    caughtBy: ['gw.request.turns.many'],
    alterations: {
      incoming: withMessages((messages) => messages.slice(-20)),
    },
  },
  {
    id: 'gw-prefill-dropped',
    title: 'A final message of the assistant is dropped silently.',
    caughtBy: ['gw.request.turns.prefill'],
    alterations: {
      incoming: (body) => {
        const messages = messagesOf(body);
        return messages.at(-1)?.role === 'assistant' ? { ...body, messages: messages.slice(0, -1) } : body;
      },
    },
  },
  {
    id: 'gw-thinking-turn-emptied',
    title: 'The text beside earlier thinking is dropped with the thinking.',
    caughtBy: ['gw.request.thinking.history'],
    alterations: {
      incoming: (body) => ({
        ...body,
        messages: messagesOf(body).map((message) => {
          const blocks = Array.isArray(message.content) ? message.content.filter(isObject) : [];
          return blocks.some(({ type }) => type === 'thinking')
            ? { ...message, content: blocks.filter(({ type }) => type === 'tool_use') }
            : message;
        }),
      }),
    },
  },
  {
    id: 'gw-system-invented',
    title: 'A system prompt of the gateway is added to every request.',
    caughtBy: ['gw.request.nothing-invented'],
    alterations: {
      incoming: (body) => ({ ...body, system: [OWN_SYSTEM, ...blocksOf(body.system)] }),
    },
  },
  {
    id: 'gw-result-ids-renumbered',
    title: 'Results are sent with ids of the gateway, calls with their own.',
    caughtBy: ['gw.request.results.round-trip', 'gw.request.valid'],
    alterations: {
      incoming: withBlocks('tool_result', (block) => [
        { ...block, tool_use_id: `own_${String(block.tool_use_id).length}` },
      ]),
    },
  },
  {
    id: 'gw-asks-twice',
    title: 'Every request is sent to the upstream twice.',
    caughtBy: ['gw.request.once'],
    alterations: { behaviour: { asksTwice: true } },
  },
  {
    id: 'gw-unknown-field',
    title: 'A field of the Messages API is sent to an upstream that does not know it.',
    speaks: OPENAI,
    caughtBy: ['gw.request.valid'],
    alterations: { outgoing: (body) => ({ ...body, anthropic_version: '2023-06-01' }) },
  },
  {
    id: 'gw-client-key-passed',
    title: "The client's key is sent to the upstream.",
    speaks: OPENAI,
    caughtBy: ['gw.keys.client-key-stays'],
    alterations: {
      outgoingHeaders: (headers, call) => ({ ...headers, authorization: `Bearer ${call.headers['x-api-key'] ?? ''}` }),
    },
  },
  {
    id: 'gw-answers-itself',
    title: 'The gateway answers without asking its upstream.',
    caughtBy: ['gw.request.arrives'],
    alterations: {
      instead: ({ request, streams, ordinal, requestId }) =>
        streams || ordinal < 3
          ? null
          : {
              status: 200,
              headers: {},
              body: {
                id: `msg_${requestId}`,
                type: 'message',
                role: 'assistant',
                model: String(request.model),
                content: [{ type: 'text', text: 'Fine.' }],
                stop_reason: 'end_turn',
                stop_sequence: null,
                usage: { input_tokens: 21, output_tokens: 7 },
              },
            },
    },
  },
];

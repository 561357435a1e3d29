import { isObject } from '../../core/json.js';
import {
  acceptDespite,
  crashInstead,
  firstBlockOnly,
  inStreams,
  rejectWhen,
  rewriteBody,
  rewriteHistory,
} from '../alterations/requests.js';
import { crashResponse } from '../alterations/responses.js';
import { toTurns } from '../conversation.js';
import type { Json, MessageParam } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because, NEEDS_ARRAYS, REPLAY_REJECTED } from './reasons.js';
import { NEED_DOCUMENTS } from './requirement-groups.js';

const lastUser = (all: readonly MessageParam[]): number => all.findLastIndex(({ role }) => role === 'user');

const KNOWN_BLOCKS = [
  'text',
  'image',
  'document',
  'search_result',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'tool_result',
];

function withKnownBlocks(message: Json): Json {
  if (!isObject(message) || !Array.isArray(message.content)) return message;
  const known = message.content.filter((block) => isObject(block) && KNOWN_BLOCKS.includes(String(block.type)));
  return { ...message, content: known };
}

function holdsCalls({ content }: MessageParam): boolean {
  return (
    typeof content !== 'string' &&
    content.some(({ type }) => type === 'tool_use' || type === 'tool_result' || type === 'thinking')
  );
}

/** The model reads no final assistant message. */
const WITHOUT_PREFILL = rewriteHistory((all) =>
  all.at(-1)?.role === 'assistant' && !holdsCalls(all.at(-1)!) ? all.slice(0, -1) : all,
);

export const conversationFaults: FaultFamily = {
  name: 'conversation',
  title: 'messages and roles: what reaches the model, and what is rejected',
  faults: [
    {
      id: 'content-arrays-refused',
      title: 'The server accepts `content` only as a string.',
      level: 'MUST',
      mutant: 'RQ-ae',
      reports: ['RQ-79'],
      caughtBy: ['msg.content.string-or-array', 'msg.content.multi-text', 'cache.accepted.everywhere'],
      alsoFails: {
        'agent.thread.refusal-code': 'The error body has no code.',
        'agent.compaction.replay': 'Its request needs a content array.',
        'sys.tool-addition': 'Its request needs a content array.',
        'think.redacted.replay': 'Its request needs a content array.',
        'think.omitted.replay': 'Its request needs a content array.',
        'sdk.replay-server-tools': 'Its request needs a content array.',

        ...because(
          NEEDS_ARRAYS,
          ...NEED_DOCUMENTS,
          'tr.string',
          'tr.loop',
          'vision.base64.png',
          'vision.formats',
          'vision.multiple',
          'doc.pdf.base64',
          'doc.text',
          'doc.content',
          'count.image',
        ),
        ...because(REPLAY_REJECTED, 'think.replay', 'sdk.replay-history'),
        ...because(AGENTS_SEND_THIS, 'agent.request.shape', 'agent.tool-loop.stream'),
      },
      alters: rejectWhen((request) =>
        request.messages.some(({ content }) => Array.isArray(content))
          ? 'messages.0.content: Input should be a valid string'
          : null,
      ),
    },
    {
      id: 'content-arrays-counted-as-json',
      title: 'The server puts a `content` array into the prompt as JSON text.',
      level: 'MUST',
      caughtBy: ['msg.content.string-or-array'],
      alsoFails: {
        'vision.base64.png': 'The model cannot read a content array.',
        'vision.not-ignored': 'The model cannot read a content array.',
        'arrives.server-result': 'The model cannot read a content array.',
      },
      alters: rewriteHistory((all) =>
        all.map(({ content, ...message }) => ({
          ...message,
          content: typeof content === 'string' ? content : JSON.stringify(content),
        })),
      ),
    },
    {
      id: 'first-text-block-only',
      title: 'Only the first text block of a message reaches the model.',
      level: 'MUST',
      caughtBy: [
        'msg.content.multi-text',
        'arrives.user.blocks',
        'arrives.result.text-after',
        'arrives.picture.text-beside',
        'arrives.call.text-beside',
      ],
      alters: firstBlockOnly('text'),
    },
    {
      id: 'history-dropped',
      title: 'Only the last user message reaches the model.',
      level: 'MUST',
      caughtBy: ['msg.multi-turn'],
      alsoFails: {
        'usage.input.whole': 'The tokens of the dropped messages are missing.',
        ...because('The first of two user messages is history.', 'msg.same-role.consecutive'),
        'agent.thread.not-ignored': 'It needs the messages before the last one.',
        'agent.compaction.replay': 'It needs the messages before the last one.',
        'arrives.picture.earlier': 'It needs the messages before the last one.',
      },
      alters: rewriteHistory((all) => (all.some(holdsCalls) ? all : all.slice(Math.max(0, lastUser(all))))),
    },
    {
      id: 'assistant-first-taken',
      title: 'The server accepts a conversation that begins with the assistant.',
      level: 'SHOULD',
      caughtBy: ['msg.first.assistant'],
      alters: acceptDespite(/^messages: first message must use the "user" role/),
    },
    {
      id: 'consecutive-roles-refused',
      title: 'The server rejects two consecutive messages of one role.',
      level: 'SHOULD',
      mutant: 'RQ-o',
      reports: ['RQ-48'],
      caughtBy: ['msg.same-role.consecutive'],
      alters: rejectWhen((request) =>
        request.messages.some(({ role }, index) => role === request.messages[index - 1]?.role)
          ? 'messages: roles must alternate between "user" and "assistant"'
          : null,
      ),
    },
    {
      id: 'consecutive-messages-dropped',
      title: 'The server drops the first of two consecutive messages of one role.',
      level: 'MUST',
      caughtBy: ['msg.same-role.consecutive'],
      alters: rewriteHistory((all) => all.filter(({ role }, index) => role !== all[index + 1]?.role)),
    },
    {
      id: 'empty-user-message-taken',
      title: 'The server accepts a user message without content.',
      level: 'SHOULD',
      caughtBy: ['msg.empty.user'],
      alters: acceptDespite(/user messages must have non-empty content/),
    },
    {
      id: 'empty-text-blocks-taken',
      title: 'The server accepts text blocks that are empty or white space only.',
      level: 'SHOULD',
      caughtBy: ['msg.empty.text-block'],
      alters: acceptDespite(/content\.\d+\.text: |text content blocks must/),
    },
    {
      id: 'empty-assistant-message-taken',
      title: 'The server accepts an assistant message without content in the middle of a conversation.',
      level: 'SHOULD',
      caughtBy: ['msg.empty.assistant-middle'],
      alters: acceptDespite(/all messages must have non-empty content except/),
    },
    {
      id: 'unknown-blocks-dropped',
      title: 'The server drops content blocks of unknown types.',
      level: 'SHOULD',
      caughtBy: ['msg.block.unknown-type'],
      alsoFails: because(
        'The block is dropped like any that the server does not know.',
        'agent.compaction.replay',
        'arrives.server-result',
      ),
      alters: rewriteBody((body) =>
        Array.isArray(body.messages) ? { ...body, messages: body.messages.map(withKnownBlocks) } : body,
      ),
    },
    {
      id: 'prefill-repeated',
      title: 'The reply repeats the final assistant message that it continues.',
      level: 'SHOULD',
      caughtBy: ['msg.prefill.continues'],
      alters: {
        draft(draft, call) {
          const last = toTurns(call.prompt?.messages ?? []).at(-1);
          const prefill = last?.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
          const [first, ...rest] = draft.blocks;
          return last?.role === 'assistant' && prefill && first?.type === 'text'
            ? { ...draft, blocks: [{ ...first, text: prefill + first.text }, ...rest] }
            : draft;
        },
      },
    },
    {
      id: 'prefill-ignored',
      title: 'The server drops a final assistant message, and the reply starts anew.',
      level: 'SHOULD',
      caughtBy: ['msg.prefill.continues'],
      alters: WITHOUT_PREFILL,
    },
    {
      id: 'prefill-ignored-in-streams',
      title: 'Of a request for a stream the server drops a final assistant message, and the reply starts anew.',
      level: 'SHOULD',
      caughtBy: ['msg.prefill.continues'],
      alters: inStreams(WITHOUT_PREFILL),
    },
    {
      id: 'prefill-space-crash',
      title: 'A final assistant message that ends in white space causes a 500.',
      level: 'MAY',
      caughtBy: ['msg.prefill.trailing-space', 'err.client-fault-not-5xx'],
      alters: crashInstead((rejection) => rejection.message.includes('trailing whitespace')),
    },
    {
      id: 'system-role-first-taken',
      title: 'The server accepts a conversation that begins with a system message.',
      level: 'SHOULD',
      caughtBy: ['msg.role-system.first'],
      alters: rewriteBody((body) => {
        const [first, ...rest] = Array.isArray(body.messages) ? (body.messages as unknown as MessageParam[]) : [];
        return first?.role === 'system' ? { ...body, messages: rest as never, system: first.content as never } : body;
      }),
    },
    {
      id: 'system-role-ignored',
      title: 'The server accepts a system message after a user message, and the model never reads it.',
      level: 'MAY',
      caughtBy: ['msg.role-system.later'],
      alsoFails: {
        'req.combined.effect': 'The combined request carries a later system message too.',
      },
      alters: rewriteHistory((all) => all.filter(({ role }) => role !== 'system')),
    },
    {
      id: 'system-role-as-assistant',
      title: 'A later `system` message reaches the model as an assistant message.',
      level: 'MAY',
      caughtBy: [],
      undetectable:
        'The input tokens show that the message arrives; a model that seldom follows later system messages answers alike.',
      alters: rewriteHistory((all) =>
        all.flatMap((message, index) =>
          message.role === 'system'
            ? [
                { role: 'assistant', content: message.content },
                ...(index === all.length - 1 ? [{ role: 'user', content: 'Go on.' }] : []),
              ]
            : message,
        ),
      ),
    },
    {
      id: 'system-role-refused',
      title: 'The server rejects system messages anywhere in `messages`.',
      level: 'MAY',
      mutant: 'RQ-a',
      reports: ['RQ-01', 'RQ-02', 'RQ-03', 'RQ-05'],
      caughtBy: [],
      undetectable:
        'The reference page lists only user and assistant; a clean rejection is honest, and Claude Code falls back on it.',
      alters: rejectWhen((request) =>
        request.messages.some(({ role }) => role === 'system') ? 'messages.1.role: Unexpected role "system"' : null,
      ),
    },
    {
      id: 'long-history-refused',
      title: 'The server rejects more than thirty messages.',
      level: 'MUST',
      caughtBy: ['msg.long-history'],
      alters: rejectWhen((request) =>
        request.messages.length > 30 ? 'messages: at most 30 messages are allowed' : null,
      ),
    },
    {
      id: 'overflow-as-end-turn',
      title: 'The server answers a prompt beyond the context window with an empty reply that ends with `end_turn`.',
      level: 'SHOULD',
      mutant: 'SR-i',
      reports: ['SR-15', 'SR-16'],
      caughtBy: ['msg.context-overflow'],
      alters: {
        request: (request) =>
          Number(request.headers.get('content-length')) > 2_000_000
            ? new Response(
                JSON.stringify({
                  id: 'msg_01Overflow',
                  type: 'message',
                  role: 'assistant',
                  model: 'reference-1',
                  content: [],
                  stop_reason: 'end_turn',
                  stop_sequence: null,
                  usage: { input_tokens: 200_000, output_tokens: 1 },
                }),
                { headers: { 'content-type': 'application/json' } },
              )
            : request,
      },
    },
    {
      id: 'blank-text-refused',
      title: 'The server rejects white space beside a tool call of the history.',
      level: 'SHOULD',
      caughtBy: ['msg.assistant.blank-text'],
      alters: rejectWhen(
        ({ messages }) =>
          messages.some(
            ({ content }) =>
              typeof content !== 'string' && content.some((block) => block.type === 'text' && block.text.trim() === ''),
          ) && 'messages: text content blocks must contain non-whitespace text',
      ),
    },
    {
      id: 'overflow-cut',
      title: 'The server silently truncates a prompt beyond the context window.',
      level: 'SHOULD',
      caughtBy: ['msg.context-overflow'],
      alters: {
        prompt: (request) => ({
          ...request,
          messages: request.messages.map((message) => ({
            ...message,
            content: typeof message.content === 'string' ? message.content.slice(-100_000) : message.content,
          })),
        }),
      },
    },
    {
      id: 'overflow-as-server-error',
      title: 'The server answers a prompt beyond the context window with 500.',
      level: 'SHOULD',
      caughtBy: ['msg.context-overflow'],
      alters: {
        request: (request) => (Number(request.headers.get('content-length')) > 2_000_000 ? crashResponse() : request),
      },
    },
  ],
};

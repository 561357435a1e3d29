import { isObject } from '../../core/json.js';
import { acceptDespite, rejectWhen, rewriteBody, rewriteHistory, rewriteRejection } from '../alterations/requests.js';
import { errorAnswer } from '../alterations/responses.js';
import { toTurns } from '../conversation.js';
import type { Json, MessageParam } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, because, DOCUMENTS_IN_ARRAYS, HOLDS_ARRAYS, SENT_BACK_REFUSED } from './reasons.js';
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

export const conversationFaults: FaultFamily = {
  name: 'conversation',
  title: 'messages and roles: what reaches the model, and what is rejected',
  faults: [
    {
      id: 'content-arrays-refused',
      title: 'Content is taken as a string only.',
      level: 'MUST',
      mutant: 'RQ-ae',
      reports: ['RQ-79'],
      caughtBy: ['msg.content.string-or-array', 'msg.content.multi-text', 'cache.accepted.everywhere'],
      alsoFails: {
        ...because(
          HOLDS_ARRAYS,
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
        ...because(SENT_BACK_REFUSED, 'think.replay', 'sdk.replay-history'),
        ...because(AGENT_ASKS_SO, 'agent.request.shape', 'agent.tool-loop.stream'),
      },
      alters: rejectWhen((request) =>
        request.messages.some(({ content }) => Array.isArray(content))
          ? 'messages.0.content: Input should be a valid string'
          : null,
      ),
    },
    {
      id: 'content-arrays-counted-as-json',
      title: 'Content that is an array is put into the prompt as JSON text.',
      level: 'MUST',
      caughtBy: ['msg.content.string-or-array'],
      alsoFails: because(DOCUMENTS_IN_ARRAYS, ...NEED_DOCUMENTS, 'doc.pdf.base64', 'cite.search-result'),
      alters: rewriteHistory((all) =>
        all.map(({ role, content }) => ({
          role,
          content: typeof content === 'string' ? content : JSON.stringify(content),
        })),
      ),
    },
    {
      id: 'first-text-block-only',
      title: 'Of the text blocks of a message only the first is read.',
      level: 'MUST',
      caughtBy: ['msg.content.multi-text'],
      alters: rewriteHistory((all) =>
        all.map(({ role, content }) => ({
          role,
          content:
            typeof content === 'string'
              ? content
              : content.filter(
                  (block, index) => block.type !== 'text' || index === content.findIndex(({ type }) => type === 'text'),
                ),
        })),
      ),
    },
    {
      id: 'history-dropped',
      title: 'Only the last message of the user reaches the model.',
      level: 'MUST',
      caughtBy: ['msg.multi-turn'],
      alsoFails: because('Of two messages of the user the first is history.', 'msg.same-role.consecutive'),
      alters: rewriteHistory((all) => (all.some(holdsCalls) ? all : all.slice(Math.max(0, lastUser(all))))),
    },
    {
      id: 'assistant-first-taken',
      title: 'A conversation may begin with the assistant.',
      level: 'SHOULD',
      caughtBy: ['msg.first.assistant'],
      alters: acceptDespite(/^messages: first message must use the "user" role/),
    },
    {
      id: 'consecutive-roles-refused',
      title: 'Two messages of one role in a row are refused.',
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
      title: 'Of two messages of one role in a row the first is dropped.',
      level: 'MUST',
      caughtBy: ['msg.same-role.consecutive'],
      alters: rewriteHistory((all) => all.filter(({ role }, index) => role !== all[index + 1]?.role)),
    },
    {
      id: 'empty-user-message-taken',
      title: 'A user message without content is taken.',
      level: 'SHOULD',
      caughtBy: ['msg.empty.user'],
      alters: acceptDespite(/user messages must have non-empty content/),
    },
    {
      id: 'empty-text-blocks-taken',
      title: 'Text blocks that are empty or blank are taken.',
      level: 'SHOULD',
      caughtBy: ['msg.empty.text-block'],
      alters: acceptDespite(/content\.\d+\.text: |text content blocks must/),
    },
    {
      id: 'empty-assistant-message-taken',
      title: 'An assistant message without content is taken in the middle of a conversation.',
      level: 'SHOULD',
      caughtBy: ['msg.empty.assistant-middle'],
      alters: acceptDespite(/all messages must have non-empty content except/),
    },
    {
      id: 'unknown-blocks-dropped',
      title: 'Content blocks of an unknown type are dropped.',
      level: 'SHOULD',
      caughtBy: ['msg.block.unknown-type'],
      alters: rewriteBody((body) =>
        Array.isArray(body.messages) ? { ...body, messages: body.messages.map(withKnownBlocks) } : body,
      ),
    },
    {
      id: 'prefill-repeated',
      title: 'A final assistant message is repeated in front of what continues it.',
      level: 'SHOULD',
      caughtBy: ['msg.prefill.continues'],
      alters: {
        prompt(request, call) {
          const last = toTurns(request.messages).at(-1);
          const text = last?.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
          if (last?.role === 'assistant') call.state.notes.set(call.requestId, text);
          return request;
        },
        draft(draft, call) {
          const prefill = call.state.notes.get(call.requestId) as string | undefined;
          const [first, ...rest] = draft.blocks;
          return prefill && first?.type === 'text'
            ? { ...draft, blocks: [{ ...first, text: prefill + first.text }, ...rest] }
            : draft;
        },
      },
    },
    {
      id: 'prefill-ignored',
      title: 'A final assistant message is dropped, and the reply begins anew.',
      level: 'SHOULD',
      caughtBy: ['msg.prefill.continues'],
      alters: rewriteHistory((all) =>
        all.at(-1)?.role === 'assistant' && !holdsCalls(all.at(-1)!) ? all.slice(0, -1) : all,
      ),
    },
    {
      id: 'prefill-space-crash',
      title: 'A final assistant message that ends in white space makes the server fail.',
      level: 'MAY',
      caughtBy: ['msg.prefill.trailing-space', 'err.client-fault-not-5xx'],
      alters: rewriteRejection((refusal) =>
        refusal.message.includes('trailing whitespace') ? { ...refusal, refusal: 'api_error' } : refusal,
      ),
    },
    {
      id: 'system-role-first-taken',
      title: 'A conversation may begin with a message of the role system.',
      level: 'SHOULD',
      caughtBy: ['msg.role-system.first'],
      alters: rewriteBody((body) => {
        const [first, ...rest] = Array.isArray(body.messages) ? (body.messages as unknown as MessageParam[]) : [];
        return first?.role === 'system' ? { ...body, messages: rest as never, system: first.content as never } : body;
      }),
    },
    {
      id: 'system-role-ignored',
      title: 'A message of the role system behind a user message is taken and not read.',
      level: 'MAY',
      caughtBy: ['msg.role-system.later'],
      alters: rewriteHistory((all) => all.filter(({ role }) => role !== 'system')),
    },
    {
      id: 'system-role-refused',
      title: 'A message of the role system is refused wherever it stands.',
      level: 'MAY',
      mutant: 'RQ-a',
      reports: ['RQ-01', 'RQ-02', 'RQ-03', 'RQ-05'],
      caughtBy: [],
      undetectable:
        'The reference page lists user and assistant alone; a clean refusal is an honest answer, and Claude Code falls back on it.',
      alters: rejectWhen((request) =>
        request.messages.some(({ role }) => role === 'system') ? 'messages.1.role: Unexpected role "system"' : null,
      ),
    },
    {
      id: 'long-history-refused',
      title: 'More than thirty messages are refused.',
      level: 'MUST',
      caughtBy: ['msg.long-history'],
      alters: rejectWhen((request) =>
        request.messages.length > 30 ? 'messages: at most 30 messages are allowed' : null,
      ),
    },
    {
      id: 'overflow-as-end-turn',
      title: 'A prompt beyond the context window is answered with an empty reply that ends with end_turn.',
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
      id: 'overflow-cut',
      title: 'A prompt beyond the context window is cut in silence.',
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
      title: 'A prompt beyond the context window is answered with 500.',
      level: 'SHOULD',
      caughtBy: ['msg.context-overflow'],
      alters: {
        request: (request) =>
          Number(request.headers.get('content-length')) > 2_000_000
            ? errorAnswer(500, 'api_error', 'Internal server error')
            : request,
      },
    },
  ],
};

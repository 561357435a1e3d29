import { blocks, histories, jsonMessages, messages, responses, withBody, withHeaders, without } from './alter.js';
import type { FaultFamily } from './fault.js';
import { ANSWER_ALIKE, BATCHES_ALIKE, because, CALLS_ALIKE, CUT_ALIKE, NO_BLOCKS, NO_MESSAGE } from './reasons.js';

const isReply = (response: Response, path: string): boolean =>
  path === '/v1/messages' && response.ok && (response.headers.get('content-type') ?? '').includes('json');

export const replies: FaultFamily = {
  name: 'replies',
  title: 'the message: its fields, its blocks, and how it is packed',
  faults: [
    {
      id: 'reply-labelled-text',
      title: 'Replies are labelled text/plain.',
      level: 'MUST',
      caughtBy: ['http.response.content-type-json', 'sdk.ts.create'],
      alters: responses((response, call) =>
        isReply(response, call.path) ? withHeaders(response, { 'content-type': 'text/plain' }) : response,
      ),
    },
    {
      id: 'reply-as-json-lines',
      title: 'Behind the message comes a second line of JSON.',
      level: 'MUST',
      caughtBy: ['http.response.single-object'],
      alsoFails: because(NO_MESSAGE, 'http.post.messages', 'models.consistent'),
      alters: responses(async (response, call) =>
        isReply(response, call.path) ? withBody(response, `${await response.text()}\n{"done":true}\n`) : response,
      ),
    },
    {
      id: 'reply-in-array',
      title: 'The message is the only item of an array.',
      level: 'MUST',
      caughtBy: ['http.response.single-object'],
      alsoFails: because(NO_MESSAGE, 'http.post.messages', 'models.consistent'),
      alters: jsonMessages((message) => [message]),
    },
    {
      id: 'reply-empty',
      title: 'A request is answered with status 200 and an empty body.',
      level: 'MUST',
      reports: ['EV-09'],
      caughtBy: ['http.post.messages', 'http.response.single-object'],
      alsoFails: because(NO_MESSAGE, 'models.consistent'),
      alters: responses((response, call) => (isReply(response, call.path) ? withBody(response, '') : response)),
    },
    {
      id: 'reply-as-chat-completion',
      title: 'A message is of type chat.completion.',
      level: 'MUST',
      caughtBy: ['resp.type-role', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: messages((message) => ({ ...message, type: 'chat.completion' })),
    },
    {
      id: 'reply-role-model',
      title: 'A message has the role model.',
      level: 'MUST',
      caughtBy: ['resp.type-role', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: messages((message) => ({ ...message, role: 'model' })),
    },
    {
      id: 'reply-id-constant',
      title: 'All messages have the same id.',
      level: 'MUST',
      caughtBy: ['resp.id'],
      alters: messages((message) => ({ ...message, id: 'msg_01' })),
    },
    {
      id: 'reply-id-missing',
      title: 'Messages have no id.',
      level: 'MUST',
      caughtBy: ['resp.id', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: messages((message) => without(message, 'id')),
    },
    {
      id: 'reply-model-missing',
      title: 'Messages do not say which model gave them.',
      level: 'MUST',
      caughtBy: ['resp.model', 'stream.start.message-shape'],
      alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
      alters: messages((message) => without(message, 'model')),
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
      alters: jsonMessages((message) => ({
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
      alters: jsonMessages((message) => ({
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
      alters: jsonMessages((message) => ({
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
      alters: jsonMessages((message) => ({
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
      alters: jsonMessages((message) => without(message, 'stop_sequence')),
    },
    {
      id: 'stop-sequence-empty',
      title: 'stop_sequence is the empty string where no sequence ended the reply.',
      level: 'MUST',
      caughtBy: ['resp.stop-sequence.null', 'stream.stop-sequence'],
      alters: messages((message) => ({ ...message, stop_sequence: message.stop_sequence ?? '' })),
    },
    {
      id: 'fields-of-chat-completions',
      title: 'Messages carry the fields of a chat completion besides their own.',
      level: 'SHOULD',
      caughtBy: ['resp.no-foreign-fields'],
      alters: jsonMessages((message) => ({
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
      alters: messages((message) => ({
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
      alters: messages((message) => ({ ...message, container: 'none' })),
    },
    {
      id: 'block-of-another-edition',
      title: 'A reply begins with a block of a server tool that lacks its fields.',
      level: 'SHOULD',
      caughtBy: ['resp.content.other-blocks'],
      alters: messages((message) => ({
        ...message,
        content: message.content.some(({ type }) => type === 'text')
          ? [{ type: 'container_upload' }, ...message.content]
          : message.content,
      })),
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
      id: 'text-damaged',
      title: 'UTF-8 is read as Latin-1 on the way to the client.',
      level: 'MUST',
      caughtBy: ['http.utf8.roundtrip'],
      alters: blocks((block) =>
        block.type === 'text' ? { ...block, text: Buffer.from(block.text, 'utf8').toString('latin1') } : block,
      ),
    },
    {
      id: 'escapes-kept',
      title: 'The model gets to read every sign beyond ASCII as the escape of its code.',
      level: 'MUST',
      caughtBy: ['http.utf8.roundtrip'],
      alters: histories((all) =>
        all.map((message) => ({
          ...message,
          content:
            typeof message.content === 'string'
              ? message.content.replace(
                  /\P{ASCII}/gu,
                  (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
                )
              : message.content,
        })),
      ),
    },
    {
      id: 'previous-request-remembered',
      title: 'What the last request said is put in front of the next one.',
      level: 'MUST',
      caughtBy: ['http.stateless'],
      alters: {
        prompt(request, call) {
          const before = call.state.notes.get('said') as string | undefined;
          const said = request.messages.map(({ content }) => (typeof content === 'string' ? content : '')).join(' ');
          if (said.includes('Remember')) call.state.notes.set('said', said);
          return before === undefined
            ? request
            : { ...request, messages: [{ role: 'user', content: before }, ...request.messages] };
        },
      },
    },
  ],
};

import { isObject } from '../../core/json.js';
import {
  byPosition,
  cut,
  cutMessages,
  dropBeside,
  firstCharacters,
  has,
  isTextBefore,
  rewriteTools,
  withFlatSchema,
  withoutDescriptions,
  withoutEarlierPictures,
  withoutServerTools,
} from '../alterations/lost-parts.js';
import {
  firstBlockOnly,
  inStreams,
  rewriteBodyContent,
  rewriteContents,
  rewriteHistory,
  rewritePrompt,
  rewritePromptBlocks,
} from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import type { FaultFamily } from './fault.js';

/** How many messages a proxy keeps that shortens conversations. */
const KEPT = 20;

export const arrivalFaults: FaultFamily = {
  name: 'arrival',
  title: 'parts of a request that do not reach the model',
  faults: [
    {
      id: 'middle-system-block-dropped',
      title: 'Only the first and the last block of a `system` array reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.system.blocks'],
      alters: rewritePrompt((request) =>
        Array.isArray(request.system) && request.system.length > 2
          ? { ...request, system: [request.system[0], request.system.at(-1)] }
          : request,
      ),
    },
    {
      id: 'system-dropped-beside-tools',
      title: 'A `system` array does not reach the model in requests with tools.',
      level: 'MUST',
      caughtBy: ['arrives.system.blocks'],
      alsoFails: {
        'req.combined.effect': 'The combined request carries a system prompt beside tools.',
      },
      alters: rewritePrompt((request) =>
        request.tools?.length && Array.isArray(request.system) ? without(request, 'system') : request,
      ),
    },
    {
      id: 'system-cut-beside-tools-in-streams',
      title: 'Of a request for a stream with tools only the first block of a `system` array reaches the model.',
      level: 'MUST',
      caughtBy: ['arrives.system.blocks'],
      alters: inStreams(
        rewritePrompt((request) =>
          request.tools?.length && Array.isArray(request.system)
            ? { ...request, system: request.system.slice(0, 1) }
            : request,
        ),
      ),
    },
    {
      id: 'streamed-system-block-only',
      title: 'Of a request for a stream only the first block of a `system` array reaches the model.',
      level: 'MUST',
      caughtBy: ['arrives.system.blocks'],
      alters: inStreams(
        rewritePrompt((request) =>
          Array.isArray(request.system) ? { ...request, system: request.system.slice(0, 1) } : request,
        ),
      ),
    },
    {
      id: 'earlier-user-blocks-dropped',
      title: 'Only the first text block of an earlier user message reaches the model.',
      level: 'MUST',
      caughtBy: ['arrives.user.blocks'],
      alters: rewriteHistory((all) =>
        all.map((message, index) => {
          if (index === all.length - 1 || message.role !== 'user' || typeof message.content === 'string')
            return message;
          const first = message.content.find(({ type }) => type === 'text');
          return { ...message, content: message.content.filter((block) => block.type !== 'text' || block === first) };
        }),
      ),
    },
    {
      id: 'assistant-strings-dropped',
      title: 'Earlier assistant messages whose `content` is a string do not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.assistant.text'],
      alters: rewriteHistory((all) =>
        all.filter(
          ({ role, content }, index) => role !== 'assistant' || typeof content !== 'string' || index === all.length - 1,
        ),
      ),
    },
    {
      id: 'tool-descriptions-dropped',
      title: 'The `description` of a tool does not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.tool.descriptions'],
      alters: rewriteTools((tool) => without(tool, 'description')),
    },
    {
      id: 'parameter-descriptions-dropped',
      title: 'Descriptions inside `input_schema` do not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.tool.descriptions'],
      alters: rewriteTools(withoutDescriptions),
    },
    {
      id: 'nested-schemas-dropped',
      title: 'Properties and items of nested schemas do not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema'],
      alters: rewriteTools(withFlatSchema),
    },
    {
      id: 'nested-schemas-dropped-in-streams',
      title: 'Of a request for a stream properties and items of nested schemas do not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema'],
      alters: inStreams(rewriteTools(withFlatSchema)),
    },
    {
      id: 'first-messages-dropped',
      title: 'Only the last 20 messages of a conversation reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.history.long'],
      alsoFails: { 'usage.input.whole': 'The tokens of the dropped messages are missing.' },
      alters: rewriteHistory((all) => all.slice(-KEPT)),
    },
    {
      id: 'middle-messages-dropped-in-streams',
      title: 'Of a request for a stream the model gets the first and the last ten messages of a conversation.',
      level: 'MUST',
      caughtBy: ['arrives.history.long'],
      alsoFails: { 'usage.input.whole': 'The tokens of the dropped messages are missing.' },
      alters: inStreams(
        rewriteHistory((all) => (all.length > KEPT ? [...all.slice(0, KEPT / 2), ...all.slice(-KEPT / 2)] : all)),
      ),
    },
    {
      id: 'hundred-messages-kept',
      title: 'Only the last 100 messages of a conversation reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.history.long'],
      alters: rewriteHistory((all) => all.slice(-100)),
    },
    {
      id: 'text-beside-calls-dropped',
      title: 'An assistant message with tool calls loses its text.',
      level: 'MUST',
      caughtBy: ['arrives.call.text-beside'],
      alters: rewriteContents((content) =>
        has(content, 'tool_use') ? content.filter(({ type }) => type !== 'text') : content,
      ),
    },
    {
      id: 'first-assistant-text-only',
      title: 'Of several text blocks of an assistant message only the first reaches the model.',
      level: 'MUST',
      caughtBy: ['arrives.call.text-beside'],
      alters: firstBlockOnly('text', 'assistant'),
    },
    {
      id: 'call-inputs-dropped',
      title: 'Tool calls of the history reach the model without their `input`.',
      level: 'MUST',
      caughtBy: ['arrives.call.input'],
      alters: rewritePromptBlocks((block) => (block.type === 'tool_use' ? { ...block, input: {} } : block)),
    },
    {
      id: 'first-input-key-only',
      title: 'Of the `input` of a tool call in the history only the first key reaches the model.',
      level: 'MUST',
      caughtBy: ['arrives.call.input'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_use' && isObject(block.input)
          ? { ...block, input: Object.fromEntries(Object.entries(block.input).slice(0, 1)) }
          : block,
      ),
    },
    {
      id: 'first-result-block-dropped',
      title: 'The first of several text blocks of a `tool_result` does not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.result.blocks'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && Array.isArray(block.content) && block.content.length > 1
          ? { ...block, content: block.content.slice(1) }
          : block,
      ),
    },
    {
      id: 'text-after-results-dropped',
      title: 'Text after the `tool_result` blocks of a message does not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.result.text-after'],
      alters: dropBeside('text'),
    },
    {
      id: 'text-before-results-dropped',
      title: 'The server accepts text before the `tool_result` blocks of a message and drops it.',
      level: 'MUST',
      caughtBy: ['arrives.result.text-before'],
      alsoFails: { 'tr.text-before': 'The text is dropped before the check.' },
      alters: rewriteBodyContent((content) => content.filter((block, index) => !isTextBefore(block, index, content))),
    },
    {
      id: 'results-by-position',
      title: 'The server pairs results and calls by position; `tool_use_id` is not read.',
      level: 'MUST',
      caughtBy: ['arrives.result.by-id'],
      alters: rewritePrompt(byPosition),
    },
    {
      id: 'streamed-results-by-position',
      title: 'The server pairs results and calls by position where the client asks for a stream.',
      level: 'MUST',
      caughtBy: ['arrives.result.by-id'],
      alters: inStreams(rewritePrompt(byPosition)),
    },
    {
      id: 'is-error-dropped',
      title: '`is_error` of a `tool_result` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.result.is-error'],
      alters: rewritePromptBlocks((block) => (block.type === 'tool_result' ? without(block, 'is_error') : block)),
    },
    {
      id: 'texts-cut-silently',
      title: 'Texts with characters beyond ASCII are silently cut after 4,096 bytes.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: rewritePrompt(cut),
    },
    {
      id: 'system-cut-silently',
      title: 'The texts of the `system` prompt with characters beyond ASCII are silently cut after 4,096 bytes.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: rewritePrompt((request) => ({ ...request, system: cut(request.system) })),
    },
    {
      id: 'system-cut-at-the-end',
      title: 'The texts of the `system` prompt with characters beyond ASCII are silently cut after 2,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: rewritePrompt((request) =>
        Array.isArray(request.system)
          ? { ...request, system: request.system.map((block) => ({ ...block, text: firstCharacters(block.text) })) }
          : request,
      ),
    },
    {
      id: 'description-cut-silently',
      title: 'The `description` of a tool with characters beyond ASCII is silently cut after 4,096 bytes.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: rewriteTools((tool) => ({ ...tool, description: cut(tool.description) })),
    },
    {
      id: 'user-text-cut-silently',
      title: 'The texts of user messages with characters beyond ASCII are silently cut after 4,096 bytes.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: cutMessages('user'),
    },
    {
      id: 'assistant-text-cut-silently',
      title: 'The texts of assistant messages with characters beyond ASCII are silently cut after 4,096 bytes.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: cutMessages('assistant'),
    },
    {
      id: 'result-cut-silently',
      title: 'The texts of a `tool_result` with characters beyond ASCII are silently cut after 4,096 bytes.',
      level: 'MUST',
      caughtBy: ['arrives.text.end'],
      alters: rewritePromptBlocks((block) => (block.type === 'tool_result' ? cut(block) : block)),
    },
    {
      id: 'server-results-dropped',
      title: 'The server accepts the results of its own tools in the history and drops them.',
      level: 'MUST',
      caughtBy: ['arrives.server-result'],
      alters: withoutServerTools,
    },
    {
      id: 'streamed-server-results-dropped',
      title: 'The results of server tools in the history are dropped where the client asks for a stream.',
      level: 'MUST',
      caughtBy: ['arrives.server-result'],
      alters: inStreams(withoutServerTools),
    },
    {
      id: 'server-results-emptied',
      title: 'The server keeps the results of its own tools in the history, without what they found.',
      level: 'MUST',
      caughtBy: ['arrives.server-result'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'web_search_tool_result' ? { ...block, content: [] } : block,
      ),
    },
    {
      id: 'earlier-pictures-dropped',
      title: 'Images reach the model from the last message only.',
      level: 'SHOULD',
      caughtBy: ['arrives.picture.earlier'],
      alters: withoutEarlierPictures,
    },
    {
      id: 'earlier-pictures-dropped-in-streams',
      title: 'Of a request for a stream images reach the model from the last message only.',
      level: 'SHOULD',
      caughtBy: ['arrives.picture.earlier'],
      alters: inStreams(withoutEarlierPictures),
    },
    {
      id: 'document-titles-dropped',
      title: 'The `title` of a document does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.document.title'],
      alters: rewritePromptBlocks((block) => (block.type === 'document' ? { ...block, title: null } : block)),
    },
    {
      id: 'document-context-dropped-in-streams',
      title: 'Of a request for a stream the `context` of a document does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.document.title'],
      alters: inStreams(
        rewritePromptBlocks((block) => (block.type === 'document' ? { ...block, context: null } : block)),
      ),
    },
    {
      id: 'text-before-picture-dropped',
      title: 'Text before an image does not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.picture.text-beside'],
      alters: rewriteContents((content) =>
        content.filter((block, at) => block.type !== 'text' || !has(content.slice(at), 'image')),
      ),
    },
    {
      id: 'text-after-picture-dropped-in-streams',
      title: 'Of a request for a stream text after an image does not reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.picture.text-beside'],
      alters: inStreams(
        rewriteContents((content) =>
          content.filter(({ type }, at) => type !== 'text' || !has(content.slice(0, at), 'image')),
        ),
      ),
    },
    {
      id: 'pictures-beside-results-dropped',
      title: 'An image beside a `tool_result` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.picture.beside-result'],
      alters: dropBeside('image'),
    },
    {
      id: 'documents-beside-results-dropped',
      title: 'A document beside a `tool_result` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.document.beside-result'],
      alters: dropBeside('document'),
    },
  ],
};

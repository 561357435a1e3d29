import { isObject } from '../../core/json.js';
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
import type { Block, JsonObject, MessageRequest, Role, Tool } from '../wire.js';
import type { FaultFamily } from './fault.js';

const has = (content: readonly Block[], type: Block['type']): boolean => content.some((block) => block.type === type);

/** Rewrites the tools that the model reads. */
const rewriteTools = (change: (tool: Tool) => object) =>
  rewritePrompt((request) => (request.tools ? { ...request, tools: request.tools.map(change) } : request));

function withoutDescriptions(tool: Tool): object {
  const properties = tool.input_schema?.properties;
  if (!isObject(properties)) return tool;
  const bare = Object.entries(properties).map(([name, schema]) => [
    name,
    isObject(schema) ? without(schema, 'description') : schema,
  ]);
  return { ...tool, input_schema: { ...tool.input_schema, properties: Object.fromEntries(bare) } };
}

/** Gives each result the id of the call at its position. */
function byPosition({ messages, ...request }: MessageRequest): object {
  return {
    ...request,
    messages: messages.map((message, index) => {
      const before = messages[index - 1]?.content;
      if (typeof message.content === 'string' || typeof before === 'string' || before === undefined) return message;
      const ids = before.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
      let at = 0;
      const content = message.content.map((block) =>
        block.type === 'tool_result' ? { ...block, tool_use_id: ids[at++] ?? block.tool_use_id } : block,
      );
      return { ...message, content };
    }),
  };
}

/** Without calls that ran on the server, and their results. */
const withoutServerTools = rewriteContents((content) =>
  content.filter(({ type }) => type !== 'server_tool_use' && type !== 'web_search_tool_result'),
);

/** Drops blocks of these messages that hold tool results. */
const dropBeside = (type: Block['type']) =>
  rewriteContents((content) =>
    has(content, 'tool_result') ? content.filter((block) => block.type !== type) : content,
  );

const CUT_BYTES = 4_096;
const CUT_CHARACTERS = 2_000;

/** The same value with every text cut that has characters beyond ASCII, as servers do that measure bytes. */
function cut<Value>(value: Value): Value {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return (bytes.length === value.length ? value : bytes.subarray(0, CUT_BYTES).toString('utf8')) as Value;
  }
  if (Array.isArray(value)) return value.map(cut) as Value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cut(one)])) as Value;
}

/** ASCII stays whole: long prompts are what caches are judged by. */
const firstCharacters = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : text.slice(0, CUT_CHARACTERS);

/** Cuts the texts that stand directly in the messages of a role. */
const cutMessages = (of: Role) =>
  rewriteContents((content, { role }) =>
    role === of ? content.map((block) => (block.type === 'text' ? cut(block) : block)) : content,
  );

const isTextBefore = (block: unknown, index: number, content: readonly unknown[]): boolean =>
  (block as JsonObject).type === 'text' &&
  content.slice(index).some((later) => (later as JsonObject).type === 'tool_result');

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

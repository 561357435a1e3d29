/** What loses parts of a request on their way to the model. */

import { isObject } from '../../core/json.js';
import type { Block, JsonObject, MessageRequest, Role, Tool } from '../wire.js';
import { rewriteContents, rewriteHistory, rewritePrompt } from './requests.js';
import { without } from './without.js';

/** Whether one of the blocks has this type. */
export const has = (content: readonly Block[], type: Block['type']): boolean =>
  content.some((block) => block.type === type);

/** Rewrites the tools that the model reads. */
export const rewriteTools = (change: (tool: Tool) => object) =>
  rewritePrompt((request) => (request.tools ? { ...request, tools: request.tools.map(change) } : request));

/** A tool whose parameters have no descriptions. */
export function withoutDescriptions(tool: Tool): object {
  const properties = tool.input_schema?.properties;
  if (!isObject(properties)) return tool;
  const bare = Object.entries(properties).map(([name, schema]) => [
    name,
    isObject(schema) ? without(schema, 'description') : schema,
  ]);
  return { ...tool, input_schema: { ...tool.input_schema, properties: Object.fromEntries(bare) } };
}

/** Schemas as flat as some APIs take them: no property has properties or items of its own. */
export function withFlatSchema(tool: Tool): object {
  const properties = tool.input_schema?.properties;
  if (!isObject(properties)) return tool;
  const flat = Object.entries(properties).map(([name, schema]) => [
    name,
    isObject(schema) ? without(without(schema, 'properties'), 'items') : schema,
  ]);
  return { ...tool, input_schema: { ...tool.input_schema, properties: Object.fromEntries(flat) } };
}

/** Drops the images of all messages but the last. */
export const withoutEarlierPictures = rewriteHistory((all) =>
  all.map((message, at) =>
    at === all.length - 1 || typeof message.content === 'string'
      ? message
      : { ...message, content: message.content.filter(({ type }) => type !== 'image') },
  ),
);

/** Gives each result the id of the call at its position. */
export function byPosition({ messages, ...request }: MessageRequest): object {
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
export const withoutServerTools = rewriteContents((content) =>
  content.filter(({ type }) => type !== 'server_tool_use' && type !== 'web_search_tool_result'),
);

/** Drops blocks of these messages that hold tool results. */
export const dropBeside = (type: Block['type']) =>
  rewriteContents((content) =>
    has(content, 'tool_result') ? content.filter((block) => block.type !== type) : content,
  );

const CUT_BYTES = 4_096;
const CUT_CHARACTERS = 2_000;

/** The same value with every text cut that has characters beyond ASCII, as servers do that measure bytes. */
export function cut<Value>(value: Value): Value {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return (bytes.length === value.length ? value : bytes.subarray(0, CUT_BYTES).toString('utf8')) as Value;
  }
  if (Array.isArray(value)) return value.map(cut) as Value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cut(one)])) as Value;
}

/** ASCII stays whole: long prompts are what caches are judged by. */
export const firstCharacters = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : text.slice(0, CUT_CHARACTERS);

/** Cuts the texts that stand directly in the messages of a role. */
export const cutMessages = (of: Role) =>
  rewriteContents((content, { role }) =>
    role === of ? content.map((block) => (block.type === 'text' ? cut(block) : block)) : content,
  );

/** Whether this is a text block with a `tool_result` after it. */
export const isTextBefore = (block: unknown, index: number, content: readonly unknown[]): boolean =>
  (block as JsonObject).type === 'text' &&
  content.slice(index).some((later) => (later as JsonObject).type === 'tool_result');

import { isObject } from '../../core/json.js';
import { rewriteTools } from '../alterations/lost-parts.js';
import {
  inStreams,
  rewriteContents,
  rewriteHistory,
  rewritePrompt,
  rewritePromptBlocks,
} from '../alterations/requests.js';
import { withoutKeywords } from '../alterations/schema-keywords.js';
import type { JsonObject, MessageParam } from '../wire.js';
import type { FaultFamily } from './fault.js';

/** How many tools a gateway passes on to an API that takes no more. */
const MOST_TOOLS = 128;
const FEW_TOOLS = 10;

/** Where agents and gateways cut results to save tokens. */
const MOST_CHARACTERS = 30_000;

/** Characters that fit into the context window of a local server that nobody has configured. */
const WINDOW = 60_000;

/** Where gateways cut texts of messages. */
const MOST_OF_TEXT = 8_000;

/** The content of messages of a role, each text changed, as a string and in blocks. */
const rewriteTexts = (role: MessageParam['role'], change: (text: string) => string) =>
  rewriteHistory((all) =>
    all.map((message) => {
      if (message.role !== role) return message;
      const { content } = message;
      if (typeof content === 'string') return { ...message, content: change(content) };
      return {
        ...message,
        content: content.map((block) => (block.type === 'text' ? { ...block, text: change(block.text) } : block)),
      };
    }),
  );

const firstTools = (most: number) =>
  rewritePrompt((request) => (request.tools ? { ...request, tools: request.tools.slice(0, most) } : request));

const firstOf = (block: JsonObject): JsonObject =>
  typeof block.text === 'string' ? { ...block, text: block.text.slice(0, MOST_CHARACTERS) } : block;

const firstOfEach = (input: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.slice(0, MOST_CHARACTERS) : value,
    ]),
  );

export const arrivalLoadFaults: FaultFamily = {
  name: 'arrival-load',
  title: 'parts of a large request that do not reach the model',
  faults: [
    {
      id: 'long-system-cut',
      title: 'A text of the `system` prompt is silently cut after 8,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.text.long'],
      alsoFails: { 'usage.input.whole': 'The tokens of the system prompt are missing.' },
      alters: rewritePrompt((request) =>
        Array.isArray(request.system)
          ? {
              ...request,
              system: request.system.map((block) => ({ ...block, text: block.text.slice(0, MOST_OF_TEXT) })),
            }
          : request,
      ),
    },
    {
      id: 'long-user-texts-keep-their-end',
      title: 'Of a text of a user message only the last 8,000 characters reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.text.long'],
      alters: rewriteTexts('user', (text) => text.slice(-MOST_OF_TEXT)),
    },
    {
      id: 'long-assistant-texts-cut',
      title: 'A text of an assistant message is silently cut after 8,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.text.long'],
      alters: rewriteTexts('assistant', (text) => text.slice(0, MOST_OF_TEXT)),
    },
    {
      id: 'later-blocks-dropped',
      title: 'Only the first 16 content blocks of a message reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.text.long'],
      alters: rewriteContents((content) => content.slice(0, 16)),
    },
    {
      id: 'long-descriptions-cut',
      title: 'The `description` of a tool is silently cut after 8,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.tool.description-long'],
      alters: rewriteTools((tool) => ({ ...tool, description: tool.description?.slice(0, MOST_OF_TEXT) })),
    },
    {
      id: 'tools-cut-silently',
      title: 'Only the first 128 tools of a request reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.tool.many'],
      alters: firstTools(MOST_TOOLS),
    },
    {
      id: 'tools-cut-silently-in-streams',
      title: 'Of a request for a stream only the first ten tools reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.tool.many'],
      alsoFails: { 'arrives.load.together': 'Most of the tokens of the large request are those of its tools.' },
      alters: inStreams(firstTools(FEW_TOOLS)),
    },
    {
      id: 'schema-references-dropped',
      title: '`$defs` and `$ref` of an `input_schema` do not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: rewriteTools(withoutKeywords('$defs', '$ref')),
    },
    {
      id: 'schema-alternatives-dropped',
      title: '`anyOf` in an `input_schema` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: rewriteTools(withoutKeywords('anyOf')),
    },
    {
      id: 'schema-defaults-dropped-in-streams',
      title: 'Of a request for a stream `default` in an `input_schema` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: inStreams(rewriteTools(withoutKeywords('default'))),
    },
    {
      id: 'schema-additional-dropped',
      title: '`additionalProperties` of an `input_schema` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: rewriteTools(withoutKeywords('additionalProperties')),
    },
    {
      id: 'result-strings-cut',
      title: 'A `tool_result` whose content is a string is silently cut after 30,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.result.long'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && typeof block.content === 'string'
          ? { ...block, content: block.content.slice(0, MOST_CHARACTERS) }
          : block,
      ),
    },
    {
      id: 'call-inputs-cut',
      title: 'Strings in the `input` of a tool call of the history are silently cut after 30,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.call.long'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_use' && isObject(block.input) ? { ...block, input: firstOfEach(block.input) } : block,
      ),
    },
    {
      id: 'oldest-messages-dropped',
      title: 'Of messages that exceed its context window the server silently drops all but the last.',
      level: 'MUST',
      caughtBy: ['arrives.load.together', 'arrives.text.together'],
      alters: rewriteHistory((all) => (JSON.stringify(all).length > WINDOW ? all.slice(-1) : all)),
    },
    {
      id: 'result-blocks-cut-in-streams',
      title: 'Of a request for a stream text blocks of a `tool_result` are silently cut after 30,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.result.long'],
      alters: inStreams(
        rewritePromptBlocks((block) =>
          block.type === 'tool_result' && Array.isArray(block.content)
            ? { ...block, content: block.content.map((one) => firstOf(one as JsonObject)) }
            : block,
        ),
      ),
    },
  ],
};

import { get, isObject, type Json, type JsonObject } from '../../../core/json.js';
import { type GatewayFault, messagesOf, withBlocks, withMessages, withTexts } from './fault.js';
import { dropped, everywhere, MESSAGES } from './messages-shapes.js';

/** Changes every tool of the client's request. */
const withClientTools =
  (change: (tool: JsonObject) => JsonObject) =>
  (body: JsonObject): JsonObject =>
    Array.isArray(body.tools) ? { ...body, tools: body.tools.map((tool) => change(tool as JsonObject)) } : body;

const withSchemas = (change: (schema: JsonObject) => Json) =>
  withClientTools((tool) =>
    isObject(tool.input_schema) ? { ...tool, input_schema: change(tool.input_schema) } : tool,
  );

const withResults = (change: (block: JsonObject) => JsonObject) =>
  withBlocks('tool_result', (block) => [change(block)]);

/** The blocks of every message that is a list of them. */
const withLists = (change: (blocks: readonly Json[]) => Json[]) =>
  withMessages((messages) =>
    messages.map((message) =>
      Array.isArray(message.content) ? { ...message, content: change(message.content) } : message,
    ),
  );

const hasResults = (body: JsonObject): boolean =>
  messagesOf(body).some(
    ({ content }) => Array.isArray(content) && content.some((block) => get(block, 'type') === 'tool_result'),
  );

const isEmpty = (value: Json | undefined): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

const KEYWORDS = ['title', 'description', 'default', 'format'];
const LIMITS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'maximum', 'multipleOf', 'uniqueItems'];

/** A schema with each of its parts changed. What stands under `properties` are names, not keywords. */
function schemaParts(schema: Json, change: (part: JsonObject) => JsonObject): Json {
  if (Array.isArray(schema)) return schema.map((one) => schemaParts(one, change));
  if (!isObject(schema)) return schema;
  const parts = Object.entries(change(schema)).map(([name, value]) => [
    name,
    name === 'properties' && isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, schemaParts(one as Json, change)]))
      : schemaParts(value as Json, change),
  ]);
  return Object.fromEntries(parts) as JsonObject;
}

const withoutKeys =
  (...names: string[]) =>
  (part: JsonObject): JsonObject =>
    dropped(...names)(part) as JsonObject;

/** What gets lost of the requests of agents: in long histories, between calls and results, beside tools. */
export const agentRequestFaults: readonly GatewayFault[] = [
  {
    id: 'gw-text-normalised',
    title: 'Combining characters of a text are composed.',
    caughtBy: ['gw.request.text.unicode'],
    alterations: { incoming: withTexts((text) => text.normalize('NFC')) },
  },
  {
    id: 'gw-placeholders-filled',
    title: 'Placeholders such as {{user}} are filled in.',
    caughtBy: ['gw.request.text.markup'],
    alterations: { incoming: withTexts((text) => text.replace(/\{\{\w+\}\}/g, '')) },
  },
  {
    id: 'gw-long-system-cut',
    title: 'A block of the system prompt is cut after 16,384 characters.',
    caughtBy: ['gw.request.system.cache-control'],
    alterations: {
      incoming: (body) =>
        Array.isArray(body.system)
          ? {
              ...body,
              system: body.system.map((block) => ({
                ...(block as JsonObject),
                text: String(get(block, 'text')).slice(0, 16_384),
              })),
            }
          : body,
    },
  },
  {
    id: 'gw-system-dropped-beside-tools',
    title: 'A request with tools loses its system prompt.',
    caughtBy: ['gw.request.system.array'],
    alterations: { incoming: (body) => (body.tools === undefined ? body : { ...body, system: [] }) },
  },
  {
    id: 'gw-turns-limited-100',
    title: 'Only the last 101 turns of a conversation are sent.',
    caughtBy: ['gw.request.turns.many'],
    alterations: { incoming: withMessages((messages) => messages.slice(-101)) },
  },
  {
    id: 'gw-tools-dropped-after-results',
    title: 'A request with tool results in its history loses its tools.',
    caughtBy: ['gw.request.tools'],
    alterations: { incoming: (body) => (hasResults(body) ? { ...body, tools: [] } : body) },
  },
  {
    id: 'gw-tool-names-lowered',
    title: 'Names of tools reach the upstream in lower case.',
    caughtBy: ['gw.request.tools'],
    alterations: { incoming: withClientTools((tool) => ({ ...tool, name: String(tool.name).toLowerCase() })) },
  },
  {
    id: 'gw-description-first-line',
    title: 'Only the first line of the description of a tool is sent.',
    caughtBy: ['gw.request.tools'],
    alterations: {
      incoming: withClientTools((tool) =>
        typeof tool.description === 'string' ? { ...tool, description: tool.description.split('\n')[0]! } : tool,
      ),
    },
  },
  {
    id: 'gw-parameter-descriptions-dropped',
    title: 'Descriptions of parameters are dropped from schemas.',
    caughtBy: ['gw.request.tools.schema'],
    alterations: { incoming: withSchemas((schema) => schemaParts(schema, withoutKeys('description'))) },
  },
  {
    id: 'gw-schema-limits-dropped',
    title: 'Limits of values, such as `maximum` and `minItems`, are dropped from schemas.',
    caughtBy: ['gw.request.tools.schema'],
    alterations: { incoming: withSchemas((schema) => schemaParts(schema, withoutKeys(...LIMITS))) },
  },
  {
    id: 'gw-parameters-taken-for-keywords',
    title: 'Parameters with names such as `title` and `default` are dropped as keywords of the schema.',
    caughtBy: ['gw.request.tools.schema'],
    alterations: {
      incoming: withSchemas((schema) => everywhere(schema, withoutKeys(...KEYWORDS)) as Json),
    },
  },
  {
    id: 'gw-single-dropped-beside-any',
    title: '`disable_parallel_tool_use` is read beside the choice auto only.',
    caughtBy: ['gw.request.choice.single'],
    alterations: {
      incoming: ({ tool_choice: choice, ...rest }) => ({
        ...rest,
        ...(choice !== undefined && {
          tool_choice:
            isObject(choice) && choice.type !== 'auto' ? withoutKeys('disable_parallel_tool_use')(choice) : choice,
        }),
      }),
    },
  },
  {
    id: 'gw-history-empty-values-dropped',
    title: 'Empty values are dropped from the inputs of calls in the history.',
    caughtBy: ['gw.request.calls'],
    alterations: {
      incoming: withBlocks('tool_use', (block) => [
        {
          ...block,
          input: everywhere(block.input as Json, (value) =>
            Object.fromEntries(Object.entries(value).filter(([, one]) => !isEmpty(one))),
          ) as Json,
        },
      ]),
    },
  },
  {
    id: 'gw-history-first-input-only',
    title: 'Of parallel calls in the history only the first one keeps its input.',
    caughtBy: ['gw.request.calls'],
    alterations: {
      incoming: withLists((blocks) => {
        const first = blocks.find((block) => get(block, 'type') === 'tool_use');
        return blocks.map((block) =>
          get(block, 'type') === 'tool_use' && block !== first ? { ...(block as JsonObject), input: {} } : block,
        );
      }),
    },
  },
  {
    id: 'gw-long-result-cut',
    title: 'A tool result is cut after 30,000 characters.',
    caughtBy: ['gw.request.results'],
    alterations: {
      incoming: withResults((block) =>
        typeof block.content === 'string' ? { ...block, content: block.content.slice(0, 30_000) } : block,
      ),
    },
  },
  {
    id: 'gw-older-results-cleared',
    title: 'Only the last tool result of a conversation keeps its text.',
    caughtBy: ['gw.request.results'],
    alterations: {
      incoming: (body) => {
        const last = messagesOf(body).at(-1);
        return withMessages((messages) =>
          messages.map((message) =>
            message === last
              ? message
              : messagesOf(withResults((block) => ({ ...block, content: '[cleared]' }))({ messages: [message] }))[0]!,
          ),
        )(body);
      },
    },
  },
  {
    id: 'gw-result-texts-reversed',
    title: 'Text blocks of a tool result arrive from the last to the first.',
    caughtBy: ['gw.request.results.blocks'],
    alterations: {
      incoming: withResults((block) =>
        Array.isArray(block.content) ? { ...block, content: [...block.content].reverse() } : block,
      ),
    },
  },
  {
    id: 'gw-second-text-after-result-lost',
    title: 'Of the texts after a tool result only the first one is sent.',
    caughtBy: ['gw.request.results.then-text'],
    alterations: {
      incoming: withLists((blocks) => {
        const isText = (block: Json): boolean => get(block, 'type') === 'text';
        const hasResult = blocks.some((block) => get(block, 'type') === 'tool_result');
        return hasResult ? blocks.filter((block) => !isText(block) || block === blocks.find(isText)) : [...blocks];
      }),
    },
  },
  {
    id: 'gw-error-text-generic',
    title: 'A result with `is_error` says only that there was an error.',
    caughtBy: ['gw.request.results.error'],
    alterations: {
      incoming: withResults((block) => (block.is_error === true ? { ...block, content: 'Error' } : block)),
    },
  },
  {
    id: 'gw-result-picture-cut',
    title: 'A picture in a tool result is cut.',
    caughtBy: ['gw.request.results.picture'],
    alterations: {
      incoming: withResults((block) => ({
        ...block,
        content: everywhere(block.content as Json, (value) =>
          value.type === 'base64' ? { ...value, data: `${String(value.data).slice(0, 60)}` } : value,
        ) as Json,
      })),
    },
  },
  {
    id: 'gw-text-beside-result-picture-lost',
    title: 'A tool result with a picture loses its text.',
    caughtBy: ['gw.request.results.picture'],
    alterations: {
      incoming: withResults((block) => {
        const { content } = block;
        const isPicture = (one: Json): boolean => get(one, 'type') === 'image';
        return Array.isArray(content) && content.some(isPicture)
          ? { ...block, content: content.filter(isPicture) }
          : block;
      }),
    },
  },
  {
    id: 'gw-choice-invented',
    title: 'A request with tools and without a choice has to call one of them.',
    caughtBy: ['gw.request.choice.auto'],
    alterations: {
      incoming: (body) =>
        body.tools !== undefined && body.tool_choice === undefined ? { ...body, tool_choice: { type: 'any' } } : body,
    },
  },
  {
    id: 'gw-user-kept',
    title: 'The user id of a request is sent with those after it that have none.',
    caughtBy: ['gw.request.apart'],
    alterations: {
      incoming: (body, { memory }) => {
        if (body.metadata !== undefined) memory.set('metadata', body.metadata);
        const kept = memory.get('metadata') as Json | undefined;
        return kept === undefined ? body : { metadata: kept, ...body };
      },
    },
  },
  {
    id: 'gw-betas-kept',
    title: 'Headers of a request are sent with those after it, too.',
    speaks: MESSAGES,
    caughtBy: ['gw.request.apart'],
    alterations: {
      outgoingHeaders: (headers, { memory }) => {
        const kept = (memory.get('headers') ?? {}) as Record<string, string>;
        const own = Object.entries(headers).filter(([name]) => /^anthropic-(?:beta|user)/.test(name));
        memory.set('headers', { ...kept, ...Object.fromEntries(own) });
        return { ...kept, ...headers };
      },
    },
  },
  {
    id: 'gw-content-type-of-text',
    title: 'Requests to the upstream are labelled as text.',
    caughtBy: ['gw.request.valid'],
    alterations: { outgoingHeaders: (headers) => ({ ...headers, 'content-type': 'text/plain;charset=UTF-8' }) },
  },
];

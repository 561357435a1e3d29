import { get, isObject, type Json, type JsonObject } from '../../../core/json.js';
import { type GatewayFault, messagesOf, OPENAI, WITH_MESSAGES, withBlocks, withMessages, without } from './fault.js';

/** The client's request with every tool definition changed. */
const withTools =
  (change: (definition: JsonObject) => JsonObject) =>
  (body: JsonObject): JsonObject =>
    Array.isArray(body.tools) ? { ...body, tools: body.tools.map((tool) => change(tool as JsonObject)) } : body;

const isEmpty = (content: Json | undefined): boolean =>
  content === undefined || content === '' || (Array.isArray(content) && content.length === 0);

/** Tools, choices, results, limits, sampling and media are lost or changed on the way to the upstream. */
export const requestFieldFaults: readonly GatewayFault[] = [
  {
    id: 'gw-descriptions-lost',
    title: 'Descriptions of tools are dropped.',
    caughtBy: ['gw.request.tools'],
    alterations: { incoming: withTools(without('description')) },
  },
  {
    id: 'gw-schema-simplified',
    title: 'Schemas of tools lose $ref, anyOf and additionalProperties.',
    caughtBy: ['gw.request.tools.schema'],
    alterations: {
      incoming: withTools(({ input_schema, ...rest }) => ({
        ...rest,
        input_schema: without('$defs', 'additionalProperties')(input_schema as JsonObject),
      })),
    },
  },
  {
    id: 'gw-description-invented',
    title: 'A tool without a description gets one.',
    caughtBy: ['gw.request.tools.no-description'],
    alterations: { incoming: withTools((one) => ({ description: 'A tool.', ...one })) },
  },
  {
    id: 'gw-tools-limited',
    title: 'Only the first 64 tools are sent.',
    caughtBy: ['gw.request.tools.many'],
    alterations: {
      outgoing: (body) => (Array.isArray(body.tools) ? { ...body, tools: body.tools.slice(0, 64) } : body),
    },
  },
  {
    id: 'gw-server-tools-dropped',
    title: 'Tools that run on the server are dropped silently.',
    caughtBy: ['gw.request.tools.server'],
    alterations: {
      incoming: (body) => {
        const tools = (Array.isArray(body.tools) ? body.tools : []).filter((tool) => get(tool, 'type') === undefined);
        return tools.length > 0 ? { ...body, tools } : without('tools')(body);
      },
    },
  },
  {
    id: 'gw-choice-forced',
    title: 'The tool choice `auto` becomes `required`.',
    speaks: OPENAI,
    caughtBy: ['gw.request.choice.auto'],
    alterations: {
      outgoing: (body) => (body.tool_choice === 'auto' ? { ...body, tool_choice: 'required' } : body),
    },
  },
  {
    id: 'gw-choice-any-passed',
    title: '`tool_choice: "any"` is sent to an API that knows `required`.',
    speaks: OPENAI,
    caughtBy: ['gw.request.choice.any', 'gw.request.valid'],
    alterations: {
      outgoing: (body) => (body.tool_choice === 'required' ? { ...body, tool_choice: 'any' } : body),
    },
  },
  {
    id: 'gw-choice-any-lost',
    title: 'The tool choice `any` is dropped.',
    speaks: OPENAI,
    caughtBy: ['gw.request.choice.any'],
    alterations: {
      outgoing: (body) => (body.tool_choice === 'required' ? without('tool_choice')(body) : body),
    },
  },
  {
    id: 'gw-choice-tool-as-any',
    title: 'The choice of one tool becomes the choice of any.',
    speaks: OPENAI,
    caughtBy: ['gw.request.choice.tool'],
    alterations: {
      outgoing: (body) => (isObject(body.tool_choice) ? { ...body, tool_choice: 'required' } : body),
    },
  },
  {
    id: 'gw-choice-none-lost',
    title: 'The tool choice `none` is dropped.',
    speaks: OPENAI,
    caughtBy: ['gw.request.choice.none'],
    alterations: {
      outgoing: (body) => (body.tool_choice === 'none' ? without('tool_choice')(body) : body),
    },
  },
  {
    id: 'gw-parallel-lost',
    title: '`disable_parallel_tool_use` is dropped.',
    speaks: OPENAI,
    caughtBy: ['gw.request.choice.single'],
    alterations: { outgoing: without('parallel_tool_calls') },
  },
  {
    id: 'gw-call-inputs-emptied',
    title: 'Inputs of calls in the history are dropped.',
    caughtBy: ['gw.request.calls'],
    alterations: { incoming: withBlocks('tool_use', (block) => [{ ...block, input: {} }]) },
  },
  {
    id: 'gw-results-as-text',
    title: 'A tool result is sent as a text of the user.',
    caughtBy: ['gw.request.results'],
    alterations: {
      incoming: withBlocks('tool_result', (block) => [{ type: 'text', text: String(block.content) }]),
    },
  },
  {
    id: 'gw-first-result-block-only',
    title: 'Only the first text block of a tool result is sent.',
    caughtBy: ['gw.request.results.blocks'],
    alterations: {
      incoming: withBlocks('tool_result', (block) => [
        Array.isArray(block.content) ? { ...block, content: block.content.slice(0, 1) } : block,
      ]),
    },
  },
  {
    id: 'gw-results-by-position',
    title: 'Results get the ids of calls by their position.',
    caughtBy: ['gw.request.results.parallel'],
    alterations: {
      incoming: (body) => {
        const ids = messagesOf(body)
          .flatMap(({ content }) => (Array.isArray(content) ? content : []))
          .flatMap((block) => (get(block, 'type') === 'tool_use' ? [get(block, 'id')] : []));
        let position = 0;
        const renumber = withBlocks('tool_result', (block) => {
          position += 1;
          return [{ ...block, tool_use_id: ids[position - 1] }];
        });
        return renumber(body);
      },
    },
  },
  {
    id: 'gw-empty-result-dropped',
    title: 'A result without content is dropped.',
    caughtBy: ['gw.request.results.empty', 'gw.request.valid'],
    alterations: {
      incoming: withBlocks('tool_result', (block) => (isEmpty(block.content) ? [] : [block])),
    },
  },
  {
    id: 'gw-text-after-result-dropped',
    title: 'Text after a tool result is dropped.',
    caughtBy: ['gw.request.results.then-text'],
    alterations: {
      incoming: withMessages((messages) =>
        messages.map((message) => {
          const blocks = Array.isArray(message.content) ? message.content : [];
          const results = blocks.filter((block) => get(block, 'type') === 'tool_result');
          return results.length > 0 ? { ...message, content: results } : message;
        }),
      ),
    },
  },
  {
    id: 'gw-error-flag-lost',
    title: 'That a tool has failed is dropped.',
    caughtBy: ['gw.request.results.error'],
    alterations: { incoming: withBlocks('tool_result', (block) => [without('is_error')(block)]) },
  },
  {
    id: 'gw-result-picture-dropped',
    title: 'A picture in a tool result is dropped silently.',
    caughtBy: ['gw.request.results.picture'],
    alterations: {
      incoming: withBlocks('tool_result', (block) => [
        Array.isArray(block.content)
          ? { ...block, content: block.content.filter((part) => get(part, 'type') !== 'image') }
          : block,
      ]),
    },
  },
  {
    id: 'gw-limit-replaced',
    title: '`max_tokens` is replaced by a limit of the gateway.',
    caughtBy: ['gw.request.max-tokens'],
    alterations: { incoming: (body) => ({ ...body, max_tokens: 4096 }) },
  },
  {
    id: 'gw-temperature-lost',
    title: '`temperature` is dropped.',
    caughtBy: ['gw.request.temperature', 'gw.request.temperature.zero'],
    alterations: { outgoing: without('temperature') },
  },
  {
    id: 'gw-zero-as-absent',
    title: 'A `temperature` of 0 is taken for none.',
    caughtBy: ['gw.request.temperature.zero'],
    alterations: { outgoing: (body) => (body.temperature === 0 ? without('temperature')(body) : body) },
  },
  {
    id: 'gw-top-p-lost',
    title: '`top_p` is dropped.',
    caughtBy: ['gw.request.top-p'],
    alterations: { outgoing: without('top_p') },
  },
  {
    id: 'gw-top-k-dropped',
    title: '`top_k` is dropped silently.',
    caughtBy: ['gw.request.top-k'],
    alterations: { incoming: without('top_k') },
  },
  {
    id: 'gw-stops-lost',
    title: 'Stop sequences are dropped.',
    caughtBy: ['gw.request.stop', 'gw.request.stop.many'],
    alterations: { incoming: without('stop_sequences') },
  },
  {
    id: 'gw-stops-cut-to-four',
    title: 'Only the first four stop sequences are sent.',
    speaks: WITH_MESSAGES,
    caughtBy: ['gw.request.stop.many'],
    alterations: {
      incoming: (body) =>
        Array.isArray(body.stop_sequences) ? { ...body, stop_sequences: body.stop_sequences.slice(0, 4) } : body,
    },
  },
  {
    id: 'gw-user-lost',
    title: '`metadata.user_id` is dropped.',
    caughtBy: ['gw.request.user'],
    alterations: { incoming: without('metadata') },
  },
  {
    id: 'gw-picture-lost',
    title: 'Pictures in base64 are dropped.',
    caughtBy: ['gw.request.picture', 'gw.request.pictures'],
    alterations: {
      incoming: withBlocks('image', (block) => (get(block, 'source', 'type') === 'base64' ? [] : [block])),
    },
  },
  {
    id: 'gw-media-type-fixed',
    title: 'Every picture is called a JPEG.',
    speaks: OPENAI,
    caughtBy: ['gw.request.picture'],
    alterations: {
      outgoing: (body) =>
        JSON.parse(JSON.stringify(body).replaceAll('data:image/png', 'data:image/jpeg')) as JsonObject,
    },
  },
  {
    id: 'gw-picture-url-dropped',
    title: 'Pictures by their address are dropped.',
    caughtBy: ['gw.request.picture.url'],
    alterations: {
      incoming: withBlocks('image', (block) => (get(block, 'source', 'type') === 'url' ? [] : [block])),
    },
  },
  {
    id: 'gw-document-dropped',
    title: 'Documents are dropped silently.',
    caughtBy: ['gw.request.document.text', 'gw.request.document.pdf'],
    alterations: { incoming: withBlocks('document', () => []) },
  },
  {
    id: 'gw-thinking-lost',
    title: '`thinking` is dropped silently.',
    caughtBy: ['gw.request.thinking'],
    alterations: { incoming: without('thinking') },
  },
  {
    id: 'gw-effort-fixed',
    title: 'Every effort becomes `high`.',
    caughtBy: ['gw.request.effort'],
    alterations: {
      incoming: (body) =>
        get(body, 'output_config', 'effort') === undefined
          ? body
          : { ...body, output_config: { ...(body.output_config as JsonObject), effort: 'high' } },
    },
  },
  {
    id: 'gw-tier-lost',
    title: '`service_tier` is dropped.',
    caughtBy: ['gw.request.service-tier'],
    alterations: { incoming: without('service_tier') },
  },
  {
    id: 'gw-citations-dropped',
    title: '`citations` of a document is dropped silently.',
    caughtBy: ['gw.request.citations'],
    alterations: { incoming: withBlocks('document', ({ citations: _, ...block }) => [block]) },
  },
  {
    id: 'gw-search-result-dropped',
    title: 'Search results are dropped silently.',
    caughtBy: ['gw.request.search-result'],
    alterations: { incoming: withBlocks('search_result', () => []) },
  },
  {
    id: 'gw-result-documents-dropped',
    title: 'A tool result loses everything but text and pictures.',
    caughtBy: ['gw.request.results.documents'],
    alterations: {
      incoming: withBlocks('tool_result', ({ content, ...block }) => [
        Array.isArray(content)
          ? { ...block, content: content.filter((part) => ['text', 'image'].includes(String(get(part, 'type')))) }
          : { ...block, ...(content !== undefined && { content }) },
      ]),
    },
  },
  {
    id: 'gw-query-not-found',
    title: 'A path with a query does not exist.',
    caughtBy: ['gw.request.query'],
    alterations: {
      instead: ({ query, requestId }) =>
        query === ''
          ? null
          : {
              status: 404,
              headers: {},
              body: {
                type: 'error',
                error: { type: 'not_found_error', message: 'The path does not exist.' },
                request_id: requestId,
              },
            },
    },
  },
  {
    id: 'gw-format-lost',
    title: 'The schema of a format is dropped.',
    caughtBy: ['gw.request.format'],
    alterations: { incoming: without('output_config') },
  },
];

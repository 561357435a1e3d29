import { get, isObject, type Json, type JsonObject } from '../../../core/json.js';
import { type GatewayFault, withMessages, without } from './fault.js';
import { dropped, isType, MESSAGES, onlyHeaders, request, withTools } from './messages-shapes.js';

/** What a transparent gateway does to requests. */
const requests: readonly GatewayFault[] = [
  {
    id: 'gw-pass-tier-dropped',
    title: '`service_tier` is dropped.',
    caughtBy: ['gw.pass.body', 'gw.pass.settings'],
    alterations: { outgoing: without('service_tier') },
  },
  {
    id: 'gw-pass-context-management-dropped',
    title: '`context_management` is dropped.',
    caughtBy: ['gw.pass.settings'],
    alterations: { outgoing: without('context_management') },
  },
  {
    id: 'gw-pass-field-added',
    title: 'A field of the gateway is added to every request.',
    caughtBy: ['gw.pass.body'],
    alterations: { outgoing: (body) => ({ top_p: 0.99, ...body }) },
  },
  {
    id: 'gw-pass-known-fields-only',
    title: 'Fields that the gateway does not know are dropped.',
    caughtBy: ['gw.pass.unknown-fields'],
    alterations: request((value) =>
      Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('x_'))),
    ),
  },
  {
    id: 'gw-pass-unknown-field-rejected',
    title: 'A request with a field that the gateway does not know is rejected.',
    caughtBy: ['gw.pass.unknown-fields'],
    alterations: {
      instead: ({ request: { x_future_mode: field }, requestId }) =>
        field === undefined
          ? null
          : {
              status: 400,
              headers: {},
              body: {
                type: 'error',
                error: { type: 'invalid_request_error', message: 'x_future_mode: Extra inputs are not permitted' },
                request_id: requestId,
              },
            },
    },
  },
  {
    id: 'gw-pass-betas-dropped',
    title: '`anthropic-beta` is dropped; the upstream rejects the fields of betas.',
    caughtBy: ['gw.pass.betas', 'gw.request.valid'],
    cases: ['pass-unknown-fields'],
    alterations: { outgoingHeaders: onlyHeaders((name) => name !== 'anthropic-beta') },
  },
  {
    id: 'gw-pass-known-betas-only',
    title: 'Values of `anthropic-beta` that the gateway does not know are dropped.',
    caughtBy: ['gw.pass.betas'],
    alterations: {
      outgoingHeaders: ({ 'anthropic-beta': betas, ...rest }) => ({
        ...rest,
        ...(betas !== undefined && { 'anthropic-beta': betas.replace(/,?suite-[^,]*/g, '') }),
      }),
    },
  },
  {
    id: 'gw-pass-version-fixed',
    title: 'Every request gets the version that the gateway knows.',
    caughtBy: ['gw.pass.version'],
    alterations: { outgoingHeaders: (headers) => ({ ...headers, 'anthropic-version': '2023-06-01' }) },
  },
  {
    id: 'gw-pass-headers-dropped',
    title: 'Of the headers of the protocol only the version and the betas are passed on.',
    caughtBy: ['gw.pass.headers'],
    alterations: {
      outgoingHeaders: onlyHeaders((name) => !/^anthropic-(?!version|beta)/.test(name)),
    },
  },
  {
    id: 'gw-pass-query-dropped',
    title: 'The query of a request is dropped.',
    caughtBy: ['gw.pass.query'],
    alterations: { path: (path) => path.split('?')[0]! },
  },
  {
    id: 'gw-pass-signatures-dropped',
    title: 'Signatures of thinking in the history are dropped.',
    caughtBy: ['gw.pass.thinking', 'gw.request.valid'],
    alterations: request((value) => (value.type === 'thinking' ? dropped('signature')(value) : value)),
  },
  {
    id: 'gw-pass-redacted-dropped',
    title: 'Redacted thinking in the history is dropped.',
    caughtBy: ['gw.pass.thinking'],
    alterations: request((value) => (value.type === 'redacted_thinking' ? undefined : value)),
  },
  {
    id: 'gw-pass-effort-dropped',
    title: '`output_config` is dropped.',
    caughtBy: ['gw.pass.thinking.settings', 'gw.request.effort', 'gw.request.format'],
    alterations: { outgoing: without('output_config') },
  },
  {
    id: 'gw-pass-cache-marks-dropped',
    title: '`cache_control` is dropped.',
    caughtBy: ['gw.pass.cache-control'],
    alterations: request(dropped('cache_control')),
  },
  {
    id: 'gw-pass-ttl-dropped',
    title: 'The `ttl` of marks for the cache is dropped.',
    caughtBy: ['gw.pass.cache-control'],
    alterations: request((value) => (value.type === 'ephemeral' ? { type: 'ephemeral' } : value)),
  },
  {
    id: 'gw-pass-server-tool-bare',
    title: 'Tools that run on the server lose their settings.',
    caughtBy: ['gw.pass.server-tools'],
    alterations: withTools((tool) => (tool.input_schema === undefined ? { type: tool.type, name: tool.name } : tool)),
  },
  {
    id: 'gw-pass-search-history-dropped',
    title: 'Searches of the server in the history are dropped.',
    caughtBy: ['gw.pass.server-tools'],
    alterations: request((value) => (isType('server_tool_use', 'web_search_tool_result')(value) ? undefined : value)),
  },
  {
    id: 'gw-pass-citations-off',
    title: '`citations` of documents are dropped.',
    caughtBy: ['gw.pass.documents', 'gw.request.citations'],
    alterations: request(dropped('citations')),
  },
  {
    id: 'gw-pass-tool-fields-dropped',
    title: 'Tools have name, description and schema alone.',
    caughtBy: ['gw.pass.tool-fields'],
    alterations: withTools(
      ({ strict: _1, eager_input_streaming: _2, input_examples: _3, defer_loading: _4, ...tool }) => tool,
    ),
  },
  {
    id: 'gw-pass-system-invented',
    title: 'A system prompt of the gateway is put before that of the client.',
    caughtBy: ['gw.request.nothing-invented'],
    alterations: { outgoing: (body) => ({ system: 'You are a helpful assistant.', ...body }) },
  },
];

/** Tools and results of a request, in the form that the Messages API has for them. */
const tools: readonly GatewayFault[] = [
  {
    id: 'gw-pass-descriptions-lost',
    title: 'Descriptions of tools are dropped.',
    caughtBy: ['gw.request.tools'],
    alterations: withTools(({ description: _, ...tool }) => tool),
  },
  {
    id: 'gw-pass-schema-simplified',
    title: 'Schemas of tools lose what the gateway does not know.',
    caughtBy: ['gw.request.tools.schema'],
    alterations: withTools((tool) => ({
      ...tool,
      ...(isObject(tool.input_schema) && { input_schema: without('$defs', 'additionalProperties')(tool.input_schema) }),
    })),
  },
  {
    id: 'gw-pass-description-invented',
    title: 'A tool without a description gets one.',
    caughtBy: ['gw.request.tools.no-description'],
    alterations: withTools((tool) => ({ description: 'A tool.', ...tool })),
  },
  {
    id: 'gw-pass-choice-lost',
    title: '`tool_choice` is dropped.',
    caughtBy: ['gw.request.choice.any', 'gw.request.choice.tool', 'gw.request.choice.none', 'gw.request.choice.single'],
    alterations: { outgoing: without('tool_choice') },
  },
  {
    id: 'gw-pass-choice-forced',
    title: 'The tool choice `auto` becomes `any`.',
    caughtBy: ['gw.request.choice.auto'],
    alterations: {
      outgoing: (body) =>
        get(body, 'tool_choice', 'type') === 'auto' ? { ...body, tool_choice: { type: 'any' } } : body,
    },
  },
  {
    id: 'gw-pass-results-swapped',
    title: 'Results of one turn are given to each other’s calls.',
    caughtBy: ['gw.request.results.parallel', 'gw.request.results.round-trip'],
    alterations: {
      outgoing: withMessages((messages) =>
        messages.map((message) => {
          const blocks = Array.isArray(message.content) ? message.content : [];
          const ids = blocks.flatMap((block) => get(block, 'tool_use_id') ?? []).reverse();
          let next = 0;
          return {
            ...message,
            content:
              ids.length < 2
                ? (message.content as Json)
                : blocks.map((block) =>
                    get(block, 'type') === 'tool_result'
                      ? { ...(block as JsonObject), tool_use_id: ids[next++] as Json }
                      : block,
                  ),
          };
        }),
      ),
    },
  },
  {
    id: 'gw-pass-empty-result-dropped',
    title: 'A result without content is dropped.',
    caughtBy: ['gw.request.results.empty', 'gw.request.valid'],
    alterations: request((value) => (value.type === 'tool_result' && (value.content ?? '') === '' ? undefined : value)),
  },
  {
    id: 'gw-pass-text-after-result-dropped',
    title: 'Text after a tool result is dropped.',
    caughtBy: ['gw.request.results.then-text'],
    alterations: {
      outgoing: withMessages((messages) =>
        messages.map((message) => {
          const blocks = Array.isArray(message.content) ? message.content : [];
          return blocks.some((block) => get(block, 'type') === 'tool_result')
            ? { ...message, content: blocks.filter((block) => get(block, 'type') === 'tool_result') }
            : message;
        }),
      ),
    },
  },
  {
    id: 'gw-pass-error-flag-lost',
    title: 'That a tool has failed is dropped.',
    caughtBy: ['gw.request.results.error'],
    alterations: request(dropped('is_error')),
  },
  {
    id: 'gw-pass-stops-lost',
    title: 'Stop sequences are dropped.',
    caughtBy: ['gw.request.stop'],
    alterations: { outgoing: without('stop_sequences') },
  },
  {
    id: 'gw-pass-user-lost',
    title: '`metadata` is dropped.',
    caughtBy: ['gw.request.user', 'gw.pass.settings'],
    alterations: { outgoing: without('metadata') },
  },
];

/** A transparent gateway loses or changes something on the way to its upstream. */
export const passRequestFaults: readonly GatewayFault[] = [...requests, ...tools].map((fault) => ({
  ...fault,
  speaks: MESSAGES,
}));

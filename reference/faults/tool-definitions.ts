import { isObject } from '../../core/json.js';
import { crashWhen, inStreams, rejectWhen, rewriteBody } from '../alterations/requests.js';
import type { Json, JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because } from './reasons.js';

/** Rejects requests with a `bad` tool. */
const rejectTools = (reason: string, bad: (tool: JsonObject) => boolean) =>
  rejectWhen((request) => ((request.tools ?? []) as unknown as JsonObject[]).some(bad) && reason);

/** Rewrites tools before they are validated. */
const rewriteTools = (change: (tool: JsonObject, index: number, all: Json[]) => Json[] | JsonObject) =>
  rewriteBody((body) =>
    Array.isArray(body.tools)
      ? {
          ...body,
          tools: body.tools.flatMap((tool, index, all) =>
            isObject(tool) ? (change(tool, index, all) as Json[]) : [tool],
          ),
        }
      : body,
  );

/** The server tool as a tool that the client has to run. */
const asClientTool = (tool: JsonObject): JsonObject =>
  String(tool.type).startsWith('web_search')
    ? {
        name: 'web_search',
        description: 'Search the web',
        input_schema: { type: 'object', properties: { query: { type: 'string' } } },
      }
    : tool;

export const toolDefinitionsFaults: FaultFamily = {
  name: 'tool-definitions',
  title: 'which tool definitions are accepted',
  faults: [
    {
      id: 'tool-type-custom-refused',
      title: 'The server rejects a tool of type custom.',
      level: 'MUST',
      caughtBy: ['tool.custom.accepted'],
      alters: rejectTools('tools.0.type: Extra inputs are not permitted', ({ type }) => type === 'custom'),
    },
    {
      id: 'tool-description-needed',
      title: 'The server rejects a tool without a description.',
      level: 'MUST',
      caughtBy: ['tool.description.optional'],
      alters: rejectTools('tools.0.description: Field required', (tool) => tool.description === undefined),
    },
    {
      id: 'tool-properties-needed',
      title: 'The server rejects a tool whose schema has no properties.',
      level: 'MUST',
      caughtBy: ['tool.schema.minimal'],
      alsoFails: because('Its tool has no properties.', 'tr.image'),
      alters: rejectTools(
        'tools.0.input_schema.properties: Field required',
        ({ input_schema: schema }) => isObject(schema) && schema.properties === undefined,
      ),
    },
    {
      id: 'rich-schemas-refused',
      title: 'The server rejects a tool whose schema has `$defs`, `anyOf` or `additionalProperties`.',
      level: 'SHOULD',
      mutant: 'RQ-s',
      reports: ['RQ-57', 'RQ-58', 'RQ-59'],
      caughtBy: ['tool.schema.rich'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape', 'agent.schema.keywords'),
      alters: rejectTools('tools.0.input_schema: unsupported keyword', ({ input_schema: schema }) =>
        /"(\$defs|anyOf|\$schema)"/.test(JSON.stringify(schema ?? {})),
      ),
    },
    {
      id: 'many-tools-refused',
      title: 'The server rejects more than thirty tools.',
      level: 'MUST',
      mutant: 'RQ-s',
      reports: ['RQ-57', 'RQ-58', 'RQ-59'],
      caughtBy: ['tool.list.many'],
      alters: rejectWhen((request) =>
        (request.tools?.length ?? 0) > 30 ? 'tools: at most 30 tools are allowed' : null,
      ),
    },
    {
      id: 'tools-of-chat-completions-taken',
      title: 'The server accepts tools with `parameters` instead of `name` and `input_schema`.',
      level: 'SHOULD',
      caughtBy: ['tool.schema.required'],
      alters: rewriteTools((tool) => {
        if (tool.type !== undefined && tool.type !== 'custom') return tool;
        const { parameters, ...rest } = tool;
        return { name: 'unnamed', input_schema: { type: 'object' }, ...rest };
      }),
    },
    {
      id: 'schema-types-unchecked',
      title: 'The server accepts an `input_schema` of any type.',
      level: 'SHOULD',
      caughtBy: ['tool.schema.type-object'],
      alters: rewriteTools((tool) =>
        isObject(tool.input_schema) ? { ...tool, input_schema: { ...tool.input_schema, type: 'object' } } : tool,
      ),
    },
    {
      id: 'tool-names-unchecked',
      title: 'The server accepts tool names with spaces and dots.',
      level: 'SHOULD',
      caughtBy: ['tool.name.pattern'],
      alters: rewriteTools((tool) =>
        typeof tool.name === 'string' ? { ...tool, name: tool.name.replace(/[^\w-]/g, '_') } : tool,
      ),
    },
    {
      id: 'tool-names-short',
      title: 'The server rejects tool names of more than 32 characters.',
      level: 'SHOULD',
      caughtBy: ['tool.name.pattern'],
      alters: rejectTools(
        'tools.0.name: String should have at most 32 characters',
        ({ name }) => String(name).length > 32,
      ),
    },
    {
      id: 'duplicate-tools-taken',
      title: 'The server accepts two tools of one name and keeps the last.',
      level: 'SHOULD',
      caughtBy: ['tool.name.duplicate'],
      alters: rewriteTools((tool, index, all) =>
        all.some((other, later) => later > index && isObject(other) && other.name === tool.name) ? [] : tool,
      ),
    },
    {
      id: 'empty-tool-list-refused',
      title: 'The server rejects an empty `tools` list.',
      level: 'SHOULD',
      caughtBy: ['tool.list.empty'],
      alters: rejectWhen((request) => (request.tools?.length === 0 ? 'tools: List should have at least 1 item' : null)),
    },
    {
      id: 'tool-fields-crash',
      title: 'An optional field of a tool causes a 500.',
      level: 'SHOULD',
      caughtBy: ['tool.fields.optional'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.tool.eager'),
      alters: crashWhen((request) => request.tools?.some((tool) => 'eager_input_streaming' in tool)),
    },
    {
      id: 'server-tool-handed-over',
      title: 'The server leaves its own tool `web_search` to the client, as a call.',
      level: 'SHOULD',
      mutant: 'TU-u',
      reports: ['TU-32'],
      caughtBy: ['tool.server.unsupported'],
      alters: rewriteTools(asClientTool),
    },
    {
      id: 'streamed-server-tool-handed-over',
      title: 'A stream leaves the server tool `web_search` to the client, as a call.',
      level: 'SHOULD',
      caughtBy: ['tool.server.unsupported'],
      alters: inStreams(rewriteTools(asClientTool)),
    },
    {
      id: 'server-tool-dropped',
      title: 'The server silently drops the server tool `web_search`.',
      level: 'SHOULD',
      caughtBy: ['tool.server.unsupported'],
      alters: rewriteTools((tool) => (String(tool.type).startsWith('web_search') ? [] : tool)),
    },
    {
      id: 'builtin-tools-crash',
      title: 'A tool that Anthropic defines and the client runs causes a 500.',
      level: 'MAY',
      caughtBy: ['tool.client.builtin'],
      alters: crashWhen((request) => request.tools?.some(({ type }) => /^(bash|text_editor|memory)_/.test(type ?? ''))),
    },
  ],
};

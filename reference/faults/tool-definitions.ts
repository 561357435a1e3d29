import { isObject } from '../../core/json.js';
import { rejectWhen, rewriteBody } from '../alterations/requests.js';
import type { Json, JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, because } from './reasons.js';

/** Refuses requests one of whose tools is like this. */
const rejectTools = (reason: string, bad: (tool: JsonObject) => boolean) =>
  rejectWhen((request) => ((request.tools ?? []) as unknown as JsonObject[]).some(bad) && reason);

/** Puts tools right before they are validated. */
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

export const toolDefinitionsFaults: FaultFamily = {
  name: 'tool-definitions',
  title: 'which tool definitions are accepted',
  faults: [
    {
      id: 'tool-type-custom-refused',
      title: 'A tool of the type custom is refused.',
      level: 'MUST',
      caughtBy: ['tool.custom.accepted'],
      alters: rejectTools('tools.0.type: Extra inputs are not permitted', ({ type }) => type === 'custom'),
    },
    {
      id: 'tool-description-needed',
      title: 'A tool without a description is refused.',
      level: 'MUST',
      caughtBy: ['tool.description.optional'],
      alters: rejectTools('tools.0.description: Field required', (tool) => tool.description === undefined),
    },
    {
      id: 'tool-properties-needed',
      title: 'A tool whose schema has no properties is refused.',
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
      title: 'A tool whose schema has $defs, anyOf or additionalProperties is refused.',
      level: 'SHOULD',
      mutant: 'RQ-s',
      reports: ['RQ-57', 'RQ-58', 'RQ-59'],
      caughtBy: ['tool.schema.rich'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape'),
      alters: rejectTools('tools.0.input_schema: unsupported keyword', ({ input_schema: schema }) =>
        /"(\$defs|anyOf|\$schema)"/.test(JSON.stringify(schema ?? {})),
      ),
    },
    {
      id: 'many-tools-refused',
      title: 'More than thirty tools are refused.',
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
      title: 'Tools without name or input_schema are taken, with parameters in their place.',
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
      title: 'An input_schema of any type is taken.',
      level: 'SHOULD',
      caughtBy: ['tool.schema.type-object'],
      alters: rewriteTools((tool) =>
        isObject(tool.input_schema) ? { ...tool, input_schema: { ...tool.input_schema, type: 'object' } } : tool,
      ),
    },
    {
      id: 'tool-names-unchecked',
      title: 'Names of tools may hold blanks and dots.',
      level: 'SHOULD',
      caughtBy: ['tool.name.pattern'],
      alters: rewriteTools((tool) =>
        typeof tool.name === 'string' ? { ...tool, name: tool.name.replace(/[^\w-]/g, '_') } : tool,
      ),
    },
    {
      id: 'tool-names-short',
      title: 'Names of tools may have 32 signs at most.',
      level: 'SHOULD',
      caughtBy: ['tool.name.pattern'],
      alters: rejectTools(
        'tools.0.name: String should have at most 32 characters',
        ({ name }) => String(name).length > 32,
      ),
    },
    {
      id: 'duplicate-tools-taken',
      title: 'Of two tools of one name the last is taken.',
      level: 'SHOULD',
      caughtBy: ['tool.name.duplicate'],
      alters: rewriteTools((tool, index, all) =>
        all.some((other, later) => later > index && isObject(other) && other.name === tool.name) ? [] : tool,
      ),
    },
    {
      id: 'empty-tool-list-refused',
      title: 'An empty list of tools is refused.',
      level: 'SHOULD',
      caughtBy: ['tool.list.empty'],
      alters: rejectWhen((request) => (request.tools?.length === 0 ? 'tools: List should have at least 1 item' : null)),
    },
    {
      id: 'tool-fields-crash',
      title: 'An optional field of a tool makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['tool.fields.optional'],
      alters: rejectWhen((request) =>
        request.tools?.some((tool) => 'eager_input_streaming' in tool)
          ? { refusal: 'api_error', message: 'Internal server error' }
          : null,
      ),
    },
    {
      id: 'server-tool-handed-over',
      title: 'The server tool web_search is handed to the client as a call of its own.',
      level: 'SHOULD',
      mutant: 'TU-u',
      reports: ['TU-32'],
      caughtBy: ['tool.server.unsupported'],
      alters: rewriteTools((tool) =>
        String(tool.type).startsWith('web_search')
          ? {
              name: 'web_search',
              description: 'Search the web',
              input_schema: { type: 'object', properties: { query: { type: 'string' } } },
            }
          : tool,
      ),
    },
    {
      id: 'server-tool-dropped',
      title: 'The server tool web_search is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['tool.server.unsupported'],
      alters: rewriteTools((tool) => (String(tool.type).startsWith('web_search') ? [] : tool)),
    },
    {
      id: 'builtin-tools-crash',
      title: 'A tool that Anthropic defines and the client runs makes the server fail.',
      level: 'MAY',
      caughtBy: ['tool.client.builtin'],
      alters: rejectWhen((request) =>
        request.tools?.some(({ type }) => /^(bash|text_editor|memory)_/.test(type ?? ''))
          ? { refusal: 'api_error', message: 'Internal server error' }
          : null,
      ),
    },
  ],
};

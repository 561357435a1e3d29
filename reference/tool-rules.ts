import { invalid, type Rejection, reject } from './errors.js';
import { toolChanges } from './in-effect.js';
import { isWebSearch } from './model/search.js';
import type { PromptRequest, Tool } from './wire.js';

/** Tools that Anthropic defines and the client runs: the endpoint only has to call them. */
const CLIENT_TOOLS = /^(?:bash|text_editor|memory)_\d{8}$/;

/** Tools that this endpoint runs itself: they look for tools whose loading is deferred. */
const SEARCH_TOOLS = /^tool_search_tool_(?:regex|bm25)(?:_\d{8})?$/;

/** Whether a tool finds other tools of the request. */
export const isSearchTool = ({ type }: Tool): boolean => SEARCH_TOOLS.test(type ?? '');

/** Whether the client defines the tool itself. */
function isCustom(tool: Tool): boolean {
  return tool.type === undefined || tool.type === null || tool.type === 'custom';
}

/**
 * Rules between tools, and for the choice among them.
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools
 */
export function* toolReasons(request: PromptRequest, serverTools: boolean): Iterable<Rejection> {
  const tools = request.tools ?? [];
  for (const [index, tool] of tools.entries()) {
    const own = isSearchTool(tool) || (serverTools && isWebSearch(tool));
    if (!isCustom(tool) && !own && !CLIENT_TOOLS.test(tool.type ?? '')) {
      const runs = serverTools ? 'web_search and the search for tools' : 'the search for tools';
      yield invalid(
        `tools.${index}.type: '${tool.type}' is not available here: this endpoint runs no server tool but ${runs}, and no toolsets`,
      );
    }
    for (const combiner of ['oneOf', 'anyOf', 'allOf']) {
      if (tool.input_schema && Object.hasOwn(tool.input_schema, combiner)) {
        yield invalid(
          `tools.${index}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`,
        );
      }
    }
  }
  const names = new Set<string>();
  for (const { name } of tools) {
    if (names.has(name)) yield invalid(`tools: Tool names must be unique, but "${name}" occurs twice.`);
    names.add(name);
  }
  if (tools.length > 0 && tools.every((tool) => tool.defer_loading)) {
    yield invalid('tools: All tools have defer_loading set. At least one tool must be available at the start.');
  }
  const defined = new Set(names);
  for (const { change, at } of toolChanges(request)) {
    const { tool } = change;
    if (tool.type === 'tool_definition') defined.add(tool.definition.name);
    else if (tool.type === 'tool_reference' && !defined.has(tool.name)) {
      yield reject('invalid_request_error', `${at}.tool.name: Tool '${tool.name}' is not defined at this place`, {
        error_code: 'tool_reference_unresolved',
      });
    }
  }
  yield* choiceReasons(request, defined);
}

function* choiceReasons(
  { tool_choice: choice, tools }: PromptRequest,
  names: ReadonlySet<string>,
): Iterable<Rejection> {
  if (!choice) return;
  if (choice.type !== 'none' && !tools?.length && names.size === 0) {
    yield invalid('tool_choice: tool_choice may only be specified while providing tools.');
  }
  if (choice.type === 'tool' && !names.has(choice.name)) {
    yield invalid(`tool_choice: Tool '${choice.name}' not found in provided tools`);
  }
}

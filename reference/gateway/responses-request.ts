/** Translates a Messages request into a request for a response of OpenAI's Responses API. */

import { asString, get, type Json, type JsonObject } from '../../core/json.js';
import {
  blocksOf,
  checkFields,
  choiceOf,
  dataUrl,
  documentText,
  ERROR_MARK,
  effortOf,
  fileName,
  functionOf,
  list,
  pictureUrl,
  searchResultText,
  shortId,
  textsOf,
  userOf,
} from './blocks.js';
import { cannotCarry } from './rejection.js';
import { upstreamId } from './tool-ids.js';

const LONGEST_ID = 64;
const LONGEST_USER = 64;
const LEAST_TOKENS = 16;

/** Throws `CannotCarry` for what the Responses API has no place for. The upstream stores nothing. */
export function toResponsesRequest(request: JsonObject, model: string): JsonObject {
  checkFields(request);
  if (list(request.stop_sequences).length > 0) cannotCarry('stop_sequences');
  const { max_tokens } = request;
  if (Number(max_tokens) < LEAST_TOKENS) cannotCarry('max_tokens', `the upstream takes at least ${LEAST_TOKENS}`);
  const tools = list(request.tools).map(toolOf);
  const format = get(request, 'output_config', 'format', 'schema');
  const effort = effortOf(request);
  const user = userOf(request, LONGEST_USER);
  const system = request.system === undefined || request.system === null ? [] : textsOf(request.system);
  return {
    model,
    ...(system.length > 0 && { instructions: system.join('\n\n') }),
    input: list(request.messages).flatMap(itemsOf),
    max_output_tokens: max_tokens,
    store: false,
    ...(typeof request.temperature === 'number' && { temperature: request.temperature }),
    ...(typeof request.top_p === 'number' && { top_p: request.top_p }),
    ...(tools.length > 0 && { tools, ...choiceOf(request.tool_choice, (name) => ({ type: 'function', name })) }),
    ...(format !== undefined && { text: { format: { type: 'json_schema', name: 'reply', schema: format } } }),
    ...(effort !== null && { reasoning: { effort, summary: 'auto' } }),
    ...(user !== null && { safety_identifier: user }),
    ...(request.service_tier === 'auto' && { service_tier: 'auto' }),
    ...(request.service_tier === 'standard_only' && { service_tier: 'default' }),
    ...(request.stream === true && { stream: true }),
  };
}

function itemsOf(message: Json): JsonObject[] {
  const role = get(message, 'role');
  const content = get(message, 'content');
  if (role === 'system')
    return [{ role: 'developer', content: textsOf(content).map((text) => ({ type: 'input_text', text })) }];
  return role === 'assistant' ? assistantOf(blocksOf(content)) : userOfMessage(content);
}

/** Parts that follow each other are one message; what is an item of its own stands between them. */
class Items {
  readonly all: JsonObject[] = [];
  private parts: JsonObject[] = [];

  constructor(private readonly role: string) {}

  part(part: JsonObject): void {
    if (this.parts.length === 0) this.all.push({ role: this.role, content: this.parts });
    this.parts.push(part);
  }

  item(item: JsonObject): void {
    this.all.push(item);
    this.parts = [];
  }
}

function assistantOf(blocks: readonly JsonObject[]): JsonObject[] {
  const items = new Items('assistant');
  for (const block of blocks) {
    if (block.type === 'text') items.part({ type: 'output_text', text: asString(block.text) });
    else if (block.type === 'tool_use')
      items.item({
        type: 'function_call',
        call_id: callId(block.id),
        name: asString(block.name),
        arguments: JSON.stringify(block.input ?? {}),
      });
    // Reasoning of other models is of no use to the upstream, which cannot read it.
    else if (block.type !== 'thinking' && block.type !== 'redacted_thinking')
      cannotCarry(`${String(block.type)} in a message of the assistant`);
  }
  return items.all;
}

const callId = (id: Json | undefined): string => shortId(upstreamId(asString(id)), LONGEST_ID);

function userOfMessage(content: Json | undefined): JsonObject[] {
  if (typeof content === 'string') return [{ role: 'user', content }];
  const items = new Items('user');
  for (const block of blocksOf(content)) {
    if (block.type === 'tool_result')
      items.item({ type: 'function_call_output', call_id: callId(block.tool_use_id), output: outputOf(block) });
    else items.part(partOf(block, 'a message of the user'));
  }
  return items.all;
}

/** Text alone is a string; anything else is a list of parts. */
function outputOf(block: JsonObject): Json {
  const parts = [
    ...(block.is_error === true ? [{ type: 'input_text', text: ERROR_MARK }] : []),
    ...blocksOf(block.content).map((part) => partOf(part, 'a tool_result')),
  ];
  return parts.every(({ type }) => type === 'input_text') ? parts.map(({ text }) => text).join('\n') : parts;
}

function partOf(block: JsonObject, where: string): JsonObject {
  switch (block.type) {
    case 'text':
      return { type: 'input_text', text: asString(block.text) };
    case 'image':
      return { type: 'input_image', image_url: pictureUrl(block.source), detail: 'auto' };
    case 'search_result':
      return { type: 'input_text', text: searchResultText(block) };
    case 'document':
      return documentOf(block);
    default:
      return cannotCarry(`${String(block.type)} in ${where}`);
  }
}

function documentOf(block: JsonObject): JsonObject {
  const text = documentText(block);
  if (text !== null) return { type: 'input_text', text };
  if (get(block, 'citations', 'enabled') === true) cannotCarry('citations');
  const { source } = block;
  if (get(source, 'type') === 'url') return { type: 'input_file', file_url: asString(get(source, 'url')) };
  if (get(source, 'type') !== 'base64') return cannotCarry(`document source ${String(get(source, 'type'))}`);
  return { type: 'input_file', filename: fileName(block), file_data: dataUrl(source) };
}

/** Without `strict` the upstream takes a schema for a strict one. */
const toolOf = (tool: Json): JsonObject => ({
  type: 'function',
  ...functionOf(tool),
  strict: get(tool, 'strict') === true,
});

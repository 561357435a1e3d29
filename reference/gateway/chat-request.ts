/** Translates a Messages request into a request for a chat completion. */

import { asString, get, type Json, type JsonObject } from '../../core/json.js';
import {
  blocksOf,
  checkFields,
  choiceOf,
  dataUrl,
  documentText,
  effortOf,
  fileName,
  functionOf,
  list,
  pictureUrl,
  resultOf,
  searchResultText,
  shortId,
  textsOf,
  userOf,
} from './blocks.js';
import { cannotCarry } from './rejection.js';
import { upstreamId } from './tool-ids.js';

const LONGEST_ID = 40;
const LONGEST_USER = 64;
const MOST_STOPS = 4;

/** Throws `CannotCarry` for what a chat completion has no place for. */
export function toChatRequest(request: JsonObject, model: string): JsonObject {
  checkFields(request);
  const stops = list(request.stop_sequences);
  if (stops.length > MOST_STOPS) cannotCarry('stop_sequences', `the upstream takes at most ${MOST_STOPS}`);
  const tools = list(request.tools).map(toolOf);
  const format = get(request, 'output_config', 'format', 'schema');
  const effort = effortOf(request);
  const user = userOf(request, LONGEST_USER);
  return {
    model,
    messages: [...systemOf(request.system), ...list(request.messages).flatMap(messagesOf)],
    max_tokens: request.max_tokens,
    ...(typeof request.temperature === 'number' && { temperature: request.temperature }),
    ...(typeof request.top_p === 'number' && { top_p: request.top_p }),
    ...(stops.length > 0 && { stop: stops }),
    ...(tools.length > 0 && {
      tools,
      ...choiceOf(request.tool_choice, (name) => ({ type: 'function', function: { name } })),
    }),
    ...(format !== undefined && {
      response_format: { type: 'json_schema', json_schema: { name: 'reply', schema: format, strict: true } },
    }),
    ...(effort !== null && { reasoning_effort: effort }),
    ...(user !== null && { user }),
    ...(request.service_tier === 'auto' && { service_tier: 'auto' }),
    ...(request.service_tier === 'standard_only' && { service_tier: 'default' }),
    ...(request.stream === true && { stream: true, stream_options: { include_usage: true } }),
  };
}

const parts = (texts: readonly string[]): Json =>
  texts.length === 1 ? texts[0]! : texts.map((text) => ({ type: 'text', text }));

function systemOf(system: Json | undefined): JsonObject[] {
  const texts = system === undefined || system === null ? [] : textsOf(system);
  return texts.length === 0 ? [] : [{ role: 'system', content: parts(texts) }];
}

function messagesOf(message: Json): JsonObject[] {
  const role = get(message, 'role');
  const content = get(message, 'content');
  if (role === 'system') return [{ role: 'system', content: parts(textsOf(content)) }];
  return role === 'assistant' ? assistantOf(blocksOf(content)) : userOfMessage(content);
}

function assistantOf(blocks: readonly JsonObject[]): JsonObject[] {
  const texts: string[] = [];
  const calls: JsonObject[] = [];
  for (const block of blocks) {
    if (block.type === 'text') texts.push(asString(block.text));
    else if (block.type === 'tool_use')
      calls.push({
        id: shortId(upstreamId(asString(block.id)), LONGEST_ID),
        type: 'function',
        function: { name: asString(block.name), arguments: JSON.stringify(block.input ?? {}) },
      });
    // The upstream's API has no place for earlier thinking, and its models do not need it.
    else if (block.type !== 'thinking' && block.type !== 'redacted_thinking')
      cannotCarry(`${String(block.type)} in a message of the assistant`);
  }
  if (texts.length === 0 && calls.length === 0) return [];
  return [
    {
      role: 'assistant',
      content: texts.length === 0 ? null : parts(texts),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
  ];
}

/** Results are messages of their own and come first; pictures in them follow in a message of the user. */
function userOfMessage(content: Json | undefined): JsonObject[] {
  if (typeof content === 'string') return [{ role: 'user', content }];
  const results: JsonObject[] = [];
  const rest: JsonObject[] = [];
  for (const block of blocksOf(content)) {
    if (block.type !== 'tool_result') {
      rest.push(partOf(block));
      continue;
    }
    const { text, pictures } = resultOf(block);
    results.push({
      role: 'tool',
      tool_call_id: shortId(upstreamId(asString(block.tool_use_id)), LONGEST_ID),
      content: text,
    });
    rest.push(...pictures.map((url): JsonObject => ({ type: 'image_url', image_url: { url } })));
  }
  return [...results, ...(rest.length > 0 ? [{ role: 'user', content: rest }] : [])];
}

function partOf(block: JsonObject): JsonObject {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: asString(block.text) };
    case 'image':
      return { type: 'image_url', image_url: { url: pictureUrl(block.source) } };
    case 'search_result':
      return { type: 'text', text: searchResultText(block) };
    case 'document':
      return documentOf(block);
    default:
      return cannotCarry(`${String(block.type)} in a message of the user`);
  }
}

function documentOf(block: JsonObject): JsonObject {
  const text = documentText(block);
  if (text !== null) return { type: 'text', text };
  if (get(block, 'citations', 'enabled') === true) cannotCarry('citations');
  const { source } = block;
  if (get(source, 'type') !== 'base64') return cannotCarry(`document source ${String(get(source, 'type'))}`);
  return { type: 'file', file: { filename: fileName(block), file_data: dataUrl(source) } };
}

function toolOf(tool: Json): JsonObject {
  const definition = functionOf(tool);
  const strict = get(tool, 'strict');
  return { type: 'function', function: { ...definition, ...(typeof strict === 'boolean' && { strict }) } };
}

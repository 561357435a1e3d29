/** Reading Messages requests: small helpers that both translators share. */

import { createHash } from 'node:crypto';
import { asString, get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { cannotCarry } from './rejection.js';

export const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export const blocksOf = (content: Json | undefined): JsonObject[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : list(content).filter(isObject);

/** Texts of a system prompt or of a system message. */
export const textsOf = (content: Json | undefined): string[] =>
  blocksOf(content).map((block) =>
    block.type === 'text' ? asString(block.text) : cannotCarry(`system ${String(block.type)}`),
  );

/** Fields that an API without a place for them would lose silently. */
const KNOWN = new Set([
  'model',
  'messages',
  'max_tokens',
  'system',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'metadata',
  'thinking',
  'output_config',
  'service_tier',
  'cache_control',
]);

/** Rejects top-level fields that nobody would carry over. */
export function checkFields(request: JsonObject): void {
  for (const [name, value] of Object.entries(request))
    if (!KNOWN.has(name) && value !== null && value !== undefined) cannotCarry(name);
  if (typeof request.model !== 'string') cannotCarry('model', 'a string is required');
  if (!Number.isInteger(request.max_tokens)) cannotCarry('max_tokens', 'an integer is required');
  if (!Array.isArray(request.messages) || request.messages.length === 0)
    cannotCarry('messages', 'at least one message is required');
  const last = request.messages.at(-1);
  if (get(last, 'role') === 'assistant')
    cannotCarry('messages', 'the upstream cannot continue a final message of the assistant (prefill)');
  if (typeof request.top_k === 'number') cannotCarry('top_k');
}

/** The text of a document, or `null` for one that is no text. */
export function documentText(block: JsonObject): string | null {
  const source = block.source;
  const text =
    get(source, 'type') === 'text'
      ? asString(get(source, 'data'))
      : get(source, 'type') === 'content'
        ? blocksOf(get(source, 'content'))
            .map((part) => (part.type === 'text' ? asString(part.text) : cannotCarry('document content image')))
            .join('\n')
        : null;
  if (text === null) return null;
  if (get(block, 'citations', 'enabled') === true) cannotCarry('citations');
  const title = asString(block.title);
  return title === '' ? text : `${title}\n${text}`;
}

/** A search result as text: source, title and passages. */
export function searchResultText(block: JsonObject): string {
  if (get(block, 'citations', 'enabled') === true) cannotCarry('citations');
  const passages = blocksOf(block.content).map((part) => asString(part.text));
  return [asString(block.title), asString(block.source), ...passages].filter((text) => text !== '').join('\n');
}

/** Data of a `base64` source as an address. */
export const dataUrl = (source: Json | undefined): string =>
  `data:${asString(get(source, 'media_type'))};base64,${asString(get(source, 'data'))}`;

/** Name of the file with a document, which the APIs want and the Messages API does not have. */
export const fileName = (document: JsonObject): string => asString(document.title) || 'document.pdf';

/** The address of a picture, as data or as it is. */
export function pictureUrl(source: Json | undefined): string {
  if (get(source, 'type') === 'base64') return dataUrl(source);
  if (get(source, 'type') === 'url') return asString(get(source, 'url'));
  return cannotCarry(`image source ${String(get(source, 'type'))}`);
}

export const ERROR_MARK = 'The tool reported an error:';

/** Text and pictures of a tool result, apart. */
export function resultOf(block: JsonObject): { text: string; pictures: string[] } {
  const texts: string[] = [];
  const pictures: string[] = [];
  for (const part of blocksOf(block.content)) {
    if (part.type === 'text') texts.push(asString(part.text));
    else if (part.type === 'image') pictures.push(pictureUrl(part.source));
    else if (part.type === 'search_result') texts.push(searchResultText(part));
    else if (part.type === 'document') texts.push(documentText(part) ?? cannotCarry('document in a tool_result'));
    else cannotCarry(`${String(part.type)} in a tool_result`);
  }
  const text = texts.join('\n');
  return { text: block.is_error === true ? `${ERROR_MARK}\n${text}` : text, pictures };
}

/** What the functions of both APIs have of a tool. Tools that run on the server, or that clients define otherwise, cannot be carried. */
export function functionOf(tool: Json): JsonObject {
  const type = get(tool, 'type') ?? 'custom';
  const name = asString(get(tool, 'name'));
  if (type !== 'custom') return cannotCarry(`tools: ${String(type)}`);
  if (name.length > 64) cannotCarry(`tools: the name ${name}`, 'the upstream takes at most 64 characters');
  const description = get(tool, 'description');
  return {
    name,
    ...(typeof description === 'string' && { description }),
    parameters: get(tool, 'input_schema'),
  };
}

/** `tool_choice` and `parallel_tool_calls`. `named`: how the API writes the choice of one function. */
export function choiceOf(choice: Json | undefined, named: (name: string) => JsonObject): JsonObject {
  if (choice === undefined || choice === null) return {};
  const type = get(choice, 'type');
  const single = get(choice, 'disable_parallel_tool_use');
  const tool_choice =
    type === 'any' ? 'required' : type === 'tool' ? named(asString(get(choice, 'name'))) : asString(type);
  return { tool_choice, ...(typeof single === 'boolean' && { parallel_tool_calls: !single }) };
}

/** An id that is short enough for the upstream, the same for a call and its result. */
export const shortId = (id: string, longest: number): string =>
  id.length <= longest ? id : `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;

/** The user's id, or a hash of a long one: equal ids stay equal. */
export function userOf(request: JsonObject, longest: number): string | null {
  const id = get(request, 'metadata', 'user_id');
  if (typeof id !== 'string' || id === '') return null;
  return id.length <= longest ? id : createHash('sha256').update(id).digest('hex').slice(0, longest);
}

/** Effort of the reasoning: what the request says, or what its budget of thinking comes to. */
export function effortOf(request: JsonObject): string | null {
  const effort = get(request, 'output_config', 'effort');
  if (typeof effort === 'string') return effort === 'max' || effort === 'xhigh' ? 'xhigh' : effort;
  const type = get(request, 'thinking', 'type');
  if (type === 'adaptive') return 'medium';
  if (type !== 'enabled') return null;
  const budget = Number(get(request, 'thinking', 'budget_tokens') ?? 0);
  return budget < 4_096 ? 'low' : budget < 16_384 ? 'medium' : 'high';
}

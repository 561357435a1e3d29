/** Reads a Messages request into neutral terms: what a client sent, and what a transparent gateway passes on. */

import { asString, get, isObject, type Json } from '../../../core/json.js';
import type { NeutralChoice, NeutralPart, NeutralRequest, NeutralTool, NeutralTurn } from '../../../core/neutral.js';
import { listIn, merged, numberIn, stringIn } from '../reading.js';

export function readMessagesRequest(body: Json | undefined): NeutralRequest {
  const choice = get(body, 'tool_choice');
  const disabled = get(choice, 'disable_parallel_tool_use');
  const tools = listIn(body, 'tools');
  const thinking = stringIn(body, 'thinking', 'type');
  return {
    model: stringIn(body, 'model'),
    system: texts(get(body, 'system')),
    turns: merged(listIn(body, 'messages').map(readTurn)),
    tools: tools.flatMap(readTool),
    serverTools: tools.flatMap((tool) => (isCustom(tool) ? [] : [asString(get(tool, 'type'))])),
    choice: readChoice(choice),
    parallelCalls: typeof disabled === 'boolean' ? !disabled : null,
    maxTokens: numberIn(body, 'max_tokens'),
    temperature: numberIn(body, 'temperature'),
    topP: numberIn(body, 'top_p'),
    topK: numberIn(body, 'top_k'),
    stop: listIn(body, 'stop_sequences').filter((one) => typeof one === 'string'),
    format: get(body, 'output_config', 'format', 'schema') ?? get(body, 'output_format', 'schema') ?? null,
    effort: stringIn(body, 'output_config', 'effort'),
    thinking: thinking === null ? null : thinking !== 'disabled',
    user: stringIn(body, 'metadata', 'user_id'),
    stream: get(body, 'stream') === true,
  };
}

const texts = (system: Json | undefined): string[] =>
  typeof system === 'string' ? [system] : listIn(system).map((block) => asString(get(block, 'text')));

function readTurn(message: Json): NeutralTurn {
  const role = get(message, 'role');
  return {
    role: role === 'assistant' || role === 'system' ? role : 'user',
    parts: partsOf(get(message, 'content')),
  };
}

function partsOf(content: Json | undefined): NeutralPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return listIn(content).map(readBlock);
}

function readBlock(block: Json): NeutralPart {
  const type = asString(get(block, 'type'));
  const source = get(block, 'source');
  switch (type) {
    case 'text':
      return { kind: 'text', text: asString(get(block, 'text')) };
    case 'image':
      return { kind: 'picture', ...sourceOf(source) };
    case 'document':
      return { kind: 'document', ...sourceOf(source), text: textOf(source) };
    case 'tool_use':
      return {
        kind: 'call',
        id: asString(get(block, 'id')),
        name: asString(get(block, 'name')),
        input: get(block, 'input'),
        raw: null,
      };
    case 'tool_result':
      return {
        kind: 'result',
        id: asString(get(block, 'tool_use_id')),
        parts: partsOf(get(block, 'content')),
        isError: get(block, 'is_error') === true,
      };
    case 'thinking':
      return {
        kind: 'thinking',
        text: asString(get(block, 'thinking')),
        signature: stringIn(block, 'signature'),
      };
    default:
      return { kind: 'other', type, value: block };
  }
}

const sourceOf = (source: Json | undefined) => ({
  mediaType: stringIn(source, 'media_type'),
  data: get(source, 'type') === 'base64' ? stringIn(source, 'data') : null,
  url: stringIn(source, 'url'),
});

/** The text of a document: plain, or the text blocks of its content. */
function textOf(source: Json | undefined): string | null {
  if (get(source, 'type') === 'text') return stringIn(source, 'data');
  if (get(source, 'type') !== 'content') return null;
  const content = get(source, 'content');
  return typeof content === 'string' ? content : texts(content).join('\n');
}

const isCustom = (tool: Json): boolean => {
  const type = get(tool, 'type');
  return type === undefined || type === null || type === 'custom';
};

function readTool(tool: Json): NeutralTool[] {
  if (!isCustom(tool) || !isObject(tool)) return [];
  return [
    {
      name: asString(tool.name),
      description: typeof tool.description === 'string' ? tool.description : null,
      schema: tool.input_schema,
      strict: typeof tool.strict === 'boolean' ? tool.strict : null,
    },
  ];
}

function readChoice(choice: Json | undefined): NeutralChoice | null {
  if (choice === undefined || choice === null) return null;
  const type = get(choice, 'type');
  if (type === 'auto' || type === 'any' || type === 'none') return { kind: type };
  return type === 'tool' ? { kind: 'tool', name: asString(get(choice, 'name')) } : { kind: 'other', value: choice };
}

/** Reads a request for a chat completion into neutral terms. Tolerant: what the API refuses is said elsewhere. */

import { asString, get, isObject, type Json } from '../../../core/json.js';
import type { NeutralChoice, NeutralPart, NeutralRequest, NeutralTool, NeutralTurn } from '../../../core/neutral.js';
import { fromDataUrl, functionTool, merged, numberIn, parsedArguments, stringIn } from '../reading.js';

export function readChat(body: Json | undefined): NeutralRequest {
  const { system, turns } = readMessages(get(body, 'messages'));
  const tools = get(body, 'tools');
  const stop = get(body, 'stop');
  const parallel = get(body, 'parallel_tool_calls');
  const effort = stringIn(body, 'reasoning_effort') ?? stringIn(body, 'reasoning', 'effort');
  const format = get(body, 'response_format', 'json_schema', 'schema') ?? null;
  return {
    model: stringIn(body, 'model'),
    system,
    turns,
    tools: (Array.isArray(tools) ? tools : []).flatMap(readTool),
    // The one tool of its own that the API has.
    serverTools: isObject(get(body, 'web_search_options')) ? ['web_search'] : [],
    choice: readChoice(get(body, 'tool_choice')),
    parallelCalls: typeof parallel === 'boolean' ? parallel : null,
    maxTokens: numberIn(body, 'max_completion_tokens') ?? numberIn(body, 'max_tokens'),
    temperature: numberIn(body, 'temperature'),
    topP: numberIn(body, 'top_p'),
    topK: numberIn(body, 'top_k'),
    stop: typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop.filter((one) => typeof one === 'string') : [],
    format,
    effort,
    thinking: readThinking(body, effort),
    user:
      stringIn(body, 'safety_identifier') ??
      stringIn(body, 'user') ??
      stringIn(body, 'prompt_cache_key') ??
      anyUser(body),
    stream: get(body, 'stream') === true,
  };
}

/**
 * Servers of the same API turn reasoning on in ways of their own: `reasoning` (OpenRouter), `thinking` (DeepSeek, Z.ai, Moonshot),
 * `enable_thinking` (Qwen), `chat_template_kwargs` (vLLM, SGLang). It is not lost then, whatever else is wrong with the field.
 */
function readThinking(body: Json | undefined, effort: string | null): boolean | null {
  const template = get(body, 'chat_template_kwargs');
  const switches = [
    get(body, 'reasoning', 'enabled'),
    get(body, 'enable_thinking'),
    get(template, 'enable_thinking'),
    get(template, 'thinking'),
  ].filter((value) => typeof value === 'boolean');
  if (switches.length > 0) return switches.every(Boolean);
  if (effort !== null) return effort !== 'none';
  const type = stringIn(body, 'thinking', 'type');
  if (type !== null) return type !== 'disabled';
  return numberIn(body, 'reasoning', 'max_tokens') === null ? null : true;
}

/** Some gateways carry the user in `metadata`. */
function anyUser(body: Json | undefined): string | null {
  const metadata = get(body, 'metadata');
  return isObject(metadata)
    ? ((Object.values(metadata).find((value) => typeof value === 'string') ?? null) as string | null)
    : null;
}

function readMessages(messages: Json | undefined): { system: string[]; turns: NeutralTurn[] } {
  const system: string[] = [];
  const turns: NeutralTurn[] = [];
  for (const message of Array.isArray(messages) ? messages : []) {
    const role = asString(get(message, 'role'));
    const parts = partsOf(get(message, 'content'));
    if ((role === 'system' || role === 'developer') && turns.length === 0) system.push(...parts.map(textOf));
    else if (role === 'system' || role === 'developer') turns.push({ role: 'system', parts });
    else if (role === 'tool') turns.push({ role: 'user', parts: [toolResult(message, parts)] });
    else if (role === 'assistant') turns.push({ role, parts: assistantParts(message, parts) });
    else turns.push({ role: 'user', parts });
  }
  return { system, turns: merged(turns) };
}

const textOf = (part: NeutralPart): string => (part.kind === 'text' ? part.text : JSON.stringify(part));

const toolResult = (message: Json, parts: readonly NeutralPart[]): NeutralPart => ({
  kind: 'result',
  id: asString(get(message, 'tool_call_id')),
  parts,
  isError: false,
});

function assistantParts(message: Json, parts: readonly NeutralPart[]): NeutralPart[] {
  const thinking = get(message, 'reasoning_content') ?? get(message, 'reasoning');
  const calls = get(message, 'tool_calls');
  return [
    ...(typeof thinking === 'string' && thinking !== ''
      ? [{ kind: 'thinking', text: thinking, signature: null } as const]
      : []),
    ...parts,
    ...(Array.isArray(calls) ? calls : []).map((call): NeutralPart => {
      const raw = asString(get(call, 'function', 'arguments'));
      return {
        kind: 'call',
        id: asString(get(call, 'id')),
        name: asString(get(call, 'function', 'name')),
        input: parsedArguments(raw),
        raw,
      };
    }),
  ];
}

function partsOf(content: Json | undefined): NeutralPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return (Array.isArray(content) ? content : []).map((part): NeutralPart => {
    const type = asString(get(part, 'type'));
    if (type === 'text') return { kind: 'text', text: asString(get(part, 'text')) };
    if (type === 'refusal') return { kind: 'text', text: asString(get(part, 'refusal')) };
    if (type === 'image_url') return { kind: 'picture', ...fromDataUrl(asString(get(part, 'image_url', 'url'))) };
    if (type === 'file')
      return { kind: 'document', ...fromDataUrl(asString(get(part, 'file', 'file_data'))), text: null };
    return { kind: 'other', type, value: part };
  });
}

function readTool(tool: Json): NeutralTool[] {
  const definition = get(tool, 'function');
  return isObject(definition) ? [functionTool(definition)] : [];
}

function readChoice(choice: Json | undefined): NeutralChoice | null {
  if (choice === undefined || choice === null) return null;
  if (choice === 'auto' || choice === 'none') return { kind: choice };
  if (choice === 'required') return { kind: 'any' };
  const name = get(choice, 'function', 'name');
  return typeof name === 'string' ? { kind: 'tool', name } : { kind: 'other', value: choice };
}

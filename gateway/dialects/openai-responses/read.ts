/** Reads a request for a response into neutral terms. Tolerant: what the API refuses is said elsewhere. */

import { asString, get, isObject, type Json } from '../../../core/json.js';
import type { NeutralChoice, NeutralPart, NeutralRequest, NeutralTool, NeutralTurn } from '../../../core/neutral.js';
import { fromDataUrl, functionTool, listIn, merged, numberIn, parsedArguments, stringIn } from '../reading.js';

export function readResponses(body: Json | undefined): NeutralRequest {
  const tools = listIn(body, 'tools');
  const { system, turns } = readInput(get(body, 'input'));
  const instructions = stringIn(body, 'instructions');
  const stop = get(body, 'stop');
  const parallel = get(body, 'parallel_tool_calls');
  const effort = stringIn(body, 'reasoning', 'effort');
  return {
    model: stringIn(body, 'model'),
    system: [...(instructions === null ? [] : [instructions]), ...system],
    turns,
    tools: tools.flatMap(readTool),
    serverTools: tools.flatMap((tool) => (isOwn(tool) ? [] : [serverTool(asString(get(tool, 'type')))])),
    choice: readChoice(get(body, 'tool_choice'), tools),
    parallelCalls: typeof parallel === 'boolean' ? parallel : null,
    maxTokens: numberIn(body, 'max_output_tokens'),
    temperature: numberIn(body, 'temperature'),
    topP: numberIn(body, 'top_p'),
    topK: numberIn(body, 'top_k'),
    stop: typeof stop === 'string' ? [stop] : listIn(stop).filter((one) => typeof one === 'string'),
    format: get(body, 'text', 'format', 'schema') ?? null,
    effort,
    thinking: effort === null ? null : effort !== 'none',
    user:
      stringIn(body, 'safety_identifier') ??
      stringIn(body, 'user') ??
      stringIn(body, 'prompt_cache_key') ??
      anyUser(get(body, 'metadata')),
    stream: get(body, 'stream') === true,
  };
}

/** Some gateways carry the user in `metadata`. */
function anyUser(metadata: Json | undefined): string | null {
  const values = isObject(metadata) ? Object.values(metadata) : [];
  return values.find((value) => typeof value === 'string') ?? null;
}

function readInput(input: Json | undefined): { system: string[]; turns: NeutralTurn[] } {
  if (typeof input === 'string') return { system: [], turns: [{ role: 'user', parts: partsOf(input) }] };
  const system: string[] = [];
  const turns: NeutralTurn[] = [];
  for (const item of listIn(input)) {
    const turn = readItem(item);
    if (turn.role === 'system' && turns.length === 0) system.push(...turn.parts.map(textOf));
    else turns.push(turn);
  }
  return { system, turns: merged(turns) };
}

const textOf = (part: NeutralPart): string => (part.kind === 'text' ? part.text : JSON.stringify(part));

function readItem(item: Json): NeutralTurn {
  const type = get(item, 'type') ?? 'message';
  switch (type) {
    case 'message': {
      const role = get(item, 'role');
      const parts = partsOf(get(item, 'content'));
      if (role === 'system' || role === 'developer') return { role: 'system', parts };
      return { role: role === 'assistant' ? role : 'user', parts };
    }
    case 'function_call': {
      const raw = asString(get(item, 'arguments'));
      const call = { id: asString(get(item, 'call_id')), name: asString(get(item, 'name')) };
      return { role: 'assistant', parts: [{ kind: 'call', ...call, input: parsedArguments(raw), raw }] };
    }
    case 'function_call_output': {
      const id = asString(get(item, 'call_id'));
      return {
        role: 'user',
        parts: [{ kind: 'result', id, parts: partsOf(get(item, 'output')), isError: false }],
      };
    }
    case 'reasoning':
      return { role: 'assistant', parts: [reasoning(item)] };
    default: {
      const name = asString(type);
      return { role: /_call$/.test(name) ? 'assistant' : 'user', parts: [{ kind: 'other', type: name, value: item }] };
    }
  }
}

function reasoning(item: Json): NeutralPart {
  const texts = [...listIn(item, 'summary'), ...listIn(item, 'content')].map((part) => get(part, 'text'));
  return { kind: 'thinking', text: texts.map(asString).join(''), signature: stringIn(item, 'encrypted_content') };
}

function partsOf(content: Json | undefined): NeutralPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return listIn(content).map((part): NeutralPart => {
    const type = asString(get(part, 'type'));
    switch (type) {
      case 'input_text':
      case 'output_text':
        return { kind: 'text', text: asString(get(part, 'text')) };
      case 'refusal':
        return { kind: 'text', text: asString(get(part, 'refusal')) };
      case 'input_image':
        return { kind: 'picture', ...fromDataUrl(asString(get(part, 'image_url'))) };
      case 'input_file': {
        const address = stringIn(part, 'file_data') ?? stringIn(part, 'file_url');
        return { kind: 'document', ...fromDataUrl(address ?? ''), text: null };
      }
      default:
        return { kind: 'other', type, value: part };
    }
  });
}

/** Whether the model calls the tool and the client runs it. */
const isOwn = (tool: Json): boolean => ['function', 'custom'].includes(asString(get(tool, 'type')));

/** Tools of this API by the names that the Messages API has for what they do. */
const serverTool = (type: string): string =>
  type === 'code_interpreter' ? 'code_execution' : type.replace(/_preview.*$|_\d{4}_\d{2}_\d{2}$/, '');

function readTool(tool: Json): NeutralTool[] {
  return isObject(tool) && isOwn(tool) ? [functionTool(tool)] : [];
}

function readChoice(choice: Json | undefined, tools: readonly Json[]): NeutralChoice | null {
  if (choice === undefined || choice === null) return null;
  if (choice === 'auto' || choice === 'none') return { kind: choice };
  if (choice === 'required') return { kind: 'any' };
  const type = get(choice, 'type');
  if (type === 'function' || type === 'custom') return { kind: 'tool', name: asString(get(choice, 'name')) };
  return (type === 'allowed_tools' ? allowed(choice, tools) : null) ?? { kind: 'other', value: choice };
}

/** A list of allowed tools can say the same as the other forms: all of them, or exactly one. */
function allowed(choice: Json, tools: readonly Json[]): NeutralChoice | null {
  const names = listIn(choice, 'tools').map((tool) => asString(get(tool, 'name')));
  const isAll = tools.every((tool) => names.includes(asString(get(tool, 'name'))));
  if (get(choice, 'mode') === 'auto') return isAll ? { kind: 'auto' } : null;
  if (names.length === 1 && tools.length > 1) return { kind: 'tool', name: names[0]! };
  return isAll ? { kind: 'any' } : null;
}

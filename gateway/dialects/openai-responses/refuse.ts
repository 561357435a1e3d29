/** What the API refuses besides what its types say. Each rule is one that OpenAI's API enforces with a 400. */

import { asString, get, isObject, type Json } from '../../../core/json.js';
import type { SchemaViolation } from '../../../core/requirement.js';
import type { Validate } from '../dialect.js';
import { MOST_FAULTS, settingFaults } from '../openai-settings.js';
import { listIn } from '../reading.js';

export function responsesRefusals(body: Json | undefined, violations: Validate): string[] {
  if (!isObject(body)) return ['The body is not a JSON object.'];
  const shape = shapeFaults(violations('openaiResponsesRequest', body));
  return [...stateful(body), ...contents(body), ...shape, ...order(body), ...tools(body), ...settings(body)].slice(
    0,
    MOST_FAULTS,
  );
}

/** An item has several forms, and what fits none breaks each in its own way: one sentence for each item is enough. */
function shapeFaults(found: readonly SchemaViolation[]): string[] {
  const seen = new Set<string>();
  return found
    .filter(({ pointer }) => !found.some((other) => other.pointer.startsWith(`${pointer}/`)))
    .sort((a, b) => Number(isForeign(b)) - Number(isForeign(a)))
    .filter(({ pointer }) => {
      const [item = pointer] = /^\/input\/\d+/.exec(pointer) ?? [];
      const isNew = !seen.has(item);
      seen.add(item);
      return isNew;
    })
    .map(({ message }) => `${message}.`);
}

const isForeign = ({ keyword, pointer }: SchemaViolation): boolean =>
  keyword === 'additionalProperties' && !/\/(type|role|content|status|phase|id)$/.test(pointer);

/** The upstream keeps nothing, like an organisation with zero data retention: a request says all of the conversation. */
function stateful(body: Json): string[] {
  const stored = ['previous_response_id', 'conversation', 'prompt'].filter(
    (name) => (get(body, name) ?? null) !== null,
  );
  return [
    ...stored.map((name) => `${name}: nothing is stored here; send the whole conversation as input.`),
    ...(get(body, 'background') === true ? ['background: nothing is stored here.'] : []),
  ];
}

const OF_ROLE: Readonly<Record<string, readonly string[]>> = {
  assistant: ['output_text', 'refusal'],
  user: ['input_text', 'input_image', 'input_file'],
  system: ['input_text', 'input_image', 'input_file'],
  developer: ['input_text', 'input_image', 'input_file'],
};

/** Each role has content types of its own. */
function contents(body: Json): string[] {
  return listIn(body, 'input').flatMap((item, index) => {
    const allowed = OF_ROLE[asString(get(item, 'role'))];
    if (allowed === undefined || (get(item, 'type') ?? 'message') !== 'message') return [];
    return listIn(item, 'content').flatMap((part, at) => {
      const type = asString(get(part, 'type'));
      return allowed.includes(type)
        ? []
        : [
            `input[${index}].content[${at}]: invalid value ${JSON.stringify(type)}; a message of the ${get(item, 'role')} takes ${allowed.join(', ')}.`,
          ];
    });
  });
}

/** Longest id of a call. */
const LONGEST_ID = 64;

/** Ids of items begin with letters that tell their type. */
const PREFIXES: Readonly<Record<string, string>> = { message: 'msg', function_call: 'fc', reasoning: 'rs' };

/** Every output follows its call, and every call has an output. */
function order(body: Json): string[] {
  const faults: string[] = [];
  const input = get(body, 'input');
  if (input === '' || input === undefined || input === null || (Array.isArray(input) && input.length === 0))
    faults.push("'input' is empty: at least one item is needed.");
  const open = new Map<string, number>();
  const seen = new Set<string>();
  for (const [index, item] of listIn(body, 'input').entries()) {
    const type = asString(get(item, 'type') ?? 'message');
    const id = get(item, 'id');
    const prefix = PREFIXES[type];
    if (prefix !== undefined && typeof id === 'string' && !id.startsWith(prefix))
      faults.push(
        `input[${index}].id: ${JSON.stringify(id)} is invalid; an id that begins with '${prefix}' is expected.`,
      );
    if (type === 'item_reference') faults.push(`input[${index}]: nothing is stored here; send the item itself.`);
    const call = asString(get(item, 'call_id'));
    if (type === 'function_call') {
      if (call.length > LONGEST_ID || call === '')
        faults.push(`input[${index}].call_id: it has ${call.length} characters; 1 to ${LONGEST_ID} are expected.`);
      open.set(call, index);
      seen.add(call);
    }
    if (type === 'function_call_output') {
      if (!seen.has(call))
        faults.push(
          `input[${index}]: no tool call found for function call output with call_id ${JSON.stringify(call)}.`,
        );
      open.delete(call);
    }
  }
  for (const [call, index] of open)
    faults.push(`input[${index}]: no tool output found for function call ${JSON.stringify(call)}.`);
  return faults;
}

function tools(body: Json): string[] {
  const faults: string[] = [];
  const definitions = listIn(body, 'tools');
  const choice = get(body, 'tool_choice');
  if (definitions.length === 0 && (choice === 'required' || isObject(choice)))
    faults.push("'tool_choice' names or requires a tool, and there are no 'tools'.");
  const functions = definitions.filter((tool) => get(tool, 'type') === 'function');
  for (const [index, tool] of definitions.entries()) {
    if (!functions.includes(tool)) continue;
    const name = asString(get(tool, 'name'));
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      faults.push(`tools[${index}].name: ${JSON.stringify(name)} does not match ^[a-zA-Z0-9_-]{1,64}$.`);
    const parameters = get(tool, 'parameters');
    if (isObject(parameters) && Object.keys(parameters).length > 0 && parameters.type !== 'object')
      faults.push(`tools[${index}].parameters: a schema of type "object" is needed.`);
    if (get(tool, 'strict') === true && !isStrict(parameters))
      faults.push(
        `tools[${index}].parameters: with strict, 'additionalProperties' has to be false and 'required' has to have every property.`,
      );
  }
  const name = get(choice, 'name');
  if (get(choice, 'type') === 'function' && !functions.some((tool) => get(tool, 'name') === name))
    faults.push(`tool_choice: the function ${JSON.stringify(name)} is not among the tools.`);
  return faults;
}

/** Whether an object and everything in it can be enforced. */
function isStrict(schema: Json | undefined): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (!isObject(schema)) return true;
  const properties = get(schema, 'properties');
  const names = isObject(properties) ? Object.keys(properties) : [];
  const required = listIn(schema, 'required');
  if (schema.type === 'object' && schema.additionalProperties !== false) return false;
  if (schema.type === 'object' && !names.every((name) => required.includes(name))) return false;
  const below = isObject(properties) ? Object.values(properties) : [];
  return [...below, schema.items, ...listIn(schema, 'anyOf')].every(isStrict);
}

const LEAST_TOKENS = 16;
const MOST_PAIRS = 16;

function settings(body: Json): string[] {
  const faults = settingFaults(body, {
    tokens: { max_output_tokens: LEAST_TOKENS },
    ids: ['user', 'safety_identifier', 'prompt_cache_key'],
  });
  const format = get(body, 'text', 'format');
  if (get(format, 'strict') === true && !isStrict(get(format, 'schema')))
    faults.push(
      "text.format.schema: with strict, 'additionalProperties' has to be false and 'required' has to have every property.",
    );
  const metadata = get(body, 'metadata');
  const pairs = isObject(metadata) ? Object.entries(metadata) : [];
  if (pairs.length > MOST_PAIRS || pairs.some(([key, value]) => key.length > 64 || asString(value).length > 512))
    faults.push('metadata: at most 16 pairs, of at most 64 and 512 characters.');
  return faults;
}

/** What the API refuses besides what its types say. Each rule is one that OpenAI's API enforces with a 400. */

import { asString, get, isObject, type Json } from '../../../core/json.js';
import type { Validate } from '../dialect.js';
import { MOST_FAULTS, settingFaults } from '../openai-settings.js';
import { listIn, numberIn } from '../reading.js';

export function chatRefusals(body: Json | undefined, violations: Validate): string[] {
  if (!isObject(body)) return ['The body is not a JSON object.'];
  const all = violations('openaiChatRequest', body);
  // A value that may be a text or a list fails both ways when a part of the list is wrong: the part says why.
  const isAbove = (pointer: string): boolean => all.some((other) => other.pointer.startsWith(`${pointer}/`));
  const shape = all
    .filter(({ keyword, pointer }) => keyword !== 'type' || !isAbove(pointer))
    .map(({ message }) => `${message}.`);
  return [...shape, ...order(body), ...tools(body), ...settings(body)].slice(0, MOST_FAULTS);
}

/** Longest id of a call. */
const LONGEST_ID = 40;

/** Every call is followed by its result, and every result follows its call. */
function order(body: Json): string[] {
  const faults: string[] = [];
  const messages = listIn(body, 'messages');
  if (messages.length === 0) faults.push("'messages' is empty: at least one message is needed.");
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const role = get(message, 'role');
    if (role === 'tool') {
      const id = asString(get(message, 'tool_call_id'));
      if (!open.includes(id))
        faults.push(
          `messages[${index}]: a message with the role tool must follow a message with tool_calls that has its id (${JSON.stringify(id)}).`,
        );
      open = open.filter((one) => one !== id);
      continue;
    }
    if (open.length > 0)
      faults.push(
        `messages[${index}]: tool_calls must be followed by tool messages for each id; there is none for ${open.join(', ')}.`,
      );
    const calls = role === 'assistant' ? listIn(message, 'tool_calls') : [];
    open = calls.map((call) => asString(get(call, 'id')));
    for (const id of open)
      if (id.length > LONGEST_ID)
        faults.push(
          `messages[${index}].tool_calls: an id has ${id.length} characters, at most ${LONGEST_ID} are allowed.`,
        );
    if (
      role === 'assistant' &&
      calls.length === 0 &&
      (get(message, 'content') ?? null) === null &&
      !get(message, 'refusal')
    )
      faults.push(`messages[${index}]: an assistant message without tool_calls needs content.`);
  }
  if (open.length > 0)
    faults.push(`tool_calls must be followed by tool messages for each id; there is none for ${open.join(', ')}.`);
  return faults;
}

function tools(body: Json): string[] {
  const faults: string[] = [];
  const definitions = listIn(body, 'tools');
  const choice = get(body, 'tool_choice');
  if (Array.isArray(get(body, 'tools')) && definitions.length === 0) faults.push("'tools' is an empty list.");
  if (definitions.length === 0 && choice !== undefined && choice !== null)
    faults.push("'tool_choice' is only allowed when 'tools' are specified.");
  if (definitions.length === 0 && typeof get(body, 'parallel_tool_calls') === 'boolean')
    faults.push("'parallel_tool_calls' is only allowed when 'tools' are specified.");
  const names = definitions.map((tool) => asString(get(tool, 'function', 'name')));
  for (const [index, name] of names.entries()) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      faults.push(`tools[${index}].function.name: ${JSON.stringify(name)} does not match ^[a-zA-Z0-9_-]{1,64}$.`);
    const parameters = get(definitions[index], 'function', 'parameters');
    if (isObject(parameters) && Object.keys(parameters).length > 0 && parameters.type !== 'object')
      faults.push(`tools[${index}].function.parameters: a schema of type "object" is needed.`);
  }
  const chosen = get(choice, 'function', 'name');
  if (typeof chosen === 'string' && !names.includes(chosen))
    faults.push(`tool_choice: the function ${JSON.stringify(chosen)} is not among the tools.`);
  return faults;
}

const MOST_STOPS = 4;

function settings(body: Json): string[] {
  const faults = settingFaults(body, {
    tokens: { max_tokens: 1, max_completion_tokens: 1 },
    ids: ['user', 'safety_identifier'],
  });
  if (numberIn(body, 'max_tokens') !== null && numberIn(body, 'max_completion_tokens') !== null)
    faults.push('max_tokens and max_completion_tokens at the same time are not supported.');
  if (listIn(body, 'stop').length > MOST_STOPS) faults.push(`stop: at most ${MOST_STOPS} sequences are allowed.`);
  return faults;
}

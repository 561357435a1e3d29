/** Tools of requests and tool calls of replies: the views that the families on tools share. */

import { succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import { blocks, placedBlocks } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { finding } from './outcomes.js';

/** Tools that the request declares, in `tools` or in a `tool_addition` block of a later message. */
export function declaredTools(exchange: Exchange): JsonObject[] {
  const tools = get(exchange.sent, 'tools');
  return [...(Array.isArray(tools) ? tools.filter(isObject) : []), ...addedTools(get(exchange.sent, 'messages'))];
}

const addedTools = (messages: unknown): JsonObject[] =>
  Array.isArray(messages)
    ? messages.flatMap((message) =>
        blocks(message, 'tool_addition').flatMap((block) => {
          const definition = get(block, 'tool', 'definition');
          return isObject(definition) ? [definition] : [];
        }),
      )
    : [];

/** Input schema of the declared tool that a call names; `null` when the request does not declare it. */
export function schemaOf(exchange: Exchange, call: JsonObject): JsonObject | null {
  const tool = declaredTools(exchange).find(({ name }) => typeof name === 'string' && name === call.name);
  return isObject(tool?.input_schema) ? tool.input_schema : null;
}

/** Whether a schema has no properties, so that the only sensible input is `{}`. */
export function hasNoParameters(schema: JsonObject | null): boolean {
  return schema !== null && ['properties', 'required', 'anyOf', 'oneOf', 'allOf', '$ref'].every((key) => !schema[key]);
}

/** `type` of the request's tool_choice, `null` without one. */
export const choiceType = (exchange: Exchange): string | null => {
  const type = get(exchange.sent, 'tool_choice', 'type');
  return typeof type === 'string' ? type : null;
};

/** Tool calls that the client has to run. */
export const calls = (message: unknown): JsonObject[] => blocks(message, 'tool_use');

/** The message of a reply with such a call, streamed or not; a view for `each`. */
export const messageWithToolUse = (exchange: Exchange): JsonObject | null =>
  succeeded(exchange) && calls(exchange.message).length > 0 ? exchange.message : null;

/** The same without streams, which have requirements of their own. */
export const jsonMessageWithToolUse = (exchange: Exchange): JsonObject | null =>
  exchange.stream === null ? messageWithToolUse(exchange) : null;

/** Stop reasons of replies that may end anywhere. */
export const TRUNCATED = ['max_tokens', 'model_context_window_exceeded', 'refusal'];

/** Whether the reply ended before the model was finished. */
export const wasTruncated = (message: unknown): boolean => TRUNCATED.includes(asString(get(message, 'stop_reason')));

export const NO_CALLS = 'No reply of this run contains a tool call';

/** Place of a block in a reply, for findings. For a stream it points into the message that the events build. */
export const blockPointer = (message: JsonObject, block: JsonObject, key = ''): { pointer: string } => ({
  pointer: `/content/${(message.content as unknown[]).indexOf(block)}${key}`,
});

/** Keys of `required` that an input lacks, and properties whose value has another JSON type than the schema declares. */
export function schemaMismatches(schema: JsonObject, input: JsonObject): string[] {
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const missing = required.filter((key) => !Object.hasOwn(input, key)).map((key) => `\`${key}\` is missing`);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const wrong = Object.entries(properties).flatMap(([key, property]) => {
    const types = [get(property, 'type') ?? []].flat().map(String);
    if (!Object.hasOwn(input, key) || types.length === 0) return [];
    return types.some((type) => isOfType(input[key], type)) ? [] : [`\`${key}\` is ${quote(input[key])}`];
  });
  return [...missing, ...wrong];
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'null':
      return value === null;
    default:
      // string, number and boolean have the same name in JavaScript. A type that JSON Schema does not have matches nothing.
      return typeof value === type;
  }
}

const OUTCOMES = [
  'violated',
  'rejected',
  'deviates',
  'unreachable',
  'inconclusive',
  'not-observed',
  'satisfied',
] as const;

/** The worst judgement, with the findings of all judgements of that outcome. */
export function worst(...judgements: Judgement[]): Judgement {
  const outcome = OUTCOMES.find((name) => judgements.some((one) => one.outcome === name));
  const first = judgements.find((one) => one.outcome === outcome)!;
  if (first.outcome !== 'violated' && first.outcome !== 'rejected') return first;
  const same = judgements.filter((one): one is typeof first => one.outcome === outcome);
  const findings: Finding[] = same.flatMap((one) => one.findings);
  const silent = same.some((one) => one.outcome === 'violated' && one.silent);
  return first.outcome === 'violated' ? { ...first, findings, silent } : { ...first, findings };
}

/** A finding about a reply without the tool call that the request forces. */
export function missingCall(exchange: Exchange, expected: string): Finding {
  const others = calls(exchange.message).map(({ name }) => name);
  const place = { pointer: '/content' };
  if (others.length > 0) {
    const fault = 'The reply calls another tool than `tool_choice` names.';
    return finding(exchange, fault, expected, `a call of ${others.map(quote).join(', ')}`, place);
  }
  return finding(
    exchange,
    'No tool call, although `tool_choice` forces one.',
    expected,
    `stop_reason ${quote(get(exchange.message, 'stop_reason'))}, ${quote(get(exchange.message, 'content'))}`,
    place,
  );
}

/** Requests that force a call which the question does not need: a call shows that the choice is applied. */
export const UNNEEDED = ['tool-variants', 'choice-unlikely', 'choice-any-unneeded'] as const;

/** Whether a reply has the call that its request forces: of the named tool, or of any. */
function callsForced({ sent, message }: Exchange): boolean {
  const forced = get(sent, 'tool_choice', 'name');
  return calls(message).some(({ name }) => forced === undefined || name === forced);
}

/** Why a missing forced call proves nothing about its tool: no forced call of the run happens. `null` when one does. */
export function choiceIsDropped(evidence: Evidence): string | null {
  const replies = UNNEEDED.flatMap((id) => evidence.of(id)).filter(
    (exchange) => succeeded(exchange) && exchange.message !== null,
  );
  const isDropped = replies.length > 0 && !replies.some(callsForced);
  return isDropped ? 'Not tested: the target ignores every `tool_choice` that forces a call, see tc.tool' : null;
}

/** A tool call that does not say who makes it is made by the model. There may be new kinds of callers. */
export const callerFaults = (message: JsonObject, exchange: Exchange): Finding[] =>
  placedBlocks(message, 'tool_use').flatMap(({ block: { caller = null }, pointer }) => {
    if (caller === null || typeof get(caller, 'type') === 'string') return [];
    const fault = '`caller` of a tool call does not say what makes the call; clients that read its `type` fail.';
    return [
      finding(exchange, fault, 'null or an object with a `type`', quote(caller), { pointer: `${pointer}/caller` }),
    ];
  });

/** Traits of a request body: members, closed values, order, sizes. */

import { asString, get, isObject, type Json, type JsonObject } from '../../core/json.js';
import type { Trait } from './kinds.js';
import { schemaTraits } from './schema-traits.js';
import { sizeTraits, textTraits } from './text-traits.js';

/** Members whose strings and numbers are a closed set. Booleans always are. */
const CLOSED = new Set([
  'type',
  'role',
  'ttl',
  'effort',
  'keep',
  'media_type',
  'speed',
  'service_tier',
  'display',
  'max_tokens',
  'temperature',
]);

/** Members whose content is the client's own: tool inputs, schemas, results of server tools. */
const OPAQUE = new Set(['input', 'input_schema', 'schema', 'metadata', 'data', 'input_examples']);

/** Members that may be a string or a list of blocks, or an empty list. */
const FORMS = new Set(['content', 'system', 'tools', 'stop_sequences']);

export function bodyTraits(body: JsonObject): Trait[] {
  const messages = list(body.messages);
  const tools = list(body.tools);
  return [
    ...members(body, ''),
    ...orders(messages),
    ...messages.flatMap(blockOrders),
    ...calls(messages, tools),
    ...together(body, tools),
    ...tools.flatMap((tool) => schemaTraits(get(tool, 'input_schema'), 'schema')),
    ...schemaTraits(get(body, 'output_config', 'format', 'schema'), 'format-schema'),
    ...sizeTraits(body),
    ...textTraits(body),
    ...(isJsonText(get(body, 'metadata', 'user_id')) ? (['form metadata.user_id JSON text'] as const) : []),
  ];
}

export const list = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Blocks of a message; a string is one text block. */
export const blocksOf = (content: Json | undefined): JsonObject[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);

/** What an item of a list goes by: its role, its type, or `custom` for a tool without one. */
function label(item: Json, path: string): string {
  const named = get(item, 'role') ?? get(item, 'type');
  if (typeof named === 'string') return named;
  return path === 'tools' ? 'custom' : '';
}

function members(value: Json | undefined, path: string): Trait[] {
  if (Array.isArray(value)) return value.flatMap((item) => members(item, `${path}[${label(item, path)}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]): Trait[] => {
    const place = path === '' ? name : `${path}.${name}`;
    const isLabel = path.endsWith(`[${asString(member)}]`) && (name === 'type' || name === 'role');
    const closed = typeof member === 'boolean' || (CLOSED.has(name) && ['string', 'number'].includes(typeof member));
    return [
      `field ${place}`,
      ...(closed && !isLabel ? [`value ${place}=${member}` as const] : []),
      ...(FORMS.has(name) ? [`form ${place} ${formOf(member)}` as const] : []),
      ...(OPAQUE.has(name) ? [] : members(member, place)),
    ];
  });
}

const formOf = (value: Json | undefined): string =>
  !Array.isArray(value) ? (value === null ? 'null' : typeof value) : value.length === 0 ? 'empty' : 'blocks';

const typeOf = (block: JsonObject | undefined): string => asString(block?.type) || 'nothing';

function orders(messages: readonly JsonObject[]): Trait[] {
  return messages.map((message, index): Trait => {
    const here = `${asString(message.role)} ${typeOf(blocksOf(message.content).at(-1))}`;
    const after = messages[index + 1];
    const next = after === undefined ? 'end' : `${asString(after.role)} ${typeOf(blocksOf(after.content)[0])}`;
    return `order ${here} > ${next}`;
  });
}

function blockOrders({ role, content }: JsonObject): Trait[] {
  const types = blocksOf(content).map(typeOf);
  return types.slice(1).map((type, index): Trait => `blocks ${asString(role)} ${types[index]} > ${type}`);
}

function calls(messages: readonly JsonObject[], tools: readonly JsonObject[]): Trait[] {
  const declared = new Set(tools.map(({ name }) => name));
  return messages.flatMap(({ content }): Trait[] => {
    const made = blocksOf(content).filter(({ type }) => type === 'tool_use');
    return [
      ...(made.length > 1 ? (['call parallel'] as const) : []),
      ...(made.some(({ input }) => isObject(input) && Object.keys(input).length === 0)
        ? (['call empty input'] as const)
        : []),
      ...(declared.size > 0 && made.some(({ name }) => !declared.has(name ?? null))
        ? (['call undeclared tool'] as const)
        : []),
    ];
  });
}

/** Pairs of what gateways often accept one by one only. */
function together(body: JsonObject, tools: readonly JsonObject[]): Trait[] {
  const server = tools.some(({ type }) => typeof type === 'string' && type !== 'custom');
  const found = [
    named('thinking', get(body, 'thinking', 'type')),
    named('effort', get(body, 'output_config', 'effort')),
    named('format', get(body, 'output_config', 'format', 'type')),
    named('tool_choice', get(body, 'tool_choice', 'type')),
    ...list(get(body, 'context_management', 'edits')).map(({ type }) => named('edit', type)),
    named('temperature', body.temperature),
    tools.length > 0 ? (server ? 'server tool' : 'tools') : '',
    body.stream === true ? 'stream' : '',
  ].filter((name) => name !== '');
  return found.flatMap((one, index) => found.slice(index + 1).map((other): Trait => `together ${one}, ${other}`));
}

const named = (name: string, value: Json | undefined): string => (value === undefined ? '' : `${name} ${value}`);

function isJsonText(value: Json | undefined): boolean {
  if (typeof value !== 'string' || !value.startsWith('{')) return false;
  try {
    return isObject(JSON.parse(value));
  } catch {
    return false;
  }
}

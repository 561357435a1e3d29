import { isObject } from '../../core/json.js';
import { readPointer } from '../../core/pointer.js';
import type { Json, JsonObject } from '../wire.js';
import { prose, wantedWords } from './instructions.js';

/** What the values of an input are taken from. */
export interface Hints {
  ask: string;
  /** Proper names in the ask, places first; each call takes the next one. */
  names: readonly string[];
  /** Which of several calls this is, counted from 0. */
  turn: number;
  /** The answer, where the input is a structured answer. */
  fact?: string;
}

const MAX_DEPTH = 12;
/** Values of one input. References make a small schema describe any number of values. */
const MAX_VALUES = 2_000;
/** Characters of all texts of one input. Every value may ask for a long text. */
const MAX_CHARACTERS = 1_000_000;
/** Longer names of properties, and later members of an enumeration, are not looked for in the ask. */
const LONGEST_KEY = 64;
const MOST_OPTIONS = 1_000;
const LONGEST_TEXT = 10_000;

/**
 * An object that fits an input schema, with values from the prompt where it has any. Schemas come from outside: beyond the
 * limits above, values are empty texts.
 */
export function inputFor(schema: JsonObject, hints: Hints): JsonObject {
  const value = valueFor(schema, 'input', startOf(schema, hints, false));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** A structured answer: a value that fits a schema, with every property that the schema names. */
export function valueForSchema(schema: JsonObject, hints: Hints): Json {
  return valueFor(schema, 'answer', startOf(schema, hints, true));
}

function startOf(root: JsonObject, hints: Hints, complete: boolean): Work {
  const left = { values: MAX_VALUES, characters: MAX_CHARACTERS };
  return { hints, root, depth: 0, filled: new Set(), complete, left };
}

interface Work {
  hints: Hints;
  root: JsonObject;
  depth: number;
  /** Values in use, so that two strings do not both become "Paris" while another name is left. */
  filled: Set<string>;
  /** Whether optional properties get values too. */
  complete: boolean;
  /** What the limits leave; the same object for the whole input. */
  left: { values: number; characters: number };
}

function valueFor(schema: Json | undefined, key: string, work: Work): Json {
  work.left.values -= 1;
  if (work.left.values < 0) return '';
  if (!isObject(schema) || work.depth > MAX_DEPTH) return textFor({}, key, work);
  const inner = { ...work, depth: work.depth + 1 };
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return mentioned(schema.enum, work.hints.ask);
  if (typeof schema.$ref === 'string') return valueFor(resolve(schema.$ref, work.root), key, inner);
  for (const name of ['anyOf', 'oneOf'] as const) {
    const choices = schema[name];
    if (Array.isArray(choices)) {
      const { [name]: _, ...base } = schema;
      const choice = choices.find((option) => isObject(option) && option.type !== 'null') ?? choices[0];
      return valueFor(isObject(choice) ? { ...base, ...choice } : choice, key, inner);
    }
  }
  if (Array.isArray(schema.allOf)) return valueFor(merged(schema, schema.allOf, work.root), key, inner);
  switch (typeOf(schema)) {
    case 'object':
      return objectFor(schema, inner);
    case 'array':
      return listFor(schema, key, inner);
    case 'integer':
    case 'number':
      return numberFor(schema, key, work);
    case 'boolean':
      return stated(key, work.hints.ask)?.toLowerCase() !== 'false';
    case 'null':
      return null;
    default:
      return textFor(schema, key, work);
  }
}

function typeOf(schema: JsonObject): string {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return String(type.find((name) => name !== 'null') ?? 'null');
  if (schema.properties || schema.required) return 'object';
  return schema.items ? 'array' : 'string';
}

function resolve(reference: string, root: JsonObject): Json | undefined {
  if (!reference.startsWith('#')) return {};
  try {
    return readPointer(root, decodeURIComponent(reference.slice(1)));
  } catch {
    return undefined;
  }
}

/** A schema and the parts of its `allOf` as one schema. */
function merged({ allOf: _, ...base }: JsonObject, parts: readonly Json[], root: JsonObject): JsonObject {
  const all: JsonObject = { ...base };
  const properties: JsonObject = { ...asObject(base.properties) };
  const required: Json[] = [...asList(base.required)];
  for (const part of parts) {
    const found = isObject(part) && typeof part.$ref === 'string' ? resolve(part.$ref, root) : part;
    if (!isObject(found)) continue;
    Object.assign(all, found);
    Object.assign(properties, asObject(found.properties));
    for (const name of asList(found.required)) required.push(name);
  }
  return { ...all, properties, required };
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** Required properties in the order of the schema, then optional ones that the ask names. */
function objectFor(schema: JsonObject, work: Work): JsonObject {
  const properties = asObject(schema.properties);
  const required = new Set(asList(schema.required).map(String));
  const wanted = Object.keys(properties).filter((name) => required.has(name));
  const named = Object.keys(properties).filter(
    (name) =>
      !required.has(name) && (work.complete || (required.size === 0 ? work.depth === 1 : saysValue(name, work))),
  );
  const entries = [...wanted, ...named].map((name) => [name, valueFor(properties[name], name, work)] as const);
  const undeclared = [...required].filter((name) => !Object.hasOwn(properties, name));
  return Object.fromEntries([...entries, ...undeclared.map((name) => [name, textFor({}, name, work)] as const)]);
}

function saysValue(name: string, { hints, left }: Work): boolean {
  left.values -= 1;
  return left.values >= 0 && stated(name, hints.ask) !== null;
}

/** A pattern for a key: any character stands for those that are neither letters nor digits. `null` for a long key. */
const patternOf = (key: string): string | null =>
  key.length > LONGEST_KEY ? null : key.replace(/[^\p{L}\p{N}_]/gu, '.').replaceAll('_', '[_ ]');

/** The value that the ask gives for a key: `path: notes.txt`, `n = 3`, `title "Hello"`. */
function stated(key: string, ask: string): string | null {
  const name = patternOf(key);
  if (name === null) return null;
  const quoted = new RegExp(
    `\\b${name}\\b["'\`]?\\s*(?:(?:is|=|:|to|of|set to)\\s*)?(["'“\`])([\\s\\S]*?)["'”\`](?=[\\s.,;)}]|$)`,
    'iu',
  ).exec(ask);
  if (quoted) return quoted[2]!;
  const plain = new RegExp(`\\b${name}\\b["'\`]?\\s*(?:=|:)\\s*([^\\s,;)}]*[^\\s.,;:)}?!])`, 'iu').exec(ask);
  return plain ? plain[1]! : null;
}

/** All that follows `text:`, for keys of prose. */
function remainder(key: string, ask: string): string | null {
  const name = patternOf(key);
  if (name === null) return null;
  const rest = new RegExp(`\\b${name}\\s*:([\\s\\S]+)$`, 'iu').exec(ask)?.[1]?.trim();
  return rest && !/^["'`“]/u.test(rest) ? rest : null;
}

function mentioned(options: readonly Json[], ask: string): Json {
  const text = ask.toLowerCase();
  const found = options
    .slice(0, MOST_OPTIONS)
    .find((option) => typeof option === 'string' && option !== '' && text.includes(option.toLowerCase()));
  return found ?? options[0]!;
}

/** The list that the ask gives for a key: `dishes: ["Soup", "Bread"]`. */
function statedList(key: string, ask: string): Json[] | null {
  const name = patternOf(key);
  const list = name === null ? undefined : new RegExp(`\\b${name}\\s*:\\s*(\\[[^\\[\\]]*\\])`, 'iu').exec(ask)?.[1];
  try {
    return list === undefined ? null : (JSON.parse(list) as Json[]);
  } catch {
    return null;
  }
}

function listFor(schema: JsonObject, key: string, work: Work): Json[] {
  const said = statedList(key, work.hints.ask);
  if (said !== null) return said;
  const least = typeof schema.minItems === 'number' ? schema.minItems : 1;
  const most = typeof schema.maxItems === 'number' ? schema.maxItems : 20;
  const tuple = asList(schema.prefixItems);
  const textual = isObject(schema.items) && typeOf(schema.items) === 'string' && !schema.items.enum;
  const natural = textual && work.hints.names.length > 1 ? work.hints.names.length : 1;
  const length = Math.min(Math.max(least, natural, tuple.length), most, 50);
  return Array.from({ length }, (_, index) => {
    const hints = { ...work.hints, turn: work.hints.turn + index };
    return valueFor(tuple[index] ?? schema.items, key, { ...work, hints, filled: new Set() });
  });
}

function numberFor(schema: JsonObject, key: string, work: Work): number {
  const whole = typeOf(schema) === 'integer';
  const fact = Number(work.hints.fact ?? Number.NaN);
  const known = Number.isFinite(fact) && !work.filled.has(String(fact)) ? String(fact) : null;
  const said = known ?? stated(key, work.hints.ask) ?? numberAfter(key, work.hints.ask);
  const numbers = (work.hints.ask.match(/-?\d+(?:\.\d+)?/gu) ?? []).filter((text) => !work.filled.has(text));
  let value = Number(
    said ?? (/^(?:n|i|index|step|round|number|count|page)$/iu.test(key) ? work.hints.turn + 1 : numbers[0]),
  );
  if (!Number.isFinite(value)) value = 1;
  work.filled.add(String(value));
  if (whole) value = Math.trunc(value);
  const least = limit(schema.minimum, schema.exclusiveMinimum, 1);
  const most = limit(schema.maximum, schema.exclusiveMaximum, -1);
  if (least !== null && value < least) value = least;
  if (most !== null && value > most) value = most;
  if (typeof schema.multipleOf === 'number' && schema.multipleOf > 0) {
    value = Math.ceil(value / schema.multipleOf) * schema.multipleOf;
  }
  return value;
}

/** The number after a key: `page 3`. */
function numberAfter(key: string, ask: string): string | null {
  const name = patternOf(key);
  return name === null ? null : (new RegExp(`\\b${name}\\s+(-?\\d+(?:\\.\\d+)?)`, 'iu').exec(ask)?.[1] ?? null);
}

function limit(inclusive: Json | undefined, exclusive: Json | undefined, inward: 1 | -1): number | null {
  if (typeof inclusive === 'number') return inclusive;
  return typeof exclusive === 'number' ? exclusive + inward : null;
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-15',
  time: '12:00:00Z',
  'date-time': '2026-01-15T12:00:00Z',
  duration: 'PT1H',
  email: 'ada@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function textFor(schema: JsonObject, key: string, work: Work): string {
  if (typeof schema.format === 'string' && FORMATS[schema.format]) return FORMATS[schema.format]!;
  let text = said(key, work);
  if (Array.isArray(schema.examples) && typeof schema.examples[0] === 'string' && text === key)
    text = schema.examples[0];
  const least = typeof schema.minLength === 'number' ? Math.min(schema.minLength, LONGEST_TEXT) : 0;
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : Number.POSITIVE_INFINITY;
  const padded = text.padEnd(Math.min(least, work.left.characters), 'x').slice(0, Math.max(0, work.left.characters));
  work.left.characters -= padded.length;
  return padded.length <= most ? padded : [...padded].slice(0, most).join('');
}

const QUOTED = /["“`]([^"“”`]+)["”`]/u;

/** All between the first quotation mark and the last one. */
function quoted(ask: string): string | null {
  const start = ask.search(/["“`]/u);
  const end = Math.max(...['"', '”', '`'].map((mark) => ask.lastIndexOf(mark)));
  return start >= 0 && end > start + 1 ? ask.slice(start + 1, end).trim() : null;
}

function afterColon(ask: string): string | null {
  const at = ask.indexOf(':');
  return at < 0 ? null : ask.slice(at + 1).trim();
}

function said(key: string, work: Work): string {
  const { ask, names, turn } = work.hints;
  const isProse = /content|body|text|message|essay|story/iu.test(key);
  const { fact } = work.hints;
  if (fact !== undefined && !work.filled.has(fact)) {
    work.filled.add(fact);
    return fact;
  }
  const value = (isProse ? remainder(key, ask) : null) ?? stated(key, ask);
  if (value !== null) return value;
  if (isProse) {
    const words = wantedWords(ask);
    if (words !== null) return prose(words);
    return (quoted(ask) ?? afterColon(ask)) || prose(12);
  }
  if (/path|file/iu.test(key)) return /(?:^|\s)(\/?[\w./-]*\.\w{1,5})\b/u.exec(ask)?.[1] ?? 'notes.txt';
  if (/command|cmd/iu.test(key)) return QUOTED.exec(ask)?.[1] ?? 'ls';
  const name = names[turn % Math.max(1, names.length)] ?? null;
  if (name !== null && !work.filled.has(name)) {
    work.filled.add(name);
    return name;
  }
  const first = QUOTED.exec(ask)?.[1];
  if (first) return first;
  if (/query|question|prompt|expression|search/iu.test(key)) return ask.trim().slice(0, 200) || key;
  return names[0] ?? (/city|location|place|town/iu.test(key) ? 'Paris' : key);
}

const NOT_NAMES =
  /^(?:I|The|A|An|Use|Call|What|Which|Who|Weather|Time|Please|Then|And|First|Answer|Reply|Say|Only|Celsius|Fahrenheit|JSON|Do|Get|Tell|Write|Read|If|It|In|For)$/u;

/** Names of places and people in a text, those after a preposition first. */
export function properNames(text: string): string[] {
  const name = "(\\p{Lu}[\\p{L}’'-]+(?: \\p{Lu}[\\p{L}’'-]+)*)";
  const placed = [...text.matchAll(new RegExp(`\\b(?:in|for|at|of|from|to|near|and|,)\\s*${name}`, 'gu'))];
  const others = [...text.matchAll(new RegExp(`(?<=[\\p{L},]\\s)${name}`, 'gu'))];
  const found = [...placed, ...others].map((match) => match[1]!).filter((word) => !NOT_NAMES.test(word));
  return [...new Set(found)];
}

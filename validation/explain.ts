import type { ErrorObject } from 'ajv';
import { escapeKey, keysOf } from '../core/pointer.js';
import { describeValue, EXCERPT_LENGTH, escapeInvisible, excerpt } from './print.js';

/** One way in which a value does not fit its schema. All texts are single lines, short and without control characters. */
export interface Violation {
  /** JSON pointer (RFC 6901) to the value, or to the place of a missing one. Long keys are truncated. */
  pointer: string;
  /** What the schema requires, in words. */
  expected: string;
  /** The value at that place, in words. */
  actual: string;
  /** JSON Schema keyword that was violated. */
  keyword: string;
  /** Pointer, expected and actual as one sentence. */
  message: string;
}

/** The first `most` of Ajv's errors as sentences; `document` is the value that was checked. */
export function explain(errors: readonly ErrorObject[], document: unknown, most: number): Violation[] {
  const found = new Map<string, Violation>();
  const explained = placesOf(errors);
  for (const error of errors) {
    if (isConsequence(error, explained)) continue;
    const violation = toViolation(error, document);
    found.set(`${violation.keyword} ${violation.message}`, violation);
    if (found.size >= most) break;
  }
  return [...found.values()];
}

const UNIONS = ['anyOf', 'oneOf'];

/** Each place of an error and all places above it, by the keyword of a union or `other`. */
function placesOf(errors: readonly ErrorObject[]): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map([...UNIONS, 'other'].map((keyword) => [keyword, new Set<string>()]));
  for (const { keyword, instancePath } of errors) {
    const own = places.get(UNIONS.includes(keyword) ? keyword : 'other')!;
    for (let end = instancePath.length; end >= 0 && !own.has(instancePath.slice(0, end)); ) {
      own.add(instancePath.slice(0, end));
      end = end === 0 ? -1 : instancePath.lastIndexOf('/', end - 1);
    }
  }
  return places;
}

/** Whether an error only repeats that something at its place or below it failed, as `if` and unions do. */
function isConsequence(
  { keyword, instancePath }: ErrorObject,
  places: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  if (keyword === 'if' || keyword === 'propertyNames') return true;
  if (!UNIONS.includes(keyword)) return false;
  return [...places].some(([other, own]) => other !== keyword && own.has(instancePath));
}

function toViolation(error: ErrorObject, document: unknown): Violation {
  const { keyword, instancePath, params } = error;
  const segments = keysOf(instancePath);
  const extra = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty ?? error.propertyName;
  if (typeof extra === 'string') segments.push(extra);
  const pointer = segments.map((segment) => `/${printableSegment(segment)}`).join('');
  const expected = expectation(error);
  const actual = error.propertyName === undefined ? describeValue(valueAt(document, segments)) : 'this name';
  const message = `${pointer || '(root)'}: expected ${expected}, got ${actual}`;
  return { pointer, expected, actual, keyword, message };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

function expectation({ keyword, params }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return alternatives([params.type].flat().map((type: string) => TYPE_WORDS[type] ?? type));
    case 'const':
      return excerpt(params.allowedValue);
    case 'enum':
      return `one of ${listed(params.allowedValues)}`;
    case 'required':
    case 'dependentRequired':
      return 'this required field';
    case 'additionalProperties':
    case 'unevaluatedProperties':
    case 'false schema':
      return 'no field of this name';
    case 'not':
      return 'another value';
    case 'minLength':
      return `at least ${counted(params.limit, 'character')}`;
    case 'maxLength':
      return `at most ${counted(params.limit, 'character')}`;
    case 'minItems':
      return `at least ${counted(params.limit, 'item')}`;
    case 'maxItems':
      return params.limit === 0 ? 'an empty array' : `at most ${counted(params.limit, 'item')}`;
    case 'minProperties':
      return `at least ${counted(params.limit, 'field')}`;
    case 'maxProperties':
      return params.limit === 0 ? 'an empty object' : `at most ${counted(params.limit, 'field')}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `a number ${params.comparison} ${params.limit}`;
    case 'multipleOf':
      return `a multiple of ${params.multipleOf}`;
    case 'pattern':
      return params.pattern === '\\S' ? 'a text that is not blank' : `a text that matches ${params.pattern}`;
    case 'format':
      return FORMAT_WORDS[params.format] ?? `a text in the format "${params.format}"`;
    case 'uniqueItems':
      return `no equal items (items ${params.j} and ${params.i} are)`;
    default:
      return `a value that satisfies "${keyword}"`;
  }
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  'date-time': 'an RFC 3339 date and time',
  uri: 'an absolute URL',
};

function alternatives(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Long lists, such as all types of tools, are truncated; the schema has the rest. */
function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, 12).map(excerpt).join(', ');
  return values.length > 12 ? `${shown} and ${values.length - 12} more` : shown;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function valueAt(document: unknown, segments: readonly string[]): unknown {
  let value = document;
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string, unknown>)[segment];
  }
  return value;
}

function printableSegment(segment: string): string {
  const shown =
    segment.length > EXCERPT_LENGTH ? `${segment.slice(0, EXCERPT_LENGTH).replace(/[\ud800-\udbff]$/, '')}…` : segment;
  const escaped = escapeInvisible(JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"'));
  return escapeKey(escaped);
}

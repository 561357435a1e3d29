import { isObject } from '../core/json.js';
import { readPointer } from '../core/pointer.js';
import { invalid, type Rejection } from './errors.js';
import type { Json, JsonObject, PromptRequest } from './wire.js';

/** Keywords of JSON Schema that constrained decoding does not support. */
const UNSUPPORTED = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'contains',
  'patternProperties',
  'propertyNames',
  'not',
  'if',
  'dependentSchemas',
  'dependentRequired',
];

/** The schema of a structured answer, under its present name or that of the beta. */
export function formatOf(request: PromptRequest): JsonObject | null {
  return request.output_config?.format?.schema ?? request.output_format?.schema ?? null;
}

/**
 * Schemas that structured answers and strict tool inputs may have. Source:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function* structuredReasons(request: PromptRequest, supported: boolean): Iterable<Rejection> {
  const format = formatOf(request);
  if (format) {
    if (!supported) yield invalid('output_config.format: this endpoint does not support structured outputs');
    yield* schemaReasons(format, 'output_config.format.schema');
  }
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (tool.strict !== true || !tool.input_schema) continue;
    if (!supported) yield invalid(`tools.${index}.strict: this endpoint does not support strict tools`);
    yield* schemaReasons(tool.input_schema, `tools.${index}.custom.input_schema`);
  }
}

function* schemaReasons(schema: JsonObject, at: string): Iterable<Rejection> {
  if (isRecursive(schema)) yield invalid(`${at}: Recursive schemas are not supported.`);
  yield* partReasons(schema, at);
}

/** The schemas directly inside a schema, with their paths. */
function inner(schema: JsonObject): [path: string, schema: Json][] {
  const parts: [string, Json][] = [];
  for (const key of ['properties', '$defs', 'definitions']) {
    const value = schema[key];
    if (isObject(value)) for (const [name, part] of Object.entries(value)) parts.push([`${key}.${name}`, part ?? null]);
  }
  for (const key of ['anyOf', 'allOf', 'oneOf', 'prefixItems']) {
    const value = schema[key];
    if (Array.isArray(value)) for (const [index, part] of value.entries()) parts.push([`${key}.${index}`, part]);
  }
  if (isObject(schema.items)) parts.push(['items', schema.items]);
  return parts;
}

function* partReasons(schema: Json, at: string): Iterable<Rejection> {
  if (!isObject(schema)) return;
  const isObjectType = schema.type === 'object' || (Array.isArray(schema.type) && schema.type.includes('object'));
  if (isObjectType && schema.additionalProperties !== false) {
    yield invalid(`${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  }
  for (const keyword of UNSUPPORTED) {
    if (Object.hasOwn(schema, keyword)) yield invalid(`${at}.${keyword}: property '${keyword}' is not supported`);
  }
  if (typeof schema.minItems === 'number' && schema.minItems > 1) {
    yield invalid(`${at}.minItems: only 0 and 1 are supported`);
  }
  if (typeof schema.$ref === 'string' && !schema.$ref.startsWith('#')) {
    yield invalid(`${at}.$ref: external references are not supported`);
  }
  if (Array.isArray(schema.enum) && schema.enum.some((value) => typeof value === 'object' && value !== null)) {
    yield invalid(`${at}.enum: only strings, numbers, booleans and null are supported`);
  }
  for (const [path, part] of inner(schema)) yield* partReasons(part, `${at}.${path}`);
}

/** Whether a reference leads to a schema that it stands in. Visits every referenced schema once. */
function isRecursive(root: JsonObject): boolean {
  const above = new Set<string>();
  const finished = new Set<string>();
  const visit = (schema: Json): boolean => {
    if (!isObject(schema)) return false;
    const { $ref: reference } = schema;
    if (typeof reference === 'string' && !finished.has(reference)) {
      if (reference === '#' || above.has(reference)) return true;
      above.add(reference);
      if (visit(lookUp(reference, root) ?? null)) return true;
      above.delete(reference);
      finished.add(reference);
    }
    return inner(schema).some(([path, part]) => !/^(?:\$defs|definitions)\./.test(path) && visit(part));
  };
  return visit(root);
}

const lookUp = (reference: string, root: JsonObject): Json | undefined =>
  readPointer(root, reference.replace(/^#/, ''));

import { isObject } from '../../core/json.js';
import type { Tool } from '../wire.js';
import { without } from './without.js';

/** A schema, at any depth without these keywords, as converters leave out what another API does not know. */
function stripped(schema: unknown, keywords: readonly string[]): unknown {
  if (Array.isArray(schema)) return schema.map((one) => stripped(one, keywords));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(without(schema, ...keywords)).map(([key, value]) => [key, stripped(value, keywords)]),
  );
}

/** A tool whose `input_schema` has none of these keywords. */
export const withoutKeywords =
  (...keywords: string[]) =>
  (tool: Tool): object =>
    tool.input_schema === undefined ? tool : { ...tool, input_schema: stripped(tool.input_schema, keywords) };

/** Keywords of JSON schemas, wherever they stand. */

import { isObject, type Json } from '../../core/json.js';
import type { Trait } from './kinds.js';

/** Keywords whose members are names of the schema's author. */
const NAMED = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas']);
/** Keywords whose value is data, not a schema. */
const DATA = new Set(['enum', 'const', 'default', 'examples', 'required']);

export function schemaTraits(schema: Json | undefined, kind: 'schema' | 'format-schema'): Trait[] {
  if (Array.isArray(schema)) return schema.flatMap((item) => schemaTraits(item, kind));
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]): Trait[] => [
    `${kind} ${keyword}${detail(keyword, value)}`,
    ...(NAMED.has(keyword) && isObject(value)
      ? Object.values(value).flatMap((item) => schemaTraits(item, kind))
      : DATA.has(keyword)
        ? []
        : schemaTraits(value, kind)),
  ]);
}

function detail(keyword: string, value: Json | undefined): string {
  if (keyword === 'type' || keyword === 'format') return ` ${Array.isArray(value) ? 'list' : value}`;
  if (keyword === 'additionalProperties') return typeof value === 'boolean' ? ` ${value}` : ' schema';
  if (keyword === 'default' || keyword === 'const') return ` ${value === null ? 'null' : typeof value}`;
  if (keyword === 'properties') return isObject(value) && Object.keys(value).length === 0 ? ' none' : '';
  return '';
}

/**
 * The only place where schemas are compiled. The runner checks with it what a target sends, the reference endpoint what a
 * client sends. Importing it costs nothing: validators are loaded when they are first asked for.
 */
import { explain, type Violation } from './explain.js';
import type { SchemaName } from './names.js';
import { validator } from './validators.js';

export type { Violation } from './explain.js';
export { SCHEMA_NAMES, type SchemaName } from './names.js';

/** Most violations that one call reports. */
export const MAX_VIOLATIONS = 50;

/** A larger value is reported with its first violation only: a list of all could outgrow the value itself. */
const MAX_NODES_TO_LIST = 10_000;

/**
 * Checks a value against a schema. The empty list means that it fits. Never throws for what the value holds; throws when
 * the schema file is missing or broken, which is our own fault.
 */
export function violations(schema: SchemaName, value: unknown): Violation[] {
  const check = validator(schema, hasMoreNodesThan(MAX_NODES_TO_LIST, value) ? 'first' : 'all');
  if (check(value)) return [];
  return explain(check.errors ?? [], value).slice(0, MAX_VIOLATIONS);
}

function hasMoreNodesThan(limit: number, value: unknown): boolean {
  const open = [value];
  for (let seen = 0; open.length > 0; seen += 1) {
    if (seen + open.length > limit) return true;
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    for (const key in node) {
      if (open.length > limit) return true;
      open.push((node as Record<string, unknown>)[key]);
    }
  }
  return false;
}

/**
 * The only place that compiles schemas. The runner validates what a target sends, the reference endpoint what a client sends.
 * Importing it is cheap: a validator is loaded when it is first needed.
 */
import { explain, type Violation } from './explain.js';
import type { SchemaName } from './names.js';
import { validator } from './validators.js';

export type { Violation } from './explain.js';
export { SCHEMA_NAMES, type SchemaName } from './names.js';

/** Most violations of one call. */
export const MAX_VIOLATIONS = 50;

/** For a larger value only the first violation is reported: the list of all could outgrow the value. */
const MAX_NODES_TO_LIST = 10_000;

/**
 * Validates a value against a schema; the list is empty for a valid value. Never throws because of the value. Throws when
 * the schema file is missing or broken, which is a fault of this package.
 */
export function violations(schema: SchemaName, value: unknown): Violation[] {
  const check = validator(schema, hasMoreNodesThan(MAX_NODES_TO_LIST, value) ? 'first' : 'all');
  if (check(value)) return [];
  return explain(check.errors ?? [], value, MAX_VIOLATIONS);
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

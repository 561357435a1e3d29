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
  if (typeof value !== 'object' || value === null) return false;
  const open: object[] = [value];
  let seen = 1;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const key in node) {
      seen += 1;
      if (seen > limit) return true;
      const member = (node as Record<string, unknown>)[key];
      if (typeof member === 'object' && member !== null) open.push(member);
    }
  }
  return false;
}

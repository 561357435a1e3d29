import type { JsonObject } from '../wire.js';

/** A copy without some of its members. */
export function without(value: object, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

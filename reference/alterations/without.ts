import type { JsonObject } from '../wire.js';

/** A copy without some of its members. */
export function without(value: object, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** A copy without members whose value is 0, false, null or empty text, as code does that tests values as conditions. */
export function withoutFalsy(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => Boolean(one)));
}

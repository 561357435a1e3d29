/** JSON pointers (RFC 6901). */

import type { Json, JsonObject } from './json.js';

/** A key, escaped as one part of a pointer. */
export const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The key that one part of a pointer stands for. */
export const unescapeKey = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The keys of a pointer, outermost first; empty for the whole document. */
export const keysOf = (pointer: string): string[] => pointer.split('/').slice(1).map(unescapeKey);

/** The value at a pointer; `undefined` when it does not exist. Reads own properties only, because keys may be hostile. */
export function readPointer(value: Json | undefined, pointer: string): Json | undefined {
  let current = value;
  for (const key of keysOf(pointer)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as JsonObject)[key];
  }
  return current;
}

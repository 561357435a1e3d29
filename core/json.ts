/** JSON as received, and how to read it: own properties only, because keys and values may be hostile. */

/** Any JSON value as received. Objects may have hostile keys such as `__proto__`; read them with `get`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a finding quotes it: JSON, one line, at most 160 characters. */
export function quote(value: unknown): string {
  try {
    return clip(value === undefined ? 'missing' : JSON.stringify(value));
  } catch {
    return 'a value nested too deeply to print';
  }
}

/** A text of at most `limit` characters; a longer one ends in an ellipsis. */
export function clip(text: string, limit = 160): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** The value at a path of keys and indices; `undefined` when it does not exist. Reads own properties only. */
export function get(value: unknown, ...path: (string | number)[]): Json | undefined {
  let current: unknown = value;
  // By index: `for … of` makes an object for each step, a fiftieth of all garbage of a run in this one place.
  for (let index = 0; index < path.length; index += 1) {
    const key = path[index]!;
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current as Json | undefined;
}

/** A string as it is, anything else as the empty string. Never calls `toString`, which may come from the target. */
export const asString = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A value as `Number` converts it. Arrays and objects are `NaN`: their `toString` and `valueOf` may come from the target. */
export const toNumber = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Number.NaN : Number(value);

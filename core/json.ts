/** JSON as it came over the wire, and how to read it: own properties alone, since keys and values may be hostile. */

/** Any JSON value that came over the wire. Objects may hold hostile keys; read them with `Object.hasOwn` in mind. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as it is quoted in a finding: JSON, one line, at most 160 characters. */
export function quote(value: unknown): string {
  try {
    return clip(value === undefined ? 'nothing' : JSON.stringify(value));
  } catch {
    return 'a value nested too deeply to print';
  }
}

export function clip(text: string, limit = 160): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** Own property of a JSON object; hostile keys such as `__proto__` read as data. */
export function get(value: unknown, ...path: (string | number)[]): Json | undefined {
  let current: unknown = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current as Json | undefined;
}

/** A value that should be a string, as one; anything else is the empty string. Never converts: `toString` may be the target's. */
export const asString = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A value as `Number` reads it, but for arrays and objects, which are none: their `toString` and `valueOf` may be the target's. */
export const toNumber = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Number.NaN : Number(value);

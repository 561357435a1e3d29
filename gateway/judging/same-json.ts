import { createPatch } from 'rfc6902';
import { get, type Json, quote } from '../../core/json.js';

/** Whether two JSON values are equal; the order of the keys of an object does not count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    );
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/** One place at which two JSON values differ. */
export interface Difference {
  /** What has to be done to the expected value to make it the actual one. */
  op: string;
  /** The keys that lead there. */
  keys: readonly string[];
  /** The values at that place in words; `not there` without one. */
  expected: string;
  actual: string;
}

/** The first difference between two values; `null` when there is none. */
export function firstDifference(expected: Json, actual: Json): Difference | null {
  if (sameJson(expected, actual)) return null;
  const [first] = createPatch(expected, actual);
  if (first === undefined) return null;
  const keys = first.path.split('/').slice(1).map(unescaped);
  return { op: first.op, keys, expected: shownValue(get(expected, ...keys)), actual: shownValue(get(actual, ...keys)) };
}

const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

export const shownValue = (value: Json | undefined): string => (value === undefined ? 'not there' : quote(value));

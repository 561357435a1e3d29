import { applyPatch } from 'rfc6902';

/** Marks a field that is to be taken out. */
export const ABSENT = Symbol('absent');

/** A copy of a JSON document, without shared parts, with one value replaced, added or, with `ABSENT`, taken out. */
export function changed<Document>(document: Document, pointer: string, value: unknown): Document {
  const copy = JSON.parse(JSON.stringify({ root: document })) as { root: Document };
  const path = `/root${pointer}`;
  const [failure] = applyPatch(copy, [value === ABSENT ? { op: 'remove', path } : { op: 'add', path, value }]);
  if (failure) throw failure;
  return copy.root;
}

/** Pointers of all objects inside a value, its root included, down to places whose pointer matches `stop`. */
export function objectPointers(value: unknown, stop = /^$(?!)/, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null || stop.test(pointer)) return [];
  const below = Object.entries(value).flatMap(([key, member]) => objectPointers(member, stop, `${pointer}/${key}`));
  return Array.isArray(value) ? below : [pointer, ...below];
}

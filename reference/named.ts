import { closest } from 'fastest-levenshtein';

/** Finds an item by its id. Throws a `TypeError` that names the nearest id where there is none. */
export function findById<Item extends { id: string }>(items: readonly Item[], kind: string, id: string): Item {
  const item = items.find((known) => known.id === id);
  if (item) return item;
  const ids = items.map((known) => known.id);
  throw new TypeError(`${kind}s: there is no ${kind} "${id}"; the nearest is "${closest(id, ids)}"`);
}

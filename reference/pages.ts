import { invalid, isRejection, type Rejection } from './errors.js';

/** A page of the list of models or batches. */
export interface Page<Item> {
  data: Item[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** `limit` of a list: 1 to 1000, by default 20. */
export function readLimit(query: URLSearchParams): number | Rejection {
  const text = query.get('limit');
  if (text === null) return 20;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 1000) return limit;
  return invalid(`limit: Input should be an integer from 1 to 1000, got "${text.slice(0, 20)}"`);
}

/** The part of a list that `limit`, `after_id` and `before_id` ask for. Source: the official client's pagination. */
export function toPage<Item extends { id: string }>(
  items: readonly Item[],
  query: URLSearchParams,
): Page<Item> | Rejection {
  const limit = readLimit(query);
  if (isRejection(limit)) return limit;
  const [after, before] = [query.get('after_id'), query.get('before_id')];
  if (after !== null && before !== null) return invalid('before_id: may not be combined with after_id');
  const cursor = after ?? before;
  const at = cursor === null ? -1 : items.findIndex((item) => item.id === cursor);
  if (cursor !== null && at < 0) {
    return invalid(`${after === null ? 'before_id' : 'after_id'}: no item has the id "${cursor.slice(0, 80)}"`);
  }
  const candidates = before === null ? items.slice(at + 1) : items.slice(0, at);
  const data = before === null ? candidates.slice(0, limit) : candidates.slice(-limit);
  return {
    data,
    has_more: candidates.length > data.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** Why requirements were not judged, each reason once. */

import type { Verdict } from '../core/protocol.js';

/** A reason, and what has it. */
export interface SharedReason<Item> {
  /** The reason; where it names another exchange each time, the first of them, and how many others. */
  text: string;
  /** The longest part of it that is the same everywhere: what a reader can search for. */
  common: string;
  items: Item[];
}

/** Ids of exchanges, as in `Not tested: minimal/stream is incomplete`. */
const EXCHANGE = /(?<![a-z0-9-])[a-z0-9-]{1,80}\/(?:json|stream)(?:\.\d{1,3})?(?:#\d{1,3})?/g;

/** Reasons that differ only in the exchanges that they name are the same. The most frequent one comes first. */
export function sharedReasons<Item extends { reason: string }>(items: readonly Item[]): SharedReason<Item>[] {
  const groups = new Map<string, { items: Item[]; named: Set<string> }>();
  for (const item of items) {
    const key = item.reason.replace(EXCHANGE, '\u0000');
    const group = groups.get(key) ?? { items: [], named: new Set() };
    group.items.push(item);
    for (const id of item.reason.match(EXCHANGE) ?? []) group.named.add(id);
    groups.set(key, group);
  }
  return [...groups]
    .sort(([, a], [, b]) => b.items.length - a.items.length)
    .map(([key, group]) => ({ text: textOf(group), common: longest(key.split('\u0000')), items: group.items }));
}

/**
 * The same for each verdict, in the order of `verdicts`; the most frequent one of all comes first.
 *
 * @param verdicts Others are left out. Default: all, as they first appear.
 */
export const reasonsByVerdict = <Item extends { verdict: Verdict; reason: string }>(
  items: readonly Item[],
  verdicts: readonly Verdict[] = [...new Set(items.map(({ verdict }) => verdict))],
): (SharedReason<Item> & { verdict: Verdict })[] =>
  verdicts
    .flatMap((verdict) =>
      sharedReasons(items.filter((item) => item.verdict === verdict)).map((shared) => ({ verdict, ...shared })),
    )
    .sort((a, b) => b.items.length - a.items.length);

function textOf({ items, named }: { items: readonly { reason: string }[]; named: ReadonlySet<string> }): string {
  const [{ reason }] = items as [{ reason: string }];
  if (items.every((item) => item.reason === reason)) return reason;
  const ids = reason.match(EXCHANGE) ?? [];
  const others = named.size - ids.length;
  return reason.replace(ids[0]!, (id) => `${id} (or ${others === 1 ? 'one other' : `one of ${others} others`})`);
}

const longest = (parts: readonly string[]): string =>
  parts.reduce((a, b) => (b.trim().length > a.length ? b.trim() : a), '');

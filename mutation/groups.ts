/** Runs groups of conformant variants, and finds out whose a problem is. */

import pLimit from 'p-limit';

/** What came of one run with a group of variants. */
export interface GroupTrial<V> {
  group: readonly V[];
  /** One sentence each: false alarms, variants without effect. Empty: as it has to be. */
  problems: readonly string[];
}

export const nameOf = (group: readonly { id: string }[]): string => group.map(({ id }) => id).join(' + ');

/** Some runs wait more than they compute. */
const CONCURRENCY = 3;

/**
 * Groups side by side, in their order, each with all its members at once. A group with problems is tried member by member, which shows
 * whose they are, and all of that once more: a machine may be busy. `problemsOf` also gets the index of the group.
 */
export function proveGroups<V>(
  groups: readonly (readonly V[])[],
  problemsOf: (group: readonly V[], index: number) => Promise<string[]>,
): Promise<GroupTrial<V>[]> {
  const once = async (group: readonly V[], index: number): Promise<GroupTrial<V>> => {
    const problems = await problemsOf(group, index);
    if (problems.length === 0 || group.length === 1) return { group, problems };
    const alone: string[] = [];
    for (const variant of group) alone.push(...(await problemsOf([variant], index)));
    return { group, problems: [...problems, ...alone] };
  };
  const attempt = async (group: readonly V[], index: number): Promise<GroupTrial<V>> => {
    const trial = await once(group, index);
    return trial.problems.length === 0 ? trial : once(group, index);
  };
  const limit = pLimit(CONCURRENCY);
  return Promise.all(groups.map((group, index) => limit(attempt, group, index)));
}

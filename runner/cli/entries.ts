import type { Requirement, Suite } from '../../core/requirement.js';

const FIELDS = ['id', 'level', 'profile', 'statement', 'source', 'fixtures', 'editions', 'onRequest'] as const;

/** What `list` shows of a requirement: all that is data, and the name of its suite. */
export type Entry = Pick<Requirement, (typeof FIELDS)[number]> & { suite: string };

export const entriesOf = (suites: readonly Suite[]): Entry[] =>
  suites.flatMap(({ name, requirements }) =>
    requirements.map((requirement) => {
      const shown = FIELDS.flatMap((field) => (requirement[field] === undefined ? [] : [[field, requirement[field]]]));
      return { ...(Object.fromEntries(shown) as Omit<Entry, 'suite'>), suite: name };
    }),
  );

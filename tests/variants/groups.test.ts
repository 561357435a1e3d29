import { describe, expect, it } from 'vitest';
import { nameOf, proveGroups } from '../../mutation/groups.js';
import { GROUPS } from '../../mutation/variants/groups.js';
import { proveVariants, variantProblems } from '../../mutation/variants/prove.js';
import type { Variant } from '../../reference/variants/index.js';

/** Every so many-th group; `npm run proof -- --check` runs all of them. */
const EVERY = 30;

const named = GROUPS.filter((_, index) => index % EVERY === 0).map((group) => [nameOf(group), group] as const);

it.concurrent.each(named)('%s raise no false alarm', async (_name, group) => {
  expect(await proveVariants([group])).toEqual([{ group, problems: [] }]);
});

it('tells a false alarm, and a step of a variant that does nothing', async () => {
  const numbered: Variant = {
    id: 'numbered',
    title: '',
    source: [],
    alters: { message: (message) => ({ ...message, model: 7 as never }), json: (body) => body },
  };
  const problems = await variantProblems([numbered]);
  expect(problems).toContainEqual(expect.stringMatching(/^numbered: fail resp/));
  expect(problems).toContainEqual('numbered: its step json changed nothing');
});

describe('a group with a problem', () => {
  it('is tried member by member', async () => {
    const problemsOf = async (group: readonly string[]) =>
      group.filter((one) => one.startsWith('bad')).map((one) => `${group.join(' + ')}: ${one} fails`);
    expect(await proveGroups([['a', 'b'], ['c', 'bad', 'd'], ['bad alone']], problemsOf)).toEqual([
      { group: ['a', 'b'], problems: [] },
      { group: ['c', 'bad', 'd'], problems: ['c + bad + d: bad fails', 'bad: bad fails'] },
      { group: ['bad alone'], problems: ['bad alone: bad alone fails'] },
    ]);
  });

  it('is tried once more, since a machine may be busy', async () => {
    const asked: string[] = [];
    const problemsOf = async (group: readonly string[], index: number) => {
      asked.push(`${group.join('')} ${index}`);
      return asked.length === 2 ? ['slow'] : [];
    };
    expect(await proveGroups([['a'], ['b', 'c']], problemsOf)).toEqual([
      { group: ['a'], problems: [] },
      { group: ['b', 'c'], problems: [] },
    ]);
    expect(asked).toEqual(['a 0', 'bc 1', 'b 1', 'c 1', 'bc 1']);
  });
});

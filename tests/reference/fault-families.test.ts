import { describe, expect, it } from 'vitest';
import { FAULT_FAMILIES } from '../../reference/faults/index.js';
import { SUITES } from '../../suites/index.js';

const suiteOf = new Map(SUITES.flatMap(({ name, requirements }) => requirements.map(({ id }) => [id, name])));

describe('families of faults', () => {
  it('have the names of suites, in the order of the catalogue', () => {
    const names = FAULT_FAMILIES.map(({ name }) => name);
    expect(names).toEqual(SUITES.map(({ name }) => name).filter((name) => names.includes(name)));
  });

  it.each(FAULT_FAMILIES.map(({ name, faults }) => [name, faults] as const))(
    'hold what their suite catches first: %s',
    (name, faults) => {
      const misplaced = faults.filter(({ caughtBy: [first] }) => first !== undefined && suiteOf.get(first) !== name);
      expect(misplaced.map(({ id }) => id)).toEqual([]);
    },
  );
});

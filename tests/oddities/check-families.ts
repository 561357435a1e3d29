import { describe, expect, it } from 'vitest';
import { ODDITY_FAMILIES, type Oddity } from '../../reference/oddities/index.js';
import type { Result } from '../../reporters/report.js';
import type { Profile } from '../../suites/vocabulary.js';
import { runOddity } from './run-oddity.js';

/** Less would mean that the oddity kept the suite from looking. */
const LEAST_EXECUTED = 100;
/** Nothing can be judged of a target that only asks to wait. */
const UNKNOWABLE = ['limits-everything'];

/** The hook that remembers what was asked, and hands it on as it is. */
const WATCHING = 'prompt';

/** One test for each oddity: a run of these profiles says nothing against the endpoint but what the oddity declares. */
export function checkFamilies(names: readonly string[], profiles?: readonly Profile[]): void {
  const families = ODDITY_FAMILIES.filter(({ name }) => names.includes(name));
  describe.concurrent.each(families)('$name: $title', ({ oddities }) => {
    it.each(oddities)('$id: $title', (oddity) => check(oddity, profiles));
  });
}

async function check(oddity: Oddity, profiles?: readonly Profile[]): Promise<void> {
  const { report, asked, changed } = await runOddity(oddity, profiles);
  const hooks = Object.keys(oddity.alters ?? {});
  expect([...asked].sort(), 'every part of it was asked').toEqual(hooks.sort());
  expect([...changed].sort(), 'and had an effect').toEqual(hooks.filter((hook) => hook !== WATCHING).sort());
  if (!UNKNOWABLE.includes(oddity.id)) expect(report.summary.executed).toBeGreaterThanOrEqual(LEAST_EXECUTED);
  expect(report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error').map(inWords)).toEqual([]);
  const warned = report.results.filter(({ verdict }) => verdict === 'warn');
  expect(warned.map(({ id }) => id).sort(), warned.map(inWords).join('\n')).toEqual(
    Object.keys(oddity.warns ?? {}).sort(),
  );
}

const inWords = ({ id, verdict, reason, findings }: Result): string =>
  `${verdict} ${id}: ${reason} ${findings.map(({ exchange, actual }) => `${exchange} ${actual}`).join(' | ')}`;

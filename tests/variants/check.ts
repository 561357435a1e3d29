import { expect, it } from 'vitest';
import type { Result } from '../../core/report.js';
import type { Variant } from '../../reference/variants/index.js';
import { runVariants } from './run-variants.js';

/** Less would mean that the variants kept the suite from looking. */
const LEAST_EXECUTED = 100;
/** Nothing can be judged of a target that only asks to wait. */
const UNKNOWABLE = ['limits-everything'];

/** The hook that remembers what was asked, and hands it on as it is. */
const WATCHING = 'prompt';

/** One test for each group: a run reports nothing about the endpoint but what its variants declare. */
export function checkGroups(groups: readonly (readonly Variant[])[]): void {
  const named = groups.map((group) => [group.map(({ id }) => id).join(' + '), group] as const);
  it.concurrent.each(named)('%s', async (_name, group) => {
    try {
      await check(group);
    } catch (error) {
      // Which of them it is; if it is none of them alone, it is what they do together.
      if (group.length > 1) for (const variant of group) await check([variant]);
      throw error;
    }
  });
}

async function check(group: readonly Variant[]): Promise<void> {
  const name = group.map(({ id }) => id).join(' + ');
  const { report, asked, changed } = await runVariants(group);
  const steps = group.flatMap(({ alters = {} }) => Object.keys(alters)).sort();
  expect([...asked].sort(), `${name}: every step of it was asked`).toEqual(steps);
  expect([...changed].sort(), `${name}: and had an effect`).toEqual(steps.filter((step) => step !== WATCHING));
  if (!group.some(({ id }) => UNKNOWABLE.includes(id)))
    expect(report.summary.executed, name).toBeGreaterThanOrEqual(LEAST_EXECUTED);
  const failed = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
  expect(failed.map(inWords), name).toEqual([]);
  const warned = report.results.filter(({ verdict }) => verdict === 'warn');
  expect(warned.map(({ id }) => id).sort(), `${name}: ${warned.map(inWords).join('\n')}`).toEqual(
    group.flatMap(({ warns = {} }) => Object.keys(warns)).sort(),
  );
}

const inWords = ({ id, verdict, reason, findings }: Result): string =>
  `${verdict} ${id}: ${reason} ${findings.map(({ exchange, actual }) => `${exchange} ${actual}`).join(' | ')}`;

/** Judges the reference endpoint with its conformant variants: nothing may fail, and each variant has to have an effect. */

import type { Result } from '../../core/report.js';
import type { Variant } from '../../reference/variants/index.js';
import { type GroupTrial, nameOf, proveGroups } from '../groups.js';
import { GROUPS, UNKNOWABLE } from './groups.js';
import { runVariants } from './run.js';

/** Less would mean that the variants kept the suite from looking. */
const LEAST_EXECUTED = 100;
/** The hook that remembers what was asked, and hands it on as it is. */
const WATCHING = 'prompt';

/** One run for each group. */
export const proveVariants = (groups: readonly (readonly Variant[])[] = GROUPS): Promise<GroupTrial<Variant>[]> =>
  proveGroups(groups, variantProblems);

/** What one run with these variants shows, one sentence each. */
export async function variantProblems(group: readonly Variant[]): Promise<string[]> {
  const { report, asked, changed } = await runVariants(group);
  const steps = group.flatMap(({ alters = {} }) => Object.keys(alters));
  const silent = steps.filter((step) => !asked.has(step));
  const idle = steps.filter((step) => step !== WATCHING && !changed.has(step));
  const isUnknowable = group.some(({ id }) => UNKNOWABLE.includes(id));
  const { executed } = report.summary;
  const failed = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
  const warned = report.results.filter(({ verdict }) => verdict === 'warn');
  const announced = new Set(group.flatMap(({ warns = {} }) => Object.keys(warns)));
  return [
    ...silent.map((step) => `its step ${step} was never asked`),
    ...idle.map((step) => `its step ${step} changed nothing`),
    ...(executed < LEAST_EXECUTED && !isUnknowable ? [`only ${executed} requirements were executed`] : []),
    ...failed.map(inWords),
    ...warned.filter(({ id }) => !announced.has(id)).map(inWords),
    ...[...announced].filter((id) => !warned.some((result) => result.id === id)).map((id) => `no warn of ${id}`),
  ].map((problem) => `${nameOf(group)}: ${problem}`);
}

const inWords = ({ id, verdict, reason, findings }: Result): string =>
  `${verdict} ${id}: ${reason} ${findings.map(({ exchange, actual }) => `${exchange} ${actual}`).join(' | ')}`;

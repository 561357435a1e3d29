/** Judges the reference endpoint with its conformant variants: nothing may fail, and each variant has to have an effect. */

import pLimit from 'p-limit';
import type { Result } from '../../core/report.js';
import type { Variant } from '../../reference/variants/index.js';
import { GROUPS, UNKNOWABLE } from './groups.js';
import { runVariants } from './run.js';

/** Less would mean that the variants kept the suite from looking. */
const LEAST_EXECUTED = 100;
/** The hook that remembers what was asked, and hands it on as it is. */
const WATCHING = 'prompt';
/** Some runs wait more than they compute. */
const CONCURRENCY = 3;

/** What came of one run with a group of variants. */
export interface VariantTrial {
  group: readonly Variant[];
  /** One sentence each: false alarms, variants without effect. Empty: as it has to be. */
  problems: readonly string[];
}

export const nameOf = (group: readonly Variant[]): string => group.map(({ id }) => id).join(' + ');

/** One run with all variants of the group. A group with problems is tried variant by variant, which shows whose they are. */
async function tryVariants(group: readonly Variant[]): Promise<VariantTrial> {
  const problems = await problemsOf(group);
  if (problems.length === 0 || group.length === 1) return { group, problems };
  const alone: string[] = [];
  for (const variant of group) alone.push(...(await problemsOf([variant])));
  return { group, problems: [...problems, ...alone] };
}

/** Groups of variants side by side, in their order. One with problems is tried once more: a machine may be busy. */
export function proveVariants(groups: readonly (readonly Variant[])[] = GROUPS): Promise<VariantTrial[]> {
  const limit = pLimit(CONCURRENCY);
  const attempt = async (group: readonly Variant[]): Promise<VariantTrial> => {
    const trial = await tryVariants(group);
    return trial.problems.length === 0 ? trial : tryVariants(group);
  };
  return Promise.all(groups.map((group) => limit(attempt, group)));
}

async function problemsOf(group: readonly Variant[]): Promise<string[]> {
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

import { describe, expect, it } from 'vitest';
import type { Profile } from '../../core/protocol.js';
import type { Result } from '../../core/report.js';
import { VARIANT_FAMILIES, type Variant } from '../../reference/variants/index.js';
import { runVariant } from './run-variant.js';

/** Less would mean that the variant kept the suite from looking. */
const LEAST_EXECUTED = 100;
/** Nothing can be judged of a target that only asks to wait. */
const UNKNOWABLE = ['limits-everything'];

/** The hook that remembers what was asked, and hands it on as it is. */
const WATCHING = 'prompt';

/** One test for each variant: a run of these profiles says nothing against the endpoint but what the variant declares. */
export function checkFamilies(names: readonly string[], profiles?: readonly Profile[]): void {
  const families = VARIANT_FAMILIES.filter(({ name }) => names.includes(name));
  describe.concurrent.each(families)('$name: $title', ({ variants }) => {
    it.each(variants)('$id: $title', (variant) => check(variant, profiles));
  });
}

async function check(variant: Variant, profiles?: readonly Profile[]): Promise<void> {
  const { report, asked, changed } = await runVariant(variant, profiles);
  const hooks = Object.keys(variant.alters ?? {});
  expect([...asked].sort(), 'every part of it was asked').toEqual(hooks.sort());
  expect([...changed].sort(), 'and had an effect').toEqual(hooks.filter((hook) => hook !== WATCHING).sort());
  if (!UNKNOWABLE.includes(variant.id)) expect(report.summary.executed).toBeGreaterThanOrEqual(LEAST_EXECUTED);
  expect(report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error').map(inWords)).toEqual([]);
  const warned = report.results.filter(({ verdict }) => verdict === 'warn');
  expect(warned.map(({ id }) => id).sort(), warned.map(inWords).join('\n')).toEqual(
    Object.keys(variant.warns ?? {}).sort(),
  );
}

const inWords = ({ id, verdict, reason, findings }: Result): string =>
  `${verdict} ${id}: ${reason} ${findings.map(({ exchange, actual }) => `${exchange} ${actual}`).join(' | ')}`;

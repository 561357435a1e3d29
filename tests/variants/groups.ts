/** Which variants run together, and which alone. */

import { VARIANT_FAMILIES, type Variant } from '../../reference/variants/index.js';

/**
 * Families whose variants may run together: how an answer is written and sent, and what models and servers do of which one hides
 * nothing of the other. The rest is about what a server does not do, and runs alone.
 */
const COMPATIBLE = [
  [
    'framing',
    'chunking',
    'compression',
    'pings',
    'unknown',
    'optional-fields',
    'spelling',
    'deltas',
    'http',
    'waiting',
  ],
  ['model', 'dialects'],
];

/** Nothing can be judged of it. */
const APART = ['limits-everything'];

/** A variant that changes steps of the pipeline and nothing else: no option, no document, no connection. */
const isPlain = ({ id: _, title: _title, source: _source, alters, ...rest }: Variant): boolean =>
  alters !== undefined && Object.keys(rest).length === 0;

const stepsOf = ({ alters }: Variant): string[] => Object.keys(alters ?? {});

/**
 * Variants that run together: no two of a group change the same step of the pipeline, so that none undoes another. A group
 * shows what each shows alone, and what they do to one another besides.
 */
function together(families: readonly string[]): Variant[][] {
  const groups: Variant[][] = [];
  for (const variant of VARIANT_FAMILIES.flatMap(({ name, variants }) => (families.includes(name) ? variants : []))) {
    if (!isPlain(variant) || APART.includes(variant.id)) continue;
    const steps = stepsOf(variant);
    const group = groups.find((others) => !others.flatMap(stepsOf).some((step) => steps.includes(step)));
    if (group === undefined) groups.push([variant]);
    else group.push(variant);
  }
  return groups;
}

/** Groups of more than one. */
export const TOGETHER: readonly Variant[][] = COMPATIBLE.flatMap(together).filter(({ length }) => length > 1);

const grouped = new Set(TOGETHER.flat());
export const ALONE: readonly Variant[] = VARIANT_FAMILIES.flatMap(({ variants }) => variants).filter(
  (variant) => !grouped.has(variant),
);

/** Those that run alone take longest: two files of tests share them, so that they run side by side. */
export const HALF = Math.ceil(ALONE.length / 2);

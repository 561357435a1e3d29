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
const membersOf = (families: readonly string[]): Variant[] =>
  VARIANT_FAMILIES.flatMap(({ name, variants }) => (families.includes(name) ? variants : []));
const alone = (...families: string[]): Variant[] =>
  membersOf(families).filter((variant) => !grouped.has(variant) && !APART.includes(variant.id));

/** Models that write too little to show how an answer is written. */
const SILENT = ['silence', 'one-word-at-most', 'declines-everything', 'never-calls-a-tool'];

/** How bytes travel has nothing to do with what a server lacks, nor how an answer is written with which requests a server rejects. */
const PAIRED: readonly [servers: readonly Variant[], writers: readonly (readonly Variant[])[]][] = [
  [alone('missing-features'), alone('compression', 'http', 'waiting').map((variant) => [variant])],
  [
    alone('dialects').filter((variant) => !isPlain(variant)),
    [...TOGETHER.filter((group) => group.every((variant) => membersOf(COMPATIBLE[0]!).includes(variant)))],
  ],
  [
    alone('model').filter(({ id }) => !SILENT.includes(id)),
    alone('optional-fields', 'deltas').map((variant) => [variant]),
  ],
];

/** One of each, as long as neither changes a step of the other, and only one of them has a contract of its own. */
function pairs(): Variant[][] {
  const groups: Variant[][] = [];
  for (const [servers, writers] of PAIRED) {
    const left = [...writers];
    for (const server of servers) {
      const at = left.findIndex((group) => mayShare(server, group));
      groups.push([server, ...(at === -1 ? [] : left.splice(at, 1)[0]!)]);
    }
    groups.push(...left.map((group) => [...group]));
  }
  return groups;
}

const mayShare = (server: Variant, group: readonly Variant[]): boolean =>
  !group.some(
    (variant) =>
      stepsOf(variant).some((step) => stepsOf(server).includes(step)) ||
      (variant.lacks !== undefined && server.documents !== undefined),
  );

const paired = pairs();
const inPairs = new Set(paired.flat());

/** What is run: one run for each group. */
export const GROUPS: readonly Variant[][] = [
  ...paired,
  ...TOGETHER.filter((group) => !group.some((variant) => inPairs.has(variant))),
  ...VARIANT_FAMILIES.flatMap(({ variants }) => variants)
    .filter((variant) => !grouped.has(variant) && !inPairs.has(variant))
    .map((variant) => [variant]),
];

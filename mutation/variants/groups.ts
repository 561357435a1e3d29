/** Which variants run together, and which alone. */

import { VARIANT_FAMILIES, VARIANTS, type Variant } from '../../reference/variants/index.js';

/** How an answer is written and sent: one variant hides nothing of another. */
const WRITING = [
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
];

/** What models and servers do. The other families are about what a server does not do, and run alone. */
const DOING = ['model', 'dialects'];

/** Nothing can be judged of a target that only asks to wait: these run alone, and nothing has to be executed of them. */
export const UNKNOWABLE: readonly string[] = ['limits-everything'];

const membersOf = (families: readonly string[]): Variant[] =>
  VARIANT_FAMILIES.flatMap(({ name, variants }) => (families.includes(name) ? variants : []));

/** A variant that changes steps of the pipeline and nothing else: no option, no document, no connection. */
const isPlain = ({ id: _, title: _title, source: _source, alters, ...rest }: Variant): boolean =>
  alters !== undefined && Object.keys(rest).length === 0;

const stepsOf = ({ alters }: Variant): string[] => Object.keys(alters ?? {});

/**
 * Groups of variants that run together, each of more than one: no two of a group change the same step of the pipeline, so that none
 * undoes another. A group shows what each shows alone, and what they do to one another besides.
 */
function together(families: readonly string[]): Variant[][] {
  const groups: Variant[][] = [];
  for (const variant of membersOf(families)) {
    if (!isPlain(variant) || UNKNOWABLE.includes(variant.id)) continue;
    const steps = stepsOf(variant);
    const group = groups.find((others) => !others.flatMap(stepsOf).some((step) => steps.includes(step)));
    if (group === undefined) groups.push([variant]);
    else group.push(variant);
  }
  return groups.filter(({ length }) => length > 1);
}

const WRITERS = together(WRITING);
const DOERS = together(DOING);
const grouped = new Set([...WRITERS, ...DOERS].flat());
const alone = (...families: string[]): Variant[] =>
  membersOf(families).filter((variant) => !grouped.has(variant) && !UNKNOWABLE.includes(variant.id));

/** Models that write too little to show how an answer is written. */
const SILENT = ['silence', 'one-word-at-most', 'declines-everything', 'never-calls-a-tool'];

/** How bytes travel has nothing to do with what a server lacks, nor how an answer is written with which requests a server rejects. */
const PAIRED: readonly [servers: readonly Variant[], writers: readonly (readonly Variant[])[]][] = [
  [alone('missing-features'), alone('compression', 'http', 'waiting').map((variant) => [variant])],
  [alone('dialects').filter((variant) => !isPlain(variant)), WRITERS],
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
      (variant.declines !== undefined && server.documents !== undefined),
  );

const shared = [...pairs(), ...DOERS];
const inShared = new Set(shared.flat());

/** What is run: one run for each group. */
export const GROUPS: readonly Variant[][] = [
  ...shared,
  ...VARIANTS.filter((variant) => !inShared.has(variant)).map((variant) => [variant]),
];

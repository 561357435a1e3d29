/** Judges the reference gateway with its conformant variants: nothing may fail, and each variant has to have an effect. */

import { runGateway } from '../../gateway/run.js';
import { composed, type GatewayAlterations } from '../../reference/gateway/stages.js';
import { nameOf, proveGroups } from '../groups.js';
import type { GatewayVariant } from './variant.js';
import { GATEWAY_GROUPS, type GatewayGroup } from './variant-groups.js';

/** Less would mean that the variants kept the suite from looking. */
const LEAST_PASSED = 100;
/** Large bodies, which take as long as everything else. */
const LARGE = ['gw.answer.long', 'gw.stream.many-deltas', 'gw.stream.bytes', 'gw.request.text.long'];
/** Verdicts that a gateway that works correctly may not get. */
const ALARMS = ['fail', 'warn', 'error', 'inconclusive'];

/** What came of one run with a group of variants. */
export interface GatewayVariantTrial extends GatewayGroup {
  /** One sentence each: false alarms, variants without effect. Empty: as it has to be. */
  problems: readonly string[];
}

/** One run for each group. */
export async function proveGatewayVariants(
  groups: readonly GatewayGroup[] = GATEWAY_GROUPS,
): Promise<GatewayVariantTrial[]> {
  const trials = await proveGroups(
    groups.map(({ variants }) => variants),
    (variants, index) => gatewayProblems({ speaks: groups[index]!.speaks, variants }),
  );
  return trials.map(({ problems }, index) => ({ ...groups[index]!, problems }));
}

/** What one run with these variants shows, one sentence each. */
export async function gatewayProblems({ speaks, variants }: GatewayGroup): Promise<string[]> {
  const effective = new Set<string>();
  const alterations = composed(variants.map((variant) => watched(variant, effective)));
  const { report } = await runGateway({ speaks, skip: LARGE, recoverySeconds: 0, embedded: { alterations } });
  const { pass } = report.summary;
  return [
    ...report.results
      .filter(({ verdict }) => ALARMS.includes(verdict))
      .map(({ id, verdict, reason, findings }) => {
        const shown = findings.map(
          ({ exchange, expected, actual }) => `${exchange}: expected ${expected}, got ${actual}`,
        );
        return `${verdict} ${id}: ${reason} ${shown.join(' | ')}`;
      }),
    ...(pass < LEAST_PASSED ? [`only ${pass} requirements passed`] : []),
    ...variants.filter(({ id }) => !effective.has(id)).map(({ id }) => `${id} changed nothing`),
  ].map((problem) => `${nameOf(variants)} with ${speaks}: ${problem}`);
}

type Hook = (value: unknown, ...rest: unknown[]) => unknown;

/** The alterations of a variant, which note in `effective` that it changed something. A switch always does. */
function watched({ id, alterations }: GatewayVariant, effective: Set<string>): GatewayAlterations {
  const watch =
    (hook: Hook): Hook =>
    (value, ...rest) => {
      const before = JSON.stringify(value);
      const result = hook(value, ...rest);
      if (Symbol.asyncIterator in Object(result) || JSON.stringify(result) !== before) effective.add(id);
      return result;
    };
  if (alterations.behaviour !== undefined) effective.add(id);
  const hooks = Object.entries(alterations).map(([step, hook]) => [
    step,
    typeof hook === 'function' ? watch(hook as Hook) : hook,
  ]);
  return Object.fromEntries(hooks) as GatewayAlterations;
}

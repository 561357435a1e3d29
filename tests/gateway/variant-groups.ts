/** Variants of the gateway that run together, and what each of them did. */

import type { GatewayVariant } from '../../mutation/gateway/variant.js';
import type { GatewayAlterations } from '../../reference/gateway/stages.js';

/** Enough that what is alike comes into groups of its own: only so does each variant have an effect. */
const GROUPS = 6;
/** They leave nothing for others to change: an input without items, bytes that nobody reads. */
const APART = ['gv-items-string', 'gv-pass-bytes'];

/** Dealt out in their order, since neighbours in the list mostly change the same thing. */
export function inGroups(variants: readonly GatewayVariant[]): GatewayVariant[][] {
  const [alone, others] = [true, false].map((is) => variants.filter(({ id }) => APART.includes(id) === is));
  return [
    ...alone!.map((variant) => [variant]),
    ...Array.from({ length: GROUPS }, (_, group) => others!.filter((_variant, index) => index % GROUPS === group)),
  ];
}

type Hook = (value: unknown, ...rest: unknown[]) => unknown;

/** The alterations of a variant, which note in `effective` that it changed something. A switch always does. */
export function watched({ id, alterations }: GatewayVariant, effective: Set<string>): GatewayAlterations {
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

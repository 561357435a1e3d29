/** Which variants of the gateway run together. */

import type { Speaks } from '../../core/upstream.js';
import { DIALECTS } from '../../gateway/dialects/index.js';
import type { GatewayVariant } from './variant.js';
import { GATEWAY_VARIANTS } from './variants.js';

/** Variants of gateways that run together, with an upstream that speaks this API. */
export interface GatewayGroup {
  speaks: Speaks;
  variants: readonly GatewayVariant[];
}

/** Enough that what is alike comes into groups of its own: only so does each variant have an effect. */
const GROUPS = 6;
/** They leave nothing for others to change: an input without items, bytes that nobody reads. */
const APART = ['gv-items-string', 'gv-pass-bytes'];

/** Dealt out in their order, since neighbours in the list mostly change the same thing. */
function inGroups(variants: readonly GatewayVariant[]): GatewayVariant[][] {
  const [alone, others] = [true, false].map((is) => variants.filter(({ id }) => APART.includes(id) === is));
  return [
    ...alone!.map((variant) => [variant]),
    ...Array.from({ length: GROUPS }, (_, group) => others!.filter((_variant, index) => index % GROUPS === group)),
  ];
}

/** What is run: one run for each group, with every API that its variants make sense with. */
export const GATEWAY_GROUPS: readonly GatewayGroup[] = DIALECTS.flatMap(({ name: speaks }) =>
  inGroups(GATEWAY_VARIANTS.filter((variant) => variant.speaks?.includes(speaks) !== false))
    .filter(({ length }) => length > 0)
    .map((variants) => ({ speaks, variants })),
);

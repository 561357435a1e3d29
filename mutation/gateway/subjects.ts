/** Which faults of the reference gateway have to be caught by which requirements, for each API of the upstream. */

import type { Speaks } from '../../core/upstream.js';
import { gatewayBasis } from '../../gateway/basis.js';
import { DIALECTS } from '../../gateway/dialects/index.js';
import { GATEWAY_FAULTS, type GatewayFault } from '../../reference/gateway/faults/index.js';

/** A fault that can happen with this API, and that one of its requirements has to catch. */
export interface GatewaySubject {
  speaks: Speaks;
  fault: GatewayFault;
  /** Ids of requirements that exist for this API. */
  caughtBy: readonly string[];
}

/** Of every API, in the order of the faults. A fault whose requirements do not exist for an API is none of its subjects. */
export const GATEWAY_SUBJECTS: readonly GatewaySubject[] = DIALECTS.flatMap(({ name: speaks }) => {
  const ids = new Set(gatewayBasis(speaks).catalogue.map(({ id }) => id));
  return GATEWAY_FAULTS.flatMap((fault) => {
    const caughtBy = fault.caughtBy.filter((id) => ids.has(id));
    const isHere = caughtBy.length > 0 && fault.speaks?.includes(speaks) !== false;
    return isHere ? [{ speaks, fault, caughtBy }] : [];
  });
});

import type { Speaks } from '../core/upstream.js';
import type { Basis } from '../runner/judge/rejudge.js';
import { loadCases } from './cases.js';
import { GATEWAY_CATALOGUE } from './suites/index.js';

/** What the report of a gateway is judged with again. */
export const gatewayBasis = (speaks: Speaks): Basis => ({ catalogue: GATEWAY_CATALOGUE, fixtures: loadCases(speaks) });

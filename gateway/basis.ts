import type { Requirement } from '../core/requirement.js';
import type { Speaks } from '../core/upstream.js';
import type { Basis } from '../runner/judge/rejudge.js';
import { loadCases } from './cases.js';
import { gatewaySuites } from './suites/index.js';

/** What is judged of a gateway whose upstream speaks this API: its requirements and its cases. */
export function gatewayBasis(speaks: Speaks): Basis {
  const fixtures = loadCases(speaks);
  return {
    catalogue: gatewaySuites(speaks, fixtures).flatMap(({ requirements }): readonly Requirement[] => requirements),
    fixtures,
  };
}

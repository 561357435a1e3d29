import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import { type SchemaName, violations } from '../../validation/index.js';
import { type Contract, claimsOf, levelOverride } from '../contract/contracts.js';
import { documentedWeakness } from '../contract/documented.js';
import type { Bench } from './judge.js';

/** What judges are given of a run: its exchanges under its contract. */
export const benchOf = (
  contract: Contract,
  fixtures: ReadonlyMap<string, Fixture>,
  exchanges: readonly Exchange[],
  model: string,
): Bench => ({
  fixtures,
  exchanges,
  claims: claimsOf(contract),
  model,
  violations: (schema, value) => violations(schema as SchemaName, value),
  documented: (id) => documentedWeakness(contract, id),
  level: (requirement) => levelOverride(contract, requirement)?.level ?? requirement.level,
});

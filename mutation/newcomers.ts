/** Requirements that the kill matrix does not know yet, against every fault: which faults fail them without saying so. */

import pLimit from 'p-limit';
import { FAULTS, type Fault } from '../reference/faults/index.js';
import { type Prepared, prepare } from '../runner/run.js';
import type { KillMatrix } from './matrix.js';
import { USUAL_CONTRACT } from './prove.js';
import { isRed } from './red.js';
import { type Conditions, tryFault } from './trial.js';

const CONDITIONS: Conditions = { over: 'sockets', timeoutMs: 4_000, lingerMs: 500 };
/** Most faults cost computing time, a few cost waiting. */
const CONCURRENCY = 4;

/** A fault that fails a requirement that it names neither in `caughtBy` nor in `alsoFails`. */
export interface Undeclared {
  fault: string;
  requirement: string;
  /** What the requirement says of it. */
  reason: string;
}

/** Ids of requirements that a matrix does not have, in the order of the catalogue. */
export function newcomers(
  catalogue: readonly { id: string }[],
  { requirements }: Pick<KillMatrix, 'requirements'>,
): string[] {
  const known = new Set(requirements.map(({ id }) => id));
  return catalogue.flatMap(({ id }) => (known.has(id) ? [] : [id]));
}

/**
 * The faults, of all by default, that fail one of these requirements undeclared. Only the requests that these requirements name are
 * sent: one that judges all replies of a run may fail for further faults, which the whole proof finds.
 */
export async function undeclared(ids: readonly string[], faults: readonly Fault[] = FAULTS): Promise<Undeclared[]> {
  if (ids.length === 0) return [];
  const contracts = new Set(faults.map(({ contract = USUAL_CONTRACT }) => contract));
  const plans = new Map<string, Prepared>();
  for (const contract of contracts) plans.set(contract, await prepare({ contract, only: ids, thorough: true }));
  const limit = pLimit(CONCURRENCY);
  const tried = faults.map((fault) =>
    limit(async () => {
      const { verdicts } = await tryFault(fault, plans.get(fault.contract ?? USUAL_CONTRACT)!, CONDITIONS);
      const declared = [...fault.caughtBy, ...Object.keys(fault.alsoFails ?? {})];
      return [...verdicts]
        .filter(([id, { verdict }]) => isRed(verdict) && !declared.includes(id))
        .map(([requirement, { reason }]) => ({ fault: fault.id, requirement, reason }));
    }),
  );
  return (await Promise.all(tried)).flat();
}

/**
 * The quick proof: each fault is judged in process, by the requirements that it names. It costs a tenth of the whole proof, and
 * tells nothing about requirements that the fault does not name: those the whole proof finds.
 */

import type { Fault } from '../reference/faults/index.js';
import { type Prepared, prepare } from '../runner/run.js';
import { CATALOGUE } from '../suites/index.js';
import { USUAL_CONTRACT } from './prove.js';
import { isRed } from './red.js';
import { type Conditions, type Reported, type Trial, tryFault } from './trial.js';

const QUICK: Conditions = { over: 'in-process', timeoutMs: 4_000, lingerMs: 500 };
/** For a machine that is busy with other things: a few verdicts are about time. */
const PATIENT: Conditions = { over: 'in-process', timeoutMs: 60_000, lingerMs: 5_000 };

const NEED_SOCKET = new Set(CATALOGUE.flatMap(({ id, socket }) => (socket === undefined ? [] : id)));

const plans = new Map<string, Promise<Prepared>>();

/** Everything that a usual run sends, or what these requirements need. */
function planFor(contract: string, only: readonly string[]): Promise<Prepared> {
  const key = [contract, ...only].join(' ');
  const known = plans.get(key) ?? prepare({ contract, only, thorough: only.length > 0 });
  plans.set(key, known);
  return known;
}

/** `stop.*` for `stop.max-tokens`: requirements on one subject, whose requests mostly show what the others judge in passing. */
const familiesOf = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => `${id.split('.')[0]}.*`))].sort();

/**
 * What the requirements that a fault names report about it. They get the requests that they need. Those that still pass judge whatever
 * else a run brings along: they get the requests of their families, a quarter of a run, and then all of them. In the end all get more
 * time once.
 */
export async function tryNamed(fault: Fault): Promise<Trial> {
  const contract = fault.contract ?? USUAL_CONTRACT;
  const ids = [...fault.caughtBy, ...Object.keys(fault.alsoFails ?? {})];
  const over = ids.some((id) => NEED_SOCKET.has(id)) ? 'sockets' : 'in-process';
  let requests = 0;
  const verdicts = new Map<string, Reported>();
  for (const conditions of [QUICK, PATIENT]) {
    for (const only of [ids, familiesOf(ids), []]) {
      if (ids.every((id) => isRed(verdicts.get(id)?.verdict))) break;
      const trial = await tryFault(fault, await planFor(contract, only), { ...conditions, over });
      requests += trial.requests;
      for (const id of ids) {
        const reported = trial.verdicts.get(id);
        if (reported !== undefined && !isRed(verdicts.get(id)?.verdict)) verdicts.set(id, reported);
      }
    }
  }
  return { fault, contract, requests, verdicts };
}

/** What a usual run in process reports about the endpoint without any fault. */
export async function tryFaultless(contract: string): Promise<Trial> {
  return tryFault(null, await planFor(contract, []), PATIENT);
}

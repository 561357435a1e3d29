/** Runs the suite against the reference endpoint once for each of its faults, to see which requirements catch which. */

import pLimit from 'p-limit';
import { FAULTS, type Fault } from '../reference/faults/index.js';
import { type Prepared, prepare, type RunOptions } from '../runner/run.js';
import { WITHOUT_COMMAND } from './exceptions.js';
import { isRed } from './red.js';
import { type Conditions, type Trial, tryFault } from './trial.js';

/** An endpoint to judge: with one fault, or with none. */
export interface Subject {
  fault: Fault | null;
  contract: string;
}

/** Whether a trial came out as the fault says: caught by what has to, and what turns red besides is declared. */
export function isAsDeclared({ fault, verdicts }: Trial): boolean {
  const red = [...verdicts].flatMap(([id, { verdict }]) => (isRed(verdict) ? [id] : []));
  const said = [...(fault?.caughtBy ?? []), ...Object.keys(fault?.alsoFails ?? {})];
  return red.length === said.length && red.every((id) => said.includes(id));
}

export interface ProofOptions {
  /** How many endpoints are judged side by side: most faults cost computing time, a few cost waiting. */
  concurrency?: number;
  /** Judges once more, alone, what is not as declared: a few verdicts are about time, and the machine may be busy. */
  again?: boolean;
  onTrial?: (trial: Trial) => void;
}

export const USUAL_CONTRACT = 'anthropic';
const CONCURRENCY = 4;
type PlanOptions = Pick<RunOptions, 'only' | 'with' | 'thorough'> & { contract: string };
const CONDITIONS: Conditions = { over: 'sockets', timeoutMs: 4_000, lingerMs: 200 };

/** What a proof judges: the endpoint without faults under every contract that a fault names, then with each fault. */
export function subjects(faults: readonly Fault[] = FAULTS): Subject[] {
  const contracts = [...new Set([USUAL_CONTRACT, ...faults.flatMap(({ contract }) => contract ?? [])])];
  return [
    ...contracts.map((contract) => ({ fault: null, contract })),
    ...faults.map((fault) => ({ fault, contract: fault.contract ?? USUAL_CONTRACT })),
  ];
}

/**
 * One trial for each subject, in their order: a run as users have it. A requirement that has to catch the fault and does not is
 * then asked by its name and thoroughly, which puts questions that a usual run leaves out.
 */
export async function prove(all: readonly Subject[], options: ProofOptions = {}): Promise<Trial[]> {
  const plans = new Map<string, Promise<Prepared>>();
  const planFor = (options: PlanOptions): Promise<Prepared> => {
    const key = JSON.stringify(options);
    const known = plans.get(key) ?? prepare(options);
    plans.set(key, known);
    return known;
  };
  const commandsLostBy = async ({ fault, contract, commands = [] }: Trial): Promise<string[]> => {
    if (fault === null || Object.hasOwn(WITHOUT_COMMAND, fault.id)) return [];
    const lost: string[] = [];
    for (const { requirement, with: further } of commands) {
      const plan = await planFor({ contract, only: [requirement], with: further });
      const again = await tryFault(fault, plan, { ...CONDITIONS, asCommand: true });
      if (again.verdicts.get(requirement)?.verdict !== 'fail') lost.push(requirement);
    }
    return lost;
  };
  const limit = pLimit(options.concurrency ?? CONCURRENCY);
  const attempt = async ({ fault, contract }: Subject): Promise<Trial> => {
    const trial = await tryFault(fault, await planFor({ contract }), CONDITIONS);
    const missing = fault?.caughtBy.filter((id) => !isRed(trial.verdicts.get(id)?.verdict)) ?? [];
    const byName = { contract, only: missing, thorough: true };
    const further = missing.length === 0 ? null : await tryFault(fault, await planFor(byName), CONDITIONS);
    return {
      ...trial,
      requests: trial.requests + (further?.requests ?? 0),
      verdicts: new Map([...trial.verdicts, ...(further?.verdicts ?? [])]),
      notShownAgain: await commandsLostBy(trial),
    };
  };
  const trials = await Promise.all(all.map((subject) => limit(attempt, subject)));
  for (const [index, trial] of trials.entries()) {
    if (options.again && !(isAsDeclared(trial) && (trial.notShownAgain ?? []).length === 0))
      trials[index] = await attempt(all[index]!);
    options.onTrial?.(trials[index]!);
  }
  return trials;
}

/** Runs the suite against the reference endpoint once for each of its faults, to see which requirements catch which. */

import pLimit from 'p-limit';
import type { Verdict } from '../core/protocol.js';
import type { Requirement } from '../core/requirement.js';
import { FAULTS, type Fault } from '../reference/faults/index.js';
import { claimsOf, levelOverride } from '../runner/contract/contracts.js';
import { judgeAll } from '../runner/judge/judge.js';
import { openEmbedded } from '../runner/run/embedded.js';
import { fire } from '../runner/run/fire.js';
import { defaultsOf, type Prepared, prepare } from '../runner/run.js';
import { requestSelfCheck } from '../runner/send/self-check.js';
import { type SchemaName, violations } from '../validation/index.js';
import { isRed } from './red.js';

/** What a run says of the endpoint with one fault. */
export interface Trial {
  /** `null`: the endpoint without any fault. */
  fault: Fault | null;
  contract: string;
  requests: number;
  /** Verdict and reason by requirement id. */
  verdicts: ReadonlyMap<string, { verdict: Verdict; reason: string }>;
}

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

const USUAL_CONTRACT = 'anthropic';
const CONCURRENCY = 4;
/** Enough for an endpoint in the same process, short enough for the faults that keep a client waiting. */
const TIMEOUT_MS = 4_000;
const LINGER_MS = 50;
const POLLING_MS = 1_500;

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
  const planFor = (contract: string, only: readonly string[]): Promise<Prepared> => {
    const key = [contract, ...only].join(' ');
    const known = plans.get(key) ?? prepare({ contract, only, thorough: only.length > 0 });
    plans.set(key, known);
    return known;
  };
  const limit = pLimit(options.concurrency ?? CONCURRENCY);
  const attempt = async ({ fault, contract }: Subject): Promise<Trial> => {
    const trial = await judgeWith(fault, await planFor(contract, []));
    const missing = fault?.caughtBy.filter((id) => !isRed(trial.verdicts.get(id)?.verdict)) ?? [];
    const further = missing.length === 0 ? null : await judgeWith(fault, await planFor(contract, missing));
    return {
      ...trial,
      requests: trial.requests + (further?.requests ?? 0),
      verdicts: new Map([...trial.verdicts, ...(further?.verdicts ?? [])]),
    };
  };
  const trials = await Promise.all(all.map((subject) => limit(attempt, subject)));
  for (const [index, trial] of trials.entries()) {
    if (options.again && !isAsDeclared(trial)) trials[index] = await attempt(all[index]!);
    options.onTrial?.(trials[index]!);
  }
  return trials;
}

async function judgeWith(fault: Fault | null, { contract, fixtures, plan }: Prepared): Promise<Trial> {
  const time = { skipped: 0 };
  const embedded = await openEmbedded(contract, {
    faults: fault === null ? [] : [fault.id],
    ...(fault?.sequential && {
      sleep: async (milliseconds: number) => {
        await new Promise(setImmediate);
        time.skipped += milliseconds;
      },
    }),
  });
  try {
    const defaults = defaultsOf({}, contract);
    const target = {
      ...defaults,
      baseUrl: embedded.url,
      apiKey: embedded.apiKey,
      apiKeyVariable: 'ANTHROPIC_API_KEY',
      model: embedded.model,
      headers: {},
    };
    const fired = await fire(plan.conversations, target, {
      concurrency: fault?.sequential ? 1 : 8,
      timeoutMs: TIMEOUT_MS,
      lingerMs: LINGER_MS,
      patienceMs: 0,
      pollingMs: POLLING_MS,
      maxRequests: null,
      maxTokensTotal: null,
      unsound: requestSelfCheck(target.apiVersion),
      now: () => performance.now() + time.skipped,
    });
    const judged = judgeAll(plan.requirements, {
      fixtures,
      exchanges: fired.exchanges,
      claims: claimsOf(contract),
      model: target.model,
      violations: (schema, value) => violations(schema as SchemaName, value),
      level: (requirement: Requirement) => levelOverride(contract, requirement)?.level ?? requirement.level,
    });
    return {
      fault,
      contract: contract.name,
      requests: fired.progress.requests,
      verdicts: new Map(judged.map(({ requirement, verdict, reason }) => [requirement.id, { verdict, reason }])),
    };
  } finally {
    await embedded.close();
  }
}

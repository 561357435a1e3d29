/** What the trials of all faults come to: which requirement catches which fault, what slips through, what turns red besides. */

import type { Fault, FaultFamily } from '../../reference/faults/index.js';
import type { Level, Requirement, Verdict } from '../../suites/vocabulary.js';
import type { Trial } from './prove.js';

export interface Hit {
  requirement: string;
  verdict: Verdict;
}

export interface FaultRow {
  id: string;
  family: string;
  title: string;
  level: Fault['level'];
  mutant: string | null;
  reports: readonly string[];
  /** Contract that it was run under. */
  contract: string;
  /** Requirements that have to catch it and do. */
  killedBy: readonly Hit[];
  /** Requirements that have to catch it and do not. */
  missedBy: readonly Hit[];
  /** Requirements that it breaks besides, with the declared reason. */
  besides: readonly (Hit & { reason: string })[];
  /** Requirements that turn red though nobody has said why. */
  collateral: readonly (Hit & { reason: string })[];
  /** Declared consequences that did not come about. */
  stale: readonly string[];
  /** Why no requirement has to catch it, `null` where one has to. */
  unseen: string | null;
  survives: boolean;
}

export interface RequirementRow {
  id: string;
  level: Level;
  profile: string;
  /** Faults that it has to catch and does. */
  catches: readonly string[];
  /** Why it has no fault; `null` where it has one. */
  exception: string | null;
}

export interface KillMatrix {
  families: readonly {
    name: string;
    title: string;
    faults: number;
    killed: number;
    survivors: number;
    unseen: number;
  }[];
  faults: readonly FaultRow[];
  requirements: readonly RequirementRow[];
  /** Requirements that are red without any fault, by contract: there may be none. */
  clean: readonly { contract: string; passed: number; red: readonly (Hit & { reason: string })[] }[];
}

const RED: readonly Verdict[] = ['fail', 'warn', 'error'];

export function killMatrix(
  trials: readonly Trial[],
  families: readonly FaultFamily[],
  catalogue: readonly Requirement[],
  exceptions: Readonly<Record<string, string>>,
): KillMatrix {
  const rows = trials.flatMap((trial) => (trial.fault === null ? [] : [faultRow(trial.fault, trial, families)]));
  return {
    families: families.map(({ name, title }) => {
      const own = rows.filter(({ family }) => family === name);
      const count = (test: (row: FaultRow) => boolean) => own.filter(test).length;
      return {
        name,
        title,
        faults: own.length,
        killed: count(({ survives, unseen }) => !survives && unseen === null),
        survivors: count(({ survives }) => survives),
        unseen: count(({ unseen }) => unseen !== null),
      };
    }),
    faults: rows,
    requirements: catalogue.map(({ id, level, profile }) => ({
      id,
      level,
      profile,
      catches: rows.filter(({ killedBy }) => killedBy.some((hit) => hit.requirement === id)).map((row) => row.id),
      exception: exceptions[id] ?? null,
    })),
    clean: trials.flatMap((trial) => (trial.fault === null ? [cleanRow(trial)] : [])),
  };
}

function faultRow(fault: Fault, trial: Trial, families: readonly FaultFamily[]): FaultRow {
  const hit = (requirement: string): Hit => ({
    requirement,
    verdict: trial.verdicts.get(requirement)?.verdict ?? 'skipped',
  });
  const isRed = ({ verdict }: Hit): boolean => RED.includes(verdict);
  const kills = fault.kills.map(hit);
  const declared = fault.alsoReddens ?? {};
  const others = [...trial.verdicts.keys()].filter((id) => !fault.kills.includes(id) && isRed(hit(id)));
  const killedBy = kills.filter(isRed);
  const missedBy = kills.filter((one) => !isRed(one));
  return {
    id: fault.id,
    family: families.find(({ faults }) => faults.includes(fault))?.name ?? '',
    title: fault.title,
    level: fault.level,
    mutant: fault.mutant ?? null,
    reports: fault.reports ?? [],
    contract: trial.contract,
    killedBy,
    missedBy,
    besides: others.flatMap((id) => (declared[id] === undefined ? [] : [{ ...hit(id), reason: declared[id] }])),
    collateral: others.flatMap((id) =>
      declared[id] === undefined ? [{ ...hit(id), reason: trial.verdicts.get(id)?.reason ?? '' }] : [],
    ),
    stale: Object.keys(declared).filter((id) => !others.includes(id)),
    unseen: fault.unseen ?? null,
    survives:
      fault.unseen === undefined &&
      (killedBy.length === 0 ||
        missedBy.length > 0 ||
        (fault.level === 'MUST' && !killedBy.some(({ verdict }) => verdict === 'fail'))),
  };
}

function cleanRow({ contract, verdicts }: Trial): KillMatrix['clean'][number] {
  const all = [...verdicts].map(([requirement, { verdict, reason }]) => ({ requirement, verdict, reason }));
  return {
    contract,
    passed: all.filter(({ verdict }) => verdict === 'pass').length,
    red: all.filter(({ verdict }) => RED.includes(verdict)),
  };
}

/** What the trials of all faults come to: which requirement catches which fault, what slips through, what else fails. */

import type { Level, Verdict } from '../core/protocol.js';
import type { Requirement } from '../core/requirement.js';
import type { Fault, FaultFamily } from '../reference/faults/index.js';
import { isRed } from './red.js';
import type { Trial } from './trial.js';

/** A requirement that failed, or should have. */
export interface Hit {
  requirement: string;
  verdict: Verdict;
}

/** What became of one fault. */
export interface FaultRow {
  id: string;
  family: string;
  /** What the endpoint does wrong. */
  title: string;
  level: Fault['level'];
  /** Its letter in the list of faults of the field, `null` for those that are not from there. */
  mutant: string | null;
  /** Ids of public reports of it. */
  reports: readonly string[];
  /** Contract that it was run under. */
  contract: string;
  /** Requirements that have to catch it and do. */
  killedBy: readonly Hit[];
  /** Requirements that have to catch it and do not. */
  missedBy: readonly (Hit & { reason: string })[];
  /** Requirements that fail too, with the declared reason. */
  besides: readonly (Hit & { reason: string })[];
  /** Requirements that fail and are not declared. */
  collateral: readonly (Hit & { reason: string })[];
  /** Declared consequences that did not come about. */
  stale: readonly string[];
  /** Why no requirement has to catch it, `null` where one has to. */
  unseen: string | null;
  /** It has to be caught, and is not, or not by all that have to, or by none that makes a run fail though its level is MUST. */
  survives: boolean;
}

/** What one requirement is good for. */
export interface RequirementRow {
  id: string;
  level: Level;
  profile: string;
  /** Faults that it has to catch and does. */
  catches: readonly string[];
  /** Why it has no fault; `null` where it has one. */
  exception: string | null;
}

/** Figures of one family of faults: killed + survivors + unseen = faults. */
export interface FamilyRow {
  name: string;
  title: string;
  faults: number;
  killed: number;
  survivors: number;
  unseen: number;
}

/** The endpoint without any fault, under one contract. */
export interface CleanRow {
  contract: string;
  /** Nearly all of what was judged passes. How many do may differ: on a busy machine a few verdicts about time stay open. */
  passes: boolean;
  /** There may be none. */
  red: readonly (Hit & { reason: string })[];
}

/** The document `docs/kill-matrix.json`: faults by requirements. */
export interface KillMatrix {
  families: readonly FamilyRow[];
  faults: readonly FaultRow[];
  requirements: readonly RequirementRow[];
  clean: readonly CleanRow[];
}

/** What became of the faults of these trials, in their order. */
export const faultRows = (trials: readonly Trial[], families: readonly FaultFamily[]): FaultRow[] =>
  trials.flatMap((trial) => (trial.fault === null ? [] : [faultRow(trial.fault, trial, families)]));

/** What became of the endpoint without faults. */
export const cleanRows = (trials: readonly Trial[]): CleanRow[] =>
  trials.flatMap((trial) => (trial.fault === null ? [cleanRow(trial)] : []));

/** The matrix of these rows. Families without a row are left out. */
export function killMatrix(
  rows: readonly FaultRow[],
  clean: readonly CleanRow[],
  families: readonly FaultFamily[],
  catalogue: readonly Requirement[],
  exceptions: Readonly<Record<string, string>>,
): KillMatrix {
  return {
    families: families.flatMap(({ name, title }) => {
      const own = rows.filter(({ family }) => family === name);
      if (own.length === 0) return [];
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
    clean,
  };
}

/** Whether a matrix does not have a fault as it is declared, or has a row of it with problems, which may be mended by now. */
export function isTouched(fault: Fault, { faults }: Pick<KillMatrix, 'faults'>): boolean {
  const row = faults.find(({ id }) => id === fault.id);
  const ids = (hits: readonly Hit[]) => hits.map(({ requirement }) => requirement).sort();
  const declared = [fault.title, fault.level, [...fault.caughtBy].sort(), Object.entries(fault.alsoFails ?? {}).sort()];
  return (
    row === undefined ||
    problems({ faults: [row], clean: [] }).length > 0 ||
    JSON.stringify(declared) !==
      JSON.stringify([
        row.title,
        row.level,
        ids(row.killedBy),
        row.besides.map(({ requirement, reason }) => [requirement, reason]).sort(),
      ])
  );
}

function faultRow(fault: Fault, trial: Trial, families: readonly FaultFamily[]): FaultRow {
  const hit = (requirement: string): Hit => ({
    requirement,
    verdict: trial.verdicts.get(requirement)?.verdict ?? 'skipped',
  });
  const reasoned = (one: Hit) => ({ ...one, reason: trial.verdicts.get(one.requirement)?.reason ?? '' });
  const turnedRed = ({ verdict }: Hit): boolean => isRed(verdict);
  const kills = fault.caughtBy.map(hit);
  const declared = fault.alsoFails ?? {};
  const others = [...trial.verdicts.keys()].filter((id) => !fault.caughtBy.includes(id) && turnedRed(hit(id)));
  const killedBy = kills.filter(turnedRed);
  const missedBy = kills.filter((one) => !turnedRed(one)).map(reasoned);
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
    collateral: others.flatMap((id) => (declared[id] === undefined ? [reasoned(hit(id))] : [])),
    stale: Object.keys(declared).filter((id) => !others.includes(id)),
    unseen: fault.undetectable ?? null,
    survives:
      fault.undetectable === undefined &&
      (killedBy.length === 0 ||
        missedBy.length > 0 ||
        (fault.level === 'MUST' && !killedBy.some(({ verdict }) => verdict === 'fail'))),
  };
}

const NEARLY_ALL = 0.9;

function cleanRow({ contract, verdicts }: Trial): CleanRow {
  const all = [...verdicts].map(([requirement, { verdict, reason }]) => ({ requirement, verdict, reason }));
  const passed = all.filter(({ verdict }) => verdict === 'pass').length;
  return {
    contract,
    passes: passed >= NEARLY_ALL * all.filter(({ verdict }) => verdict !== 'skipped').length,
    red: all.filter(({ verdict }) => isRed(verdict)),
  };
}

/** What is wrong with a matrix, a sentence each: there may be nothing. */
export function problems({ faults, clean }: Pick<KillMatrix, 'faults' | 'clean'>): string[] {
  return [
    ...clean.flatMap(({ contract, red }) =>
      red.map((hit) => `${told(hit)} without any fault, under the contract ${contract}: ${hit.reason}`),
    ),
    ...faults.flatMap(({ id, level, survives, killedBy, missedBy, collateral, stale }) => [
      ...missedBy.map((hit) => `fault ${id} has to be caught by ${told(hit)}: ${hit.reason}`),
      ...(survives && missedBy.length === 0
        ? [
            `fault ${id} is of level ${level}, and no run fails for it: ${killedBy.map(told).join(', ') || 'no requirement catches it'}`,
          ]
        : []),
      ...collateral.map((hit) => `fault ${id} also fails ${told(hit)}, which it does not declare: ${hit.reason}`),
      ...stale.map((requirement) => `fault ${id} declares that it also fails ${requirement}, which does not fail`),
    ]),
  ];
}

const told = ({ requirement, verdict }: Hit): string => `${requirement} (${verdict})`;

/** The matrix as the text of its file: one row a line, so that a change shows what it is about. */
export function matrixText(matrix: KillMatrix): string {
  const parts = Object.entries(matrix).map(
    ([name, rows]: [string, readonly unknown[]]) =>
      `${JSON.stringify(name)}: [\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`,
  );
  return `{\n${parts.join(',\n')}\n}\n`;
}

/** Tests of requirements as tables: what satisfies each, what violates it, and what else the same exchanges violate. */

import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Judgement, Place, Requirement, Suite } from '../../core/requirement.js';
import { beyondCore } from '../../suites/beyond-core.js';
import { response } from '../../suites/response.js';
import { stopReasons } from '../../suites/stop-reasons.js';
import { streamDeltas } from '../../suites/stream-deltas.js';
import { streamErrors } from '../../suites/stream-errors.js';
import { streamFraming } from '../../suites/stream-framing.js';
import { streamOrder } from '../../suites/stream-order.js';
import { streamTools } from '../../suites/stream-tools.js';
import { usage } from '../../suites/usage.js';
import { judgeWith } from './exchange.js';

/** Families that judge the same replies: a fault should violate only one requirement. */
export const FAMILIES: readonly Suite[] = [
  response,
  usage,
  beyondCore,
  stopReasons,
  streamFraming,
  streamOrder,
  streamDeltas,
  streamTools,
  streamErrors,
];

interface Example {
  /** What the exchanges show: the name of the test. */
  that: string;
  exchanges: Exchange[];
}

interface Violated extends Example {
  /** Part of the place of the first finding. */
  at?: Place;
  /** Other requirements that the same fault also violates. */
  also?: string[];
}

interface Other extends Example {
  outcome: Judgement['outcome'];
}

export interface Cases {
  satisfied: Example[];
  violated: Violated[];
  other?: Other[];
}

/** Every requirement of the suite must be in the table, with an example that satisfies it and one that violates it. */
export function testRequirements(suite: Suite, table: Readonly<Record<string, Cases>>): void {
  test('every requirement has examples of both kinds', () => {
    expect(Object.keys(table).sort()).toEqual(suite.requirements.map(({ id }) => id).sort());
  });
  for (const requirement of suite.requirements) {
    const cases = table[requirement.id];
    if (cases !== undefined) describe(requirement.id, () => testOne(requirement, cases));
  }
}

function testOne(requirement: Requirement, { satisfied, violated, other = [] }: Cases): void {
  test('has examples of both kinds', () => {
    expect(satisfied.length).toBeGreaterThan(0);
    expect(violated.length).toBeGreaterThan(0);
  });
  for (const { that, exchanges } of satisfied) {
    test(`satisfied: ${that}`, () => {
      expect(judgeWith(requirement, exchanges)).toMatchObject({ outcome: 'satisfied' });
    });
  }
  for (const { that, exchanges, at = {}, also = [] } of violated) {
    test(`violated: ${that}`, () => {
      const judgement = judgeWith(requirement, exchanges);
      if (judgement.outcome !== 'violated') throw new Error(`not violated: ${JSON.stringify(judgement)}`);
      expect(judgement.findings.length).toBeGreaterThan(0);
      for (const { message, expected, actual } of judgement.findings) {
        expect([message, expected, actual].filter((line) => line === '' || /(?<!")undefined/.test(line))).toEqual([]);
      }
      expect(judgement.findings[0]!.at ?? {}).toMatchObject(at);
      expect(violatedBy(exchanges)).toEqual([requirement.id, ...also].sort());
    });
  }
  for (const { that, exchanges, outcome } of other) {
    test(`${outcome}: ${that}`, () => {
      expect(judgeWith(requirement, exchanges)).toMatchObject({ outcome });
    });
  }
}

/** Ids of all requirements of these families that the exchanges violate. */
export function violatedBy(exchanges: readonly Exchange[]): string[] {
  return FAMILIES.flatMap(({ requirements }) => requirements)
    .filter((requirement) => judgeWith(requirement, exchanges).outcome === 'violated')
    .map(({ id }) => id)
    .sort();
}

/** Tests of requirements as tables: what keeps each, what breaks it, and what else the same exchanges break. */

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

/** Families that judge the same replies: a fault should show in one requirement alone. */
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
  /** What the exchanges show, as the name of the test. */
  that: string;
  exchanges: Exchange[];
}

interface Broken extends Example {
  /** Part of the place of the first finding. */
  at?: Place;
  /** Other requirements that the same fault rightly breaks. */
  also?: string[];
}

interface Other extends Example {
  outcome: Judgement['outcome'];
}

export interface Cases {
  kept: Example[];
  broken: Broken[];
  other?: Other[];
}

/** Every requirement of the suite must be in the table, with an example that keeps it and one that breaks it. */
export function testRequirements(suite: Suite, table: Readonly<Record<string, Cases>>): void {
  test('every requirement has examples of both kinds', () => {
    expect(Object.keys(table).sort()).toEqual(suite.requirements.map(({ id }) => id).sort());
  });
  for (const requirement of suite.requirements) {
    const cases = table[requirement.id];
    if (cases !== undefined) describe(requirement.id, () => testOne(requirement, cases));
  }
}

function testOne(requirement: Requirement, { kept, broken, other = [] }: Cases): void {
  test('has examples of both kinds', () => {
    expect(kept.length).toBeGreaterThan(0);
    expect(broken.length).toBeGreaterThan(0);
  });
  for (const { that, exchanges } of kept) {
    test(`kept: ${that}`, () => {
      expect(judgeWith(requirement, exchanges)).toMatchObject({ outcome: 'satisfied' });
    });
  }
  for (const { that, exchanges, at = {}, also = [] } of broken) {
    test(`broken: ${that}`, () => {
      const judgement = judgeWith(requirement, exchanges);
      if (judgement.outcome !== 'violated') throw new Error(`not broken: ${JSON.stringify(judgement)}`);
      expect(judgement.findings.length).toBeGreaterThan(0);
      for (const { message, expected, actual } of judgement.findings) {
        expect([message, expected, actual].filter((line) => line === '' || /(?<!")undefined/.test(line))).toEqual([]);
      }
      expect(judgement.findings[0]!.at ?? {}).toMatchObject(at);
      expect(brokenBy(exchanges)).toEqual([requirement.id, ...also].sort());
    });
  }
  for (const { that, exchanges, outcome } of other) {
    test(`${outcome}: ${that}`, () => {
      expect(judgeWith(requirement, exchanges)).toMatchObject({ outcome });
    });
  }
}

/** Ids of all requirements of these families that the exchanges break. */
export function brokenBy(exchanges: readonly Exchange[]): string[] {
  return FAMILIES.flatMap(({ requirements }) => requirements)
    .filter((requirement) => judgeWith(requirement, exchanges).outcome === 'violated')
    .map(({ id }) => id)
    .sort();
}

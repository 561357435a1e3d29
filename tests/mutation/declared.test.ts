import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tryFaultless, tryNamed } from '../../mutation/declared.js';
import { WITHOUT_FAULT } from '../../mutation/exceptions.js';
import { cleanRows, faultRows, isTouched, type KillMatrix, matrixText, problems } from '../../mutation/matrix.js';
import { killPage } from '../../mutation/page.js';
import { USUAL_CONTRACT } from '../../mutation/prove.js';
import { FAULT_FAMILIES, FAULTS } from '../../reference/faults/index.js';
import { packageFile } from '../../runner/package-files.js';
import { INCIDENTS } from '../../suites/catalogue/incidents.js';
import { CATALOGUE } from '../../suites/index.js';

it('the endpoint without faults passes', async () => {
  const clean = cleanRows([await tryFaultless(USUAL_CONTRACT)]);
  expect(clean).toEqual([{ contract: USUAL_CONTRACT, passes: true, red: [] }]);
});

/**
 * Of each family the first and every so many-th after it. `npm run proof -- --check` tries all of them, and the endpoint without faults under every
 * contract that a fault needs; `--touched` those whose row in the matrix is an old one.
 */
const EVERY = 20;

describe.each(FAULT_FAMILIES)('faults of $name are caught by what they name', ({ faults }) => {
  it.concurrent.each(faults.filter((_, index) => index % EVERY === 0))('$id', async (fault) => {
    const faults = faultRows([await tryNamed(fault)], FAULT_FAMILIES);
    expect(problems({ faults, clean: [] })).toEqual([]);
  });
});

describe('the catalogue of faults', () => {
  it('has a fault for each requirement, or a reason why not', () => {
    const caught = new Set(FAULTS.flatMap(({ caughtBy }) => caughtBy));
    const ids = CATALOGUE.map(({ id }) => id);
    expect(ids.filter((id) => !caught.has(id) && WITHOUT_FAULT[id] === undefined)).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(WITHOUT_FAULT)));
  });
});

describe('docs/kill-matrix.json and .md; `npm run proof` writes them anew', () => {
  const text = (name: string) => readFileSync(packageFile('docs', name), 'utf8');
  const matrix = JSON.parse(text('kill-matrix.json')) as KillMatrix;

  it('are one document in two forms', () => {
    expect(matrixText(matrix)).toBe(text('kill-matrix.json'));
    expect(killPage(matrix, new Map(INCIDENTS.map(({ id, url }) => [id, url])))).toBe(text('kill-matrix.md'));
  });

  it('have every fault and requirement as they are declared', () => {
    expect(matrix.faults.map(({ id }) => id)).toEqual(FAULTS.map(({ id }) => id));
    expect(FAULTS.filter((fault) => isTouched(fault, matrix)).map(({ id }) => id)).toEqual([]);
    expect(matrix.requirements.map(({ id, level, profile }) => ({ id, level, profile }))).toEqual(
      CATALOGUE.map(({ id, level, profile }) => ({ id, level, profile })),
    );
    expect(problems(matrix)).toEqual([]);
  });
});

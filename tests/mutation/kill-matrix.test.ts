import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WITHOUT_FAULT } from '../../mutation/exceptions.js';
import { type KillMatrix, problems } from '../../mutation/matrix.js';
import { FAULTS } from '../../reference/faults/index.js';
import { packageFile } from '../../runner/package-files.js';
import { CATALOGUE } from '../../suites/index.js';
import { scratch } from '../support/command.js';

/** A busy machine takes several times as long; nothing here is about time. */
const PATIENCE_MS = 900_000;

const { folder, remove } = scratch();
afterAll(remove);

/** `npm run proof` of what is built, written to a folder of its own. */
function proof(): Promise<string> {
  const child = spawn(process.execPath, [packageFile('scripts', 'proof.mjs'), '--out', folder]);
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
  }
  return new Promise((resolve) => child.on('close', () => resolve(told)));
}

describe('the suite against every fault of the reference endpoint', () => {
  let told = '';
  let matrix: KillMatrix;
  beforeAll(async () => {
    told = await proof();
    matrix = JSON.parse(readFileSync(join(folder, 'kill-matrix.json'), 'utf8'));
  }, PATIENCE_MS);

  it('catches each, blames nothing undeclared, and finds the endpoint without faults clean', () => {
    expect(problems(matrix), told).toEqual([]);
  });

  it('has run with every fault, and under every contract without one', () => {
    expect(matrix.faults.map(({ id }) => id)).toEqual(FAULTS.map(({ id }) => id));
    const contracts = new Set(matrix.faults.map(({ contract }) => contract));
    expect(matrix.clean.map(({ contract }) => contract)).toEqual([...contracts]);
    expect(matrix.clean.filter(({ passes }) => !passes)).toEqual([]);
  });

  it('has a fault for each requirement, or a reason why not', () => {
    const unproved = matrix.requirements.filter(({ catches, exception }) => catches.length === 0 && exception === null);
    expect(unproved.map(({ id }) => id)).toEqual([]);
    const ids = CATALOGUE.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(WITHOUT_FAULT)));
  });

  it.each(['kill-matrix.md', 'kill-matrix.json'])('stands in docs/%s; `npm run proof` writes it anew', (name) => {
    expect(readFileSync(packageFile('docs', name), 'utf8')).toBe(readFileSync(join(folder, name), 'utf8'));
  });
});

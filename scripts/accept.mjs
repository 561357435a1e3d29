/**
 * `npm run accept`: after a change of suites/, fixtures/ or reference/faults/, writes what follows from them, in the order in which
 * one can be wrong: the rows of touched faults in docs/kill-matrix.*, docs/conformant-variants.md, the snapshots of the catalogue and
 * of the texts of runs. New requirements meet every fault first. Stops with status 1 at whatever is not as declared.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newcomers, undeclared } from '../dist/mutation/newcomers.js';
import { FAULTS } from '../dist/reference/faults/index.js';
import { CATALOGUE } from '../dist/suites/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const SNAPSHOTS = ['tests/suites/catalogue.test.ts', 'tests/runs/terminal-text.test.ts'];

const matrix = JSON.parse(readFileSync(`${root}docs/kill-matrix.json`, 'utf8'));
const added = newcomers(CATALOGUE, matrix);

step(`New requirements: ${added.join(', ') || 'none'}`);
const uncaught = added.filter((id) => !FAULTS.some(({ caughtBy }) => caughtBy.includes(id)));
for (const id of uncaught)
  console.log(`${id} has no fault that it catches: add one to reference/faults/, with \`caughtBy: ['${id}']\``);
const found = await silently(() => undeclared(added));
for (const { fault, requirement, reason } of found) {
  console.log(`fault ${fault} fails ${requirement}: ${reason}`);
}
if (found.length > 0)
  console.log(
    'Mend the judge where it blames the wrong thing. Else add the requirement to the fault: `caughtBy`, or `alsoFails` with the reason.',
  );
if (uncaught.length + found.length > 0) process.exit(1);

step('Rows of touched faults');
run('scripts/proof.mjs', '--touched', '--update');
step('Page of conformant variants');
run('scripts/variants.mjs');
step('Snapshots');
run('node_modules/vitest/vitest.mjs', 'run', ...SNAPSHOTS, '--update');
console.log('\nRead what changed: git diff docs tests/suites/__snapshots__ tests/runs/texts');

/** Connections that a fault cuts on purpose are reported as errors. */
async function silently(work) {
  const { error } = console;
  console.error = () => {};
  try {
    return await work();
  } finally {
    console.error = error;
  }
}

function step(title) {
  console.log(`\n== ${title}`);
}

function run(script, ...args) {
  try {
    execFileSync(process.execPath, [root + script, ...args], { cwd: root, stdio: 'inherit' });
  } catch (error) {
    process.exit(error.status ?? 1);
  }
}

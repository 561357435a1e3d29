/**
 * `npm run proof`: judges the reference endpoint with each of its faults and writes what catches which.
 * `npm run proof -- --only FAULT` (or a family; repeatable) tells of these alone and writes nothing.
 * `npm run proof -- --out DIR` writes elsewhere than to `docs/`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { WITHOUT_FAULT } from '../dist/mutation/exceptions.js';
import { killMatrix, matrixText, problems } from '../dist/mutation/matrix.js';
import { killPage } from '../dist/mutation/page.js';
import { subjects } from '../dist/mutation/prove.js';
import { FAULT_FAMILIES, FAULTS } from '../dist/reference/faults/index.js';
import { INCIDENTS } from '../dist/suites/catalogue/incidents.js';
import { CATALOGUE } from '../dist/suites/index.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: fileURLToPath(new URL('../docs', import.meta.url)) },
  },
});
const whole = values.only.length === 0;
const faults = whole ? FAULTS : values.only.flatMap(named);
const wanted = subjects(faults);

const trials = await judged(wanted);
const matrix = killMatrix(trials, FAULT_FAMILIES, CATALOGUE, WITHOUT_FAULT);
if (whole) write();
else for (const row of matrix.faults) console.log(told(row));
summarise();

function named(name) {
  const found = FAULTS.filter(({ id }) => id === name);
  const family = FAULT_FAMILIES.find((one) => one.name === name)?.faults ?? [];
  if (found.length + family.length > 0) return [...found, ...family];
  console.error(`--only ${name}: there is no such fault or family; \`serve --list-faults\` names all`);
  process.exit(2);
}

/** Trials in the order of their subjects, from as many threads as there are processors. */
async function judged(all) {
  const parts = Math.min(availableParallelism(), all.length);
  const trials = new Map();
  const key = (fault, contract) => `${fault ?? ''} ${contract}`;
  const inThread = (part) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./proof-worker.mjs', import.meta.url), {
        workerData: { ids: faults.map(({ id }) => id), part, parts },
        // Connections that a fault cuts on purpose are told there.
        stderr: true,
        // Most of what a trial makes lives shortly: room for it spares a tenth of the time.
        resourceLimits: { maxYoungGenerationSizeMb: 192 },
      });
      worker.on('message', (trial) => trials.set(key(trial.fault, trial.contract), trial));
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
  await Promise.all(Array.from({ length: parts }, (_, part) => inThread(part)));
  return all.map(({ fault, contract }) => ({ ...trials.get(key(fault?.id, contract)), fault }));
}

function write() {
  mkdirSync(values.out, { recursive: true });
  const addresses = new Map(INCIDENTS.map(({ id, url }) => [id, url]));
  writeFileSync(join(values.out, 'kill-matrix.json'), matrixText(matrix));
  writeFileSync(join(values.out, 'kill-matrix.md'), killPage(matrix, addresses));
  console.log(`${join(values.out, 'kill-matrix.md')} and kill-matrix.json are written.`);
}

function told({ id, title, level, killedBy, besides }) {
  const list = (hits) => hits.map(({ requirement, verdict }) => `${requirement} (${verdict})`).join(', ') || 'nothing';
  return `${id} [${level}] ${title}\n  killed by ${list(killedBy)}\n  besides ${list(besides)}`;
}

function summarise() {
  const sum = (name) => matrix.families.reduce((total, family) => total + family[name], 0);
  const wrong = problems(matrix);
  console.log(
    `${sum('faults')} faults: ${sum('killed')} killed, ${sum('survivors')} survive, ${sum('unseen')} cannot be seen.`,
  );
  for (const problem of wrong) console.log(problem);
  console.log(wrong.length === 0 ? 'Nothing is undeclared.' : `${wrong.length} problems.`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

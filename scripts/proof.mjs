/**
 * `npm run proof`: judges the reference endpoint with each of its faults and writes what catches which to docs/kill-matrix.*. The
 * reference gateway is judged with each of its faults too (docs/gateway-faults.md), with every API that its upstream can speak. Both are
 * judged with their conformant variants, of which none may fail, and msw handlers have to answer with each fault and variant as a socket
 * does.
 *
 *   --only ID     these alone (a fault, a family of faults, or a requirement: the faults that name it; repeatable).
 *                 Prints their rows and writes nothing
 *   --touched     besides, the faults whose row in the matrix is not what they declare now
 *   --update      with --only or --touched: writes their rows, and leaves all others as they are
 *   --check       writes nothing, and fails where docs/ differs
 *   --out DIR     elsewhere than docs/
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { WITHOUT_COMMAND, WITHOUT_FAULT } from '../dist/mutation/exceptions.js';
import { gatewayPage } from '../dist/mutation/gateway/page.js';
import { cleanRows, faultRows, isTouched, killMatrix, matrixText, problems } from '../dist/mutation/matrix.js';
import { killPage } from '../dist/mutation/page.js';
import { subjects } from '../dist/mutation/prove.js';
import { FAULT_FAMILIES, FAULTS } from '../dist/reference/faults/index.js';
import { GATEWAY_FAULTS } from '../dist/reference/gateway/faults/index.js';
import { INCIDENTS } from '../dist/suites/catalogue/incidents.js';
import { CATALOGUE } from '../dist/suites/index.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    touched: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    out: { type: 'string', default: fileURLToPath(new URL('../docs', import.meta.url)) },
  },
});
const isWhole = values.only.length === 0 && !values.touched;
const gatewayFaults = isWhole
  ? GATEWAY_FAULTS
  : GATEWAY_FAULTS.filter((fault) => values.only.some((name) => names(fault, name)));
const written = isWhole && !values.check ? null : read();
const faults = isWhole ? FAULTS : chosen();
const found = await judged();
const trials = inOrder(subjects(faults));
const rows = faultRows(trials, FAULT_FAMILIES);
const matrix = isWhole
  ? killMatrix(rows, cleanRows(trials), FAULT_FAMILIES, CATALOGUE, WITHOUT_FAULT)
  : killMatrix(merged(rows), written.clean, FAULT_FAMILIES, CATALOGUE, WITHOUT_FAULT);
const wrong = problems(isWhole ? matrix : { faults: rows, clean: cleanRows(trials) });

wrong.push(...trials.flatMap(lostCommands));

const inMsw = found.filter(({ kind }) => kind === 'msw');
wrong.push(
  ...inMsw.flatMap(({ name, differences }) =>
    differences.map((one) => `${name} differs in msw and on a socket: ${one}`),
  ),
);

const gatewayTrials = found.filter(({ kind }) => kind === 'gateway');
wrong.push(...gatewayTrials.flatMap(survivor));
const groups = found.filter(({ kind }) => kind === 'variants');
const gatewayGroups = found.filter(({ kind }) => kind === 'gateway-variants');
wrong.push(...[...groups, ...gatewayGroups].flatMap(({ problems }) => problems));
for (const { speaks, red } of found.filter(({ kind }) => kind === 'gateway-clean'))
  wrong.push(...falseAlarms(speaks, red));

if (!isWhole) for (const row of rows) console.log(inWords(row));
if (values.check) wrong.push(...differences());
else if (isWhole || (values.update && wrong.length === 0)) write();
else if (values.update) console.log('Nothing is written while a row is not as declared.');
summarise();

function read() {
  return JSON.parse(readFileSync(join(values.out, 'kill-matrix.json'), 'utf8'));
}

/** Faults that were asked for, in the order of the catalogue. */
function chosen() {
  const named = new Set(values.only.flatMap(faultsNamed));
  return FAULTS.filter((fault) => named.has(fault) || (values.touched && isTouched(fault, written)));
}

function faultsNamed(name) {
  const family = FAULT_FAMILIES.find((one) => one.name === name);
  const found = family?.faults ?? FAULTS.filter((fault) => names(fault, name));
  if (found.length > 0 || gatewayFaults.some((fault) => names(fault, name))) return found;
  console.error(
    `--only ${name}: there is no such fault or family, and no fault names such a requirement; \`serve --list-faults\` names all`,
  );
  process.exit(2);
}

/** Whether a fault has this id, or a requirement with this id catches it. */
function names(fault, name) {
  return fault.id === name || fault.caughtBy.includes(name) || Object.hasOwn(fault.alsoFails ?? {}, name);
}

function survivor({ fault, speaks, missed }) {
  return missed.length === 0 ? [] : [`${fault} with ${speaks}: missed by ${missed.join(', ')}`];
}

function falseAlarms(speaks, red) {
  return red.length === 0 ? [] : [`the gateway without faults, with ${speaks}: fails ${red.join(', ')}`];
}

/** The rows of the written matrix, with those that were judged now in their place. Faults that are gone are left out. */
function merged(judgedNow) {
  const byId = new Map([...written.faults, ...judgedNow].map((row) => [row.id, row]));
  return FAULTS.flatMap(({ id }) => byId.get(id) ?? []);
}

/** All that there is to try, in no order, from as many threads as there are processors. */
async function judged() {
  const parts = availableParallelism();
  const all = [];
  const inThread = (part) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./proof-worker.mjs', import.meta.url), {
        workerData: { faults: idsOf(faults), gatewayFaults: idsOf(gatewayFaults), variants: isWhole, part, parts },
        // Connections that a fault cuts on purpose are reported there.
        stderr: true,
        // Most of what a trial makes lives shortly: room for it saves a tenth of the time.
        resourceLimits: { maxYoungGenerationSizeMb: 192 },
      });
      worker.on('message', (trial) => all.push(trial));
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
  await Promise.all(Array.from({ length: parts }, (_, part) => inThread(part)));
  return all;
}

function idsOf(all) {
  return all.map(({ id }) => id);
}

/** The trials of the endpoint in the order of their subjects. */
function inOrder(all) {
  const key = (fault, contract) => `${fault ?? ''} ${contract}`;
  const endpoints = found.filter(({ kind }) => kind === 'endpoint');
  const byKey = new Map(endpoints.map((trial) => [key(trial.fault, trial.contract), trial]));
  return all.map(({ fault, contract }) => ({ ...byKey.get(key(fault?.id, contract)), fault }));
}

/** The documents by their names. */
function documents() {
  const addresses = new Map(INCIDENTS.map(({ id, url }) => [id, url]));
  return {
    'kill-matrix.json': matrixText(matrix),
    'kill-matrix.md': killPage(matrix, addresses),
    'gateway-faults.md': gatewayPage(),
  };
}

function write() {
  mkdirSync(values.out, { recursive: true });
  for (const [name, text] of Object.entries(documents())) writeFileSync(join(values.out, name), text);
  console.log(`${join(values.out, 'kill-matrix.md')}, kill-matrix.json and gateway-faults.md are written.`);
}

/** Lines of the documents that are not what they would be written as now. */
function differences() {
  return Object.entries(documents()).flatMap(([name, text]) => {
    const before = readFileSync(join(values.out, name), 'utf8');
    if (before === text) return [];
    const known = new Set(before.split('\n'));
    const changed = text.split('\n').filter((line) => !known.has(line));
    const shown = changed.slice(0, 5).map((line) => `  ${line.slice(0, 200)}`);
    return [
      [`${name} is not what this run found; \`npm run proof\` writes it anew. It would have`, ...shown].join('\n'),
    ];
  });
}

function inWords({ id, title, level, killedBy, besides }) {
  const list = (hits) => hits.map(({ requirement, verdict }) => `${requirement} (${verdict})`).join(', ') || 'nothing';
  return `${id} [${level}] ${title}\n  caught by ${list(killedBy)}\n  also fails ${list(besides)}`;
}

/** Failures of a trial whose own command does not show them again. */
function lostCommands({ fault, notShownAgain }) {
  return notShownAgain.map((id) => `${fault.id}: the printed command of ${id} does not fail again`);
}

function inRuns(what, all) {
  const variants = all.reduce((sum, { size }) => sum + size, 0);
  const alarming = all.filter(({ problems }) => problems.length > 0).length;
  return `${variants} ${what} in ${all.length} runs: ${alarming} of these raise an alarm.`;
}

function summarise() {
  const count = (test) => rows.filter(test).length;
  const caught = count(({ survives, unseen }) => !survives && unseen === null);
  console.log(
    `${rows.length} faults: ${caught} caught, ${count(({ survives }) => survives)} survive, ${count(({ unseen }) => unseen !== null)} undetectable.`,
  );
  const survivors = gatewayTrials.filter(({ missed }) => missed.length > 0).length;
  console.log(`${gatewayTrials.length} faults of gateways, each with one API: ${survivors} survive.`);
  if (isWhole) {
    console.log(inRuns('conformant variants', groups));
    console.log(inRuns('conformant variants of gateways, each with one API,', gatewayGroups));
    const unlike = inMsw.filter(({ differences }) => differences.length > 0).length;
    console.log(`${inMsw.length} faults and variants in msw handlers: ${unlike} differ from the same on a socket.`);
  }
  const commands = trials.reduce((sum, trial) => sum + trial.commands.length, 0);
  const lost = trials.reduce((sum, trial) => sum + trial.notShownAgain.length, 0);
  const left = Object.keys(WITHOUT_COMMAND).length;
  console.log(
    `${commands} commands of MUST failures: ${lost} do not fail again (${left} faults left out, each with its reason).`,
  );
  for (const problem of wrong) console.log(problem);
  console.log(wrong.length === 0 ? 'Nothing is undeclared.' : `${wrong.length} problems.`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

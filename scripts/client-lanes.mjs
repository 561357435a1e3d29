/**
 * Runs the Python and the Go client against the reference endpoint and five of its faults, and compares with clients/recorded.json.
 * `--install` puts them into the cache first. A client that cannot be installed is said loudly and skipped: what is missing on a machine
 * is no fault of the suite. Ends with status 1 only where a client takes something in another way than recorded.
 */
import { readFileSync } from 'node:fs';
import { loadLanes } from '../dist/tap/lanes/lanes.js';
import { prepare } from '../dist/tap/lanes/prepare.js';
import { cellOf, measure, troubleOf } from './client-effects.mjs';

const CLIENTS = ['go', 'python'];

/** One for each way: another value, an error, nothing at all, a repeated input, a foreign line. */
const IDS = [
  'index-always-zero',
  'message-delta-missing',
  'event-names-missing',
  'tool-input-at-start-and-after',
  'done-event',
];

/** A network that is not there must not hold up the rest. */
const INSTALL_MS = 180_000;

const { faults } = JSON.parse(readFileSync(new URL('../clients/recorded.json', import.meta.url), 'utf8'));
const install = process.argv.includes('--install');
const lanes = loadLanes().filter(({ id }) => CLIENTS.includes(id));
const started = Date.now();
const ready = await Promise.all(
  lanes.map((lane) => prepare(lane, install, INSTALL_MS).catch((error) => ({ reason: error.message }))),
);

let ran = 0;
let wrong = 0;
const tell = (lane, text) => console.log(`${lane.title} ${lane.version}  ${text}`);
for (const [index, lane] of lanes.entries()) {
  const { reason } = ready[index];
  if (reason !== undefined) {
    console.log(`\n!!! SKIPPED: the lane of the client ${lane.title} ${lane.version} did not run: ${reason}\n`);
    continue;
  }
  ran += 1;
  const plain = await measure(lane, []);
  const trouble = troubleOf(plain);
  if (trouble.length > 0) {
    wrong += 1;
    tell(
      lane,
      `does not get what the bytes say: ${JSON.stringify(trouble.map(({ probe, result }) => [probe, result]))}`,
    );
    continue;
  }
  tell(lane, 'works with the reference endpoint');
  for (const id of IDS) {
    const cell = cellOf(plain, await measure(lane, [id]));
    const recorded = faults.find(({ fault }) => fault === id)?.effects[lane.id];
    if (cell !== recorded) wrong += 1;
    tell(lane, `${id}: ${cell}${cell === recorded ? '' : `, and clients/recorded.json says ${recorded}`}`);
  }
}
const seconds = Math.round((Date.now() - started) / 1_000);
console.log(`${ran} of ${lanes.length} clients, ${IDS.length} faults, ${wrong} differences, ${seconds} s`);
process.exitCode = wrong === 0 ? 0 : 1;

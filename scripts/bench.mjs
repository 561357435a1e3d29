/**
 * `npm run bench`: what the project costs beside what it is compared with, measured in the same run; whole processes in turn, medians after
 * a warm-up, CPU time rather than wall time. A ratio holds on a busy machine, a second does not.
 * `npm run bench -- --only list --only floor --runs 9` measures the rows whose names contain one of these texts.
 */
import { parseArgs } from 'node:util';
import { benchReport } from './bench/report-page.mjs';
import { runRows } from './bench/run-rows.mjs';
import { serveRows } from './bench/serve-rows.mjs';
import { slowRows } from './bench/slow-rows.mjs';
import { sseRows } from './bench/sse-rows.mjs';
import { benchTap } from './bench/tap.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, runs: { type: 'string', default: '5' } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: expected a whole number from 1`);

const RATIOS = [...runRows, ...slowRows, ...sseRows, ...serveRows];
/** Tables of their own, in units. */
const TABLES = [
  { id: 'HTML report', measure: () => benchReport(runs) },
  { id: 'tap', measure: () => benchTap() },
];

const isChosen = ({ id }) => values.only === undefined || values.only.some((text) => id.includes(text));
const ratios = RATIOS.filter(isChosen);
const tables = TABLES.filter(isChosen);
if (ratios.length + tables.length === 0)
  throw new Error(
    `--only ${values.only}: no such row; there are\n  ${[...RATIOS, ...TABLES].map(({ id }) => id).join('\n  ')}`,
  );

console.log(`Node ${process.version}, medians of ${runs} runs\n`);
if (ratios.length > 0) line('what', 'ratio', 'goal', 'measured');
for (const { id, goal, atLeast = false, measure } of ratios) {
  const { ratio, note } = await measure({ runs });
  const isReached = atLeast ? ratio >= goal : ratio <= goal;
  line(id, `${ratio.toFixed(2)}${isReached ? ' ' : '!'}`, `${atLeast ? '≥' : '≤'} ${goal}`, note);
}
for (const { measure } of tables) {
  console.log('');
  line('what', 'measured', 'goal', '');
  for (const { what, figure, unit, limit } of await measure()) {
    const shown = (value) => `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} ${unit}`.trim();
    line(what, shown(figure), limit === null ? '' : shown(limit), '');
  }
}

function line(what, ratio, goal, note) {
  console.log(`${what.padEnd(50)}${ratio.padStart(12)}${goal.padStart(12)}  ${note}`.trimEnd());
}

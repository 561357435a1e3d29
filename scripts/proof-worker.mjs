/** Judges every so many-th subject of a proof; started by proof.mjs. */
import { parentPort, workerData } from 'node:worker_threads';
import { prove, subjects } from '../dist/mutation/prove.js';

const { ids, part, parts } = workerData;
const all = subjects().filter(({ fault }) => fault === null || ids.includes(fault.id));

await prove(
  all.filter((_, index) => index % parts === part),
  { again: true, onTrial: ({ fault, ...rest }) => parentPort.postMessage({ fault: fault?.id ?? null, ...rest }) },
);

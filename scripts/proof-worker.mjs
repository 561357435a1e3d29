/** Judges every so many-th subject, gateway and group of variants of a proof; started by proof.mjs. */
import { parentPort, workerData } from 'node:worker_threads';
import { DIALECTS } from '../dist/gateway/dialects/index.js';
import { proveGateway } from '../dist/mutation/gateway/prove.js';
import { gatewaySubjects } from '../dist/mutation/gateway/subjects.js';
import { prove, subjects } from '../dist/mutation/prove.js';
import { GROUPS } from '../dist/mutation/variants/groups.js';
import { nameOf, proveVariants } from '../dist/mutation/variants/prove.js';

const { faults, gatewayFaults, variants, part, parts } = workerData;
const mine = (all) => all.filter((_, index) => index % parts === part);
const send = (kind, found) => parentPort.postMessage({ kind, ...found });

await prove(mine(subjects().filter(({ fault }) => fault === null || faults.includes(fault.id))), {
  again: true,
  onTrial: ({ fault, ...rest }) => send('endpoint', { fault: fault?.id ?? null, ...rest }),
});

const gateways = new Set(mine(DIALECTS.flatMap(({ name }) => gatewaySubjects(name).map(keyOf))));
const isMine = (subject) => gatewayFaults.includes(subject.fault.id) && gateways.has(keyOf(subject));
for (const trial of await proveGateway(isMine)) send('gateway', trial);

if (variants)
  for (const { group, problems } of await proveVariants(mine(GROUPS)))
    send('variants', { group: nameOf(group), problems });

function keyOf({ speaks, fault }) {
  return `${speaks} ${fault.id}`;
}

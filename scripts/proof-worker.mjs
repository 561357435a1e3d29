/** Judges every so many-th subject, gateway and group of variants of a proof; started by proof.mjs. */
import { parentPort, workerData } from 'node:worker_threads';
import { proveGateway } from '../dist/mutation/gateway/prove.js';
import { GATEWAY_SUBJECTS } from '../dist/mutation/gateway/subjects.js';
import { prove, subjects } from '../dist/mutation/prove.js';
import { GROUPS } from '../dist/mutation/variants/groups.js';
import { nameOf, proveVariants } from '../dist/mutation/variants/prove.js';
import { FAULTS } from '../dist/reference/faults/index.js';

const { faults, gatewayFaults, variants, part, parts } = workerData;
const mine = (all) => all.filter((_, index) => index % parts === part);
const send = (kind, found) => parentPort.postMessage({ kind, ...found });

await prove(mine(subjects(FAULTS.filter(({ id }) => faults.includes(id)))), {
  again: true,
  onTrial: ({ fault, ...rest }) => send('endpoint', { fault: fault?.id ?? null, ...rest }),
});

const gateways = GATEWAY_SUBJECTS.filter(({ fault }) => gatewayFaults.includes(fault.id));
for (const trial of await proveGateway(mine(gateways))) send('gateway', trial);

if (variants)
  for (const { group, problems } of await proveVariants(mine(GROUPS)))
    send('variants', { group: nameOf(group), problems });

/** Judges every so many-th subject and group of variants of a proof, endpoints and gateways; started by proof.mjs. */
import { parentPort, workerData } from 'node:worker_threads';
import { DIALECTS } from '../dist/gateway/dialects/index.js';
import { cleanGateway, proveGateway, redIn } from '../dist/mutation/gateway/prove.js';
import { proveGatewayVariants } from '../dist/mutation/gateway/prove-variants.js';
import { GATEWAY_SUBJECTS } from '../dist/mutation/gateway/subjects.js';
import { GATEWAY_GROUPS } from '../dist/mutation/gateway/variant-groups.js';
import { nameOf } from '../dist/mutation/groups.js';
import { MSW_SUBJECTS, proveMsw } from '../dist/mutation/msw.js';
import { prove, subjects } from '../dist/mutation/prove.js';
import { GROUPS } from '../dist/mutation/variants/groups.js';
import { proveVariants } from '../dist/mutation/variants/prove.js';
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
if (gatewayFaults.length > 0)
  for (const { name: speaks } of mine(DIALECTS))
    send('gateway-clean', { speaks, red: redIn(await cleanGateway(speaks)) });

if (variants) {
  for (const { group, problems } of await proveVariants(mine(GROUPS)))
    send('variants', { name: nameOf(group), size: group.length, problems });
  for (const { speaks, variants, problems } of await proveGatewayVariants(mine(GATEWAY_GROUPS)))
    send('gateway-variants', { name: `${nameOf(variants)} with ${speaks}`, size: variants.length, problems });
  // The last: msw takes the place of this thread's `fetch`.
  for (const { subject, differences } of await proveMsw(mine(MSW_SUBJECTS)))
    send('msw', { name: `${subject.kind} ${subject.id}`, differences });
}

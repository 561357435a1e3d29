/** What a fault of the reference endpoint does to a real client, as docs/clients.md writes it. */
import { startEndpoint } from '../dist/reference/serve.js';
import { loadContract } from '../dist/runner/contract/contracts.js';
import { runLane } from '../dist/tap/lanes/run-lane.js';

const contract = await loadContract('default');
const apiKey = 'sk-of-the-client-matrix';

/** One client against the reference endpoint with these faults. */
export async function measure(lane, faults, install = false) {
  const endpoint = await startEndpoint({ apiKey, faults });
  try {
    const target = { url: endpoint.url, model: 'reference-1', apiKey };
    return await runLane(lane, target, { contract, install, timeoutMs: 240_000 });
  } finally {
    await endpoint.close();
  }
}

/** Probes in which a client without a fault does not get what the bytes say. */
export const troubleOf = ({ probes }) =>
  probes.filter(({ result }) => result.kind !== 'same' && result.kind !== 'not observed');

const NAMES = { text: 'text', stop: 'stop reason', inputTokens: 'input tokens', outputTokens: 'output tokens' };

/** Fields in which a message is another than without the fault. */
function differences(before, after) {
  const found = Object.keys(NAMES)
    .filter((field) => before[field] !== after[field])
    .map((field) => NAMES[field]);
  if (before.tools.length !== after.tools.length) found.push('number of calls');
  else if (JSON.stringify(before.tools) !== JSON.stringify(after.tools)) found.push('tool input');
  return found;
}

/** Why a client returned nothing. The server rejects what a tool loop makes of a wrong call. */
function reasonOf(result) {
  if (result.kind === 'throws') return result.class;
  return result.kind === 'not observed' ? 'next request rejected' : result.kind;
}

function effectOf(plain, faulty) {
  const thrown = new Set();
  const wrong = new Set();
  for (const { probe, result, message } of faulty.probes) {
    const before = plain.probes.find((one) => one.probe === probe);
    if (probe === 'rejected' || before.message === undefined) continue;
    if (message === undefined) thrown.add(reasonOf(result));
    else for (const field of differences(before.message, message)) wrong.add(field);
  }
  return { thrown: [...thrown], wrong: [...wrong] };
}

/** `ok`, `s: …` for what is silently another, `T: …` for what is thrown: a client with a fault beside the same one without. */
export function cellOf(plain, faulty) {
  const { thrown, wrong } = effectOf(plain, faulty);
  const parts = [
    ...(wrong.length === 0 ? [] : [`s: ${wrong.join(', ')}`]),
    ...(thrown.length === 0 ? [] : [`T: ${thrown.join(', ')}`]),
  ];
  return parts.join('; ') || 'ok';
}

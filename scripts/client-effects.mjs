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
    const target = { url: endpoint.url, model: 'reference-1', apiKey, headers: {} };
    return await runLane(lane, target, { contract, install, timeoutMs: 240_000 });
  } finally {
    await endpoint.close();
  }
}

/** Probes in which a client without a fault does not get what the bytes say. */
export const troubleOf = ({ probes }) =>
  probes.filter(({ result }) => result.kind !== 'same' && result.kind !== 'not observed');

const NAMES = { text: 'text', stop: 'stop reason', inputTokens: 'input tokens', outputTokens: 'output tokens' };

/** A session of Claude Code names its folder and the date, so its prompt is not always as long. Share of the input tokens. */
const SLACK = 0.02;

const isSame = (before, after, field) =>
  before === after || (field === 'inputTokens' && after !== null && Math.abs(before - after) < SLACK * before);

/** Fields in which a message is another than without the fault. */
function differences(before, after) {
  const found = Object.keys(NAMES)
    .filter((field) => !isSame(before[field], after[field], field))
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
  let again = false;
  for (const { probe, result, message } of faulty.probes) {
    const before = plain.probes.find((one) => one.probe === probe);
    if (probe === 'rejected' || before.message === undefined) continue;
    if (result.kind === 'falls back') again = true;
    if (message === undefined) thrown.add(reasonOf(result));
    else for (const field of differences(before.message, message)) wrong.add(field);
  }
  return { thrown: [...thrown], wrong: [...wrong], again };
}

/** `ok`, `s: …` for what is silently another, `T: …` for what is thrown, `F: …` for a fallback: a client with a fault beside the same one without. */
export function cellOf(plain, faulty) {
  const { thrown, wrong, again } = effectOf(plain, faulty);
  const parts = [
    ...(wrong.length === 0 ? [] : [`s: ${wrong.join(', ')}`]),
    ...(thrown.length === 0 ? [] : [`T: ${thrown.join(', ')}`]),
    ...(again ? ['F: without stream'] : []),
  ];
  return parts.join('; ') || 'ok';
}

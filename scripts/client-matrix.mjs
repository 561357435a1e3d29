/**
 * `npm run client-matrix`: runs every client that is installed against the faults of the reference endpoint and writes docs/clients.md,
 * and the same for reports in clients/recorded.json. `-- --install` installs missing ones first, `-- --client python,go` measures only
 * these. What was recorded with the same version of a client that is not measured stays.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FAULTS } from '../dist/reference/faults/index.js';
import { loadLanes } from '../dist/tap/lanes/lanes.js';
import { cellOf, measure, troubleOf } from './client-effects.mjs';

/** Faults that clients take differently. */
const IDS = [
  'message-stop-missing',
  'message-delta-missing',
  'message-start-twice',
  'index-always-zero',
  'index-from-one',
  'index-skips',
  'block-stop-missing',
  'tool-input-at-start',
  'tool-input-at-start-and-after',
  'tool-fragment-as-object',
  'start-without-usage',
  'message-delta-without-usage',
  'event-names-missing',
  'data-without-type',
  'done-event',
  'text-start-without-text',
  'input-as-string',
  'end-turn-with-call',
  'usage-missing',
  'first-delta-swallowed',
  'stream-cut',
];

const unknown = IDS.filter((id) => !FAULTS.some((fault) => fault.id === id));
if (unknown.length > 0) throw new Error(`no such fault: ${unknown.join(', ')}`);

const install = process.argv.includes('--install');
const named = process.argv[process.argv.indexOf('--client') + 1]?.split(',');
const chosen = process.argv.includes('--client') ? named : loadLanes().map(({ id }) => id);

const table = new URL('../clients/recorded.json', import.meta.url);
const known = existsSync(table) ? JSON.parse(readFileSync(table, 'utf8')) : { clients: {}, faults: [] };

/** What is recorded of this version of a client, where every fault is. */
function recordedColumn({ id, title, version }, name) {
  const cells = new Map(IDS.map((fault) => [fault, known.faults.find((one) => one.fault === fault)?.effects[id]]));
  if (known.clients[id]?.version !== version || [...cells.values()].includes(undefined)) return [];
  return [{ id, title, version, name, cells }];
}

const columns = [];
for (const lane of loadLanes()) {
  const name = `${lane.title} ${lane.version}`.trim();
  const plain = chosen.includes(lane.id) ? await measure(lane, [], install) : { skipped: 'not chosen' };
  if (plain.skipped !== undefined) {
    console.log(`${name}: skipped: ${plain.skipped}`);
    columns.push(...recordedColumn(lane, name));
    continue;
  }
  const trouble = troubleOf(plain);
  if (trouble.length > 0) throw new Error(`${name} without a fault: ${JSON.stringify(trouble)}`);
  const cells = new Map();
  for (const id of IDS) {
    cells.set(id, cellOf(plain, await measure(lane, [id])));
    console.log(`${name}  ${id}  ${cells.get(id)}`);
  }
  columns.push({ id: lane.id, title: lane.title, version: lane.version, name, cells });
}

const row = (cells) => `| ${cells.join(' | ')} |`;
const text = `# Clients and faults

What real clients make of the faults of the reference endpoint. Written by \`npm run client-matrix\`, which runs each client through the tap: a reply, a stream, a
streamed tool call, text and two tools in a stream, a tool loop. Claude Code runs three sessions: a stream, a streamed tool call, a tool loop.

- \`ok\`: the client returns what it returns without the fault.
- \`s\`: it returns something else and reports no error; the fields follow.
- \`T\`: it throws; the class follows. For curl this is its exit code, or that its bytes do not yield a message.
- \`F\`: it sends the request again without \`stream\`. Claude Code does, and its exit status hides it.

${row(['fault', ...columns.map(({ name }) => name)])}
${row(['---', ...columns.map(() => '---')])}
${IDS.map((id) => row([`\`${id}\``, ...columns.map(({ cells }) => cells.get(id))])).join('\n')}

A fault is one that the suite finds: \`messages-conformance serve --list-faults\` says what each does, [kill-matrix.md](kill-matrix.md) which requirements catch it.

## Your own target

\`\`\`sh
messages-conformance clients --url https://api.example.com --model your-model --client typescript,python --install
\`\`\`

drives the same clients against a target. For each probe it compares what the client returned with what the suite's own reader makes of the bytes that passed: the
client gets what the bytes say, something else (which field), throws (class and message), sends the request again without \`stream\`, or does not finish. The requirements
that these exchanges violate stand beside it. The model's whims do not matter.

Nothing is installed unasked: \`--install\` puts the versions of the manifests (\`clients/<client>/lane.json\`) into \`~/.cache/messages-conformance/clients\`. A client
that is not there is skipped with the reason; \`--require-client python\` makes that status 2. \`--strict-clients\` ends with status 1 when a client has trouble, \`--out FILE\`
writes everything as JSON. Clients get the key of the target and no other variable of the environment that looks like a credential. They send the lines of \`--header\` and
\`--header-env\` too, each in its own way. Their retries are off.

Claude Code runs only where it is named, \`--client claude-code\`: a session for each of four probes, with a home and a working folder of its own, no key but the
target's, telemetry and updates off, at most three turns. It sends the requests of a real session, some 60 kB each.

## In a report

\`\`\`sh
messages-conformance run --url https://api.example.com --model your-model --client python,go --install
\`\`\`

drives the clients after the requests of the suite. The report says under *Clients* which of them work and what they do not get, with the requirements and exchanges
beside; \`matrix --clients report.json\` has them as columns. It is information: only \`--strict-clients\` fails a run for it.

The Python client decides \`sdk.python.create\` and \`stream.sdk.python\`, the Go client \`sdk.go.accumulate\`, which is simulated from its source where there is no Go. A
probe that the network, an \`error\` event, a time limit or \`max_tokens\` cut short decides nothing. Of a client that cannot run the report says what the table above
says of faults that violate the same requirements.
`;
const write = (path, content) => writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), content);
write('docs/clients.md', text);
const recorded = {
  clients: Object.fromEntries(columns.map(({ id, title, version }) => [id, { title, version }])),
  faults: IDS.map((id) => ({
    fault: id,
    // The requirement that the fault is about comes first.
    requirement: FAULTS.find((fault) => fault.id === id).caughtBy[0],
    effects: Object.fromEntries(columns.map((column) => [column.id, column.cells.get(id)])),
  })),
};
write('clients/recorded.json', `${JSON.stringify(recorded, null, 2)}\n`);

/**
 * `npm run traits -- FILE…`: reads requests of a client (captures, HAR 1.2, lines of JSON, reports; or folders of these) and prints the
 * traits that no request of a run has. Status 1 where there are any. docs/traits.md says what a trait is.
 *
 *   --contract NAME   whose run to compare with (default: claude-code)
 *   --all             with all profiles, not only those that the contract claims
 *   --list            prints the traits of the files as JSON and compares nothing
 */
import { parseArgs } from 'node:util';
import { loadTypeScript } from './load-typescript.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    contract: { type: 'string', default: 'claude-code' },
    all: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
if (positionals.length === 0) {
  console.error('npm run traits -- FILE…: give at least one file or folder with recorded requests');
  process.exit(2);
}
const { carriedRequests, readRequests, traitsOfAll } = await loadTypeScript(`
  export * from './tests/traits/carried.js';
  export * from './tests/traits/read.js';
  export * from './tests/traits/traits.js';
`);
const requests = read();
const traits = traitsOfAll(requests);
if (values.list) console.log(JSON.stringify([...traits.keys()].sort(), null, 2));
else await compare();

function read() {
  try {
    return readRequests(positionals);
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

async function compare() {
  const carried = traitsOfAll(
    await carriedRequests({ contract: values.contract, ...(values.all && { profiles: 'all' }) }),
  );
  const missing = [...traits].filter(([trait]) => !carried.has(trait)).sort();
  for (const [trait, at] of missing) console.log(`${trait}  (${at})`);
  const of = `${requests.length} requests have ${traits.size} traits`;
  if (missing.length === 0) return console.log(`${of}. A run with the contract ${values.contract} has them all.`);
  console.log(`${of}. A run with the contract ${values.contract} lacks ${missing.length} of them.`);
  process.exitCode = 1;
}

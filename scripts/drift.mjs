/**
 * Compares `schemas/` with the types of the installed SDK; the recorded names (betas, error codes and types, stop reasons, blocks, events) with
 * those that it lists; and those with what the clients for Python and Go list, as recorded. Prints each difference as one line, needs no network.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { loadFixtures } from '../dist/runner/plan/fixtures.js';
import { CATALOGUE } from '../dist/suites/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}node_modules/.cache/messages-conformance/drift.mjs`;

mkdirSync(new URL('.', pathToFileURL(outfile)), { recursive: true });
await build({
  entryPoints: [`${root}tests/drift/check.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
});
const {
  changedWords,
  check,
  clientDifferences,
  inWords,
  readExceptions,
  readSchemas,
  recordedClients,
  recordedWords,
  sdkTypes,
  sdkWords,
  touchedBy,
} = await import(pathToFileURL(outfile).href);

const { differences, idle } = check(readSchemas(root), sdkTypes(root)(), readExceptions(root));
for (const difference of differences) console.log(inWords(difference));
for (const exception of idle)
  console.log(`${exception} | no difference needs this exception: remove it from tests/drift/exceptions.json`);
const fixtures = loadFixtures();
const touched = (word) => touchedBy(word, CATALOGUE, fixtures);
const installed = sdkWords(root);
const words = [
  ...changedWords(recordedWords(root), installed, touched),
  ...clientDifferences(recordedClients(root), installed, touched),
];
for (const line of words) console.log(line);
if (differences.length + idle.length + words.length > 0) {
  console.log(`${differences.length} differences, ${idle.length} idle exceptions, ${words.length} names`);
  process.exitCode = 1;
} else console.log('The schemas have what the installed SDK has.');

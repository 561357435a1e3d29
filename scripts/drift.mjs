/**
 * Compares `schemas/` with the types of the installed SDK, and the recorded beta names and error codes with those that it lists. Prints
 * each difference as one line.
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
const { changedWords, check, inWords, readExceptions, readSchemas, recordedWords, sdkTypes, sdkWords, touchedBy } =
  await import(pathToFileURL(outfile).href);

const { differences, idle } = check(readSchemas(root), sdkTypes(root)(), readExceptions(root));
for (const difference of differences) console.log(inWords(difference));
for (const exception of idle)
  console.log(`${exception} | no difference needs this exception: remove it from tests/drift/exceptions.json`);
const fixtures = loadFixtures();
const words = changedWords(recordedWords(root), sdkWords(root), (word) => touchedBy(word, CATALOGUE, fixtures));
for (const line of words) console.log(line);
if (differences.length + idle.length + words.length > 0) {
  console.log(`${differences.length} differences, ${idle.length} idle exceptions, ${words.length} names`);
  process.exitCode = 1;
} else console.log('The schemas have what the installed SDK has.');

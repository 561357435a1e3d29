/** Compares `schemas/` with the types of the installed SDK and prints each difference as one line. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

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
const { check, inWords, readExceptions, readSchemas, sdkTypes } = await import(pathToFileURL(outfile).href);

const { differences, idle } = check(readSchemas(root), sdkTypes(root)(), readExceptions(root));
for (const difference of differences) console.log(inWords(difference));
for (const exception of idle)
  console.log(`${exception} | no difference needs this exception: remove it from tests/drift/exceptions.json`);
if (differences.length + idle.length > 0) {
  console.log(`${differences.length} differences, ${idle.length} idle exceptions`);
  process.exitCode = 1;
} else console.log('The schemas have what the installed SDK has.');

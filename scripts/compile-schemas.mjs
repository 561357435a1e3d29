/**
 * Writes the validators of all schemas as plain code beside `dist/validation/validators.js`, which loads them instead of
 * compiling. Run by the build, after TypeScript.
 */
import { writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import standalone from 'ajv/dist/standalone/index.js';
import { transformSync } from 'esbuild';

const dist = new URL('../dist/validation/', import.meta.url);
const { LARGE_GROUP, SCHEMA_GROUPS, SCHEMA_NAMES, schemaAddress, schemaGroup } = await import(
  new URL('names.js', dist)
);
const { compile, createAjv } = await import(new URL('compile.js', dist));

for (const group of SCHEMA_GROUPS)
  write(
    group,
    SCHEMA_NAMES.filter((name) => schemaGroup(name) === group),
    'all',
  );
// Reports are large and read again and again: their first violation is enough, and compiling them then would take longer.
write(LARGE_GROUP, ['report'], 'first');

function write(group, names, thoroughness) {
  const ajv = createAjv(thoroughness);
  for (const name of names) compile(ajv, name);
  const source = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, schemaAddress(name)])));
  const { code } = transformSync(source, { minify: true, platform: 'node', format: 'cjs', target: 'node20' });
  // Two megabytes of code, a tenth of that when compressed; unpacking one takes some milliseconds.
  writeFileSync(new URL(`${group}.generated.cjs.br`, dist), brotliCompressSync(code));
}

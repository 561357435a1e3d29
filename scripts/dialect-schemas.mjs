/** Writes `schemas/openai-*.schema.json` anew from the types of the installed package `openai`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadTypeScript } from './load-typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dialectSchemas } = await loadTypeScript(`export { dialectSchemas } from './tests/drift/dialect-schemas.ts';`);

const files = Object.entries(dialectSchemas(root)).map(([file, schema]) => {
  writeFileSync(`${root}schemas/${file}`, `${JSON.stringify(schema, null, 2)}\n`);
  return `schemas/${file}`;
});
execFileSync('npx', ['biome', 'format', '--write', ...files], { cwd: root, stdio: 'inherit' });

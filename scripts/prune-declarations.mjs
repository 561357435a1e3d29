/**
 * Of the declarations that TypeScript writes to `dist/` only those stay that an entry of the package reaches. Its modules stay as they
 * are: tests and scripts load them, and the line of an error in one of them can be read. What is published is bundled from the sources.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const reached = new Set();
const open = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [join(root, types)]));
for (const file of open) {
  if (reached.has(file) || !existsSync(file)) continue;
  reached.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\(|import) ?["'](\.[^"']+)\.js["']/g))
    open.push(resolve(dirname(file), `${path}.d.ts`));
}

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const file = join(dist, name);
  if (name.endsWith('.d.ts') && !name.startsWith('mutation') && !reached.has(file)) rmSync(file);
}

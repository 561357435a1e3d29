/** What the build in `dist/` is made from, and whether it stands: whether it was made from the files as they are now. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the last build was made from. It is written when all else is. */
export const STAMP = `${root}dist/built-from.txt`;

/** Where each one goes below `dist/`: the command and the worker of the tap, and the entries in `exports` of package.json. */
export const ENTRIES = {
  'runner/cli': 'runner/launch.ts',
  'runner/index': 'runner/index.ts',
  'runner/vitest/index': 'runner/vitest/index.ts',
  'reference/msw': 'reference/msw.ts',
  'tap/judging/worker': 'tap/judging/worker.ts',
};

const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** The hash of the names and contents of all that a build reads, and of the Node that it runs on. */
export function buildInputs() {
  const hash = createHash('sha256').update(process.version);
  const folders = readdirSync(root, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|tests$|docs$|conformance-report$)/.test(entry.name),
    )
    .map(({ name }) => name);
  const names = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && !entry.name.includes('.generated.') && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
  );
  for (const name of [...FILES, ...names].sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  return `${hash.digest('hex')}\n`;
}

/** @param {string} inputs the hash of what a build would read now */
export function isBuiltFrom(inputs) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === inputs;
}

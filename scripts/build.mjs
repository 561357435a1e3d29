/**
 * Builds `dist/`: bundles the HTML page, compiles the TypeScript and the schemas, and bundles the command and the entries. Where nothing
 * has changed since the last build, which takes 8 s, it stands; `--force` builds all the same.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}reporters/html/page.generated.js`;

/** What the last build was made from. It is written when all else is. */
const stamp = `${root}dist/built-from.txt`;

const files = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const folders = readdirSync(root, { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|tests$|docs$|conformance-report$)/.test(entry.name),
  )
  .map(({ name }) => name);

const from = inputs();
if (
  process.argv.includes('--force') ||
  !existsSync(page) ||
  !existsSync(stamp) ||
  readFileSync(stamp, 'utf8') !== from
) {
  rmSync(`${root}dist`, { recursive: true, force: true });
  const { buildReportPage } = await import('./build-report-page.mjs');
  await buildReportPage();
  execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  copyFileSync(page, `${root}dist/reporters/html/page.generated.js`);
  await import('./compile-schemas.mjs');
  await import('./slim-build.mjs');
  await import('./bundle.mjs');
  writeFileSync(stamp, from);
}

/** The hash of the names and contents of all that a build reads, and of the Node that it runs on. */
function inputs() {
  const hash = createHash('sha256').update(process.version);
  const names = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && !entry.name.includes('.generated.') && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
  );
  for (const name of [...files, ...names].sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  return `${hash.digest('hex')}\n`;
}

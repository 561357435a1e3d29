/**
 * Creates the package to publish: `node scripts/pack.mjs [FOLDER]`. Adds a shrinkwrap, so that users get the dependencies that were
 * tested: the command runs with a key in its environment. Prints the path of the package. Not an npm hook, because `.npmrc`
 * switches hooks off.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? '.');
if (!existsSync(join(root, 'dist', 'runner', 'cli.js'))) throw new Error('dist/ is missing; npm run build makes it');

// Outside the repository: npm commands that run there at the same time would use the shrinkwrap.
const staging = mkdtempSync(join(tmpdir(), 'messages-conformance-pack-'));
try {
  execFileSync('tar', ['-xzf', pack(root, staging), '-C', staging]);
  const made = join(staging, 'package');
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  writeFileSync(join(made, 'npm-shrinkwrap.json'), `${JSON.stringify(published(lock), null, 2)}\n`);
  console.log(pack(made, folder));
} finally {
  rmSync(staging, { recursive: true });
}

/** Packs a folder and returns the path of the package. */
function pack(from, to) {
  const made = execFileSync('npm', ['pack', '--json', '--pack-destination', to], { cwd: from, encoding: 'utf8' });
  return join(to, JSON.parse(made)[0].filename);
}

/** The lock file without development dependencies. */
function published(lock) {
  const { devDependencies: _, ...own } = lock.packages[''];
  const others = Object.entries(lock.packages).filter(
    ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
  );
  return { ...lock, packages: { '': own, ...Object.fromEntries(others) } };
}

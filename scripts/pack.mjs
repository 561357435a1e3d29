/**
 * Creates the package to publish: `node scripts/pack.mjs [FOLDER]`. Stores fixtures and schemas without white space. Adds a shrinkwrap, so that users get the dependencies that were
 * tested: the command runs with a key in its environment. Adds `repository`, `homepage` and `bugs` from the remote
 * `origin`, because no address is known before the project has one, and lets links to files outside the package lead there. Prints the path of the package. `npm pack` by itself builds and packs
 * without all of this.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addresses, webAddress } from './package-addresses.mjs';
import { rewriteLinks } from './package-links.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? '.');
if (!existsSync(join(root, 'dist', 'runner', 'cli.js'))) throw new Error('dist/ is missing; npm run build makes it');

// Outside the repository: npm commands that run there at the same time would use the shrinkwrap.
const staging = mkdtempSync(join(tmpdir(), 'messages-conformance-pack-'));
try {
  execFileSync('tar', ['-xzf', pack(root, staging), '-C', staging]);
  const made = join(staging, 'package');
  for (const data of ['fixtures', 'schemas']) compact(join(made, data));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  writeFileSync(join(made, 'npm-shrinkwrap.json'), `${JSON.stringify(published(lock), null, 2)}\n`);
  const manifest = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'));
  const web = webAddress(process.env.PACKAGE_REPOSITORY ?? origin());
  writeFileSync(join(made, 'package.json'), `${JSON.stringify({ ...addresses(web), ...manifest }, null, 2)}\n`);
  rewriteLinks(made, web, manifest.version);
  console.log(pack(made, folder));
} finally {
  rmSync(staging, { recursive: true });
}

/** Writes the JSON of a folder without white space, which was a third of the fixtures. */
function compact(data) {
  for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue;
    const file = join(data, name);
    writeFileSync(file, `${JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))}\n`);
  }
}

/** Packs a folder and returns the path of the package. */
function pack(from, to) {
  const made = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', to], {
    cwd: from,
    encoding: 'utf8',
  });
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

/** The remote of this repository; `undefined` where there is none, or no git. */
function origin() {
  const { status, stdout } = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

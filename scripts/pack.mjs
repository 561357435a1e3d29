/**
 * Makes the file that is published: `node scripts/pack.mjs [FOLDER]`. It holds a shrinkwrap, so that everybody who installs the command
 * gets the dependencies that were tested with it: it runs with a key in its environment, and must not float over what was released since.
 * Prints the path of the file. Not a hook of npm: hooks do not run where scripts are switched off, as they are here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? '.');
if (!existsSync(join(root, 'dist', 'runner', 'cli.js'))) throw new Error('dist/ is missing; npm run build makes it');

// Beside the repository: a shrinkwrap in it would count for every npm command that runs there meanwhile.
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

/** Packs one folder into another, and gives the path of the file. */
function pack(from, to) {
  const made = execFileSync('npm', ['pack', '--json', '--pack-destination', to], { cwd: from, encoding: 'utf8' });
  return join(to, JSON.parse(made)[0].filename);
}

/** The lock without what is there for development only. */
function published(lock) {
  const { devDependencies: _, ...own } = lock.packages[''];
  const others = Object.entries(lock.packages).filter(
    ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
  );
  return { ...lock, packages: { '': own, ...Object.fromEntries(others) } };
}

/** Runs before `npm pack` and `npm publish`: builds what the package holds, in a fresh clone with the locked dependencies. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Standard output belongs to npm, which prints the name of the package or JSON.
const output = { cwd: root, stdio: ['ignore', 2, 2] };

if (!existsSync(`${root}node_modules/typescript`))
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], output);
execFileSync(process.execPath, [`${root}scripts/build.mjs`], output);

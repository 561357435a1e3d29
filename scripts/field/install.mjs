/** Installs a server, pinned, into a folder of its own. Scripts of packages are not run. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what is not there yet; a note beside it says what was installed. */
export function install({ id, install: { npm, pip } }, cache) {
  const folder = join(cache, id);
  const wanted = JSON.stringify(npm ?? pip);
  const note = join(folder, '.installed');
  if (existsSync(note) && readFileSync(note, 'utf8') === wanted) return folder;
  mkdirSync(folder, { recursive: true });
  const run = (program, args) => execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (npm !== undefined) {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...npm }, null, 2));
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund']);
  } else {
    run('python3', ['-m', 'venv', 'venv']);
    // uv resolves the hundred dependencies of such a server in seconds, pip in many minutes.
    run('venv/bin/pip', ['install', '--quiet', 'uv']);
    run('venv/bin/uv', ['pip', 'install', '--quiet', '--python', 'venv/bin/python', ...pip]);
  }
  writeFileSync(note, wanted);
  return folder;
}

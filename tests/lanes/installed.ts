/** The clients that `--install` has put into the cache of this user, and the one that comes with this project. Tests install nothing. */

import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../runner/package-files.js';
import { type Lane, loadLanes } from '../../tap/lanes/lanes.js';
import { scratch } from '../support/command.js';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

export const laneOf = (id: string): Lane => loadLanes().find((lane) => lane.id === id)!;

/** Whether a client is there; prints why its tests are skipped where it is not. */
export function isInstalled(id: string): boolean {
  const { version, title } = laneOf(id);
  const found = existsSync(join(cache, 'messages-conformance', 'clients', `${id}-${version}`, '.ready'));
  if (!found) console.log(`skipped: the client ${title} ${version} is not installed here (clients --install)`);
  return found;
}

/** A cache folder with the TypeScript client of this project in it, as `--install` would leave it. */
export function cacheWithTypeScript(closing: (() => unknown)[]): string {
  const made = scratch();
  closing.push(made.remove);
  const lane = laneOf('typescript');
  const folder = join(made.folder, 'messages-conformance', 'clients', `typescript-${lane.version}`);
  mkdirSync(folder, { recursive: true });
  symlinkSync(packageFile('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.ready'), '');
  copyFileSync(packageFile('clients', 'typescript', 'probe.mjs'), join(folder, 'probe.mjs'));
  return made.folder;
}

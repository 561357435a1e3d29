/** The clients that `--install` has put into the cache of this user. Tests install nothing. */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Lane, loadLanes } from '../../tap/lanes/lanes.js';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

export const laneOf = (id: string): Lane => loadLanes().find((lane) => lane.id === id)!;

/** Whether a client is there; prints why its tests are skipped where it is not. */
export function isInstalled(id: string): boolean {
  const { version, title } = laneOf(id);
  const found = existsSync(join(cache, 'messages-conformance', 'clients', `${id}-${version}`, '.ready'));
  if (!found) console.log(`skipped: the client ${title} ${version} is not installed here (clients --install)`);
  return found;
}

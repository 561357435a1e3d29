/** The output folder: one run at a time, and no old reports in the place of new ones. */

import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { REPORTERS } from '../../reporters/index.js';
import { UsageError } from '../usage-error.js';
import { makeFolder } from './make-folder.js';

/** Default of `--out`. */
export const DEFAULT_FOLDER = 'conformance-report';

/** Subfolder for the reports of the previous run. */
export const PREVIOUS = 'previous';

const LOCK = '.lock';
/** A run touches its lock at this interval. A lock that was not touched for three intervals is stale. */
const BEAT_MS = 10_000;
const STALE_MS = 30_000;

/** Files that a run may write. */
const FILES: readonly string[] = Object.values(REPORTERS).flatMap(({ file, also = [] }) =>
  [file, ...also.map((view) => view.file)].filter((name) => name !== null),
);

/**
 * Creates and locks the folder and moves old reports to `previous/`, so that a run that fails to start does not leave an old success
 * behind. Throws `UsageError` if the folder cannot be written or another run uses it.
 *
 * @param option Names the folder in messages.
 * @returns a function that releases the folder; it may be called twice.
 */
export function takeFolder(folder: string, option = '--out'): () => void {
  try {
    refuseLink(folder);
    makeFolder(folder);
    const release = lock(folder);
    try {
      setAside(folder);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${option} ${folder}: cannot be written: ${(error as Error).message}`);
  }
}

/** For a run with invalid options: moves old reports to `previous/` if possible, and never fails. */
export function setAsideQuietly(folder: string): void {
  try {
    if (lstatSync(folder).isDirectory()) takeFolder(folder)();
  } catch {
    // The caller reports the invalid option, which is more useful.
  }
}

/** A link can point out of the working directory, and may come with somebody else's repository. */
function refuseLink(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new UsageError(`--out ${folder}: this is a symbolic link; use the path of the folder itself`);
}

function setAside(folder: string): void {
  const previous = join(folder, PREVIOUS);
  const old = FILES.filter((name) => lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined);
  if (old.length === 0) return;
  refuseLink(previous);
  makeFolder(previous);
  // The folder may contain files of the user.
  for (const name of FILES) rmSync(join(previous, name), { force: true });
  for (const name of old) renameSync(join(folder, name), join(previous, name));
}

/** The run that holds a lock. */
interface Holder {
  pid: number;
  host: string;
  startedAt: string;
}

function lock(folder: string): () => void {
  const file = join(folder, LOCK);
  const own: Holder = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
  if (!create(file, own)) {
    const holder = holderOf(file);
    if (holder !== null)
      throw new UsageError(
        `--out ${folder}: another run uses this folder: process ${holder.pid} on ${holder.host}, since ${holder.startedAt}; wait until it ends, or use another folder`,
      );
    rmSync(file, { force: true });
    if (!create(file, own))
      throw new UsageError(`--out ${folder}: another run has just started to use this folder; use another folder`);
  }
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // The folder was removed during the run. Writing the reports will fail with a clear message.
    }
  }, BEAT_MS);
  beat.unref();
  const release = (): void => {
    clearInterval(beat);
    process.off('exit', release);
    // Another run may have taken over the lock, e.g. while this process was suspended.
    if (readHolder(file).startedAt === own.startedAt) rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** Returns false if the file exists. */
function create(file: string, holder: Holder): boolean {
  try {
    const handle = openSync(file, 'wx', 0o644);
    writeFileSync(handle, JSON.stringify(holder));
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The run that holds a lock; `null` if the lock is stale or its process has ended. */
function holderOf(file: string): Holder | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || Date.now() - stat.mtimeMs > STALE_MS) return null;
  const holder = readHolder(file);
  return holder.host === hostname() && !isAlive(holder.pid) ? null : holder;
}

function readHolder(file: string): Holder {
  try {
    const { pid, host, startedAt } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    if (typeof pid === 'number' && typeof host === 'string' && typeof startedAt === 'string')
      return { pid, host, startedAt };
  } catch {
    // The other run is writing the file right now.
  }
  return { pid: 0, host: 'this machine', startedAt: 'a moment ago' };
}

/** In a container this process can have the id of an earlier one; it does not hold a lock that it did not create. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

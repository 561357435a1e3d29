/** The folder of a run's reports: one run at a time, and nothing of an earlier run in the place of this one's. */

import {
  closeSync,
  lstatSync,
  mkdirSync,
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

/** Where `--out` points unless it is given. */
export const DEFAULT_FOLDER = 'conformance-report';

/** Reports of the run before, inside the folder. */
export const PREVIOUS = 'previous';

const LOCK = '.lock';
/** A run touches its lock so often; one that was not touched for three times as long was left behind. */
const BEAT_MS = 10_000;
const STALE_MS = 30_000;

/** Files that a run may write. */
const FILES: readonly string[] = Object.values(REPORTERS).flatMap(({ file, also = [] }) =>
  [file, ...also.map((view) => view.file)].filter((name) => name !== null),
);

/**
 * Takes the folder for this run: makes it, locks it, and moves the reports of an earlier run aside, so that a run that cannot begin
 * leaves no old success behind. Throws `UsageError` when the folder cannot be written or another run is at work in it.
 *
 * @returns gives the folder back; may be called twice.
 */
export function takeFolder(folder: string): () => void {
  try {
    refuseLink(folder);
    mkdirSync(folder, { recursive: true });
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
    throw new UsageError(`--out ${folder}: cannot be written: ${(error as Error).message}`);
  }
}

/** For a run that does not even know its settings: moves old reports aside where that is possible, and says nothing. */
export function setAsideQuietly(folder: string): void {
  try {
    if (lstatSync(folder).isDirectory()) takeFolder(folder)();
  } catch {
    // There is a better message on its way.
  }
}

/** A link may lead out of the working directory, and may come with a stranger's repository. */
function refuseLink(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new UsageError(`--out ${folder}: this is a symbolic link; name the folder that is meant`);
}

function setAside(folder: string): void {
  const previous = join(folder, PREVIOUS);
  const old = FILES.filter((name) => lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined);
  if (old.length === 0) return;
  refuseLink(previous);
  mkdirSync(previous, { recursive: true });
  // The folder may be the user's own, and hold more than reports.
  for (const name of FILES) rmSync(join(previous, name), { force: true });
  for (const name of old) renameSync(join(folder, name), join(previous, name));
}

/** Who holds a folder. */
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
        `--out ${folder}: another run is writing there: process ${holder.pid} on ${holder.host}, since ${holder.startedAt}; wait for it, or give this run another folder`,
      );
    rmSync(file, { force: true });
    if (!create(file, own))
      throw new UsageError(`--out ${folder}: another run has just begun to write there; give this run another folder`);
  }
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // The folder was removed during the run; the reports will say so.
    }
  }, BEAT_MS);
  beat.unref();
  const release = (): void => {
    clearInterval(beat);
    process.off('exit', release);
    // Another run takes over what was not touched for long, as when this process was stopped and went on.
    if (readHolder(file).startedAt === own.startedAt) rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** False when the file is there already. */
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

/** The run that holds a lock; `null` when it is gone: its process ended, or it has not touched the lock for long. */
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
    // It is being written at this moment.
  }
  return { pid: 0, host: 'this machine', startedAt: 'a moment ago' };
}

/** In a container a later process may have the number of an earlier one; this process does not hold a lock that it did not make. */
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

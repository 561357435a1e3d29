import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Creates a folder and those above it that do not exist. Throws the error of the system. Node's own `recursive` never returns where the
 * system reports a missing parent that is there, as it does below `/proc` (seen with Node 20.20).
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  // A drive that does not exist has nothing above it.
  for (let at = resolve(folder); !isFolder(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const one of missing) {
    try {
      mkdirSync(one);
    } catch (error) {
      // Another process may have created it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(one)) throw error;
    }
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

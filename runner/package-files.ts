/** Where the package's data folders are: beside `runner/` in the sources, beside `dist/` in a build. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('messages-conformance: its own package.json is missing; the installation is incomplete');
    folder = parent;
  }
  return folder;
}

/** Absolute path of the package. */
export const PACKAGE_ROOT = findRoot();

export const packageFile = (...path: string[]): string => join(PACKAGE_ROOT, ...path);

export const packageVersion = (): string =>
  (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;

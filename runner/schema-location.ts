/** What files that this package writes have as `$schema`, so that editors find it: a path where one holds, else a versioned URL. */

import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { PACKAGE_ROOT, packageVersion } from './package-files.js';

type OwnSchema = 'baseline' | 'contract' | 'report' | 'config';

const fileOf = (schema: OwnSchema): string => `${schema}.schema.json`;

/** The schema as the package of this version has it, at a server that hands out the files of published packages. */
export const publishedSchema = (schema: OwnSchema): string =>
  `https://cdn.jsdelivr.net/npm/messages-conformance@${packageVersion()}/schemas/${fileOf(schema)}`;

/**
 * The `$schema` of a file that its owner edits. Where the package is installed in the project of the file, or the command runs from a
 * clone, it is a path relative to the file; in the cache of npx, which moves, it is `publishedSchema`.
 *
 * @param file The file to write; absent for standard output, which is taken for a file in the working directory.
 */
export function schemaFor(schema: OwnSchema, file = 'stdout'): string {
  const folder = realOf(dirname(resolve(file)));
  const installed = installedAbove(folder);
  if (installed === null && PACKAGE_ROOT.split(sep).includes('node_modules')) return publishedSchema(schema);
  const path = relative(folder, join(installed ?? PACKAGE_ROOT, 'schemas', fileOf(schema)))
    .split(sep)
    .join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** This package as a project has it installed, also by way of a link into another place, as pnpm makes it. */
function installedAbove(folder: string): string | null {
  const candidate = join(folder, 'node_modules', 'messages-conformance');
  if (existsSync(candidate) && realOf(candidate) === realOf(PACKAGE_ROOT)) return candidate;
  const parent = dirname(folder);
  return parent === folder ? null : installedAbove(parent);
}

/** The path without links, as far as it exists. */
function realOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realOf(parent), relative(parent, path));
}

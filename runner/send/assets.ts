/** The small files that fixtures send: `fixtures/assets/`. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Fixture } from '../../core/fixture.js';
import type { Json } from '../../core/json.js';
import { packageFile } from '../package-files.js';
import { UsageError } from '../usage-error.js';

const FOLDER = packageFile('fixtures', 'assets');

/**
 * The bytes of an asset. Throws `UsageError` with its path when it cannot be read, or lies elsewhere: that is a fault of
 * the installation, about which no target can do anything.
 */
export function readAsset(name: string, folder: string = FOLDER): Buffer {
  const path = `${folder}/${name}`;
  if (basename(name) !== name) throw new UsageError(`${path}: an asset is a file of fixtures/assets itself`);
  try {
    return readFileSync(path);
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(
      `${path} cannot be read (${cause}), and fixtures send it; install messages-conformance again, or put the file back`,
    );
  }
}

/** Reads every asset of these fixtures once, so that a missing one is known before anything is sent. Throws `UsageError`. */
export function requireAssets(fixtures: Iterable<Fixture>, folder: string = FOLDER): void {
  const names = [...fixtures].flatMap(({ turns }) =>
    turns.flatMap(({ body, multipart }) => [
      ...inBody(body),
      ...Object.values(multipart ?? {}).flatMap((field) => (typeof field === 'string' ? [] : (field.asset ?? []))),
    ]),
  );
  for (const name of new Set(names)) readAsset(name, folder);
}

function inBody(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(inBody);
  if (typeof value !== 'object' || value === null) return [];
  return Object.hasOwn(value, '$asset') ? [String(value.$asset)] : Object.values(value).flatMap(inBody);
}
